package serve

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/simulator/rules"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/report"
)

// requestLog prints what arrives. The lines are made by a goroutine of its own, so
// that a slow terminal does not delay requests. What waits is bounded; beyond
// that, lines are left out and counted.
type requestLog struct {
	out      *bufio.Writer
	quiet    bool
	verbose  bool
	json     bool
	explain  func(*simulator.Arrival) []rules.Explanation
	arrivals chan *simulator.Arrival
	waiting  atomic.Int64 // bytes of the arrivals that wait
	left     atomic.Int64 // lines left out that nobody was told of
	done     chan struct{}
}

// The bounds of what waits to be printed.
const (
	maxWaitingLines = 16 << 10
	maxWaitingBytes = 32 << 20
	// endOfLog is how long the end of the run waits for a terminal that takes
	// nothing.
	endOfLog = 2 * time.Second
)

func (l *requestLog) start(out io.Writer) {
	l.out = bufio.NewWriterSize(out, 64<<10)
	l.arrivals = make(chan *simulator.Arrival, maxWaitingLines)
	l.done = make(chan struct{})
	go func() {
		defer close(l.done)
		for a := range l.arrivals {
			l.waiting.Add(-int64(a.Size()))
			l.show(a)
			l.tellLeft()
			if len(l.arrivals) == 0 {
				l.out.Flush()
			}
		}
		l.out.Flush()
	}()
}

func (l *requestLog) add(a *simulator.Arrival) {
	if l.quiet && !odd(a) {
		return
	}
	size := int64(a.Size())
	if l.waiting.Load() < maxWaitingBytes {
		select {
		case l.arrivals <- a:
			l.waiting.Add(size)
			return
		default:
		}
	}
	l.left.Add(1)
}

func (l *requestLog) tellLeft() {
	n := l.left.Swap(0)
	switch {
	case n == 0:
	case l.json:
		_ = shell.WriteLine(l.out, map[string]any{"event": "left-out", "lines": n})
	default:
		fmt.Fprintf(l.out, "%s! %d more are not shown: they came faster than they could be printed\n", margin, n)
	}
}

func (l *requestLog) finish() {
	close(l.arrivals)
	select {
	case <-l.done:
	case <-time.After(endOfLog):
	}
}

// odd reports whether an arrival is worth a line also with -q.
func odd(a *simulator.Arrival) bool {
	return !a.Note.IsZero() || serious(a.Differs) || a.Forwarded && serious(a.Verdict.Findings)
}

// serious reports whether findings, worst first, are more than notes.
func serious(all []validate.Finding) bool {
	return len(all) > 0 && all[0].Severity != validate.Note
}

func (l *requestLog) show(a *simulator.Arrival) {
	a = a.Masked()
	if l.json {
		_ = shell.WriteLine(l.out, logLine(a))
		return
	}
	fmt.Fprint(l.out, arrivalText(a))
	if !a.Note.IsZero() {
		l.remark(a.Note.String())
	}
	l.findings("not as OpenIM sends it: ", a.Differs)
	if a.Forwarded || l.verbose {
		l.findings("reply: ", a.Verdict.Findings)
	}
	if l.verbose {
		l.details(a)
	}
}

// margin is the width of the time in front of each arrival.
const margin = "              "

func (l *requestLog) remark(text string) { fmt.Fprintf(l.out, "%s! %s\n", margin, text) }

// findings prints the worst, or with -v all.
func (l *requestLog) findings(what string, all []validate.Finding) {
	if !l.verbose && !serious(all) {
		return
	}
	more := ""
	if !l.verbose && len(all) > 1 {
		all, more = all[:1], fmt.Sprintf(" (and %d more; -v shows all)", len(all)-1)
	}
	for _, f := range all {
		l.remark(fmt.Sprintf("%s%s%s %s", what, f.Message, more, f.Basis()))
	}
}

// details prints the exchange, and why no rule answered it.
func (l *requestLog) details(a *simulator.Arrival) {
	x := a.Exchange
	fmt.Fprintf(l.out, "%s%s %s\n", margin, words.Printable(x.Request.Method), words.Printable(x.Request.URL))
	for _, h := range x.Request.Headers {
		fmt.Fprintf(l.out, "%s  %s: %s\n", margin, words.Printable(h[0]), words.Printable(h[1]))
	}
	fmt.Fprintf(l.out, "%s> %s\n", margin, shownBody(x.Request.Body))
	fmt.Fprintf(l.out, "%s< %s\n", margin, shownBody(x.Reply.Body))
	if a.Rule != "" || l.explain == nil {
		return
	}
	for _, e := range l.explain(a) {
		if e.ForCallback() {
			fmt.Fprintf(l.out, "%s- rule %q %s\n", margin, words.Printable(e.Name), whyNot(e))
		}
	}
}

func whyNot(e rules.Explanation) string {
	chance := ""
	for _, c := range e.Criteria {
		if !c.OK {
			return fmt.Sprintf("does not match: %s is %s, not %s", c.What, c.Got, c.Want)
		}
		if c.What == "probability" {
			chance = ", with a probability of " + c.Want.String()
		}
	}
	if e.Delays {
		return "matches" + chance + ", but only delays"
	}
	return "matches" + chance + ", but did not answer this time"
}

// maxShown is how much of a body is printed, in bytes.
const maxShown = 4 << 10

func shownBody(body []byte) string {
	body = bytes.TrimRight(body, "\n")
	if len(body) <= maxShown {
		return words.Printable(string(body))
	}
	return fmt.Sprintf("%s… (%d bytes)", words.Printable(string(body[:maxShown])), len(body))
}

func arrivalText(a *simulator.Arrival) string {
	name, found, status := "(unknown)", "command not found", "-"
	if a.Callback != nil {
		name, found = a.Callback.Key, "from "+a.FoundIn
	}
	if a.Reply.Status != 0 {
		status = strconv.Itoa(a.Reply.Status)
	}
	return fmt.Sprintf("%s  %-30s %-4s %-12s %-10s %.1f ms%s\n", a.Time.Format("15:04:05.000"), name, status,
		report.Outcome(*a.Verdict), found, a.Reply.Elapsed.Seconds()*1000, answeredBy(a))
}

func answeredBy(a *simulator.Arrival) string {
	switch {
	case a.Rule != "":
		return "  by " + words.Printable(a.Rule)
	case a.Forwarded:
		return "  forwarded"
	default:
		return ""
	}
}

// logged is an arrival as a line of --log-format json.
type logged struct {
	Event     string             `json:"event"`
	Time      time.Time          `json:"time"`
	Callback  string             `json:"callback"`
	Command   string             `json:"command"`
	FoundIn   string             `json:"foundIn,omitempty"`
	Status    int                `json:"status,omitempty"`
	Failure   validate.Failure   `json:"failure,omitempty"`
	Outcome   validate.Outcome   `json:"outcome,omitempty"`
	ErrCode   int                `json:"errCode,omitempty"`
	Rule      string             `json:"rule,omitempty"`
	Forwarded bool               `json:"forwarded,omitempty"`
	Note      string             `json:"note,omitempty"`
	Differs   []validate.Finding `json:"differs,omitempty"`
	Findings  []validate.Finding `json:"findings,omitempty"`
	ElapsedMS float64            `json:"elapsed_ms"`
}

func logLine(a *simulator.Arrival) logged {
	return logged{
		Event: "request", Time: a.Time, Callback: a.Exchange.Callback, Command: a.Command, FoundIn: a.FoundIn,
		Status: a.Reply.Status, Failure: a.Reply.Failure, Outcome: a.Verdict.Outcome, ErrCode: a.Verdict.Client.ErrCode,
		Rule: a.Rule, Forwarded: a.Forwarded, Note: a.Note.String(), Differs: a.Differs, Findings: a.Verdict.Findings,
		ElapsedMS: float64(a.Reply.Elapsed.Microseconds()) / 1000,
	}
}
