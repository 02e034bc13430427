package play

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/suite"
)

// Suite plays the cases that the filter selects, a job for each run of one. The
// suite's settings count where the player has none; its url is the caller's
// affair. A step that can't be built is a finding: Verify tells beforehand.
func (p *Player) Suite(s *suite.Suite, f suite.Filter) Source {
	own := p.with(s)
	return jobs(s.Plan(f), func(ctx context.Context, one suite.Run) []validate.Result { return own.play(ctx, s, one) })
}

// Verify builds every request of the suite once; the error says which can't be.
func (p *Player) Verify(s *suite.Suite) error { return s.Verify(p.with(s).options()) }

func (p *Player) with(s *suite.Suite) *Player {
	own := *p
	own.Judging = p.Judging.With(s)
	return &own
}

// play sends the steps of one case that the server sends, in an order in which it
// may. After a failed step the others are skipped.
func (p *Player) play(ctx context.Context, s *suite.Suite, one suite.Run) []validate.Result {
	captures := one.Captures()
	steps, skipped := one.Order(p.options()), one.Skipped
	if len(steps) == 0 {
		steps, skipped = one.Steps[:1], cmp.Or(skipped, one.Unsent(p.Judging.Server().Release))
	}
	results := make([]validate.Result, 0, len(steps))
	for _, step := range steps {
		result := one.Result(step, p.Judging.Server())
		if result.Skipped = skipped; skipped == "" {
			p.step(ctx, step, captures, &result)
			if result.Exchange.Reply.Failure == validate.Canceled && ctx.Err() != nil {
				return results
			}
			if !result.OK(validate.Error) {
				skipped = one.AfterFailure(step)
			}
		}
		results = append(results, s.RedactResult(result))
	}
	return results
}

// step sends one step and holds the result against its expectations.
func (p *Player) step(ctx context.Context, step *suite.Step, captures *suite.Captures, result *validate.Result) {
	payload, headers, err := step.Payload(p.options(), captures)
	if err != nil {
		result.Findings = step.Unsent(err)
		return
	}
	x := p.exchange(ctx, payload, func(r *validate.Request) { r.Headers = withHeaders(r.Headers, headers) })
	result.Verdict, result.Exchange = p.Judging.judge(step.Callback).Judge(&x), x
	captures.Record(x, result.Verdict)
	result.Findings = step.Check(*result, captures, p.Judging.Severities)
}

// withHeaders adds headers, in place of those of the same name.
func withHeaders(all, added []validate.Header) []validate.Header {
	replaced := func(old validate.Header) bool {
		return slices.ContainsFunc(added, func(h validate.Header) bool { return strings.EqualFold(old[0], h[0]) })
	}
	return append(slices.DeleteFunc(slices.Clone(all), replaced), added...)
}
