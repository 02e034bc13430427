package webhooks

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

var keyRules = []*rule{
	newRule("lint-callback-wrapper", validate.Error, sourceConfig, `a "callback:" section, which 3.7 and later don't read`, (*pass).callbackWrapper),
	newRule("lint-no-callback-section", validate.Error, sourceConfig, `no "callback:" section, the only place that 3.5 and 3.6 read`, (*pass).noCallbackSection),
	newRule("lint-extra-document", validate.Warning, sourceLoader, `settings after a line "---", which no version reads`, (*pass).extraDocument),
	newRule("lint-duplicate-key", validate.Error, sourceLoader, "a key that stands twice", (*pass).duplicateKeys),
	newRule("lint-unknown-key", validate.Error, sourceConfig, "a key that the version doesn't know", (*pass).unknownKeys),
	newRule("lint-renamed-key", validate.Error, sourceConfig, "a key of another version, or a command in place of the key", (*pass).renamedKeys),
	newRule("lint-unknown-setting", validate.Warning, sourceConfig, "a setting that the version doesn't read there", (*pass).unknownSettings),
	newRule("lint-failedcontinue-after", validate.Note, sourceConfig, "failedContinue in an after callback, which has no such setting since 3.7", (*pass).failedContinueAfter),
	newRule("lint-allowedtypes-dropped", validate.Warning, sourceConfig, "allowedTypes, which main no longer reads", (*pass).allowedTypesDropped),
}

func (p *pass) callbackWrapper() {
	wrapper := p.view.file.wrapper
	if !p.view.flat || wrapper == nil {
		return
	}
	message := say("callback-wrapper", "server", p.v)
	if p.view.file.hasFlat() {
		message = say("callback-wrapper.beside", "server", p.v)
	}
	p.report(place{wrapper.Place, []string{wrapperKey}}, message, say("callback-wrapper.hint"))
}

func (p *pass) noCallbackSection() {
	if !p.view.flat && p.view.file.wrapper == nil {
		p.report(whole(p.view.file.root.Place), say("no-callback-section", "server", p.v), say("no-callback-section.hint"))
	}
}

func (p *pass) extraDocument() {
	if p.view.file.more.Line > 0 {
		p.report(whole(p.view.file.more), say("extra-document"), say("extra-document.hint"))
	}
}

func (p *pass) duplicateKeys() {
	root := &p.view.file.root
	if p.view.holder != root {
		p.duplicates(root, 0)
	}
	p.duplicates(p.view.holder, 1)
}

// duplicates reports the keys that a mapping has twice, and those below it.
// Settings are that many levels below; what is further in, viper decodes, too.
func (p *pass) duplicates(v *value, levels int, parents ...string) {
	exact, same := make(map[string]*member), make(map[string]*member)
	for i := range v.members {
		m := &v.members[i]
		if m.merged || v.alias {
			continue
		}
		at, name := place{m.Place, append(parents, m.name)}, p.view.folded(m.name)
		first, like := exact[m.name], same[name]
		switch {
		case first != nil:
			p.report(at, say("duplicate-key", "key", short(m.name), "line", first.Line), say("duplicate-key.hint")).Fatal = true
		case like != nil && levels >= 0:
			p.report(at, say("duplicate-key.case", "server", p.v, "key", short(m.name), "other", short(like.name), "line", like.Line), say("duplicate-key.hint"))
		}
		exact[m.name], same[name] = cmp.Or(first, m), cmp.Or(like, m)
		if &m.value != p.view.holder && (levels > 0 || p.view.flat) {
			p.duplicates(&m.value, levels-1, at.keys...)
		}
	}
	for i := range v.items {
		p.duplicates(&v.items[i], -1, append(parents, strconv.Itoa(i))...)
	}
}

func (p *pass) unknownKeys() {
	for _, e := range p.view.entries {
		off := validate.Warning
		var message, hint words.Text
		switch key := short(e.name); e.status {
		case unknown:
			if strings.HasPrefix(e.name, "x-") { // where people keep YAML anchors
				continue
			}
			message, hint = say("unknown-key", "key", key), didYouMean(e.name, keysIn(p.v), say("unknown-key.hint"))
		case documented:
			message, hint = say("unknown-key.documented", "key", key), say("hint.delete")
			if e.callback.Instead != "" {
				hint = say("unknown-key.hint-instead", "key", e.callback.Instead)
			}
		case elsewhere:
			off = validate.Note
			message, hint = say("unknown-key.elsewhere", "server", p.v, "key", key, "since", hasSince(e.callback)), say("unknown-key.hint-elsewhere")
		default:
			continue
		}
		p.report(e.place(), message, hint).Severity = e.severity(validate.Error, off)
	}
}

// didYouMean is a hint with the names most like a wrong one, or another one if
// there are none.
func didYouMean(name string, known []string, none words.Text) words.Text {
	if near := words.Nearest(name, known); len(near) > 0 {
		return say("hint.did-you-mean", "names", near)
	}
	return none
}

// hasSince says which versions have a callback.
func hasSince(c *fixtures.Callback) words.Text {
	s, newest := spanOf(c), fixtures.Newest()
	if s.Since != nil && *s.Since == newest {
		return say("unknown-key.new", "server", newest)
	}
	return say("unknown-key.versions", "versions", s)
}

func (p *pass) renamedKeys() {
	for _, e := range p.view.entries {
		if e.status == renamed && (e.on() || !p.inTemplate(e.name)) {
			p.report(e.place(),
				say("renamed-key", "server", p.v, "key", short(e.name)), say("renamed-key.hint", "key", keyIn(e.callback, p.v))).Severity = e.severity(validate.Error, validate.Warning)
		}
	}
}

// inTemplate reports keys that the template of 3.5 and 3.6 ships beside the
// right ones, switched off.
func (p *pass) inTemplate(name string) bool {
	return !p.view.flat && slices.Contains([]string{
		"afterGroupMsgRead", "afterJoinGroup", "beforeSetFriendRemark", "afterSetFriendRemark",
	}, name)
}

func (p *pass) unknownSettings() {
	for _, e := range p.view.entries {
		if e.status == unknown || e.status == documented {
			continue
		}
		for _, s := range e.settings {
			switch {
			case s.known == "":
				p.unknownSetting(s)
			case s.isRead, s.known == "failedContinue", s.known == "allowedTypes" && dropped(s.known, p.v):
				// The last two have rules of their own.
			default:
				severity := validate.Warning
				if len(s.items) == 0 {
					severity = validate.Note
				}
				p.report(s.place(), say("unknown-setting.elsewhere", "server", p.v, "setting", s.known, "versions", settingVersions[s.known]), say("hint.delete")).Severity = severity
			}
		}
	}
}

// settingVersions says which versions read a setting.
var settingVersions = map[string]words.Text{
	"attentionIds": say("unknown-setting.attentionids"),
	"deniedTypes":  say("unknown-setting.deniedtypes"),
	"allowedTypes": say("unknown-setting.allowedtypes"),
}

func (p *pass) unknownSetting(s *setting) {
	message, severity := say("unknown-setting", "setting", short(s.name)), validate.Warning
	if slices.Contains(words.Nearest(s.name, settingNames), "enable") && s.entry.get("enable").absent() {
		message, severity = say("unknown-setting.off", "setting", short(s.name)), validate.Error
	}
	p.report(s.place(), message, didYouMean(s.name, settingNames, say("unknown-setting.hint", "settings", settingNames))).Severity = severity
}

func (p *pass) failedContinueAfter() {
	for _, e := range p.view.entries {
		if s := e.get("failedContinue"); p.view.flat && !s.absent() && e.callback != nil && e.callback.Phase == fixtures.After {
			p.report(s.place(), say("failedcontinue-after"), say("hint.delete"))
		}
	}
}

func (p *pass) allowedTypesDropped() {
	for _, e := range p.view.entries {
		if s := e.get("allowedTypes"); dropped("allowedTypes", p.v) && len(s.items) > 0 {
			p.report(s.place(), say("allowedtypes-dropped", "server", p.v), say("allowedtypes-dropped.hint")).Severity = e.severity(validate.Warning, validate.Note)
		}
	}
}
