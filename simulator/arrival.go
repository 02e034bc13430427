package simulator

import (
	"net/http"
	"strings"
	"time"
	"unsafe"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

// Arrival is a request that reached a receiver, with the reply that it got.
// The exchange's request headers are in alphabetical order. Headers, bodies and
// verdict must not be changed: many arrivals share them, and a journal or an
// inspector may still read them.
type Arrival struct {
	validate.Exchange
	// Callback is the callback that the request is for. Nil: unknown.
	Callback *fixtures.Callback
	// FoundIn says where the command was: "path", "query" or "body". Empty: no
	// known command was anywhere.
	FoundIn string
	// Disputed says that the body names another callback. The documents want a
	// receiver to verify that.
	Disputed bool
	// Note says what is odd about the request or what became of it. The zero
	// value: nothing.
	Note words.Text
	// Remote is the client's address.
	Remote string
	// Rule names the rule that made the answer. Empty: none did.
	Rule string
	// Redirected says that a fault's redirect led to the request: it is the same
	// callback once more.
	Redirected bool
	// Forwarded says that the reply is another receiver's.
	Forwarded bool
	// Differs is how the request differs from what OpenIM sends, worst first.
	Differs []validate.Finding
	// Verdict is what OpenIM makes of the reply, never nil where a receiver
	// observed it. Its outcome is empty when nobody can say: the callback is
	// unknown, or the reply sends the client elsewhere.
	Verdict *validate.Verdict
}

// Counts reports whether the request is to be counted for its callback: OpenIM
// posts a callback, and comes once more, perhaps with a GET, after a redirect.
// The reply does not matter: OpenIM fired the callback also when its body was
// too large to be taken. Who counts what arrived asks this.
func (a *Arrival) Counts() bool {
	return a.Callback == nil || a.Request.Method == http.MethodPost && !a.Redirected
}

// Masked is the arrival as it may be shown: without the secrets in it.
func (a *Arrival) Masked() *Arrival {
	shown := *a
	r := validate.MaskResult(validate.Result{Exchange: a.Exchange, Verdict: *a.Verdict})
	shown.Exchange, shown.Verdict = r.Exchange, &r.Verdict
	shown.Differs, shown.Note = validate.MaskFindings(a.Differs), a.Note.Map(validate.MaskText)
	return &shown
}

// Size is the memory that the arrival takes, about, in bytes. A request with a
// great many oddities has findings that are larger than it.
func (a *Arrival) Size() int {
	n := a.Exchange.Size() + a.Note.Size() + findingsSize(a.Differs)
	if a.Verdict != nil {
		n += findingsSize(a.Verdict.Findings)
		for _, c := range a.Verdict.Changes {
			n += 48 + len(c.Path) + len(c.Before) + len(c.After)
		}
	}
	return n
}

func findingsSize(findings []validate.Finding) int {
	n := 0
	for i := range findings {
		f := &findings[i]
		n += int(unsafe.Sizeof(*f)) + len(f.Place.Pointer) + len(f.Got) + len(f.Fix) + f.Want.Size() + f.Message.Size() + f.Hint.Size()
	}
	return n
}

// noVerdict is that of arrivals that nobody can judge.
var noVerdict validate.Verdict

// newArrival describes the request; the reply is still to come.
func newArrival(start time.Time, req *http.Request, body []byte) *Arrival {
	found := find(req.URL, body)
	a := &Arrival{
		Callback: found.callback, FoundIn: found.in, Disputed: found.disputed, Note: found.note,
		Remote: req.RemoteAddr, Verdict: &noVerdict,
	}
	a.Redirected = strings.HasSuffix(req.URL.RawQuery, validate.RedirectMark)
	a.Exchange = validate.Exchange{Time: start, Command: found.command, Request: validate.Request{
		Method: req.Method, URL: absolute(req), Headers: sorted(req.Header, validate.Header{"Host", req.Host}), Body: body,
	}}
	if found.callback != nil {
		a.Exchange.Callback = found.callback.Key
	}
	return a
}

// absolute returns the URL that was requested; the request line has only its
// path, unless it came as to a proxy.
func absolute(req *http.Request) string {
	switch {
	case req.URL.IsAbs():
		return req.RequestURI
	case req.TLS != nil:
		return "https://" + req.Host + req.RequestURI
	default:
		return "http://" + req.Host + req.RequestURI
	}
}

func (a *Arrival) note(text words.Text) {
	if !a.Note.IsZero() {
		text = say("notes", "first", a.Note, "then", text)
	}
	a.Note = text
}
