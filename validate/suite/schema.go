package suite

import (
	"encoding/json"
	"slices"
	"sync"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
)

// schema is a JSON Schema, or a part of one.
type schema map[string]any

// SchemaFile is the name under which `imcb validate --init` writes the schema
// beside the example, which refers to it.
const SchemaFile = "imcb-suite.schema.json"

// Schema returns the JSON Schema (draft 2020-12) of suite files. It is made of
// the tables by which Parse reads them.
func Schema() []byte { return slices.Clone(schemaText()) }

var schemaText = sync.OnceValue(func() []byte {
	root := suiteKeys().object(schema{
		"$schema":     "https://json-schema.org/draft/2020-12/schema",
		"$id":         "urn:imcb:suite",
		"title":       "imcb suite",
		"description": "Cases that send OpenIM callbacks to a receiver, with what is expected of its replies.",
		"required":    []string{"cases"},
		"$defs":       schema{"case": caseSchema(), "step": stepSchema(), "expect": expectKeys().object(nil), "callback": callbackNames(), "rule": schema{"enum": ruleNames()}},
	})
	text, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic(err) // maps, lists, strings and numbers
	}
	return append(text, '\n')
})

// The schemas that keys share. A word may look like a number: YAML can't tell.
var (
	textSchema     = schema{"type": "string", "minLength": 1}
	wordSchema     = schema{"type": []string{"string", "number", "boolean"}, "minLength": 1}
	durationSchema = schema{"type": "string", "pattern": `^([0-9.]+(ns|us|µs|ms|s|m|h))+$|\$\{`, "examples": []string{"5s", "200ms"}}
	objectSchema   = schema{"type": "object"}
	wordMapSchema  = schema{"type": "object", "additionalProperties": wordSchema}
	headersSchema  = schema{
		"type":                 "object",
		"propertyNames":        schema{"pattern": "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"},
		"additionalProperties": schema{"type": []string{"string", "number", "boolean"}},
	}
	wordsSchema = schema{"anyOf": []schema{wordSchema, {"type": "array", "items": wordSchema}}}
	varsSchema  = schema{"type": "object", "propertyNames": schema{"pattern": "^[A-Za-z_][A-Za-z0-9_-]*$"}}
	rangeSchema = schema{"type": []string{"string", "integer"}, "minimum": 0, "pattern": `^\s*[0-9]+(\s*-\s*[0-9]+)?\s*$|\$\{`, "examples": []string{"5000-9999"}}
	codesSchema = schema{"anyOf": []schema{rangeSchema, {"type": "array", "minItems": 1, "items": rangeSchema}}}
)

// settingSchema is that of a setting that may come from the environment.
func settingSchema(s schema) schema {
	return schema{"anyOf": []schema{s, {"type": "string", "pattern": `\$\{`}}}
}

func versionSchema() schema {
	return schema{
		"type": []string{"string", "number"}, "pattern": `^\s*(main|v?3(\.[0-9]+){1,2}(-patch\.[0-9]+)?)\s*$|\$\{`,
		"examples": fixtures.VersionNames(),
	}
}

func rulesSchema() schema {
	severities := make([]string, 0, len(validate.Severities()))
	for _, s := range validate.Severities() {
		severities = append(severities, string(s))
	}
	return schema{
		"type": "object", "propertyNames": schema{"$ref": "#/$defs/rule"},
		"additionalProperties": schema{"enum": severities},
	}
}

func ruleNames() []string {
	var names []string
	for _, r := range validate.Rules() {
		names = append(names, r.ID)
	}
	return names
}

// ruleListSchema is that of findings and allow; word stands for no rule.
func ruleListSchema(words ...string) schema {
	rule := schema{"$ref": "#/$defs/rule"}
	either := []schema{rule, {"type": "array", "items": rule}}
	if len(words) > 0 {
		either = append(either, schema{"enum": words})
	}
	return schema{"anyOf": either}
}

func callbackSchema() schema { return schema{"$ref": "#/$defs/callback"} }
func expectSchema() schema   { return schema{"$ref": "#/$defs/expect"} }

func casesSchema() schema {
	return schema{"type": "array", "minItems": 1, "maxItems": MaxCases, "items": schema{"$ref": "#/$defs/case"}}
}

func stepsSchema() schema {
	return schema{"type": "array", "minItems": 1, "maxItems": maxSteps, "items": schema{"$ref": "#/$defs/step"}}
}

// callbackNames is the schema of send: the names as they are usually written,
// for editors to complete, and in other letter cases.
func callbackNames() schema {
	names := append(fixtures.Keys(), fixtures.CommandNames()...)
	for _, c := range fixtures.All() {
		names = append(names, c.OldKeys...)
	}
	slices.Sort(names)
	return schema{"enum": slices.Compact(names)}
}

// dataExcludes says that a body as a whole has no edits.
func dataExcludes() schema {
	var others []schema
	for _, name := range append([]string{"contentType"}, editOrder...) {
		others = append(others, schema{"required": []string{name}})
	}
	return schema{"data": schema{"not": schema{"anyOf": others}}}
}

func stepSchema() schema {
	return stepKeys().object(schema{"required": []string{"send"}, "dependentSchemas": dataExcludes()})
}

// caseSchema is a case of one request, or of steps.
func caseSchema() schema {
	var ofOne []schema
	for _, k := range caseKeys().keys {
		if ofStep(k.name) {
			ofOne = append(ofOne, schema{"required": []string{k.name}})
		}
	}
	return caseKeys().object(schema{
		"dependentSchemas": dataExcludes(),
		"oneOf": []schema{
			{"required": []string{"send"}, "not": schema{"required": []string{"steps"}}},
			{"required": []string{"steps"}, "not": schema{"anyOf": ofOne}},
		},
	})
}
