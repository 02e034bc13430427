package webhooks

import (
	"regexp"
	"sync"
)

// secretsInURL are the parts of a URL that are secrets: a password, and query
// parameters named like one. What comes before them is the first group.
var secretsInURL = sync.OnceValue(func() [2]*regexp.Regexp {
	return [2]*regexp.Regexp{
		regexp.MustCompile(`(://[^\s/?#@:]*:)[^\s/?#@]+(@)`),
		regexp.MustCompile(`(?i)([?&][^=&\s"']*(?:token|secret|passw|signature|key|auth)[^=&\s"']*=)[^&\s"'#]+()`),
	}
})

// MaskURLs replaces passwords and tokens in the URLs of a text by "***".
func MaskURLs(s string) string {
	for _, secret := range secretsInURL() {
		s = secret.ReplaceAllString(s, "$1***$2")
	}
	return s
}
