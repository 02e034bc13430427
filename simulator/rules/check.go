package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/yamlfile"
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
	if a.kind == refuse && !d.checkPhase(r, a, "refuses nothing") {
		return
	}
	if a.kind == modify && !(d.checkPhase(r, a, "modifies nothing") && d.checkFields(r, a)) {
		return
	}
	if !a.declared && (a.kind == refuse || a.kind == modify || a.kind == raw) {
		d.judge(r, a)
	}
}

// checkPhase notes an answer to an after callback that is for before ones.
func (d *decoder) checkPhase(r *rule, a *answer, does string) bool {
	var after []string
	for _, c := range r.match.found {
		if c.Phase == fixtures.After {
			after = append(after, c.Key)
		}
	}
	switch {
	case len(after) == 0:
		return true
	case len(after) == len(r.match.found):
		d.Fail(a.Place, fmt.Sprintf("this %s: OpenIM ignores every reply to %s, which comes after the operation", does, firstOf(after)))
	default:
		d.Fail(a.Place, fmt.Sprintf("this %s for %s: OpenIM ignores every reply to after callbacks; add phase: before to match", does, firstOf(after)))
	}
	return false
}

// firstOf names a callback, and says that there are more.
func firstOf(keys []string) string {
	if len(keys) > 1 {
		return fmt.Sprintf("%s (and %d more)", keys[0], len(keys)-1)
	}
	return keys[0]
}

// checkFields notes fields that the version does not read.
func (d *decoder) checkFields(r *rule, a *answer) bool {
	for _, c := range r.match.found {
		var names []string
		for _, f := range c.ReplyFields(d.options.Server) {
			names = append(names, f.Name)
		}
		for _, f := range a.fields {
			switch {
			case slices.Contains(names, f.name):
				continue
			case len(names) == 0:
				d.Fail(f.Place, fmt.Sprintf("OpenIM %s reads nothing from the reply to %s that modify could set", d.options.Server, c.Key))
			default:
				d.Fail(f.Place, fmt.Sprintf("the reply to %s has no field %q%s", c.Key, yamlfile.Shorten(f.name), choose(f.name, names)))
			}
			return false
		}
	}
	return true
}

// choose gives the nearest names for a message, or all of them.
func choose(name string, names []string) string {
	if near := words.Nearest(name, names); len(near) > 0 {
		return ": did you mean " + orList(near) + "?"
	}
	return ": it has " + strings.Join(names, ", ")
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
	server, seed := d.options.Server, uint64(1)
	b := &bench{judge: validate.NewJudge(c, validate.Options{Server: validate.On(server), Timeout: d.options.Timeout})}
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
		if message := d.wrong(c, a); message != "" {
			d.Fail(a.Place, message+"; or declare it: fault: true")
			return
		}
	}
}

// wrong says why an answer is a wrong one for a callback; "" when it is not.
func (d *decoder) wrong(c *fixtures.Callback, a *answer) string {
	v := d.benchOf(c).verdict(a, &d.options)
	choked := v.Outcome == validate.Fail || v.Outcome == validate.Crash
	if !choked && v.OK(validate.Error) {
		return ""
	}
	message := fmt.Sprintf("this reply to %s is wrong for OpenIM %s", c.Key, d.options.Server)
	if choked {
		message += fmt.Sprintf(" (outcome %s)", v.Outcome)
	}
	if len(v.Findings) > 0 { // the worst comes first
		f := v.Findings[0]
		message += ": " + quoted(f)
	}
	if a.kind == raw && a.raw.body != nil && bodiless(a.raw.status) {
		message += fmt.Sprintf("; no reply of status %d has a body", a.raw.status)
	}
	return message
}

// quoted is a finding's message and hint, without what only helps those who
// write a receiver: where to route, and the options of other commands.
func quoted(f validate.Finding) string {
	message, hint := f.Message.Without("route").String(), f.Hint.Without("option")
	if hint.IsZero() || f.Rule == "no-route" {
		return message
	}
	return message + "; " + hint.String()
}

// failUnreached notes a rule that never gets its turn.
func (d *decoder) failUnreached(r *rule, before []*rule) {
	var by []string
	for _, b := range before[max(0, len(before)-3):] {
		by = append(by, fmt.Sprintf("%q on line %d", yamlfile.Shorten(b.name), b.Line))
	}
	d.Fail(r.Place, fmt.Sprintf("this rule never gets its turn: %s always answers before; put it first, or give that one times or conditions", orList(by)))
}
