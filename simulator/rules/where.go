package rules

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"

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
	return s != "" && (s[0] == '{' || s[0] == '[') && gjson.Valid(s)
}

// ParseWhere reads conditions by path, as a rule file's "where" has them: a
// scalar is the value to equal, an object holds equals, not, regex, exists,
// greater, less, in. The error says in one line what is wrong.
func ParseWhere(where map[string]any) (Conditions, error) {
	text, err := json.Marshal(where)
	if err != nil {
		return Conditions{}, fmt.Errorf("where: %w", err)
	}
	if len(text) > MaxSize {
		return Conditions{}, fmt.Errorf("where has %d bytes, more than the limit of %d", len(text), MaxSize)
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
		return Conditions{}, fmt.Errorf("%q: write PATH=VALUE, for example sendID=4930183725", words.Printable(yamlfile.Shorten(text)))
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
	texts := make([]string, len(d.Problems))
	for i, p := range d.Problems {
		texts[i] = words.Printable(p.Message)
	}
	return errors.New(strings.Join(texts, "; "))
}

// And returns the conditions of both.
func (c Conditions) And(more Conditions) Conditions {
	return Conditions{append(c.list[:len(c.list):len(c.list)], more.list...)}
}

// Match reports whether a body meets all conditions.
func (c Conditions) Match(body []byte) bool { return c.meets(jsonText(body)) }

// Misses says which conditions a body does not meet, and why: fromUserID is
// "2", not "1".
func (c Conditions) Misses(body []byte) []string {
	var misses []string
	for one, got := range c.unmet(jsonText(body)) {
		misses = append(misses, one.condition.miss(words.Printable(one.path.text), got))
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

// String says what is wanted, printable and shortened: fromUserID "1", seq
// more than 5.
func (c Conditions) String() string {
	all := make([]string, len(c.list))
	for i, one := range c.list {
		all[i] = yamlfile.Shorten(words.Printable(one.path.text)) + " " + one.condition.String()
	}
	return strings.Join(all, ", ")
}
