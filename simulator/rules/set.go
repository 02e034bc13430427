package rules

import (
	"math/rand/v2"
	"sync"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// set is the rules of one text and of the command line, in their order.
type set struct {
	source, text string
	// options have the text's timeout and seed where they had none.
	options Options
	rules   []*rule
	// byCallback are the rules that can match a request for a callback; those
	// of nil can match one for an unknown callback.
	byCallback map[*fixtures.Callback][]*rule
}

// rule is one rule with its state.
type rule struct {
	yamlfile.Place
	name  string
	match match
	// answers has more than one member in a sequence, and none when the rule
	// only delays.
	answers []*answer
	// sequence is set when the answers come from one, repeat when it starts
	// again at its end.
	sequence, repeat bool
	delay            delayRange
	// times is how many requests it answers at most; 0: any number.
	times       uint64
	probability float64
	// shadows are the rules because of which it never gets its turn.
	shadows []string

	mu       sync.Mutex
	answered uint64
	random   *rand.Rand
}

func newSet(source string, text []byte, o Options, rules []*rule) *set {
	if o.Seed == nil {
		seed := rand.Uint64()
		o.Seed = &seed
	}
	s := &set{source: source, text: string(text), options: o, rules: rules, byCallback: make(map[*fixtures.Callback][]*rule)}
	for _, r := range rules {
		for _, c := range r.match.reach() {
			s.byCallback[c] = append(s.byCallback[c], r)
		}
	}
	// Options are meant to override the text: what they shadow is no mistake.
	unreached(rules, func(r *rule, before []*rule) {
		for _, b := range before {
			if r.match.overlaps(&b.match) {
				r.shadows = append(r.shadows, words.Printable(b.name))
			}
		}
	})
	s.reset()
	return s
}

// reset starts the rules' times, sequences, counts and random numbers anew.
func (s *set) reset() {
	for i, r := range s.rules {
		r.mu.Lock()
		r.answered = 0
		r.random = rand.New(rand.NewPCG(*s.options.Seed, uint64(i)))
		r.mu.Unlock()
	}
}

// unreached visits the rules that never get their turn, each with those before
// it that answer every request for their callbacks.
func unreached(rules []*rule, visit func(r *rule, before []*rule)) {
	taken := make(map[*fixtures.Callback]bool)
	var before []*rule
	for _, r := range rules {
		switch {
		case r.match.within(taken):
			visit(r, before)
		case r.always():
			before = append(before, r)
			for _, c := range r.match.reach() {
				taken[c] = true
			}
		}
	}
}

// always reports whether the rule answers every request for its callbacks.
func (r *rule) always() bool {
	return len(r.answers) > 0 && r.times == 0 && r.probability == 1 && !r.match.conditional()
}

// count is how many requests the rule answered, or delayed.
func (r *rule) count() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.answered
}
