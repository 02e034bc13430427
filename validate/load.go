package validate

import (
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
)

// UnderLoad says what becomes of a callback when many operations happen at once
// and the receiver is slow. None: the server does not send it.
func (s Server) UnderLoad(c *fixtures.Callback) []words.Text {
	s = s.OrDefault()
	if !c.SentBy(s.Release) {
		return nil
	}
	wire := s.Release.Wire()
	if c.Phase == fixtures.After && wire.Queue.Exists() {
		return queued(wire)
	}
	texts := []words.Text{say("load.waits", "most", fixtures.Connections)}
	if n := wire.Load.Starved; n > 0 {
		texts = append(texts, say("load.starved", "n", n))
	}
	if c.Group == "push" && s.behavior().pushesInTurn {
		texts = append(texts, say("load.push"))
	}
	return texts
}

// queued says what becomes of after callbacks that come from a queue.
func queued(wire fixtures.Wire) []words.Text {
	q := wire.Queue
	texts := []words.Text{say("load.queue", "workers", q.Workers, "slots", q.Slots, "wait", q.Wait)}
	if seen := wire.Load; seen.Lost > 0 {
		texts = append(texts, say("load.lost", "lost", seen.Lost, "held", seen.Held, "wait", q.Wait))
	}
	return texts
}

// slowHint says what a reply that took so long does to others.
func (p *pass) slowHint(took time.Duration) words.Text {
	if q := p.judge.opts.Server.Release.Wire().Queue; !p.before() && q.Exists() {
		return say("hint.slow-queue", "workers", q.Workers, "slots", q.Slots, "took", took)
	}
	return say("hint.slow", "most", fixtures.Connections)
}
