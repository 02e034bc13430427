package play

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
	"github.com/tidwall/gjson"
)

// explainer sends requests, several at once, and measures why one fails where
// that can be measured: the hint of its finding says the cause. A run has one.
type explainer struct {
	*Player
	*queue
}

// queue says whose turn it is to send.
type queue struct {
	// turns are shared by the requests that are under way; who measures has it
	// alone.
	turns sync.RWMutex
	// under counts them; crowded: there were several once.
	under   atomic.Int32
	crowded atomic.Bool
	// measured: a timeout was looked into. alone: the receiver serves one at a
	// time, so that each request waits for its turn.
	measured, alone bool
}

func (p *Player) explainer() *explainer {
	if p.Together != nil {
		return &explainer{p, &p.Together.queue}
	}
	return &explainer{p, new(queue)}
}

// send is Player.Send with the cause of a failure. A receiver that serves one
// connection at a time is told in one result; from then on requests go out one
// after another, also again those that waited in vain.
func (e *explainer) send(ctx context.Context, payload *fixtures.Payload) validate.Result {
	return because(e.ask(ctx, payload))
}

// ask is send with the cause apart, empty where none was measured.
func (e *explainer) ask(ctx context.Context, payload *fixtures.Payload) (r validate.Result, cause words.Text) {
	r = e.inTurn(ctx, payload)
	switch {
	case r.Exchange.Reply.Failure == validate.Timeout:
		return e.late(ctx, payload, r)
	case r.Exchange.Reply.Status == http.StatusRequestEntityTooLarge:
		return r, say("cause.limit")
	case unreadable(r) && !hasHeader(r.Exchange.Request.Headers, "Accept"):
		return r, e.byAccept(ctx, payload)
	}
	return r, cause
}

func (e *explainer) inTurn(ctx context.Context, payload *fixtures.Payload) validate.Result {
	e.turns.RLock()
	if !e.alone {
		defer e.turns.RUnlock()
		if e.under.Add(1) > 1 {
			e.crowded.Store(true)
		}
		defer e.under.Add(-1)
		return e.Send(ctx, payload)
	}
	e.turns.RUnlock()
	e.turns.Lock()
	defer e.turns.Unlock()
	return e.sendAlone(ctx, payload)
}

// sendAlone sends on a connection that no other request waits for.
func (e *explainer) sendAlone(ctx context.Context, payload *fixtures.Payload) validate.Result {
	defer e.Close()
	return e.Send(ctx, payload)
}

// late says whether a request got no answer in time because others were under
// way. That is measured once in a run.
func (e *explainer) late(ctx context.Context, payload *fixtures.Payload, r validate.Result) (_ validate.Result, cause words.Text) {
	e.turns.Lock()
	defer e.turns.Unlock()
	if e.alone {
		return e.sendAlone(ctx, payload), cause
	}
	if e.measured || !e.crowded.Load() {
		return r, cause
	}
	e.measured = true
	serves := e.measure(ctx, payload)
	if e.alone = serves == oneConnection || serves == oneRequest; e.alone {
		return r, serves.hint()
	}
	return r, cause
}

// byAccept says whether the receiver would answer in JSON if it were asked to.
func (e *explainer) byAccept(ctx context.Context, payload *fixtures.Payload) (cause words.Text) {
	e.turns.RLock()
	defer e.turns.RUnlock()
	asked := e.Judging.Judge(payload.Callback, e.exchange(ctx, payload, func(request *validate.Request) {
		request.Headers = withHeaders(request.Headers, []validate.Header{{"Accept", "application/json"}})
	}))
	if asked.Exchange.Reply.Failure != "" || unreadable(asked) || !unreadable(e.Send(ctx, payload)) {
		return cause // the last: it does not depend on something else
	}
	return say("cause.accept")
}

// because is the result with the cause, if there is one, as the hint of its
// worst finding.
func because(r validate.Result, cause words.Text) validate.Result {
	if len(r.Findings) > 0 && !cause.IsZero() {
		r.Findings = slices.Clone(r.Findings)
		r.Findings[0].Hint = cause
	}
	return r
}

// unreadable reports whether a whole reply came that is not JSON.
func unreadable(r validate.Result) bool {
	return r.Exchange.Reply.Failure == "" && !gjson.ValidBytes(r.Exchange.Reply.Body)
}

func hasHeader(headers []validate.Header, name string) bool {
	return slices.ContainsFunc(headers, func(h validate.Header) bool { return h[0] == name })
}

// finding is one of a rule about the target.
func (j *Judging) finding(rule *validate.Rule, s validate.Severity, message, hint words.Text) validate.Finding {
	if rule.Strict != "" && j.Options.Contract == validate.Documents {
		s = rule.Strict
	}
	return validate.Finding{
		Rule: rule.ID, Severity: s, Contract: rule.Contract, About: rule.About,
		Message: message, Hint: hint, Source: rule.Source,
	}
}

// serving is how many a receiver serves at once.
type serving int

const (
	// unmeasured: it can't be told, for a single request gets no answer either.
	unmeasured serving = iota
	// several: a request does not wait for other connections.
	several
	// oneConnection: a connection waits until the other one is closed. OpenIM keeps
	// idle ones open: the requests on the others time out.
	oneConnection
	// oneRequest: a request waits until the other one has come in whole.
	oneRequest
)

// hint says what to do about it.
func (s serving) hint() words.Text {
	if s == oneConnection {
		return say("cause.one-connection")
	}
	return say("cause.one-request")
}

// measure sends a request while another connection is idle, then while another
// request is under way: does it wait for the other one's end? Nothing else may
// be under way.
func (p *Player) measure(ctx context.Context, payload *fixtures.Payload) serving {
	p.Sender.Close() // its idle connections
	first := p.Sender.Apart(nil)
	defer first.Close()
	timeout := p.Judging.Timeout(payload.Callback)
	p.over(ctx, first, payload, timeout) // behind requests that OpenIM would have given up
	single := p.over(ctx, first, payload, timeout)
	if !answered(single) {
		return unmeasured
	}
	patience := max(timeout/5, 3*single.Reply.Elapsed)
	if p.waits(ctx, payload, patience, first.Close) {
		return oneConnection
	}
	first.Close()
	if p.waitsForRequest(ctx, payload, patience) {
		return oneRequest
	}
	return several
}

// waits reports whether a request on a connection of its own gets no answer
// until release was called, and then does. It calls that only then.
func (p *Player) waits(ctx context.Context, payload *fixtures.Payload, patience time.Duration, release func()) bool {
	apart := p.Sender.Apart(nil)
	defer apart.Close()
	done := make(chan validate.Exchange, 1)
	go func() { done <- p.over(ctx, apart, payload, long*patience) }()
	select {
	case <-done:
		return false
	case <-time.After(patience):
	}
	release()
	return answered(<-done)
}

// waitsForRequest is waits while half of another request is sent.
func (p *Player) waitsForRequest(ctx context.Context, payload *fixtures.Payload, patience time.Duration) bool {
	begun, rest := make(chan struct{}), make(chan struct{})
	begin := sync.OnceFunc(func() { close(begun) })
	slow := p.Sender.Apart(func(to io.Writer, text []byte) (int, error) {
		return inParts(to, text, 2, func() {
			begin()
			<-rest
		})
	})
	defer slow.Close()
	done := make(chan validate.Exchange, 1)
	go func() { done <- p.over(ctx, slow, payload, long*patience) }()
	select {
	case <-begun:
	case <-done: // it can't be sent
		return false
	}
	free := sync.OnceFunc(func() { close(rest) })
	waited := false
	for range 3 { // the first may come before the half is taken up
		if waited = p.waits(ctx, payload, patience, free); waited {
			break
		}
	}
	free()
	return answered(<-done) && waited
}

// long is how many times the patience a request may take that waits for another.
const long = 5

// over sends a payload with another sender.
func (p *Player) over(
	ctx context.Context, sender *simulator.Sender, payload *fixtures.Payload, timeout time.Duration,
) validate.Exchange {
	return sender.Send(ctx, p.Target.URL(payload), payload, timeout)
}

// answered reports whether any reply came.
func answered(x validate.Exchange) bool { return x.Reply.Status != 0 }

// inParts writes the head of a request with the first part of its body, then
// the other parts, and calls between before each of these. A text without a head
// goes out whole.
func inParts(to io.Writer, text []byte, parts int, between func()) (n int, err error) {
	end := []byte("\r\n\r\n")
	head := bytes.Index(text, end)
	if head < 0 {
		return to.Write(text)
	}
	body := text[head+len(end):]
	for i := range parts {
		if i > 0 {
			between()
		}
		from, until := len(body)*i/parts, len(body)*(i+1)/parts
		part := body[from:until]
		if i == 0 {
			part = text[:head+len(end)+until]
		}
		written, err := to.Write(part)
		if n += written; err != nil {
			return n, err
		}
	}
	return n, nil
}
