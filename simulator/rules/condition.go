package rules

import (
	"encoding/json"
	"regexp"
	"slices"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate/yamlfile"
	"github.com/tidwall/gjson"
)

// condition is what a value must meet: all that is set.
type condition struct {
	equals *wanted
	not    *condition
	regex  *regexp.Regexp
	exists *bool
	// greater and less are limits, as they are written.
	greater, less string
	in            []wanted
}

// wanted is a value to compare with.
type wanted struct {
	raw json.RawMessage
	// text is a scalar as it is written.
	text   string
	scalar bool
}

// meets reports whether a value, which may not exist, meets the condition.
func (c *condition) meets(v gjson.Result) bool {
	switch {
	case c.exists != nil && *c.exists != v.Exists(),
		c.equals != nil && !c.equals.is(v),
		c.not != nil && c.not.meets(v),
		c.regex != nil && !(v.Exists() && c.regex.MatchString(v.String())),
		c.greater != "" && !exceeds(v, c.greater, 1),
		c.less != "" && !exceeds(v, c.less, -1),
		c.in != nil && !slices.ContainsFunc(c.in, func(w wanted) bool { return w.is(v) }):
		return false
	}
	return true
}

// is reports whether a value is the wanted one. Numbers, texts and booleans
// compare by what is written, so that an id may stand with quotes or without;
// null is also a value that is missing.
func (w wanted) is(v gjson.Result) bool {
	switch {
	case string(w.raw) == "null":
		return v.Type == gjson.Null
	case !v.Exists() || v.Type == gjson.Null:
		return false
	case w.scalar && !v.IsObject() && !v.IsArray() && w.text == v.String():
		return true
	default:
		return yamlfile.SameJSON(json.RawMessage(v.Raw), w.raw)
	}
}

// exceeds reports whether a number, or text that is one, lies beyond a limit
// in a direction.
func exceeds(v gjson.Result, limit string, direction int) bool {
	written := v.Raw
	if v.Type == gjson.String {
		written = v.Str
	}
	order, ok := yamlfile.CompareNumbers(written, limit)
	return ok && order == direction
}

// maxShown is how much of a value a text shows, in characters.
const maxShown = 200

// text is what is wanted, to follow "is … , not".
func (c *condition) text() words.Text {
	var all []words.Text
	if c.exists != nil {
		all = append(all, map[bool]words.Text{true: say("want.there"), false: say("want.missing")}[*c.exists])
	}
	if c.equals != nil {
		all = append(all, words.Plain(c.equals.String()))
	}
	if c.not != nil {
		all = append(all, say("want.other", "want", c.not.text()))
	}
	if c.regex != nil {
		all = append(all, say("want.match", "pattern", words.Clip(c.regex.String(), maxShown)))
	}
	if c.greater != "" {
		all = append(all, say("want.more", "n", c.greater))
	}
	if c.less != "" {
		all = append(all, say("want.less", "n", c.less))
	}
	if c.in != nil {
		values := words.List(words.Names(c.in, wanted.String), "")
		all = append(all, say("want.one", "values", words.Clip(values, maxShown)))
	}
	if len(all) == 1 {
		return all[0]
	}
	return say("want.all", "all", all)
}

func (w wanted) String() string { return words.Clip(string(w.raw), maxShown) }

// ofAbsent reports whether a value that is missing can meet the condition.
func (c *condition) ofAbsent() bool { return c.meets(gjson.Result{}) }

// miss says why a value does not meet the condition.
func (c *condition) miss(path string, got gjson.Result) words.Text {
	if c.exists != nil && *c.exists && !got.Exists() {
		return say("miss.missing", "path", path)
	}
	return say("miss", "path", path, "got", shown(got), "want", c.text())
}

// shown is a value for messages.
func shown(v gjson.Result) words.Text {
	if !v.Exists() {
		return say("want.missing")
	}
	return words.Plain(words.Clip(v.Raw, maxShown))
}
