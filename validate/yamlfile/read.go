package yamlfile

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
