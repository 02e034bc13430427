package yamlfile

import (
	"encoding/json"
	"errors"

	"github.com/imcb-dev/imcb/fixtures"
)

// Value is a JSON value whose texts may have references. R is what a reference
// is read into.
type Value[R any] struct {
	Place
	Kind Kind
	// Raw is the whole value; nil: it has a reference.
	Raw json.RawMessage
	// Written is a scalar without references as the file has it.
	Written string
	// Text, Items and Members are those of a value with references.
	Text    *Template[R]
	Items   []*Value[R]
	Members []Member[R]
}

// Member is a field of an object.
type Member[R any] struct {
	Place
	Name  string
	Value *Value[R]
}

// NewValue reads any value of a file; text reads what is text.
func NewValue[R any](n *Node, text func(into *Value[R], n *Node)) *Value[R] {
	v := &Value[R]{Place: n.Place, Kind: n.Kind, Written: n.Written}
	switch n.Kind {
	case Null:
		v.Raw = json.RawMessage("null")
	case Text:
		text(v, n)
	case List:
		for _, item := range n.Items {
			v.Items = append(v.Items, NewValue(item, text))
		}
		v.settle()
	case Mapping:
		v.Members = NewMembers(n, text)
		v.settle()
	default:
		v.Raw = json.RawMessage(n.Text)
	}
	return v
}

// NewMembers reads the fields of an object as NewValue does.
func NewMembers[R any](n *Node, text func(into *Value[R], n *Node)) []Member[R] {
	var all []Member[R]
	for _, e := range n.Entries {
		all = append(all, Member[R]{e.Key.Place, e.Key.Text, NewValue(e.Value, text)})
	}
	return all
}

// settle writes out a list or object without references.
func (v *Value[R]) settle() {
	raw, err := v.Append(nil, func([]byte, *Template[R]) ([]byte, error) { return nil, errors.New("a reference") })
	if err == nil {
		v.Raw, v.Items, v.Members = raw, nil, nil
	}
}

// Set makes the value a text, which may have references.
func (v *Value[R]) Set(t *Template[R]) {
	if s, ok := t.Fixed(); ok {
		v.Raw, v.Written = fixtures.JSON(s), s
		return
	}
	v.Text = t
}

// Append writes the value as JSON to b; text does so for a text with
// references.
func (v *Value[R]) Append(b []byte, text func([]byte, *Template[R]) ([]byte, error)) (_ []byte, err error) {
	switch {
	case v.Raw != nil:
		return append(b, v.Raw...), nil
	case v.Text != nil:
		return text(b, v.Text)
	case v.Kind == List:
		b = append(b, '[')
		for i, item := range v.Items {
			if i > 0 {
				b = append(b, ',')
			}
			if b, err = item.Append(b, text); err != nil {
				return nil, err
			}
		}
		return append(b, ']'), nil
	default:
		b = append(b, '{')
		for i, m := range v.Members {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(append(b, fixtures.JSON(m.Name)...), ':')
			if b, err = m.Value.Append(b, text); err != nil {
				return nil, err
			}
		}
		return append(b, '}'), nil
	}
}
