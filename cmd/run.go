package cmd

import (
	"context"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/report"
)

// task gets one exchange and the callback by which to judge it.
type task struct {
	callback *fixtures.Callback
	exchange func(context.Context) validate.Exchange
	// recorded is the exchange that is sent again; nil: none.
	recorded *validate.Exchange
}

// run judges exchanges and reports them.
type run struct {
	app     *app
	judging validate.Options
	limit   validate.Severity
	jobs    int
	judges  map[string]*validate.Judge
	// live: the exchanges come from a target, which may be out of reach.
	live bool
}

// newRun takes the options of one run from its flags.
func newRun(a *app, judging judgeFlags, server fixtures.Version) (*run, error) {
	options, err := judging.options(server)
	if err != nil {
		return nil, err
	}
	limit, err := judging.limit()
	if err != nil {
		return nil, err
	}
	return &run{app: a, judging: options, limit: limit, jobs: 1, judges: make(map[string]*validate.Judge)}, nil
}

// do runs the tasks, up to r.jobs at a time, and reports the results in the
// tasks' order. The error carries the exit code.
func (r *run) do(ctx context.Context, tasks iter.Seq[task], output outputFlags, o report.Options) error {
	o.Server, o.FailOn = r.judging.Server, r.limit
	out, err := output.open(r.app, o)
	if err != nil {
		return err
	}
	var sum validate.Summary
	progress := startProgress(r.app.Streams)
	broken := 0
	for result := range r.results(ctx, tasks) {
		if result.Exchange.Reply.Failure == validate.Canceled {
			continue
		}
		sum.Add(result)
		if !result.OK(r.limit) {
			broken++
		}
		progress.pause()
		if err := out.report(result); err != nil {
			progress.stop()
			return err
		}
		progress.done(sum.Results)
	}
	progress.stop()
	if err := out.close(sum); err != nil {
		return err
	}
	return r.exit(ctx, sum, broken)
}

func (r *run) exit(ctx context.Context, sum validate.Summary, broken int) error {
	switch {
	case ctx.Err() != nil:
		return silent(exitInterrupted)
	case sum.Results == 0:
		return silent(exitNothing)
	case r.live && sum.Reached == 0:
		return silent(exitUnreachable)
	case broken > 0:
		return silent(exitBroken)
	default:
		return nil
	}
}

// results runs the tasks and yields their results in order. At most two
// results per job wait for an earlier one.
func (r *run) results(ctx context.Context, tasks iter.Seq[task]) iter.Seq[validate.Result] {
	return func(yield func(validate.Result) bool) {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		queue := make(chan chan validate.Result, 2*r.jobs)
		go r.feed(ctx, tasks, queue)
		for slot := range queue {
			if !yield(<-slot) {
				return
			}
		}
	}
}

// feed starts a task whenever one of the jobs is free.
func (r *run) feed(ctx context.Context, tasks iter.Seq[task], queue chan<- chan validate.Result) {
	defer close(queue)
	free := make(chan struct{}, r.jobs)
	for t := range tasks {
		select {
		case <-ctx.Done():
			return
		case free <- struct{}{}:
		}
		judge := r.judge(t.callback)
		slot := make(chan validate.Result, 1)
		select {
		case <-ctx.Done():
			return
		case queue <- slot:
		}
		go func() {
			slot <- t.result(ctx, judge)
			<-free
		}()
	}
}

// result gets the task's exchange and judges it.
func (t task) result(ctx context.Context, judge *validate.Judge) validate.Result {
	exchange := t.exchange(ctx)
	result := validate.Result{Verdict: judge.Judge(&exchange), Exchange: exchange}
	if t.recorded != nil && t.recorded.Answered() {
		if was := judge.Judge(t.recorded); report.Outcome(was) != report.Outcome(result.Verdict) {
			result.Was = &was
		}
	}
	return result
}

// judge returns the callback's judge; feed is its only caller.
func (r *run) judge(c *fixtures.Callback) *validate.Judge {
	j, ok := r.judges[c.Key]
	if !ok {
		j = validate.NewJudge(c, r.judging)
		r.judges[c.Key] = j
	}
	return j
}

// progress is a line on the terminal about a run that takes over a second.
type progress struct {
	w     io.Writer
	start time.Time
	shown bool
	last  time.Time
}

func startProgress(s Streams) *progress {
	p := &progress{start: time.Now()}
	if s.ErrIsTerminal {
		p.w = s.Err
	}
	return p
}

// pause clears the line before results are written.
func (p *progress) pause() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
}

// done shows how many results there are.
func (p *progress) done(n int) {
	now := time.Now()
	if p.w == nil || now.Sub(p.start) < time.Second || now.Sub(p.last) < 100*time.Millisecond {
		return
	}
	p.last, p.shown = now, true
	fmt.Fprintf(p.w, "\r\x1b[K%d done, %s", n, now.Sub(p.start).Round(time.Second))
}

func (p *progress) stop() { p.pause() }
