package inspector

import (
	"slices"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
)

// Counts are numbers of requests.
type Counts struct {
	// Total counts all, Unknown those of no known callback.
	Total, Unknown int
	// ByCallback counts by key what simulator.Arrival.Counts; callbacks that
	// never came are not in it.
	ByCallback map[string]int
}

// unknown is how filters and metrics call requests of no known callback.
const unknown = "unknown"

// outcomes are the values of the metrics' label; the last is a request that
// could not be judged.
var outcomes = append(validate.Outcomes(), "none")

// severities of findings in metrics, the worst first.
var severities = []validate.Severity{validate.Error, validate.Warning, validate.Note}

// latencies are the upper bounds of the histogram: OpenIM's own limits of 5
// and 15 s are among them.
var latencies = [...]time.Duration{
	500 * time.Microsecond, time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond,
	50 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2500 * time.Millisecond,
	5 * time.Second, 10 * time.Second, 15 * time.Second,
}

// tally counts the requests of one callback.
type tally struct {
	phase fixtures.Phase
	// ever is since the start, current since the last reset and without what
	// was forgotten; both without what does not count for the callback.
	ever, current int
	byOutcome     map[validate.Outcome]int
}

// counts count what arrived. But for the current numbers they only ever grow,
// as metrics must. It is not safe for concurrent use.
type counts struct {
	tallies  map[string]*tally // of every known key, and of unknown
	others   tally             // what does not count for its callback
	differs  map[validate.Severity]int
	findings map[validate.Severity]int
	buckets  [len(latencies) + 1]int
	elapsed  time.Duration
}

func newCounts() counts {
	newTally := func(phase fixtures.Phase) *tally {
		return &tally{phase: phase, byOutcome: make(map[validate.Outcome]int)}
	}
	c := counts{
		tallies: map[string]*tally{unknown: newTally("")},
		differs: make(map[validate.Severity]int), findings: make(map[validate.Severity]int),
	}
	for _, callback := range fixtures.All() {
		c.tallies[callback.Key] = newTally(callback.Phase)
	}
	return c
}

// of returns the tally of the callback, for metrics. The catalog bounds how
// many there are.
func (c *counts) of(a *simulator.Arrival) *tally {
	if t := c.tallies[keyOf(a)]; t != nil {
		return t
	}
	return c.tallies[unknown]
}

func (c *counts) counting(a *simulator.Arrival) *tally {
	if a.Counts() {
		return c.of(a)
	}
	return &c.others
}

func (c *counts) add(a *simulator.Arrival) {
	t := c.counting(a)
	t.ever++
	t.current++
	outcome := a.Verdict.Outcome
	if !slices.Contains(outcomes, outcome) {
		outcome = "none"
	}
	c.of(a).byOutcome[outcome]++
	countFindings(c.differs, a.Differs)
	countFindings(c.findings, a.Verdict.Findings)
	bucket, _ := slices.BinarySearch(latencies[:], a.Reply.Elapsed)
	c.buckets[bucket]++
	c.elapsed += max(a.Reply.Elapsed, 0)
}

func countFindings(into map[validate.Severity]int, findings []validate.Finding) {
	for n := range findings {
		into[findings[n].Severity]++
	}
}

// forget takes one arrival back from the current numbers.
func (c *counts) forget(a *simulator.Arrival) {
	if t := c.counting(a); t.current > 0 {
		t.current--
	}
}

func (c *counts) reset() {
	c.others.current = 0
	for _, t := range c.tallies {
		t.current = 0
	}
}

func (t *tally) sinceStart() int { return t.ever }

// all are the counts, since the start or otherwise.
func (c *counts) all(since func(*tally) int) Counts {
	all := Counts{Total: since(&c.others), Unknown: since(c.tallies[unknown]), ByCallback: make(map[string]int)}
	for key, t := range c.tallies {
		n := since(t)
		all.Total += n
		if n > 0 && key != unknown {
			all.ByCallback[key] = n
		}
	}
	return all
}

// matching is how many arrived of a callback and phase; empty means any.
func (c *counts) matching(key string, phase fixtures.Phase) int {
	n := 0
	if key == "" && phase == "" {
		n = c.others.current
	}
	for name, t := range c.tallies {
		if (key == "" || key == name) && (phase == "" || phase == t.phase) {
			n += t.current
		}
	}
	return n
}
