package yamlfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/imcb-dev/imcb/fixtures/words"
)

// jsonReader reads a file that is JSON. YAML readers take JSON, too, but not
// all of it, and they know its columns less well.
type jsonReader struct {
	text    []byte
	dec     *json.Decoder
	offset  int // up to here, line and col are known
	line    int
	lineEnd int // where the line before the offset ended
	errors  []Problem
}

func isJSON(text []byte) bool {
	trimmed := bytes.TrimSpace(text)
	return len(trimmed) > 0 && trimmed[0] == '{' && json.Valid(trimmed)
}

func readJSON(text []byte, _ any) (*Node, []Problem) {
	r := &jsonReader{text: text, dec: json.NewDecoder(bytes.NewReader(text)), line: 1}
	r.dec.UseNumber()
	n, err := r.value(0)
	if err != nil {
		r.errors = append(r.errors, *err)
	}
	return n, r.errors
}

func (r *jsonReader) value(depth int) (*Node, *Problem) {
	n := &Node{Place: r.nextPlace()}
	token, err := r.dec.Token()
	if err != nil { // the text is valid JSON
		return nil, &Problem{n.Place, words.Of(err)}
	}
	n.Width = int(r.dec.InputOffset()) - r.offset
	if depth > maxDepth {
		return nil, &Problem{n.Place, say("too-deep")}
	}
	switch token := token.(type) {
	case json.Delim:
		if failed := r.container(n, token, depth); failed != nil {
			return nil, failed
		}
	case string:
		n.Kind, n.Text = Text, token
	case json.Number:
		n.Kind, n.Text = Number, token.String()
	case bool:
		n.Kind, n.Text = Boolean, fmt.Sprint(token)
	}
	n.Written = n.Text
	return n, nil
}

// container reads what is in an object or array, and its end.
func (r *jsonReader) container(n *Node, open json.Delim, depth int) *Problem {
	n.Width = 1
	n.Kind = List
	if open == '{' {
		n.Kind = Mapping
	}
	for r.dec.More() {
		item, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		if n.Kind == List {
			n.Items = append(n.Items, item)
			continue
		}
		value, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		n.Entries = append(n.Entries, Entry{item, value})
	}
	_, _ = r.dec.Token() // its end
	r.errors = append(r.errors, duplicates(n)...)
	return nil
}

func (r *jsonReader) nextPlace() Place {
	start := int(r.dec.InputOffset())
	for start < len(r.text) && bytes.IndexByte([]byte(" \t\r\n,:"), r.text[start]) >= 0 {
		start++
	}
	for i := r.offset; i < start; i++ {
		if r.text[i] == '\n' {
			r.line, r.lineEnd = r.line+1, i+1
		}
	}
	r.offset = start
	return Place{Line: r.line, Col: 1 + r.column(start)}
}

// farColumn is the column from which on bytes are counted: a file may be one
// line, and no one counts letters there.
const farColumn = 10000

func (r *jsonReader) column(offset int) int {
	if offset-r.lineEnd > farColumn {
		return offset - r.lineEnd
	}
	return utf8.RuneCount(r.text[r.lineEnd:offset])
}

// duplicates are the keys that a mapping has twice.
func duplicates(n *Node) []Problem {
	if len(n.Entries) < 2 {
		return nil
	}
	var found []Problem
	first := make(map[string]int, len(n.Entries))
	for _, e := range n.Entries {
		if line, ok := first[e.Key.Text]; ok {
			found = append(found, Problem{e.Key.Place, say("key.twice", "key", e.Key.Text, "line", line)})
			continue
		}
		first[e.Key.Text] = e.Key.Line
	}
	return found
}
