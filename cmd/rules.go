package cmd

import (
	"fmt"
	"strings"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator/probe"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/suite"
	"github.com/imcb-dev/imcb/validate/webhooks"
	"github.com/spf13/cobra"
)

func newRules(a *app) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "rules [RULE]",
		Short: "List the rules, or explain one",
		Example: `  imcb rules
  imcb rules refusal-ineffective`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var words []string
			for _, r := range allRules() {
				words = append(words, r.ID+"\t"+r.Title)
			}
			return words, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error { return runRules(a, args, asJSON) },
	}
	c.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return c
}

func runRules(a *app, args []string, asJSON bool) error {
	rules := allRules()
	switch len(args) {
	case 0:
	case 1:
		rule, err := lookupRule(args[0])
		if err != nil {
			return usageError(err)
		}
		rules = []ruleDoc{rule}
	default:
		return usagef("rules explains one rule at a time")
	}
	if asJSON {
		return writeJSON(a.Out, rules)
	}
	var b strings.Builder
	if len(args) == 1 {
		explainRule(&b, rules[0])
	} else {
		listRules(&b, rules)
	}
	_, err := fmt.Fprint(a.Out, b.String())
	return err
}

// ruleDoc is a rule, or a probe, as it is shown.
type ruleDoc struct {
	ID       string            `json:"rule"`
	Severity validate.Severity `json:"severity"`
	Title    string            `json:"title"`
	Why      string            `json:"why,omitempty"`
	Source   string            `json:"source"`
	Bad      string            `json:"bad,omitempty"`
	Good     string            `json:"good,omitempty"`
}

// allRules are the rules of replies, then the probes of --probe.
func allRules() []ruleDoc {
	var docs []ruleDoc
	for _, r := range validate.Rules() {
		docs = append(docs, ruleDoc{r.ID, r.Severity, r.Title, r.Why, r.Source, exampleText(r.Bad), exampleText(r.Good)})
	}
	for _, r := range validate.RequestRules() {
		docs = append(docs, ruleDoc{ID: r.ID, Severity: r.Severity, Title: r.Title, Why: r.Why, Source: r.Source})
	}
	docs = append(docs, ruleDoc{
		ID: suite.Rule, Severity: validate.Error, Title: "a suite's expectation is missed",
		Why: "What a case expects is not what came. The finding says which line of the suite wants it.", Source: "the suite",
	})
	for _, p := range probe.All() {
		docs = append(docs, ruleDoc{ID: p.Rule(), Severity: p.Severity, Title: p.Title, Why: p.Why, Source: probeSource})
	}
	return docs
}

// probeRules are the probes as rules, for reports that explain them.
func probeRules() []*validate.Rule {
	var rules []*validate.Rule
	for _, p := range probe.All() {
		rules = append(rules, &validate.Rule{ID: p.Rule(), Severity: p.Severity, Title: p.Title, Why: p.Why, Source: probeSource})
	}
	return rules
}

const probeSource = "imcb validate --probe"

// lookupRule finds a rule or probe by its name. The error names the nearest.
func lookupRule(name string) (ruleDoc, error) {
	var names []string
	for _, r := range allRules() {
		if strings.EqualFold(r.ID, name) {
			return r, nil
		}
		names = append(names, r.ID)
	}
	if rule, err := findLintRule(name); err == nil {
		return ruleDoc{}, fmt.Errorf("%s is a rule of `imcb lint`: %s\n  `imcb lint --rules` lists them", rule.ID, rule.Title)
	}
	return ruleDoc{}, fmt.Errorf("unknown rule %q%s\n  `imcb rules` lists them", name, didYouMean(name, names))
}

func findLintRule(name string) (*validate.Rule, error) {
	return words.Find("rule", name, webhooks.Rules(), func(r *validate.Rule) string { return r.ID })
}

func listRules(b *strings.Builder, rules []ruleDoc) {
	for _, r := range rules {
		fmt.Fprintf(b, "%-26s %-8s %s\n", r.ID, r.Severity, r.Title)
	}
	fmt.Fprintf(b, "\n%s; `imcb rules RULE` explains one\n", plural(len(rules), "rule"))
}

func explainRule(b *strings.Builder, r ruleDoc) {
	fmt.Fprintf(b, "%s (%s): %s\n\n%s\n\n", r.ID, r.Severity, r.Title, wrap(r.Why, 80))
	if r.Bad != "" {
		fmt.Fprintf(b, "bad     %s\n", r.Bad)
		fmt.Fprintf(b, "good    %s\n\n", r.Good)
	}
	fmt.Fprintf(b, "source  %s\n", r.Source)
	fmt.Fprintf(b, "change  --rule %s=off, or =note, =warning, =error\n", r.ID)
}

// exampleText is an example's reply on one line.
func exampleText(e validate.Example) string {
	r := e.Reply
	var parts []string
	if e.Callback != "" {
		parts = append(parts, e.Callback+":")
	}
	for _, hop := range r.Redirects {
		parts = append(parts, fmt.Sprintf("%d to %s, then", hop.Status, hop.Location))
	}
	if r.Status != 0 {
		parts = append(parts, fmt.Sprint(r.Status))
	}
	if ct := r.Header("Content-Type"); ct != "" {
		parts = append(parts, ct)
	}
	switch {
	case r.Failure != "":
		parts = append(parts, "("+string(r.Failure)+")")
	case len(r.Body) == 0:
		parts = append(parts, "(empty)")
	default:
		parts = append(parts, words.Printable(string(r.Body)))
	}
	if r.Elapsed > 0 {
		parts = append(parts, "after "+r.Elapsed.String())
	}
	return strings.Join(parts, " ")
}

// wrap breaks a paragraph into lines of at most width characters.
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
