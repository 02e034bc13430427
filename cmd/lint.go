package cmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/imcb-dev/imcb/cmd/run"
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/simulator/play"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/report"
	"github.com/imcb-dev/imcb/validate/webhooks"
	"github.com/spf13/cobra"
)

// lintOptions are the arguments of `imcb lint`.
type lintOptions struct {
	app       *shell.App
	files     []string
	server    validate.Server
	from      validate.Server // unset: no upgrade
	judging   run.JudgeFlags
	output    run.OutputFlags
	env       bool
	failed    []error // files that can't be used
	listRules bool
}

func newLint(a *shell.App) *cobra.Command {
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
		RunE: func(c *cobra.Command, args []string) error {
			o.files = args
			return o.run(c.Context())
		},
	}
	run.AddServer(c, &o.server)
	c.Flags().Func("from-server", "also tell what changes on the way from this OpenIM `version` to --server", shell.Optional(run.ReadServer("from-server", &o.from)))
	o.judging.Add(c)
	o.output.AddFormats(c)
	c.Flags().BoolVar(&o.env, "env", false, "print the IMENV_WEBHOOKS_ variables that stand for the file, and nothing else")
	c.Flags().BoolVar(&o.listRules, "rules", false, "list the rules")
	shell.CompleteWords(c, "from-server", run.ServerNames()...)
	shell.Exclusive(c, "env", "rules")
	return c
}

func (o *lintOptions) run(ctx context.Context) error {
	switch {
	case o.listRules && len(o.files) > 0:
		return shell.Usagef("--rules takes no files")
	case o.listRules:
		return writeRules(o.app, webhooks.Rules(), o.output.Format == "json")
	case len(o.files) == 0:
		return shell.Usagef("lint needs a file, for example\n  imcb lint webhooks.yml")
	case o.env:
		return o.writeEnv()
	}
	r := run.New(o.app, o.server, o.judging)
	jobs := play.Jobs(o.read, func(_ context.Context, file *webhooks.File) validate.Result { return o.result(file, r) })
	return o.exit(r.Do(ctx, jobs, o.output, report.Run{About: validate.AboutFile, Target: words.FewOf(o.files, 3), Planned: len(o.files)}))
}

// exit is the run's error, or that of the files, which weighs more: what could
// not be read was not checked.
func (o *lintOptions) exit(err error) error {
	if len(o.failed) > 0 {
		return errors.Join(o.failed...)
	}
	return err
}

// read reads the files. One that can't be read or is no YAML doesn't keep the
// others from being linted.
func (o *lintOptions) read(yield func(*webhooks.File) bool) {
	for _, name := range o.files {
		file, err := readWebhooks(o.app.Streams, name)
		if err != nil {
			o.failed = append(o.failed, err)
		} else if !yield(file) {
			return
		}
	}
}

func readWebhooks(s shell.Streams, name string) (*webhooks.File, error) {
	text, name, err := s.ReadInput(name)
	if err != nil {
		return nil, err
	}
	file, err := webhooks.Parse(name, text)
	if err != nil {
		return nil, shell.Usagef("%s", words.Lines(err.Error()))
	}
	return file, nil
}

// result is what the file makes OpenIM do, and what is wrong with it.
func (o *lintOptions) result(file *webhooks.File, r *run.Run) validate.Result {
	lint := webhooks.LintOptions{Server: o.server.Release}
	if o.from != (validate.Server{}) {
		lint.From = &o.from.Release
	}
	config := &validate.Config{URL: file.URL(), From: lint.From, Callbacks: []validate.ConfigCallback{}}
	to, badURL := simulator.NewTarget(config.URL, simulator.Path)
	for _, e := range file.SwitchedOn(lint.Server) {
		on := e.ConfigCallback
		if badURL == nil {
			on.URL = to.URL(&fixtures.Payload{Command: on.Command})
		}
		config.Callbacks = append(config.Callbacks, on)
	}
	return validate.Result{Verdict: validate.Verdict{Server: o.server, Findings: r.Judging.Severities.Apply(file.Lint(lint))}, File: file.Name, Config: config}
}

// writeEnv prints the variables; what they can't express goes to stderr.
func (o *lintOptions) writeEnv() error {
	run.NoteStandIn(o.app.Streams, o.server)
	for file := range o.read {
		lines, notes := file.Env(o.server)
		for _, note := range notes {
			fmt.Fprintf(o.app.Err, "imcb: note: %s\n", note)
		}
		for _, line := range lines {
			if err := o.app.Print(words.Printable(line) + "\n"); err != nil {
				return run.WriteError(err)
			}
		}
	}
	return o.exit(nil)
}
