package suite

import (
	_ "embed"
	"slices"

	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// schema is a JSON Schema, or a part of one.
type schema = yamlfile.Schema

// SchemaFile is the name under which `imcb validate --init` writes the schema
// beside the example, which refers to it.
const SchemaFile = "imcb-suite.schema.json"

//go:embed example.yaml
var exampleText []byte

// Example returns the suite that `imcb validate --init` writes: five telling
// cases with comments. It refers to SchemaFile beside it.
func Example() []byte { return slices.Clone(exampleText) }

// Schema returns the JSON Schema (draft 2020-12) of suite files. It is made of
// the tables by which Parse reads them, and of the rules that Parse is given.
func Schema(rules validate.Registry) []byte {
	return suiteKeys().Object(schema{
		"type": []string{"object", "array"}, "items": yamlfile.Ref("case"), "minItems": 1, // a list is its cases
		"required": []string{"cases"},
		"$defs":    schema{"case": caseSchema(), "step": stepSchema(), "group": groupSchema(), "expect": expectKeys().Object(nil), "callback": yamlfile.CallbackNames(), "rule": schema{"enum": known(rules).IDs()}},
	}).Document("urn:imcb:suite", "imcb suite", "Cases that send OpenIM callbacks to a receiver, with what is expected of its replies.")
}

// The schemas that keys share.
var (
	partsSchema   = yamlfile.ListOf(yamlfile.AnyOf(yamlfile.Ref("step"), yamlfile.Ref("group")), 1, maxSteps)
	wordMapSchema = schema{"type": "object", "additionalProperties": yamlfile.WordSchema}
	varsSchema    = schema{"type": "object", "propertyNames": schema{"pattern": "^[A-Za-z_][A-Za-z0-9_-]*$"}}
	rangeSchema   = schema{"type": []string{"string", "integer"}, "minimum": 0, "pattern": `^\s*[0-9]+(\s*-\s*[0-9]+)?\s*$|\$\{`, "examples": []string{"5000-9999"}}
	codesSchema   = yamlfile.AnyOf(rangeSchema, yamlfile.ListOf(rangeSchema, 1, 0))
	ruleSchema    = yamlfile.Ref("rule")
	rulesSchema   = yamlfile.AnyOf(ruleSchema, yamlfile.ListOf(ruleSchema, 0, 0))
)

// settingSchema is that of a setting that may come from the environment.
func settingSchema(s schema) schema {
	return yamlfile.AnyOf(s, schema{"type": "string", "pattern": `\$\{`})
}

func versionSchema() schema {
	return schema{
		"type": []string{"string", "number"}, "pattern": `^\s*(main(-services)?|newest|v?3(\.[0-9]+){1,2}(-patch\.[0-9]+)?)\s*$|\$\{`,
		"examples": validate.ServerNames(),
	}
}

// dataExcludes says that a body as a whole has no edits.
func dataExcludes() schema {
	return schema{"data": schema{"not": yamlfile.AnyKey(notWithData...)}}
}

func stepSchema() schema {
	return stepKeys().Object(schema{"required": []string{"send"}, "dependentSchemas": dataExcludes()})
}

func groupSchema() schema {
	return groupKeys().Object(schema{"oneOf": []schema{{"required": []string{"steps"}}, {"required": []string{"unordered"}}}})
}

// caseSchema is a case of one request, or of steps.
func caseSchema() schema {
	ofOne := slices.DeleteFunc(caseKeys().Names(), func(name string) bool { return !ofStep(name) })
	return caseKeys().Object(schema{
		"dependentSchemas": dataExcludes(),
		"oneOf": []schema{
			{"required": []string{"send"}, "not": schema{"required": []string{"steps"}}},
			{"required": []string{"steps"}, "not": yamlfile.AnyKey(ofOne...)},
		},
	})
}
