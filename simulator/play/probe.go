package play

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
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

// ProbeRules returns the rules of the probes, in the order in which they run.
func ProbeRules() []*validate.Rule {
	var all []*validate.Rule
	for i := range probes {
		all = append(all, &probes[i].Rule)
	}
	return all
}

// prober is a run of the probes.
type prober struct {
	*Player
	before, after *fixtures.Callback
	// notified is a before callback that comes for revocations; nil: none does.
	notified *fixtures.Callback
	usual    validate.Verdict // on the plain request of before
	rule     *validate.Rule   // of the probe that runs
}

// preferred callbacks carry most and matter most.
var preferredBefore = []string{"beforeSendSingleMsg", "beforeSendGroupMsg", "beforeAddFriend"}
var preferredAfter = []string{"afterSendSingleMsg", "afterSendGroupMsg", "afterAddFriend"}

// Probes sends each probe, one after the other in a single job. Each of its
// results has the name of a probe as its case. Probes use a before and an after
// callback of those given; there is no result without any, and none where
// nothing answers the plain request.
func (p *Player) Probes(callbacks []*fixtures.Callback) Source {
	return slices.Values([]Job{func(ctx context.Context) []validate.Result { return slices.Collect(p.probe(ctx, callbacks)) }})
}

func (p *Player) probe(ctx context.Context, callbacks []*fixtures.Callback) iter.Seq[validate.Result] {
	return func(yield func(validate.Result) bool) {
		r := p.prober(callbacks)
		if r.before == nil || !r.sendUsual(ctx) {
			return // where nothing answers, the plain run says so
		}
		for i := range probes {
			r.rule = &probes[i].Rule
			for _, result := range probes[i].run(ctx, r) {
				if ctx.Err() != nil {
					return
				}
				result.Case = "probe " + strings.TrimPrefix(r.rule.ID, prefix)
				result.Findings = p.Judging.counted(result.Findings)
				if !yield(result) {
					return
				}
			}
		}
	}
}

func (p *Player) prober(callbacks []*fixtures.Callback) *prober {
	before, after := choose(callbacks, fixtures.Before, preferredBefore), choose(callbacks, fixtures.After, preferredAfter)
	if before == nil {
		before = after
	}
	return &prober{Player: p, before: before, after: after, notified: firstFor(revoked, callbacks, p.Judging.Server().Release)}
}

// revoked is the content type of the notification that a message was revoked.
const revoked = 2101

// firstFor is the first before callback of a message that the version sends for
// this content type; nil: there is none.
func firstFor(contentType int, callbacks []*fixtures.Callback, v fixtures.Release) *fixtures.Callback {
	for _, c := range callbacks {
		if c.Phase == fixtures.Before && c.Group == "message" && c.SentFor(contentType, v) {
			return c
		}
	}
	return nil
}

// sendUsual sends the plain request, and reports whether anything answers.
func (p *prober) sendUsual(ctx context.Context) bool {
	r := p.send(ctx, p.plain(p.before), nil)
	p.usual = r.Verdict
	return r.Exchange.Reply.Reached()
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

func (p *prober) plain(c *fixtures.Callback) *fixtures.Payload { return p.plainOf(c, "") }

// plainOf is that of a kind of message that the callback carries.
func (p *prober) plainOf(c *fixtures.Callback, message string) *fixtures.Payload {
	payload, err := c.Payload(fixtures.PayloadOptions{Server: p.Judging.Server().Release, Message: message})
	if err != nil {
		panic(err) // only the kind of message can be wrong
	}
	return payload
}

// send posts a payload, changed by change, and judges the reply as OpenIM
// would.
func (p *prober) send(ctx context.Context, payload *fixtures.Payload, change func(*validate.Request)) validate.Result {
	x := p.exchange(ctx, payload, change)
	return validate.Result{Verdict: p.Judging.judge(payload.Callback).Judge(&x), Exchange: x}
}

// alive sends the plain request again: a receiver must survive a probe.
func (p *prober) alive(ctx context.Context) bool {
	return p.send(ctx, p.plain(p.before), nil).Exchange.Reply.Reached()
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
