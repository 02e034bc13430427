package simulator

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
)

// DefaultMaxBody is the limit on a request's body, in bytes.
const DefaultMaxBody = 10 << 20

// ReceiverOptions say how a receiver answers.
type ReceiverOptions struct {
	// Server is the version for which the replies are made. The zero value is
	// the oldest; fixtures.DefaultVersion is the usual choice.
	Server fixtures.Version
	// Observe is told of each request that was posted, from the request's
	// goroutine, after the reply was written. Replies of ordinary size leave
	// only when Observe returns: what a sender was told has been observed, and
	// an Observe that takes long delays the reply. Nil: nobody is told.
	Observe func(Arrival)
	// MaxBody limits a request's body, in bytes. 0: DefaultMaxBody.
	MaxBody int64
}

// Arrival is a request that reached a receiver, with the reply that it got.
// The exchange's request headers are in alphabetical order.
type Arrival struct {
	validate.Exchange
	// Callback is the callback that the request is for. Nil: unknown.
	Callback *fixtures.Callback
	// FoundIn says where the command was: "path", "query" or "body". Empty: no
	// known command was anywhere.
	FoundIn string
	// Note says what is odd about the request. Empty: nothing.
	Note string
}

// Receiver answers OpenIM's callbacks, each so that the operation proceeds
// unchanged. Wrap it in GuardHost, or serve it with Serve, which does.
type Receiver struct {
	server  fixtures.Version
	observe func(Arrival)
	maxBody int64
}

// NewReceiver returns a receiver.
func NewReceiver(o ReceiverOptions) *Receiver {
	r := &Receiver{server: o.Server, observe: o.Observe, maxBody: DefaultMaxBody}
	if o.MaxBody > 0 {
		r.maxBody = o.MaxBody
	}
	if r.observe == nil {
		r.observe = func(Arrival) {}
	}
	return r
}

// ServeHTTP answers a callback that is posted to any path. An unknown one gets
// the plain allow, any other method status 405, a body over the limit 413.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if req.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "this is imcb, a mock receiver of OpenIM callbacks: POST a callback's JSON, for example to "+
			"/callbackBeforeAddFriendCommand", http.StatusMethodNotAllowed)
		return
	}
	start := time.Now()
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, r.maxBody))
	if err != nil {
		r.rejectBody(w, newArrival(start, req, body), err)
		return
	}
	a := newArrival(start, req, body)
	reply := []byte(fixtures.PlainAllow)
	if a.Callback != nil {
		reply = a.Callback.AllowReply(r.server, body)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	r.answer(w, a, http.StatusOK, reply)
}

// rejectBody answers a request whose body is too large or could not be read.
func (r *Receiver) rejectBody(w http.ResponseWriter, a Arrival, err error) {
	status := http.StatusBadRequest
	a.Note = "the body could not be read: " + err.Error()
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		status = http.StatusRequestEntityTooLarge
		a.Note = fmt.Sprintf("the body is larger than %d bytes, the limit of this receiver", tooLarge.Limit)
	}
	w.Header().Set("Connection", "close") // the rest of the body is not wanted
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	r.answer(w, a, status, []byte(a.Note+"\n"))
}

// answer writes the reply and tells the observer.
func (r *Receiver) answer(w http.ResponseWriter, a Arrival, status int, body []byte) {
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if _, err := w.Write(body); err != nil {
		a.Note = joinNotes(a.Note, "the reply could not be written: "+err.Error())
	}
	a.Reply = validate.Reply{Status: status, Headers: sorted(w.Header()), Body: body, Elapsed: time.Since(a.Time)}
	r.observe(a)
}

// newArrival describes the request; the reply is still to come.
func newArrival(start time.Time, req *http.Request, body []byte) Arrival {
	found := find(req.URL, body)
	a := Arrival{Callback: found.callback, FoundIn: found.in, Note: found.note}
	a.Exchange = validate.Exchange{Time: start, Command: found.command, Request: received(req, body)}
	if found.callback != nil {
		a.Exchange.Callback = found.callback.Key
	}
	return a
}

func received(req *http.Request, body []byte) validate.Request {
	headers := req.Header.Clone()
	headers.Set("Host", req.Host) // net/http keeps it elsewhere
	return validate.Request{Method: req.Method, URL: absolute(req), Headers: sorted(headers), Body: body}
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
