package suite_test

import (
	"os"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/suite"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// FuzzParse reads any file; one that is a suite is planned, built and checked.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"good", "bad/structure", "bad/meaning"} {
		entries, err := os.ReadDir("testdata/" + pattern)
		require.NoError(f, err)
		for _, e := range entries {
			text, err := os.ReadFile("testdata/" + pattern + "/" + e.Name())
			require.NoError(f, err)
			f.Add(text, `{"nextCode":1}`)
		}
	}
	f.Add(suite.Example(), "")
	text, err := os.ReadFile("scenarios.yaml")
	require.NoError(f, err)
	f.Add(text, `{"groupID":null}`)
	f.Fuzz(func(t *testing.T, text []byte, reply string) {
		s, err := suite.Parse("fuzz", text, environment, nil)
		if err != nil {
			assert.NotContains(t, err.Error(), "\x1b")
			return
		}
		_ = s.Verify(fixtures.PayloadOptions{Server: fixtures.Main})
		runs := 0
		for run := range s.Plan(suite.Filter{}) {
			if runs++; runs > 20 {
				break
			}
			playBlind(run, reply)
		}
	})
}

// playBlind sends nothing and takes the same reply for each step.
func playBlind(run suite.Run, reply string) {
	captured := run.Captures()
	for _, step := range run.Steps[:min(20, len(run.Steps))] {
		result := run.Result(step, validate.On(fixtures.Main))
		result.Exchange.Reply = validate.Reply{Status: 200, Body: []byte(reply)}
		if p, _, err := step.Payload(fixtures.PayloadOptions{Server: fixtures.Main}, captured); err != nil {
			step.Unsent(err)
		} else {
			result.Exchange.Request.Body = p.Body
		}
		captured.Record(result.Exchange, result.Verdict)
		step.Check(result, captured, nil)
	}
}

// What any file takes is bounded by its length: 20 allocations a byte.
func TestNoFileTakesMuch(t *testing.T) {
	units := []string{
		"&a ", "&a\n", "!a ", "? ", "-\n", "- ", "a: ", "a:\n", "[", "{", "[]", "{a: ", "*a\n", "|\n", "'", `"`, "#\n", "---\n",
		"a: 1\n", "- a\n", "<<: ", "]", ",", "? - ", "!a &a ", `\`, "a: |\n b\n", "a: &x\n", "a: b\n c\n", "\r", "é", "${a}",
	}
	for _, unit := range units {
		allocations := testing.AllocsPerRun(1, func() {
			_, err := suite.Parse("long", []byte(strings.Repeat(unit, (16<<10)/len(unit))), nil, nil)
			require.Error(t, err)
		})
		assert.Less(t, allocations, 20.0*(16<<10), "%q", unit)
	}
}
