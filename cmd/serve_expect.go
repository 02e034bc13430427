package cmd

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator/inspector"
)

// expectation is how often a callback is to arrive.
type expectation struct {
	key string
	inspector.Want
}

// addExpectations reads "beforeAddFriend", "beforeAddFriend=2" and
// "beforeAddFriend=2+", several with commas between them.
func (o *serveOptions) addExpectations(text string) error {
	for _, one := range strings.Split(text, ",") {
		e, err := parseExpectation(strings.TrimSpace(one))
		if err != nil {
			return err
		}
		o.expected = append(o.expected, e)
	}
	return nil
}

func parseExpectation(text string) (expectation, error) {
	name, number, counted := strings.Cut(text, "=")
	c, err := fixtures.Lookup(name)
	if err != nil {
		return expectation{}, shell.Usagef("--expect: %w", err)
	}
	if !counted {
		return expectation{c.Key, inspector.Want{N: 1}}, nil
	}
	number, atLeast := strings.CutSuffix(number, "+")
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 {
		return expectation{}, shell.Usagef("--expect %q: after = comes a number, as in %s=2 (exactly) or %s=2+ (at least)", text, c.Key, c.Key)
	}
	return expectation{c.Key, inspector.Want{N: n, Exactly: !atLeast}}, nil
}

// arrived is how often OpenIM fired a callback. Clearing the page does not
// change it.
func (s *serving) arrived(key string) int { return s.inspector.Arrived().ByCallback[key] }

// allMet reports whether nothing is missing.
func (s *serving) allMet() bool {
	unmet := func(e expectation) bool { return !e.Met(s.arrived(e.key)) }
	return !slices.ContainsFunc(s.expected, unmet)
}

// reportExpectations prints a line for each expectation. The error is exit
// code 1 when one was missed.
func (s *serving) reportExpectations() error {
	code := shell.ExitOK
	for _, e := range s.expected {
		mark, got := "✓", s.arrived(e.key)
		if !e.Met(got) {
			mark, code = "✗", shell.ExitBroken
		}
		if s.logFormat == "json" {
			_ = shell.WriteLine(s.app.Out, struct {
				Event    string `json:"event"`
				Callback string `json:"callback"`
				Met      bool   `json:"met"`
				Arrived  int    `json:"arrived"`
				Expected string `json:"expected"`
			}{"expect", e.key, e.Met(got), got, e.Text().String()})
			continue
		}
		fmt.Fprintf(s.app.Out, "%s %-30s %d arrived, expected %s\n", mark, e.key, got, e.Text())
	}
	return shell.Silent(code)
}
