package run

import (
	"slices"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/spf13/cobra"
)

// JudgeFlags say how strictly results are judged.
type JudgeFlags struct {
	FailOn     validate.Severity // Off: nothing fails
	Severities validate.Overrides
	ErrCodes   validate.Range
	Contract   validate.Contract
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

// AddContract adds --contract.
func AddContract(c *cobra.Command, contract *validate.Contract) {
	const usage = "what replies are held against: `which` is documents (the callback pages alone), server (what OpenIM does) or both"
	shell.AddChoice(c, contract, "contract", validate.Both, usage, validate.Contracts()...)
}

// AddRule adds --rule. Rules that the command never uses may be named:
// imcb.yaml serves all commands.
func AddRule(c *cobra.Command, severities *validate.Overrides) {
	var given []string
	c.Flags().Func("rule", "change a rule's severity: `name=severity`, of error, warning, note, off (repeatable)", func(text string) (err error) {
		given = append(given, text)
		if *severities, err = AllRules().Overrides(given); err != nil {
			return shell.Usagef("--rule: %w", UnknownRule(err))
		}
		return nil
	})
	shell.CommaList(c, "rule")
	shell.Complete(c, shell.ValueFollows, func([]string, string) []string { return RuleWords("=\t") }, "rule")
}

// addFailOn adds --fail-on; never is Off.
func addFailOn(c *cobra.Command, limit *validate.Severity) {
	allowed := []string{string(validate.Error), string(validate.Warning), "never"}
	*limit = validate.Error
	c.Flags().Var(shell.TextFlag(string(validate.Error), func(text string) error {
		*limit = validate.Severity(text)
		switch {
		case text == "never":
			*limit = validate.Off
		case *limit != validate.Note && !slices.Contains(allowed, text):
			return shell.NotOneOf("fail-on", text, words.List(allowed, "or"))
		}
		return nil
	}), "fail-on", "exit with 1 from this `severity` on: error, warning or never")
	shell.CompleteWords(c, "fail-on", allowed...)
}
