package yamlfile

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
