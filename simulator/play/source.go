package play

import (
	"context"
	"iter"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
)

// Job gets exchanges, mostly one, and judges them. The results of one job stay
// together.
type Job func(context.Context) []validate.Result

// Source yields the jobs of a run in the order of their results.
type Source = iter.Seq[Job]

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

// Recorded are exchanges as they were recorded, each with its callback: see
// package record.
type Recorded = iter.Seq2[*fixtures.Callback, validate.Exchange]

// Recorded judges what was recorded, a job for each exchange.
func (j *Judging) Recorded(exchanges Recorded) Source {
	return eachOf(exchanges, func(_ context.Context, c *fixtures.Callback, x validate.Exchange) validate.Result {
		return j.Judge(c, x)
	})
}

// Again sends recorded requests to the player's target, a job for each. A result
// has the recorded reply's verdict where the new one is another.
func (p *Player) Again(exchanges Recorded) Source {
	return eachOf(exchanges, p.again)
}

func (p *Player) again(ctx context.Context, c *fixtures.Callback, recorded validate.Exchange) validate.Result {
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

// eachOf makes a job of each exchange.
func eachOf(exchanges Recorded, result func(context.Context, *fixtures.Callback, validate.Exchange) validate.Result) Source {
	return func(yield func(Job) bool) {
		for c, x := range exchanges {
			if !yield(func(ctx context.Context) []validate.Result { return []validate.Result{result(ctx, c, x)} }) {
				return
			}
		}
	}
}
