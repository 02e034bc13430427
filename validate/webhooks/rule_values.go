package webhooks

import (
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

var valueRules = []*rule{
	newRule("lint-value-type", validate.Error, sourceLoader, "a value of the wrong type, with which OpenIM does not start", (*pass).valueTypes),
	newRule("lint-deniedtypes-range", validate.Error, sourceLoader, "a range in deniedTypes, with which main does not start", (*pass).deniedTypesRanges),
	newRule("lint-odd-value", validate.Warning, sourceLoader, "a value that OpenIM reads otherwise than it looks", (*pass).oddValues),
}

// valueHints say what to write, by setting.
var valueHints = map[string]words.Text{
	"enable":         say("value-type.hint-flag"),
	"failedContinue": say("value-type.hint-flag"),
	"timeout":        say("value-type.hint-seconds"),
	"deniedTypes":    say("value-type.hint-numbers"),
	"attentionIds":   say("value-type.hint-list"),
	"allowedTypes":   say("value-type.hint-list"),
}

func (p *pass) valueTypes() {
	if url := p.view.url; url != nil && url.value.hasParts() {
		p.wontLoad(place{url.value.Place, []string{"url"}}, say("value-type.url", "server", p.v, "value", url.value.kind.Text()), say("value-type.hint-url", "url", validate.ExampleURL))
	}
	p.eachValue(func(s *setting) {
		if !s.wrong.IsZero() && !s.ranges {
			p.wontLoad(s.valuePlace(), s.wrong, valueHints[s.known])
		}
	})
	for _, e := range p.view.entries {
		if e.value.kind != yamlfile.Mapping && e.value.kind != yamlfile.Null && p.view.decoded(e) {
			p.wontLoad(place{e.value.Place, []string{e.name}}, say("value-type.settings", "server", p.v, "value", e.value.shown()), say("value-type.hint-settings"))
		}
	}
}

func (p *pass) wontLoad(at place, why, hint words.Text) {
	message := say("value-type", "why", why)
	if at.Line < 0 {
		message = say("value-type.variable", "why", why)
	}
	p.report(at, message, hint).Fatal = true
}

// eachValue yields the settings that the version reads.
func (p *pass) eachValue(yield func(*setting)) {
	for _, e := range p.view.entries {
		for _, s := range e.settings {
			if s.isRead && p.view.decoded(e) {
				yield(s)
			}
		}
	}
}

func (p *pass) deniedTypesRanges() {
	p.eachValue(func(s *setting) {
		if s.ranges {
			p.report(s.valuePlace(), say("deniedtypes-range", "server", p.v), say("deniedtypes-range.hint")).Fatal = true
		}
	})
}

func (p *pass) oddValues() {
	p.eachValue(func(s *setting) {
		if !s.odd.IsZero() {
			p.report(s.valuePlace(), s.odd, valueHints[s.known])
		}
	})
}
