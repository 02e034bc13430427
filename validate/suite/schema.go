package suite

import (
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// schema is a JSON Schema, or a part of one.
type schema = yamlfile.Schema

// SchemaFile is the name under which `imcb validate --init` writes the schema
// beside the example, which refers to it.
const SchemaFile = "imcb-suite.schema.json"

// Schema returns the JSON Schema (draft 2020-12) of suite files. It is made of
// the tables by which Parse reads them, and of the rules that Parse is given.
func Schema(rules validate.Registry) []byte {
	return suiteKeys().Object(schema{
		"required": []string{"cases"},
		"$defs":    schema{"case": caseSchema(), "step": stepSchema(), "expect": expectKeys().Object(nil), "callback": yamlfile.CallbackNames(), "rule": schema{"enum": known(rules).IDs()}},
	}).Document("urn:imcb:suite", "imcb suite", "Cases that send OpenIM callbacks to a receiver, with what is expected of its replies.")
}

// The schemas that keys share.
var (
	wordMapSchema = schema{"type": "object", "additionalProperties": yamlfile.WordSchema}
	headersSchema = schema{
		"type":                 "object",
		"propertyNames":        yamlfile.HeaderNames,
		"additionalProperties": schema{"type": []string{"string", "number", "boolean"}},
	}
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
		"examples": fixtures.ReleaseNames(),
	}
}

func rulesSchema() schema {
	return schema{
		"type": "object", "propertyNames": schema{"$ref": "#/$defs/rule"},
		"additionalProperties": schema{"enum": validate.Severities()},
	}
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

// dataExcludes says that a body as a whole has no edits.
func dataExcludes() schema {
	var others []schema
	for _, name := range append([]string{"contentType"}, editOrder...) {
		others = append(others, schema{"required": []string{name}})
	}
	return schema{"data": schema{"not": schema{"anyOf": others}}}
}

func stepSchema() schema {
	return stepKeys().Object(schema{"required": []string{"send"}, "dependentSchemas": dataExcludes()})
}

// caseSchema is a case of one request, or of steps.
func caseSchema() schema {
	var ofOne []schema
	for _, k := range caseKeys().Keys {
		if ofStep(k.Name) {
			ofOne = append(ofOne, schema{"required": []string{k.Name}})
		}
	}
	return caseKeys().Object(schema{
		"dependentSchemas": dataExcludes(),
		"oneOf": []schema{
			{"required": []string{"send"}, "not": schema{"required": []string{"steps"}}},
			{"required": []string{"steps"}, "not": schema{"anyOf": ofOne}},
		},
	})
}
