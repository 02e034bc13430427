package rules_test

import (
	"fmt"

	"github.com/imcb-dev/imcb/fixtures/words"
)

// argumentNames are those of the sentences that tests compare, in the order in
// which said shows them.
var argumentNames = []string{
	"what", "flag", "path", "callback", "callbacks", "keys", "key", "table", "code", "status", "fields", "fault", "written", "server", "outcome", "finding", "message", "hint", "rule", "rules",
	"does", "first", "delay", "next", "more", "pattern", "values", "got", "want", "all", "problem", "error", "wrong", "near", "names", "n", "most", "example",
}

// said is a text as its id and arguments, whatever its wording; a value is
// itself. No text is left out.
func said(text words.Text) string {
	if text.ID() == "" {
		return text.String()
	}
	line := text.ID()
	for _, name := range argumentNames {
		switch value := text.Arg(name).(type) {
		case nil:
		case words.Text:
			if !value.IsZero() {
				line += fmt.Sprintf(" %s=(%s)", name, said(value))
			}
		case []words.Text:
			line += " " + name + "=" + fmt.Sprint(saidAll(value))
		default:
			line += fmt.Sprintf(" %s=%v", name, value)
		}
	}
	return line
}

func saidAll(texts []words.Text) (lines []string) {
	for _, text := range texts {
		lines = append(lines, said(text))
	}
	return lines
}
