package play

import (
	"context"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
)

// Player plays OpenIM towards one receiver. Several goroutines may use it at
// once.
type Player struct {
	Sender  *simulator.Sender
	Target  simulator.Target
	Judging *Judging
	// OperationID is the id of the requests that the player makes, and Seed
	// chooses their values. "" and nil: a suite's own, or else random ones.
	OperationID string
	Seed        *uint64
	// Time is when seeded requests happen: see fixtures.PayloadOptions.
	Time time.Time
	// Together is shared by players of several versions towards the target. Nil:
	// there is no other player.
	Together *Together
}

// NewPlayer returns a player towards the receiver at url, as webhooks.yml has
// it, that sends as OpenIM does. The error says what keeps OpenIM from posting
// there.
func NewPlayer(url string, o validate.Options) (*Player, error) {
	target, err := simulator.NewTarget(url, simulator.Path)
	if err != nil {
		return nil, err
	}
	sender, err := simulator.NewSender(simulator.SenderOptions{})
	return &Player{Sender: sender, Target: target, Judging: &Judging{Options: o}}, err
}

// Close closes the idle connections.
func (p *Player) Close() { p.Sender.Close() }

// Payload makes the request of a callback, which may be changed before it is
// sent. The error names the callbacks nearest to the name.
func (p *Player) Payload(callback string) (*fixtures.Payload, error) {
	c, err := fixtures.Lookup(callback)
	if err != nil {
		return nil, err
	}
	return c.Payload(p.options())
}

func (p *Player) options() fixtures.PayloadOptions {
	return fixtures.PayloadOptions{Server: p.Judging.Server().Release, OperationID: p.OperationID, Seed: p.Seed, Time: p.Time}
}

// Send sends a request and judges the reply.
func (p *Player) Send(ctx context.Context, payload *fixtures.Payload) validate.Result {
	c := payload.Callback
	r := p.Judging.Judge(c, p.Sender.Send(ctx, p.Target.URL(payload), payload, p.Judging.Timeout(c)))
	if payload.Case != "" {
		r.Case = c.Key + " " + payload.Case
	}
	return r
}

// exchange sends a payload, changed by change if there is one.
func (p *Player) exchange(ctx context.Context, payload *fixtures.Payload, change func(*validate.Request)) validate.Exchange {
	request := p.Sender.Request(p.Target.URL(payload), payload)
	if change != nil {
		change(&request)
	}
	return p.Sender.Do(ctx, validate.Exchange{
		Callback: payload.Callback.Key, Command: payload.Command, Request: request, Timeout: p.Judging.Timeout(payload.Callback),
	})
}
