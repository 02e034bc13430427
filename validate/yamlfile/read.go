package yamlfile

import "fmt"

// Empty is the problem of a file without any value.
var Empty = Problem{Message: "the file is empty"}

// Read reads the text of a file, YAML or JSON: one document. what names the
// kind of file in messages: "a suite file". With problems, the node may be nil
// or incomplete. The size of the text is for the caller to limit.
func Read(text []byte, what string) (*Node, []Problem) {
	read := readYAML
	if isJSON(text) {
		read = readJSON
	}
	return read(text, what)
}

// Root reads the text of a file of so many bytes at most, and notes the
// mistakes; nil: it can't be read.
func (r *Reader) Root(text []byte, what string, limit int) *Node {
	if len(text) > limit {
		r.Fail(Place{}, fmt.Sprintf("the file has %d bytes, more than the limit of %d", len(text), limit))
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
