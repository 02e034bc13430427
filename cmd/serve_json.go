package cmd

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// writeLine writes a line of --log-format json with one call of Write. A
// terminal may show it, too.
func writeLine(w io.Writer, value any) error {
	line, err := safeJSON(value)
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}

// safeJSON escapes what encoding/json leaves: the control characters from
// U+007F to U+009F, and what reorders text.
func safeJSON(value any) ([]byte, error) {
	text, err := json.Marshal(value)
	if err != nil || strings.IndexFunc(string(text), obeyed) < 0 {
		return text, err
	}
	var b strings.Builder
	for _, r := range string(text) {
		if obeyed(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return []byte(b.String()), nil
}

// obeyed reports whether a terminal may obey the character, not show it.
func obeyed(r rune) bool {
	return r >= 0x7f && r <= 0x9f || unicode.Is(unicode.Bidi_Control, r)
}
