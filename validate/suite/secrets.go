package suite

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// minSecret is the length from which on a value of the environment is taken
// for a secret: a shorter one stands everywhere by chance.
const minSecret = 4

const masked = "***"

// secrets are the values that came from the environment.
type secrets struct {
	values   []string
	replacer *strings.Replacer
}

func (s *secrets) add(value string) {
	if len(value) >= minSecret && !slices.Contains(s.values, value) {
		s.values = append(s.values, value)
	}
}

// seal prepares redact; no value is added afterwards.
func (s *secrets) seal() {
	if len(s.values) == 0 {
		return
	}
	var forms []string
	for _, value := range s.values {
		forms = append(forms, spellings(value)...)
	}
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, form := range slices.Compact(forms) {
		pairs = append(pairs, form, masked)
	}
	s.replacer = strings.NewReplacer(pairs...)
}

// spellings are the forms that a value has in bodies and URLs: itself, in
// JSON, in JSON within JSON, both also with "<", ">" and "&" escaped.
func spellings(value string) []string {
	plain := inJSON(value)
	escaped := escapeHTML(plain)
	return []string{
		value, plain, escaped,
		inJSON(plain), inJSON(escaped), escapeHTML(inJSON(plain)), escapeHTML(inJSON(escaped)),
		url.QueryEscape(value), url.PathEscape(value),
	}
}

func inJSON(s string) string {
	quoted := yamlfile.Quote(s)
	return string(quoted[1 : len(quoted)-1])
}

func escapeHTML(s string) string {
	var b bytes.Buffer
	json.HTMLEscape(&b, []byte(s))
	return b.String()
}

// Redact replaces what came from the environment by "***". It leaves values
// of less than four bytes, and those that are settings of the run: all of
// "${NAME}" in url, server, timeout, seed and errcodeRange.
func (s *Suite) Redact(text string) string {
	if s.secrets.replacer == nil {
		return text
	}
	return s.secrets.replacer.Replace(text)
}

// RedactResult redacts every text of a result. The result that it is given
// stays as it is.
func (s *Suite) RedactResult(r validate.Result) validate.Result {
	if s.secrets.replacer == nil {
		return r
	}
	r.Case, r.Skipped = s.Redact(r.Case), s.Redact(r.Skipped)
	r.Verdict = s.redactVerdict(r.Verdict)
	r.Exchange = s.redactExchange(r.Exchange)
	return r
}

func (s *Suite) redactVerdict(v validate.Verdict) validate.Verdict {
	v.Client.ErrMsg, v.Client.ErrDlt = s.Redact(v.Client.ErrMsg), s.Redact(v.Client.ErrDlt)
	v.Findings = slices.Clone(v.Findings)
	for i, f := range v.Findings {
		f.Got, f.Want = s.Redact(f.Got), f.Want.Map(s.Redact)
		f.Message, f.Hint = f.Message.Map(s.Redact), f.Hint.Map(s.Redact)
		v.Findings[i] = f
	}
	v.Changes = slices.Clone(v.Changes)
	for i, c := range v.Changes {
		v.Changes[i] = validate.Change{Path: c.Path, Before: s.Redact(c.Before), After: s.Redact(c.After)}
	}
	return v
}

func (s *Suite) redactExchange(x validate.Exchange) validate.Exchange {
	x.Request.URL = s.Redact(x.Request.URL)
	x.Request.Headers = s.redactHeaders(x.Request.Headers)
	x.Request.Body = []byte(s.Redact(string(x.Request.Body)))
	x.Reply.Headers = s.redactHeaders(x.Reply.Headers)
	x.Reply.Body = []byte(s.Redact(string(x.Reply.Body)))
	x.Reply.Detail = s.Redact(x.Reply.Detail)
	x.Reply.Redirects = slices.Clone(x.Reply.Redirects)
	for i := range x.Reply.Redirects {
		x.Reply.Redirects[i].Location = s.Redact(x.Reply.Redirects[i].Location)
	}
	return x
}

func (s *Suite) redactHeaders(headers []validate.Header) []validate.Header {
	headers = slices.Clone(headers)
	for i := range headers {
		headers[i][1] = s.Redact(headers[i][1])
	}
	return headers
}
