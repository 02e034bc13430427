package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/imcb-dev/imcb/cmd/run"
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/simulator/play"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/deployment"
	"github.com/imcb-dev/imcb/validate/report"
	"github.com/imcb-dev/imcb/validate/webhooks"
	"github.com/spf13/cobra"
)

// lintOptions are the arguments of `imcb lint`.
type lintOptions struct {
	app       *shell.App
	files     []string
	envFiles  []string
	server    validate.Server
	from      validate.Server // unset: no upgrade
	judging   run.JudgeFlags
	output    run.OutputFlags
	env       bool
	api       apiFlags
	failed    []error // files that can't be used
	listRules bool
}

func newLint(a *shell.App) *cobra.Command {
	o := &lintOptions{app: a}
	c := &cobra.Command{
		Use:   "lint FILE|FOLDER...|--api URL",
		Short: "Check how an OpenIM is told to call back: what is on, where it goes, what won't work",
		Long: `Check OpenIM's own callback settings, as a file or as they are deployed:

  webhooks.yml of 3.7 and later, or config.yaml of 3.5 and 3.6;
  the files of a Compose project, with the .env beside them;
  Kubernetes manifests, with a ConfigMap of webhooks.yml;
  a folder with one of these;
  a running OpenIM that shows its settings to an administrator (--api), as main does.

What a file is shows in its content. Of a deployment imcb reads what the OpenIM in
the container reads: its own webhooks.yml, or the one that is mounted, under the
variables IMENV_WEBHOOKS_… of its environment. The image's tag tells the version,
unless --server does. Several Compose files add to each other, as with docker
compose -f. Shows what won't load, what has no effect, what does not reach OpenIM,
and what does something else than it seems to; then each callback that is on, with
the exact URL that OpenIM posts to. "-" reads standard input.`,
		Example: `  imcb lint webhooks.yml
  imcb lint compose.yaml                                      what the container's OpenIM reads
  imcb lint .                                                 the deployment in this folder
  docker compose config | imcb lint -
  imcb lint --api http://127.0.0.1:10002 --secret @secret.txt    what a running OpenIM has
  imcb lint webhooks.yml --server main --from-server 3.8.3    what an upgrade changes
  imcb lint webhooks.yml --env                                the same as variables for Compose
  imcb lint --rules`,
		RunE: func(c *cobra.Command, args []string) error {
			o.files = args
			return o.run(c.Context())
		},
	}
	run.AddServer(c, &o.server)
	c.Flags().Func("from-server", "also tell what changes on the way from this OpenIM `version` to --server", shell.Optional(run.ReadServer("from-server", &o.from)))
	c.Flags().StringArrayVar(&o.envFiles, "env-file", nil, "fill in Compose's placeholders with this `file`, not with the .env beside compose.yaml (repeatable)")
	o.judging.Add(c)
	o.output.AddFormats(c)
	c.Flags().BoolVar(&o.env, "env", false, "print the environment of a Compose service that stands for the file, and nothing else")
	c.Flags().BoolVar(&o.listRules, "rules", false, "list the rules")
	shell.CompleteWords(c, "from-server", run.ServerNames()...)
	o.api.add(c, "")
	shell.Exclusive(c, "env", "rules", "api")
	shell.Exclusive(c, "env", "env-file")
	return c
}

func (o *lintOptions) run(ctx context.Context) error {
	switch {
	case o.listRules && len(o.files) > 0:
		return shell.Usagef("--rules takes no files")
	case o.listRules:
		return writeRules(o.app, slices.Concat(deployment.Rules(), webhooks.Rules()), o.output.Format == "json")
	case o.app.Typed["api"] && len(o.files) > 0:
		return shell.Usagef("either name files or give --api: what is in a file and what a server has are two runs")
	case len(o.files) == 0 && o.api.url == "":
		return shell.Usagef("lint needs a file, for example\n  imcb lint webhooks.yml")
	case o.env:
		return o.writeEnv()
	}
	targets, err := o.lints(ctx)
	if err != nil {
		return err
	}
	r := run.New(o.app, o.server, o.judging)
	jobs := play.Jobs(slices.Values(targets), func(_ context.Context, one linted) validate.Result { return o.result(one, r) })
	about := report.Run{About: validate.AboutFile, Target: words.FewOf(words.Names(targets, func(one linted) string { return one.name }), 3), Planned: len(targets)}
	for _, one := range targets {
		if !slices.Contains(about.Servers, one.server) {
			about.Servers = append(about.Servers, one.server)
		}
	}
	return o.exit(r.Do(ctx, jobs, o.output, about))
}

// exit is the run's error, or that of the files, which weighs more: what could
// not be read was not checked.
func (o *lintOptions) exit(err error) error {
	if len(o.failed) > 0 {
		return errors.Join(o.failed...)
	}
	return err
}

func readWebhooks(s shell.Streams, name string) (*webhooks.File, error) {
	text, name, err := readLinted(s, name)
	if err != nil {
		return nil, err
	}
	file, err := webhooks.Parse(name, text)
	if err != nil {
		return nil, shell.Usagef("%s", words.Lines(err.Error()))
	}
	return file, nil
}

// result is what a file makes OpenIM do, and what is wrong with it.
func (o *lintOptions) result(one linted, r *run.Run) validate.Result {
	lint := webhooks.LintOptions{Server: one.server.Release}
	if o.from != (validate.Server{}) {
		lint.From = &o.from.Release
	}
	config := &validate.Config{URL: one.file.URL(), From: lint.From, Callbacks: []validate.ConfigCallback{}}
	to, badURL := simulator.NewTarget(config.URL, simulator.Path)
	for _, e := range one.file.SwitchedOn(lint.Server) {
		on := e.ConfigCallback
		if badURL == nil {
			on.URL = to.URL(&fixtures.Payload{Command: on.Command})
		}
		config.Callbacks = append(config.Callbacks, on)
	}
	return validate.Result{Verdict: validate.Verdict{Server: one.server, Findings: r.Judging.Severities.Apply(one.lint(lint))}, File: one.name, Config: config}
}

// writeEnv prints the variables as Compose has them; what they can't express goes
// to stderr.
func (o *lintOptions) writeEnv() error {
	run.NoteStandIn(o.app.Streams, o.server)
	for _, one := range o.targets() {
		if one.name != one.file.Name {
			return shell.Usagef("--env takes a webhooks.yml, and %s is no such file", one.name)
		}
		lines, notes := one.file.Env(o.server)
		for _, note := range notes {
			fmt.Fprintf(o.app.Err, "imcb: note: %s\n", note)
		}
		if len(lines) == 0 {
			continue
		}
		for _, line := range deployment.Environment(lines) {
			if err := o.app.Print(words.Printable(line) + "\n"); err != nil {
				return run.WriteError(err)
			}
		}
	}
	return o.exit(nil)
}

// readLinted reads a file or standard input; nothing there is nothing to check.
func readLinted(s shell.Streams, file string) (text []byte, name string, err error) {
	text, name, err = s.ReadInput(file)
	if err == nil && file == "-" && len(bytes.TrimSpace(text)) == 0 {
		err = shell.Nothingf("standard input is empty: nothing was checked")
	}
	return text, name, err
}
