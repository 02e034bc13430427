package suite

import (
	"fmt"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
)

// key is one key of a mapping in suite files: how Parse reads it and what the
// schema says of it.
type key[T any] struct {
	name   string
	doc    string
	schema schema
	read   func(d *decoder, into *T, n *node)
}

// table holds the keys that a mapping may have.
type table[T any] struct {
	// what is the mapping's name in messages: "a case".
	what  string
	keys  []key[T]
	index map[string]int
}

func newTable[T any](what string, keys []key[T]) *table[T] {
	t := &table[T]{what: what, keys: keys, index: make(map[string]int, len(keys))}
	for i, k := range keys {
		t.index[k.name] = i
	}
	return t
}

func (t *table[T]) has(name string) bool {
	_, ok := t.index[name]
	return ok
}

// read reads a mapping along the table.
func (t *table[T]) read(d *decoder, into *T, n *node) {
	if !d.want(n, mapping, t.what) {
		return
	}
	for _, e := range n.entries {
		i, ok := t.index[e.key.text]
		if !ok {
			d.fail(e.key.place, t.unknown(e.key.text))
			continue
		}
		t.keys[i].read(d, into, e.value)
	}
}

func (t *table[T]) unknown(name string) string {
	names := t.names()
	message := fmt.Sprintf("unknown key %q in %s", shorten(name), t.what)
	if near := fixtures.NearestNames(name, names); len(near) > 0 {
		return message + ": did you mean " + strings.Join(near, " or ") + "?"
	}
	return message + ": it takes " + strings.Join(names, ", ")
}

func (t *table[T]) names() []string {
	names := make([]string, len(t.keys))
	for i, k := range t.keys {
		names[i] = k.name
	}
	return names
}

// object is the schema of the mapping.
func (t *table[T]) object(more schema) schema {
	properties := make(schema, len(t.keys))
	for _, k := range t.keys {
		property := schema{"description": k.doc}
		for name, value := range k.schema {
			property[name] = value
		}
		properties[k.name] = property
	}
	object := schema{"type": "object", "additionalProperties": false, "properties": properties}
	for name, value := range more {
		object[name] = value
	}
	return object
}

// lift makes a key of one type a key of another that contains it.
func lift[Outer, Inner any](k key[Inner], inner func(*Outer) *Inner) key[Outer] {
	return key[Outer]{k.name, k.doc, k.schema, func(d *decoder, into *Outer, n *node) { k.read(d, inner(into), n) }}
}
