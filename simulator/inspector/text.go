package inspector

import (
	"strings"

	"github.com/imcb-dev/imcb/fixtures/words"
)

// maxQuoted is how much of a remote text a message quotes, in bytes.
const maxQuoted = 80

// clip makes a remote text short and printable.
func clip(s string) string { return bound(s, maxQuoted) }

// bound makes a remote text printable and no longer than limit, about.
func bound(s string, limit int) string {
	if len(s) > limit {
		return words.Printable(strings.ToValidUTF8(s[:limit], "")) + "…"
	}
	return words.Printable(s)
}
