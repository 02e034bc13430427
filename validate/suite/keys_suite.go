package suite

import (
	"fmt"
	"math"
	"net/url"
	"strings"
	"sync"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
)

// suiteKeys are the keys at the top of a file.
var suiteKeys = sync.OnceValue(func() *table[Suite] {
	return newTable("a suite", []key[Suite]{
		{"url", "The receiver's url, as in webhooks.yml: OpenIM appends the command. ${NAME} reads the environment.", textSchema, readURL},
		{"server", "The OpenIM version to play.", versionSchema(), readServer},
		{"timeout", "The callbacks' timeout, as in webhooks.yml.", durationSchema, readTimeout},
		{"headers", "Headers of every request.", headersSchema, readSuiteHeaders},
		{"rules", "The severity of rules, by name; `imcb rules` lists them.", rulesSchema(), readRules},
		{"errcodeRange", "The range for a refusal's errCode.", rangeSchema, readErrCodeRange},
		{"vars", "Variables for ${vars.name}. Their values may read the environment: ${NAME}, ${NAME:-default}.", varsSchema, func(*decoder, *Suite, *node) {}},
		{"seed", "Makes ids and times the same in every run.", settingSchema(schema{"type": "integer", "minimum": 0}), readSeed},
		{"cases", "What is sent, and what is expected.", casesSchema(), (*decoder).readCases},
	})
})

func readURL(d *decoder, s *Suite, n *node) {
	n, ok := d.setting(n, "url")
	if !ok {
		return
	}
	u, err := url.Parse(n.written)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		d.fail(n.place, "url must be like http://127.0.0.1:8080/callback")
		return
	}
	s.URL = n.written
}

func readServer(d *decoder, s *Suite, n *node) {
	n, ok := d.setting(n, "server")
	if !ok {
		return
	}
	v, err := fixtures.ParseVersion(n.written)
	if err != nil {
		d.fail(n.place, "server: "+err.Error())
		return
	}
	s.Server = &v
}

func readTimeout(d *decoder, s *Suite, n *node) {
	if n, ok := d.setting(n, "timeout"); ok {
		s.Timeout, _ = d.duration(n, "timeout")
	}
}

func readErrCodeRange(d *decoder, s *Suite, n *node) {
	if n, ok := d.setting(n, "errcodeRange"); ok {
		s.ErrCodes, _ = d.numberRange(n, "errcodeRange", maxCode)
	}
}

func readSeed(d *decoder, s *Suite, n *node) {
	if n, ok := d.setting(n, "seed"); ok {
		if seed, ok := d.wholeNumber(n, "seed", 0, math.MaxUint64); ok {
			s.Seed = &seed
		}
	}
}

func readRules(d *decoder, s *Suite, n *node) {
	if !d.want(n, mapping, "rules") {
		return
	}
	s.Severities = make(map[string]validate.Severity, len(n.entries))
	for _, e := range n.entries {
		rule, err := validate.LookupRule(e.key.text)
		if err != nil {
			d.fail(e.key.place, err.Error())
			continue
		}
		if s.Severities[rule.ID], err = severity(e.value); err != nil {
			d.fail(e.value.place, err.Error())
		}
	}
}

func severity(n *node) (validate.Severity, error) {
	for _, s := range validate.Severities() {
		if n.kind == text && n.text == string(s) {
			return s, nil
		}
	}
	return "", fmt.Errorf("a rule's severity is error, warning, note or off, not %q", shorten(n.written))
}

func readSuiteHeaders(d *decoder, s *Suite, n *node) {
	s.headers = d.readHeaders(nil, n, scope{env: true, secret: true})
}

// readHeaders adds headers to inherited ones, or replaces them.
func (d *decoder) readHeaders(inherited []header, n *node, in scope) []header {
	if !d.want(n, mapping, "headers") {
		return inherited
	}
	headers := make([]header, 0, len(inherited)+len(n.entries))
	for _, h := range inherited {
		if !hasHeader(n, h.name) {
			headers = append(headers, h)
		}
	}
	for _, e := range n.entries {
		if !isToken(e.key.text) {
			d.fail(e.key.place, fmt.Sprintf("%q can't be the name of a header", shorten(e.key.text)))
			continue
		}
		if e.value.kind == list || e.value.kind == mapping || e.value.kind == null {
			d.want(e.value, text, "a header's value")
			continue
		}
		value := d.template(e.value, in)
		if s, _ := value.fixed(); !isHeaderValue(s) {
			d.fail(e.value.place, "a header's value must be printable and on one line")
		}
		headers = append(headers, header{e.key.text, value})
	}
	return headers
}

func hasHeader(n *node, name string) bool {
	for _, e := range n.entries {
		if strings.EqualFold(e.key.text, name) {
			return true
		}
	}
	return false
}

// isToken reports whether s can be a header's name (RFC 9110, token).
func isToken(s string) bool {
	for _, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", r) {
			return false
		}
	}
	return s != ""
}

func isHeaderValue(s string) bool {
	for i := range len(s) {
		if (s[i] < ' ' && s[i] != '\t') || s[i] == 0x7f {
			return false
		}
	}
	return true
}
