package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

// textReport is for people: one line for a result in which all is well. What is
// wrong comes at the end, what several results share once: see held.
type textReport struct {
	form
	style styles
	wrote bool // a result
	// versions is the table of a run with several.
	versions matrix
	held
}

func newText(f form) Reporter { return &textReport{form: f, style: newStyles(f.w, f.opts.Color)} }

// nameWidth fits all but the longest keys.
const nameWidth = 30

func (t *textReport) Begin(run Run) error {
	t.run = run
	if run.About == validate.AboutFile || t.opts.Quiet && !run.standIn() {
		return nil // each file's last line names the server
	}
	_, err := fmt.Fprintln(t.w, t.style.dim.Render("OpenIM "+run.servers()+" → "+run.target()+run.contract()))
	return err
}

func (t *textReport) Report(r validate.Result) error {
	var b strings.Builder
	t.versions.add(t.run, r)
	if t.opts.Quiet && !r.Worst().AtLeast(validate.Warning) && r.Was == nil && unsentText(r) == "" {
		return nil
	}
	switch {
	case r.Config != nil:
		t.config(&b, r)
	case r.Skipped != "":
		t.skipped(&b, r)
	case t.detailed() || len(r.Findings) == 0:
		t.judged(&b, r)
	default:
		t.hold(&b, r)
	}
	t.wrote = t.wrote || b.Len() > 0
	_, err := io.WriteString(t.w, b.String())
	return err
}

func (t *textReport) judged(b *strings.Builder, r validate.Result) {
	t.line(b, r)
	for _, f := range r.Findings {
		t.finding(b, f)
	}
	if len(r.Findings) > 0 || t.detailed() {
		t.about(b, r)
		if r.Worst() == validate.Error || r.IsCause() {
			t.field(b, "again", againText(r))
		}
	}
	t.field(b, "unsent", unsentText(r))
}

// line is what there is of a result in which all is well.
func (t *textReport) line(b *strings.Builder, r validate.Result) {
	b.WriteString(t.head(r, t.style.dim.Render(measures(r))))
	t.field(b, "when", whenText(r))
	t.field(b, "verdict", wasText(r))
	if len(r.Findings) > 0 || t.detailed() {
		t.steps(b, r)
	}
}

func (t *textReport) skipped(b *strings.Builder, r validate.Result) {
	fmt.Fprintf(b, "%s %-*s  %s\n", t.style.dim.Render("-"), nameWidth, t.run.nameOf(r), t.style.dim.Render("skipped: "+clean(r.Skipped, bodyLimit)))
}

// keyOf is the callback's key, or its name on the wire where imcb knows none.
func keyOf(r validate.Result) string {
	if r.Verdict.Callback != nil {
		return r.Verdict.Callback.Key
	}
	return r.Exchange.Command
}

// head is the first line of a result.
func (t *textReport) head(r validate.Result, end string) string {
	worst := r.Worst()
	mark := markOf(worst)
	if mark == markOf(validate.Note) && slices.ContainsFunc(r.Findings, func(f validate.Finding) bool { return f.Known }) {
		mark = "~" // the contract is not kept, but that is no news
	}
	return fmt.Sprintf("%s %-*s  %-12s %s\n", t.style.of(worst).Render(mark), nameWidth, t.run.nameOf(r), Outcome(r.Verdict), end)
}

// markOf stands before a result.
func markOf(worst validate.Severity) string {
	switch worst {
	case validate.Error:
		return "✗"
	case validate.Warning:
		return "!"
	default:
		return "✓"
	}
}

// Outcome is the outcome with the code that the client sees: "refuse 5001". An
// after callback's reply is not skipped, it has no effect.
func Outcome(v validate.Verdict) string {
	if v.Outcome == validate.Nothing {
		return "no effect"
	}
	if v.Client.ErrCode != 0 {
		return fmt.Sprintf("%s %d", v.Outcome, v.Client.ErrCode)
	}
	return string(v.Outcome)
}

// measures is how many requests there were, and how long the reply took.
func measures(r validate.Result) string {
	return strings.Join(slices.DeleteFunc([]string{requestsText(r), elapsed(r.Exchange.Reply)}, func(s string) bool { return s == "" }), ", ")
}

func elapsed(r validate.Reply) string {
	switch {
	case r.Elapsed <= 0:
		return ""
	case r.Elapsed < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", r.Elapsed.Seconds()*1000)
	case r.Elapsed < time.Second:
		return fmt.Sprintf("%.0f ms", r.Elapsed.Seconds()*1000)
	default:
		return fmt.Sprintf("%.2f s", r.Elapsed.Seconds())
	}
}

// detailed reports whether to show more than findings.
func (t *textReport) detailed() bool { return t.opts.Detail || t.opts.Verbose }

// about says what the findings are about, and what OpenIM does.
func (t *textReport) about(b *strings.Builder, r validate.Result) {
	t.field(b, "for", callbacksText(r))
	t.field(b, "at", placeText(r))
	x := r.Exchange
	if t.detailed() && x.Request.URL != "" {
		t.field(b, "request", clean(x.Request.Method+" "+x.Request.URL, textBound))
	}
	if t.opts.Verbose {
		t.field(b, "body", clean(strings.TrimRight(string(x.Request.Body), "\n"), bodyBound))
	}
	if x.Answered() && (t.detailed() || r.Worst().AtLeast(validate.Warning)) {
		t.field(b, "reply", replyLine(x.Reply, bodyLimit))
	}
	t.field(b, "unknown", unknownText(x))
	for _, c := range r.Changes {
		t.field(b, "change", changeText(c))
	}
	if t.detailed() || r.Worst() == validate.Error {
		t.field(b, "effect", effectText(r))
	}
}

// steps shows what led to the result, where more is shown or something failed.
func (t *textReport) steps(b *strings.Builder, r validate.Result) {
	if !t.detailed() && r.Worst() != validate.Error {
		return
	}
	for _, s := range r.Steps {
		mark := s.State.Mark()
		if s.State == validate.StepFailed {
			mark = t.style.of(validate.Error).Render(mark)
		}
		fmt.Fprintf(b, "    %s %s %s\n", t.style.dim.Render(fmt.Sprintf("%-8s", clean(s.Name, labelBound))), mark, clean(s.Text.String(), textBound))
	}
}

func (t *textReport) finding(b *strings.Builder, f validate.Finding) {
	fmt.Fprintf(b, "    %s %s %s\n", t.style.severity(f.Severity, 8), findingText(f), t.style.dim.Render(f.Basis()))
	if !f.Hint.IsZero() {
		fmt.Fprintf(b, "    %-8s %s\n", "", "→ "+hintText(f))
	}
	t.field(b, "fix", t.fixText(f.Fix))
}

// fixText is the reply that would be right: whole, or where to find it.
func (t *textReport) fixText(fix string) string {
	if t.opts.Verbose || utf8.RuneCountInString(fix) <= bodyLimit {
		return clean(fix, bodyBound)
	}
	return say("fix.long", "n", len(fix)).String()
}

// field writes a field that is not empty.
func (t *textReport) field(b *strings.Builder, name, text string) {
	if text != "" {
		fmt.Fprintf(b, "    %s %s\n", t.style.dim.Render(fmt.Sprintf("%-8s", name)), text)
	}
}

// unknownText names the parts of the exchange that its record does not have, but
// for those that OpenIM's log never has.
func unknownText(x validate.Exchange) string {
	var parts []string
	for _, p := range x.Unknown {
		if p != validate.RequestHeaders && p != validate.ReplyStatus && p != validate.ReplyHeaders {
			parts = append(parts, clean(string(p), labelBound))
		}
	}
	return strings.Join(parts, ", ")
}

// bodyLimit is how much of a reply the text shows.
const bodyLimit = 600

// replyLine is a reply, or why there is none, as one line; "" if nothing was
// sent. Limit is how much of the body it shows.
func replyLine(r validate.Reply, limit int) string {
	if r.Failure == "" && r.Status == 0 && r.Body == nil {
		return ""
	}
	if r.Failure != "" {
		return clean(cmp.Or(r.Detail, string(r.Failure)), textBound)
	}
	body := strings.TrimRight(string(r.Body), "\n")
	return strings.TrimSpace(fmt.Sprintf("%s %s", statusText(r.Status), cmp.Or(clean(body, limit), "(empty)")))
}

func statusText(status int) string {
	if status == 0 {
		return ""
	}
	return fmt.Sprint(status)
}

// shorten makes a remote text printable and cuts it.
func shorten(s string) string { return words.Clip(s, bodyLimit/4) }

func changeText(c validate.Change) string {
	path, before, after := clean(c.Path, labelBound), shorten(c.Before), shorten(c.After)
	if before == "" {
		return fmt.Sprintf("%s becomes %s", path, after)
	}
	return fmt.Sprintf("%s: %s becomes %s", path, before, after)
}

func (t *textReport) End(s Summary) error {
	if t.run.About == validate.AboutFile {
		return nil // each file has its own
	}
	if err := t.release(); err != nil {
		return err
	}
	line := t.style.of(worstOf(s)).Render(t.run.conclusion(s))
	if len(s.Callbacks) > 0 {
		line = table(tallyRows(s.Callbacks)) + line
	}
	line = table(t.versions.rows()) + line
	if t.run.Note != "" && (s.Reached > 0 || s.Errors == 0) {
		line = t.style.dim.Render(t.run.Note) + "\n" + line
	}
	_, err := fmt.Fprintln(t.w, line)
	return err
}

// conclusion says of a run how many results there are, and how much is wrong.
func (run Run) conclusion(s Summary) string {
	var requests, skipped, interrupted, planned words.Text
	if run.RequestsOff {
		requests = say("run.requests")
	}
	if s.Skipped > 0 {
		skipped = say("run.skipped", "n", s.Skipped)
	}
	if s.Interrupted {
		interrupted = say("run.interrupted")
	}
	if s.Interrupted && s.Planned > 0 {
		planned = say("run.planned", "n", s.Results-s.Causes, "planned", s.Planned)
	}
	return say("run", "verdict", run.verdictOf(s), "requests", requests, "skipped", skipped, "interrupted", interrupted, "planned", planned).String()
}

func (run Run) verdictOf(s Summary) words.Text {
	noun := "callback"
	switch {
	case run.About == validate.AboutFile:
		noun = "file"
	case s.Cases > 0, len(run.Servers) > 1:
		noun = "check"
	}
	checked := s.Results - s.Causes
	what, found := words.Count(checked, noun), severityCounts(s.Summary)
	if s.Requests > checked {
		what = say("run.requests-of", "results", what, "n", s.Requests).String()
	}
	var also words.Text
	if found != "" {
		also = say("run.found", "found", found)
	}
	switch {
	case s.Results == 0:
		return say("run.nothing")
	case s.Reached == 0 && s.Errors > 0 && !run.Recorded:
		return say("run.not-sent", "results", what)
	case s.Errors > 0 || s.Warnings > 0 || s.Known > 0:
		return say("run.broken", "results", what, "found", found)
	case run.RepliesOff:
		return say("run.unseen", "results", what, "found", also)
	case checked == 1:
		return say("run.kept-one", "results", what, "of", run.keptOf(), "found", also)
	default:
		return say("run.kept", "results", what, "of", run.keptOf(), "found", also)
	}
}

// keptOf says whose contract was kept, where only one counts.
func (run Run) keptOf() words.Text {
	switch run.Contract {
	case validate.Documents:
		return say("run.documents")
	case validate.Running:
		return say("run.server")
	default:
		return words.Text{}
	}
}

// severityCounts is "1 error, 2 notes"; "" without findings.
func severityCounts(s validate.Summary) string {
	var parts []string
	for _, part := range []struct {
		n    int
		name string
	}{{s.Errors, "error"}, {s.Warnings, "warning"}, {s.Known, "known finding"}, {s.Notes - s.Known, "note"}} {
		if part.n > 0 {
			parts = append(parts, words.Count(part.n, part.name))
		}
	}
	return words.List(parts, "")
}

// findingCounts is severityCounts of one result.
func findingCounts(r validate.Result) string {
	var s validate.Summary
	s.Add(r)
	return severityCounts(s)
}
