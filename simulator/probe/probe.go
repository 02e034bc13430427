// Package probe sends a receiver what it meets in real life beyond OpenIM's
// plain requests, and says who would suffer from its answer.
package probe

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
)

// probe is one thing that a receiver meets in real life, and the rule of its
// findings: the title says what is sent, why who suffers from a wrong answer.
type probe struct {
	validate.Rule
	run func(context.Context, *prober) []validate.Result
}

// prefix begins the id of each probe's rule.
const prefix = "probe-"

// Rules returns the rules of the probes, in the order in which they run.
func Rules() []*validate.Rule {
	var all []*validate.Rule
	for i := range probes {
		all = append(all, &probes[i].Rule)
	}
	return all
}

// Options say what is probed and how.
type Options struct {
	Sender *simulator.Sender
	Target simulator.Target
	// Callbacks to choose from: probes use a before and an after callback.
	Callbacks []*fixtures.Callback
	// Judge judges the replies to a callback. Its options also say for which
	// version requests are made and how long they wait. It is called from several
	// goroutines.
	Judge func(*fixtures.Callback) *validate.Judge
	// Seed chooses the mutations.
	Seed uint64
}

// prober is a run of the probes.
type prober struct {
	Options
	before, after *fixtures.Callback
	usual         validate.Verdict // on the plain request of before
	rule          *validate.Rule   // of the probe that runs
}

// preferred callbacks carry most and matter most.
var preferredBefore = []string{"beforeSendSingleMsg", "beforeSendGroupMsg", "beforeAddFriend"}
var preferredAfter = []string{"afterSendSingleMsg", "afterSendGroupMsg", "afterAddFriend"}

// Run sends each probe and yields its results, each with the name of the probe
// as its case. It yields nothing when there is no callback to probe with.
func Run(ctx context.Context, o Options, yield func(validate.Result) bool) {
	p := &prober{Options: o}
	p.before = choose(o.Callbacks, fixtures.Before, preferredBefore)
	p.after = choose(o.Callbacks, fixtures.After, preferredAfter)
	if p.before == nil {
		p.before = p.after
	}
	if p.before == nil {
		return
	}
	usual := p.send(ctx, p.payload(p.before), nil)
	p.usual = usual.Verdict
	if !usual.Exchange.Reply.Reached() {
		return // the plain run says so
	}
	for i := range probes {
		p.rule = &probes[i].Rule
		for _, result := range probes[i].run(ctx, p) {
			if ctx.Err() != nil {
				return
			}
			result.Case = "probe " + strings.TrimPrefix(p.rule.ID, prefix)
			if !yield(result) {
				return
			}
		}
	}
}

func choose(callbacks []*fixtures.Callback, phase fixtures.Phase, preferred []string) *fixtures.Callback {
	var chosen *fixtures.Callback
	rank := len(preferred) + 1
	for _, c := range callbacks {
		if c.Phase != phase {
			continue
		}
		r := slices.Index(preferred, c.Key)
		if r < 0 {
			r = len(preferred)
		}
		if r < rank {
			chosen, rank = c, r
		}
	}
	return chosen
}

// payload is the callback's plain request.
func (p *prober) payload(c *fixtures.Callback) *fixtures.Payload {
	payload, err := c.Payload(fixtures.PayloadOptions{Server: p.Judge(c).Options().Server.Release})
	if err != nil {
		panic(err) // only a content type can be wrong, and there is none
	}
	return payload
}

// send posts a payload, changed by change, and judges the reply as OpenIM
// would.
func (p *prober) send(ctx context.Context, payload *fixtures.Payload, change func(*validate.Request)) validate.Result {
	request := p.Sender.Request(p.Target.URL(payload), payload)
	if change != nil {
		change(&request)
	}
	judge := p.Judge(payload.Callback)
	x := p.Sender.Do(ctx, validate.Exchange{
		Callback: payload.Callback.Key, Command: payload.Command, Request: request, Timeout: judge.Options().Timeout,
	})
	return validate.Result{Verdict: judge.Judge(&x), Exchange: x}
}

// alive sends the plain request again: a receiver must survive a probe.
func (p *prober) alive(ctx context.Context) bool {
	return p.send(ctx, p.payload(p.before), nil).Exchange.Reply.Reached()
}

// lets reports whether OpenIM would take a reply for an allow.
func lets(r validate.Result) bool {
	return r.Exchange.Reply.Failure == "" && (r.Outcome == validate.Proceed || r.Outcome == validate.Nothing)
}

// crashed reports whether the receiver died or gave no answer at all.
func crashed(r validate.Result) bool {
	switch r.Exchange.Reply.Failure {
	case "", validate.TooLarge:
		return false
	}
	return true
}

// setHeader replaces or removes a header of a request.
func setHeader(r *validate.Request, name, value string) {
	r.Headers = slices.DeleteFunc(slices.Clone(r.Headers), func(h validate.Header) bool { return http.CanonicalHeaderKey(h[0]) == name })
	if value != "" {
		r.Headers = append(r.Headers, validate.Header{name, value})
	}
}
