package cmd

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"iter"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/report"
	"github.com/spf13/cobra"
)

// sendOptions are the arguments of `imcb send`.
type sendOptions struct {
	app     *app
	names   []string
	target  targetFlags
	payload payloadFlags
	judging judgeFlags
	output  outputFlags
	all     bool
	dryRun  bool
	print   string
	from    string
	edit    bool
}

// printForms are the forms of --print.
var printForms = []string{"curl", "http", "json"}

func newSend(a *app) *cobra.Command {
	o := &sendOptions{app: a}
	c := &cobra.Command{
		Use:   "send CALLBACK...",
		Short: "Send callbacks as OpenIM does, and judge the replies",
		Long: `Send callbacks as the chosen OpenIM version does, show the reply and say what
OpenIM would make of it. CALLBACK is a key (beforeAddFriend) or a command
(callbackBeforeAddFriendCommand), in any letter case.`,
		Example: `  imcb send beforeSendSingleMsg --url http://127.0.0.1:8080/callback
  imcb send beforeSendSingleMsg --mock --set content.content='hello' --set sendID=u1
  imcb send beforeSendGroupMsg --mock --content-type at --server main
  imcb send beforeAddFriend --dry-run --print curl --url http://127.0.0.1:8080/callback
  imcb send --from journal.jsonl --url http://127.0.0.1:8080/callback`,
		ValidArgsFunction: completeCallbacks,
		RunE: func(c *cobra.Command, args []string) error {
			o.names = args
			if err := o.checkDryRun(); err != nil {
				return err
			}
			return runSend(c.Context(), o)
		},
	}
	o.target.add(c)
	o.payload.addFlags(c)
	o.judging.add(c)
	o.output.add(c)
	flags := c.Flags()
	flags.BoolVar(&o.all, "all", false, "send every callback of the catalog, also those that this version does not send")
	flags.BoolVar(&o.dryRun, "dry-run", false, "send nothing; print the request")
	flags.StringVar(&o.print, "print", "http", "what --dry-run prints: `form` is curl, http or json (a journal line)")
	flags.BoolVar(&o.edit, "edit", false, "edit the body in $VISUAL or $EDITOR before it is sent")
	flags.StringVar(&o.from, "from", "", "send the requests recorded in this journal `file` again; - is stdin")
	completeWords(c, "print", printForms...)
	for _, unused := range madeOnly {
		exclusive(c, "from", unused)
	}
	return c
}

// checkDryRun rejects flags on the command line that would do nothing. They
// don't exclude --dry-run as flags do: set in the environment, it must hold.
func (o *sendOptions) checkDryRun() error {
	if !o.dryRun {
		if o.app.typed["print"] {
			return usagef("--print belongs to --dry-run")
		}
		return nil
	}
	if o.from != "" {
		return usagef("--dry-run and --from exclude each other")
	}
	for _, unused := range []string{"format", "report", "output"} {
		if o.app.typed[unused] {
			return usagef("--dry-run sends nothing, so there are no results for --%s; --print chooses the form of the request", unused)
		}
	}
	return nil
}

func runSend(ctx context.Context, o *sendOptions) error {
	server, err := parseServer(o.payload.server)
	if err != nil {
		return err
	}
	if o.from != "" {
		return o.resend(ctx, server)
	}
	callbacks, err := selectCallbacks(o.names, o.all, server.Release, o.app.Streams)
	if err != nil {
		return err
	}
	if len(callbacks) == 0 {
		return usagef("which callback? Name one or more, or use --all\n  `imcb list` shows them")
	}
	payloads, err := o.payload.buildAll(callbacks, server.Release, o.app.Streams)
	if err != nil {
		return err
	}
	if o.edit {
		if len(payloads) != 1 {
			return usagef("--edit edits one request: name one callback")
		}
		if err := editBody(payloads[0], o.app.Streams); err != nil {
			return err
		}
	}
	if o.dryRun {
		return o.printRequests(payloads)
	}
	return o.send(ctx, server, payloads)
}

// send sends the payloads one after another.
func (o *sendOptions) send(ctx context.Context, server validate.Server, payloads []*fixtures.Payload) error {
	o.output.detail = !o.output.quiet
	return o.live(ctx, server, func(r *run, t *target) error {
		return r.do(ctx, t.tasks(r, payloads), o.output, report.Run{Target: t.name, Planned: len(payloads)})
	})
}

// live prepares a run and its target, and closes the target after it.
func (o *sendOptions) live(ctx context.Context, server validate.Server, do func(*run, *target) error) error {
	r, err := newRun(o.app, o.judging, server)
	if err != nil {
		return err
	}
	r.live, r.judging.Timeout = true, validate.Configured(o.target.timeout)
	t, err := o.target.open(ctx, o.app.Streams, server.Release)
	if err != nil {
		return err
	}
	defer t.close()
	return do(r, t)
}

// tasks sends each payload to the target.
func (t *target) tasks(r *run, payloads []*fixtures.Payload) iter.Seq[task] {
	return func(yield func(task) bool) {
		for _, p := range payloads {
			send := func(ctx context.Context) validate.Exchange {
				return t.sender.Send(ctx, t.URL(p), p, r.judge(p.Callback).Options().Timeout)
			}
			if !yield(r.judged(p.Callback, send)) {
				return
			}
		}
	}
}

// buildAll makes a payload for each callback.
func (f *payloadFlags) buildAll(callbacks []*fixtures.Callback, server fixtures.Release, s Streams) ([]*fixtures.Payload, error) {
	var payloads []*fixtures.Payload
	for _, c := range callbacks {
		p, err := f.build(c, server, s)
		if err != nil {
			return nil, err
		}
		payloads = append(payloads, p)
	}
	return payloads, nil
}

// printRequests prints what would be sent.
func (o *sendOptions) printRequests(payloads []*fixtures.Payload) error {
	base := o.target.url
	if base == "" {
		base = "http://127.0.0.1:10006/callbackExample" // OpenIM's default
	}
	at, err := o.target.at(base)
	if err != nil {
		return usageError(err)
	}
	sender, err := o.target.sender(o.app.Streams)
	if err != nil {
		return usageError(err)
	}
	for _, p := range payloads {
		x := validate.Exchange{Callback: p.Callback.Key, Command: p.Command, Request: sender.Request(at.URL(p), p)}
		if err := o.printRequest(validate.MaskExchange(x)); err != nil {
			return err
		}
	}
	return nil
}

func (o *sendOptions) printRequest(x validate.Exchange) error {
	var text string
	switch o.print {
	case "json":
		line, err := json.Marshal(x)
		if err != nil {
			return err
		}
		text = string(line) + "\n"
	case "curl":
		text = report.Curl(x.Request) + "\n"
	case "http":
		text = report.HTTP(x.Request)
	default:
		return usagef("--print is curl, http or json, not %q", o.print)
	}
	_, err := fmt.Fprint(o.app.Out, text)
	return err
}

// resend sends the requests of a journal again.
func (o *sendOptions) resend(ctx context.Context, server validate.Server) error {
	if len(o.names) > 0 || o.all {
		return usagef("--from sends what the journal holds; leave the callbacks and --all out")
	}
	j, err := openJournal(o.app, o.from)
	if err != nil {
		return err
	}
	return o.live(ctx, server, func(r *run, t *target) error {
		tasks := j.tasks(func(recorded validate.Exchange, c *fixtures.Callback) task {
			recorded.Command = cmp.Or(recorded.Command, c.Command(fixtures.DefaultRelease))
			return r.rejudged(c, recorded, func(ctx context.Context) validate.Exchange {
				return t.sender.Resend(ctx, t.Again(recorded), recorded, r.judge(c).Options().Timeout)
			})
		})
		return j.exit(r.do(ctx, tasks, o.output, report.Run{Target: t.name}))
	})
}
