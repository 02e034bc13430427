package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

// held are the results with findings, until the end of the run tells which
// findings they share. They are kept as text, without their exchanges.
type held struct {
	results []heldResult
	shares
}

// shares are all findings that came, by what they say, and in order.
type shares struct {
	shared map[string]*sharedFinding
	order  []*sharedFinding
}

// heldResult is a result in parts: its line, its findings and what they are
// about.
type heldResult struct {
	line, about string
	findings    []heldFinding
	// again sends the request once more; short says that it is short.
	again string
	short bool
	// recap is a line about what is broken, "" of anything else.
	recap string
	// told: its line was written at once. changed: it says more than its findings.
	told, changed bool
}

// heldFinding is a finding as it is shown.
type heldFinding struct {
	text   string
	shared *sharedFinding
}

// sharedFinding is a finding that several results may have.
type sharedFinding struct {
	validate.Finding        // the first
	text             string // as the text report has it
	// reply, when and again are of the first result.
	reply, when, again string
	worst              validate.Severity
	// names are those of the results that have it, up to mostHeld, n is how many do.
	names []string
	n     int
}

const (
	// leastShared results that say the same are told once.
	leastShared = 3
	// mostHeld results are kept; then they are written as they are.
	mostHeld = 200
	// namedShared are the results that the text names of those that share.
	namedShared = 5
	// leastRecap broken results end with a line each.
	leastRecap = 3
)

// is reports whether so many results have the finding that it is told once.
func (f *sharedFinding) is() bool { return f.n >= leastShared }

// hold keeps a result. The line of a suite's step is written at once, beside
// those of the others.
func (t *textReport) hold(b *strings.Builder, r validate.Result) {
	var line, about strings.Builder
	t.line(&line, r)
	t.about(&about, r)
	t.field(&about, "unsent", unsentText(r))
	one := heldResult{line: line.String(), about: about.String(), told: r.File != "", changed: r.Was != nil}
	if r.Worst() == validate.Error || r.IsCause() {
		one.again, one.short = againText(r), sendCommand(r) != ""
	}
	if r.Worst().AtLeast(validate.Warning) {
		one.recap = t.head(r, worstFinding(r).Rule)
	}
	for _, f := range r.Findings {
		var text strings.Builder
		t.finding(&text, f)
		shared := t.share(t.run.nameOf(r), r, f)
		shared.text = cmp.Or(shared.text, text.String())
		one.findings = append(one.findings, heldFinding{text.String(), shared})
	}
	if len(t.results) == mostHeld {
		t.writeHeld(b, func(*sharedFinding) bool { return false })
		t.results = nil
	}
	t.results = append(t.results, one)
	if one.told {
		b.WriteString(t.head(r, t.style.dim.Render(measures(r))))
	}
}

// share counts a finding among those that say the same. That nobody answers is
// one cause, whatever OpenIM does then.
func (s *shares) share(name string, r validate.Result, f validate.Finding) *sharedFinding {
	key, x := string(f.Severity)+f.Rule+f.Message.Without("route").String(), r.Exchange
	if !x.Reply.Reached() && f.Severity == validate.Error {
		key = string(x.Reply.Failure)
	}
	if s.shared == nil {
		s.shared = make(map[string]*sharedFinding)
	}
	one := s.shared[key]
	if one == nil {
		one = &sharedFinding{Finding: f, worst: f.Severity, when: whenText(r)}
		if sendCommand(r) != "" {
			one.again = againText(r)
		}
		if x.Answered() && x.Reply.Reached() && f.Severity.AtLeast(validate.Warning) {
			one.reply = replyLine(x.Reply, bodyLimit)
		}
		s.shared[key], s.order = one, append(s.order, one)
	}
	one.n++
	if len(one.names) < mostHeld && !slices.Contains(one.names, name) {
		one.names = append(one.names, name)
	}
	return one
}

// told are the findings that are told once.
func (s *shares) told() []*sharedFinding {
	s.order = slices.DeleteFunc(s.order, func(f *sharedFinding) bool { return !f.is() })
	return s.order
}

// release writes what is held: what is shared first, then each result with what
// it has of its own, and a line for each that is broken.
func (t *textReport) release() error {
	var b strings.Builder
	told := t.told()
	for i, f := range told {
		if i == 0 || !slices.Equal(f.names, told[i-1].names) {
			fmt.Fprintf(&b, "%s %s\n", t.style.of(f.worst).Render(markOf(f.worst)), say("shared", "n", f.n, "names", words.FewOf(f.names, namedShared)))
			t.field(&b, "when", f.when)
		}
		b.WriteString(f.text)
		if i+1 == len(told) || !slices.Equal(f.names, told[i+1].names) {
			t.field(&b, "reply", f.reply)
			t.field(&b, "again", f.again)
		}
	}
	t.writeHeld(&b, (*sharedFinding).is)
	if b.Len() > 0 && t.wrote {
		fmt.Fprintln(t.w)
	}
	_, err := io.WriteString(t.w, b.String())
	return err
}

func (t *textReport) writeHeld(b *strings.Builder, told func(*sharedFinding) bool) {
	var recap strings.Builder
	broken, left := 0, false
	for _, r := range t.results {
		own := r.without(told)
		switch {
		case own != "":
			b.WriteString(r.line + own + r.about)
		case !r.told && (r.recap == "" || r.changed):
			b.WriteString(r.line)
			continue
		default:
			continue // what it shares names it
		}
		if len(t.results) == 1 || r.short {
			t.field(b, "again", r.again)
		} else if r.again != "" {
			left = true
		}
		if r.recap != "" {
			broken++
			recap.WriteString(r.recap)
		}
	}
	if left {
		fmt.Fprintln(b, t.style.dim.Render(say("again").String()))
	}
	if broken >= leastRecap {
		b.WriteString("\n" + recap.String())
	}
}

// without are the findings that are not told already.
func (r heldResult) without(told func(*sharedFinding) bool) string {
	var b strings.Builder
	for _, f := range r.findings {
		if !told(f.shared) {
			b.WriteString(f.text)
		}
	}
	return b.String()
}
