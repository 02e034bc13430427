package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

// derived are headers that curl writes itself.
var derived = []string{"Host", "Content-Length", "Accept-Encoding", "User-Agent"}

// Curl is a command line that sends the request again. It quotes for a POSIX
// shell. OpenIM uses no proxy; whether the shell that it is pasted into has one
// set, nobody knows, so curl is always told to use none.
func Curl(r validate.Request) string {
	var b strings.Builder
	b.WriteString("curl -sS --noproxy '*'")
	if r.Method != "POST" && r.Method != "" {
		b.WriteString(" -X " + shellQuote(r.Method))
	}
	b.WriteString(" " + shellQuote(r.URL))
	for _, h := range r.Headers {
		if !slices.Contains(derived, h[0]) {
			fmt.Fprintf(&b, " -H %s", shellQuote(h[0]+": "+h[1]))
		}
	}
	if len(r.Body) > 0 {
		b.WriteString(" --data-binary " + shellQuote(strings.TrimRight(string(r.Body), "\n")))
	}
	return b.String()
}

// shellQuote quotes a word for a POSIX shell. Text with control characters
// takes the $'…' form of bash and zsh, so that it stays on one line and can't
// steer a terminal.
func shellQuote(s string) string {
	if s != "" && strings.IndexFunc(s, needsQuote) < 0 {
		return s
	}
	if words.Printable(s) == s {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	var b strings.Builder
	b.WriteString("$'")
	for _, c := range []byte(s) {
		switch {
		case c == '\'' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < 0x20 || c >= 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + "'"
}

func needsQuote(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:=@%+,", r))
}

// HTTP is the request as it goes over the wire, for people: the body without
// its last newline.
func HTTP(r validate.Request) string {
	var b strings.Builder
	path := r.URL
	if _, rest, ok := strings.Cut(r.URL, "://"); ok {
		path = "/"
		if i := strings.IndexAny(rest, "/?"); i >= 0 {
			path += strings.TrimPrefix(rest[i:], "/")
		}
	}
	fmt.Fprintf(&b, "%s %s HTTP/1.1\n", r.Method, words.Printable(path))
	for _, h := range r.Headers {
		fmt.Fprintf(&b, "%s: %s\n", h[0], words.Printable(h[1]))
	}
	fmt.Fprintf(&b, "\n%s\n", words.Printable(strings.TrimRight(string(r.Body), "\n")))
	return b.String()
}
