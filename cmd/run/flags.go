package run

import (
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/spf13/cobra"
)

// AddServer adds --server.
func AddServer(c *cobra.Command, server *validate.Server) {
	*server = validate.On(fixtures.DefaultRelease)
	usage := "the OpenIM `version`: " + strings.Join(fixtures.ReleaseNames(), ", ")
	c.Flags().Var(shell.TextFlag(fixtures.DefaultRelease.String(), ReadServer("server", server)), "server", usage)
	shell.CompleteWords(c, "server", fixtures.ReleaseNames()...)
}

// ReadServer reads the name of an OpenIM version.
func ReadServer(flag string, into *validate.Server) func(text string) error {
	return func(text string) (err error) {
		if *into, err = validate.ParseServer(text); err != nil {
			return shell.Usagef("--%s: %w", flag, err)
		}
		return nil
	}
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

// Flags are the flags that send and validate share.
type Flags struct {
	App     *shell.App
	Names   []string
	Target  TargetFlags
	Payload PayloadFlags
	Judging JudgeFlags
	Output  OutputFlags
	All     bool
	From    string
}

// Add adds the flags; all and from say what --all and --from do in the command.
func (f *Flags) Add(c *cobra.Command, all, from string) {
	f.Target.add(c)
	f.Payload.addFlags(c)
	f.Judging.Add(c)
	f.Judging.addErrCodes(c)
	f.Output.add(c)
	c.Flags().BoolVar(&f.All, "all", false, all)
	c.Flags().StringVar(&f.From, "from", "", from)
	shell.Exclusive(c, "from", MadeOnly...)
	shell.Complete(c, shell.SpaceFollows, CallbackWords)
}
