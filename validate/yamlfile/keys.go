package yamlfile

import (
	"maps"
	"slices"

	"github.com/imcb-dev/imcb/fixtures/words"
)

// Decoder reads nodes and collects mistakes. A type that embeds a Reader is
// one.
type Decoder interface {
	Fail(p Place, message words.Text)
	Failed(p Place, err error) bool
	Want(n *Node, k Kind, what any) bool
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

// Lift makes keys of one type keys of another that contains it.
func Lift[D Decoder, Outer, Inner any](keys []Key[D, Inner], inner func(*Outer) *Inner) []Key[D, Outer] {
	lifted := make([]Key[D, Outer], len(keys))
	for i, k := range keys {
		lifted[i] = Key[D, Outer]{k.Name, k.Doc, k.Schema, func(d D, into *Outer, n *Node) { k.Read(d, inner(into), n) }}
	}
	return lifted
}

// Table holds the keys that a mapping may have.
type Table[D Decoder, T any] struct {
	// What the mapping is: the name of its key, or a words.Text.
	What  any
	Keys  []Key[D, T]
	index map[string]int
}

// NewTable returns the table of these keys.
func NewTable[D Decoder, T any](what any, keys []Key[D, T]) *Table[D, T] {
	t := &Table[D, T]{What: what, Keys: keys, index: make(map[string]int, len(keys))}
	for i, k := range keys {
		t.index[k.Name] = i
	}
	return t
}

// Alias lets a key be written under another name, too, which the schema does not
// have: one that it had before, or that hands try first.
func (t *Table[D, T]) Alias(other, name string) *Table[D, T] {
	t.index[other] = t.index[name]
	return t
}

// Has reports whether the table has a key.
func (t *Table[D, T]) Has(name string) bool {
	_, ok := t.index[name]
	return ok
}

// HasUnknown reports whether a mapping has a key that is not in the table: it
// may be another one, misspelt.
func (t *Table[D, T]) HasUnknown(n *Node) bool {
	return slices.ContainsFunc(n.Entries, func(e Entry) bool { return !t.Has(e.Key.Text) })
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
			d.Fail(e.Key.Place, say("key.unknown", "key", e.Key.Text, "table", t.What, "near", words.DidYouMeanAny(e.Key.Text, t.Names())))
			continue
		}
		t.Keys[i].Read(d, into, e.Value)
	}
}

// Names returns the names of the keys, in the table's order.
func (t *Table[D, T]) Names() []string {
	return words.Names(t.Keys, func(k Key[D, T]) string { return k.Name })
}

// Object is the schema of the mapping; more is what it has beyond its keys.
func (t *Table[D, T]) Object(more Schema) Schema {
	properties := make(Schema, len(t.Keys))
	for _, k := range t.Keys {
		property := Schema{"description": k.Doc}
		maps.Copy(property, k.Schema)
		properties[k.Name] = property
	}
	object := Schema{"type": "object", "additionalProperties": false, "properties": properties}
	maps.Copy(object, more)
	return object
}
