package yamlfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/imcb-dev/imcb/fixtures/words"
	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
)

// Tree is a YAML file as it is written, with its tags, anchors, aliases and
// merge keys, and with keys that stand twice. What these mean is for its
// readers.
type Tree struct {
	// Documents are of kind yaml.DocumentNode. A file without any text has none.
	Documents []*yaml.Node

	lines []string
}

// The limits of every file, beside its size, which is for its reader to limit.
const (
	// maxDepth is how deep lists and mappings may be nested, aliases followed.
	maxDepth = 64
	// maxWeight limits the values and bytes that a file amounts to when its
	// aliases are written out. A file of the largest size without aliases stays
	// below.
	maxWeight = 64 << 20
)

// NewTree returns a tree without documents, for readers of their own.
func NewTree(text []byte) *Tree { return &Tree{lines: Lines(text)} }

// ParseTree reads the text of a YAML file. After a problem the tree has the
// documents before it.
func ParseTree(text []byte) (*Tree, *Problem) {
	t, tooDeep := NewTree(text), false
	limit := func(depth int, _ *yaml.DepthContext) error { // Guard is exact
		if tooDeep = depth > maxDepth; tooDeep {
			return errors.New("too deep")
		}
		return nil
	}
	loader, err := yaml.NewLoader(bytes.NewReader(text), yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthFunc(limit))))
	for err == nil {
		var document yaml.Node
		if err = load(loader, &document); err == nil {
			t.Documents = append(t.Documents, &document)
		}
	}
	if errors.Is(err, io.EOF) {
		return t, t.Guard()
	}
	failed := t.syntaxError(text, err)
	if tooDeep {
		failed.Message = say("too-deep")
	}
	return t, failed
}

// load reads the next document. A panic of the parser is a file that can't be
// read.
func load(loader *yaml.Loader, document *yaml.Node) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = say("syntax.panic", "message", fmt.Sprint(p)).Err()
		}
	}()
	return loader.Load(document)
}

// syntaxError takes the place and the message out of the parser's error.
func (t *Tree) syntaxError(text []byte, err error) *Problem {
	var located *yaml.LoadError
	if !errors.As(err, &located) {
		return &Problem{Message: words.Of(err)}
	}
	mark, within := located.Mark, located.ContextMsg != ""
	if within && t.isEnd(mark) { // what is not closed is more telling than the end
		mark = t.beforeEnd(located.ContextMark)
	}
	at := Place{mark.Line, mark.Column, 1}
	if at.Line == 0 { // of a byte, the parser knows only which it is
		before := Lines(text[:min(mark.Index, len(text))])
		at = Place{len(before), utf8.RuneCountInString(before[len(before)-1]) + 1, 1}
	}
	hint := hintFor(located.Message, t.letter(at))
	name, isAnchor := strings.CutPrefix(located.Message, "unknown anchor '")
	switch {
	case isAnchor:
		return &Problem{at, noAnchor(strings.TrimSuffix(name, "' referenced"))}
	case within:
		return &Problem{at, say("syntax.within", "context", located.ContextMsg, "message", located.Message, "hint", hint)}
	default:
		return &Problem{at, say("syntax", "message", located.Message, "hint", hint)}
	}
}

// isEnd reports whether nothing follows the mark.
func (t *Tree) isEnd(mark yaml.Mark) bool {
	for line := mark.Line; line > 0 && line <= len(t.lines); line++ {
		if strings.TrimSpace(t.lines[line-1]) != "" {
			return false
		}
	}
	return mark.Line > 0
}

// beforeEnd returns the mark, or the last letter if nothing follows the mark.
func (t *Tree) beforeEnd(mark yaml.Mark) yaml.Mark {
	if !t.isEnd(mark) {
		return mark
	}
	line := len(t.lines)
	for line > 1 && strings.TrimSpace(t.lines[line-1]) == "" {
		line--
	}
	return yaml.Mark{Line: line, Column: max(1, utf8.RuneCountInString(strings.TrimRightFunc(t.lines[line-1], unicode.IsSpace)))}
}

// letter returns what stands at a place; 0: nothing.
func (t *Tree) letter(at Place) rune {
	if at.Line < 1 || at.Line > len(t.lines) {
		return 0
	}
	for _, letter := range t.lines[at.Line-1] {
		if at.Col--; at.Col == 0 {
			return letter
		}
	}
	return 0
}

// hintFor says what to write instead, for mistakes that are easily made.
func hintFor(message string, letter rune) words.Text {
	switch {
	case letter == '\t':
		return say("syntax.indent")
	case strings.HasSuffix(message, "cannot start any token"):
		return say("syntax.quote")
	case strings.Contains(message, "expected ',' or"):
		return say("syntax.brackets")
	case strings.HasSuffix(message, "mapping values are not allowed in this context"):
		return say("syntax.colon")
	case strings.Contains(message, "UTF-8"):
		return say("syntax.encoding")
	case strings.HasSuffix(message, "incompatible YAML document"):
		return say("syntax.version")
	default:
		return words.Text{}
	}
}

// Place is where a value begins, behind its anchor and tag. A mapping in block
// style begins with its first key.
func (t *Tree) Place(n *yaml.Node) Place {
	if n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle == 0 && len(n.Content) > 0 {
		return t.Place(n.Content[0])
	}
	p := Place{max(1, n.Line), max(1, n.Column), 1}
	if (n.Anchor != "" || IsTagged(n)) && (n.Kind != yaml.ScalarNode || n.Value != "") {
		p = t.behindProperties(p)
	}
	if n.Kind == yaml.ScalarNode && n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
		p.Width = widthOf(n)
	}
	return p
}

func widthOf(n *yaml.Node) int {
	width := utf8.RuneCountInString(n.Value)
	if strings.Contains(n.Value, "\n") {
		width = 1
	}
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		width += 2
	}
	return max(1, width)
}

// IsTagged reports whether a node has a tag in the file.
func IsTagged(n *yaml.Node) bool { return n.Style&yaml.TaggedStyle != 0 || n.Tag == "!" }

// searchColumn is up to where values are looked for behind their anchors: a file
// may be one line of them.
const searchColumn = 1000

// behindProperties is where the value begins whose anchor or tag is at p.
func (t *Tree) behindProperties(p Place) Place {
	if p.Col > searchColumn {
		return p
	}
	for line, from := p.Line, p.Col; line <= len(t.lines); line, from = line+1, 1 {
		if column := valueColumn(t.lines[line-1], from); column > 0 {
			return Place{line, column, p.Width}
		}
	}
	return p
}

// valueColumn is where in a line, from a column on, something else stands than
// anchors, tags and comments; 0: nowhere.
func valueColumn(line string, from int) int {
	column, inside := 0, false
	for _, letter := range line {
		column++
		switch {
		case column < from:
		case unicode.IsSpace(letter):
			inside = false
		case inside:
		case letter == '&' || letter == '!':
			inside = true
		case letter == '#':
			return 0
		default:
			return column
		}
	}
	return 0
}

// Guard returns what makes the tree more than its readers should walk over.
func (t *Tree) Guard() *Problem {
	g := guard{tree: t, anchored: make(map[*yaml.Node]extent)}
	for _, document := range t.Documents {
		for _, n := range document.Content {
			if _, failed := g.measure(n, 0); failed != nil {
				return failed
			}
		}
	}
	return nil
}

// extent is how much there is in a node, aliases written out.
type extent struct{ weight, height int }

type guard struct {
	tree *Tree
	// anchored are the nodes that aliases may stand for.
	anchored map[*yaml.Node]extent
}

func (g *guard) measure(n *yaml.Node, depth int) (extent, *Problem) {
	e := extent{weight: 1 + len(n.Value)}
	if n.Kind == yaml.AliasNode {
		e = g.anchored[n.Alias] // nothing yet if it stands in what it stands for
	}
	if depth+e.height > maxDepth {
		return e, &Problem{g.tree.Place(n), say("too-deep")}
	}
	for _, child := range n.Content {
		inner, failed := g.measure(child, depth+1)
		if failed != nil {
			return e, failed
		}
		e.weight += inner.weight
		e.height = max(e.height, inner.height+1)
	}
	if e.weight > maxWeight {
		return e, &Problem{g.tree.Place(n), say("too-large")}
	}
	if n.Anchor != "" {
		g.anchored[n] = e
	}
	return e, nil
}

// Lines returns the lines of a text in UTF-8, or in UTF-16 with its mark,
// without their ends.
func Lines(text []byte) []string {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(text, []byte("\xff\xfe")):
		order = binary.LittleEndian
	case bytes.HasPrefix(text, []byte("\xfe\xff")):
		order = binary.BigEndian
	default:
		clean := strings.TrimPrefix(string(text), "\ufeff")
		return strings.Split(lineEnds.Replace(clean), "\n")
	}
	units := make([]uint16, len(text)/2-1)
	for i := range units {
		units[i] = order.Uint16(text[2*i+2:])
	}
	return strings.Split(lineEnds.Replace(string(utf16.Decode(units))), "\n")
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")
