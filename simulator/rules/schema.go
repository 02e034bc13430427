package rules

import (
	_ "embed"
	"slices"
	"sync"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// SchemaFile is the name under which the schema stands beside a rule file,
// which may refer to it.
const SchemaFile = "imcb-rules.schema.json"

//go:embed example.yaml
var exampleText []byte

// Example returns a rule file that shows every kind of rule, with comments.
func Example() []byte { return slices.Clone(exampleText) }

// Schema returns the JSON Schema (draft 2020-12) of rule files. It is made of
// the tables by which a Book reads them.
func Schema() []byte { return slices.Clone(schemaText()) }

var schemaText = sync.OnceValue(func() []byte {
	return fileKeys().Object(schema{
		"required": []string{"rules"},
		"$defs": schema{
			"callback": yamlfile.CallbackNames(), "rule": ruleSchema(), "match": matchKeys().Object(nil), "answer": answerSchema(),
			"refuse": refuseKeys().Object(nil), "raw": rawKeys().Object(nil), "condition": conditionSchema(),
		},
	}).Document("urn:imcb:rules", "imcb rules", "Rules of imcb's mock receiver: which request of OpenIM gets which answer.")
})

// The schemas that keys share.
var (
	callbackRef    = yamlfile.Ref("callback")
	conditionRef   = yamlfile.Ref("condition")
	durationSchema = schema{"type": "string", "pattern": "^" + durationPattern + "$", "examples": []string{"5s", "200ms"}}
	delaySchema    = schema{"type": "string", "pattern": `^\s*` + durationPattern + `\s*(\.\.\s*` + durationPattern + `\s*)?$`, "examples": []string{"200ms", "200ms..400ms"}}
)

const durationPattern = `(0|([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))+)`

func conditionSchema() schema {
	return yamlfile.AnyOf(schema{"type": []string{"string", "number", "boolean", "null"}}, conditionKeys().Object(schema{"minProperties": 1}))
}

func faultSchema() schema {
	names := words.Names(simulator.Faults(), func(f simulator.Fault) string { return f.Name })
	return yamlfile.AnyOf(schema{"enum": names}, yamlfile.BooleanSchema)
}

// required demands a key, and that others are absent.
func required(name string, without ...string) schema {
	return schema{"required": []string{name}, "not": yamlfile.AnyKey(without...)}
}

// oneAnswer says that there is one answer; a fault that is only true marks
// another one.
func oneAnswer() []schema {
	named := required(fault, allow, refuse, modify, raw)
	named["properties"] = schema{fault: schema{"type": "string"}}
	marked := schema{fault: yamlfile.BooleanSchema}
	all := []schema{named, required(allow, refuse, modify, raw), required(refuse, allow, modify, raw), required(modify, allow, refuse, raw), required(raw, allow, refuse, modify)}
	for _, s := range all[1:] {
		s["properties"] = marked
	}
	all[1]["properties"] = schema{fault: schema{"const": false}}
	return all
}

func answerSchema() schema { return answerKeys().Object(schema{"oneOf": oneAnswer()}) }

// ruleSchema is a rule with one answer, with a sequence, or with a delay only.
func ruleSchema() schema {
	either := oneAnswer()
	for _, s := range either {
		s["not"] = schema{"anyOf": append(s["not"].(schema)["anyOf"].([]schema), schema{"required": []string{"sequence"}})}
	}
	either = append(either, required("sequence", answerNames...), required("delay", append([]string{"sequence"}, answerNames...)...))
	return ruleKeys().Object(schema{"oneOf": either, "dependentRequired": schema{"repeat": []string{"sequence"}}})
}
