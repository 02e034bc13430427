package serve

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator/inspector"
	"github.com/imcb-dev/imcb/simulator/mock"
)

// addExpectations reads "beforeAddFriend", "beforeAddFriend=2" and
// "beforeAddFriend=2+", several with commas between them.
func (o *options) addExpectations(text string) error {
	for _, one := range strings.Split(text, ",") {
		e, err := parseExpectation(strings.TrimSpace(one))
		if err != nil {
			return err
		}
		o.expected = append(o.expected, e)
	}
	return nil
}

func parseExpectation(text string) (mock.Expectation, error) {
	name, number, counted := strings.Cut(text, "=")
	c, err := fixtures.Lookup(name)
	if err != nil {
		return mock.Expectation{}, shell.Usagef("--expect: %w", err)
	}
	if !counted {
		return mock.Expectation{Callback: c.Key, Want: inspector.Want{N: 1}}, nil
	}
	number, atLeast := strings.CutSuffix(number, "+")
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 {
		return mock.Expectation{}, shell.Usagef("--expect %q: after = comes a number, as in %s=2 (exactly) or %s=2+ (at least)", text, c.Key, c.Key)
	}
	return mock.Expectation{Callback: c.Key, Want: inspector.Want{N: n, Exactly: !atLeast}}, nil
}

// reportExpectations prints a line for each expectation. The error is exit
// code 1 when one was missed.
func (s *serving) reportExpectations() error {
	code, came := shell.ExitOK, s.mock.Arrived().ByCallback
	for _, e := range s.expected {
		mark, got := "✓", came[e.Callback]
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
			}{"expect", e.Callback, e.Met(got), got, e.Text().String()})
			continue
		}
		fmt.Fprintf(s.app.Out, "%s %-30s %d arrived, expected %s\n", mark, e.Callback, got, e.Text())
	}
	return shell.Silent(code)
}
