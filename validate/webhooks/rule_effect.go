package webhooks

import (
	"fmt"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

var ruleTimeoutOver15 = rule{
	Rule: validate.Rule{ID: "lint-timeout-over-15", About: validate.AboutFile, Severity: validate.Warning, Source: sourceClient,
		Title: "a timeout over 15 s, at which OpenIM stops waiting"},
	check: func(p *pass) {
		p.eachTimeout(func(e *entry, seconds int64) {
			if time.Duration(seconds)*time.Second <= validate.MaxTimeout {
				return
			}
			p.report(p.settingAt(e, "timeout"), validate.Finding{
				Place:   pointTo(e.name, "timeout"),
				Message: words.Plain(fmt.Sprintf("OpenIM waits 15 s at most: the rest of the %d s has no effect", seconds)),
				Hint:    words.Plain("write 15 or less, and answer sooner: work that takes longer belongs after the reply"),
			})
		})
	},
}

var ruleTimeoutZero = rule{
	Rule: validate.Rule{ID: "lint-timeout-zero", About: validate.AboutFile, Severity: validate.Warning, Source: sourceClient,
		Title: "no timeout, so that OpenIM waits 15 s for a reply"},
	check: func(p *pass) {
		p.eachTimeout(func(e *entry, seconds int64) {
			if seconds > 0 {
				return
			}
			what := "a timeout of 0 or less is none"
			if m := e.setting("timeout", p.v); m == nil || m.value.kind == null {
				what = "there is no timeout"
			}
			p.report(p.settingAt(e, "timeout"), validate.Finding{
				Place:   pointTo(e.name, "timeout"),
				Message: words.Plain(what + ": OpenIM waits up to 15 s for a reply"),
				Hint:    words.Plain("write timeout: 5, as OpenIM ships it"),
			})
		})
	},
}

// eachTimeout yields the timeouts of the entries that are on, where they can
// be read.
func (p *pass) eachTimeout(yield func(e *entry, seconds int64)) {
	for i := range p.wanted {
		e := &p.wanted[i]
		if seconds, l := loadSeconds(e.read("timeout", p.v), p.v); l.wrong == "" {
			yield(e, seconds)
		}
	}
}

var ruleFailedContinueNoEffect = rule{
	Rule: validate.Rule{ID: "lint-failedcontinue-no-effect", About: validate.AboutFile, Severity: validate.Warning, Source: sourceHandler,
		Title: "failedContinue: true, which nothing reads since 3.7"},
	check: func(p *pass) {
		if formOf(p.v) == section {
			return
		}
		var keys []string
		var first *entry
		for i := range p.wanted {
			e := &p.wanted[i]
			if e.callback.Phase != fixtures.Before {
				continue
			}
			if yes, _ := loadBool(e.read("failedContinue", p.v), p.v); !yes {
				continue
			}
			if first == nil {
				first = e
			}
			keys = append(keys, e.name)
		}
		if first == nil {
			return
		}
		p.report(p.settingAt(first, "failedContinue"), validate.Finding{
			Place: pointTo(first.name, "failedContinue"),
			Message: words.Plain(fmt.Sprintf("nothing reads failedContinue since 3.7: while the receiver is down, slow or answers no JSON, "+
				"OpenIM blocks what %s decide%s on (errCode 90004 or 90007)", named(keys), singular(keys))),
			Hint: words.Plain("treat the receiver as part of OpenIM: keep timeouts short, and switch off what may not block"),
		})
	},
}

func singular(keys []string) string {
	if len(keys) == 1 {
		return "s"
	}
	return ""
}

var ruleDrivesNothing = rule{
	Rule: validate.Rule{ID: "lint-drives-nothing", About: validate.AboutFile, Severity: validate.Error, Source: sourceHandler,
		Title: "a callback that is on, but that the version never sends"},
	check: func(p *pass) {
		for i := range p.entries {
			e := &p.entries[i]
			if e.status == dead && p.isOn(e) {
				p.report(e.Place, validate.Finding{
					Place: pointTo(e.name), Message: words.Plain(fmt.Sprintf("no version of OpenIM does anything with %s: no callback is sent", e.name)),
					Hint: words.Plain(insteadOf(e.name, p.v)),
				})
			}
		}
		for _, on := range p.on {
			e := p.enabledEntry(on)
			if on.Callback.SentBy(p.v) || e == nil {
				continue
			}
			p.report(e.Place, validate.Finding{
				Place: pointTo(e.name), Message: words.Plain(fmt.Sprintf("%s knows %s, but never sends it", p.server(), e.name)),
				Hint: words.Plain(sentByOthers(on.Callback, p.v)),
			})
		}
	},
}

func insteadOf(key string, v fixtures.Release) string {
	if c := meaningOf("afterRevokeMsg"); key == "afterGroupMsgRevoke" {
		return fmt.Sprintf("switch on %s, which is sent for groups, too (as %s)", keyIn(c, v), c.Command(v))
	}
	return "delete it"
}

// sentByOthers says which versions do send a callback.
func sentByOthers(c *fixtures.Callback, v fixtures.Release) string {
	hint := "switch it off: no version sends it"
	for _, other := range fixtures.Releases() {
		switch {
		case !c.SentBy(other):
		case other > v:
			return fmt.Sprintf("switch it off, or upgrade: OpenIM %s sends it", other)
		default:
			hint = fmt.Sprintf("switch it off: OpenIM %s was the last to send it", other)
		}
	}
	return hint
}

var ruleNothingEnabled = rule{
	Rule: validate.Rule{ID: "lint-nothing-enabled", About: validate.AboutFile, Severity: validate.Note, Source: sourceConfig,
		Title: "no callback is on"},
	check: func(p *pass) {
		for i := range p.entries {
			if p.isOn(&p.entries[i]) {
				return
			}
		}
		p.report(p.file.holder(p.v).Place, validate.Finding{
			Message: words.Plain("no callback is on: OpenIM sends nothing"),
			Hint:    words.Plain("write enable: true below the callbacks that you want"),
		})
	},
}

var ruleSettingsMixup = rule{
	Rule: validate.Rule{ID: "lint-settings-mixup", About: validate.AboutFile, Severity: validate.Warning, Source: sourceHandler,
		Title: "settings that 3.5 and 3.6 take from another callback"},
	check: func(p *pass) {
		if formOf(p.v) == flat {
			return
		}
		for _, b := range p.file.blocks(p.v) {
			p.enabledElsewhere(b)
			p.timedElsewhere(b)
		}
	},
}

func (p *pass) enabledElsewhere(b block) {
	enable, _ := crossed(b.callback, p.v)
	own, _ := loadBool(b.own.read("enable", p.v), p.v)
	if enable == b.callback.Key || b.own == b.enables || own == b.enable(p.v) {
		return
	}
	key := keyIn(meaningOf(enable), p.v)
	p.report(p.settingAt(b.own, "enable"), validate.Finding{
		Place: pointTo(b.own.name, "enable"),
		Message: words.Plain(fmt.Sprintf("%s does not read this line: %s is %s, because %s is",
			p.server(), b.own.name, onOff(b.enable(p.v)), key)),
		Hint: words.Plain("give both the same value"),
	})
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func (p *pass) timedElsewhere(b block) {
	_, settings := crossed(b.callback, p.v)
	if settings == b.callback.Key || !b.enable(p.v) || b.own == b.settings {
		return
	}
	ownTime, _ := loadSeconds(b.own.read("timeout", p.v), p.v)
	usedTime, _ := loadSeconds(b.settings.read("timeout", p.v), p.v)
	ownGoOn, _ := loadBool(b.own.read("failedContinue", p.v), p.v)
	goOn, _ := loadBool(b.settings.read("failedContinue", p.v), p.v)
	if ownTime == usedTime && ownGoOn == goOn {
		return
	}
	p.report(p.settingAt(b.own, "timeout"), validate.Finding{
		Place: pointTo(b.own.name, "timeout"),
		Message: words.Plain(fmt.Sprintf("%s takes timeout and failedContinue of %s from %s: %d s and %t",
			p.server(), b.own.name, keyIn(meaningOf(settings), p.v), usedTime, goOn)),
		Hint: words.Plain("give both the same values"),
	})
}
