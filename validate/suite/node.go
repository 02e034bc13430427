package suite

import (
	"bytes"
	"encoding/json"
)

// kind is the JSON type of a node.
type kind uint8

const (
	null kind = iota
	boolean
	number
	text
	list
	mapping
)

// String names the kind with its article, for messages.
func (k kind) String() string {
	return [...]string{"empty", "true or false", "a number", "text", "a list", "a mapping"}[k]
}

// place is where something stands in the file. Columns count letters from 1.
type place struct{ line, col, width int }

// node is a value of the file that knows its place.
type node struct {
	place
	kind kind
	// text is a scalar's value; of numbers and booleans as JSON has them.
	text string
	// written is a scalar as the file has it: 0123 where text is 83.
	written string
	items   []*node
	entries []entry
	// weight is the number of nodes and bytes below, aliases written out.
	weight int
}

// entry is one key of a mapping with its value.
type entry struct{ key, value *node }

// get returns the value of a key; nil when there is none.
func (n *node) get(name string) *node {
	for _, e := range n.entries {
		if e.key.text == name {
			return e.value
		}
	}
	return nil
}

// weigh sums up a node whose children are complete.
func (n *node) weigh() {
	n.weight = 1 + len(n.text)
	for _, item := range n.items {
		n.weight += item.weight
	}
	for _, e := range n.entries {
		n.weight += e.key.weight + e.value.weight
	}
}

// quote writes s as a JSON string, "<", ">" and "&" as they are.
func quote(s string) json.RawMessage {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always encodes
	return bytes.TrimRight(b.Bytes(), "\n")
}
