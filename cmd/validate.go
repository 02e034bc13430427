package cmd

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"github.com/imcb-dev/imcb/cmd/run"
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/simulator/play"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/report"
	"github.com/imcb-dev/imcb/validate/suite"
	"github.com/spf13/cobra"
)

// validateOptions are the arguments of `imcb validate`.
type validateOptions struct {
	run.Flags
	init     bool
	jobs     int
	reply    string
	status   int
	request  string
	requests string
	// For live runs.
	suites        run.SuiteFlags
	process       run.ProcessFlags
	webhooks      string
	probe         bool
	explore       exploreFlags
	together      *together
	watch         bool
	failFast      bool
	maxFailures   int
	baseline      string
	writeBaseline string
}

func newValidate(a *shell.App) *cobra.Command {
	o := &validateOptions{Flags: run.Flags{App: a}}
	c := &cobra.Command{
		Use:   "validate [CALLBACK... | SUITE.yaml...]",
		Short: "Check a receiver, a saved reply, a journal or OpenIM's log, for CI",
		Long: `Check that a receiver keeps the contract: send each callback (by default all that
the OpenIM version sends) and judge the replies; play the cases of suite files
(--init writes an example). Each callback gets its ordinary request, then those
that have each value that servers send (--cover): where one goes another way, the
value that makes the difference is told. --explore sends others, made by chance.
With --reply or --from, judge what was saved, without any network; of a journal the
requests, too: whether OpenIM sends them so. --from takes OpenIM's own log as
well: ` + "`imcb help openim-log`" + `.`,
		Example: `  imcb validate --mock
  imcb validate --url http://127.0.0.1:8080/callback
  imcb validate beforeSendSingleMsg beforeSendGroupMsg --url http://127.0.0.1:8080/callback
  imcb validate suite.yaml --exec 'go run ./cmd/receiver' --report junit=junit.xml
  imcb validate beforeSendSingleMsg --url http://127.0.0.1:8080/callback --cover pairs --message all
  imcb validate --url http://127.0.0.1:8080/callback --explore 30s --save found.yaml
  imcb validate --webhooks webhooks.yml --probe
  imcb validate --url http://127.0.0.1:8080/callback --server 3.7,3.8.3,main
  imcb validate beforeAddFriend --reply reply.json --request request.json
  echo '{"nextCode":"0"}' | imcb validate beforeAddFriend --reply -
  imcb validate --from journal.jsonl --format json
  docker logs openim-server 2>&1 | imcb validate --from -`,
		RunE: func(c *cobra.Command, args []string) error {
			o.Names = args
			if err := o.validate(); err != nil {
				return err
			}
			if o.watch {
				return o.runAgain(c.Context())
			}
			return o.run(c.Context())
		},
	}
	o.add(c)
	return c
}

func (o *validateOptions) add(c *cobra.Command) {
	o.Payload.AddServers(c)
	o.Flags.Add(c, "judge the exchanges in this `file`, a journal or OpenIM's own log; - is stdin (repeatable; of a folder or a pattern, all files in order); with --explore, change their requests")
	o.Payload.AddCover(c)
	o.suites.Add(c)
	o.explore.add(c)
	o.process.Add(c)
	flags := c.Flags()
	flags.StringVar(&o.webhooks, "webhooks", "", "send the callbacks that are on in this webhooks.yml `file`, to its url, with its timeouts")
	flags.BoolVar(&o.init, "init", false, "write an example suite and its schema into the working directory")
	flags.IntVarP(&o.jobs, "jobs", "j", 2*runtime.GOMAXPROCS(0), "how `many` requests may be under way at once")
	flags.StringVar(&o.reply, "reply", "", "judge the reply saved in this `file`; - is stdin")
	flags.StringVar(&o.request, "request", "", "the request of --reply: this `file` with its body or journal line, or page, the one of the documents")
	flags.IntVar(&o.status, "status", 0, "the HTTP `status` of --reply (default 200)")
	shell.AddChoice(c, &o.requests, "requests", requestsOn, "whether --from judges the recorded requests, too: `choice` on or off", requestsOn, "off")
	flags.BoolVar(&o.probe, "probe", false, "also send what a receiver meets in real life: broken, repeated and slow requests, 20 at once, 3 MB …")
	flags.BoolVar(&o.watch, "watch", false, "check again whenever a suite or the file of --webhooks changes, until Ctrl-C")
	flags.BoolVar(&o.failFast, "fail-fast", false, "stop at the first failure")
	flags.IntVar(&o.maxFailures, "max-failures", 0, "stop after this `number` of failures")
	flags.StringVar(&o.baseline, "baseline", "", "findings in this `file` are known and fail nothing")
	flags.StringVar(&o.writeBaseline, "write-baseline", "", "write this run's findings to `file`, for --baseline")
	live := append([]string{"url", "mock", "exec", "probe", "cover", "scenario", "webhooks", "wait", "watch"}, run.CaseFilters...)
	shell.ExclusiveUnless(c, "explore", "from", live...)
	shell.Exclusive(c, "reply", append(live, "all", "every", "from", "explore")...)
	shell.Exclusive(c, "mock", "exec")
	shell.Exclusive(c, "watch", "write-baseline", "explore")
	shell.Exclusive(c, "explore", "data", "requests")
	shell.Exclusive(c, "fail-fast", "max-failures")
	shell.Exclusive(c, "write-baseline", "fail-fast", "max-failures", "baseline")
	shell.Exclusive(c, "request", run.MadeOnly...)
	shell.Needs(c, "status", "reply")
	shell.Needs(c, "request", "reply")
	shell.Needs(c, "requests", "from")
	shell.Complete(c, shell.OrFile, func([]string, string) []string { return []string{requestOfPage + "\tthe documents' own"} }, "request")
}

// validate rejects flags that mean nothing, or nothing together.
func (o *validateOptions) validate() error {
	switch {
	case o.init && len(o.Names) > 0:
		return shell.Usagef("--init takes no arguments, but got %q", o.Names[0])
	case o.request == "-" && o.reply == "-":
		return shell.Usagef("--request and --reply can't both be standard input")
	case o.App.Given["status"] && (o.status < 100 || o.status > 599):
		return shell.Usagef("--status is an HTTP status, 100 to 599, not %d", o.status)
	case o.watch && len(o.watched()) == 0:
		return shell.Usagef("--watch needs a file that may change: a SUITE.yaml or --webhooks")
	case o.jobs < 1:
		return shell.Usagef("--jobs must be 1 or more, not %d", o.jobs)
	case o.maxFailures < 0:
		return shell.Usagef("--max-failures must not be negative: %d", o.maxFailures)
	case o.process.Wait < 0:
		return shell.Usagef("--wait must not be negative: %s", o.process.Wait)
	default:
		return nil
	}
}

func (o *validateOptions) run(ctx context.Context) error {
	if o.init {
		return o.App.WriteExamples("validate %s --mock", shell.Example{Name: "imcb-suite.yaml", Text: suite.Example()}, shell.Example{Name: suite.SchemaFile, Text: suite.Schema(run.AllRules())})
	}
	known, err := run.OpenBaseline(o.App.Streams, o.baseline, o.writeBaseline)
	if err != nil {
		return err
	}
	known.Whole = !slices.ContainsFunc(append([]string{"cover", "message", "fail-fast", "max-failures"}, run.CaseFilters...), func(flag string) bool { return o.App.Given[flag] })
	return known.Save(o.check(ctx, o.newRun(known)))
}

// newRun takes the options of the run. Those that are not given are a suite's
// affair.
func (o *validateOptions) newRun(known *run.Baseline) *run.Run {
	r := o.NewRun()
	r.Jobs, r.MaxFailures = o.jobs, o.maxFailures
	if o.failFast {
		r.MaxFailures = 1
	}
	r.Known = func(result *validate.Result) { known.Apply(result, r.FailOn) }
	if !o.App.Given["server"] {
		r.Judging.Options.Server = validate.Server{}
	}
	if !o.App.Given["timeout"] {
		r.Judging.Options.Timeout = 0
	}
	if !o.App.Given["contract"] {
		r.Judging.Options.Contract = ""
	}
	return r
}

func (o *validateOptions) check(ctx context.Context, r *run.Run) error {
	switch {
	case o.reply != "":
		return o.judgeReply(ctx, r)
	case len(o.From) > 0 && !o.explore.on():
		return o.judgeJournal(ctx, r)
	default:
		return o.live(ctx, r)
	}
}

// requestsOn is the choice of --requests that judges them.
const requestsOn = "on"

// judgeJournal judges what a journal or a log holds, and says when its requests seem
// to come from another version.
func (o *validateOptions) judgeJournal(ctx context.Context, r *run.Run) error {
	j, err := o.OpenJournal()
	if err != nil {
		return err
	}
	j.NeedReply = true
	if j.Log != nil && !o.App.Given["server"] {
		r.Judging.Options.Server = o.Payload.Server
	}
	r.Jobs = 1 // to read is what takes time, and what is read after the run's end must not count
	// One version sent the requests; the others would not have sent them so.
	r.Judging.Requests = o.requests == requestsOn && (len(o.Payload.Servers) < 2 || o.App.Given["requests"])
	all := o.judgings(r)
	guess := validate.NewGuess(r.Judging.Server().Release)
	exchanges := func(yield func(play.Recorded) bool) {
		for x := range j.Exchanges {
			if !j.NamesServer() {
				guess.Add(x.Callback, x.Exchange.KnownRequest())
			}
			if !yield(x) {
				return
			}
		}
	}
	about := report.Run{Servers: serversOf(all), Target: j.Name, RequestsOff: !r.Judging.Requests, Recorded: true}
	err = r.Do(ctx, all[0].Recorded(exchanges, all[1:]...), o.Output, about)
	j.About()
	if text := guess.Text(1); !text.IsZero() && len(all) < 2 {
		fmt.Fprintf(o.App.Err, "imcb: %s\n", text)
	}
	return j.Exit(err)
}
