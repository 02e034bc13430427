package webhooks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

var ruleValueType = rule{
	Rule: validate.Rule{ID: "lint-value-type", About: validate.AboutFile, Severity: validate.Error, Source: sourceLoader,
		Title: "a value of the wrong type, with which OpenIM does not start"},
	check: func(p *pass) {
		if m := p.file.urlSetting(p.v); m != nil && (m.value.kind == list || m.value.kind == mapping) {
			p.wontLoad(m.value.Place, "can't read "+string(m.value.kind)+" as a URL", "url")
		}
		p.eachValue(func(e *entry, m member, l loaded) {
			if l.wrong != "" && !isLostRange(m, p.v) {
				p.wontLoad(m.value.Place, l.wrong, e.name, m.name)
			}
		})
		for i := range p.entries {
			e := &p.entries[i]
			if e.value.kind != mapping && e.value.kind != null && p.decoded(e) {
				p.wontLoad(e.value.Place, fmt.Sprintf("can't read %s as settings", describe(e.value)), e.name)
			}
		}
	},
}

func (p *pass) wontLoad(at yamlfile.Place, why string, keys ...string) {
	p.report(at, validate.Finding{
		Place: pointTo(keys...), Fatal: true,
		Message: words.Plain(fmt.Sprintf("%s %s: it does not start with this file", p.server(), why)),
		Hint:    words.Plain(wantedValue(keys...)),
	})
}

// wantedValue says what to write for a setting, by the keys that lead to it.
func wantedValue(keys ...string) string {
	switch strings.ToLower(keys[len(keys)-1]) {
	case "url":
		return "write " + exampleURL
	case "enable", "failedcontinue":
		return "write true or false, without quotes"
	case "timeout":
		return "write whole seconds without a unit, for example 5"
	case "deniedtypes":
		return "write a list of numbers, for example [106, 110]"
	case "attentionids", "allowedtypes":
		return "write a list, for example [a, b]"
	default:
		return "write its settings in indented lines below it: enable, timeout"
	}
}

// decoded reports whether the version reads the entry into its configuration;
// what it doesn't know it skips, whatever the type.
func (p *pass) decoded(e *entry) bool {
	return e.status == live || (e.status == dead && formOf(p.v) == flat)
}

// eachValue yields the settings that the version reads, and what it makes of
// their values.
func (p *pass) eachValue(yield func(*entry, member, loaded)) {
	for i := range p.entries {
		e := &p.entries[i]
		if !p.decoded(e) {
			continue
		}
		phase := fixtures.After
		if e.callback != nil {
			phase = e.callback.Phase
		}
		for _, m := range e.value.members {
			if name, ok := canonicalSetting(m.name, p.v); ok && hasSetting(name, phase, p.v) {
				yield(e, m, loadSetting(name, m.value, p.v))
			}
		}
	}
}

func loadSetting(name string, x value, v fixtures.Release) (l loaded) {
	switch name {
	case "enable", "failedContinue":
		_, l = loadBool(x, v)
	case "timeout":
		_, l = loadSeconds(x, v)
	case "deniedTypes":
		_, l = loadTypes(x, v)
	default:
		_, l = loadList(x)
	}
	return l
}

// isLostRange reports whether a value has ranges of content types, which the
// version does not understand, but earlier ones do.
func isLostRange(m member, v fixtures.Release) bool {
	if !v.Config().NumberTypes || !strings.EqualFold(m.name, "deniedTypes") {
		return false
	}
	items, _ := loadList(m.value)
	return slices.ContainsFunc(items, func(item string) bool {
		_, _, ok := typeRange(item)
		return ok && strings.Contains(item, "-")
	})
}

var ruleDeniedTypesRange = rule{
	Rule: validate.Rule{ID: "lint-deniedtypes-range", About: validate.AboutFile, Severity: validate.Error, Source: sourceLoader,
		Title: "a range in deniedTypes, with which main does not start"},
	check: func(p *pass) {
		p.eachValue(func(e *entry, m member, l loaded) {
			if l.wrong != "" && isLostRange(m, p.v) {
				p.report(m.value.Place, validate.Finding{
					Place: pointTo(e.name, m.name), Fatal: true,
					Message: words.Plain(p.server() + " reads deniedTypes as numbers and knows no ranges any more: it does not start with this file"),
					Hint:    words.Plain("list each content type, for example [106, 110]; main leaves out typing (113) and notifications (1000 to 5000) anyway"),
				})
			}
		})
	},
}

var ruleOddValue = rule{
	Rule: validate.Rule{ID: "lint-odd-value", About: validate.AboutFile, Severity: validate.Warning, Source: sourceLoader,
		Title: "a value that OpenIM reads otherwise than it looks"},
	check: func(p *pass) {
		p.eachValue(func(e *entry, m member, l loaded) {
			if l.odd != "" {
				p.report(m.value.Place, validate.Finding{
					Place:   pointTo(e.name, m.name),
					Message: words.Plain(fmt.Sprintf("%s %s", p.server(), l.odd)),
					Hint:    words.Plain(wantedValue(e.name, m.name)),
				})
			}
		})
	},
}
