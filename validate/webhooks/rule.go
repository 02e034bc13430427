package webhooks

import (
	"fmt"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
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

// LintOptions say for which version to check a file.
type LintOptions struct {
	// Server is the release that reads the file. The zero value is
	// fixtures.DefaultRelease.
	Server fixtures.Release
	// From is the version from which one moves to Server; nil: no upgrade check.
	From *fixtures.Release
}

// rules in the order in which they run. A new rule is one value and its name
// here.
var rules = []*rule{
	&ruleCallbackWrapper, &ruleNoCallbackSection, &ruleExtraDocument, &ruleDuplicateKey,
	&ruleUnknownKey, &ruleRenamedKey, &ruleUnknownSetting, &ruleFailedContinueAfter, &ruleAllowedTypesDropped,
	&ruleValueType, &ruleDeniedTypesRange, &ruleOddValue,
	&ruleURLMissing, &ruleWebhookScheme, &ruleURLInvalid, &ruleQueryInURL, &ruleTrailingSlash, &ruleLoopbackURL,
	&ruleTimeoutOver15, &ruleTimeoutZero, &ruleFailedContinueNoEffect,
	&ruleDrivesNothing, &ruleNothingEnabled, &ruleSettingsMixup,
	&ruleAttentionIDsEmpty, &ruleAttentionIDsGroup, &ruleAttentionIDsReceiver, &ruleAttentionIDsIgnored,
	&ruleTypesIgnored, &ruleTypesValue, &ruleTypesBlockAll,
	&ruleUpgradeRefusal, &ruleUpgradeFailure, &ruleUpgradeAfter, &ruleUpgradeCommand, &ruleUpgradeNowSent,
	&ruleUpgradeAttentionIDs, &ruleUpgradeNotifications, &ruleUpgradeMsgModify, &ruleUpgradeErrCodeZero, &ruleUpgradeKeyQuery,
}

// Rules returns all rules in the order in which they run.
func Rules() []*validate.Rule {
	all := make([]*validate.Rule, len(rules))
	for i, r := range rules {
		all[i] = &r.Rule
	}
	return all
}

// Lint checks the file for a version. The findings are ordered by line.
func (f *File) Lint(o LintOptions) []validate.Finding {
	o.Server = o.Server.OrDefault()
	p := &pass{file: f, options: o, v: o.Server, entries: f.entries(o.Server), on: f.SwitchedOn(o.Server)}
	p.wanted = wantedIn(p.entries, p.v)
	for _, r := range rules {
		p.rule = r
		r.check(p)
	}
	validate.SortFindings(p.findings)
	return p.findings
}

// pass is one run of the rules over a file.
type pass struct {
	file    *File
	options LintOptions
	v       fixtures.Release
	entries []entry
	// wanted are the entries that someone switched on, under whatever name.
	wanted []entry
	// on is what that switches on in the version.
	on       []Enabled
	rule     *rule
	findings []validate.Finding
}

func wantedIn(entries []entry, v fixtures.Release) []entry {
	var wanted []entry
	for _, e := range entries {
		if on, _ := loadBool(e.read("enable", v), v); on && e.callback != nil && e.status != documented && e.status != dead {
			wanted = append(wanted, e)
		}
	}
	return wanted
}

// report adds a finding of the rule that runs.
func (p *pass) report(at yamlfile.Place, f validate.Finding) {
	f.Rule, f.Source, f.About = p.rule.ID, p.rule.Source, p.rule.About
	if f.Severity == "" {
		f.Severity = p.rule.Severity
	}
	f.Place.File, f.Place.Line, f.Place.Column = p.file.Name, max(at.Line, 1), max(at.Col, 1)
	f.Excerpt = p.file.Line(f.Place.Line)
	p.findings = append(p.findings, f)
}

// pointTo is the place of a setting, by the keys that lead to it.
func pointTo(keys ...string) validate.Place {
	return validate.Place{Pointer: validate.Pointer(keys...)}
}

// server names the version in a message.
func (p *pass) server() string { return "OpenIM " + p.v.String() }

// settingAt is where an entry's setting stands; the entry itself if it has no
// such setting.
func (p *pass) settingAt(e *entry, name string) yamlfile.Place {
	if m := e.setting(name, p.v); m != nil {
		return m.Place
	}
	return e.Place
}

// enabledEntry finds the entry of a callback that is on.
func (p *pass) enabledEntry(on Enabled) *entry {
	for i := range p.entries {
		if p.entries[i].name == on.Key && p.entries[i].Line == on.Line {
			return &p.entries[i]
		}
	}
	return nil
}

// begins reports whether the upgrade leads from a version that does not do
// something to one that does.
func (p *pass) begins(does func(fixtures.Release) bool) bool {
	from := p.options.From
	return from != nil && *from < p.v && !does(*from) && does(p.v)
}

// ends is begins the other way round.
func (p *pass) ends(does func(fixtures.Release) bool) bool {
	return p.begins(func(v fixtures.Release) bool { return !does(v) })
}

// judging is a question to the server of a version.
func judging(ask func(validate.Server) bool) func(fixtures.Release) bool {
	return func(v fixtures.Release) bool { return ask(validate.On(v)) }
}

// named lists keys for a message: "a, b and 3 more".
func named(keys []string) string {
	const shown = 3
	switch {
	case len(keys) > shown+1:
		return fmt.Sprintf("%s and %d more", strings.Join(keys[:shown], ", "), len(keys)-shown)
	case len(keys) > 1:
		last := len(keys) - 1
		return strings.Join(keys[:last], ", ") + " and " + keys[last]
	default:
		return strings.Join(keys, "")
	}
}

// Sources of rules.
const (
	sourceConfig  = "open-im-server: pkg/common/config/config.go and the shipped configuration of each version"
	sourceLoader  = "open-im-server: pkg/common/config, tried with viper 1.18.2, mapstructure 1.5.0 and yaml.v3"
	sourceClient  = "open-im-server: the webhook client of each version; sent by running servers"
	sourceFilters = "open-im-server: internal/rpc/msg/callback.go and filter.go of each version"
	sourceHandler = "open-im-server: the callers of the webhook client in each version"
)
