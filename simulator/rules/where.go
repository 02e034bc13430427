package rules

import (
	"encoding/json"
	"iter"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate/yamlfile"
	"github.com/tidwall/gjson"
)

// Conditions are what values of a request's body must meet, all of them. The
// zero value is met by every body.
type Conditions struct{ list []pathCondition }

type pathCondition struct {
	yamlfile.Place
	path      path
	condition *condition
}

// path leads into a body, also through JSON that is held in a string.
type path struct {
	text string
	// steps are the ways to cut the path in two.
	steps [][2]string
}

// The limits of a path: its length in bytes, and how many strings that hold
// JSON it leads through.
const (
	maxPath    = 500
	maxThrough = 3
)

func newPath(text string) path {
	p := path{text: text}
	for i := range len(text) {
		if text[i] == '.' && i > 0 && text[i-1] != '\\' {
			p.steps = append(p.steps, [2]string{text[:i], text[i+1:]})
		}
	}
	return p
}

// in finds the path's value in JSON text.
func (p path) in(body string) gjson.Result { return p.within(body, maxThrough) }

func (p path) within(body string, through int) gjson.Result {
	if body == "" {
		return gjson.Result{}
	}
	if v := gjson.Get(body, p.text); v.Exists() || through == 0 {
		return v
	}
	for _, step := range p.steps {
		outer := gjson.Get(body, step[0])
		if !outer.Exists() {
			break // nothing lies further in
		}
		if outer.Type == gjson.String && holdsJSON(outer.Str) {
			return newPath(step[1]).within(outer.Str, through-1)
		}
	}
	return gjson.Result{}
}

// holdsJSON reports whether text is a JSON object or list.
func holdsJSON(s string) bool {
	return s != "" && (s[0] == '{' || s[0] == '[') && fixtures.ValidJSON(s)
}

// ParseWhere reads conditions by path, as a rule file's "where" has them: a
// scalar is the value to equal, an object holds equals, not, regex, exists,
// greater, less, in. The error says in one line what is wrong.
func ParseWhere(where map[string]any) (Conditions, error) {
	text, err := json.Marshal(where)
	if err != nil {
		return Conditions{}, say("where.json", "error", err).Err()
	}
	if len(text) > MaxSize {
		return Conditions{}, say("where.size", "size", len(text), "limit", MaxSize).Err()
	}
	if where == nil {
		return Conditions{}, nil
	}
	d := new(decoder)
	var all Conditions
	if root := d.Root(text, "where", MaxSize); root != nil {
		all = d.conditions(root)
	}
	return all, d.plain()
}

// ParseWhereText reads one condition as options and queries have it:
// "PATH=VALUE". Text and numbers compare by what is written.
func ParseWhereText(text string) (Conditions, error) {
	name, value, ok := cutPath(text)
	if !ok || name == "" {
		return Conditions{}, say("where.text", "text", words.Shorten(text, maxShown)).Err()
	}
	return ParseWhere(map[string]any{name: value})
}

// cutPath cuts at the first "=" that is not within a query: #(a=="b").
func cutPath(s string) (before, after string, found bool) {
	open := 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			open++
		case ')':
			open--
		case '=':
			if open <= 0 {
				return s[:i], s[i+1:], true
			}
		}
	}
	return s, "", false
}

// plain returns the mistakes without places, in one line.
func (d *decoder) plain() error {
	if len(d.Problems) == 0 {
		return nil
	}
	all := d.Problems[0].Message
	for _, p := range d.Problems[1:] {
		all = say("where.several", "first", all, "next", p.Message)
	}
	return all.Short(maxShown).Err()
}

// And returns the conditions of both.
func (c Conditions) And(more Conditions) Conditions {
	return Conditions{append(c.list[:len(c.list):len(c.list)], more.list...)}
}

// Match reports whether a body meets all conditions.
func (c Conditions) Match(body []byte) bool { return c.meets(jsonText(body)) }

// Misses says which conditions a body does not meet, and why: fromUserID is
// "2", not "1".
func (c Conditions) Misses(body []byte) []words.Text {
	var misses []words.Text
	for one, got := range c.unmet(jsonText(body)) {
		misses = append(misses, one.condition.miss(one.path.text, got))
	}
	return misses
}

// Unmet counts the conditions that a body does not meet.
func (c Conditions) Unmet(body []byte) int {
	n := 0
	for range c.unmet(jsonText(body)) {
		n++
	}
	return n
}

func (c Conditions) meets(body string) bool {
	for range c.unmet(body) {
		return false
	}
	return true
}

// unmet yields the conditions that JSON text does not meet, and what it has.
func (c Conditions) unmet(body string) iter.Seq2[*pathCondition, gjson.Result] {
	return func(yield func(*pathCondition, gjson.Result) bool) {
		for i := range c.list {
			one := &c.list[i]
			if v := one.path.in(body); !one.condition.meets(v) && !yield(one, v) {
				return
			}
		}
	}
}

// Len returns how many conditions there are.
func (c Conditions) Len() int { return len(c.list) }

// Text says what is wanted, shortened: fromUserID "1", seq more than 5.
func (c Conditions) Text() words.Text {
	all := make([]words.Text, len(c.list))
	for i, one := range c.list {
		all[i] = say("where.one", "path", words.Shorten(one.path.text, maxShown), "want", one.condition.text())
	}
	return say("where", "all", all)
}
