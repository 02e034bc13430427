package suite

import (
	"fmt"
	"math"
	"net/url"
	"strings"
	"sync"

	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// suiteKeys are the keys at the top of a file.
var suiteKeys = sync.OnceValue(func() *table[Suite] {
	return yamlfile.NewTable("a suite", []key[Suite]{
		yamlfile.NewKey("url", "The receiver's url, as in webhooks.yml: OpenIM appends the command. ${NAME} reads the environment.", yamlfile.TextSchema, readURL),
		yamlfile.NewKey("server", "The OpenIM version to play.", versionSchema(), readServer),
		yamlfile.NewKey("timeout", "The callbacks' timeout, as in webhooks.yml.", yamlfile.DurationSchema, readTimeout),
		yamlfile.NewKey("headers", "Headers of every request.", headersSchema, readSuiteHeaders),
		yamlfile.NewKey("rules", "The severity of rules, by name; `imcb rules` lists them.", rulesSchema(), readRules),
		yamlfile.NewKey("errcodeRange", "The range for a refusal's errCode.", rangeSchema, readErrCodeRange),
		yamlfile.NewKey("vars", "Variables for ${vars.name}. Their values may read the environment: ${NAME}, ${NAME:-default}.", varsSchema, func(*decoder, *Suite, *yamlfile.Node) {}),
		yamlfile.NewKey("seed", "Makes ids and times the same in every run.", settingSchema(schema{"type": "integer", "minimum": 0}), readSeed),
		yamlfile.NewKey("cases", "What is sent, and what is expected.", casesSchema(), (*decoder).readCases),
	})
})

func readURL(d *decoder, s *Suite, n *yamlfile.Node) {
	n, ok := d.setting(n, "url")
	if !ok {
		return
	}
	u, err := url.Parse(n.Written)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		d.Fail(n.Place, "url must be like http://127.0.0.1:8080/callback")
		return
	}
	s.URL = n.Written
}

func readServer(d *decoder, s *Suite, n *yamlfile.Node) {
	n, ok := d.setting(n, "server")
	if !ok {
		return
	}
	v, err := validate.ParseServer(n.Written)
	if err != nil {
		d.Fail(n.Place, "server: "+err.Error())
		return
	}
	s.Server = v
}

func readTimeout(d *decoder, s *Suite, n *yamlfile.Node) {
	if n, ok := d.setting(n, "timeout"); ok {
		s.Timeout, _ = d.Duration(n, "timeout")
	}
}

func readErrCodeRange(d *decoder, s *Suite, n *yamlfile.Node) {
	if n, ok := d.setting(n, "errcodeRange"); ok {
		s.ErrCodes, _ = d.numberRange(n, "errcodeRange", maxCode)
	}
}

func readSeed(d *decoder, s *Suite, n *yamlfile.Node) {
	if n, ok := d.setting(n, "seed"); ok {
		if seed, ok := d.WholeNumber(n, "seed", 0, math.MaxUint64); ok {
			s.Seed = &seed
		}
	}
}

func readRules(d *decoder, s *Suite, n *yamlfile.Node) {
	if !d.Want(n, yamlfile.Mapping, "rules") {
		return
	}
	s.Severities = make(validate.Overrides, len(n.Entries))
	for _, e := range n.Entries {
		rule, err := d.rules.Lookup(e.Key.Text)
		if err != nil {
			d.Fail(e.Key.Place, err.Error())
			continue
		}
		if s.Severities[rule.ID], err = validate.ParseSeverity(e.Value.Written); err != nil {
			d.Fail(e.Value.Place, err.Error())
		}
	}
}

func readSuiteHeaders(d *decoder, s *Suite, n *yamlfile.Node) {
	s.headers = d.readHeaders(nil, n, scope{env: true, secret: true})
}

// readHeaders adds headers to inherited ones, or replaces them.
func (d *decoder) readHeaders(inherited []header, n *yamlfile.Node, in scope) []header {
	if !d.Want(n, yamlfile.Mapping, "headers") {
		return inherited
	}
	headers := make([]header, 0, len(inherited)+len(n.Entries))
	for _, h := range inherited {
		if !hasHeader(n, h.name) {
			headers = append(headers, h)
		}
	}
	for _, e := range n.Entries {
		if !yamlfile.IsHeaderName(e.Key.Text) {
			d.Fail(e.Key.Place, fmt.Sprintf("%q can't be the name of a header", yamlfile.Shorten(e.Key.Text)))
			continue
		}
		if e.Value.Kind == yamlfile.List || e.Value.Kind == yamlfile.Mapping || e.Value.Kind == yamlfile.Null {
			d.Want(e.Value, yamlfile.Text, "a header's value")
			continue
		}
		value := d.template(e.Value, in)
		if s, _ := value.Fixed(); !yamlfile.IsHeaderValue(s) {
			d.Fail(e.Value.Place, "a header's value must be printable and on one line")
		}
		headers = append(headers, header{e.Key.Text, value})
	}
	return headers
}

func hasHeader(n *yamlfile.Node, name string) bool {
	for _, e := range n.Entries {
		if strings.EqualFold(e.Key.Text, name) {
			return true
		}
	}
	return false
}
