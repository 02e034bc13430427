package rules

import (
	"slices"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
)

// check notes what is wrong with rules that are well-formed.
func (d *decoder) check() {
	for _, r := range d.rules {
		d.checkPaths(r)
		for _, a := range r.answers {
			if d.Full() {
				return
			}
			d.checkAnswer(r, a)
		}
	}
	unreached(d.rules, d.failUnreached)
}

// checkAnswer notes an answer that does not fit the callbacks of its rule.
func (d *decoder) checkAnswer(r *rule, a *answer) {
	if (a.kind == refuse || a.kind == modify) && !d.checkPhase(r, a) || a.kind == modify && !d.checkFields(r, a) {
		return
	}
	if !a.declared && (a.kind == refuse || a.kind == modify || a.kind == raw) {
		d.judge(r, a)
	}
}

// checkPhase notes an answer to an after callback that is for before ones.
func (d *decoder) checkPhase(r *rule, a *answer) bool {
	var after []string
	for _, c := range r.match.found {
		if c.Phase == fixtures.After {
			after = append(after, c.Key)
		}
	}
	does := say("refuse.nothing")
	if a.kind == modify {
		does = say("modify.nothing")
	}
	switch n := len(after); n {
	case 0:
		return true
	case len(r.match.found):
		d.Fail(a.Place, say("answer.after", "does", does, "callback", after[0], "more", words.More(n-1)))
	default:
		d.Fail(a.Place, say("answer.phase", "does", does, "callback", after[0], "more", words.More(n-1)))
	}
	return false
}

// checkFields notes fields that the version does not read.
func (d *decoder) checkFields(r *rule, a *answer) bool {
	for _, c := range r.match.found {
		names := fixtures.FieldNames(c.ReplyFields(d.options.Server.Release))
		for _, f := range a.fields {
			switch {
			case slices.Contains(names, f.Name):
				continue
			case len(names) == 0:
				d.Fail(f.Place, say("modify.unread", "server", d.options.Server, "callback", c.Key))
			default:
				d.Fail(f.Place, say("modify.field", "callback", c.Key, "field", f.Name, "near", words.DidYouMeanAny(f.Name, names)))
			}
			return false
		}
	}
	return true
}

// bench is where replies to a callback are judged.
type bench struct {
	judge   *validate.Judge
	arrival simulator.Arrival
}

// benchOf makes an example request for a callback, and its judge.
func (d *decoder) benchOf(c *fixtures.Callback) *bench {
	if b := d.benches[c]; b != nil {
		return b
	}
	server, seed := d.options.Server.Release, uint64(1)
	b := &bench{judge: validate.NewJudge(c, validate.Options{Server: d.options.Server})} // no reply here takes time
	b.arrival = simulator.Arrival{Callback: c, Exchange: validate.Exchange{
		Time: fixtures.StoryTime, Callback: c.Key, Command: c.Command(server), Request: validate.Request{Method: "POST"},
	}}
	// The only error is about a content type.
	if p, err := c.Payload(fixtures.PayloadOptions{Server: server, Seed: &seed}); err == nil {
		b.arrival.Request.Body = p.Body
		b.arrival.Request.Headers = []validate.Header{{"Operationid", p.OperationID}}
	}
	d.benches[c] = b
	return b
}

// verdict judges the answer to the example request.
func (b *bench) verdict(a *answer, o *Options) validate.Verdict {
	x := b.arrival.Exchange
	made := a.reply(&turn{request: &request{arrival: &b.arrival}, count: 1}, o)
	x.Reply = validate.Reply{Status: made.Status, Headers: made.Headers, Body: made.Body}
	if x.Reply.Status == 0 {
		x.Reply.Status = 200
	}
	if !slices.ContainsFunc(x.Reply.Headers, func(h validate.Header) bool { return h[0] == "Content-Type" }) {
		x.Reply.Headers = append(x.Reply.Headers, validate.Header{"Content-Type", "application/json; charset=utf-8"})
	}
	return b.judge.Judge(&x)
}

// judge notes an answer on which OpenIM would choke.
func (d *decoder) judge(r *rule, a *answer) {
	for _, c := range r.match.found {
		if wrong := d.wrong(c, a); !wrong.IsZero() {
			d.Fail(a.Place, say("wrong.declare", "wrong", wrong))
			return
		}
	}
}

// wrong says why an answer is a wrong one for a callback; no text when it is
// not.
func (d *decoder) wrong(c *fixtures.Callback, a *answer) words.Text {
	v := d.benchOf(c).verdict(a, &d.options)
	var outcome, finding, hint, bodyless words.Text
	choked := v.Outcome == validate.Fail || v.Outcome == validate.Crash
	switch {
	case choked:
		outcome = say("wrong.outcome", "outcome", string(v.Outcome))
	case v.OK(validate.Error):
		return words.Text{}
	}
	if len(v.Findings) > 0 { // the worst comes first
		finding, hint = quoted(v.Findings[0])
	}
	if a.kind == raw && a.raw.body != nil && bodiless(a.raw.status) {
		bodyless = say("wrong.body", "status", a.raw.status)
	}
	return say("wrong", "callback", c.Key, "server", d.options.Server, "outcome", outcome, "finding", finding, "hint", hint, "body", bodyless)
}

// quoted is a finding's message and hint, without what only helps those who
// write a receiver: where to route, and the options of other commands.
func quoted(f validate.Finding) (message, hint words.Text) {
	message = say("wrong.finding", "message", f.Message.Without("route"))
	if advice := f.Hint.Without("option"); !advice.IsZero() && f.Rule != "no-route" {
		hint = say("wrong.hint", "hint", advice)
	}
	return message, hint
}

// failUnreached notes a rule that never gets its turn.
func (d *decoder) failUnreached(r *rule, before []*rule) {
	var by []words.Text
	for _, b := range before[max(0, len(before)-maxNamed):] {
		by = append(by, say("rule.at", "name", b.name, "line", b.Line))
	}
	d.Fail(r.Place, say("rule.unreached", "rules", by))
}
