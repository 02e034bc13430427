package inspector

import (
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator/rules"
	"github.com/imcb-dev/imcb/validate"
)

// schemas describe the answers; they are made from the types that are
// answered, so that they can't differ.
func schemas() object {
	return object{
		"Any":        object{},
		"Error":      fields("error", object{"type": "string"}),
		"Status":     schemaOf[status](),
		"Info":       schemaOf[infoJSON](),
		"Summary":    schemaOf[summary](),
		"Detail":     schemaOf[detail](),
		"Resent":     schemaOf[resent](),
		"Finding":    schemaOf[validate.Finding](),
		"Rules":      schemaOf[rulesJSON](),
		"RuleErrors": fields("errors", object{"type": "array", "items": schemaOf[rules.Error]()}),
		"Checked":    fields("rules", object{"type": "integer"}),
		"Question":   questionSchema(),
		"Verified":   schemaOf[verified](),
		"List":       fields("requests", summaries, "total", integer, "oldest", integer, "newest", integer),
		"Waited":     fields("ok", object{"type": "boolean"}, "count", integer, "requests", summaries),
	}
}

func questionSchema() object {
	s := schemaOf[question]()
	s["properties"].(object)["where"].(object)["description"] = "conditions on values of the request's body, by path, as in a rule file's where: " +
		"a text, a number or a boolean is the value to equal; an object holds equals, not, regex, exists, greater, less or in"
	return s
}

// findingSchema is made from a whole finding: its JSON is not its fields'.
func findingSchema() object {
	one := words.Plain("x")
	text, err := json.Marshal(validate.Finding{
		Rule: "x", Severity: validate.Error, Contract: validate.Both, About: validate.AboutRequest, Place: validate.Place{File: "x", Line: 1, Column: 1, Pointer: "/x"},
		Got: "x", Want: one, Message: one, Hint: one, Fix: "{}", Excerpt: "x", Source: "x", Fatal: true, Known: true,
	})
	var members map[string]any
	if err == nil {
		err = json.Unmarshal(text, &members)
	}
	if err != nil {
		panic(err)
	}
	properties := object{}
	for name, value := range members {
		if properties[name] = typeSchema(reflect.TypeOf(value)); name == "line" || name == "column" {
			properties[name] = integer
		}
	}
	return object{"type": "object", "properties": properties}
}

var (
	integer   = object{"type": "integer"}
	summaries = object{"type": "array", "items": ref("Summary")}
)

// fields is an object that has all the given members: names and schemas.
func fields(pairs ...any) object {
	properties, required := object{}, []string{}
	for n := 0; n < len(pairs); n += 2 {
		name := pairs[n].(string)
		properties[name] = pairs[n+1]
		required = append(required, name)
	}
	return object{"type": "object", "properties": properties, "required": required}
}

func schemaOf[T any]() object { return typeSchema(reflect.TypeFor[T]()) }

func typeSchema(t reflect.Type) object {
	switch t {
	case reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case reflect.TypeFor[json.RawMessage]():
		return object{}
	case reflect.TypeFor[words.Text]():
		return object{"type": "string"}
	case reflect.TypeFor[validate.Finding]():
		return findingSchema()
	}
	switch t.Kind() {
	case reflect.Pointer:
		return object{"anyOf": []object{typeSchema(t.Elem()), {"type": "null"}}}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Float64:
		return object{"type": "number"}
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return object{"type": "integer"}
	case reflect.Slice:
		return object{"type": "array", "items": typeSchema(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": typeSchema(t.Elem())}
	case reflect.Struct:
		properties := object{}
		addFields(properties, t)
		return object{"type": "object", "properties": properties}
	default:
		return object{"type": "string"}
	}
}

// addFields adds the members that encoding/json writes for a struct: an outer
// one hides an embedded one of the same name.
func addFields(properties object, t reflect.Type) {
	for n := range t.NumField() {
		if f := t.Field(n); f.Anonymous {
			addFields(properties, f.Type)
		}
	}
	for n := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(n).Tag.Get("json"), ",")
		if name != "" && name != "-" {
			properties[name] = typeSchema(t.Field(n).Type)
		}
	}
}
