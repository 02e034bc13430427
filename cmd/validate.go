package cmd

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/simulator/probe"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/report"
	"github.com/imcb-dev/imcb/validate/suite"
	"github.com/spf13/cobra"
)

// validateOptions are the arguments of `imcb validate`.
type validateOptions struct {
	app     *app
	names   []string
	target  targetFlags
	payload payloadFlags
	judging judgeFlags
	output  outputFlags
	all     bool
	jobs    int
	reply   string
	status  int
	from    string
	// For live runs.
	suites        suiteFlags
	webhooks      string
	init          bool
	given         func(flag string) bool // on the command line, or filled in
	probe         bool
	wait          time.Duration
	exec          string
	failFast      bool
	maxFailures   int
	baseline      string
	writeBaseline string
}

func newValidate(a *app) *cobra.Command {
	o := &validateOptions{app: a}
	c := &cobra.Command{
		Use:   "validate [CALLBACK... | SUITE.yaml...]",
		Short: "Check a receiver, a saved reply or a journal, for CI",
		Long: `Check that a receiver keeps the contract: send each callback (by default all that
the OpenIM version sends) and judge the replies; play the cases of suite files
(--init writes an example). With --reply or --from, judge what was saved, without
any network.`,
		Example: `  imcb validate --mock
  imcb validate --url http://127.0.0.1:8080/callback
  imcb validate beforeSendSingleMsg beforeSendGroupMsg --url http://127.0.0.1:8080/callback
  imcb validate suite.yaml --exec 'go run ./cmd/receiver' --report junit=junit.xml
  imcb validate --webhooks webhooks.yml --probe
  imcb validate beforeAddFriend --reply reply.json
  echo '{"nextCode":"0"}' | imcb validate beforeAddFriend --reply -
  imcb validate --from journal.jsonl --format json`,
		ValidArgsFunction: completeCallbacks,
		RunE: func(c *cobra.Command, args []string) error {
			o.names, o.given = args, c.Flags().Changed
			if o.init {
				return writeExample(o.app)
			}
			if o.status != 0 && o.reply == "" {
				return usagef("--status belongs to --reply")
			}
			return runValidate(c.Context(), o)
		},
	}
	o.target.add(c)
	o.payload.addFlags(c)
	o.judging.add(c)
	o.output.add(c)
	o.suites.add(c)
	flags := c.Flags()
	flags.StringVar(&o.webhooks, "webhooks", "", "send the callbacks that are on in this webhooks.yml `file`, to its url, with its timeouts")
	flags.BoolVar(&o.init, "init", false, "write an example suite and its schema into the working directory")
	flags.BoolVar(&o.all, "all", false, "check every callback of the catalog, also those that this version does not send")
	flags.IntVarP(&o.jobs, "jobs", "j", 2*runtime.GOMAXPROCS(0), "how `many` requests may be under way at once")
	flags.StringVar(&o.reply, "reply", "", "judge the reply saved in this `file`; - is stdin")
	flags.IntVar(&o.status, "status", 0, "the HTTP `status` of --reply (default 200)")
	flags.StringVar(&o.from, "from", "", "judge the exchanges recorded in this journal `file`; - is stdin")
	flags.BoolVar(&o.probe, "probe", false, "also send what a receiver meets in real life: broken and repeated requests, 20 at once, 1 MB …")
	flags.DurationVar(&o.wait, "wait", 0, "wait this long until the receiver answers (with --exec 30s)")
	flags.StringVar(&o.exec, "exec", "", "start the receiver with this shell `command`, and stop it at the end")
	flags.BoolVar(&o.failFast, "fail-fast", false, "stop at the first failure")
	flags.IntVar(&o.maxFailures, "max-failures", 0, "stop after this `number` of failures")
	flags.StringVar(&o.baseline, "baseline", "", "findings in this `file` are known and fail nothing")
	flags.StringVar(&o.writeBaseline, "write-baseline", "", "write this run's findings to `file`, for --baseline")
	for _, offline := range []string{"reply", "from"} {
		exclusive(c, offline, "url")
		exclusive(c, offline, "mock")
		exclusive(c, offline, "exec")
		exclusive(c, offline, "probe")
		exclusive(c, offline, "scenario")
		exclusive(c, offline, "webhooks")
	}
	exclusive(c, "mock", "exec")
	exclusive(c, "fail-fast", "max-failures")
	exclusive(c, "baseline", "write-baseline")
	exclusive(c, "reply", "from")
	return c
}

func runValidate(ctx context.Context, o *validateOptions) error {
	server, err := parseServer(o.payload.server)
	if err != nil {
		return err
	}
	r, err := newRun(o.app, o.judging, server)
	if err != nil {
		return err
	}
	if o.jobs < 1 {
		return usagef("--jobs must be 1 or more, not %d", o.jobs)
	}
	r.jobs, r.judging.Timeout, r.maxFailures = o.jobs, o.target.timeoutOf(), o.maxFailures
	if o.failFast {
		r.maxFailures = 1
	}
	if r.baseline, err = openBaseline(o.app.Streams, o.baseline, o.writeBaseline); err != nil {
		return err
	}
	switch {
	case o.reply != "":
		return o.judgeReply(ctx, r)
	case o.from != "":
		return o.judgeJournal(ctx, r)
	default:
		return o.live(ctx, r)
	}
}

// live sends callbacks and plays suites.
func (o *validateOptions) live(ctx context.Context, r *run) error {
	suites, names, err := o.suites.loadSuites(o.names, o.app.Streams)
	if err != nil {
		return err
	}
	callbacks, note, err := o.callbacks(r, names, len(suites) > 0)
	if err != nil {
		return err
	}
	if len(suites) == 1 && len(callbacks) == 0 {
		r.judging = o.settle(suites[0], r)
	}
	if o.target.url == "" && !o.target.mock && len(suites) > 0 {
		o.target.url = suites[0].URL
	}
	t, err := o.target.open(ctx, o.app.Streams, r.judging.Server)
	if err != nil {
		return err
	}
	defer t.close()
	tasks, err := o.tasks(r, t, callbacks, suites)
	if err != nil {
		return err
	}
	r.live = true
	return o.around(ctx, func() error {
		return r.do(ctx, tasks, o.output, report.Options{Target: t.name, Note: note})
	})
}

// callbacks are those to send: the named ones, those of webhooks.yml or, unless
// there are suites, all that the version sends.
func (o *validateOptions) callbacks(r *run, names []string, suites bool) (callbacks []*fixtures.Callback, note string, err error) {
	server := r.judging.Server
	if o.webhooks != "" {
		if len(names) > 0 || o.all {
			return nil, "", usagef("--webhooks says which callbacks to send; leave their names and --all out")
		}
		callbacks, err = o.readWebhooks(r)
		return callbacks, "", err
	}
	if callbacks, err = selectCallbacks(names, o.all, server, o.app.Streams); err != nil || len(callbacks) > 0 || suites {
		return callbacks, "", err
	}
	callbacks = fixtures.SentBy(server)
	return callbacks, fmt.Sprintf("%d more are not sent by OpenIM %s; --all checks them too", len(fixtures.Keys())-len(callbacks), server), nil
}

// tasks are the plain requests, the suites' cases and the probes, in this
// order.
func (o *validateOptions) tasks(r *run, t *target, callbacks []*fixtures.Callback, suites []*suite.Suite) (iter.Seq[task], error) {
	payloads, err := o.payload.buildAll(callbacks, r.judging.Server, o.app.Streams)
	if err != nil {
		return nil, err
	}
	plain, err := t.tasks(r, payloads)
	if err != nil {
		return nil, err
	}
	all := []iter.Seq[task]{plain}
	for _, s := range suites {
		cases, err := o.suiteTasks(s, r, t)
		if err != nil {
			return nil, err
		}
		all = append(all, cases)
	}
	if o.probe {
		all = append(all, t.probes(r, callbacks, o.payload.seed.value))
	}
	return chain(all...), nil
}

// around starts the receiver and waits for it, as the flags say, and stops it
// after the run.
func (o *validateOptions) around(ctx context.Context, live func() error) error {
	var p *process
	wait := o.wait
	if o.exec != "" {
		var err error
		if p, err = startProcess(o.exec); err != nil {
			return err
		}
		defer p.stop()
		if wait == 0 {
			wait = defaultExecWait
		}
	}
	err := error(nil)
	if wait > 0 && !o.target.mock {
		err = waitFor(ctx, o.target.url, wait, p)
	}
	if err == nil {
		err = live()
	}
	if p != nil && err != nil {
		p.stop()
		p.showOutput(o.app.Err)
	}
	return err
}

// defaultExecWait is how long --exec waits for the receiver.
const defaultExecWait = 30 * time.Second

// chain runs one sequence of tasks after the other.
func chain(sequences ...iter.Seq[task]) iter.Seq[task] {
	return func(yield func(task) bool) {
		for _, tasks := range sequences {
			for t := range tasks {
				if !yield(t) {
					return
				}
			}
		}
	}
}

// probes is one task: probes run one after the other.
func (t *target) probes(r *run, callbacks []*fixtures.Callback, seed *uint64) iter.Seq[task] {
	o := probe.Options{
		Sender: t.sender, Callbacks: callbacks, Judging: r.judging,
		URL: func(p *fixtures.Payload) (string, error) { return simulator.URL(t.base, t.style, p) },
	}
	if seed != nil {
		o.Seed = *seed
	}
	all := func(ctx context.Context) (results []validate.Result) {
		probe.Run(ctx, o, func(result validate.Result) bool {
			results = append(results, result)
			return true
		})
		return results
	}
	return func(yield func(task) bool) { yield(all) }
}

// judgeReply judges one saved reply against the request that the version
// would have sent.
func (o *validateOptions) judgeReply(ctx context.Context, r *run) error {
	if len(o.names) != 1 {
		return usagef("--reply judges the reply to one callback: name it, for example\n  imcb validate beforeAddFriend --reply %s", o.reply)
	}
	callbacks, err := selectCallbacks(o.names, false, r.judging.Server, o.app.Streams)
	if err != nil {
		return err
	}
	p, err := o.payload.build(callbacks[0], r.judging.Server, o.app.Streams)
	if err != nil {
		return err
	}
	argument, name := "@"+o.reply, o.reply
	if o.reply == "-" {
		argument, name = "-", "standard input"
	}
	body, err := readArgument(argument, o.app.Streams)
	if err != nil {
		return err
	}
	x := validate.Exchange{
		Callback: p.Callback.Key, Command: p.Command,
		Request: validate.Request{Method: "POST", Body: p.Body},
		Reply:   validate.Reply{Status: 200, Body: body},
	}
	if o.status != 0 {
		x.Reply.Status = o.status
	}
	one := func(yield func(task) bool) {
		yield(r.judged(p.Callback, func(context.Context) validate.Exchange { return x }))
	}
	return r.do(ctx, one, o.output, report.Options{Target: name})
}

// judgeJournal judges what a journal holds.
func (o *validateOptions) judgeJournal(ctx context.Context, r *run) error {
	if len(o.names) > 0 || o.all {
		return usagef("--from judges what the journal holds; leave the callbacks and --all out")
	}
	j, err := openJournal(o.app, o.from)
	if err != nil {
		return err
	}
	j.needReply = true
	tasks := j.tasks(func(x validate.Exchange, c *fixtures.Callback) task {
		return r.judged(c, func(context.Context) validate.Exchange { return x })
	})
	return j.exit(r.do(ctx, tasks, o.output, report.Options{Target: j.name}))
}
