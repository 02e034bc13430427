package play

import (
	"cmp"
	"context"
	"iter"

	"github.com/imcb-dev/imcb/validate"
)

// Runner runs the jobs of a source. The zero value runs one after another, to
// the end.
type Runner struct {
	// Jobs is how many of them may be under way at once. 0: one.
	Jobs int
	// FailOn is the severity from which on a finding fails the run. Empty:
	// validate.Error.
	FailOn validate.Severity
	// MaxFailures ends the run after so many results that fail it. 0: never.
	MaxFailures int
	// Known may change a result before it counts, for findings that are known
	// and fail nothing. Nil: none is.
	Known func(*validate.Result)
}

// Summary counts the results of a run, and says how it ended.
type Summary struct {
	validate.Summary
	// Failed counts the results that fail the run.
	Failed int
	// Stopped: after MaxFailures of them it ended. Interrupted: its context did.
	Stopped, Interrupted bool
}

// Run runs the jobs and passes each result to each, in the order of the jobs and
// with its secrets masked; nil only counts them. An exchange that the end of the
// context cut off is no result. The error is that of each, which ends the run.
func (r Runner) Run(ctx context.Context, source Source, each func(validate.Result) error) (sum Summary, err error) {
	for result := range r.results(ctx, source) {
		if result.Exchange.Reply.Failure == validate.Canceled {
			continue
		}
		result = validate.MaskResult(result)
		if r.Known != nil {
			r.Known(&result)
		}
		sum.count(result, cmp.Or(r.FailOn, validate.Error))
		if each != nil {
			if err = each(result); err != nil {
				break
			}
		}
		if sum.Stopped = r.MaxFailures > 0 && sum.Failed >= r.MaxFailures; sum.Stopped {
			break
		}
	}
	sum.Interrupted = ctx.Err() != nil
	return sum, err
}

func (s *Summary) count(r validate.Result, limit validate.Severity) {
	s.Add(r)
	if !r.OK(limit) {
		s.Failed++
	}
}

// results runs the jobs and yields their results in order. At most two jobs
// wait for an earlier one for each that may be under way.
func (r Runner) results(ctx context.Context, source Source) iter.Seq[validate.Result] {
	if r.Jobs <= 1 {
		return oneByOne(ctx, source)
	}
	return func(yield func(validate.Result) bool) {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		queue := make(chan chan []validate.Result, 2*r.Jobs)
		go r.feed(ctx, source, queue)
		for slot := range queue {
			for _, result := range <-slot {
				if !yield(result) {
					return
				}
			}
		}
	}
}

// oneByOne runs the jobs where they stand, which is quicker for a single one.
func oneByOne(ctx context.Context, source Source) iter.Seq[validate.Result] {
	return func(yield func(validate.Result) bool) {
		for job := range source {
			if ctx.Err() != nil {
				return
			}
			for _, result := range job(ctx) {
				if !yield(result) {
					return
				}
			}
		}
	}
}

// feed starts a job whenever there is room for one.
func (r Runner) feed(ctx context.Context, source Source, queue chan<- chan []validate.Result) {
	defer close(queue)
	free := make(chan struct{}, r.Jobs)
	for job := range source {
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
			slot <- job(ctx)
			<-free
		}()
	}
}
