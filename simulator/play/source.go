package play

import (
	"context"
	"iter"
	"slices"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
)

// Job gets exchanges, mostly one, and judges them. The results of one job stay
// together.
type Job func(context.Context) []validate.Result

// Source yields the jobs of a run in the order of their results.
type Source = iter.Seq[Job]

// Jobs makes a job of each item: its result.
func Jobs[T any](items iter.Seq[T], result func(context.Context, T) validate.Result) Source {
	return jobs(items, func(ctx context.Context, item T) []validate.Result { return []validate.Result{result(ctx, item)} })
}

func jobs[T any](items iter.Seq[T], results func(context.Context, T) []validate.Result) Source {
	return func(yield func(Job) bool) {
		for item := range items {
			if !yield(func(ctx context.Context) []validate.Result { return results(ctx, item) }) {
				return
			}
		}
	}
}

// Chain yields the jobs of each source, one source after another.
func Chain(sources ...Source) Source {
	return func(yield func(Job) bool) {
		for _, source := range sources {
			for job := range source {
				if !yield(job) {
					return
				}
			}
		}
	}
}

// Callbacks sends requests, a job for each.
func (p *Player) Callbacks(payloads ...*fixtures.Payload) Source {
	return Jobs(slices.Values(payloads), p.Send)
}

// Recorded is an exchange as it was recorded, and its callback: see package
// record.
type Recorded struct {
	Callback *fixtures.Callback
	Exchange validate.Exchange
}

// Recorded judges what was recorded, a job for each exchange. With j.Requests
// the results have the requests' findings, too; they say that they are about
// the request. Others judge the same, a result each.
func (j *Judging) Recorded(exchanges iter.Seq[Recorded], others ...*Judging) Source {
	return jobs(exchanges, func(_ context.Context, r Recorded) []validate.Result {
		results := []validate.Result{j.judgeRecorded(r)}
		for _, other := range others {
			results = append(results, other.judgeRecorded(r))
		}
		return results
	})
}

// Again sends recorded requests to the player's target, a job for each. A result
// has the recorded reply's verdict where the new one is another.
func (p *Player) Again(exchanges iter.Seq[Recorded]) Source { return Jobs(exchanges, p.again) }

func (p *Player) again(ctx context.Context, r Recorded) validate.Result {
	c, recorded := r.Callback, r.Exchange
	if recorded.Command == "" {
		recorded.Command = c.Command(fixtures.DefaultRelease)
	}
	now := p.Judging.Judge(c, p.Sender.Resend(ctx, p.Target.Again(recorded), recorded, p.Judging.Timeout(c)))
	if recorded.Answered() {
		was := p.Judging.judge(c).Judge(&recorded)
		if was.Outcome != now.Outcome || was.Client.ErrCode != now.Client.ErrCode {
			now.Was = &was
		}
	}
	return now
}
