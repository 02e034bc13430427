package report

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/validate"
	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
)

const masked = "***"

// Mask returns the exchange with its secrets replaced by "***": passwords and
// tokens in headers and URLs, and OpenIM's own secret, which 3.5 to 3.8.0 send
// in the body of the user register callbacks.
func Mask(x validate.Exchange) validate.Exchange {
	x.Request = MaskRequest(x.Request)
	x.Request.Body = maskBody(x.Request.Body)
	x.Reply.Headers = maskHeaders(x.Reply.Headers)
	x.Reply.Redirects = slices.Clone(x.Reply.Redirects)
	for i := range x.Reply.Redirects {
		x.Reply.Redirects[i].Location = maskURL(x.Reply.Redirects[i].Location)
	}
	if strings.Contains(x.Reply.Detail, "@") || strings.Contains(x.Reply.Detail, "=") {
		x.Reply.Detail = maskWords(x.Reply.Detail)
	}
	return x
}

// maskResult masks the exchange, and its secrets where the verdict quotes the
// HTTP client's words on a failure, which hold the URL.
func maskResult(r validate.Result) validate.Result {
	if r.Exchange.Reply.Detail != "" {
		r.Client = maskClient(r.Client)
		r.Findings = slices.Clone(r.Findings)
		for i := range r.Findings {
			f := &r.Findings[i]
			f.Got, f.Message = maskWords(f.Got), f.Message.Map(maskWords)
		}
	}
	if r.Was != nil {
		was := *r.Was
		was.Client = maskClient(was.Client)
		r.Was = &was
	}
	r.Exchange = Mask(r.Exchange)
	return r
}

func maskClient(c validate.Client) validate.Client {
	c.ErrMsg, c.ErrDlt = maskWords(c.ErrMsg), maskWords(c.ErrDlt)
	return c
}

// MaskRequest masks headers and URL, and leaves the body as it is.
func MaskRequest(r validate.Request) validate.Request {
	r.URL = maskURL(r.URL)
	r.Headers = maskHeaders(r.Headers)
	return r
}

func maskHeaders(headers []validate.Header) []validate.Header {
	masking := slices.Clone(headers)
	for i, h := range masking {
		if isSecretName(h[0]) || strings.EqualFold(h[0], "Cookie") || strings.EqualFold(h[0], "Set-Cookie") {
			masking[i][1] = masked
		}
	}
	return masking
}

var secretWords = []string{"authorization", "token", "secret", "password", "passwd", "signature", "api-key", "apikey", "api_key", "access_key"}

func isSecretName(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(secretWords, func(word string) bool { return strings.Contains(name, word) })
}

// maskURL masks a password and the values of query parameters that look like
// secrets. Main's own "key" parameter is none: it holds user and group ids.
func maskURL(text string) string {
	u, err := url.Parse(text)
	if err != nil || (u.User == nil && u.RawQuery == "") {
		return text
	}
	if _, set := u.User.Password(); set {
		text = strings.Replace(text, u.User.String()+"@", u.User.Username()+":"+masked+"@", 1)
	}
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if value != "" && (isSecretName(name) || (name == "key" && !isConversationKey(value))) {
			text = strings.Replace(text, pair, name+"="+masked, 1)
		}
	}
	return text
}

func isConversationKey(value string) bool {
	value, _ = url.QueryUnescape(value)
	text, err := base64.StdEncoding.DecodeString(value)
	return err == nil && strings.HasPrefix(string(text), `{"sendID":`)
}

func maskBody(body []byte) []byte {
	if !strings.Contains(string(body), `"secret"`) || !gjson.GetBytes(body, "secret").Exists() {
		return body
	}
	text, err := sjson.SetBytes(slices.Clone(body), "secret", masked)
	if err != nil {
		return body
	}
	return text
}

// maskWords masks the URLs within a sentence.
func maskWords(sentence string) string {
	words := strings.Split(sentence, `"`)
	for i, word := range words {
		if strings.Contains(word, "://") {
			words[i] = maskURL(word)
		}
	}
	return strings.Join(words, `"`)
}
