package suite

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/imcb-dev/imcb/validate/yamlfile"
	"github.com/tidwall/gjson"
)

// value is a JSON value whose texts may hold references.
type value struct {
	yamlfile.Place
	kind yamlfile.Kind
	// raw is a value without any reference, complete.
	raw json.RawMessage
	// written is a scalar without references as the file has it.
	written string
	// text, items and members are those of a value with references.
	text    *template
	items   []*value
	members []member
}

type member struct {
	name  string
	value *value
}

// value reads any value of the file.
func (d *decoder) value(n *yamlfile.Node, in scope) *value {
	v := &value{Place: n.Place, kind: n.Kind, written: n.Written}
	switch n.Kind {
	case yamlfile.Null:
		v.raw = json.RawMessage("null")
	case yamlfile.Boolean, yamlfile.Number:
		v.raw = json.RawMessage(n.Text)
	case yamlfile.Text:
		d.textValue(v, n, in)
	case yamlfile.List:
		for _, item := range n.Items {
			v.items = append(v.items, d.value(item, in))
		}
		v.settle()
	case yamlfile.Mapping:
		for _, e := range n.Entries {
			v.members = append(v.members, member{e.Key.Text, d.value(e.Value, in)})
		}
		v.settle()
	}
	return v
}

// textValue reads text. Text that is one variable is that variable's value,
// whatever its type.
func (d *decoder) textValue(v *value, n *yamlfile.Node, in scope) {
	if name, ok := onlyVariable(n.Text); ok && d.vars[name] != nil {
		v.raw = d.vars[name]
		result := gjson.ParseBytes(v.raw)
		v.kind, v.written = kindOf(result), result.String()
		return
	}
	t := d.template(n, in)
	if s, ok := t.Fixed(); ok {
		v.raw, v.written = yamlfile.Quote(s), s
		return
	}
	v.text = t
}

func onlyVariable(s string) (string, bool) {
	inside, ok := strings.CutPrefix(s, "${")
	inside, closed := strings.CutSuffix(inside, "}")
	match := variableName().FindStringSubmatch(inside)
	if !ok || !closed || match == nil {
		return "", false
	}
	return match[2], true
}

func kindOf(r gjson.Result) yamlfile.Kind {
	switch {
	case r.IsObject():
		return yamlfile.Mapping
	case r.IsArray():
		return yamlfile.List
	case r.Type == gjson.Number:
		return yamlfile.Number
	case r.Type == gjson.String:
		return yamlfile.Text
	case r.Type == gjson.Null:
		return yamlfile.Null
	default:
		return yamlfile.Boolean
	}
}

// settle writes out a list or mapping that holds no reference.
func (v *value) settle() {
	for _, item := range v.items {
		if item.raw == nil {
			return
		}
	}
	for _, m := range v.members {
		if m.value.raw == nil {
			return
		}
	}
	v.raw, _ = v.render(nil) // no reference, no error
	v.items, v.members = nil, nil
}

// render returns the value as JSON.
func (v *value) render(c *Captures) (json.RawMessage, error) {
	switch {
	case v.raw != nil:
		return v.raw, nil
	case v.text != nil:
		return v.text.json(c)
	}
	var b bytes.Buffer
	if v.kind == yamlfile.List {
		b.WriteByte('[')
	} else {
		b.WriteByte('{')
	}
	if err := v.renderParts(&b, c); err != nil {
		return nil, err
	}
	if v.kind == yamlfile.List {
		b.WriteByte(']')
	} else {
		b.WriteByte('}')
	}
	return b.Bytes(), nil
}

func (v *value) renderParts(b *bytes.Buffer, c *Captures) error {
	part := func(i int, name json.RawMessage, one *value) error {
		if i > 0 {
			b.WriteByte(',')
		}
		if name != nil {
			b.Write(name)
			b.WriteByte(':')
		}
		raw, err := one.render(c)
		b.Write(raw)
		return err
	}
	for i, item := range v.items {
		if err := part(i, nil, item); err != nil {
			return err
		}
	}
	for i, m := range v.members {
		if err := part(i, yamlfile.Quote(m.name), m.value); err != nil {
			return err
		}
	}
	return nil
}

// json returns a template's value: the very value of a reference that stands
// alone, otherwise a string.
func (t *template) json(c *Captures) (json.RawMessage, error) {
	if ref := t.Whole(); ref != nil {
		r, err := c.resolve(ref)
		return json.RawMessage(r.Raw), err
	}
	s, err := t.expand(c)
	return yamlfile.Quote(s), err
}
