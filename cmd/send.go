package cmd

import (
	"context"
	"encoding/json"

	"github.com/imcb-dev/imcb/cmd/run"
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/report"
	"github.com/spf13/cobra"
)

// sendOptions are the arguments of `imcb send`.
type sendOptions struct {
	run.Flags
	dryRun bool
	print  string
	edit   bool
}

// printForms are the forms of --print.
var printForms = []string{"curl", "http", "json"}

func newSend(a *shell.App) *cobra.Command {
	o := &sendOptions{Flags: run.Flags{App: a}}
	c := &cobra.Command{
		Use:   "send CALLBACK...",
		Short: "Send callbacks as OpenIM does, and judge the replies",
		Long: `Send callbacks as the chosen OpenIM version does, show the reply and say what
OpenIM would make of it. CALLBACK is a key (beforeAddFriend) or a command
(callbackBeforeAddFriendCommand), in any letter case.`,
		Example: `  imcb send beforeSendSingleMsg --url http://127.0.0.1:8080/callback
  imcb send beforeSendSingleMsg --mock --set content.content='hello' --set sendID=u1
  imcb send beforeSendGroupMsg --mock --message revoke --server 3.8.3
  imcb send beforeUpdateUserInfo --mock --case nickName=empty
  imcb send beforeAddFriend --dry-run --print curl --url http://127.0.0.1:8080/callback
  imcb send --from journal.jsonl --url http://127.0.0.1:8080/callback`,
		RunE: func(c *cobra.Command, args []string) error {
			o.Names = args
			if err := o.validate(); err != nil {
				return err
			}
			return o.run(c.Context())
		},
	}
	run.AddServer(c, &o.Payload.Server)
	o.Add(c, "send the requests in this `file` again, a journal or OpenIM's own log; - is stdin (repeatable; of a folder or a pattern, all files in order)")
	o.Payload.AddCase(c)
	c.Flags().BoolVar(&o.dryRun, "dry-run", false, "send nothing; print the request")
	shell.AddChoice(c, &o.print, "print", "http", "what --dry-run prints: `form` is curl, http or json (a journal line)", printForms...)
	shell.Needs(c, "print", "dry-run")
	c.Flags().BoolVar(&o.edit, "edit", false, "edit the body in $VISUAL or $EDITOR before it is sent")
	return c
}

// validate rejects flags on the command line that would do nothing. They
// don't exclude --dry-run as flags do: set in the environment, it must hold.
func (o *sendOptions) validate() error {
	if !o.dryRun {
		return nil
	}
	if len(o.From) > 0 {
		return shell.Usagef("--dry-run and --from exclude each other")
	}
	for _, unused := range []string{"format", "report", "output"} {
		if o.App.Typed[unused] {
			return shell.Usagef("--dry-run sends nothing, so there are no results for --%s; --print chooses the form of the request", unused)
		}
	}
	return nil
}

func (o *sendOptions) run(ctx context.Context) error {
	if len(o.From) > 0 {
		return o.resend(ctx)
	}
	callbacks, err := o.SelectCallbacks(o.Names)
	if err != nil {
		return err
	}
	if len(callbacks) == 0 {
		return shell.Usagef("which callback? Name one or more, or use --all\n  `imcb list` shows them")
	}
	payloads, err := o.Payload.BuildAll(callbacks, o.App.Streams)
	if err != nil {
		return err
	}
	if o.edit {
		if len(payloads) != 1 {
			return shell.Usagef("--edit edits one request: name one callback")
		}
		if err := run.EditBody(payloads[0], o.App.Streams); err != nil {
			return err
		}
	}
	if o.dryRun {
		run.NoteStandIn(o.App.Streams, o.Payload.Server)
		return o.printRequests(payloads)
	}
	o.Output.Detail = !o.Output.Quiet
	return o.live(ctx, func(r *run.Run, t *run.Target) error {
		return r.Do(ctx, t.Callbacks(payloads...), o.Output, report.Run{Target: t.Name, Planned: len(payloads)})
	})
}

func (o *sendOptions) live(ctx context.Context, do func(*run.Run, *run.Target) error) error {
	r := o.NewRun()
	r.Live = true
	t, err := o.Target.Open(ctx, o.App.Streams, r.Judging)
	if err != nil {
		return err
	}
	defer t.Release()
	return do(r, t)
}

func (o *sendOptions) printRequests(payloads []*fixtures.Payload) error {
	base := o.Target.URL
	if base == "" {
		base = validate.ExampleURL
	}
	at, err := o.Target.At(base)
	if err != nil {
		return err
	}
	sender, err := o.Target.Sender(o.App.Streams)
	if err != nil {
		return err
	}
	for _, p := range payloads {
		x := validate.Exchange{Callback: p.Callback.Key, Command: p.Command, Request: sender.Request(at.URL(p), p)}
		if err := printRequest(o.App, o.print, validate.MaskHead(x)); err != nil {
			return err
		}
	}
	return nil
}

// printRequest prints one request in a form of printForms.
func printRequest(a *shell.App, form string, x validate.Exchange) error {
	switch form {
	case "json":
		line, err := json.Marshal(x)
		if err != nil {
			return err
		}
		return a.Print(string(line) + "\n")
	case "curl":
		return a.Print(report.Curl(x.Request) + "\n")
	default:
		return a.Print(report.HTTP(x.Request))
	}
}

func (o *sendOptions) resend(ctx context.Context) error {
	j, err := o.OpenJournal()
	if err != nil {
		return err
	}
	j.NeedBody = true
	return o.live(ctx, func(r *run.Run, t *run.Target) error {
		err := r.Do(ctx, t.Again(j.Exchanges), o.Output, report.Run{Target: t.Name})
		j.About()
		return j.Exit(err)
	})
}
