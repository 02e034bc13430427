package inspector

import (
	"time"

	"github.com/imcb-dev/imcb/fixtures"
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

// outcomes are the values of the metrics' label; "none" is a request that
// could not be judged.
var outcomes = [...]validate.Outcome{validate.Proceed, validate.Refuse, validate.Fail, validate.Crash, validate.Nothing, "none"}

// severities of findings in metrics.
var severities = [...]validate.Severity{validate.Error, validate.Warning, validate.Note}

// latencies are the upper bounds of the histogram: OpenIM's own limits of 5
// and 15 s are among them.
var latencies = [...]time.Duration{
	500 * time.Microsecond, time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond,
	50 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2500 * time.Millisecond,
	5 * time.Second, 10 * time.Second, 15 * time.Second,
}

// tally counts the requests of one callback.
type tally struct {
	// ever is since the start, current since the last reset and without what
	// was forgotten; both without what does not count for the callback.
	ever, current int
	phase         fixtures.Phase
	byOutcome     [len(outcomes)]uint64
}

// counts count what arrived. But for the current numbers they only ever grow,
// as metrics must. It is not safe for concurrent use.
type counts struct {
	tallies  map[string]*tally // of every known key, and of unknown
	others   tally             // what does not count for its callback
	differs  [len(severities)]uint64
	findings [len(severities)]uint64
	buckets  [len(latencies) + 1]uint64
	elapsed  time.Duration
}

func newCounts() counts {
	c := counts{tallies: map[string]*tally{unknown: {}}}
	for _, key := range fixtures.Keys() {
		c.tallies[key] = &tally{}
	}
	return c
}

// of returns the tally of the entry's callback, for metrics. The catalog bounds
// how many there are.
func (c *counts) of(e *entry) *tally {
	if e.arrival.Callback != nil {
		if t := c.tallies[e.arrival.Callback.Key]; t != nil {
			return t
		}
	}
	return c.tallies[unknown]
}

// counting returns the tally that counts the entry.
func (c *counts) counting(e *entry) *tally {
	if e.arrival.Counts() {
		return c.of(e)
	}
	return &c.others
}

func (c *counts) add(e *entry) {
	counting := c.counting(e)
	counting.ever++
	counting.current++
	t := c.of(e)
	if t != c.tallies[unknown] {
		t.phase = e.arrival.Callback.Phase
	}
	t.byOutcome[outcomeIndex(e.arrival.Verdict.Outcome)]++
	countFindings(&c.differs, e.arrival.Differs)
	countFindings(&c.findings, e.arrival.Verdict.Findings)
	elapsed, bucket := e.arrival.Reply.Elapsed, 0
	for bucket < len(latencies) && elapsed > latencies[bucket] {
		bucket++
	}
	c.buckets[bucket]++
	c.elapsed += max(elapsed, 0)
}

func outcomeIndex(o validate.Outcome) int {
	for i, name := range outcomes {
		if o == name {
			return i
		}
	}
	return len(outcomes) - 1
}

func countFindings(into *[len(severities)]uint64, findings []validate.Finding) {
	for n := range findings {
		for i, s := range severities {
			if findings[n].Severity == s {
				into[i]++
			}
		}
	}
}

// forget takes one entry back from the current numbers.
func (c *counts) forget(e *entry) {
	if t := c.counting(e); t.current > 0 {
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
func (t *tally) sinceReset() int { return t.current }

// all are the counts since the start or the last reset.
func (c *counts) all(since func(*tally) int) Counts {
	all := Counts{Total: since(&c.others), ByCallback: make(map[string]int)}
	for key, t := range c.tallies {
		n := since(t)
		all.Total += n
		switch {
		case key == unknown:
			all.Unknown = n
		case n > 0:
			all.ByCallback[key] = n
		}
	}
	return all
}

// matching is how many arrived of a callback and phase; empty means any.
func (c *counts) matching(key string, phase fixtures.Phase) int {
	if key == "" && phase == "" {
		return c.all((*tally).sinceReset).Total
	}
	n := 0
	for name, t := range c.tallies {
		if (key == "" || key == name) && (phase == "" || phase == t.phase) {
			n += t.current
		}
	}
	return n
}
