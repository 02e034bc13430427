package cmd

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/report"
	"github.com/imcb-dev/imcb/validate/webhooks"
	"github.com/spf13/cobra"
)

// lintOptions are the arguments of `imcb lint`.
type lintOptions struct {
	app    *app
	files  []string
	server string
	from   string
	format string
	failOn string
	rules  []string
	// severities are what rules says.
	severities validate.Overrides
	env        bool
	listRules  bool
	// named is the server that --server names.
	named validate.Server
	// reportFiles are reports in other formats, as format=file.
	reportFiles []string
}

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
	addRuleFlag(c, &o.rules)
	flags.BoolVar(&o.env, "env", false, "print the IMENV_WEBHOOKS_ variables that stand for the file, and nothing else")
	flags.BoolVar(&o.listRules, "rules", false, "list the rules")
	completeWords(c, "from-server", fixtures.ReleaseNames()...)
	completeWords(c, "format", report.Names()...)
	completeWords(c, "fail-on", "error", "warning", "never")
	exclusive(c, "env", "rules")
	return c
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
		return o.each(o.writeEnv)
	}
	flags := outputFlags{format: o.format, reports: o.reportFiles}
	out, err := flags.open(o.app, report.Run{
		Servers: []string{lint.Server.String()}, About: validate.AboutFile, Target: words.FewOf(o.files, 3),
		Planned: len(o.files), FailOn: limit,
	})
	if err != nil {
		return err
	}
	var sum validate.Summary
	broken := false
	err = o.each(func(file *webhooks.File) error {
		result := validate.MaskResult(o.result(file, lint))
		sum.Add(result)
		broken = broken || !result.OK(limit)
		return out.report(result)
	})
	if closed := out.close(report.Summary{Summary: sum}); closed != nil {
		return closed
	}
	if err == nil && broken {
		return silent(exitBroken)
	}
	return err
}

// each reads the files. One that can't be read or is no YAML doesn't keep the
// others from being linted.
func (o *lintOptions) each(do func(*webhooks.File) error) error {
	var failed []error
	for _, name := range o.files {
		file, err := o.open(name)
		if err != nil {
			failed = append(failed, err)
		} else if err := do(file); err != nil {
			return err
		}
	}
	if len(failed) > 0 {
		return usageError(errors.Join(failed...))
	}
	return nil
}

// result is what the file makes OpenIM do, and what is wrong with it.
func (o *lintOptions) result(file *webhooks.File, lint webhooks.LintOptions) validate.Result {
	config := &validate.Config{URL: file.URL(), From: lint.From, Callbacks: []validate.ConfigCallback{}}
	to, badURL := simulator.NewTarget(config.URL, simulator.Path)
	for _, e := range file.SwitchedOn(lint.Server) {
		on := validate.ConfigCallback{
			Key: e.Callback.Key, Line: e.Line, Command: e.Command(), Phase: e.Callback.Phase, SendsKey: e.Callback.SendsKey(lint.Server),
			Wait: e.Wait().Seconds(), Never: e.Never, AttentionIDs: e.AttentionIDs, DeniedTypes: e.DeniedTypes, AllowedTypes: e.AllowedTypes,
		}
		if badURL == nil {
			on.URL = to.URL(&fixtures.Payload{Command: on.Command})
		}
		config.Callbacks = append(config.Callbacks, on)
	}
	server := validate.Server{Release: o.named.Release, Asked: o.named.Asked} // a file is read alike however it is deployed
	return validate.Result{Verdict: validate.Verdict{Server: server, Findings: o.severities.Apply(file.Lint(lint))}, File: file.Name, Config: config}
}

// writeEnv prints the variables; what they can't express goes to stderr.
func (o *lintOptions) writeEnv(file *webhooks.File) error {
	lines, notes := file.Env(o.named.Release)
	for _, note := range notes {
		fmt.Fprintf(o.app.Err, "imcb: note: %s\n", note)
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(o.app.Out, words.Printable(line)); err != nil {
			return writeError(err)
		}
	}
	return nil
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
		return nil, errors.New(words.Lines(err.Error()))
	}
	return file, nil
}

// lintOptions are the options of the check, from the flags.
func (o *lintOptions) lintOptions() (webhooks.LintOptions, error) {
	var lint webhooks.LintOptions
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
	o.severities, err = readOverrides(o.rules)
	return lint, err
}

func (o *lintOptions) listLintRules(w io.Writer) error {
	if o.format == "json" {
		return writeJSON(w, ruleDocs(webhooks.Rules()))
	}
	var b strings.Builder
	listRules(&b, webhooks.Rules())
	_, err := io.WriteString(w, b.String())
	return err
}
