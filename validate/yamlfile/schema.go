package yamlfile

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/imcb-dev/imcb/fixtures"
)

// Schema is a JSON Schema, or a part of one.
type Schema map[string]any

// The schemas that kinds of files share. A word may look like a number: YAML
// can't tell.
var (
	TextSchema     = Schema{"type": "string", "minLength": 1}
	WordSchema     = Schema{"type": []string{"string", "number", "boolean"}, "minLength": 1}
	WordsSchema    = Schema{"anyOf": []Schema{WordSchema, {"type": "array", "items": WordSchema}}}
	ObjectSchema   = Schema{"type": "object"}
	DurationSchema = Schema{"type": "string", "pattern": `^([0-9.]+(ns|us|µs|ms|s|m|h))+$|\$\{`, "examples": []string{"5s", "200ms"}}
)

// Document writes out a whole schema (draft 2020-12) with its id, title and
// description.
func (s Schema) Document(id, title, description string) []byte {
	root := Schema{"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": id, "title": title, "description": description}
	maps.Copy(root, s)
	text, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic(err) // maps, lists, strings and numbers
	}
	return append(text, '\n')
}

// CallbackNames is the schema of the name of a callback, as it is usually
// written, for editors to complete.
func CallbackNames() Schema {
	names := append(fixtures.Keys(), fixtures.CommandNames()...)
	for _, c := range fixtures.All() {
		names = append(names, c.OldKeys...)
	}
	slices.Sort(names)
	return Schema{"enum": slices.Compact(names)}
}
