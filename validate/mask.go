package validate

import (
	"bytes"
	"encoding/base64"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
)

// masked stands for a secret.
const masked = "***"

// masks is what hides secrets. The texts of a result quote URLs.
var masks = Mapper{Text: MaskText, URL: MaskText, Header: maskHeader, Body: maskBody}

// MaskResult returns the result with its secrets replaced by "***": passwords
// and tokens in headers and URLs, wherever a text quotes one, and OpenIM's own
// secret, which 3.5 to 3.8.0 send in the body of the user register callbacks.
// Who shows results, exchanges or URLs masks them first, once.
func MaskResult(r Result) Result { return masks.Result(r) }

// MaskFindings is MaskResult for findings.
func MaskFindings(findings []Finding) []Finding { return masks.Findings(findings) }

// MaskExchange is MaskResult for an exchange.
func MaskExchange(x Exchange) Exchange { return masks.Exchange(x) }

// MaskHead is MaskExchange but for the bodies, which stay byte for byte: for a
// request that is to be read, or sent, as it is.
func MaskHead(x Exchange) Exchange {
	head := masks
	head.Body = func(body []byte) []byte { return body }
	return head.Exchange(x)
}

// secretWords are what names of secrets have in them.
var secretWords = []string{"token", "secret", "passw", "signature", "key", "auth", "cookie"}

func isSecretName(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(secretWords, func(word string) bool { return strings.Contains(name, word) })
}

// maskHeader hides a header's value. What a server asks for is no secret.
func maskHeader(name, value string) string {
	if isSecretName(name) && !strings.HasSuffix(strings.ToLower(name), "-authenticate") {
		return masked
	}
	return value
}

// secretsInURL finds a URL's password, and its parameters with a value.
var secretsInURL = sync.OnceValues(func() (password, parameter *regexp.Regexp) {
	return regexp.MustCompile(`(://[^\s/?#@:"]*:)[^\s/?#"]+@`), regexp.MustCompile(`[?&][^=&\s"'?]+=[^&\s"'#]+`)
})

// commandAtEnd is that of a parameter's value: it is appended as text, also to a
// query.
var commandAtEnd = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(/|\?command=)callback[A-Za-z]+(\?contenttype=json)?$`)
})

// MaskText masks the URLs in a text, which may also be a single one: passwords
// and the parameters whose names look like secrets. Main's own "key" parameter
// is none: it holds user and group ids.
func MaskText(text string) string {
	if !strings.ContainsAny(text, "@=") {
		return text
	}
	password, parameter := secretsInURL()
	text = password.ReplaceAllString(text, "${1}"+masked+"@")
	return parameter.ReplaceAllStringFunc(text, func(pair string) string {
		name, value, _ := strings.Cut(pair, "=")
		if !isSecretName(name) || name[1:] == "key" && isConversationKey(value) {
			return pair
		}
		return name + "=" + masked + commandAtEnd().FindString(value)
	})
}

func isConversationKey(value string) bool {
	value, _ = url.QueryUnescape(value)
	text, err := base64.StdEncoding.DecodeString(value)
	return err == nil && bytes.HasPrefix(text, []byte(`{"sendID":`))
}

func maskBody(body []byte) []byte {
	if !bytes.Contains(body, []byte(`"secret"`)) || !gjson.GetBytes(body, "secret").Exists() {
		return body
	}
	text, err := sjson.SetBytes(slices.Clone(body), "secret", masked)
	if err != nil {
		return body
	}
	return text
}
