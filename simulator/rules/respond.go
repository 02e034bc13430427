package rules

import (
	"time"

	"github.com/imcb-dev/imcb/simulator"
)

// Respond is a simulator.Responder: the first rule that matches and has an
// answer makes it; rules without one add their delay.
func (b *Book) Respond(a *simulator.Arrival) (simulator.Answer, bool) {
	s := b.current.Load()
	candidates := s.byCallback[a.Callback]
	if len(candidates) == 0 {
		return simulator.Answer{}, false
	}
	req := &request{arrival: a}
	var waits time.Duration
	for _, r := range candidates {
		if !r.match.meets(req) {
			continue
		}
		t, ok := r.take(req)
		if !ok {
			continue
		}
		waits += t.delay
		if t.answer != nil {
			made := t.answer.reply(&t, &s.options)
			made.Rule, made.Delay = r.name, made.Delay+waits
			return made, true
		}
	}
	return simulator.Answer{Delay: waits}, false
}

// turn is what a rule does about one request.
type turn struct {
	request *request
	answer  *answer // nil: the rule only delays
	delay   time.Duration
	// count is how often the rule answered, this time included.
	count uint64
}

// take is the rule's decision about a request that matches.
func (r *rule) take(req *request) (turn, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.usedUp(r.answered) || r.probability < 1 && r.random.Float64() >= r.probability {
		return turn{}, false
	}
	r.answered++
	t := turn{request: req, answer: r.next(), count: r.answered, delay: r.delay.draw(r.random)}
	if t.answer != nil {
		t.delay += t.answer.delay.draw(r.random)
	}
	return t, true
}

// usedUp reports whether a rule that answered so often answers no more.
func (r *rule) usedUp(answered uint64) bool { return r.times > 0 && answered >= r.times }

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
