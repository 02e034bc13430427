package play

import (
	"cmp"
	"context"
	"slices"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/suite"
)

// operation is a case of a suite that is run for each request that a server sends
// first in it. The steps that follow carry on what the request and its reply have.
type operation struct {
	player *Player
	suite  *suite.Suite
	run    suite.Run
	steps  []*suite.Step
	first  *suite.Step
	// usual are the results of the ordinary run, and shown is the place of the one
	// that stands for it: the first step's, or the one that failed.
	usual []validate.Result
	shown int
	// cases are those of the requests that were made.
	cases map[*fixtures.Payload]fixtures.Case
}

// cover runs the case, then once for each of the other requests. The results are
// those of the ordinary run, the first with how many runs there were, and one
// for each cause for which others went another way.
func (p *Player) cover(ctx context.Context, s *suite.Suite, one suite.Run) []validate.Result {
	o := &operation{player: p, suite: s, run: one, steps: one.Order(p.options()), cases: make(map[*fixtures.Payload]fixtures.Case)}
	if len(o.steps) == 0 || one.Skipped != "" {
		return p.play(ctx, s, one)
	}
	o.first = slices.MinFunc(o.steps, func(a, b *suite.Step) int { return cmp.Compare(a.Number, b.Number) })
	ordinary, _, err := o.first.Payload(p.options(), one.Captures())
	if err != nil {
		return p.play(ctx, s, one)
	}
	c := &coverer{judging: p.Judging, ordinary: ordinary, space: o.space(ordinary), send: o.send, title: func(r validate.Result) string { return r.Case }}
	results := c.run(ctx)
	if o.usual[o.shown] = results[0]; results[0].Cover == nil { // interrupted
		return o.usual
	}
	return append(o.usual, results[1:]...)
}

// space are the requests of the first step, of its own kind of message.
func (o *operation) space(ordinary *fixtures.Payload) *space {
	s := o.player.spaceOf(CoverOptions{Cover: o.suite.Cover}, ordinary)
	s.all = slices.DeleteFunc(slices.Clone(s.all), func(k fixtures.Case) bool {
		return slices.ContainsFunc(k.Differs, func(d fixtures.Difference) bool { return d.Path == contentType })
	})
	s.edited, o.cases[ordinary] = true, s.all[0]
	s.make = func(k fixtures.Case, opts fixtures.PayloadOptions) (*fixtures.Payload, error) {
		payload, _, err := o.first.Covering(k, opts, o.run.Captures())
		o.cases[payload] = k
		return payload, err
	}
	return s
}

// send runs the case with a request of its first step, and returns the first
// result that is not as in the ordinary run.
func (o *operation) send(ctx context.Context, payload *fixtures.Payload) validate.Result {
	if o.usual == nil {
		return o.sendOrdinary(ctx)
	}
	k := o.cases[payload]
	results := o.play(ctx, k)
	at := max(0, slices.IndexFunc(results, o.isFirst))
	for i, r := range results {
		usual := slices.IndexFunc(o.usual, func(u validate.Result) bool { return u.Case == r.Case })
		if usual < 0 {
			continue // not that far
		}
		well := asUsual(r, o.usual[usual])
		if len(k.Differs) > 0 && usual != o.shown {
			o.count(&o.usual[usual], well)
		}
		if !well && asUsual(results[at], o.usual[o.shown]) {
			at = i
		}
	}
	return results[at]
}

// sendOrdinary runs the case as ever.
func (o *operation) sendOrdinary(ctx context.Context) validate.Result {
	o.usual = o.player.play(ctx, o.suite, o.run)
	failed := func(r validate.Result) bool { return r.Skipped == "" && !r.OK(validate.Error) }
	if o.shown = slices.IndexFunc(o.usual, failed); o.shown < 0 {
		o.shown = max(0, slices.IndexFunc(o.usual, o.isFirst))
	}
	return o.usual[o.shown]
}

func (o *operation) isFirst(r validate.Result) bool { return r.Case == o.run.Title(o.first) }

// count counts another request of a step that follows.
func (o *operation) count(usual *validate.Result, well bool) {
	if usual.Cover == nil {
		usual.Cover = &validate.Cover{Requests: 1, Well: 1}
	}
	if usual.Cover.Requests++; well {
		usual.Cover.Well++
	}
}

func (o *operation) build(step *suite.Step, k fixtures.Case, opts fixtures.PayloadOptions, captures *suite.Captures) (*fixtures.Payload, []validate.Header, error) {
	if step == o.first {
		return step.Covering(k, opts, captures)
	}
	return step.Payload(opts, captures)
}

// play runs the case once more, as far as OpenIM goes on. What is expected of the
// ordinary run is not of this one.
func (o *operation) play(ctx context.Context, k fixtures.Case) (results []validate.Result) {
	captures, opts := o.run.Captures(), o.player.options()
	for _, step := range o.steps {
		payload, headers, err := o.build(step, k, opts, captures)
		r := o.run.Result(step, o.player.Judging.Server())
		if err != nil {
			r.Findings = step.Unsent(err)
			return append(results, r)
		}
		r = o.player.played(ctx, payload, headers, captures, r)
		r.Findings = o.player.Judging.counted(r.Findings)
		results = append(results, o.suite.RedactResult(r))
		if !r.OK(validate.Error) || r.Outcome != validate.Proceed && r.Outcome != validate.Nothing {
			return results
		}
	}
	return results
}
