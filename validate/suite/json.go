package suite

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// maxDepth is how deep lists and mappings may be nested.
const maxDepth = 64

// jsonReader reads a suite that is JSON. YAML readers take JSON, too, but not
// all of it, and they know its columns less well.
type jsonReader struct {
	text    []byte
	dec     *json.Decoder
	offset  int // up to here, line and col are known
	line    int
	lineEnd int // where the line before the offset ended
	errors  []nodeError
}

// nodeError is a mistake that is found before the keys are looked at.
type nodeError struct {
	place
	message string
}

func (e *nodeError) Error() string { return e.message }

// isJSON reports whether the text is a JSON object.
func isJSON(text []byte) bool {
	trimmed := bytes.TrimSpace(text)
	return len(trimmed) > 0 && trimmed[0] == '{' && json.Valid(trimmed)
}

// readJSON reads valid JSON.
func readJSON(text []byte) (*node, []nodeError) {
	r := &jsonReader{text: text, dec: json.NewDecoder(bytes.NewReader(text)), line: 1}
	r.dec.UseNumber()
	n, err := r.value(0)
	if err != nil {
		r.errors = append(r.errors, *err)
	}
	return n, r.errors
}

// value reads the next value.
func (r *jsonReader) value(depth int) (*node, *nodeError) {
	n := &node{place: r.nextPlace()}
	token, err := r.dec.Token()
	if err != nil { // the text is valid JSON
		return nil, &nodeError{n.place, err.Error()}
	}
	n.width = int(r.dec.InputOffset()) - r.offset
	if depth > maxDepth {
		return nil, &nodeError{n.place, tooDeep}
	}
	switch token := token.(type) {
	case json.Delim:
		if failed := r.container(n, token, depth); failed != nil {
			return nil, failed
		}
	case string:
		n.kind, n.text = text, token
	case json.Number:
		n.kind, n.text = number, token.String()
	case bool:
		n.kind, n.text = boolean, fmt.Sprint(token)
	}
	n.written = n.text
	n.weigh()
	return n, nil
}

// container reads what is in an object or array, and its end.
func (r *jsonReader) container(n *node, open json.Delim, depth int) *nodeError {
	n.width = 1
	n.kind = list
	if open == '{' {
		n.kind = mapping
	}
	for r.dec.More() {
		item, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		if n.kind == list {
			n.items = append(n.items, item)
			continue
		}
		value, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		n.entries = append(n.entries, entry{item, value})
	}
	_, _ = r.dec.Token() // its end
	r.errors = append(r.errors, duplicates(n)...)
	return nil
}

// nextPlace is where the next value begins.
func (r *jsonReader) nextPlace() place {
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
	return place{line: r.line, col: 1 + r.column(start)}
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
func duplicates(n *node) []nodeError {
	if len(n.entries) < 2 {
		return nil
	}
	var found []nodeError
	first := make(map[string]int, len(n.entries))
	for _, e := range n.entries {
		if line, ok := first[e.key.text]; ok {
			found = append(found, nodeError{e.key.place, fmt.Sprintf("key %q is given twice, first on line %d", shorten(e.key.text), line)})
			continue
		}
		first[e.key.text] = e.key.line
	}
	return found
}

const tooDeep = "lists and mappings are nested too deeply"
