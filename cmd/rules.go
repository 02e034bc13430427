package cmd

import (
	"fmt"
	"strings"

	"github.com/imcb-dev/imcb/cmd/run"
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/spf13/cobra"
)

// rulesOptions are the arguments of `imcb rules`.
type rulesOptions struct {
	app   *shell.App
	names []string
	json  bool
}

func newRules(a *shell.App) *cobra.Command {
	o := &rulesOptions{app: a}
	c := &cobra.Command{
		Use:   "rules [RULE]",
		Short: "List the rules, or explain one",
		Example: `  imcb rules
  imcb rules refusal-ineffective`,
		RunE: func(_ *cobra.Command, args []string) error {
			o.names = args
			return o.run()
		},
	}
	c.Flags().BoolVar(&o.json, "json", false, "write JSON")
	shell.Complete(c, shell.SpaceFollows, func([]string, string) []string { return run.RuleWords("\t") })
	return c
}

func (o *rulesOptions) run() error {
	switch len(o.names) {
	case 0:
		return writeRules(o.app, run.AllRules().Rules(), o.json)
	case 1:
	default:
		return shell.Usagef("rules explains one rule at a time")
	}
	rule, err := run.AllRules().Lookup(o.names[0])
	switch {
	case err != nil:
		return run.UnknownRule(err)
	case o.json:
		return o.app.PrintJSON([]*validate.Rule{rule})
	default:
		return o.app.Print(explanation(rule))
	}
}

func writeRules(a *shell.App, rules []*validate.Rule, asJSON bool) error {
	if asJSON {
		return a.PrintJSON(rules)
	}
	return a.Print(ruleList(rules))
}

// ruleGroups head the list of rules.
var ruleGroups = map[validate.About]string{
	validate.AboutReply: "Replies", validate.AboutRequest: "Requests, as they reach imcb serve or stand in a journal",
	validate.AboutTarget: "A receiver, under imcb validate (probe-…: with --probe)", validate.AboutFile: "An OpenIM's webhooks.yml and deployment, for imcb lint",
}

func ruleList(rules []*validate.Rule) string {
	var b strings.Builder
	for i, r := range rules {
		if i == 0 || r.About != rules[i-1].About {
			fmt.Fprintf(&b, "%s:\n", ruleGroups[r.About])
		}
		fmt.Fprintf(&b, "  %-29s %-8s %-10s %s\n", r.ID, r.Severity, r.Contract, r.Title)
		if i == len(rules)-1 || r.About != rules[i+1].About {
			b.WriteByte('\n')
		}
	}
	fmt.Fprintf(&b, "%s, each with its severity and the --contract that it rests on; `imcb rules RULE` explains one\n", words.Count(len(rules), "rule"))
	return b.String()
}

// restsOn says what the findings of a rule rest on; single ones may differ.
var restsOn = map[validate.Contract]string{
	validate.Documents: "the documents", validate.Running: "what servers do", validate.Both: "the documents and what servers do",
}

func explanation(r *validate.Rule) string {
	text := fmt.Sprintf("%s (%s): %s\n\n", r.ID, r.Severity, r.Title)
	if r.Why != "" {
		text += wrap(r.Why, 80) + "\n\n"
	}
	if bad := r.Bad.String(); bad != "" {
		text += fmt.Sprintf("bad     %s\ngood    %s\n\n", bad, r.Good)
	}
	text += fmt.Sprintf("source  %s\n", r.Source)
	if r.For != "" {
		text += "for     " + r.For + "\n"
	}
	if r.Contract != "" {
		text += "rests   on " + restsOn[r.Contract] + "\n"
	}
	if r.Strict != "" {
		text += fmt.Sprintf("        --contract documents makes it an %s\n", r.Strict)
	}
	return text + fmt.Sprintf("change  --rule %s=off, or =note, =warning, =error\n", r.ID)
}

func wrap(text string, width int) string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len([]rune(line))+1+len([]rune(word)) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return strings.Join(append(lines, line), "\n")
}
