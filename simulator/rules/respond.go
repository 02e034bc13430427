package rules

import (
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
)

// Respond is a simulator.Responder: the first rule that matches and has an
// answer makes it; rules without one add their delay.
func (s *Set) Respond(a *simulator.Arrival) (simulator.Answer, bool) {
	request := &subject{Arrival: a}
	var waits time.Duration
	for _, r := range s.candidates(a.Callback) {
		if !r.match.meets(request) {
			continue
		}
		t, ok := r.take()
		if !ok {
			continue
		}
		waits += t.delay
		if t.answer != nil {
			made := t.answer.make(&moment{request, t.count}, s.server, s.timeout)
			made.Rule, made.Delay = r.name, made.Delay+waits
			return made, true
		}
	}
	return simulator.Answer{Delay: waits}, false
}

// candidates are the rules that can match a request for a callback; nil: for
// an unknown one.
func (s *Set) candidates(c *fixtures.Callback) []*rule {
	if c == nil {
		return s.other
	}
	return s.byKey[c.Key]
}

// turn is what a rule does about one request.
type turn struct {
	answer *answer
	delay  time.Duration
	count  uint64
}

// take is the rule's decision about a request that matches.
func (r *rule) take() (turn, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.usedUp() || r.probability < 1 && r.random.Float64() >= r.probability {
		return turn{}, false
	}
	r.answered++
	t := turn{answer: r.next(), count: r.answered, delay: r.delay.draw(r.random)}
	if t.answer != nil {
		t.delay += t.answer.delay.draw(r.random)
	}
	return t, true
}

func (r *rule) usedUp() bool { return r.times > 0 && r.answered >= r.times }

// next is the answer whose turn it is.
func (r *rule) next() *answer {
	n := uint64(len(r.answers))
	switch {
	case n == 0:
		return nil
	case r.repeat:
		return r.answers[(r.answered-1)%n]
	default:
		return r.answers[min(r.answered, n)-1]
	}
}
