package inspector

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/imcb-dev/imcb/validate"
)

// maxConditions and maxPath bound what one question may look for.
const (
	maxConditions = 16
	maxPath       = 256 // in bytes
)

// condition wants a value at a path of a request's body.
type condition struct {
	path string // in gjson's syntax
	// text is compared with the value's text; raw, if there is one, with the
	// JSON value.
	text string
	raw  json.RawMessage
}

// newCondition checks the path.
func newCondition(path, text string, raw json.RawMessage) (condition, error) {
	if path == "" || len(path) > maxPath {
		return condition{}, fmt.Errorf("a path has 1 to %d characters, for example fromUserID", maxPath)
	}
	return condition{path, text, raw}, nil
}

// parseCondition reads PATH=VALUE. An equals sign in a gjson query, as in
// users.#(userID=="1").nickname=Ann, does not end the path.
func parseCondition(s string) (condition, error) {
	depth := 0
	for n, c := range s {
		switch {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == '=' && depth <= 0:
			return newCondition(s[:n], s[n+1:], nil)
		}
	}
	return condition{}, fmt.Errorf("where is written PATH=VALUE, for example fromUserID=1, not %q", clip(s))
}

// holds reports whether the body has the value.
func (c condition) holds(body []byte) bool {
	v := lookUp(gjson.GetBytes(body, c.path), func() string { return string(body) }, c.path)
	if c.raw == nil {
		return v.Exists() && v.String() == c.text
	}
	return sameJSON(v, c.raw)
}

// missed says what the body has instead.
func (c condition) missed(body []byte) string {
	v := lookUp(gjson.GetBytes(body, c.path), func() string { return string(body) }, c.path)
	want := string(c.raw)
	if c.raw == nil {
		want = fmt.Sprintf("%q", c.text)
	}
	if !v.Exists() {
		return fmt.Sprintf("%s is not there", clip(c.path))
	}
	return fmt.Sprintf("%s is %s, not %s", clip(c.path), clip(v.Raw), clip(want))
}

// lookUp goes on inside of JSON that is written as a string, as message
// callbacks have it in content: content.text is the text in there.
func lookUp(v gjson.Result, body func() string, path string) gjson.Result {
	if v.Exists() {
		return v
	}
	text := body()
	for n, c := range path {
		if c != '.' {
			continue
		}
		outer := gjson.Get(text, path[:n])
		if inner := strings.TrimSpace(outer.Str); outer.Type == gjson.String && inner != "" && (inner[0] == '{' || inner[0] == '[') {
			return lookUp(gjson.Get(inner, path[n+1:]), func() string { return inner }, path[n+1:])
		}
	}
	return v
}

// sameJSON compares a value with a JSON text; null also means absent.
func sameJSON(v gjson.Result, want json.RawMessage) bool {
	if bytes.Equal(bytes.TrimSpace(want), []byte("null")) {
		return v.Type == gjson.Null
	}
	if !v.Exists() {
		return false
	}
	if v.Raw == string(want) {
		return true
	}
	var a, b any
	return json.Unmarshal([]byte(v.Raw), &a) == nil && json.Unmarshal(want, &b) == nil && reflect.DeepEqual(a, b)
}

// maxQuoted is how much of a remote text a message quotes, in bytes.
const maxQuoted = 80

// clip makes a remote text short and printable.
func clip(s string) string { return bound(s, maxQuoted) }

// bound makes a remote text printable and no longer than limit, about.
func bound(s string, limit int) string {
	if len(s) > limit {
		return validate.Printable(strings.ToValidUTF8(s[:limit], "")) + "…"
	}
	return validate.Printable(s)
}
