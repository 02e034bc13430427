package suite

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// maxWeight limits what aliases may amount to when they are written out. A
// file of the largest size without aliases stays below.
const maxWeight = 64 << 20

// yamlReader turns the parser's tree into nodes. An alias is the very node
// that it stands for, so that a file of aliases to aliases takes no space;
// weights tell what they would amount to.
type yamlReader struct {
	anchors map[string]*node
	errors  []nodeError
}

// readYAML reads the one document of a YAML file.
func readYAML(text []byte) (*node, []nodeError) {
	file, failed := parseYAML(text)
	if failed != nil {
		return nil, []nodeError{*failed}
	}
	var body ast.Node
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if body != nil {
			return nil, []nodeError{{placeOf(doc.Body), "a suite file is one document: leave the --- out"}}
		}
		body = doc.Body
	}
	if body == nil {
		return nil, []nodeError{{message: "the file is empty"}}
	}
	r := &yamlReader{anchors: make(map[string]*node)}
	return r.node(body, 0), r.errors
}

// parseYAML parses the text. A panic of the parser is a file that can't be
// read.
func parseYAML(text []byte) (file *ast.File, failed *nodeError) {
	defer func() {
		if p := recover(); p != nil {
			file, failed = nil, &nodeError{message: fmt.Sprintf("this is not YAML: %v", p)}
		}
	}()
	tokens := lexer.Tokenize(string(bytes.TrimPrefix(text, []byte("\ufeff"))))
	if failed := guard(tokens); failed != nil {
		return nil, failed
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, syntaxError(err)
	}
	return file, nil
}

// syntaxError takes the place and the message out of a parser's error.
func syntaxError(err error) *nodeError {
	var located yaml.Error
	if !errors.As(err, &located) {
		return &nodeError{message: err.Error()}
	}
	message := strings.ReplaceAll(located.GetMessage(), "\n", " ")
	t := located.GetToken()
	if t == nil || t.Position == nil {
		return &nodeError{message: message}
	}
	if strings.Contains(message, "must be specified") {
		message += "; in [] and {}, put values with brackets or braces in quotes"
	}
	return &nodeError{place{t.Position.Line, t.Position.Column, 1}, message}
}

// node turns one node of the tree, and all below it, into the package's own.
func (r *yamlReader) node(from ast.Node, depth int) *node {
	n := &node{place: placeOf(from)}
	if depth > maxDepth {
		r.fail(n.place, tooDeep)
		return n
	}
	switch from := from.(type) {
	case *ast.AnchorNode:
		return r.anchor(from, depth)
	case *ast.AliasNode:
		return r.alias(from)
	case *ast.MappingNode:
		r.mapping(n, from.Values, depth)
	case *ast.MappingValueNode:
		r.mapping(n, []*ast.MappingValueNode{from}, depth)
	case *ast.SequenceNode:
		n.kind = list
		for _, item := range from.Values {
			n.items = append(n.items, r.node(item, depth+1))
		}
	case *ast.TagNode:
		return r.tagged(from, depth)
	default:
		r.scalar(n, from)
	}
	n.weigh()
	if n.weight > maxWeight {
		r.fail(n.place, "aliases make this too large")
		return &node{place: n.place}
	}
	return n
}

func (r *yamlReader) fail(p place, message string) {
	r.errors = append(r.errors, nodeError{p, message})
}

// anchor gives a node a name. The name holds from its end on, so that a node
// can't hold itself.
func (r *yamlReader) anchor(from *ast.AnchorNode, depth int) *node {
	n := r.node(from.Value, depth+1)
	r.anchors[from.Name.GetToken().Value] = n
	return n
}

func (r *yamlReader) alias(from *ast.AliasNode) *node {
	name := from.Value.GetToken().Value
	n, ok := r.anchors[name]
	if !ok {
		r.fail(placeOf(from), fmt.Sprintf("there is no anchor &%s before this", shorten(name)))
		return &node{place: placeOf(from)}
	}
	return n
}

// tagged reads a value with a tag; only !!str has a meaning.
func (r *yamlReader) tagged(from *ast.TagNode, depth int) *node {
	n := r.node(from.Value, depth+1)
	if from.Start.Value != "!!str" || n.kind == list || n.kind == mapping {
		r.fail(placeOf(from), fmt.Sprintf("the tag %s means nothing here", shorten(from.Start.Value)))
		return n
	}
	tagged := *n
	tagged.kind, tagged.text = text, n.written
	return &tagged
}

// mapping reads the entries of a mapping. Merged ones (<<) come last, and
// never replace its own.
func (r *yamlReader) mapping(n *node, values []*ast.MappingValueNode, depth int) {
	n.kind = mapping
	var merged []entry
	for _, v := range values {
		if _, ok := v.Key.(*ast.MergeKeyNode); ok {
			merged = append(merged, r.merge(v.Value, depth)...)
			continue
		}
		key := r.key(v.Key, depth)
		n.entries = append(n.entries, entry{key, r.node(v.Value, depth+1)})
	}
	r.errors = append(r.errors, duplicates(n)...)
	known := make(map[string]bool, len(merged))
	if len(merged) > 0 {
		for _, e := range n.entries {
			known[e.key.text] = true
		}
	}
	for _, e := range merged {
		if !known[e.key.text] {
			known[e.key.text] = true
			n.entries = append(n.entries, e)
		}
	}
}

// key reads a mapping's key, which must be a scalar.
func (r *yamlReader) key(from ast.MapKeyNode, depth int) *node {
	node := r.node(from, depth+1)
	if node.kind == list || node.kind == mapping {
		r.fail(node.place, "a key must be text")
	}
	keyed := *node
	keyed.text = node.written
	keyed.width = max(1, utf8.RuneCountInString(keyed.text))
	return &keyed
}

// merge returns the entries that a merge key brings in.
func (r *yamlReader) merge(from ast.Node, depth int) []entry {
	n := r.node(from, depth+1)
	all := []*node{n}
	if n.kind == list {
		all = n.items
	}
	var merged []entry
	for _, one := range all {
		if one.kind != mapping {
			r.fail(one.place, "<< takes a mapping, or a list of them")
			continue
		}
		merged = append(merged, one.entries...)
	}
	return merged
}

// scalar reads a value without parts.
func (r *yamlReader) scalar(n *node, from ast.Node) {
	n.written = from.GetToken().Value
	switch from := from.(type) {
	case *ast.NullNode:
		n.kind = null
	case *ast.BoolNode:
		n.kind, n.text = boolean, strconv.FormatBool(from.Value)
	case *ast.StringNode:
		n.kind, n.text, n.written = text, from.Value, from.Value
	case *ast.LiteralNode:
		n.kind, n.text, n.written = text, from.Value.Value, from.Value.Value
	case *ast.IntegerNode:
		n.kind, n.text = number, jsonNumber(n.written, fmt.Sprint(from.Value))
	case *ast.FloatNode:
		n.kind, n.text = number, jsonNumber(n.written, jsonFloat(from.Value))
	default:
		r.fail(n.place, fmt.Sprintf("%s is nothing that JSON has", shorten(n.written)))
	}
}

// jsonNumber keeps a number as it is written if JSON can have it so.
func jsonNumber(written, value string) string {
	if json.Valid([]byte(written)) {
		return written
	}
	return value
}

func jsonFloat(f float64) string {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return "0" // such a number is no FloatNode
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// placeOf is where a node begins.
func placeOf(n ast.Node) place {
	if m, ok := n.(*ast.MappingValueNode); ok {
		return placeOf(m.Key)
	}
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		return placeOf(m.Values[0].Key)
	}
	t := n.GetToken()
	if t == nil || t.Position == nil {
		return place{}
	}
	width := utf8.RuneCountInString(t.Value)
	if i := strings.IndexByte(t.Value, '\n'); i >= 0 {
		width = 1
	}
	if t.Type == token.SingleQuoteType || t.Type == token.DoubleQuoteType {
		width += 2
	}
	return place{t.Position.Line, max(1, t.Position.Column), max(1, width)}
}
