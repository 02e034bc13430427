package cmd

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
)

// expectation is how often a callback is to arrive.
type expectation struct {
	key     string
	n       int
	atLeast bool
}

// parseExpectations reads "beforeAddFriend", "beforeAddFriend=2" and
// "beforeAddFriend=2+", several with commas between them.
func parseExpectations(given []string) ([]expectation, error) {
	var all []expectation
	for _, text := range given {
		for _, one := range strings.Split(text, ",") {
			e, err := parseExpectation(strings.TrimSpace(one))
			if err != nil {
				return nil, err
			}
			all = append(all, e)
		}
	}
	return all, nil
}

func parseExpectation(text string) (expectation, error) {
	name, number, counted := strings.Cut(text, "=")
	c, err := fixtures.Lookup(name)
	if err != nil {
		return expectation{}, usagef("--expect: %w", err)
	}
	if !counted {
		return expectation{c.Key, 1, true}, nil
	}
	number, atLeast := strings.CutSuffix(number, "+")
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 {
		return expectation{}, usagef("--expect %q: after = comes a number, as in %s=2 (exactly) or %s=2+ (at least)", text, c.Key, c.Key)
	}
	return expectation{c.Key, n, atLeast}, nil
}

func (e expectation) met(got int) bool {
	return got == e.n || e.atLeast && got > e.n
}

func (e expectation) String() string {
	if e.atLeast {
		return fmt.Sprintf("at least %d", e.n)
	}
	return fmt.Sprintf("exactly %d", e.n)
}

// tally counts what OpenIM sent. Clearing the page does not change it.
type tally struct {
	mu             sync.Mutex
	total, unknown int
	byKey          map[string]int
	grew           chan struct{} // has room for one
}

func newTally() *tally { return &tally{byKey: make(map[string]int), grew: make(chan struct{}, 1)} }

// add counts a request; for its callback only if OpenIM may have sent it so,
// and once also when a redirect brings it back.
func (t *tally) add(a *simulator.Arrival) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.total++
	switch {
	case a.Callback == nil:
		t.unknown++
	case a.Request.Method == http.MethodPost && !a.Redirected && a.Reply.Status != http.StatusRequestEntityTooLarge:
		t.byKey[a.Callback.Key]++
	}
	select {
	case t.grew <- struct{}{}:
	default:
	}
}

func (t *tally) of(key string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.byKey[key]
}

// wait returns when all expectations are met, or ctx is done.
func (t *tally) wait(ctx context.Context, all []expectation) {
	unmet := func(e expectation) bool { return !e.met(t.of(e.key)) }
	for slices.ContainsFunc(all, unmet) {
		select {
		case <-ctx.Done():
			return
		case <-t.grew:
		}
	}
}

// expected is an expectation as a line of --log-format json.
type expected struct {
	Event    string `json:"event"`
	Callback string `json:"callback"`
	Met      bool   `json:"met"`
	Arrived  int    `json:"arrived"`
	Expected string `json:"expected"`
}

// reportExpectations prints a line for each expectation. The error is exit
// code 1 when one was missed.
func (s *serving) reportExpectations() error {
	code := exitOK
	for _, e := range s.expected {
		mark, got := "✓", s.tally.of(e.key)
		met := e.met(got)
		if !met {
			mark, code = "✗", exitBroken
		}
		if s.logFormat == "json" {
			_ = writeLine(s.app.Out, expected{"expect", e.key, met, got, e.String()})
			continue
		}
		fmt.Fprintf(s.app.Out, "%s %-30s %d arrived, expected %s\n", mark, e.key, got, e)
	}
	return silent(code)
}
