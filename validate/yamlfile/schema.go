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
	ScalarSchema   = Schema{"type": []string{"string", "number", "boolean"}}
	WordsSchema    = AnyOf(WordSchema, ListOf(WordSchema, 0, 0))
	BooleanSchema  = Schema{"type": "boolean"}
	ObjectSchema   = Schema{"type": "object"}
	HeadersSchema  = MapOf(HeaderNames, ScalarSchema)
	DurationSchema = Schema{"type": "string", "pattern": `^([0-9.]+(ns|us|µs|ms|s|m|h))+$|\$\{`, "examples": []string{"5s", "200ms"}}
)

// Ref is the schema that the file's $defs have by this name.
func Ref(name string) Schema { return Schema{"$ref": "#/$defs/" + name} }

// AnyOf is met by what meets one of the schemas.
func AnyOf(schemas ...Schema) Schema { return Schema{"anyOf": schemas} }

// AnyKey is met by an object that has one of the keys.
func AnyKey(names ...string) Schema {
	all := make([]Schema, len(names))
	for i, name := range names {
		all[i] = Schema{"required": []string{name}}
	}
	return AnyOf(all...)
}

// MapOf is an object of any keys that meet names, with values.
func MapOf(names, values Schema) Schema {
	return Schema{"type": "object", "propertyNames": names, "additionalProperties": values}
}

// ListOf is a list of least to most items; 0: no such bound.
func ListOf(item Schema, least, most int) Schema {
	return Schema{"type": "array", "items": item}.bound("minItems", least).bound("maxItems", most)
}

// Integer is a whole number from low to high; high 0: no such bound.
func Integer(low, high int) Schema {
	return Schema{"type": "integer", "minimum": low}.bound("maximum", high)
}

func (s Schema) bound(keyword string, n int) Schema {
	if n > 0 {
		s[keyword] = n
	}
	return s
}

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
