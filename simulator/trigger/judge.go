package trigger

import (
	"slices"
	"strings"
	"time"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
)

// outcome is a call with what came of it.
type outcome struct {
	call
	answer
	came  []*simulator.Arrival
	start time.Time
}

// judge makes a result of each callback that the call fires.
func (a *attempt) judge(o outcome) {
	stopper := a.stopper(o.call, o.came)
	compared := a.decides(o, stopper)
	for _, f := range a.fires(o.call) {
		one, others := find(o.came, f.callback, f.where)
		switch {
		case one != nil:
			a.add(a.arrived(o, one, one == compared))
		case stopper != nil:
			a.add(validate.Result{
				Verdict: validate.Verdict{Callback: f.callback, Server: a.Judging.Server()},
				Skipped: say("stopped", "callback", stopper.Callback.Key, "outcome", stopper.Verdict.Outcome).String(),
			})
		default:
			a.add(a.silent(o, f, others))
		}
	}
}

// decides is the arrival whose verdict the caller's view is held against: the one
// that ended the operation or, where all went on, the first.
func (a *attempt) decides(o outcome, stopper *simulator.Arrival) *simulator.Arrival {
	if stopper != nil {
		return stopper
	}
	for _, f := range a.fires(o.call) {
		if one, _ := find(o.came, f.callback, f.where); one != nil {
			return one
		}
	}
	return nil
}

// arrived is the result of a callback that came. What the caller saw is compared
// with the verdict that decides.
func (a *attempt) arrived(o outcome, one *simulator.Arrival, decides bool) validate.Result {
	r := validate.Result{Verdict: *one.Verdict, Exchange: one.Exchange}
	r.Callback, r.Server = one.Callback, a.Judging.Server()
	after := one.Time.Sub(o.start).Round(time.Millisecond)
	r.Steps = append(r.Steps, step("arrival", true, say("arrival", "time", after, "url", one.Request.URL)))
	if !decides {
		return r
	}
	saw, should := o.Client, r.Client
	if agree(r.Verdict, saw) && o.failure == "" {
		r.Steps = append(r.Steps, step("caller", true, say("caller", "client", a.API.sees(saw))))
		return r
	}
	message := say("trigger-client", "verdict", a.API.sees(should), "caller", a.API.told(o.answer))
	r.Steps = append(r.Steps, step("caller", false, message))
	r.Findings = append(slices.Clone(r.Findings), finding(ruleClient, message, a.clientHint(r.Verdict)))
	return r
}

// agree reports whether the caller saw what the verdict says. Of what can't be
// used, errDlt has the words of OpenIM's HTTP client, which imcb knows in part.
func agree(v validate.Verdict, saw validate.Client) bool {
	should := v.Client
	switch {
	case v.Callback != nil && v.Callback.Unseen:
		return saw.ErrCode == 0
	case saw.ErrCode != should.ErrCode:
		return false
	case v.Outcome == validate.Refuse:
		return saw.ErrMsg == should.ErrMsg && saw.ErrDlt == should.ErrDlt
	default:
		return true
	}
}

// clientHint says where to look when the two sides differ.
func (a *attempt) clientHint(v validate.Verdict) words.Text {
	if v.Client.ErrCode == 0 {
		return say("trigger-client.hint-own")
	}
	return say("trigger-client.hint-server", "server", a.Judging.Server())
}

// filledAll are texts with values in place of their names.
func filledAll(texts, values map[string]string) map[string]string {
	var pairs []string
	for name, value := range values {
		pairs = append(pairs, "{"+name+"}", value)
	}
	all, r := make(map[string]string, len(texts)), strings.NewReplacer(pairs...)
	for field, text := range texts {
		all[field] = r.Replace(text)
	}
	return all
}
