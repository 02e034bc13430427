package suite

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
)

//go:embed scenarios.yaml
var scenariosFile []byte

// scenarios are all of them, a case each.
var scenarios = sync.OnceValue(func() *Suite {
	s, err := Parse("scenarios.yaml", scenariosFile, nil, nil)
	if err != nil {
		panic(err) // embedded
	}
	return s
})

// Scenario is a case that comes with imcb: the callbacks of one operation as
// running servers send them.
type Scenario struct {
	Name    string `json:"name"`
	Summary string `json:"summary"`
}

// scenario is what a case of the file is called: "name: summary".
func (c *Case) scenario() Scenario {
	name, summary, _ := strings.Cut(c.Name, ": ")
	return Scenario{name, summary}
}

// Scenarios returns the built-in scenarios: users, friends, groups, messages.
func Scenarios() []Scenario {
	cases := scenarios().Cases
	all := make([]Scenario, len(cases))
	for i, c := range cases {
		all[i] = c.scenario()
	}
	return all
}

// LoadScenario returns a built-in scenario as a suite of one case. The error
// names the nearest ones.
func LoadScenario(name string) (*Suite, error) {
	c, err := words.Find("scenario", name, scenarios().Cases, func(c *Case) string { return c.scenario().Name })
	if err != nil {
		return nil, err
	}
	one := *scenarios()
	one.Cases = []*Case{c}
	return &one, nil
}

// Neighbors are the callbacks of one operation by when a server sends them,
// compared with one of them.
type Neighbors struct {
	Scenario string `json:"scenario"`
	// Before come always before it, After after it; Beside come at the same
	// time. None is in two lists: what comes again counts where it is first.
	Before []string `json:"before"`
	Beside []string `json:"beside"`
	After  []string `json:"after"`
}

// NeighborsOf returns the neighbors that the callback has in each scenario in
// which the release sends it.
func NeighborsOf(callback *fixtures.Callback, v fixtures.Release) []Neighbors {
	all := []Neighbors{}
	for _, c := range scenarios().Cases {
		if steps := c.sent(v); slices.ContainsFunc(steps, sends(callback)) {
			all = append(all, neighbors(c.scenario().Name, callback, steps))
		}
	}
	return all
}

func sends(callback *fixtures.Callback) func(*Step) bool {
	return func(s *Step) bool { return s.Callback.Key == callback.Key }
}

func neighbors(scenario string, callback *fixtures.Callback, steps []*Step) Neighbors {
	n := Neighbors{Scenario: scenario, Before: []string{}, Beside: []string{}, After: []string{}}
	seen := map[string]bool{callback.Key: true}
	add := func(list *[]string, is func(s *Step) bool) {
		for _, s := range steps {
			if !seen[s.Callback.Key] && is(s) {
				seen[s.Callback.Key] = true
				*list = append(*list, s.Callback.Key)
			}
		}
	}
	own := slices.DeleteFunc(slices.Clone(steps), func(s *Step) bool { return !sends(callback)(s) })
	add(&n.Before, func(s *Step) bool { return slices.ContainsFunc(own, func(o *Step) bool { return o.follows(s) }) })
	add(&n.Beside, func(s *Step) bool { return slices.ContainsFunc(own, func(o *Step) bool { return !s.follows(o) }) })
	add(&n.After, func(*Step) bool { return true })
	return n
}
