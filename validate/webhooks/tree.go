package webhooks

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// place is a position in the file, both numbers counted from 1.
type place struct{ line, column int }

// kind is what a YAML value is.
type kind string

const (
	null    kind = "nothing"
	boolean kind = "a boolean"
	number  kind = "a number"
	text    kind = "text"
	list    kind = "a list"
	mapping kind = "a mapping"
)

// value is one YAML value and where it stands. Aliases are followed.
type value struct {
	place
	kind kind
	// text is the value as it is written, without quotes.
	text    string
	number  float64
	items   []value
	members []member
}

// member is one key of a mapping and its value.
type member struct {
	place
	name  string
	value value
	// merged: it comes from another mapping through "<<", so that a member of
	// the same name may stand beside it.
	merged bool
}

// Limits against files that take the YAML parser minutes and gigabytes. The
// largest file that OpenIM ships, the template of 3.6, has 14 KB in 536 lines.
const (
	maxBytes    = 128 << 10
	maxLines    = 5000
	maxWords    = 2000 // in a line
	maxBrackets = 2000
	maxDepth    = 20
	maxValues   = 20000
)

// checkSize rejects texts beyond the limits.
func checkSize(text string) error {
	switch {
	case len(text) > maxBytes:
		return fmt.Errorf("the file has more than %d KB: this is no OpenIM configuration", maxBytes>>10)
	case strings.Count(text, "\n") > maxLines:
		return fmt.Errorf("the file has more than %d lines: this is no OpenIM configuration", maxLines)
	case strings.Count(text, "[")+strings.Count(text, "{") > maxBrackets:
		return errors.New("the file has too many brackets: this is no OpenIM configuration")
	}
	n := 0
	for line := range strings.Lines(text) {
		n++
		if len(strings.Fields(line)) > maxWords {
			return fmt.Errorf("line %d has more than %d words: this is no OpenIM configuration", n, maxWords)
		}
	}
	return nil
}

// syntaxError is a mistake in the YAML that the parser lets through.
type syntaxError struct {
	message string
	token   *token.Token
}

func (e *syntaxError) Error() string { return e.message }

func (e *syntaxError) place() place { return placeOf(e.token) }

// parseTree parses the first document. More is where the next one begins.
func parseTree(text string) (root value, more place, err error) {
	if err := checkSize(text); err != nil {
		return value{}, place{}, err
	}
	file, err := parser.ParseBytes([]byte(text), 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return value{}, place{}, err
	}
	docs := slices.DeleteFunc(file.Docs, func(d *ast.DocumentNode) bool { return d.Body == nil })
	if len(docs) == 0 {
		return value{kind: mapping}, place{}, nil
	}
	b := builder{anchors: make(map[string]ast.Node)}
	if len(docs) > 1 {
		more = placeOf(docs[1].Start)
	}
	root, err = b.value(docs[0].Body, 0)
	return root, more, err
}

// builder turns the parser's tree into values.
type builder struct {
	anchors map[string]ast.Node
	values  int
}

func (b *builder) value(n ast.Node, depth int) (value, error) {
	b.values++
	if depth > maxDepth || b.values > maxValues {
		return value{}, &syntaxError{"the values are nested too deeply", tokenOf(n)}
	}
	switch n := n.(type) {
	case nil:
		return value{kind: null}, nil
	case *ast.AnchorNode:
		b.anchors[anchorName(n.Name)] = n.Value
		return b.value(n.Value, depth+1)
	case *ast.AliasNode:
		target, ok := b.anchors[anchorName(n.Value)]
		if !ok {
			return value{}, &syntaxError{fmt.Sprintf("there is no anchor %q", anchorName(n.Value)), tokenOf(n)}
		}
		v, err := b.value(target, depth+1)
		v.place = placeOf(n.GetToken())
		return v, err
	case *ast.TagNode:
		v, err := b.value(n.Value, depth+1)
		if n.GetToken() != nil && n.GetToken().Value == "!!str" && len(v.items)+len(v.members) == 0 {
			v.kind = text
		}
		return v, err
	case *ast.SequenceNode:
		return b.list(n, depth)
	case *ast.MappingNode:
		return b.mapping(n, n.Values, depth)
	case *ast.MappingValueNode:
		return b.mapping(n, []*ast.MappingValueNode{n}, depth)
	default:
		return scalar(n), nil
	}
}

func anchorName(n ast.Node) string {
	if t := tokenOf(n); t != nil {
		return t.Value
	}
	return ""
}

func (b *builder) list(n *ast.SequenceNode, depth int) (value, error) {
	v := value{place: placeOf(n.GetToken()), kind: list}
	for _, item := range n.Values {
		x, err := b.value(item, depth+1)
		if err != nil {
			return v, err
		}
		v.items = append(v.items, x)
	}
	return v, nil
}

func (b *builder) mapping(n ast.Node, pairs []*ast.MappingValueNode, depth int) (value, error) {
	v := value{place: placeOf(tokenOf(n)), kind: mapping}
	var merged []member
	for _, pair := range pairs {
		x, err := b.value(pair.Value, depth+1)
		if err != nil {
			return v, err
		}
		if _, ok := pair.Key.(*ast.MergeKeyNode); ok {
			merged = append(merged, mergedMembers(x)...)
			continue
		}
		v.members = append(v.members, member{place: placeOf(tokenOf(pair.Key)), name: keyText(pair.Key), value: x})
	}
	if len(v.members) > 0 {
		v.place = v.members[0].place
	}
	for _, m := range merged { // a key of the mapping itself wins
		if v.get(m.name, false) == nil {
			v.members = append(v.members, m)
		}
	}
	if b.values += len(merged); b.values > maxValues {
		return v, &syntaxError{"the values are nested too deeply", tokenOf(n)}
	}
	return v, nil
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

func keyText(n ast.MapKeyNode) string {
	if t := tokenOf(n); t != nil {
		return t.Value
	}
	return ""
}

// scalar reads a single value as yaml.v3 understands it, which takes a few
// more numbers for such than goccy/go-yaml.
func scalar(n ast.Node) value {
	v := value{place: placeOf(tokenOf(n)), kind: text}
	if t := tokenOf(n); t != nil {
		v.text = t.Value
	}
	switch n := n.(type) {
	case *ast.NullNode:
		v.kind, v.text = null, ""
	case *ast.BoolNode:
		v.kind = boolean
		if n.Value {
			v.number = 1
		}
	case *ast.IntegerNode:
		v.kind = number
		v.number, _ = strconv.ParseFloat(fmt.Sprint(n.Value), 64)
	case *ast.FloatNode:
		v.kind, v.number = number, n.Value
	case *ast.LiteralNode:
		if n.Value != nil {
			v.text = n.Value.Value
		}
	case *ast.StringNode:
		v.text = n.Value
		if n.Token != nil && n.Token.Type == token.StringType {
			if f, err := strconv.ParseFloat(n.Value, 64); err == nil {
				v.kind, v.number = number, f
			}
		}
	}
	return v
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

func tokenOf(n ast.Node) *token.Token {
	if n == nil {
		return nil
	}
	return n.GetToken()
}

func placeOf(t *token.Token) place {
	if t == nil || t.Position == nil {
		return place{1, 1}
	}
	return place{max(t.Position.Line, 1), max(t.Position.Column, 1)}
}
