package suite_test

import (
	"fmt"

	"github.com/imcb-dev/imcb/fixtures/words"
)

// argumentNames are those of the sentences that tests compare, in the order in
// which said shows them.
var argumentNames = []string{
	"got", "want", "because", "failure", "field", "fields", "path", "name", "rule", "problem", "error", "reference", "side", "step", "codes", "pattern", "text",
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
		case words.Error:
			line += fmt.Sprintf(" %s=(%s)", name, said(value.Text))
		default:
			line += fmt.Sprintf(" %s=%v", name, value)
		}
	}
	return line
}
