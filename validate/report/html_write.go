package report

import (
	"bytes"
	"fmt"
	"strings"
)

// markup is HTML of the page itself. Only constants and the page's own files
// become markup; a string variable does not pass for it.
type markup string

// htmlBuffer holds a part of the page as it is written.
//
// It does what html/template would do here. That package and text/template
// call methods by name, which keeps the linker from leaving out what is not
// used: 2.3 MB of the binary, and time at the start of every command.
type htmlBuffer struct{ bytes.Buffer }

// put writes the form with each {} replaced by a value in turn. Values are
// escaped for the content of an element and for an attribute in double quotes:
// a {} must stand nowhere else. A value that is markup is written as it is.
func (b *htmlBuffer) put(form markup, values ...any) {
	rest := string(form)
	for _, value := range values {
		before, after, _ := strings.Cut(rest, "{}")
		b.WriteString(before)
		b.value(value)
		rest = after
	}
	b.WriteString(rest)
}

// with is put for a form with one value, and writes nothing if that is empty.
func (b *htmlBuffer) with(form markup, value string) {
	if value != "" {
		b.put(form, value)
	}
}

func (b *htmlBuffer) value(value any) {
	switch v := value.(type) {
	case markup:
		b.WriteString(string(v))
	case string:
		_, _ = escaper.WriteString(b, v) // a buffer takes every write
	default:
		_, _ = escaper.WriteString(b, fmt.Sprint(v))
	}
}

// escaper replaces what could end a text or a quoted value, and the one
// character that HTML does not allow.
var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;", "\x00", "\ufffd")
