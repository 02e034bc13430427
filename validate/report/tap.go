package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/imcb-dev/imcb/validate"
)

// tapReport writes TAP version 14: a line per result, a YAML block where there
// is more to say, the plan at the end.
type tapReport struct {
	form
	tests int
}

func newTAP(f form) Reporter { return &tapReport{form: f} }

func (t *tapReport) Begin(run Run) error {
	t.run = run
	_, err := fmt.Fprintf(t.w, "TAP version 14\n# OpenIM %s, %s\n", run.servers(), run.target())
	return err
}

func (t *tapReport) Report(r validate.Result) error {
	var b strings.Builder
	t.tests++
	if !r.OK(t.run.FailOn) && r.Skipped == "" {
		b.WriteString("not ")
	}
	fmt.Fprintf(&b, "ok %d - %s", t.tests, tapEscape(t.run.nameOf(r)))
	if r.Skipped != "" {
		b.WriteString(" # SKIP " + tapEscape(clean(r.Skipped, textBound)))
	}
	b.WriteByte('\n')
	t.diagnostics(&b, r)
	_, err := io.WriteString(t.w, b.String())
	return err
}

// tapEscape keeps a text from ending the description or forming a directive.
func tapEscape(s string) string { return tapEscapes.Replace(s) }

var tapEscapes = strings.NewReplacer(`\`, `\\`, "#", `\#`)

// diagnostics says in YAML what was found; results without findings have none.
func (t *tapReport) diagnostics(b *strings.Builder, r validate.Result) {
	if r.Skipped != "" || (len(r.Findings) == 0 && r.Was == nil && r.Cover == nil) {
		return
	}
	b.WriteString("  ---\n")
	if len(r.Findings) > 0 {
		worst := worstFinding(r)
		yamlField(b, "  ", "message", findingText(worst))
		yamlField(b, "  ", "severity", string(worst.Severity))
		b.WriteString("  findings:\n")
	}
	for _, f := range r.Findings {
		tapFinding(b, f)
	}
	yamlField(b, "  ", "for", callbacksText(r))
	for i, line := range stepLines(r) {
		if i == 0 {
			b.WriteString("  steps:\n")
		}
		fmt.Fprintf(b, "    - %s\n", yamlQuote(line))
	}
	for _, f := range coverFields(r) {
		yamlField(b, "  ", f.name, f.text)
	}
	yamlField(b, "  ", "verdict", wasText(r))
	yamlField(b, "  ", "outcome", Outcome(r.Verdict))
	yamlField(b, "  ", "effect", effectText(r))
	if !r.OK(t.run.FailOn) {
		yamlField(b, "  ", "reply", replyLine(r.Exchange.Reply, bodyBound))
		yamlField(b, "  ", "again", againText(r))
	}
	if r.File != "" {
		fmt.Fprintf(b, "  at:\n    file: %s\n", yamlQuote(fileOf(r)))
		if r.Line > 0 {
			fmt.Fprintf(b, "    line: %d\n", r.Line)
		}
	}
	b.WriteString("  ...\n")
}

func tapFinding(b *strings.Builder, f validate.Finding) {
	fmt.Fprintf(b, "    - rule: %s\n", yamlQuote(f.Rule))
	for _, field := range [][2]string{
		{"severity", string(f.Severity)}, {"contract", string(f.Contract)}, {"at", strings.TrimSuffix(placePrefix(f), ": ")}, {"message", findingText(f)}, {"path", clean(f.Place.Pointer, textBound)},
		{"got", clean(f.Got, textBound)}, {"want", clean(f.Want.String(), textBound)}, {"hint", hintText(f)},
	} {
		yamlField(b, "      ", field[0], field[1])
	}
}

// yamlField writes a field that is not empty.
func yamlField(b *strings.Builder, indent, name, value string) {
	if value != "" {
		fmt.Fprintf(b, "%s%s: %s\n", indent, name, yamlQuote(value))
	}
}

// yamlQuote is a text as a double-quoted scalar. Go's escapes are a part of
// YAML's.
func yamlQuote(s string) string { return strconv.Quote(s) }

// End writes the plan. A run that checked nothing bails out: the plan "1..0"
// would pass as a success.
func (t *tapReport) End(Summary) error {
	plan := "Bail out! nothing was checked"
	if t.tests > 0 {
		plan = fmt.Sprintf("1..%d", t.tests)
	}
	_, err := fmt.Fprintln(t.w, plan)
	return err
}
