package report

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/imcb-dev/imcb/validate"
)

// htmlRow is a result as the page lists it. Its texts are cleaned; htmlBuffer
// escapes them.
type htmlRow struct {
	Mark, Class, Name, Place, Outcome, Worst, Time string
	// Wrong: there is something to read, however mild.
	Wrong  bool
	Detail *htmlDetail
}

// htmlDetail is what a row unfolds.
type htmlDetail struct {
	Findings                                          []htmlFinding
	Changes                                           []string
	Skipped, Effect, Was, Request, Reply, Again, Left string
}

type htmlFinding struct{ Class, Severity, Message, Rule, Hint, Source string }

// changesShown is how many changes a row lists.
const changesShown = 50

func newHTMLRow(r validate.Result, run Run) htmlRow {
	row := htmlRow{
		Mark: "✓", Class: severityClass(r.Worst()), Name: run.nameOf(r), Place: placeText(r),
		Outcome: clean(outcomeText(r), labelBound), Worst: findingCounts(r.Findings), Time: elapsed(r.Exchange.Reply),
		Wrong:  len(r.Findings) > 0 || r.Was != nil,
		Detail: &htmlDetail{Skipped: clean(r.Skipped, textBound), Effect: effectText(r), Was: clean(wasText(r), textBound)},
	}
	switch {
	case r.Skipped != "":
		row.Mark, row.Class = "–", "dim"
	case !r.OK(run.FailOn):
		row.Mark = "✗"
	case r.Worst().AtLeast(validate.Warning):
		row.Mark = "!"
	}
	for _, f := range r.Findings {
		row.Detail.Findings = append(row.Detail.Findings, htmlFinding{
			severityClass(f.Severity), clean(string(f.Severity), labelBound), placePrefix(f) + findingText(f),
			clean(f.Rule, labelBound), hintText(f), clean(f.Source, textBound),
		})
	}
	return row
}

func severityClass(s validate.Severity) string {
	switch s {
	case validate.Error:
		return "bad"
	case validate.Warning:
		return "warn"
	case validate.Note:
		return "note"
	default:
		return "good"
	}
}

// findingCounts is "1 error, 2 notes"; "" without findings.
func findingCounts(findings []validate.Finding) string {
	counts := make(map[validate.Severity]int)
	for _, f := range findings {
		counts[f.Severity]++
	}
	var parts []string
	for _, s := range validate.Severities() {
		if counts[s] > 0 {
			parts = append(parts, count(counts[s], string(s)))
		}
	}
	return strings.Join(parts, ", ")
}

// exchange adds the masked request, the reply and what the reply changes.
func (d *htmlDetail) exchange(r validate.Result) {
	x := r.Exchange
	for i, c := range r.Changes {
		if i == changesShown {
			d.Changes = append(d.Changes, fmt.Sprintf("… and %d more", len(r.Changes)-i))
			break
		}
		d.Changes = append(d.Changes, clean(changeText(c), textBound))
	}
	if x.Request.URL != "" {
		head := fmt.Sprintf("%s %s", clean(x.Request.Method, labelBound), clean(x.Request.URL, textBound))
		d.Request = message(head, x.Request.Headers, x.Request.Body)
		d.Again = againText(x.Request)
	}
	if x.Answered() {
		d.Reply = replyBlock(x.Reply)
	}
}

func replyBlock(r validate.Reply) string {
	head := statusText(r.Status)
	for _, hop := range r.Redirects {
		head = fmt.Sprintf("%d, redirected to %s as %s\n", hop.Status, clean(hop.Location, textBound), clean(hop.Method, labelBound)) + head
	}
	if r.Failure != "" {
		head = strings.TrimSpace(head + "\n" + clean(cmp.Or(r.Detail, string(r.Failure)), textBound))
	}
	return message(head, r.Headers, r.Body)
}

// message is an HTTP message for people: its first line, headers and body.
func message(head string, headers []validate.Header, body []byte) string {
	var b strings.Builder
	b.WriteString(head + "\n")
	for i, h := range headers {
		if b.Len() > bodyBound {
			fmt.Fprintf(&b, "… (%d more headers)\n", len(headers)-i)
			break
		}
		fmt.Fprintf(&b, "%s: %s\n", clean(h[0], labelBound), clean(h[1], textBound))
	}
	if len(body) > 0 {
		b.WriteString("\n" + cleanBlock(strings.TrimRight(string(body), "\n"), bodyBound))
	}
	return strings.TrimRight(b.String(), "\n")
}
