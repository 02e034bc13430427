package simulator

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
)

// DefaultMaxBody is the limit on a request's body, in bytes.
const DefaultMaxBody = 10 << 20

// ReceiverOptions say how a receiver answers.
type ReceiverOptions struct {
	// Server is the OpenIM for which the replies are made and judged. The zero
	// value is fixtures.DefaultRelease.
	Server validate.Server
	// Respond chooses the answer. Where it has none, or is nil, the request is
	// forwarded, or else allowed.
	Respond Responder
	// Forward passes on what Respond does not answer. Nil: nothing is.
	Forward *Forwarder
	// Timeout tells how long OpenIM waits, which goes into the exchanges. Nil,
	// or 0: validate.DefaultTimeout.
	Timeout func() time.Duration
	// Severities change the severity of rules, in what an arrival's request
	// differs and in the verdict on its reply. Nil: none.
	Severities validate.Overrides
	// Contract is what counts as a finding in them. The zero value is
	// validate.Both.
	Contract validate.Contract
	// Record keeps an exchange before its reply's last bytes leave. When it
	// fails, the connection is closed instead. Nil: only Observe is told.
	Record func(validate.Exchange) error
	// Observe is told of each callback, from the request's goroutine, when its
	// reply is complete but for the last bytes: what a sender was told has been
	// observed, and an Observe that takes long delays the reply. Nil: nobody is
	// told, and nothing is judged or recorded. The receiver uses the arrival no
	// more.
	Observe func(*Arrival)
	// MaxBody limits a request's body, in bytes. 0: DefaultMaxBody.
	MaxBody int64
}

// Receiver answers OpenIM's callbacks: as its Responder says, as the receiver
// behind it does, or so that the operation proceeds unchanged. Wrap it in
// GuardHost, or serve it with Serve, which does.
type Receiver struct {
	ReceiverOptions
	standards map[*fixtures.Callback]func() *standard // made when they are needed
}

// standard is what the exchanges of a callback are held against.
type standard struct {
	request    *validate.RequestCheck
	judge      *validate.Judge
	severities validate.Overrides
	contract   validate.Contract
	// allowed is the verdict on the plain allow. It depends on no request, and
	// is what most requests get.
	allowed *validate.Verdict
}

func newStandard(c *fixtures.Callback, o ReceiverOptions) *standard {
	s := &standard{
		request: validate.NewRequestCheck(c, o.Server.Release), judge: validate.NewJudge(c, validate.Options{Server: o.Server, Contract: o.Contract}),
		severities: o.Severities, contract: o.Contract,
	}
	s.allowed = s.verdict(&validate.Exchange{Reply: plainReply})
	return s
}

func (s *standard) verdict(x *validate.Exchange) *validate.Verdict {
	v := s.judge.Judge(x)
	v.Findings = s.severities.Apply(v.Findings)
	return &v
}

// NewReceiver returns a receiver.
func NewReceiver(o ReceiverOptions) *Receiver {
	o.Server = o.Server.OrDefault()
	if o.MaxBody <= 0 {
		o.MaxBody = DefaultMaxBody
	}
	if o.Respond == nil {
		o.Respond = func(*Arrival) (Answer, bool) { return Answer{}, false }
	}
	if o.Timeout == nil {
		o.Timeout = func() time.Duration { return 0 }
	}
	r := &Receiver{ReceiverOptions: o, standards: make(map[*fixtures.Callback]func() *standard)}
	for _, c := range fixtures.All() {
		r.standards[c] = sync.OnceValue(func() *standard { return newStandard(c, o) })
	}
	return r
}

// ServeHTTP answers a callback that is posted to any path. An unknown one gets
// the plain allow, any other method status 405, a body over the limit 413.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	start := time.Now()
	body, err := r.read(w, req)
	x := &transfer{r, newArrival(start, req, body), w, req}
	x.arrival.Timeout = validate.EffectiveTimeout(r.Timeout())
	switch {
	case err != nil:
		x.rejectBody(err)
	case req.Method == http.MethodPost:
		x.respond()
	case r.Forward != nil:
		x.forward()
	default:
		x.rejectMethod()
	}
}

// read returns the body; at once when its length is known.
func (r *Receiver) read(w http.ResponseWriter, req *http.Request) ([]byte, error) {
	if n := req.ContentLength; n >= 0 && n <= min(r.MaxBody, 64<<10) {
		body := make([]byte, n)
		read, err := io.ReadFull(req.Body, body)
		return body[:read], err
	}
	return io.ReadAll(http.MaxBytesReader(w, req.Body, r.MaxBody))
}

// keptOfTooLarge is how much of a body that is too large is kept, in bytes.
const keptOfTooLarge = 64 << 10

// transfer is one request under way.
type transfer struct {
	receiver *Receiver
	arrival  *Arrival
	w        http.ResponseWriter
	req      *http.Request
}

// respond answers as the rules say, or else the receiver behind, or else so
// that nothing changes.
func (x *transfer) respond() {
	if x.arrival.Redirected {
		x.reply(http.StatusOK, x.plain())
		return
	}
	answer, decided := x.receiver.Respond(x.arrival)
	x.arrival.Rule = answer.Rule
	if !x.wait(answer.Delay) {
		x.gone()
		return
	}
	switch {
	case decided:
		x.answer(answer)
	case x.receiver.Forward != nil:
		x.forward()
	case x.arrival.Disputed && x.arrival.Callback.Phase == fixtures.Before:
		const two = "the URL and the body name two callbacks"
		x.reply(http.StatusBadRequest, fixtures.RefuseReply(disputedCode, two, x.arrival.Note.String()))
	default:
		x.allow(x.plain())
	}
}

// disputedCode is the errCode for a request whose URL and body are at odds.
const disputedCode = 5400

// plain is the reply with which nothing changes.
func (x *transfer) plain() []byte {
	return x.arrival.Callback.AllowReply(x.receiver.Server.Release, x.arrival.Request.Body)
}

// rejectMethod answers a request that is no POST. A GET for a callback is what
// OpenIM's client makes of one after a redirect: it is observed.
func (x *transfer) rejectMethod() {
	x.w.Header().Set("Allow", http.MethodPost)
	x.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if x.arrival.Callback == nil {
		x.write(http.StatusMethodNotAllowed, []byte(validate.OnlyPost))
		return
	}
	if x.req.Header.Get("Referer") != "" {
		x.arrival.note(say("after-redirect", "method", x.req.Method))
	}
	x.reply(http.StatusMethodNotAllowed, []byte(validate.OnlyPost))
}

// rejectBody answers a request whose body is too large or could not be read.
func (x *transfer) rejectBody(err error) {
	status, why := http.StatusBadRequest, say("body-broken", "error", err)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		status = http.StatusRequestEntityTooLarge
		why = say("body-too-large", "limit", tooLarge.Limit)
		x.arrival.Request.Body = bytes.Clone(x.arrival.Request.Body[:min(len(x.arrival.Request.Body), keptOfTooLarge)])
	}
	x.arrival.note(why)
	x.w.Header().Set("Connection", "close") // the rest of the body is not wanted
	x.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	x.reply(status, []byte(x.arrival.Note.String()+"\n"))
}

// tell judges the exchange, records it and tells the observer; plain says that
// the reply is the plain allow. A reply that could not be recorded is not sent.
func (x *transfer) tell(plain bool) {
	if x.receiver.Observe == nil {
		return // and nothing is judged or recorded
	}
	a := x.arrival
	a.Reply.Elapsed = time.Since(a.Time)
	if standard := x.receiver.standards[a.Callback]; standard != nil {
		s := standard()
		a.Differs = s.severities.Apply(s.contract.Of(s.request.Check(a.Request)))
		s.judgeReply(a, plain)
	}
	err := x.receiver.record(a)
	x.receiver.Observe(a)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
}

func (r *Receiver) record(a *Arrival) error {
	if r.Record == nil {
		return nil
	}
	err := r.Record(a.Exchange)
	if err != nil {
		a.note(say("not-recorded", "error", err))
		a.Reply = validate.Reply{Failure: validate.Reset, Detail: err.Error(), Elapsed: a.Reply.Elapsed}
		a.Verdict = &noVerdict
	}
	return err
}

// judgeReply says what OpenIM makes of the reply. What a redirect leads to is
// another exchange.
func (s *standard) judgeReply(a *Arrival, plain bool) {
	if to, _ := a.Next(); to != "" {
		a.note(say("redirected"))
		return
	}
	if plain && a.Reply.Elapsed < min(100*time.Millisecond, a.Timeout/10) { // no reply is slow yet
		a.Verdict = s.allowed
		return
	}
	a.Verdict = s.verdict(&a.Exchange)
}
