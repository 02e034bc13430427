package suite

import (
	"math"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// suiteKeys are the keys at the top of a file.
var suiteKeys = sync.OnceValue(func() *table[Suite] {
	return yamlfile.NewTable(say("what.suite"), []key[Suite]{
		setting("url", "The receiver's url, as in webhooks.yml: OpenIM appends the command. ${NAME} reads the environment.", yamlfile.TextSchema, readURL),
		setting("server", "The OpenIM version to play.", versionSchema(), readServer),
		setting("timeout", "The callbacks' timeout, as in webhooks.yml.", yamlfile.DurationSchema, func(d *decoder, s *Suite, n *yamlfile.Node) { s.Timeout, _ = d.Duration(n, "timeout") }),
		yamlfile.NewKey("headers", "Headers of every request.", yamlfile.HeadersSchema, readSuiteHeaders),
		yamlfile.NewKey("rules", "The severity of rules, by name; `imcb rules` lists them.", yamlfile.MapOf(ruleSchema, schema{"enum": validate.Severities()}), readRules),
		setting("contract", "What counts as a finding: what breaks the documents, what the server does not do as meant, or both.", settingSchema(schema{"enum": validate.Contracts()}), func(d *decoder, s *Suite, n *yamlfile.Node) {
			s.Contract, _ = yamlfile.Choice(d, n, "contract", validate.Contracts())
		}),
		setting("errcodeRange", "The range for a refusal's errCode.", rangeSchema, func(d *decoder, s *Suite, n *yamlfile.Node) {
			s.ErrCodes, _ = d.numberRange(n, "errcodeRange", maxCode)
		}),
		yamlfile.NewKey("vars", "Variables for ${vars.name}. Their values may read the environment: ${NAME}, ${NAME:-default}.", varsSchema, func(*decoder, *Suite, *yamlfile.Node) {}),
		setting("seed", "Makes ids and times the same in every run.", settingSchema(yamlfile.Integer(0, 0)), readSeed),
		yamlfile.NewKey("cases", "What is sent, and what is expected.", yamlfile.ListOf(yamlfile.Ref("case"), 1, MaxCases), (*decoder).readCases),
	})
})

// setting is a key whose value may come from the environment.
func setting(name, doc string, values schema, read func(*decoder, *Suite, *yamlfile.Node)) key[Suite] {
	return yamlfile.NewKey(name, doc, values, func(d *decoder, s *Suite, n *yamlfile.Node) {
		if n, ok := d.setting(n, name); ok {
			read(d, s, n)
		}
	})
}

func readURL(d *decoder, s *Suite, n *yamlfile.Node) {
	u, err := url.Parse(n.Written)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		d.Fail(n.Place, say("url"))
		return
	}
	s.URL = n.Written
}

func readServer(d *decoder, s *Suite, n *yamlfile.Node) {
	v, err := validate.ParseServer(n.Written)
	if err != nil {
		d.Fail(n.Place, say("server", "error", err))
		return
	}
	s.Server = v
}

func readSeed(d *decoder, s *Suite, n *yamlfile.Node) {
	if seed, ok := d.WholeNumber(n, "seed", 0, math.MaxUint64); ok {
		s.Seed = &seed
	}
}

func readRules(d *decoder, s *Suite, n *yamlfile.Node) {
	if !d.Want(n, yamlfile.Mapping, "rules") {
		return
	}
	s.Severities = make(validate.Overrides, len(n.Entries))
	for _, e := range n.Entries {
		rule, err := d.rules.Lookup(e.Key.Text)
		if d.Failed(e.Key.Place, err) {
			continue
		}
		s.Severities[rule.ID], _ = yamlfile.Choice(d, e.Value, "severity", validate.Severities())
	}
}

func readSuiteHeaders(d *decoder, s *Suite, n *yamlfile.Node) {
	s.headers = d.readHeaders(nil, n, scope{env: true, secret: true})
}

// readHeaders adds headers to inherited ones, or replaces them.
func (d *decoder) readHeaders(inherited []header, n *yamlfile.Node, in scope) []header {
	headers := make([]header, 0, len(inherited)+len(n.Entries))
	for _, h := range inherited {
		if !hasHeader(n, h.name) {
			headers = append(headers, h)
		}
	}
	for _, e := range d.Headers(n, "headers") {
		if d.Scalar(e.Value, yamlfile.WhatHeader) {
			value := d.template(e.Value, in)
			s, _ := value.Fixed()
			d.HeaderValue(e.Value.Place, s)
			headers = append(headers, header{e.Key.Text, value})
		}
	}
	return headers
}

func hasHeader(n *yamlfile.Node, name string) bool {
	return slices.ContainsFunc(n.Entries, func(e yamlfile.Entry) bool { return strings.EqualFold(e.Key.Text, name) })
}
