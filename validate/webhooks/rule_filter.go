package webhooks

import (
	"fmt"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

var ruleAttentionIDsEmpty = rule{
	Rule: validate.Rule{ID: "lint-attentionids-empty", About: validate.AboutFile, Severity: validate.Error, Source: sourceFilters,
		Title: "an empty attentionIds list, with which 3.8.0 and 3.8.1 send nothing"},
	check: func(p *pass) {
		p.eachOn("attentionIds", func(on Enabled, e *entry, m *member) {
			if on.silencedByEmptyList() {
				p.report(m.Place, validate.Finding{
					Place:   pointTo(e.name, m.name),
					Message: words.Plain(fmt.Sprintf("%s takes an empty list for \"nobody\": it never sends %s", p.server(), e.name)),
					Hint:    words.Plain("delete the line, or list the users whose messages you want"),
				})
			}
		})
	},
}

// eachOn yields the callbacks that are on and have the setting.
func (p *pass) eachOn(setting string, yield func(on Enabled, e *entry, m *member)) {
	for _, on := range p.on {
		e := p.enabledEntry(on)
		if e == nil || e.callback != on.Callback || !hasSetting(setting, on.Callback.Phase, p.v) {
			continue
		}
		if m := e.setting(setting, p.v); m != nil {
			yield(on, e, m)
		}
	}
}

var ruleAttentionIDsGroup = rule{
	Rule: validate.Rule{ID: "lint-attentionids-group", About: validate.AboutFile, Severity: validate.Error, Source: sourceFilters,
		Title: "attentionIds in afterSendGroupMsg, which silences it on main"},
	check: func(p *pass) {
		p.eachOn("attentionIds", func(on Enabled, e *entry, m *member) {
			if on.attention() != validate.AttentionGroup || len(on.AttentionIDs) == 0 {
				return
			}
			f := validate.Finding{
				Place:   pointTo(e.name, m.name),
				Message: words.Plain(p.server() + " compares attentionIds with the receiver, which a group message doesn't have: it never sends " + e.name),
				Hint:    words.Plain("delete the line and pick the groups in the receiver"),
			}
			if !p.v.Filter().ReceiverOnly {
				f.Severity = validate.Warning
				f.Message = words.Plain(p.server() + " compares attentionIds with the sender of a group message only: group ids and other members don't match")
				f.Hint = words.Plain("list senders, or delete the line and pick the groups in the receiver")
			}
			p.report(m.Place, f)
		})
	},
}

var ruleAttentionIDsReceiver = rule{
	Rule: validate.Rule{ID: "lint-attentionids-receiver", About: validate.AboutFile, Severity: validate.Note, Source: sourceFilters,
		Title: "attentionIds in afterSendSingleMsg, which main compares with the receiver only"},
	check: func(p *pass) {
		p.eachOn("attentionIds", func(on Enabled, e *entry, m *member) {
			if on.attention() == validate.AttentionSingle && p.v.Filter().ReceiverOnly && len(on.AttentionIDs) > 0 {
				p.report(m.Place, validate.Finding{
					Place:   pointTo(e.name, m.name),
					Message: words.Plain(p.server() + " sends the messages to these users, not those from them; up to 3.8.3-patch.16 it is both"),
					Hint:    words.Plain("to see what they send, list whom they write to, or delete the line"),
				})
			}
		})
	},
}

var ruleAttentionIDsIgnored = rule{
	Rule: validate.Rule{ID: "lint-attentionids-ignored", About: validate.AboutFile, Severity: validate.Warning, Source: sourceFilters,
		Title: "attentionIds where the version filters nothing by it"},
	check: func(p *pass) {
		p.eachOn("attentionIds", func(on Enabled, e *entry, m *member) {
			how := on.attention()
			if len(on.AttentionIDs) == 0 || how == validate.AttentionSingle || how == validate.AttentionGroup {
				return
			}
			p.report(m.Place, validate.Finding{
				Place:   pointTo(e.name, m.name),
				Message: words.Plain(fmt.Sprintf("%s does not filter %s by attentionIds: it sends it for everyone", p.server(), e.name)),
				Hint:    words.Plain("delete the line and pick in the receiver"),
			})
		})
	},
}

// eachTypes yields the lists of content types of callbacks that are on.
func (p *pass) eachTypes(yield func(on Enabled, e *entry, m *member, types []string)) {
	p.eachOn("deniedTypes", func(on Enabled, e *entry, m *member) { yield(on, e, m, on.DeniedTypes) })
	p.eachOn("allowedTypes", func(on Enabled, e *entry, m *member) { yield(on, e, m, on.AllowedTypes) })
}

var ruleTypesIgnored = rule{
	Rule: validate.Rule{ID: "lint-types-ignored", About: validate.AboutFile, Severity: validate.Warning, Source: sourceFilters,
		Title: "content types in a callback that OpenIM doesn't filter by them"},
	check: func(p *pass) {
		p.eachTypes(func(on Enabled, e *entry, m *member, types []string) {
			if len(types) > 0 && !on.filters() {
				p.report(m.Place, validate.Finding{
					Place:   pointTo(e.name, m.name),
					Message: words.Plain(fmt.Sprintf("OpenIM does not filter %s by content type: the list has no effect", e.name)),
					Hint:    words.Plain("delete the line; the callbacks that are filtered are before and after send, and beforeMsgModify"),
				})
			}
		})
	},
}

var ruleTypesValue = rule{
	Rule: validate.Rule{ID: "lint-types-value", About: validate.AboutFile, Severity: validate.Warning, Source: sourceFilters,
		Title: "an entry that is neither a content type nor a range, which OpenIM skips"},
	check: func(p *pass) {
		p.eachTypes(func(on Enabled, e *entry, m *member, types []string) {
			if !on.filters() {
				return
			}
			for _, t := range types {
				if low, high, ok := typeRange(t); !ok || low > high {
					p.report(m.Place, validate.Finding{
						Place:   pointTo(e.name, m.name),
						Message: words.Plain(fmt.Sprintf("%s is neither a content type nor a range: OpenIM skips it", quote(t))),
						Hint:    words.Plain(`write a number like 101, or a range like 200-500 without spaces`),
					})
				}
			}
		})
	},
}

var ruleTypesBlockAll = rule{
	Rule: validate.Rule{ID: "lint-types-block-all", About: validate.AboutFile, Severity: validate.Error, Source: sourceFilters,
		Title: "content type lists that leave no message"},
	check: func(p *pass) {
		for _, on := range p.on {
			e := p.enabledEntry(on)
			if e == nil || !on.typesBlockAll() {
				continue
			}
			why := "no content type passes both lists"
			if on.textOnly() {
				why = "up to 3.8.3-patch.16 the callback is for text messages (101) only, and the lists leave them out"
			}
			p.report(e.Place, validate.Finding{
				Place: pointTo(e.name), Message: words.Plain(fmt.Sprintf("%s never sends %s: %s", p.server(), e.name, why)),
				Hint: words.Plain("let at least one content type through"),
			})
		}
	},
}
