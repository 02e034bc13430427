package webhooks

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate/yamlfile"
	openim "go.yaml.in/yaml/v3"
	"go.yaml.in/yaml/v4"
)

// value is one YAML value and where it stands. Aliases are followed.
type value struct {
	yamlfile.Place
	kind yamlfile.Kind
	// text is the value as it is written, without quotes.
	text    string
	number  float64
	items   []value
	members []member
	// alias: it stands elsewhere, and here is its name.
	alias bool
}

// member is one key of a mapping and its value.
type member struct {
	yamlfile.Place
	name  string
	value value
	// merged: it comes from another mapping through "<<", or its key is an
	// alias, so that a member of the same name may stand beside it.
	merged bool
}

// Limits of files. The largest that OpenIM ships, the template of 3.6, has 14
// KB in 536 lines.
const (
	maxBytes  = 128 << 10
	maxValues = 20000 // aliases written out
)

// configuration is what OpenIM finds in a file.
type configuration struct {
	root value
	// more is where a second document begins, which OpenIM doesn't read.
	more yamlfile.Place
}

// load reads the first document with the reader that OpenIM has: other readers
// take some files that this one doesn't, and the other way round.
func load(text []byte) (c configuration, failed *yamlfile.Problem) {
	if len(text) > maxBytes {
		return c, &yamlfile.Problem{Message: say("parse.bytes", "kb", maxBytes>>10)}
	}
	var document openim.Node
	if err := openim.Unmarshal(text, &document); err != nil {
		return c, syntaxProblem(text, err)
	}
	if len(document.Content) == 0 {
		return configuration{root: value{kind: yamlfile.Mapping}}, nil
	}
	b := builder{tree: yamlfile.NewTree(text), nodes: make(map[*openim.Node]*yaml.Node), open: make(map[*yaml.Node]bool)}
	b.tree.Documents = []*yaml.Node{b.node(&document)}
	if failed := b.tree.Guard(); failed != nil {
		return c, failed
	}
	if c.root, failed = b.value(b.tree.Documents[0].Content[0]); failed != nil {
		return c, failed
	}
	c.more = secondDocument(text)
	switch {
	case c.root.kind == yamlfile.Null:
		c.root.kind = yamlfile.Mapping
	case c.root.kind != yamlfile.Mapping:
		failed = &yamlfile.Problem{Place: c.root.Place, Message: say("parse.settings", "kind", c.root.kind.Text())}
	case !b.twice:
		failed = b.decode(document.Content[0])
	}
	return c, failed
}

// secondDocument is where text begins that OpenIM leaves unread.
func secondDocument(text []byte) yamlfile.Place {
	documents := openim.NewDecoder(bytes.NewReader(text))
	for first := true; ; first = false {
		var document openim.Node
		switch err := documents.Decode(&document); {
		case errors.Is(err, io.EOF):
			return yamlfile.Place{}
		case err != nil:
			return syntaxProblem(text, err).Place
		case !first && document.Content[0].Tag != "!!null":
			return yamlfile.Place{Line: document.Line, Col: document.Column, Width: 1}
		}
	}
}

// problemText is how errors of yaml.v3 look: some have a line.
var problemText = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?([^\n]*)`)

// syntaxProblem is an error of yaml.v3 with the place that yaml/v4 knows.
// What only v3 refuses has the line, at best.
func syntaxProblem(text []byte, err error) *yamlfile.Problem {
	if _, failed := yamlfile.ParseTree(text); failed != nil {
		return failed
	}
	found := problemText.FindStringSubmatch(err.Error())
	at := yamlfile.Place{Line: 1, Col: 1, Width: 1}
	if line, err := strconv.Atoi(found[1]); err == nil {
		at.Line = line
	}
	for i, line := range yamlfile.Lines(text) {
		if column := strings.IndexFunc(line, isOldControl); column >= 0 {
			at = yamlfile.Place{Line: i + 1, Col: utf8.RuneCountInString(line[:column]) + 1, Width: 1}
			break
		}
	}
	return &yamlfile.Problem{Place: at, Message: words.Plain(found[2])}
}

// isOldControl reports the control characters that YAML 1.1 did not have, and
// 1.2 has.
func isOldControl(r rune) bool { return r >= 0x7f && r <= 0x9f && r != 0x85 }

// builder turns OpenIM's tree into values.
type builder struct {
	tree  *yamlfile.Tree
	nodes map[*openim.Node]*yaml.Node
	// open are the nodes with a name that the builder is in.
	open   map[*yaml.Node]bool
	values int
	// twice: a mapping has a key twice, with which nothing is decoded.
	twice bool
	// merging counts the "<<" around.
	merging int
}

// node returns a node, and all below it, as a node of the tree that imcb's
// other files have, too.
func (b *builder) node(from *openim.Node) *yaml.Node {
	if from == nil || b.nodes[from] != nil {
		return b.nodes[from]
	}
	n := &yaml.Node{
		Kind: yaml.Kind(from.Kind), Style: yaml.Style(from.Style), Tag: from.Tag, Value: from.Value, Anchor: from.Anchor,
		Line: from.Line, Column: from.Column,
	}
	b.nodes[from] = n
	n.Alias = b.node(from.Alias)
	for _, child := range from.Content {
		n.Content = append(n.Content, b.node(child))
	}
	return n
}

func (b *builder) value(n *yaml.Node) (v value, failed *yamlfile.Problem) {
	v.Place = b.tree.Place(n)
	if b.values++; b.values > maxValues {
		return v, &yamlfile.Problem{Place: v.Place, Message: say("parse.values", "n", maxValues)}
	}
	if n.Anchor != "" {
		b.open[n] = true
		defer delete(b.open, n)
	}
	switch n.Kind {
	case yaml.AliasNode:
		return b.alias(v.Place, n)
	case yaml.SequenceNode:
		v.kind = yamlfile.List
		v.items, failed = b.list(n.Content)
	case yaml.MappingNode:
		v.kind = yamlfile.Mapping
		v.members, failed = b.mapping(n.Content)
	default:
		v.scalar(n)
	}
	return v, failed
}

func (b *builder) alias(at yamlfile.Place, n *yaml.Node) (value, *yamlfile.Problem) {
	if b.open[n.Alias] {
		return value{}, &yamlfile.Problem{Place: at, Message: say("parse.itself", "anchor", n.Value)}
	}
	v, failed := b.value(n.Alias)
	v.Place, v.alias = at, true
	return v, failed
}

func (b *builder) list(content []*yaml.Node) (items []value, failed *yamlfile.Problem) {
	for _, n := range content {
		item, failed := b.value(n)
		if failed != nil {
			return nil, failed
		}
		items = append(items, item)
	}
	return items, nil
}

func (b *builder) mapping(content []*yaml.Node) (members []member, failed *yamlfile.Problem) {
	var merged []member
	given := make(map[yamlKey]int, len(content)/2)
	for i := 0; i+1 < len(content); i += 2 {
		if failed := b.again(content[i], given); failed != nil {
			return nil, failed
		}
		if yamlfile.IsMerge(content[i]) {
			b.merging++
		}
		v, failed := b.value(content[i+1])
		switch {
		case failed != nil:
			return nil, failed
		case yamlfile.IsMerge(content[i]):
			b.merging--
			merged = mergedMembers(v)
		default:
			isAlias := content[i].Kind == yaml.AliasNode
			members = append(members, member{Place: b.tree.Place(content[i]), name: keyText(content[i]), value: v, merged: isAlias})
		}
	}
	b.values += len(merged)
	return addMerged(members, merged), nil
}

// yamlKey is what yaml.v3 compares of the keys of a mapping.
type yamlKey struct {
	kind yaml.Kind
	text string
}

// again notes a key that stands twice. It is a rule's to report, unless no
// setting shows it.
func (b *builder) again(key *yaml.Node, given map[yamlKey]int) *yamlfile.Problem {
	id := yamlKey{key.Kind, key.Value}
	line, again := given[id]
	given[id] = key.Line
	b.twice = b.twice || again
	if again && (b.merging > 0 || key.Value == "<<" || key.Kind != yaml.ScalarNode) {
		return &yamlfile.Problem{Place: b.tree.Place(key), Message: say("parse.twice", "key", short(key.Value), "line", line)}
	}
	return nil
}

// addMerged adds the members that "<<" brings in; a key of the mapping itself
// wins.
func addMerged(members, merged []member) []member {
	known := make(map[string]bool, len(members)+len(merged))
	for _, m := range members {
		known[m.name] = true
	}
	for _, m := range merged {
		if !known[m.name] {
			known[m.name] = true
			members = append(members, m)
		}
	}
	return members
}

// mergedMembers are the members that "<<" brings in.
func mergedMembers(v value) []member {
	var all []member
	for _, item := range v.items {
		all = append(all, mergedMembers(item)...)
	}
	for _, m := range v.members {
		m.merged = true
		all = append(all, m)
	}
	return all
}

func keyText(n *yaml.Node) string {
	if n.Kind == yaml.AliasNode {
		return n.Alias.Value
	}
	return n.Value
}

// scalar reads a single value as yaml.v3 has understood it.
func (v *value) scalar(n *yaml.Node) {
	v.kind, v.text = yamlfile.Text, n.Value
	switch n.ShortTag() {
	case "!!null":
		v.kind, v.text = yamlfile.Null, ""
	case "!!bool":
		v.kind = yamlfile.Boolean
		if strings.EqualFold(n.Value, "true") {
			v.number = 1
		}
	case "!!int", "!!float":
		v.kind = yamlfile.Number
		_ = n.Decode(&v.number) // decode says what is no number
	}
}

// decode reads the values once more, into what viper has for them, to find
// what is wrong with tags, merge keys and keys that are no text.
func (b *builder) decode(root *openim.Node) *yamlfile.Problem {
	var settings map[string]any
	err := root.Decode(&settings)
	if err == nil {
		return nil
	}
	message := problemText.FindStringSubmatch(strings.TrimPrefix(err.Error(), "yaml: unmarshal errors:\n  "))[2]
	return &yamlfile.Problem{Place: b.tree.Place(b.node(culprit(root, err))), Message: words.Plain(message)}
}

// culprit is the innermost node that can't be decoded.
func culprit(n *openim.Node, err error) *openim.Node {
	for _, child := range n.Content {
		var v any
		if failed := child.Decode(&v); failed != nil && failed.Error() == err.Error() {
			return culprit(child, err)
		}
	}
	return n
}

// get returns the last member of that name, or nil.
func (v *value) get(name string, anyCase bool) *member {
	for i := len(v.members) - 1; i >= 0; i-- {
		m := &v.members[i]
		if m.name == name || (anyCase && strings.EqualFold(m.name, name)) {
			return m
		}
	}
	return nil
}
