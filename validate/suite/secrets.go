package suite

import (
	"net/url"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
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
	escaped := fixtures.EscapeHTML(plain)
	return []string{
		value, plain, escaped,
		inJSON(plain), inJSON(escaped), fixtures.EscapeHTML(inJSON(plain)), fixtures.EscapeHTML(inJSON(escaped)),
		url.QueryEscape(value), url.PathEscape(value),
	}
}

func inJSON(s string) string {
	quoted := fixtures.JSON(s)
	return string(quoted[1 : len(quoted)-1])
}

// Redact replaces what came from the environment by "***". It leaves values
// of less than four bytes, and those that are settings of the run: all of
// "${NAME}" in url, server, timeout, seed, contract and errcodeRange.
func (s *Suite) Redact(text string) string {
	if s.secrets.replacer == nil {
		return text
	}
	return s.secrets.replacer.Replace(text)
}

// RedactResult redacts every text of a result.
func (s *Suite) RedactResult(r validate.Result) validate.Result {
	if s.secrets.replacer == nil {
		return r
	}
	return validate.MapEvery(s.Redact).Result(r)
}
