package rules

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// Set is the rules of a file and of the command line, in their order. It may
// be used by several goroutines at once.
type Set struct {
	server fixtures.Release
	// given is the timeout as it was given, timeout how long OpenIM waits.
	given   time.Duration
	timeout time.Duration
	seed    uint64
	rules   []*rule
	// byKey are the rules that can match a callback; other those that can match
	// a request for none that is known.
	byKey map[string][]*rule
	other []*rule
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
	// declared: the rule's answer is wrong on purpose.
	declared bool
	// times is how many requests it answers at most; 0: any number.
	times uint64
	// probability is that it answers; 1: always.
	probability float64
	// index is the rule's place in the set.
	index int
	// flag holds the options that made it; nil for a rule of the file.
	flag map[string]bool
	// shadows are the rules because of which it never gets its turn.
	shadows []string

	mu       sync.Mutex
	answered uint64
	random   *rand.Rand
}

// index sorts the rules by the callbacks that they can match.
func (s *Set) index() {
	s.byKey = make(map[string][]*rule)
	for i, r := range s.rules {
		r.index = i
		if r.match.any() {
			s.other = append(s.other, r)
		}
		for _, key := range fixtures.Keys() {
			if r.match.keys == nil || r.match.keys[key] {
				s.byKey[key] = append(s.byKey[key], r)
			}
		}
	}
	s.shadow()
	s.Reset()
}

// shadow finds the rules of the file that never get their turn, because of
// options: those are meant to override it, so that it is no mistake.
func (s *Set) shadow() {
	taken := make(map[string]bool)
	for i, r := range s.rules {
		if r.match.within(taken) {
			r.shadows = s.before(i)
			continue
		}
		if !r.always() {
			continue
		}
		for _, key := range r.match.withUnknown() {
			taken[key] = true
		}
	}
}

// before names the rules that always answer before one of the set does.
func (s *Set) before(index int) []string {
	var names []string
	for _, r := range s.rules[:index] {
		if r.shadows == nil && r.always() && r.match.overlaps(&s.rules[index].match) {
			names = append(names, words.Printable(r.name))
		}
	}
	return names
}

// Timeout returns OpenIM's timeout as the option has it, else the file; 0 when
// neither does.
func (s *Set) Timeout() time.Duration { return s.given }

// Len returns the number of rules.
func (s *Set) Len() int { return len(s.rules) }

// Reset starts the rules' times, sequences, counts and random numbers anew.
func (s *Set) Reset() {
	for _, r := range s.rules {
		r.mu.Lock()
		r.answered = 0
		r.random = rand.New(rand.NewPCG(s.seed, uint64(r.index)))
		r.mu.Unlock()
	}
}

// Summary describes a rule for lists.
type Summary struct {
	Name string `json:"name"`
	// Line is where the rule stands in the file; 0: it is an option's.
	Line int `json:"line"`
	// Callbacks are the keys of those that it can match; none: any request.
	Callbacks []string `json:"callbacks"`
	// Does says in words what it does, and whether options keep it from that.
	Does string `json:"does"`
	// Answered is how many requests it answered, or delayed.
	Answered uint64 `json:"answered"`
}

// Rules describes the rules in their order.
func (s *Set) Rules() []Summary {
	all := make([]Summary, len(s.rules))
	for i, r := range s.rules {
		r.mu.Lock()
		all[i] = Summary{Name: r.name, Line: r.Line, Callbacks: r.match.list(), Does: r.does(), Answered: r.answered}
		r.mu.Unlock()
	}
	return all
}
