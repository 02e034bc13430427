package yamlfile

import (
	"regexp"
	"sync"
)

// IsHeaderName reports whether s can be a header's name (RFC 9110, token).
func IsHeaderName(s string) bool { return headerName().MatchString(s) }

const headerNames = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"

var headerName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(headerNames) })

// HeaderNames is the schema of the names of headers.
var HeaderNames = Schema{"pattern": headerNames}

// IsHeaderValue reports whether s can be a header's value: it is on one line
// and has no control characters.
func IsHeaderValue(s string) bool {
	for i := range len(s) {
		if (s[i] < ' ' && s[i] != '\t') || s[i] == 0x7f {
			return false
		}
	}
	return true
}
