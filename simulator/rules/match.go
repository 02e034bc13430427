package rules

import (
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate/yamlfile"
	"github.com/tidwall/gjson"
)

// match is the criteria of a rule.
type match struct {
	yamlfile.Place
	// callbacks, phase and group are as the text has them; empty: any.
	callbacks []string
	phase     fixtures.Phase
	group     string
	// found are the callbacks that meet these three.
	found   []*fixtures.Callback
	headers []headerCondition
	where   Conditions
}

type headerCondition struct {
	name      string
	condition *condition
}

func (m *match) settle() {
	for _, c := range fixtures.All() {
		if (len(m.callbacks) == 0 || slices.Contains(m.callbacks, c.Key)) &&
			(m.phase == "" || c.Phase == m.phase) && (m.group == "" || c.Group == m.group) {
			m.found = append(m.found, c)
		}
	}
}

// any reports whether requests for any callback match, also unknown ones.
func (m *match) any() bool { return len(m.callbacks) == 0 && m.phase == "" && m.group == "" }

// reach returns the callbacks that can match; nil among them stands for the
// unknown ones.
func (m *match) reach() []*fixtures.Callback {
	if m.any() {
		return append(slices.Clip(m.found), nil)
	}
	return m.found
}

// within reports whether all callbacks that can match are among others.
func (m *match) within(others map[*fixtures.Callback]bool) bool {
	return !slices.ContainsFunc(m.reach(), func(c *fixtures.Callback) bool { return !others[c] })
}

// overlaps reports whether a callback can match both.
func (m *match) overlaps(other *match) bool {
	theirs := other.reach()
	return slices.ContainsFunc(m.reach(), func(c *fixtures.Callback) bool { return slices.Contains(theirs, c) })
}

// keys returns the keys of the callbacks that can match; none: any.
func (m *match) keys() []string {
	if m.any() {
		return []string{}
	}
	return words.Names(m.found, func(c *fixtures.Callback) string { return c.Key })
}

// conditional reports whether not every request for the callbacks matches.
func (m *match) conditional() bool { return len(m.headers) > 0 || len(m.where.list) > 0 }

// meets reports whether a request for one of the callbacks matches.
func (m *match) meets(r *request) bool {
	for _, h := range m.headers {
		if !h.condition.meets(r.header(h.name)) {
			return false
		}
	}
	return len(m.where.list) == 0 || m.where.meets(r.text())
}

// request is one that is looked at; its body is read at most once.
type request struct {
	arrival *simulator.Arrival
	body    string
	read    bool
}

// text returns the body as text; "" when it is no JSON.
func (r *request) text() string {
	if !r.read {
		r.read, r.body = true, jsonText(r.arrival.Request.Body)
	}
	return r.body
}

// jsonText returns a body as text; "" when it is no JSON.
func jsonText(body []byte) string {
	if fixtures.ValidJSON(body) {
		return string(body)
	}
	return ""
}

// header returns the header's value, several joined as HTTP has it. It does
// not exist when there is none.
func (r *request) header(name string) gjson.Result {
	var values []string
	for _, h := range r.arrival.Request.Headers {
		if strings.EqualFold(h[0], name) {
			values = append(values, h[1])
		}
	}
	if values == nil {
		return gjson.Result{}
	}
	return textResult(strings.Join(values, ", "))
}

// textResult is a JSON string.
func textResult(s string) gjson.Result {
	return gjson.Result{Type: gjson.String, Str: s, Raw: string(fixtures.JSON(s))}
}
