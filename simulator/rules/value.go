package rules

import (
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// value is a JSON value whose texts may hold references.
type value struct {
	// raw is a value without any reference.
	raw []byte
	// text, items and members are those of a value with references.
	text    *template
	items   []*value
	members []member
}

// member is a field of an object.
type member struct {
	yamlfile.Place
	name  string
	value *value
}

// value reads any value of the file.
func (d *decoder) value(n *node) *value {
	v := new(value)
	switch n.Kind {
	case yamlfile.Text:
		v.text = d.template(n)
		if s, ok := v.text.Fixed(); ok {
			v.raw = yamlfile.Quote(s)
		}
	case yamlfile.List:
		for _, item := range n.Items {
			v.items = append(v.items, d.value(item))
		}
		if len(n.Items) == 0 {
			v.raw = []byte("[]")
		}
	case yamlfile.Mapping:
		v.members = d.members(n)
		if len(n.Entries) == 0 {
			v.raw = []byte("{}")
		}
	default:
		v.raw = n.JSON()
	}
	return v
}

func (d *decoder) members(n *node) []member {
	var all []member
	for _, e := range n.Entries {
		all = append(all, member{e.Key.Place, e.Key.Text, d.value(e.Value)})
	}
	return all
}

// appendTo writes the value as JSON. A reference that stands alone keeps its
// type; without a value, or with one that is too large, it is null.
func (v *value) appendTo(b []byte, t *turn) []byte {
	switch {
	case v.raw != nil:
		return append(b, v.raw...)
	case v.text != nil:
		return v.text.appendTo(b, t)
	case v.items != nil:
		b = append(b, '[')
		for i, item := range v.items {
			if i > 0 {
				b = append(b, ',')
			}
			b = item.appendTo(b, t)
		}
		return append(b, ']')
	default:
		b = append(b, '{')
		for i, one := range v.members {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(append(b, yamlfile.Quote(one.name)...), ':')
			b = one.value.appendTo(b, t)
		}
		return append(b, '}')
	}
}

// appendTo writes the text as JSON, or the value of the reference that stands
// alone.
func (text *template) appendTo(b []byte, t *turn) []byte {
	var raw string
	if ref := text.Whole(); ref != nil {
		raw = ref.value(t).Raw
	} else {
		raw = string(yamlfile.Quote(text.expand(t)))
	}
	if raw == "" || len(b)+len(raw) > maxOutput {
		raw = "null"
	}
	return append(b, raw...)
}
