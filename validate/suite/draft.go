package suite

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/tidwall/gjson"
)

// Draft is a case that goes into a suite file: a request, and how it should end.
type Draft struct {
	Name     string
	Callback *fixtures.Callback
	// Differs is what differs from the ordinary request. The contentType among them
	// is the kind of message.
	Differs []fixtures.Difference
	// Body is the whole body instead, UTF-8. Nil: Differs makes it.
	Body []byte
	// Times is how often the request is sent, one after another. 0: once.
	Times int
	// Outcome and ErrCode are what is expected. 0: any errCode.
	Outcome validate.Outcome
	ErrCode int
}

// String is the case in YAML, an entry of a file's cases.
func (d Draft) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "  - name: %s\n", quoted(d.Name))
	if d.Times <= 1 {
		d.request(&b, "    ", "    ")
		return b.String()
	}
	b.WriteString("    steps:\n")
	for range d.Times {
		d.request(&b, "      - ", "        ")
	}
	return b.String()
}

func (d Draft) request(b *strings.Builder, first, indent string) {
	fmt.Fprintf(b, "%ssend: %s\n", first, d.Callback.Key)
	if d.Body != nil {
		fmt.Fprintf(b, "%sdata: %s\n", indent, scalar(escaped(string(d.Body)), indent+"  "))
	} else {
		d.edits(b, indent)
	}
	fmt.Fprintf(b, "%sexpect:\n%s  outcome: %s\n", indent, indent, d.Outcome)
	if d.ErrCode != 0 {
		fmt.Fprintf(b, "%s  errCode: %d\n", indent, d.ErrCode)
	}
}

// edits writes the differences, by the keys that make them.
func (d Draft) edits(b *strings.Builder, indent string) {
	lines := make(map[string][]string)
	for _, diff := range d.Differs {
		v := gjson.ParseBytes(diff.Value)
		kind, known := fixtures.KindOf(int(v.Int()))
		switch {
		case diff.Path == "contentType" && d.Callback.IsMessage() && known:
			fmt.Fprintf(b, "%smessage: %s\n", indent, kind.Name)
		case diff.Value == nil:
			lines["unset"] = append(lines["unset"], "- "+plainKey(diff.Path))
		case v.Type == gjson.String:
			lines["setString"] = append(lines["setString"], plainKey(diff.Path)+": "+quoted(escaped(v.Str)))
		default:
			lines["set"] = append(lines["set"], plainKey(diff.Path)+": "+flow(diff.Value))
		}
	}
	for _, key := range editOrder {
		if len(lines[key]) > 0 {
			fmt.Fprintf(b, "%s%s:\n%s  %s\n", indent, key, indent, strings.Join(lines[key], "\n  "+indent))
		}
	}
}

// escaped keeps "${" what it is.
func escaped(s string) string { return strings.ReplaceAll(s, "${", "$${") }

// flow is a JSON value in a line of YAML.
func flow(value json.RawMessage) string {
	var b bytes.Buffer
	if json.Compact(&b, value) != nil {
		b.Write(value)
	}
	return inQuotes(escaped(strings.ReplaceAll(b.String(), `\u0024`, "$")))
}

var plain = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]*$`) })

func plainKey(path string) string {
	if plain().MatchString(path) {
		return path
	}
	return quoted(path)
}

// scalar writes a text as a YAML value: as it is in a block of its own, if
// that is possible, else in quotes.
func scalar(s, indent string) string {
	line, ended := strings.CutSuffix(s, "\n")
	if line == "" || line[0] == ' ' || strings.ContainsAny(line, "\n\t") || words.Printable(line) != line || !inYAML(line) {
		return quoted(s)
	}
	if ended {
		return "|\n" + indent + line
	}
	return "|-\n" + indent + line
}

// inYAML reports whether YAML may have the characters as they are.
func inYAML(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r == 0xfeff || r == 0xfffe || r == 0xffff })
}

// quoted writes a text as JSON does, which is YAML, too.
func quoted(s string) string { return inQuotes(string(fixtures.JSON(s))) }

// inQuotes escapes what is no plain character in the quotes of a JSON text.
func inQuotes(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r < 0x7f || r > 0x7f && words.Printable(string(r)) == string(r) && inYAML(string(r)) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
