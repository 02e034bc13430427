package rules

import (
	"slices"
	"strconv"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator"
)

// Explanation says what a rule makes of a request, criterion by criterion.
type Explanation struct {
	Name string `json:"name"`
	// Matched: all criteria hold, and no earlier rule answers. Chance may have
	// decided against the rule; the criterion probability tells that it could.
	Matched bool `json:"matched"`
	// Delays: the rule only delays, and leaves the answer to others.
	Delays   bool        `json:"delays"`
	Criteria []Criterion `json:"criteria"`
	// otherCallback: callback, phase or group does not hold.
	otherCallback bool
}

// ForCallback reports whether the rule is for requests of this kind: its
// criteria callback, phase and group hold.
func (e Explanation) ForCallback() bool { return !e.otherCallback }

// Criterion is one thing that a rule asks of a request.
type Criterion struct {
	// What is callback, phase, group, "header NAME", a path of the body, times,
	// probability or order.
	What string     `json:"what"`
	Want words.Text `json:"want"`
	Got  words.Text `json:"got"`
	OK   bool       `json:"ok"`
}

// Explain says which rules would match a request, as they are now, and why the
// others would not. It changes nothing: no count, no random number.
func (b *Book) Explain(a *simulator.Arrival) []Explanation {
	rules, req := b.current.Load().rules, &request{arrival: a}
	all := make([]Explanation, 0, len(rules))
	answeredBy := ""
	for _, r := range rules {
		e := r.explain(req)
		if answeredBy != "" {
			e.Criteria = append(e.Criteria, Criterion{"order", say("criterion.order"), say("criterion.earlier", "rule", answeredBy), false})
		}
		e.Matched = !slices.ContainsFunc(e.Criteria, Criterion.fails)
		if e.Matched && len(r.answers) > 0 && r.probability == 1 {
			answeredBy = r.name
		}
		all = append(all, e)
	}
	return all
}

func (c Criterion) fails() bool { return !c.OK }

// explain looks at all criteria but the order.
func (r *rule) explain(req *request) Explanation {
	kind := r.match.kindCriteria(req.arrival.Callback)
	return Explanation{
		Name: r.name, Delays: len(r.answers) == 0, otherCallback: slices.ContainsFunc(kind, Criterion.fails),
		Criteria: append(append(kind, r.match.valueCriteria(req)...), r.stateCriteria()...),
	}
}

func (r *rule) stateCriteria() []Criterion {
	var all []Criterion
	if r.times > 0 {
		answered := r.count()
		c := Criterion{"times", say("criterion.times", "n", r.times), say("criterion.answered", "n", answered), !r.usedUp(answered)}
		if !c.OK {
			c.Got = say("criterion.used-up", "n", answered)
		}
		all = append(all, c)
	}
	if r.probability < 1 {
		all = append(all, Criterion{"probability", words.Plain(strconv.FormatFloat(r.probability, 'g', -1, 64)), say("criterion.chance"), true})
	}
	return all
}

func (m *match) kindCriteria(c *fixtures.Callback) []Criterion {
	all := []Criterion{}
	key := say("criterion.unknown")
	phase, group := key, key
	if c != nil {
		key, phase, group = words.Plain(c.Key), words.Plain(string(c.Phase)), words.Plain(c.Group)
	}
	if len(m.callbacks) > 0 {
		all = append(all, Criterion{"callback", say("criterion.callbacks", "callbacks", m.callbacks), key, c != nil && slices.Contains(m.callbacks, c.Key)})
	}
	if m.phase != "" {
		all = append(all, Criterion{"phase", words.Plain(string(m.phase)), phase, c != nil && m.phase == c.Phase})
	}
	if m.group != "" {
		all = append(all, Criterion{"group", words.Plain(m.group), group, c != nil && m.group == c.Group})
	}
	return all
}

func (m *match) valueCriteria(r *request) []Criterion {
	var all []Criterion
	for _, h := range m.headers {
		v := r.header(h.name)
		all = append(all, Criterion{"header " + h.name, h.condition.text(), shown(v), h.condition.meets(v)})
	}
	for _, w := range m.where.list {
		v := w.path.in(r.text())
		got := shown(v)
		if !v.Exists() && r.text() == "" {
			got = say("criterion.not-json")
		}
		all = append(all, Criterion{words.Printable(w.path.text), w.condition.text(), got, w.condition.meets(v)})
	}
	return all
}
