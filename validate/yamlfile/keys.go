package yamlfile

import (
	"fmt"
	"strings"

	"github.com/imcb-dev/imcb/fixtures/words"
)

// Decoder reads nodes and collects mistakes. A type that embeds a Reader is
// one.
type Decoder interface {
	Fail(p Place, message string)
	Want(n *Node, k Kind, what string) bool
}

// Key is one key of a mapping: how a decoder D reads it into a T, and what the
// schema says of it.
type Key[D Decoder, T any] struct {
	Name   string
	Doc    string
	Schema Schema
	Read   func(d D, into *T, n *Node)
}

// NewKey returns a key.
func NewKey[D Decoder, T any](name, doc string, schema Schema, read func(d D, into *T, n *Node)) Key[D, T] {
	return Key[D, T]{name, doc, schema, read}
}

// Lift makes a key of one type a key of another that contains it.
func Lift[D Decoder, Outer, Inner any](k Key[D, Inner], inner func(*Outer) *Inner) Key[D, Outer] {
	return Key[D, Outer]{k.Name, k.Doc, k.Schema, func(d D, into *Outer, n *Node) { k.Read(d, inner(into), n) }}
}

// Table holds the keys that a mapping may have.
type Table[D Decoder, T any] struct {
	// What is the mapping's name in messages: "a case".
	What  string
	Keys  []Key[D, T]
	index map[string]int
}

// NewTable returns the table of these keys.
func NewTable[D Decoder, T any](what string, keys []Key[D, T]) *Table[D, T] {
	t := &Table[D, T]{What: what, Keys: keys, index: make(map[string]int, len(keys))}
	for i, k := range keys {
		t.index[k.Name] = i
	}
	return t
}

// Has reports whether the table has a key.
func (t *Table[D, T]) Has(name string) bool {
	_, ok := t.index[name]
	return ok
}

// Read reads a mapping along the table. Unknown keys are mistakes, with the
// nearest names.
func (t *Table[D, T]) Read(d D, into *T, n *Node) {
	if !d.Want(n, Mapping, t.What) {
		return
	}
	for _, e := range n.Entries {
		i, ok := t.index[e.Key.Text]
		if !ok {
			d.Fail(e.Key.Place, t.unknown(e.Key.Text))
			continue
		}
		t.Keys[i].Read(d, into, e.Value)
	}
}

// maxListed is how many keys a message lists.
const maxListed = 40

func (t *Table[D, T]) unknown(name string) string {
	names := t.Names()
	message := fmt.Sprintf("unknown key %q in %s", Shorten(name), t.What)
	if near := words.Nearest(name, names); len(near) > 0 {
		return message + ": did you mean " + strings.Join(near, " or ") + "?"
	}
	if len(names) > maxListed {
		return message
	}
	return message + ": it takes " + strings.Join(names, ", ")
}

// Names returns the names of the keys, in the table's order.
func (t *Table[D, T]) Names() []string {
	names := make([]string, len(t.Keys))
	for i, k := range t.Keys {
		names[i] = k.Name
	}
	return names
}

// Object is the schema of the mapping; more is what it has beyond its keys.
func (t *Table[D, T]) Object(more Schema) Schema {
	properties := make(Schema, len(t.Keys))
	for _, k := range t.Keys {
		property := Schema{"description": k.Doc}
		for name, value := range k.Schema {
			property[name] = value
		}
		properties[k.Name] = property
	}
	object := Schema{"type": "object", "additionalProperties": false, "properties": properties}
	for name, value := range more {
		object[name] = value
	}
	return object
}
