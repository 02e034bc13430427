package yamlfile

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/imcb-dev/imcb/fixtures/words"
	"go.yaml.in/yaml/v4"
)

// yamlReader turns the tree into nodes. An alias is the very node that it stands
// for, so that a file of aliases to aliases takes no space.
type yamlReader struct {
	tree    *Tree
	anchors map[*yaml.Node]*Node
	errors  []Problem
}

// readYAML reads the one document of a YAML file; what is its name or a words.Text.
func readYAML(text []byte, what any) (*Node, []Problem) {
	tree, failed := ParseTree(text)
	if failed != nil {
		return nil, []Problem{*failed}
	}
	bodies := tree.bodies()
	switch len(bodies) {
	case 0:
		return nil, []Problem{{Message: say("empty")}}
	case 1:
		r := &yamlReader{tree: tree, anchors: make(map[*yaml.Node]*Node)}
		return r.node(bodies[0]), r.errors
	default:
		return nil, []Problem{{tree.Place(bodies[1]), say("documents", "what", what)}}
	}
}

// ReadAll reads every document of a YAML file that has a value.
func ReadAll(text []byte) (documents []*Node, problems []Problem) {
	tree, failed := ParseTree(text)
	if failed != nil {
		return nil, []Problem{*failed}
	}
	for _, body := range tree.bodies() {
		r := &yamlReader{tree: tree, anchors: make(map[*yaml.Node]*Node)}
		documents = append(documents, r.node(body))
		problems = append(problems, r.errors...)
	}
	return documents, problems
}

// bodies are the values of the documents that have one.
func (t *Tree) bodies() (all []*yaml.Node) {
	for _, document := range t.Documents {
		if hasValue(document) {
			all = append(all, document.Content[0])
		}
	}
	return all
}

// hasValue reports whether something stands in a document.
func hasValue(document *yaml.Node) bool {
	return len(document.Content) > 0 && (document.Content[0].Kind != yaml.ScalarNode || !isLeftOut(document.Content[0]))
}

// isLeftOut reports whether a scalar is a place where a value could stand.
func isLeftOut(n *yaml.Node) bool { return n.Value == "" && n.Style == 0 }

// node turns one node of the tree, and all below it, into the package's own.
func (r *yamlReader) node(from *yaml.Node) *Node {
	if from.Kind == yaml.AliasNode {
		return r.alias(from)
	}
	n := &Node{Place: r.tree.Place(from)}
	switch from.Kind {
	case yaml.MappingNode:
		r.mapping(n, from.Content)
	case yaml.SequenceNode:
		n.Kind = List
		for _, item := range from.Content {
			n.Items = append(n.Items, r.node(item))
		}
	default:
		r.scalar(n, from)
	}
	if IsTagged(from) && (from.Tag != "!!str" || from.Kind != yaml.ScalarNode) {
		at := Place{from.Line, from.Column, utf8.RuneCountInString(from.Tag)}
		r.fail(at, say("tag", "tag", from.Tag))
	}
	if from.Anchor != "" {
		r.anchors[from] = n
	}
	return n
}

func (r *yamlReader) fail(p Place, message words.Text) {
	r.errors = append(r.errors, Problem{p, message})
}

// alias returns the node with the name. The name holds from that node's end on,
// so that a node can't hold itself.
func (r *yamlReader) alias(from *yaml.Node) *Node {
	n, ok := r.anchors[from.Alias]
	if !ok {
		n = &Node{Place: r.tree.Place(from)}
		r.fail(n.Place, noAnchor(from.Value))
	}
	return n
}

func noAnchor(name string) words.Text { return say("anchor", "name", name) }

// mapping reads the entries of a mapping. Merged ones (<<) come last, and
// never replace its own.
func (r *yamlReader) mapping(n *Node, content []*yaml.Node) {
	n.Kind = Mapping
	var merged []*Node
	for i := 0; i+1 < len(content); i += 2 {
		if IsMerge(content[i]) {
			merged = append(merged, r.node(content[i+1]).OneOrMany()...)
			continue
		}
		key := r.key(content[i])
		n.Entries = append(n.Entries, Entry{key, r.node(content[i+1])})
	}
	r.errors = append(r.errors, duplicates(n)...)
	if len(merged) > 0 {
		r.merge(n, merged)
	}
}

// IsMerge reports whether a key is "<<", which brings in another mapping.
func IsMerge(key *yaml.Node) bool {
	return key.Kind == yaml.ScalarNode && key.Value == "<<" && key.ShortTag() == "!!merge"
}

// key reads a mapping's key, which must be a scalar.
func (r *yamlReader) key(from *yaml.Node) *Node {
	node := r.node(from)
	if node.Kind == List || node.Kind == Mapping {
		r.fail(node.Place, say("key.text"))
	}
	keyed := *node
	keyed.Text = node.Written
	keyed.Width = max(1, utf8.RuneCountInString(keyed.Text))
	return &keyed
}

// merge adds the entries of other mappings, but for the keys that are there.
func (r *yamlReader) merge(n *Node, others []*Node) {
	known := make(map[string]bool, len(n.Entries))
	for _, e := range n.Entries {
		known[e.Key.Text] = true
	}
	for _, other := range others {
		if other.Kind != Mapping {
			r.fail(other.Place, say("merge"))
			continue
		}
		for _, e := range other.Entries {
			if !known[e.Key.Text] {
				known[e.Key.Text] = true
				n.Entries = append(n.Entries, e)
			}
		}
	}
}

// scalar reads a value without parts.
func (r *yamlReader) scalar(n *Node, from *yaml.Node) {
	n.Written = from.Value
	switch from.ShortTag() {
	case "!!null":
		n.Kind = Null
	case "!!bool":
		n.Kind, n.Text = Boolean, strings.ToLower(from.Value)
	case "!!int", "!!float":
		n.Kind, n.Text = Number, r.number(n.Place, from)
	default:
		n.Kind, n.Text = Text, from.Value
	}
}

// number returns a number as it is written if JSON can have it so.
func (r *yamlReader) number(at Place, from *yaml.Node) string {
	if json.Valid([]byte(from.Value)) {
		return from.Value
	}
	var value any
	if err := from.Decode(&value); err != nil {
		r.fail(at, words.Of(err))
	}
	f, ok := value.(float64)
	if !ok {
		return fmt.Sprint(value)
	}
	if math.IsInf(f, 0) || math.IsNaN(f) {
		r.fail(at, say("number", "number", from.Value))
		return "0"
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// IsTag reports whether the problem is a tag, of which the reader of the file may
// know the meaning.
func (p Problem) IsTag() bool { return p.Message.ID() == "tag" }

// IsEmptyFile reports whether the problem is that the file has no value.
func (p Problem) IsEmptyFile() bool { return p.Message.ID() == "empty" }

// Read reads the text of a file, YAML or JSON: one document. what is the kind of
// file, its name or a words.Text. With problems, the node may be nil
// or incomplete. The size of the text is for the caller to limit.
func Read(text []byte, what any) (*Node, []Problem) {
	read := readYAML
	if isJSON(text) {
		read = readJSON
	}
	return read(text, what)
}

// Root reads the text of a file of so many bytes at most, and notes the
// mistakes; nil: it can't be read.
func (r *Reader) Root(text []byte, what any, limit int) *Node {
	if len(text) > limit {
		r.Fail(Place{}, say("size", "size", len(text), "limit", limit))
		return nil
	}
	root, problems := Read(text, what)
	for _, p := range problems {
		r.Fail(p.Place, p.Message)
	}
	if len(problems) > 0 {
		return nil
	}
	return root
}
