package validate

import (
	"bytes"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/tidwall/gjson"
)

// Limits on what a message quotes, in characters.
const (
	clipLength  = 40 // of a value
	shortLength = 90 // of a JSON text or URL in a hint
)

// clip shortens a value for a message and makes it printable.
func clip(s string) string { return words.Clip(s, clipLength) }

// shorten keeps a JSON text or URL in a hint to a readable length.
func shorten(s string) string { return words.Clip(s, shortLength) }

// position says where an offset is, counted in characters from 1.
func position(body []byte, offset int) string {
	before := body[:min(offset, len(body))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return fmt.Sprintf("line %d, column %d", line, column)
}

// withArticle puts "a" or "an" before a word.
func withArticle(word string) string {
	if strings.ContainsRune("aeiou", rune(word[0])) {
		return "an " + word
	}
	return "a " + word
}

// plainURL is a URL without what may be secret: user, password and query.
func plainURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "the URL"
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return shorten(u.String())
}

// lastName is the last name in a JSON Pointer that is not a list position:
// "roleLevel" of "/memberCallbackList/0/roleLevel".
func lastName(pointer string) string {
	parts := strings.Split(pointer, "/")
	for i := len(parts) - 1; i > 0; i-- {
		if !plainDigits(parts[i]) {
			return parts[i]
		}
	}
	return "the body"
}

// firstName is the top-level member that a JSON Pointer goes through.
func firstName(pointer string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	return name
}

func lastNames(pointers []string) []string {
	names := make([]string, len(pointers))
	for i, p := range pointers {
		names[i] = lastName(p)
	}
	return names
}

// valueAt returns the JSON text at a pointer, or "nothing".
func valueAt(root gjson.Result, pointer string) string {
	v := root
	for _, name := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		if i, err := strconv.Atoi(name); err == nil && v.IsArray() {
			v = v.Get(strconv.Itoa(i))
		} else {
			v = memberOf(v, name)
		}
	}
	if !v.Exists() {
		return "nothing"
	}
	return v.Raw
}
