package webhooks

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

var ruleCallbackWrapper = rule{
	Rule: validate.Rule{ID: "lint-callback-wrapper", About: validate.AboutFile, Severity: validate.Error, Source: sourceConfig,
		Title: `a "callback:" section, which 3.7 and later don't read`},
	check: func(p *pass) {
		if formOf(p.v) == section || p.file.wrapper == nil {
			return
		}
		consequence := "it sends no callback"
		if p.file.hasFlat() {
			consequence = "what stands in it has no effect"
		}
		p.report(p.file.wrapper.Place, validate.Finding{
			Place:   pointTo(wrapperKey),
			Message: words.Plain(fmt.Sprintf("%s reads no section %q: %s", p.server(), wrapperKey+":", consequence)),
			Hint:    words.Plain(`delete the line "callback:" and move the lines below it to the left margin`),
		})
	},
}

var ruleNoCallbackSection = rule{
	Rule: validate.Rule{ID: "lint-no-callback-section", About: validate.AboutFile, Severity: validate.Error, Source: sourceConfig,
		Title: `no "callback:" section, the only place that 3.5 and 3.6 read`},
	check: func(p *pass) {
		if formOf(p.v) == flat || p.file.wrapper != nil {
			return
		}
		p.report(p.file.root.Place, validate.Finding{
			Message: words.Plain(fmt.Sprintf("%s reads its callbacks from the section %q of config.yaml: it reads nothing here", p.server(), wrapperKey+":")),
			Hint:    words.Plain(`put "callback:" above the settings and indent them, or choose another --server`),
		})
	},
}

var ruleExtraDocument = rule{
	Rule: validate.Rule{ID: "lint-extra-document", About: validate.AboutFile, Severity: validate.Warning, Source: sourceLoader,
		Title: `settings after a line "---", which no version reads`},
	check: func(p *pass) {
		if p.file.more.Line > 0 {
			p.report(p.file.more, validate.Finding{
				Message: words.Plain(`OpenIM reads the file up to the line "---": what follows has no effect`),
				Hint:    words.Plain(`delete the line "---"`),
			})
		}
	},
}

var ruleDuplicateKey = rule{
	Rule: validate.Rule{ID: "lint-duplicate-key", About: validate.AboutFile, Severity: validate.Error, Source: sourceLoader,
		Title: "a key that stands twice"},
	check: func(p *pass) {
		if p.file.holder(p.v) != &p.file.root {
			p.duplicates(&p.file.root, 0)
		}
		p.duplicates(p.file.holder(p.v), 1)
	},
}

// duplicates reports the keys that a mapping has twice, and those below it.
// Settings are that many levels below; what is further in, viper decodes, too.
func (p *pass) duplicates(v *value, levels int, parents ...string) {
	exact, same := make(map[string]int), make(map[string]*member)
	for i := range v.members {
		m := &v.members[i]
		name := folded(m.name, p.v)
		switch {
		case m.merged || v.alias:
			continue
		case exact[m.name] > 0:
			p.report(m.Place, validate.Finding{
				Place: pointTo(append(parents, m.name)...), Fatal: true,
				Message: words.Plain(fmt.Sprintf("%s stands in line %d already: OpenIM does not start with this file", quote(m.name), exact[m.name])),
				Hint:    words.Plain("delete one of the two"),
			})
		case same[name] != nil && levels >= 0:
			p.report(m.Place, validate.Finding{
				Place: pointTo(append(parents, m.name)...),
				Message: words.Plain(fmt.Sprintf("%s is the same key as %s in line %d: %s takes one of the two, now this, now that",
					quote(m.name), quote(same[name].name), same[name].Line, p.server())),
				Hint: words.Plain("delete one of the two"),
			})
		}
		if same[name] == nil {
			same[name] = m
		}
		exact[m.name] = cmp.Or(exact[m.name], m.Line)
		if &m.value != p.file.holder(p.v) && (levels > 0 || formOf(p.v) == flat) {
			p.duplicates(&m.value, levels-1, append(parents, m.name)...)
		}
	}
	for i := range v.items {
		p.duplicates(&v.items[i], -1, append(parents, strconv.Itoa(i))...)
	}
}

var ruleUnknownKey = rule{
	Rule: validate.Rule{ID: "lint-unknown-key", About: validate.AboutFile, Severity: validate.Error, Source: sourceConfig,
		Title: "a key that the version doesn't know"},
	check: func(p *pass) {
		for i := range p.entries {
			e := &p.entries[i]
			switch e.status {
			case unknown:
				p.unknownKey(e)
			case documented:
				p.documentedKey(e)
			case elsewhere:
				p.foreignKey(e)
			}
		}
	},
}

// isOn reports whether someone expects the entry's callback to be sent.
func (p *pass) isOn(e *entry) bool {
	on, _ := loadBool(e.read("enable", p.v), p.v)
	return on
}

// ifOn is a severity for entries that are on, and a milder one for others.
func (p *pass) ifOn(e *entry, on, off validate.Severity) validate.Severity {
	if p.isOn(e) {
		return on
	}
	return off
}

func (p *pass) unknownKey(e *entry) {
	if strings.HasPrefix(e.name, "x-") {
		return // where people keep YAML anchors
	}
	f := validate.Finding{
		Place: pointTo(e.name), Severity: p.ifOn(e, validate.Error, validate.Warning),
		Message: words.Plain(fmt.Sprintf("no version of OpenIM knows %s: it has no effect", quote(e.name))),
		Hint:    words.Plain(cmp.Or(didYouMean(e.name, keysIn(p.v)), "`imcb list` shows the keys")),
	}
	p.report(e.Place, f)
}

func (p *pass) documentedKey(e *entry) {
	f := validate.Finding{
		Place: pointTo(e.name), Severity: p.ifOn(e, validate.Error, validate.Warning),
		Message: words.Plain(fmt.Sprintf("%s is in documents only: no version of OpenIM knows it or sends such a callback", quote(e.name))),
		Hint:    words.Plain("delete it"),
	}
	if e.callback.Instead != "" {
		f.Hint = words.Plain("use " + e.callback.Instead + ", which OpenIM sends instead")
	}
	p.report(e.Place, f)
}

func (p *pass) foreignKey(e *entry) {
	p.report(e.Place, validate.Finding{
		Place: pointTo(e.name), Severity: p.ifOn(e, validate.Error, validate.Note),
		Message: words.Plain(fmt.Sprintf("%s does not know %s: it has no effect; %s", p.server(), quote(e.name), hasSince(e.callback))),
		Hint:    words.Plain("delete it, or check the file for another version with --server"),
	})
}

// hasSince says which versions have a callback.
func hasSince(c *fixtures.Callback) string {
	s := spanOf(c)
	if newest := fixtures.Newest(); s.Since != nil && *s.Since == newest {
		return "it is new in " + newest.String()
	}
	return "versions that do: " + s.String()
}

var ruleRenamedKey = rule{
	Rule: validate.Rule{ID: "lint-renamed-key", About: validate.AboutFile, Severity: validate.Error, Source: sourceConfig,
		Title: "a key of another version, or a command in place of the key"},
	check: func(p *pass) {
		for i := range p.entries {
			e := &p.entries[i]
			if e.status != renamed || (!p.isOn(e) && p.inTemplate(e.name)) {
				continue
			}
			p.report(e.Place, validate.Finding{
				Place: pointTo(e.name), Severity: p.ifOn(e, validate.Error, validate.Warning),
				Message: words.Plain(fmt.Sprintf("%s does not know %s: it has no effect", p.server(), quote(e.name))),
				Hint:    words.Plain("write " + keyIn(e.callback, p.v)),
			})
		}
	},
}

// inTemplate reports keys that the template of 3.5 and 3.6 ships beside the
// right ones, switched off.
func (p *pass) inTemplate(name string) bool {
	return formOf(p.v) == section && slices.Contains([]string{
		"afterGroupMsgRead", "afterJoinGroup", "beforeSetFriendRemark", "afterSetFriendRemark",
	}, name)
}

var ruleUnknownSetting = rule{
	Rule: validate.Rule{ID: "lint-unknown-setting", About: validate.AboutFile, Severity: validate.Warning, Source: sourceConfig,
		Title: "a setting that the version doesn't read there"},
	check: func(p *pass) {
		for i := range p.entries {
			e := &p.entries[i]
			if e.status == unknown || e.status == documented {
				continue
			}
			for _, m := range e.value.members {
				p.checkSetting(e, m)
			}
		}
	},
}

func (p *pass) checkSetting(e *entry, m member) {
	name, known := canonicalSetting(m.name, p.v)
	if !known {
		p.unknownSetting(e, m)
		return
	}
	phase := fixtures.After
	if e.callback != nil {
		phase = e.callback.Phase
	}
	// Two have rules of their own.
	if hasSetting(name, phase, p.v) || name == "failedContinue" || (name == "allowedTypes" && dropped(name, p.v)) {
		return
	}
	severity := validate.Warning
	if items, _ := loadList(m.value); len(items) == 0 {
		severity = validate.Note
	}
	p.report(m.Place, validate.Finding{
		Place: pointTo(e.name, m.name), Severity: severity,
		Message: words.Plain(fmt.Sprintf("%s reads no %s here: it has no effect; versions that do: %s", p.server(), name, settingVersions[name])),
		Hint:    words.Plain("delete it"),
	})
}

func (p *pass) unknownSetting(e *entry, m member) {
	near := didYouMean(m.name, settingNames)
	message := fmt.Sprintf("OpenIM knows no setting %s: it has no effect", quote(m.name))
	severity := validate.Warning
	if strings.Contains(near, "enable") && e.setting("enable", p.v) == nil {
		severity = validate.Error
		message += ", and the callback stays off"
	}
	p.report(m.Place, validate.Finding{
		Place: pointTo(e.name, m.name), Severity: severity, Message: words.Plain(message),
		Hint: words.Plain(cmp.Or(near, "the settings are "+strings.Join(settingNames, ", "))),
	})
}

var ruleFailedContinueAfter = rule{
	Rule: validate.Rule{ID: "lint-failedcontinue-after", About: validate.AboutFile, Severity: validate.Note, Source: sourceConfig,
		Title: "failedContinue in an after callback, which has no such setting since 3.7"},
	check: func(p *pass) {
		for i := range p.entries {
			e := &p.entries[i]
			m := e.setting("failedContinue", p.v)
			if formOf(p.v) == section || m == nil || e.callback == nil || e.callback.Phase != fixtures.After {
				continue
			}
			p.report(m.Place, validate.Finding{
				Place:   pointTo(e.name, m.name),
				Message: words.Plain("after callbacks have no failedContinue: OpenIM never waits for their reply, so a failure stops nothing"),
				Hint:    words.Plain("delete it"),
			})
		}
	},
}

var ruleAllowedTypesDropped = rule{
	Rule: validate.Rule{ID: "lint-allowedtypes-dropped", About: validate.AboutFile, Severity: validate.Warning, Source: sourceConfig,
		Title: "allowedTypes, which main no longer reads"},
	check: func(p *pass) {
		for i := range p.entries {
			e := &p.entries[i]
			m := e.setting("allowedTypes", p.v)
			if !dropped("allowedTypes", p.v) || m == nil {
				continue
			}
			if items, _ := loadList(m.value); len(items) > 0 {
				p.report(m.Place, validate.Finding{
					Place: pointTo(e.name, m.name), Severity: p.ifOn(e, validate.Warning, validate.Note),
					Message: words.Plain(p.server() + " ignores allowedTypes without a word: messages of every content type are sent"),
					Hint:    words.Plain("list what to leave out in deniedTypes, one number each"),
				})
			}
		}
	},
}
