package inspector

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

// suiteCase is a suite of one case that sends the request again and expects
// the outcome that it had. Empty: there is none to expect, or YAML can't hold
// the body.
func suiteCase(e *entry, masked validate.Request) string {
	if e.arrival.Callback == nil || e.arrival.Verdict.Outcome == "" || !utf8.Valid(masked.Body) {
		return ""
	}
	name := fmt.Sprintf("%s, recorded %s as request %d", e.arrival.Callback.Key, e.arrival.Time.UTC().Format("2006-01-02 15:04:05.000"), e.id)
	var b strings.Builder
	fmt.Fprintf(&b, "cases:\n  - name: %s\n    send: %s\n", quoted(name), e.arrival.Callback.Key)
	fmt.Fprintf(&b, "    data: %s\n", scalar(strings.ReplaceAll(string(masked.Body), "${", "$${"), "      "))
	fmt.Fprintf(&b, "    expect:\n      outcome: %s\n", e.arrival.Verdict.Outcome)
	if code := e.arrival.Verdict.Client.ErrCode; code != 0 {
		fmt.Fprintf(&b, "      errCode: %d\n", code)
	}
	return b.String()
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
func quoted(s string) string {
	var escaped strings.Builder
	for _, r := range string(fixtures.JSON(s)) {
		if r == 0x7f || r >= 0x80 && words.Printable(string(r)) != string(r) || !inYAML(string(r)) {
			fmt.Fprintf(&escaped, `\u%04x`, r)
		} else {
			escaped.WriteRune(r)
		}
	}
	return escaped.String()
}
