package play

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/suite"
)

// Suite plays the cases that the filter selects, a job for each run of one. The
// suite's settings count where the player has none; its url is the caller's
// affair. A step that can't be built is a finding: Verify tells beforehand.
func (p *Player) Suite(s *suite.Suite, f suite.Filter) Source {
	own := p.with(s)
	play := own.play
	if s.Cover != "" && s.Cover != validate.CoverOne {
		play = own.cover
	}
	return jobs(s.Plan(f), func(ctx context.Context, one suite.Run) []validate.Result { return play(ctx, s, one) })
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
		if result.Skipped = skipped; skipped != "" {
			results = append(results, s.RedactResult(result))
			continue
		}
		judged := p.step(ctx, step, captures, result)
		if canceled(judged[0]) && ctx.Err() != nil {
			return results
		}
		if !judged[0].OK(validate.Error) {
			skipped = one.AfterFailure(step)
		}
		for _, r := range judged {
			results = append(results, s.RedactResult(r))
		}
	}
	return results
}

// step sends one step, or the requests that cover it, and holds each result
// against its expectations.
func (p *Player) step(ctx context.Context, step *suite.Step, captures *suite.Captures, about validate.Result) []validate.Result {
	payload, headers, err := step.Payload(p.options(), captures)
	if err != nil {
		about.Findings = step.Unsent(err)
		return []validate.Result{about}
	}
	sendWith := func(captures *suite.Captures) func(context.Context, *fixtures.Payload) validate.Result {
		return func(ctx context.Context, payload *fixtures.Payload) validate.Result {
			r := p.played(ctx, payload, headers, captures, about)
			r.Findings = step.Check(r, captures, p.Judging.Severities)
			return r
		}
	}
	if step.Cover == "" || step.Cover == validate.CoverOne {
		return []validate.Result{sendWith(captures)(ctx, payload)}
	}
	aside := captures.Aside()
	c := &coverer{judging: p.Judging, ordinary: payload, space: p.spaceOfStep(step, payload, aside), send: sendWith(aside)}
	results := c.run(ctx)
	captures.Record(results[0].Exchange, results[0].Verdict)
	return results
}

// played sends a step's request and judges the reply.
func (p *Player) played(ctx context.Context, payload *fixtures.Payload, headers []validate.Header, captures *suite.Captures, r validate.Result) validate.Result {
	r.Exchange = p.exchange(ctx, payload, func(r *validate.Request) { r.Headers = withHeaders(r.Headers, headers) })
	r.Verdict = p.Judging.judge(payload.Callback).Judge(&r.Exchange)
	captures.Record(r.Exchange, r.Verdict)
	return r
}

// spaceOfStep is what covers the callback of a step, with the step's edits.
func (p *Player) spaceOfStep(step *suite.Step, ordinary *fixtures.Payload, captures *suite.Captures) *space {
	s := p.spaceOf(CoverOptions{Cover: step.Cover}, ordinary)
	s.edited = step.Edited()
	s.make = func(k fixtures.Case, opts fixtures.PayloadOptions) (*fixtures.Payload, error) {
		payload, _, err := step.Covering(k, opts, captures.Aside())
		return payload, err
	}
	return s
}

// withHeaders adds headers, in place of those of the same name.
func withHeaders(all, added []validate.Header) []validate.Header {
	replaced := func(old validate.Header) bool {
		return slices.ContainsFunc(added, func(h validate.Header) bool { return strings.EqualFold(old[0], h[0]) })
	}
	return append(slices.DeleteFunc(slices.Clone(all), replaced), added...)
}
