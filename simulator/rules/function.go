package rules

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/tidwall/gjson"
)

// function changes the value of a reference, which may not exist.
type function func(gjson.Result) gjson.Result

type namedFunction struct {
	name string
	call function
}

// functions are all there are: none reads anything but its argument.
var functions = []namedFunction{
	{"upper", ofText(strings.ToUpper)},
	{"lower", ofText(strings.ToLower)},
	{"trim", ofText(strings.TrimSpace)},
	{"json", func(v gjson.Result) gjson.Result {
		if !v.Exists() {
			return textResult("null")
		}
		return textResult(v.Raw)
	}},
	{"length", func(v gjson.Result) gjson.Result { return numberResult(int64(length(v))) }},
	{"base64", ofText(func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) })},
}

func ofText(f func(string) string) function {
	return func(v gjson.Result) gjson.Result { return textResult(f(v.String())) }
}

// length counts a list's items, an object's members, or a text's characters.
func length(v gjson.Result) int {
	if !v.IsArray() && !v.IsObject() {
		return utf8.RuneCountInString(v.String())
	}
	n := 0
	v.ForEach(func(_, _ gjson.Result) bool {
		n++
		return true
	})
	return n
}

func lookupFunction(name string) (function, error) {
	f, err := words.Find("function", name, functions, func(f namedFunction) string { return f.name })
	return f.call, err
}
