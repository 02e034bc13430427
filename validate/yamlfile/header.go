package yamlfile

import "strings"

// IsHeaderName reports whether s can be a header's name (RFC 9110, token).
func IsHeaderName(s string) bool {
	for _, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", r) {
			return false
		}
	}
	return s != ""
}

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
