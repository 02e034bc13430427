// Package yamlfile reads files that people write, YAML or JSON, strictly: every
// mistake is told with its place and an excerpt, and no file, however hostile,
// takes long or much space.
//
// There are two layers. ParseTree returns the tree of a YAML file as it is
// written; Guard keeps its size in bounds. Read turns such a tree, or JSON, into
// nodes that know their place. A decoder, which embeds a Reader, walks them along
// tables of keys; the tables also are the JSON Schema of the file, so that the
// two can't differ:
//
//	type decoder struct{ yamlfile.Reader }
//
//	var keys = yamlfile.NewTable("a pet", []yamlfile.Key[*decoder, Pet]{
//		yamlfile.NewKey("name", "What it is called.", yamlfile.WordSchema, func(d *decoder, p *Pet, n *yamlfile.Node) {
//			p.Name, _ = d.Word(n, "name")
//		}),
//	})
package yamlfile
