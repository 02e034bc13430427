package rules

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate/yamlfile"
	"github.com/tidwall/gjson"
)

// condition is what a value must meet: all that is set.
type condition struct {
	equals        *wanted
	not           *condition
	regex         *regexp.Regexp
	exists        *bool
	greater, less *float
	in            []wanted
}

// wanted is a value to compare with.
type wanted struct {
	raw json.RawMessage
	// text is a scalar as it is written.
	text   string
	scalar bool
}

// float is a limit, as it is written.
type float struct {
	text  string
	value float64
}

// meets reports whether a value, which may not exist, meets the condition.
func (c *condition) meets(v gjson.Result) bool {
	switch {
	case c.exists != nil && *c.exists != v.Exists(),
		c.equals != nil && !c.equals.is(v),
		c.not != nil && c.not.meets(v),
		c.regex != nil && !(v.Exists() && c.regex.MatchString(v.String())),
		c.greater != nil && !exceeds(v, *c.greater, 1),
		c.less != nil && !exceeds(v, *c.less, -1),
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
// in a direction. Whole numbers compare exactly.
func exceeds(v gjson.Result, limit float, direction int) bool {
	if v.Type != gjson.Number && v.Type != gjson.String {
		return false
	}
	written := v.Raw
	if v.Type == gjson.String {
		written = v.Str
	}
	a, err1 := strconv.ParseInt(written, 10, 64)
	b, err2 := strconv.ParseInt(limit.text, 10, 64)
	if err1 == nil && err2 == nil {
		return direction > 0 && a > b || direction < 0 && a < b
	}
	f, err := strconv.ParseFloat(written, 64)
	return err == nil && (direction > 0 && f > limit.value || direction < 0 && f < limit.value)
}

// String says what is wanted, to follow "is … , not".
func (c *condition) String() string {
	var all []string
	if c.exists != nil {
		all = append(all, map[bool]string{true: "there", false: "missing"}[*c.exists])
	}
	if c.equals != nil {
		all = append(all, c.equals.String())
	}
	if c.not != nil {
		all = append(all, "other than "+c.not.String())
	}
	if c.regex != nil {
		all = append(all, "a match of /"+yamlfile.Shorten(words.Printable(c.regex.String()))+"/")
	}
	if c.greater != nil {
		all = append(all, "more than "+c.greater.text)
	}
	if c.less != nil {
		all = append(all, "less than "+c.less.text)
	}
	if c.in != nil {
		texts := make([]string, len(c.in))
		for i, w := range c.in {
			texts[i] = w.String()
		}
		all = append(all, yamlfile.Shorten("one of "+strings.Join(texts, ", ")))
	}
	return strings.Join(all, " and ")
}

func (w wanted) String() string { return yamlfile.Shorten(words.Printable(string(w.raw))) }

// ofAbsent reports whether a value that is missing can meet the condition.
func (c *condition) ofAbsent() bool { return c.meets(gjson.Result{}) }

// miss says why a value does not meet the condition.
func (c *condition) miss(what string, got gjson.Result) string {
	if c.exists != nil && *c.exists && !got.Exists() {
		return what + " is missing"
	}
	return fmt.Sprintf("%s is %s, not %s", what, show(got), c)
}
