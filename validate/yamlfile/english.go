package yamlfile

import "github.com/imcb-dev/imcb/fixtures/words"

var say = english.Say

// english has the sentences about mistakes that every kind of file may have.
var english = words.NewTable(map[string]string{
	// The text as such.
	"empty":           "the file is empty",
	"size":            "the file has {size} bytes, more than the limit of {limit}",
	"documents":       "{what} is one document: leave the --- out",
	"more":            "there may be more mistakes",
	"syntax":          "{message}{hint}",
	"syntax.within":   "{context}: {message}{hint}",
	"syntax.panic":    "this is not YAML: {message}",
	"syntax.indent":   "; indent with spaces, not tabs",
	"syntax.quote":    "; put the value in quotes",
	"syntax.brackets": "; in [] and {}, put values with brackets or braces in quotes",
	"syntax.colon":    `; put a value with ": " in quotes`,
	"syntax.encoding": "; save the file as UTF-8",
	"syntax.version":  "; leave the line %YAML out",
	"too-deep":        "lists and mappings are nested too deeply",
	"too-large":       "aliases make this too large",
	"anchor":          "there is no anchor &{name} before this",
	"tag":             "the tag {tag} means nothing here",
	"merge":           "<< takes a mapping, or a list of them",
	"key.text":        "a key must be text",
	"key.twice":       "key {key:q} is given twice, first on line {line}",
	"key.unknown":     "unknown key {key:q} in {table}{near}",

	// Values.
	"kind":           "{what} must be {kind}, not {got}",
	"kind.null":      "empty",
	"kind.boolean":   "true or false",
	"kind.number":    "a number",
	"kind.text":      "text",
	"kind.list":      "a list",
	"kind.mapping":   "a mapping",
	"word":           "{what} is empty",
	"values":         "{what} needs a value, or a list of values",
	"number":         "{number} is nothing that JSON has",
	"whole-number":   "{what} must be a whole number from {low} to {high}",
	"duration":       "{what} must be a time like 5s or 200ms, not {got:q}",
	"duration.unit":  "{what} needs a unit: {got}s, {got}ms",
	"pattern":        "this is no pattern: {error}",
	"callback":       "{error}: `imcb list` shows them",
	"header":         "a header's value",
	"header.name":    "{name:q} can't be the name of a header",
	"header.value":   "a header's value must be printable and on one line",
	"reference.open": "${ without its }; to mean the text itself, write $${",
})
