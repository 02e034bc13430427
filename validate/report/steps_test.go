package report_test

import (
	"testing"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/report"
	"github.com/stretchr/testify/assert"
)

// What led to a result stands before its findings, with its secrets masked.
func TestStepsLeadToTheFinding(t *testing.T) {
	r := validate.Result{
		Verdict: validate.Verdict{Findings: []validate.Finding{{Rule: "trigger-silent", Severity: validate.Error, Message: words.Plain("it did not come")}}},
		Steps: []validate.Step{
			{Name: "call", Text: words.Plain("POST http://u:pass@h/x")},
			{Name: "reason", Text: words.Plain("it is off"), State: validate.StepFailed},
			{Name: "reason", Text: words.Plain("was it restarted"), State: validate.StepOpen},
		},
	}
	o := setup{Run: report.Run{FailOn: validate.Error}}
	for format, wants := range map[string][]string{
		"text":  {"call     ✓ POST http://u:***@h/x\n", "reason   ✗ it is off\n", "reason   ? was it restarted\n"},
		"junit": {"✓ call: POST http://u:***@h/x\n", "✗ reason: it is off\n", "? reason: was it restarted\n"},
		"tap":   {"  steps:\n    - \"✓ call: POST http://u:***@h/x\"\n", "    - \"✗ reason: it is off\"\n"},
		"html":  {"<h3>Steps</h3>\n<p>✓ call: POST http://u:***@h/x</p>\n<p>✗ reason: it is off</p>"},
		"jsonl": {`"steps":[{"step":"call","text":"POST http://u:***@h/x"},{"step":"reason","text":"it is off","state":"failed"},{"step":"reason","text":"was it restarted","state":"open"}]`},
	} {
		text := writeAll(t, format, o, []validate.Result{r})
		for _, want := range wants {
			assert.Contains(t, text, want, format)
		}
	}
}
