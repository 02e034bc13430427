package yamlfile

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
	anchors map[string]*Node
	errors  []Problem
}

// readYAML reads the one document of a YAML file; what names it: "a suite file".
func readYAML(text []byte, what string) (*Node, []Problem) {
	file, failed := parseYAML(text)
	if failed != nil {
		return nil, []Problem{*failed}
	}
	var body ast.Node
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if body != nil {
			return nil, []Problem{{placeOf(doc.Body), what + " is one document: leave the --- out"}}
		}
		body = doc.Body
	}
	if body == nil {
		return nil, []Problem{{Message: "the file is empty"}}
	}
	r := &yamlReader{anchors: make(map[string]*Node)}
	return r.node(body, 0), r.errors
}

// parseYAML parses the text. A panic of the parser is a file that can't be
// read.
func parseYAML(text []byte) (file *ast.File, failed *Problem) {
	defer func() {
		if p := recover(); p != nil {
			file, failed = nil, &Problem{Message: fmt.Sprintf("this is not YAML: %v", p)}
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
func syntaxError(err error) *Problem {
	var located yaml.Error
	if !errors.As(err, &located) {
		return &Problem{Message: err.Error()}
	}
	message := strings.ReplaceAll(located.GetMessage(), "\n", " ")
	t := located.GetToken()
	if t == nil || t.Position == nil {
		return &Problem{Message: message}
	}
	if strings.Contains(message, "must be specified") {
		message += "; in [] and {}, put values with brackets or braces in quotes"
	}
	return &Problem{Place{t.Position.Line, t.Position.Column, 1}, message}
}

// node turns one node of the tree, and all below it, into the package's own.
func (r *yamlReader) node(from ast.Node, depth int) *Node {
	n := &Node{Place: placeOf(from)}
	if depth > maxDepth {
		r.fail(n.Place, tooDeep)
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
		n.Kind = List
		for _, item := range from.Values {
			n.Items = append(n.Items, r.node(item, depth+1))
		}
	case *ast.TagNode:
		return r.tagged(from, depth)
	default:
		r.scalar(n, from)
	}
	n.weigh()
	if n.weight > maxWeight {
		r.fail(n.Place, "aliases make this too large")
		return &Node{Place: n.Place}
	}
	return n
}

func (r *yamlReader) fail(p Place, message string) {
	r.errors = append(r.errors, Problem{p, message})
}

// anchor gives a node a name. The name holds from its end on, so that a node
// can't hold itself.
func (r *yamlReader) anchor(from *ast.AnchorNode, depth int) *Node {
	n := r.node(from.Value, depth+1)
	r.anchors[from.Name.GetToken().Value] = n
	return n
}

func (r *yamlReader) alias(from *ast.AliasNode) *Node {
	name := from.Value.GetToken().Value
	n, ok := r.anchors[name]
	if !ok {
		r.fail(placeOf(from), fmt.Sprintf("there is no anchor &%s before this", Shorten(name)))
		return &Node{Place: placeOf(from)}
	}
	return n
}

// tagged reads a value with a tag; only !!str has a meaning.
func (r *yamlReader) tagged(from *ast.TagNode, depth int) *Node {
	n := r.node(from.Value, depth+1)
	if from.Start.Value != "!!str" || n.Kind == List || n.Kind == Mapping {
		r.fail(placeOf(from), fmt.Sprintf("the tag %s means nothing here", Shorten(from.Start.Value)))
		return n
	}
	tagged := *n
	tagged.Kind, tagged.Text = Text, n.Written
	return &tagged
}

// mapping reads the entries of a mapping. Merged ones (<<) come last, and
// never replace its own.
func (r *yamlReader) mapping(n *Node, values []*ast.MappingValueNode, depth int) {
	n.Kind = Mapping
	var merged []Entry
	for _, v := range values {
		if _, ok := v.Key.(*ast.MergeKeyNode); ok {
			merged = append(merged, r.merge(v.Value, depth)...)
			continue
		}
		key := r.key(v.Key, depth)
		n.Entries = append(n.Entries, Entry{key, r.node(v.Value, depth+1)})
	}
	r.errors = append(r.errors, duplicates(n)...)
	known := make(map[string]bool, len(merged))
	if len(merged) > 0 {
		for _, e := range n.Entries {
			known[e.Key.Text] = true
		}
	}
	for _, e := range merged {
		if !known[e.Key.Text] {
			known[e.Key.Text] = true
			n.Entries = append(n.Entries, e)
		}
	}
}

// key reads a mapping's key, which must be a scalar.
func (r *yamlReader) key(from ast.MapKeyNode, depth int) *Node {
	node := r.node(from, depth+1)
	if node.Kind == List || node.Kind == Mapping {
		r.fail(node.Place, "a key must be text")
	}
	keyed := *node
	keyed.Text = node.Written
	keyed.Width = max(1, utf8.RuneCountInString(keyed.Text))
	return &keyed
}

// merge returns the entries that a merge key brings in.
func (r *yamlReader) merge(from ast.Node, depth int) []Entry {
	n := r.node(from, depth+1)
	all := []*Node{n}
	if n.Kind == List {
		all = n.Items
	}
	var merged []Entry
	for _, one := range all {
		if one.Kind != Mapping {
			r.fail(one.Place, "<< takes a mapping, or a list of them")
			continue
		}
		merged = append(merged, one.Entries...)
	}
	return merged
}

// scalar reads a value without parts.
func (r *yamlReader) scalar(n *Node, from ast.Node) {
	n.Written = from.GetToken().Value
	switch from := from.(type) {
	case *ast.NullNode:
		n.Kind = Null
	case *ast.BoolNode:
		n.Kind, n.Text = Boolean, strconv.FormatBool(from.Value)
	case *ast.StringNode:
		n.Kind, n.Text, n.Written = Text, from.Value, from.Value
	case *ast.LiteralNode:
		n.Kind, n.Text, n.Written = Text, from.Value.Value, from.Value.Value
	case *ast.IntegerNode:
		n.Kind, n.Text = Number, jsonNumber(n.Written, fmt.Sprint(from.Value))
	case *ast.FloatNode:
		n.Kind, n.Text = Number, jsonNumber(n.Written, jsonFloat(from.Value))
	default:
		r.fail(n.Place, fmt.Sprintf("%s is nothing that JSON has", Shorten(n.Written)))
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
func placeOf(n ast.Node) Place {
	if m, ok := n.(*ast.MappingValueNode); ok {
		return placeOf(m.Key)
	}
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		return placeOf(m.Values[0].Key)
	}
	t := n.GetToken()
	if t == nil || t.Position == nil {
		return Place{}
	}
	width := utf8.RuneCountInString(t.Value)
	if i := strings.IndexByte(t.Value, '\n'); i >= 0 {
		width = 1
	}
	if t.Type == token.SingleQuoteType || t.Type == token.DoubleQuoteType {
		width += 2
	}
	return Place{t.Position.Line, max(1, t.Position.Column), max(1, width)}
}
