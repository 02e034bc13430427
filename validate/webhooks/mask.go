package webhooks

import "regexp"

// The parts of a URL that are secrets: a password, and query parameters named
// like one.
var (
	passwordInURL = regexp.MustCompile(`(://[^\s/?#@:]*:)[^\s/?#@]+@`)
	secretInQuery = regexp.MustCompile(`(?i)([?&][^=&\s"']*(?:token|secret|passw|signature|key|auth)[^=&\s"']*=)[^&\s"'#]+`)
)

// MaskURLs replaces passwords and tokens in the URLs of a text by "***".
func MaskURLs(s string) string {
	s = passwordInURL.ReplaceAllString(s, "$1***@")
	return secretInQuery.ReplaceAllString(s, "$1***")
}
