package run

import (
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/validate"
	"github.com/spf13/cobra"
)

// JudgeFlags say how strictly results are judged.
type JudgeFlags struct {
	FailOn     validate.Severity // Off: nothing fails
	Severities validate.Overrides
	ErrCodes   validate.Range
}

// Add adds --fail-on and --rule.
func (f *JudgeFlags) Add(c *cobra.Command) {
	addFailOn(c, &f.FailOn)
	AddRule(c, &f.Severities)
}

func (f *JudgeFlags) addErrCodes(c *cobra.Command) {
	c.Flags().Func("errcode-range", "the `range` for a refusal's errCode, for example 5000-9999", shell.Optional(func(text string) error {
		var ok bool
		if f.ErrCodes, ok = validate.ParseRange(text); !ok || f.ErrCodes.Low < 1 {
			return shell.Usagef("--errcode-range: %q is not a range like 5000-9999", text)
		}
		return nil
	}))
}
