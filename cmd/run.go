package cmd

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/report"
	"github.com/spf13/cobra"
)

// task gets exchanges, mostly one, and judges them.
type task func(context.Context) []validate.Result

// run judges exchanges and reports them.
type run struct {
	app     *shell.App
	judging validate.Options
	// severities are those of --rule; of a suite, or of the only one, too.
	severities validate.Overrides
	limit      validate.Severity
	jobs       int
	// maxFailures ends the run after so many results that fail it; 0: never.
	maxFailures int
	baseline    *baseline
	// live: the exchanges come from a target, which may be out of reach.
	live bool

	mu     sync.Mutex
	judges map[string]*validate.Judge // by callback; webhooks.yml has options for each
}

// newRun takes the options of one run from its flags.
func newRun(a *shell.App, server validate.Server, f judgeFlags) *run {
	return &run{
		app: a, judging: validate.Options{Server: server, ErrCodes: f.errCodes}, severities: f.severities, limit: f.failOn,
		jobs: 1, baseline: &baseline{}, judges: make(map[string]*validate.Judge),
	}
}

// runFlags are the flags that send and validate share.
type runFlags struct {
	app     *shell.App
	names   []string
	target  targetFlags
	payload payloadFlags
	judging judgeFlags
	output  outputFlags
	all     bool
	from    string
}

func (f *runFlags) add(c *cobra.Command, all, from string) {
	f.target.add(c)
	f.payload.addFlags(c)
	f.judging.add(c)
	f.judging.addErrCodes(c)
	f.output.add(c)
	c.Flags().BoolVar(&f.all, "all", false, all)
	c.Flags().StringVar(&f.from, "from", "", from)
	shell.Exclusive(c, "from", madeOnly...)
	shell.Complete(c, shell.SpaceFollows, callbackWords)
}

func (f *runFlags) newRun() *run {
	r := newRun(f.app, f.payload.server, f.judging)
	r.judging.Timeout = validate.Configured(f.target.timeout)
	return r
}

// journal opens the journal of --from.
func (f *runFlags) journal() (*journal, error) {
	if len(f.names) > 0 || f.all {
		return nil, shell.Usagef("--from takes what the journal holds; leave the callbacks and --all out")
	}
	return openJournal(f.app, f.from)
}

// do runs the tasks, up to r.jobs at a time, and reports the results in the
// tasks' order. The error carries the exit code.
func (r *run) do(ctx context.Context, tasks iter.Seq[task], output outputFlags, about report.Run) error {
	about.FailOn = r.limit
	if len(about.Servers) == 0 {
		about.Servers = []string{r.judging.Server.String()}
	}
	out, err := output.open(r.app, about)
	if err != nil {
		return err
	}
	progress := shell.StartProgress(r.app.Streams)
	sum, broken, err := r.report(ctx, tasks, out, progress)
	progress.Stop()
	if err == nil {
		end := report.Summary{Summary: sum, Interrupted: ctx.Err() != nil}
		if end.Interrupted {
			end.Planned = about.Planned
		}
		err = out.finish(end)
	}
	if err != nil {
		return err
	}
	return r.exit(ctx, sum, broken)
}

// report writes the results as they come, and counts them.
func (r *run) report(ctx context.Context, tasks iter.Seq[task], out *reporters, progress *shell.Progress) (sum validate.Summary, broken int, err error) {
	for result := range r.results(ctx, tasks) {
		if result.Exchange.Reply.Failure == validate.Canceled {
			continue
		}
		result = validate.MaskResult(result)
		r.baseline.apply(&result.Verdict, result.Case, r.limit)
		sum.Add(result)
		err := progress.Aside(func() error { return out.report(result) })
		if err != nil {
			return sum, broken, err
		}
		if !result.OK(r.limit) {
			if broken++; broken == r.maxFailures {
				fmt.Fprintf(r.app.Err, "imcb: stopped after %s\n", words.Count(broken, "failure"))
				break
			}
		}
	}
	return sum, broken, nil
}

func (r *run) exit(ctx context.Context, sum validate.Summary, broken int) error {
	switch {
	case ctx.Err() != nil:
		return shell.Interrupted()
	case sum.Results == 0:
		return shell.Silent(shell.ExitNothing)
	case r.live && sum.Reached == 0:
		return shell.Silent(shell.ExitUnreachable)
	case broken > 0:
		return shell.Silent(shell.ExitBroken)
	default:
		return nil
	}
}

// results runs the tasks and yields their results in order. At most two tasks
// per job wait for an earlier one.
func (r *run) results(ctx context.Context, tasks iter.Seq[task]) iter.Seq[validate.Result] {
	if r.jobs == 1 {
		return oneByOne(ctx, tasks)
	}
	return func(yield func(validate.Result) bool) {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		queue := make(chan chan []validate.Result, 2*r.jobs)
		go r.feed(ctx, tasks, queue)
		for slot := range queue {
			for _, result := range <-slot {
				if !yield(result) {
					return
				}
			}
		}
	}
}

// oneByOne runs the tasks where they stand, which is quicker for a single one.
func oneByOne(ctx context.Context, tasks iter.Seq[task]) iter.Seq[validate.Result] {
	return func(yield func(validate.Result) bool) {
		for t := range tasks {
			if ctx.Err() != nil {
				return
			}
			for _, result := range t(ctx) {
				if !yield(result) {
					return
				}
			}
		}
	}
}

// feed starts a task whenever one of the jobs is free.
func (r *run) feed(ctx context.Context, tasks iter.Seq[task], queue chan<- chan []validate.Result) {
	defer close(queue)
	free := make(chan struct{}, r.jobs)
	for t := range tasks {
		select {
		case <-ctx.Done():
			return
		case free <- struct{}{}:
		}
		slot := make(chan []validate.Result, 1)
		select {
		case <-ctx.Done():
			return
		case queue <- slot:
		}
		go func() {
			slot <- t(ctx)
			<-free
		}()
	}
}

// judged is the task of one exchange.
func (r *run) judged(c *fixtures.Callback, exchange func(context.Context) validate.Exchange) task {
	return func(ctx context.Context) []validate.Result {
		x := exchange(ctx)
		verdict := r.judge(c).Judge(&x)
		verdict.Findings = r.severities.Apply(verdict.Findings)
		return []validate.Result{{Verdict: verdict, Exchange: x}}
	}
}

// rejudged is judged for a recorded request that is sent again: it notes where
// the verdict is another one now.
func (r *run) rejudged(c *fixtures.Callback, recorded validate.Exchange, exchange func(context.Context) validate.Exchange) task {
	once := r.judged(c, exchange)
	return func(ctx context.Context) []validate.Result {
		results := once(ctx)
		if recorded.Answered() {
			if was := r.judge(c).Judge(&recorded); report.Outcome(was) != report.Outcome(results[0].Verdict) {
				results[0].Was = &was
			}
		}
		return results
	}
}

// judge returns the callback's judge. Its options say how long the callback
// waits.
func (r *run) judge(c *fixtures.Callback) *validate.Judge {
	r.mu.Lock()
	defer r.mu.Unlock()
	j, ok := r.judges[c.Key]
	if !ok {
		j = validate.NewJudge(c, r.judging)
		r.judges[c.Key] = j
	}
	return j
}
