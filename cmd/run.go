package cmd

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"github.com/imcb-dev/imcb/cmd/run"
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/report"
)

// task gets exchanges, mostly one, and judges them.
type task func(context.Context) []validate.Result

// runner judges exchanges and reports them.
type runner struct {
	app     *shell.App
	judging validate.Options
	// severities are those of --rule; of a suite, or of the only one, too.
	severities validate.Overrides
	limit      validate.Severity
	jobs       int
	// maxFailures ends the run after so many results that fail it; 0: never.
	maxFailures int
	baseline    *run.Baseline
	// live: the exchanges come from a target, which may be out of reach.
	live bool

	mu     sync.Mutex
	judges map[string]*validate.Judge // by callback; webhooks.yml has options for each
}

// newRun takes the options of one run from its flags.
func newRunner(a *shell.App, server validate.Server, f run.JudgeFlags) *runner {
	return &runner{
		app: a, judging: validate.Options{Server: server, ErrCodes: f.ErrCodes}, severities: f.Severities, limit: f.FailOn,
		jobs: 1, baseline: &run.Baseline{}, judges: make(map[string]*validate.Judge),
	}
}

// newSharedRun takes the options of one run of send or validate.
func newSharedRun(f *run.Flags) *runner {
	r := newRunner(f.App, f.Payload.Server, f.Judging)
	r.judging.Timeout = validate.Configured(f.Target.Timeout)
	return r
}

// openShared opens the journal of --from.
func openShared(f *run.Flags) (*journal, error) {
	if len(f.Names) > 0 || f.All {
		return nil, shell.Usagef("--from takes what the journal holds; leave the callbacks and --all out")
	}
	return openJournal(f.App, f.From)
}

// do runs the tasks, up to r.jobs at a time, and reports the results in the
// tasks' order. The error carries the exit code.
func (r *runner) do(ctx context.Context, tasks iter.Seq[task], output run.OutputFlags, about report.Run) error {
	about.FailOn = r.limit
	if len(about.Servers) == 0 {
		about.Servers = []string{r.judging.Server.String()}
	}
	out, err := output.Open(r.app, about)
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
		err = out.Finish(end)
	}
	if err != nil {
		return err
	}
	return r.exit(ctx, sum, broken)
}

// report writes the results as they come, and counts them.
func (r *runner) report(ctx context.Context, tasks iter.Seq[task], out *run.Reporters, progress *shell.Progress) (sum validate.Summary, broken int, err error) {
	for result := range r.results(ctx, tasks) {
		if result.Exchange.Reply.Failure == validate.Canceled {
			continue
		}
		result = validate.MaskResult(result)
		r.baseline.Apply(&result.Verdict, result.Case, r.limit)
		sum.Add(result)
		err := progress.Aside(func() error { return out.Report(result) })
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

func (r *runner) exit(ctx context.Context, sum validate.Summary, broken int) error {
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
func (r *runner) results(ctx context.Context, tasks iter.Seq[task]) iter.Seq[validate.Result] {
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
func (r *runner) feed(ctx context.Context, tasks iter.Seq[task], queue chan<- chan []validate.Result) {
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
func (r *runner) judged(c *fixtures.Callback, exchange func(context.Context) validate.Exchange) task {
	return func(ctx context.Context) []validate.Result {
		x := exchange(ctx)
		verdict := r.judge(c).Judge(&x)
		verdict.Findings = r.severities.Apply(verdict.Findings)
		return []validate.Result{{Verdict: verdict, Exchange: x}}
	}
}

// rejudged is judged for a recorded request that is sent again: it notes where
// the verdict is another one now.
func (r *runner) rejudged(c *fixtures.Callback, recorded validate.Exchange, exchange func(context.Context) validate.Exchange) task {
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
func (r *runner) judge(c *fixtures.Callback) *validate.Judge {
	r.mu.Lock()
	defer r.mu.Unlock()
	j, ok := r.judges[c.Key]
	if !ok {
		j = validate.NewJudge(c, r.judging)
		r.judges[c.Key] = j
	}
	return j
}
