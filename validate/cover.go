package validate

import (
	"encoding/json"
	"unicode/utf8"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/tidwall/gjson"
)

// Coverage says how much of what servers send for a callback a run sends.
type Coverage string

// The coverages.
const (
	// CoverOne: the ordinary request alone.
	CoverOne Coverage = "one"
	// CoverEach: each value of each field once.
	CoverEach Coverage = "each"
	// CoverPairs: any two values of two fields together, too.
	CoverPairs Coverage = "pairs"
)

// Coverages returns the coverages, from the least on.
func Coverages() []Coverage { return []Coverage{CoverOne, CoverEach, CoverPairs} }

// Cover is what a result says of the requests that cover what servers send for
// its callback. There is a result of the ordinary request, and one for each
// cause for which others went another way.
type Cover struct {
	// Requests is how many of them the result is about: all that were sent, in that
	// of the ordinary one.
	Requests int `json:"requests"`
	// Well is how many of these went as the ordinary one did.
	Well int `json:"well"`
	// Unsent says which were not sent, and why.
	Unsent words.Text `json:"unsent,omitzero"`
	// Differs is what differs from the ordinary request, in the one with the least
	// of it. Empty: it is the ordinary one.
	Differs []fixtures.Difference `json:"differs,omitempty"`
	// Also are the names of the other requests of the same cause.
	Also []string `json:"also,omitempty"`
	// Args are the arguments of `imcb send` that make the request. Empty: there are
	// none.
	Args []string `json:"-"`
}

// IsCause reports whether the result is one of requests that went another way
// than the ordinary one.
func (r Result) IsCause() bool { return r.Cover != nil && len(r.Cover.Differs) > 0 }

// When says in words what differs: "contentType is 102 (picture)". Fields of the
// same value stand together.
func When(differs []fixtures.Difference) words.Text {
	var values []string
	fields, shown := make(map[string][]string), make(map[string]words.Text)
	for _, d := range differs {
		value := valueText(d)
		key := value.String()
		if fields[key] == nil {
			values = append(values, key)
		}
		fields[key], shown[key] = append(fields[key], d.Path), value
	}
	var parts []words.Text
	for _, key := range values {
		parts = append(parts, say("when", "fields", fields[key], "n", len(fields[key]), "value", shown[key]))
	}
	return say("when.all", "parts", parts)
}

// The most that a sentence shows of a value.
const (
	shownText = 100 // characters
	shownJSON = 60  // bytes
)

// valueText is a value in words.
func valueText(d fixtures.Difference) words.Text {
	v := gjson.ParseBytes(d.Value)
	switch {
	case d.Value == nil:
		return say("value.absent")
	case d.Path == "contentType" && kindName(v) != "":
		return say("value.kind", "code", v.Raw, "kind", kindName(v))
	case v.Type == gjson.Number && v.Num >= 1<<53:
		return say("value.large", "number", v.Raw)
	case v.Type == gjson.String:
		return stringText(v.Str)
	case v.IsArray():
		return listText(d.Value, len(v.Array()))
	case v.IsObject() && len(d.Value) > shownJSON:
		return say("value.object", "size", sizeText(len(d.Value)))
	default:
		return words.Plain(v.Raw)
	}
}

func kindName(v gjson.Result) string {
	kind, _ := fixtures.KindOf(int(v.Int()))
	return kind.Name
}

func stringText(s string) words.Text {
	switch {
	case s == "":
		return say("value.empty")
	case utf8.RuneCountInString(s) > shownText:
		return say("value.text", "size", sizeText(len(s)))
	default:
		return say("value.quoted", "text", s)
	}
}

func listText(raw json.RawMessage, entries int) words.Text {
	switch {
	case entries == 0:
		return say("value.none")
	case len(raw) > shownJSON:
		return say("value.list", "n", entries)
	default:
		return words.Plain(string(raw))
	}
}

// sizeText is a number of bytes for people: "64 KB".
func sizeText(bytes int) words.Text {
	if bytes < 10_000 {
		return say("size.bytes", "n", bytes)
	}
	return say("size.kilobytes", "n", (bytes+512)/1024)
}
