package validate

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// clipLength is how many characters of a value a message quotes.
const clipLength = 40

// clip shortens a value for a message and makes it printable.
func clip(s string) string {
	s = Printable(s)
	if utf8.RuneCountInString(s) <= clipLength {
		return s
	}
	return string([]rune(s)[:clipLength]) + "…"
}

// excerpt is clip for the beginning of bytes that may not be text.
func excerpt(b []byte) string { return clip(string(b[:min(len(b), 4*clipLength)])) }

// Printable makes a remote string safe to show on a terminal, in a log line or
// in an annotation: control characters, line breaks, invalid UTF-8 and
// characters that reorder text become visible escapes.
func Printable(s string) string {
	if strings.IndexFunc(s, unprintable) < 0 {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case !unprintable(r):
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\ufffd"):
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

func unprintable(r rune) bool {
	return r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

// position says where an offset is: "line 3, column 7", counted in characters
// from 1; "byte N" when the body is one line that is not text.
func position(body []byte, offset int) string {
	before := body[:min(offset, len(body))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return fmt.Sprintf("line %d, column %d", line, column)
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
