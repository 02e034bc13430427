package cmd

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/report"
	"github.com/imcb-dev/imcb/validate/webhooks"
	"github.com/spf13/cobra"
)

// lintOptions are the arguments of `imcb lint`.
type lintOptions struct {
	app       *app
	files     []string
	server    string
	from      string
	format    string
	failOn    string
	rules     []string
	env       bool
	listRules bool
	// named is the server that --server names.
	named validate.Server
	// reportFiles are reports in other formats, as format=file.
	reportFiles []string
}

// lintFormats are the formats that lint writes itself; the others come from
// package report.
var lintFormats = []string{"text", "json", "github"}

func newLint(a *app) *cobra.Command {
	o := &lintOptions{app: a}
	c := &cobra.Command{
		Use:   "lint FILE...",
		Short: "Check an OpenIM webhooks.yml: what is on, where it goes, what won't work",
		Long: `Check OpenIM's own callback settings: webhooks.yml of 3.7 and later, or config.yaml
of 3.5 and 3.6. Shows what won't load, what has no effect and what does something
else than it seems to, then each callback that is on, with the exact URL that
OpenIM posts to. "-" reads standard input.`,
		Example: `  imcb lint webhooks.yml
  imcb lint webhooks.yml --server main --from-server 3.8.3    what an upgrade changes
  imcb lint webhooks.yml --env                                the same as variables for Docker
  imcb lint --rules`,
		RunE: func(_ *cobra.Command, args []string) error {
			o.files = args
			return runLint(o)
		},
	}
	addServerFlag(c, &o.server)
	flags := c.Flags()
	flags.StringVar(&o.from, "from-server", "", "also tell what changes on the way from this OpenIM `version` to --server")
	flags.StringVar(&o.format, "format", "text", "the `format` of the findings: "+strings.Join(report.Names(), ", "))
	flags.StringArrayVar(&o.reportFiles, "report", nil, "write a report besides: `format=file` (repeatable)")
	flags.StringVar(&o.failOn, "fail-on", string(validate.Error), "exit with 1 from this `severity` on: error, warning or never")
	flags.StringArrayVar(&o.rules, "rule", nil, "change a rule's severity: `name=severity`, of error, warning, note, off (repeatable)")
	flags.BoolVar(&o.env, "env", false, "print the IMENV_WEBHOOKS_ variables that stand for the file, and nothing else")
	flags.BoolVar(&o.listRules, "rules", false, "list the rules")
	completeWords(c, "from-server", fixtures.ReleaseNames()...)
	completeWords(c, "format", report.Names()...)
	completeWords(c, "fail-on", "error", "warning", "never")
	_ = c.RegisterFlagCompletionFunc("rule", completeLintRules)
	exclusive(c, "env", "rules")
	return c
}

func completeLintRules(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var words []string
	for _, r := range webhooks.Rules() {
		words = append(words, r.ID+"=\t"+r.Title)
	}
	return words, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

func runLint(o *lintOptions) error {
	lint, err := o.lintOptions()
	if err != nil {
		return err
	}
	limit, err := (&judgeFlags{failOn: o.failOn}).limit()
	if err != nil {
		return err
	}
	switch {
	case o.listRules && len(o.files) > 0:
		return usagef("--rules takes no files")
	case o.listRules:
		return o.listLintRules(o.app.Out)
	case len(o.files) == 0:
		return usagef("lint needs a file, for example\n  imcb lint webhooks.yml")
	}
	if o.env {
		return o.each(func(l linted) (bool, error) { return true, l.writeEnv(o.app.Streams) }, lint)
	}
	reports, err := o.reports(lint.Server, limit)
	if err != nil {
		return err
	}
	err = o.each(func(l linted) (bool, error) {
		if err := reports.add(l); err != nil || !slices.Contains(lintFormats, o.format) {
			return l.ok(limit), err
		}
		return l.ok(limit), o.write(l)
	}, lint)
	if closed := reports.close(); closed != nil {
		return closed
	}
	return err
}

// each lints the files. A file that can't be read or is no YAML doesn't keep
// the others from being linted.
func (o *lintOptions) each(do func(linted) (ok bool, err error), lint webhooks.LintOptions) error {
	var failed []error
	broken := false
	for _, name := range o.files {
		file, err := o.open(name)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		ok, err := do(linted{file, o.named, lint, file.Lint(lint)})
		if err != nil {
			return writeError(err)
		}
		broken = broken || !ok
	}
	switch {
	case len(failed) > 0:
		return usageError(errors.Join(failed...))
	case broken:
		return silent(exitBroken)
	default:
		return nil
	}
}

func (o *lintOptions) open(name string) (*webhooks.File, error) {
	argument := "@" + name
	if name == "-" {
		argument, name = "-", "standard input"
	}
	text, err := readArgument(argument, o.app.Streams)
	if err != nil {
		return nil, err
	}
	file, err := webhooks.Parse(name, text)
	if err != nil {
		return nil, errors.New(printableText(err.Error()))
	}
	return file, nil
}

// printableText is words.Printable for a text of several lines.
func printableText(text string) string {
	return strings.Join(slices.Collect(printableLines(text)), "\n")
}

// lintOptions are the options of the check, from the flags.
func (o *lintOptions) lintOptions() (webhooks.LintOptions, error) {
	lint := webhooks.LintOptions{Severities: validate.Overrides{}}
	var err error
	if o.named, err = parseServer(o.server); err != nil {
		return lint, err
	}
	lint.Server = o.named.Release
	if o.from != "" {
		from, err := fixtures.ParseRelease(o.from)
		if err != nil {
			return lint, usagef("--from-server: %w", err)
		}
		lint.From = &from
	}
	for _, given := range o.rules {
		name, text, ok := strings.Cut(given, "=")
		if !ok {
			return lint, usagef("--rule %q: want name=severity, for example loopback-url=off", given)
		}
		severity, err := parseSeverity(text)
		if err != nil {
			return lint, usagef("--rule %s: %w", name, err)
		}
		rule, err := findLintRule(name)
		if err != nil {
			if _, other := lookupRule(name); other == nil {
				continue // a rule for replies: imcb.yaml may name it for other commands
			}
			return lint, usagef("--rule: %w\n  `imcb lint --rules` lists them", err)
		}
		lint.Severities[rule.ID] = severity
	}
	return lint, nil
}

func (o *lintOptions) listLintRules(w io.Writer) error {
	if o.format == "json" {
		var docs []ruleDoc
		for _, r := range webhooks.Rules() {
			docs = append(docs, ruleDoc{ID: r.ID, Severity: r.Severity, Title: r.Title, Source: r.Source})
		}
		return writeJSON(w, docs)
	}
	var b strings.Builder
	for _, r := range webhooks.Rules() {
		fmt.Fprintf(&b, "%-26s %-8s %s\n", r.ID, r.Severity, r.Title)
	}
	fmt.Fprintf(&b, "\n%s; --rule NAME=off turns one off\n", plural(len(webhooks.Rules()), "rule"))
	_, err := io.WriteString(w, b.String())
	return err
}
