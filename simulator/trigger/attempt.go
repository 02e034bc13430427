package trigger

import (
	"context"
	"slices"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
)

// attempt is one operation under way.
type attempt struct {
	*Session
	choice  Choice
	values  map[string]string
	results []validate.Result
}

// run does an operation; each callback that is asked for has a result.
func (s *Session) run(ctx context.Context, c Choice) []validate.Result {
	if s.values == nil {
		s.values = newValues
	}
	a := &attempt{Session: s, choice: c, values: s.values()}
	if a.prepare(ctx) {
		for _, one := range c.Calls {
			if !a.call(ctx, one.filled(a.values)) {
				break
			}
		}
	}
	if c.makesGroup() && ctx.Err() == nil {
		s.do(ctx, operations().Dismiss.filled(a.values))
	}
	if ctx.Err() != nil {
		return a.results
	}
	return a.complete()
}

// prepare reports whether all is as the operation needs it.
func (a *attempt) prepare(ctx context.Context) bool {
	if c, got := a.ensureUsers(ctx, a.choice.needsUsers()); !got.ok() {
		a.step("users", false, a.told(c, got))
		return a.unprepared(c, got)
	}
	for _, c := range in(a.choice.preparation(), a.Judging.Server().Release) {
		c = c.filled(a.values)
		got := a.do(ctx, c)
		a.step("prepare", got.ok(), a.told(c, got))
		if !got.ok() {
			return a.unprepared(c, got)
		}
	}
	return true
}

// unprepared makes results of a preparation that failed, perhaps because OpenIM
// calls elsewhere.
func (a *attempt) unprepared(c call, got answer) bool {
	for _, callback := range a.choice.Callbacks {
		steps, _, hint := a.suspect(outcome{call: c, answer: got}, expected{callback: callback}, 0).look()
		message := say("trigger-preparation", "what", c.what(), "answer", a.API.told(got))
		a.add(validate.Result{Verdict: a.verdict(callback, rulePreparation, message, hint), Steps: steps})
	}
	return false
}

// told says what became of a call.
func (a *attempt) told(c call, got answer) words.Text {
	return say("call", "what", c.what(), "answer", a.API.told(got), "time", got.elapsed.Round(time.Millisecond))
}

// call makes a call that fires callbacks and waits for them. It reports whether
// the operation may go on.
func (a *attempt) call(ctx context.Context, c call) bool {
	before := 0
	if a.Arrivals != nil {
		before = a.Arrivals.count()
	}
	start := time.Now()
	got := a.do(ctx, c)
	if a.Arrivals == nil {
		a.step("call", got.ok(), a.told(c, got))
		for _, f := range a.fires(c) {
			a.add(a.unwatched(outcome{call: c, answer: got}, f))
		}
		return got.ok()
	}
	came := a.await(ctx, c, before)
	a.step("call", got.ok() || a.stopper(c, came) != nil, a.told(c, got))
	if ctx.Err() == nil {
		a.judge(outcome{c, got, came, start})
	}
	return got.ok()
}

// await waits for what the call fires, until a reply stops the operation.
func (a *attempt) await(ctx context.Context, c call, before int) []*simulator.Arrival {
	limited, cancel := context.WithTimeout(ctx, a.Wait)
	defer cancel()
	return a.Arrivals.wait(limited, before, func(all []*simulator.Arrival) bool {
		missing := slices.ContainsFunc(a.fires(c), func(f expected) bool {
			one, _ := find(all, f.callback, f.where)
			return one == nil && a.mayCome(f.callback)
		})
		return !missing || a.stopper(c, all) != nil
	})
}

// expected is a callback that a call fires.
type expected struct {
	callback *fixtures.Callback
	where    map[string]string
}

// fires are the callbacks of the call that are asked for.
func (a *attempt) fires(c call) (all []expected) {
	for _, f := range c.Fires {
		where := filledAll(f.Where, a.values)
		for _, key := range f.Callbacks {
			if one, ok := fixtures.Find(key); ok && a.choice.wants(one) {
				all = append(all, expected{one, where})
			}
		}
	}
	return all
}

// stopper is the arrival whose reply ended the operation; nil: none did.
// Callbacks of the call that nobody asked for count, too.
func (a *attempt) stopper(c call, all []*simulator.Arrival) *simulator.Arrival {
	for _, f := range c.Fires {
		where := filledAll(f.Where, a.values)
		for _, key := range f.Callbacks {
			callback, _ := fixtures.Find(key)
			if one, _ := find(all, callback, where); one != nil && stops(*one.Verdict) {
				return one
			}
		}
	}
	return nil
}

// stops reports whether OpenIM ends the operation with that reply, and tells its
// caller.
func stops(v validate.Verdict) bool {
	c := v.Callback
	return c != nil && c.Phase == fixtures.Before && !c.Unseen && v.Notice == "" &&
		slices.Contains([]validate.Outcome{validate.Refuse, validate.Fail, validate.Crash}, v.Outcome)
}

// add keeps a result. The steps that several have in common are those of the
// first, and of any that fails.
func (a *attempt) add(r validate.Result) {
	r.Findings = a.Judging.Severities.Apply(r.Findings)
	if len(a.results) == 0 || r.Worst() == validate.Error {
		r.Steps = slices.Concat(a.steps, r.Steps)
	}
	a.results = append(a.results, r)
}

// verdict is that on a callback about which there is one thing to say.
func (s *Session) verdict(c *fixtures.Callback, rule *validate.Rule, message, hint words.Text) validate.Verdict {
	return validate.Verdict{Callback: c, Server: s.Judging.Server(), Findings: []validate.Finding{finding(rule, message, hint)}}
}

// complete adds what was not reached, and ends the steps.
func (a *attempt) complete() []validate.Result {
	for _, c := range a.choice.Callbacks {
		if !slices.ContainsFunc(a.results, func(r validate.Result) bool { return r.Callback == c }) {
			a.add(validate.Result{
				Verdict: validate.Verdict{Callback: c, Server: a.Judging.Server()},
				Skipped: say("skipped", "operation", a.choice.Name).String(),
			})
		}
	}
	a.steps = nil
	return a.results
}
