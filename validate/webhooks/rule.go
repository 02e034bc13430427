package webhooks

import (
	"slices"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// rule is a rule with its check. Its findings are errors when OpenIM doesn't
// start with the file, can't reach the receiver or never sends what the file
// switches on; warnings when it works, but not as the file reads; notes are
// worth knowing.
type rule struct {
	validate.Rule
	check func(*pass)
}

func newRule(id string, severity validate.Severity, source, title string, check func(*pass)) *rule {
	return &rule{validate.Rule{ID: id, Contract: validate.Running, About: validate.AboutFile, Severity: severity, Title: title, Source: source}, check}
}

// rules in the order in which they run. A new rule is a line in one of the lists.
var rules = slices.Concat(keyRules, valueRules, urlRules, effectRules, filterRules, upgradeRules)

// Rules returns all rules in the order in which they run.
func Rules() []*validate.Rule {
	all := make([]*validate.Rule, len(rules))
	for i, r := range rules {
		all[i] = &r.Rule
	}
	return all
}

// LintOptions say for which version to check a file.
type LintOptions struct {
	// Server is the release that reads the file. The zero value is
	// fixtures.DefaultRelease.
	Server fixtures.Release
	// From is the version from which one moves to Server; nil: no upgrade check.
	From *fixtures.Release
}

// Lint checks the file for a version. The worst findings come first.
func (f *File) Lint(o LintOptions) []validate.Finding {
	w := f.as(o.Server)
	p := &pass{view: w, v: w.v, on: w.switchedOn(), options: o}
	for _, e := range w.entries {
		if e.wanted() {
			p.wanted = append(p.wanted, e)
		}
	}
	for _, r := range rules {
		if p.rule = r; !slices.Contains(urlRules, r) || !w.ownURL() {
			r.check(p)
		}
	}
	validate.SortFindings(p.findings)
	return p.findings
}

// pass is one run of the rules over a file.
type pass struct {
	view    *view
	v       fixtures.Release
	options LintOptions
	// wanted are the entries that someone switched on, on is what that switches
	// on in the version.
	wanted []*entry
	on     []Enabled

	rule     *rule
	findings []validate.Finding
}

func (p *pass) report(at place, message, hint words.Text) *validate.Finding {
	origin := p.view.file.where(at.Place)
	if origin.Pointer == "" {
		origin.Pointer = validate.Pointer(at.keys...)
	}
	p.findings = append(p.findings, validate.Finding{
		Rule: p.rule.ID, Severity: p.rule.Severity, Contract: p.rule.Contract, About: p.rule.About, Source: p.rule.Source,
		Place: origin.Place, Message: message, Hint: hint, Excerpt: origin.Excerpt,
	})
	return &p.findings[len(p.findings)-1]
}

// whole is the place of a finding about the file or a section.
func whole(at yamlfile.Place) place { return place{Place: at} }

// severity is that of a finding about the entry: on if it is on, else off.
func (e *entry) severity(on, off validate.Severity) validate.Severity {
	if e.on() {
		return on
	}
	return off
}

func names(entries []*entry) []string {
	return words.Names(entries, func(e *entry) string { return e.name })
}

// Sources of rules.
const (
	sourceConfig  = "open-im-server: pkg/common/config/config.go and the shipped configuration of each version"
	sourceLoader  = "open-im-server: pkg/common/config, tried with viper 1.18.2, mapstructure 1.5.0 and yaml.v3"
	sourceClient  = "open-im-server: the webhook client of each version; sent by running servers"
	sourceFilters = "open-im-server: internal/rpc/msg/callback.go and filter.go of each version"
	sourceHandler = "open-im-server: the callers of the webhook client in each version"
)
