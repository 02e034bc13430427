package report_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/report"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

// endings are what reports are called in files, if not by their format.
var endings = map[string]string{"text": "txt", "junit": "junit.xml", "github": "github.txt"}

func endingOf(format string) string { return cmp.Or(endings[format], format) }

func TestGolden(t *testing.T) {
	for _, format := range report.Names() {
		text := writeAll(t, format, options, samples(t))
		assert.NotContains(t, text, "s3cret", format)
		checkGolden(t, "samples."+endingOf(format), text)
	}
	var summary bytes.Buffer
	o := options
	o.StepSummary = &summary
	writeAll(t, "github", o, samples(t))
	checkGolden(t, "samples.summary.md", summary.String())
}

func checkGolden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "run the test with -update")
	assert.Equal(t, string(want), got, name)
}

// TestWriteReports writes reports for readers/check.mjs.
func TestWriteReports(t *testing.T) {
	dir := os.Getenv("IMCB_REPORTS")
	if dir == "" {
		t.Skip("IMCB_REPORTS names no directory to write to; readers/run.sh does")
	}
	for name, results := range map[string][]validate.Result{
		"alone": alone(t), "samples": samples(t), "hostile": hostile(t), "empty": nil, "many": many(t, 10_000),
	} {
		var summary bytes.Buffer
		o := options
		o.StepSummary = &summary
		for _, format := range report.Names() {
			text := writeAll(t, format, o, results)
			require.NoError(t, os.WriteFile(filepath.Join(dir, name+"."+endingOf(format)), []byte(text), 0o644))
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".summary.md"), summary.Bytes(), 0o644))
	}
}

type junitDocument struct {
	Suites []struct {
		Name     string `xml:"name,attr"`
		Tests    int    `xml:"tests,attr"`
		Failures int    `xml:"failures,attr"`
		Errors   int    `xml:"errors,attr"`
		Skipped  int    `xml:"skipped,attr"`
		Cases    []struct {
			Name      string    `xml:"name,attr"`
			Classname string    `xml:"classname,attr"`
			File      string    `xml:"file,attr"`
			Line      int       `xml:"line,attr"`
			Skipped   *struct{} `xml:"skipped"`
			Failure   *struct {
				Message string `xml:"message,attr"`
				Text    string `xml:",chardata"`
			} `xml:"failure"`
			Error  *struct{} `xml:"error"`
			Output string    `xml:"system-out"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

func readJUnit(t testing.TB, text string) (document junitDocument) {
	t.Helper()
	require.NoError(t, xml.Unmarshal([]byte(text), &document))
	for _, s := range document.Suites {
		var failures, errors, skipped int
		for _, c := range s.Cases {
			failures += count(c.Failure != nil)
			errors += count(c.Error != nil)
			skipped += count(c.Skipped != nil)
		}
		assert.Equal(t, []int{len(s.Cases), failures, errors, skipped}, []int{s.Tests, s.Failures, s.Errors, s.Skipped}, s.Name)
	}
	return document
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

func TestJUnit(t *testing.T) {
	d := readJUnit(t, writeAll(t, "junit", options, samples(t)))
	var names []string
	for _, s := range d.Suites {
		names = append(names, s.Name)
	}
	assert.Equal(t, []string{"imcb", "suites/group.yaml", "webhooks.yml"}, names)
	first := d.Suites[0]
	assert.Equal(t, []int{10, 3, 1}, []int{first.Tests, first.Failures, first.Errors})
	assert.Equal(t, "imcb.relation", first.Cases[0].Classname)
	broken := first.Cases[2].Failure
	require.NotNil(t, broken)
	for _, part := range []string{broken.Message, "hint: ", `reply: 200 {"actionCode":1`, "effect: OpenIM ", "again: curl -sS "} {
		assert.Contains(t, broken.Text, part)
	}
	assert.Contains(t, first.Cases[3].Output, "nextcode-value", "a warning below the limit")
	assert.Equal(t, 31, d.Suites[1].Cases[1].Line)

	strict := options
	strict.FailOn = validate.Warning
	assert.NotNil(t, readJUnit(t, writeAll(t, "junit", strict, samples(t))).Suites[0].Cases[3].Failure)
	lax := options
	lax.FailOn = validate.Off
	for _, s := range readJUnit(t, writeAll(t, "junit", lax, samples(t))).Suites {
		assert.Zero(t, s.Failures+s.Errors)
	}
}

// A long run is several testsuites, each with its own totals.
func TestJUnitHoldsLittle(t *testing.T) {
	d := readJUnit(t, writeAll(t, "junit", options, broken(t, 110, 40<<10)))
	require.Greater(t, len(d.Suites), 1)
	assert.Equal(t, "imcb (2)", d.Suites[1].Name)
	total := 0
	for _, s := range d.Suites {
		total += s.Tests
	}
	assert.Equal(t, 110, total)
}

type sarifResult struct {
	RuleID, Level string
	RuleIndex     int
	Message       struct{ Text string }
	Locations     []struct {
		PhysicalLocation struct {
			ArtifactLocation struct{ URI string }
			Region           struct{ StartLine int }
		}
	}
	PartialFingerprints map[string]string
}

type sarifDocument struct {
	Version string
	Runs    []struct {
		Results []sarifResult
		Tool    struct {
			Driver struct {
				Name, Version string
				Rules         []struct{ ID string }
			}
		}
	}
}

func readSARIF(t testing.TB, text string) (document sarifDocument) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(text), &document))
	require.Len(t, document.Runs, 1)
	for _, r := range document.Runs[0].Results {
		assert.Equal(t, document.Runs[0].Tool.Driver.Rules[r.RuleIndex].ID, r.RuleID)
	}
	return document
}

func TestSARIF(t *testing.T) {
	d := readSARIF(t, writeAll(t, "sarif", options, samples(t)))
	assert.Equal(t, "2.1.0", d.Version)
	results := d.Runs[0].Results
	var places []string
	for _, r := range results {
		places = append(places, r.Locations[0].PhysicalLocation.ArtifactLocation.URI)
	}
	assert.Contains(t, places, "imcb/beforeAddFriend")
	assert.Contains(t, places, "suites/group.yaml")
	last := results[len(results)-1]
	assert.Equal(t, "lint-unknown-key", last.RuleID)
	assert.Equal(t, 3, last.Locations[0].PhysicalLocation.Region.StartLine)

	moved := samples(t)
	for i := range moved {
		moved[i].Line += 10
		moved[i].Exchange.Reply.Elapsed *= 2
	}
	slices.Reverse(moved)
	for _, r := range readSARIF(t, writeAll(t, "sarif", options, moved)).Runs[0].Results {
		i := slices.IndexFunc(results, func(old sarifResult) bool {
			return old.Message.Text == r.Message.Text
		})
		assert.Equal(t, results[i].PartialFingerprints, r.PartialFingerprints)
	}
}

func TestSARIFDescribesRules(t *testing.T) {
	o := options
	o.Rules = validate.NewRegistry(validate.Rules(), []*validate.Rule{{ID: "lint-unknown-key", Title: "a key that nothing reads", Why: "OpenIM passes over it."}})
	text := writeAll(t, "sarif", o, samples(t))
	assert.Contains(t, text, `"shortDescription":{"text":"a key that nothing reads"}`)
	assert.Contains(t, text, `"help":{"text":"OpenIM passes over it."`)
	assert.Contains(t, text, `\n\nBad: 200 {`, "a rule with examples")

	o.Rules = validate.NewRegistry(validate.Rules(), []*validate.Rule{{ID: "lint-unknown-key", Title: "a key that nothing reads"}})
	assert.NotContains(t, writeAll(t, "sarif", o, samples(t)), `"fullDescription":{"text":""}`, "a rule whose title says it all")
}

func TestTAP(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(writeAll(t, "tap", options, samples(t))), "\n")
	assert.Equal(t, "TAP version 14", lines[0])
	assert.Equal(t, "1..14", lines[len(lines)-1])
	for _, line := range []string{
		"ok 1 - beforeAddFriend", "not ok 3 - beforeAddFriend", "not ok 12 - a member joins",
		"ok 13 - a member is muted # SKIP needs a second account", `    file: "suites/group.yaml"`, "    line: 31",
	} {
		assert.Contains(t, lines, line)
	}
	assert.Contains(t, writeAll(t, "tap", options, nil), "\nBail out! nothing was checked\n", "an empty run is no success")
}

func TestGitHub(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(writeAll(t, "github", options, samples(t))), "\n")
	assert.Contains(t, lines[len(lines)-2], "::warning file=webhooks.yml,line=3,title=lint-unknown-key::beforeSendMsg: 3.8.3 knows no callback of this name%0A→ write beforeSendSingleMsg")
	assert.Regexp(t, `^12 checks \(33 requests\): \d+ errors, .*; 1 skipped$`, lines[len(lines)-1])
	assert.True(t, slices.ContainsFunc(lines, func(line string) bool {
		return strings.HasPrefix(line, "::error file=suites/group.yaml,line=31,title=not-json::a member joins: ")
	}))
}

func TestStepSummaryStaysSmall(t *testing.T) {
	var b bytes.Buffer
	o := options
	o.StepSummary = &b
	writeAll(t, "github", o, many(t, 10_000))
	assert.Less(t, b.Len(), 1<<20, "GitHub's limit")
	assert.Contains(t, b.String(), "Not shown here: 9500 more results.")
}

// Findings of a request are told from those of the reply in every format.
func TestFindingsOfARequest(t *testing.T) {
	r := judged(t, "beforeAddFriend", replied(refusal, 0))
	r.Findings = append(r.Findings,
		validate.Finding{Rule: "request-form", Severity: validate.Note, About: validate.AboutRequest, Message: words.Plain("an oddity")},
		validate.Finding{Rule: "request-field", Severity: validate.Error, About: validate.AboutRequest, Message: words.Plain("a field is missing")})
	for _, format := range report.Names() {
		text := writeAll(t, format, options, []validate.Result{r})
		if strings.HasPrefix(format, "json") {
			assert.Contains(t, text, `"about":"request"`, format)
		} else {
			assert.Contains(t, text, "request: a field is missing", format)
		}
		if format == "tap" {
			assert.Contains(t, text, `  message: "request: a field is missing"`, "the worst")
		}
	}
	off := options
	off.RequestsOff = true
	assert.Contains(t, writeAll(t, "text", off, []validate.Result{judged(t, "beforeAddFriend", replied(refusal, 0))}),
		"1 callback keeps the contract; the requests were not judged")
}
