package yamlfile

import (
	"encoding/json"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
)

// Kind is the JSON type of a node.
type Kind uint8

// The kinds.
const (
	Null Kind = iota
	Boolean
	Number
	Text
	List
	Mapping
)

// Text names the kind with its article.
func (k Kind) Text() words.Text { return kinds[k] }

var kinds = [...]words.Text{say("kind.null"), say("kind.boolean"), say("kind.number"), say("kind.text"), say("kind.list"), say("kind.mapping")}

// Place is where something stands in the file. Columns count letters from 1.
type Place struct{ Line, Col, Width int }

// Node is a value of the file that knows its place.
type Node struct {
	Place
	Kind Kind
	// Text is a scalar's value; of numbers and booleans as JSON has them.
	Text string
	// Written is a scalar as the file has it: 0123 where Text is 83.
	Written string
	// Items are a list's, Entries a mapping's in the file's order.
	Items   []*Node
	Entries []Entry
}

// Entry is one key of a mapping with its value.
type Entry struct{ Key, Value *Node }

// Get returns the value of a key; nil when there is none.
func (n *Node) Get(name string) *Node {
	for _, e := range n.Entries {
		if e.Key.Text == name {
			return e.Value
		}
	}
	return nil
}

// OneOrMany returns a list's items, or the node itself.
func (n *Node) OneOrMany() []*Node {
	if n.Kind == List {
		return n.Items
	}
	return []*Node{n}
}

// JSON writes the node out as JSON.
func (n *Node) JSON() json.RawMessage {
	return NewValue(n, func(v *Value[struct{}], n *Node) { v.Raw = fixtures.JSON(n.Text) }).Raw
}
