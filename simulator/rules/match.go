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
	// callbacks, phase and group are as the file has them; empty: any.
	callbacks []string
	phase     fixtures.Phase
	group     string
	// keys are the callbacks that meet these three; nil: any request.
	keys    map[string]bool
	headers []headerCondition
	where   Conditions
}

type headerCondition struct {
	name      string
	condition *condition
}

// settle finds the callbacks.
func (m *match) settle() {
	if len(m.callbacks) == 0 && m.phase == "" && m.group == "" {
		return
	}
	m.keys = make(map[string]bool)
	for _, c := range fixtures.All() {
		if (len(m.callbacks) == 0 || slices.Contains(m.callbacks, c.Key)) &&
			(m.phase == "" || c.Phase == m.phase) && (m.group == "" || c.Group == m.group) {
			m.keys[c.Key] = true
		}
	}
}

// any reports whether requests for any callback match, and for none.
func (m *match) any() bool { return m.keys == nil }

// within reports whether the callbacks of m, "" for none, are all among the
// keys.
func (m *match) within(keys map[string]bool) bool {
	return !slices.ContainsFunc(m.withUnknown(), func(key string) bool { return !keys[key] })
}

// overlaps reports whether a callback, or none, can match both.
func (m *match) overlaps(other *match) bool {
	return slices.ContainsFunc(m.withUnknown(), func(key string) bool { return other.keys == nil || other.keys[key] })
}

// withUnknown returns the keys of the callbacks that can match, "" for none.
func (m *match) withUnknown() []string {
	return slices.DeleteFunc(append(fixtures.Keys(), ""), func(key string) bool { return m.keys != nil && !m.keys[key] })
}

// all returns the callbacks that can match.
func (m *match) all() []*fixtures.Callback {
	var all []*fixtures.Callback
	for _, c := range fixtures.All() {
		if m.keys == nil || m.keys[c.Key] {
			all = append(all, c)
		}
	}
	return all
}

// list returns the keys of the callbacks that can match; none: any.
func (m *match) list() []string {
	keys := []string{}
	if m.keys != nil {
		for _, c := range m.all() {
			keys = append(keys, c.Key)
		}
	}
	return keys
}

// conditional reports whether not every request for the callbacks matches.
func (m *match) conditional() bool { return len(m.headers) > 0 || len(m.where.list) > 0 }

// meets reports whether a request for one of the callbacks matches.
func (m *match) meets(s *subject) bool {
	for _, h := range m.headers {
		if !h.condition.meets(s.header(h.name)) {
			return false
		}
	}
	return len(m.where.list) == 0 || m.where.meets(s.json())
}

// subject is a request that is looked at; its body is read at most once.
type subject struct {
	*simulator.Arrival
	body string
	read bool
}

// json returns the body as text; "" when it is no JSON.
func (s *subject) json() string {
	if !s.read {
		s.read, s.body = true, jsonText(s.Request.Body)
	}
	return s.body
}

// jsonText returns a body as text; "" when it is no JSON.
func jsonText(body []byte) string {
	if gjson.ValidBytes(body) {
		return string(body)
	}
	return ""
}

// header returns the header's value, several joined as HTTP has it. It does
// not exist when there is none.
func (s *subject) header(name string) gjson.Result {
	var values []string
	for _, h := range s.Request.Headers {
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
	return gjson.Result{Type: gjson.String, Str: s, Raw: string(yamlfile.Quote(s))}
}

// show writes a value for messages.
func show(r gjson.Result) string {
	if !r.Exists() {
		return "missing"
	}
	return yamlfile.Shorten(words.Printable(r.Raw))
}
