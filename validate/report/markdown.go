package report

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

// stepSummary is a run as a Markdown table, for GitHub's page of a job.
type stepSummary struct {
	rows   bytes.Buffer
	passed int // results without findings
	left   int // results without a row
	// versions is the table of a run with several.
	versions matrix
}

// Limits of the table: GitHub refuses a step's summary of more than 1 MiB.
const (
	stepBytes  = 900 << 10
	stepPassed = 200 // rows of results without findings
)

func (s *stepSummary) add(r validate.Result, run Run) {
	s.versions.add(run, r)
	quiet := len(r.Findings) == 0 && r.Was == nil
	if quiet {
		s.passed++
	}
	row := markdownRow(r, run)
	if s.rows.Len()+len(row) > stepBytes || (quiet && s.passed > stepPassed) {
		s.left++
		return
	}
	s.rows.WriteString(row)
}

func markdownRow(r validate.Result, run Run) string {
	name := markdown(run.nameOf(r))
	if place := placeText(r); place != "" {
		name += "<br>" + markdown(place)
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s |\n",
		[...]string{"✅ passed", "⚠️ passed", "❌ failed", "⏭️ skipped"}[run.state(r)], name, markdown(outcomeText(r)), elapsed(r.Exchange.Reply), markdownFindings(r))
}

// placeText is where a suite's case stands: "suite.yaml:12".
func placeText(r validate.Result) string {
	switch {
	case r.Config != nil: // the result has the file's name
		return ""
	case r.Line <= 0:
		return fileOf(r)
	default:
		return fmt.Sprintf("%s:%d", fileOf(r), r.Line)
	}
}

func markdownFindings(r validate.Result) string {
	var parts []string
	for _, f := range r.Findings {
		text := fmt.Sprintf("**%s** %s (`%s`)", f.Severity, markdown(placePrefix(f)+findingText(f)), markdownCode(f.Rule))
		if on := f.RestsOn(); on != "" {
			text += " " + markdown(on)
		}
		if !f.Hint.IsZero() {
			text += "<br>→ " + markdown(hintText(f))
		}
		parts = append(parts, text)
	}
	for _, f := range coverFields(r) {
		parts = append(parts, markdown(f.name+": "+f.text))
	}
	if r.Skipped != "" {
		parts = append(parts, markdown(clean(r.Skipped, textBound)))
	}
	if was := wasText(r); was != "" {
		parts = append(parts, markdown(was))
	}
	return strings.Join(parts, "<br>")
}

// markdown writes everything that Markdown or HTML could read as markup as
// character references, which are text and nothing else. "www." would become
// a link by itself.
func markdown(s string) string { return markdownEscapes.Replace(s) }

var markdownEscapes = func() *strings.Replacer {
	pairs := []string{"www.", "www&#46;"}
	for _, c := range "\\`*_{}[]<>|#!&~$^:@" {
		pairs = append(pairs, string(c), fmt.Sprintf("&#%d;", c))
	}
	return strings.NewReplacer(pairs...)
}()

// markdownCode keeps a name from ending its code span or its table cell.
func markdownCode(s string) string {
	return strings.NewReplacer("`", "'", "|", "/").Replace(clean(s, labelBound))
}

func (s *stepSummary) page(run Run, sum Summary) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "## imcb: %s\n\nOpenIM %s → %s\n\n", run.conclusion(sum), run.servers(), markdown(run.target()))
	if s.rows.Len() > 0 {
		b.WriteString("| | Callback | Outcome | Time | Findings |\n| --- | --- | --- | ---: | --- |\n")
		b.Write(s.rows.Bytes())
		b.WriteByte('\n')
	}
	if len(sum.Callbacks) > 0 {
		markdownTable(&b, tallyRows(sum.Callbacks))
	}
	markdownTable(&b, s.versions.rows())
	if s.left > 0 {
		fmt.Fprintf(&b, "Not shown here: %s.\n\n", words.Count(s.left, "more result"))
	}
	return b.Bytes()
}

// markdownTable writes rows, the first of which are the heads.
func markdownTable(b *bytes.Buffer, rows [][]string) {
	for i, row := range rows {
		fmt.Fprintf(b, "| %s |\n", strings.Join(words.Names(row, markdown), " | "))
		if i == 0 {
			fmt.Fprintf(b, "|%s\n", strings.Repeat(" --- |", len(row)))
		}
	}
	if len(rows) > 0 {
		b.WriteByte('\n')
	}
}
