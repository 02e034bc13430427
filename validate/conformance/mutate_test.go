package conformance

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
)

// mutator makes replies of replies.
type mutator struct {
	*rand.Rand
	names []string // of fields
}

// mutate changes the body's members a few times and sometimes its bytes.
func (m mutator) mutate(body []byte) []byte {
	root, ok := parse(body)
	if ok {
		for range 1 + m.IntN(4) {
			m.change(m.pick(root))
		}
		body = []byte(root.text())
	}
	if !ok || m.IntN(8) == 0 {
		body = m.breakBytes(body)
	}
	return body
}

// value is a JSON value whose members keep their order and may repeat.
type value struct {
	kind  byte // '{', '[' or 0 for a scalar
	raw   string
	names []string // as JSON strings
	items []*value
}

func parse(text []byte) (*value, bool) {
	if !json.Valid(text) {
		return nil, false
	}
	v := &value{raw: string(bytes.TrimSpace(text))}
	switch kind := v.raw[0]; kind {
	case '{', '[':
		v.kind = kind
		v.parseItems()
	}
	return v, true
}

func (v *value) parseItems() {
	items := json.NewDecoder(strings.NewReader(v.raw))
	_, _ = items.Token() // the bracket; the text is valid
	for items.More() {
		if v.kind == '{' {
			name, _ := items.Token()
			text, _ := json.Marshal(name)
			v.names = append(v.names, string(text))
		}
		var raw json.RawMessage
		_ = items.Decode(&raw)
		item, _ := parse(raw)
		v.items = append(v.items, item)
	}
}

func (v *value) text() string {
	if v.kind == 0 {
		return v.raw
	}
	parts := make([]string, len(v.items))
	for i, item := range v.items {
		parts[i] = item.text()
		if v.kind == '{' {
			parts[i] = v.names[i] + ":" + parts[i]
		}
	}
	return string(v.kind) + strings.Join(parts, ",") + string(v.kind+2) // "{" and "}" are two apart, as are "[" and "]"
}

// pick is the value or one somewhere in it.
func (m mutator) pick(v *value) *value {
	for len(v.items) > 0 && m.IntN(3) > 0 {
		v = v.items[m.IntN(len(v.items))]
	}
	return v
}

// change changes one thing in the value.
func (m mutator) change(v *value) {
	if len(v.items) == 0 || m.IntN(6) == 0 {
		m.replace(v)
		return
	}
	i := m.IntN(len(v.items))
	switch m.IntN(8) {
	case 0:
		m.remove(v, i)
	case 1, 2:
		m.add(v, v.nameAt(i), copyOf(v.items[i])) // twice the same
	case 3:
		twin := copyOf(v.items[i])
		m.change(m.pick(twin))
		m.add(v, m.variant(v.nameAt(i)), twin)
	case 4:
		if v.kind == '{' {
			v.names[i] = m.variant(v.names[i])
		}
	case 5, 6:
		m.add(v, quoted(m.names[m.IntN(len(m.names))]), m.scalarOrMore())
	case 7:
		m.replace(v.items[i])
	}
}

func (v *value) nameAt(i int) string {
	if v.kind == '{' {
		return v.names[i]
	}
	return ""
}

func (m mutator) add(v *value, name string, item *value) {
	i := m.IntN(len(v.items) + 1)
	v.items = slices.Insert(v.items, i, item)
	if v.kind == '{' {
		v.names = slices.Insert(v.names, i, name)
	}
}

func (m mutator) remove(v *value, i int) {
	v.items = slices.Delete(v.items, i, i+1)
	if v.kind == '{' {
		v.names = slices.Delete(v.names, i, i+1)
	}
}

func copyOf(v *value) *value {
	twin := &value{kind: v.kind, raw: v.raw, names: slices.Clone(v.names)}
	for _, item := range v.items {
		twin.items = append(twin.items, copyOf(item))
	}
	return twin
}

// replace makes another value of v: often one of another type, sometimes v
// itself in some wrapping.
func (m mutator) replace(v *value) {
	old := copyOf(v)
	switch m.IntN(8) {
	case 0:
		*v = value{kind: '{', names: []string{`"value"`}, items: []*value{old}}
	case 1:
		*v = value{kind: '[', items: []*value{old}}
	case 2:
		*v = value{raw: quoted(old.text())}
	case 3:
		*v = value{kind: '[', items: slices.Repeat([]*value{old}, 1+m.IntN(50))}
	default:
		*v = *m.scalarOrMore()
	}
}

// scalarOrMore is a value of any type.
func (m mutator) scalarOrMore() *value {
	if m.IntN(300) == 0 {
		n := []int{3, 9996, 9998, 9999, 10000, 10001, 20000}[m.IntN(7)]
		return &value{raw: strings.Repeat("[", n) + strings.Repeat("]", n)}
	}
	v, _ := parse([]byte(values[m.IntN(len(values))]))
	return v
}

var values = []string{
	"null", "null", "null", "true", "false", "0", "1", "-1", "-0", "2", "20", "255", "256", "5001", "1.0", "1e0", "1.5", "-7",
	"2147483647", "2147483648", "-2147483648", "-2147483649", "9223372036854775807", "9223372036854775808", "1e400", "123456789012345678901234567890",
	`""`, `"0"`, `"1"`, `"x"`, `"AQID"`, `"AQ=="`, `"A"`, `"null"`, `"{}"`, `"\u0041\n"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\ude00x"`, `"é"`, `"😀"`, `"<&>"`, "\"\xff\"",
	`[]`, `[null]`, `["a"]`, `["a",null,"b"]`, `[1,2,3]`, `[{}]`, `[[]]`, `[true]`, `{}`, `{"a":true}`, `{"a":null,"b":false}`, `{"value":1}`, `{"title":"t"}`, `{"title":null,"desc":1}`,
	`[{"userID":"a"}]`, `[{"userID":"a","nickname":"b","roleLevel":20}]`, `[{"userID":"a","roleLevel":"20"}]`, `[{"userID":"a"},{"nickname":null,"userID":"b","ex":""}]`, `[{"userID":null}]`,
	`{"nextCode":1,"actionCode":0,"errCode":5001}`,
}

// variant is a name in another spelling that Go may or may not take for it.
func (m mutator) variant(name string) string {
	if name == "" {
		return name
	}
	switch m.IntN(8) {
	case 0:
		return strings.ToUpper(name)
	case 1:
		return strings.ToLower(name)
	case 2:
		return strings.ReplaceAll(name, "s", "ſ")
	case 3:
		return strings.ReplaceAll(name, "k", "\u212a")
	case 4:
		return strings.ReplaceAll(name, "o", `\u006f`)
	case 5:
		return strings.ReplaceAll(name, "C", "_c")
	case 6:
		return strings.ReplaceAll(name, "e", "é")
	default:
		return quoted(m.names[m.IntN(len(m.names))])
	}
}

func quoted(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}

// breakBytes changes the text itself.
func (m mutator) breakBytes(text []byte) []byte {
	text = slices.Clone(text)
	i := m.IntN(len(text) + 1)
	switch m.IntN(6) {
	case 0:
		return text[:i]
	case 1:
		return append([]byte("\xef\xbb\xbf"), text...)
	case 2:
		return append(text, endings[m.IntN(len(endings))]...)
	case 3:
		return slices.Insert(text, i, []byte(bits[m.IntN(len(bits))])...)
	case 4:
		if i < len(text) {
			text[i] = byte(m.IntN(256))
		}
		return text
	default:
		return bytes.ReplaceAll(text, []byte(","), []byte(" ,\r\n\t"))
	}
}

var (
	endings = []string{" ", "\n\n", "x", "{}", `{"nextCode":1}`, "\x00", ",", "null", "]"}
	bits    = []string{",", ":", `"`, `\`, "{", "}", "[", "]", "\n", "\x00", "\x1f", "\x7f", "\xff", "\u2028", "0", "-", ".", "e", `\u`, `\u12`, `\x`, "//"}
)
