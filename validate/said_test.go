package validate_test

import (
	"fmt"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

// argumentNames are those of the sentences that tests compare, in the order in
// which said shows them.
var argumentNames = []string{
	"server", "callback", "nearest", "code", "header", "headers", "field", "fields", "member", "user", "value", "type", "sent", "command", "got", "since", "gotSince",
	"inURL", "ending", "names", "limit", "status", "encoding", "error", "cause", "effect", "versions", "range", "site", "told", "took", "number", "text", "n", "more",
}

// said is a text as its id and arguments, whatever its wording. An argument
// that is a text shows as its id, "more" as its number; no text is left out.
func said(text words.Text) string {
	line := text.ID()
	for _, name := range argumentNames {
		value := text.Arg(name)
		if part, ok := value.(words.Text); ok {
			value = any(part.ID())
			if name == "more" {
				value = part.Arg("n")
			}
			if part.IsZero() {
				value = nil
			}
		}
		if value != nil {
			line += fmt.Sprintf(" %s=%v", name, value)
		}
	}
	return line
}

// saidIn lists what findings say, each after its severity.
func saidIn(findings []validate.Finding) (lines []string) {
	for _, f := range findings {
		lines = append(lines, string(f.Severity)+" "+said(f.Message))
	}
	return lines
}
