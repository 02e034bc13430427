package webhooks

import (
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/validate"
)

var filterRules = []*rule{
	newRule("lint-attentionids-empty", validate.Error, sourceFilters, "an empty attentionIds list, with which 3.8.0 and 3.8.1 send nothing", (*pass).attentionIDsEmpty),
	newRule("lint-attentionids-group", validate.Error, sourceFilters, "attentionIds in afterSendGroupMsg, which silences it on main", (*pass).attentionIDsGroup),
	newRule("lint-attentionids-receiver", validate.Note, sourceFilters, "attentionIds in afterSendSingleMsg, which main compares with the receiver only", (*pass).attentionIDsReceiver),
	newRule("lint-attentionids-ignored", validate.Warning, sourceFilters, "attentionIds where the version filters nothing by it", (*pass).attentionIDsIgnored),
	newRule("lint-attentionids-value", validate.Error, sourceFilters, "an id in attentionIds with blanks, brackets or quotes, which no user has", (*pass).attentionIDsValue),
	newRule("lint-types-ignored", validate.Warning, sourceFilters, "content types in a callback that OpenIM doesn't filter by them", (*pass).typesIgnored),
	newRule("lint-types-value", validate.Warning, sourceFilters, "an entry that is neither a content type nor a range, which OpenIM skips", (*pass).typesValue),
	newRule("lint-types-block-all", validate.Error, sourceFilters, "content type lists that leave no message", (*pass).typesBlockAll),
}

// eachOn yields the callbacks that are on and have one of the settings.
func (p *pass) eachOn(yield func(on Enabled, s *setting), settings ...string) {
	for _, name := range settings {
		for _, on := range p.on {
			if s := on.own.read(name); !s.absent() {
				yield(on, s)
			}
		}
	}
}

func (p *pass) attentionIDsEmpty() {
	p.eachOn(func(on Enabled, s *setting) {
		if on.silencedByEmptyList() {
			p.report(s.place(), say("attentionids-empty", "server", p.v, "key", on.own.name), say("attentionids-empty.hint"))
		}
	}, "attentionIds")
}

func (p *pass) attentionIDsGroup() {
	p.eachOn(func(on Enabled, s *setting) {
		switch {
		case on.attention() != validate.AttentionGroup || len(s.items) == 0:
		case p.v.Filter().ReceiverOnly:
			p.report(s.place(), say("attentionids-group", "server", p.v, "key", on.own.name), say("attentionids-group.hint"))
		default:
			p.report(s.place(), say("attentionids-group.sender", "server", p.v), say("attentionids-group.hint-sender")).Severity = validate.Warning
		}
	}, "attentionIds")
}

func (p *pass) attentionIDsReceiver() {
	p.eachOn(func(on Enabled, s *setting) {
		if on.attention() == validate.AttentionSingle && p.v.Filter().ReceiverOnly && len(s.items) > 0 {
			p.report(s.place(), say("attentionids-receiver", "server", p.v), say("attentionids-receiver.hint"))
		}
	}, "attentionIds")
}

func (p *pass) attentionIDsIgnored() {
	p.eachOn(func(on Enabled, s *setting) {
		switch on.attention() {
		case validate.AttentionSingle, validate.AttentionGroup:
		default:
			if len(s.items) > 0 {
				p.report(s.place(), say("attentionids-ignored", "server", p.v, "key", on.own.name), say("attentionids-ignored.hint"))
			}
		}
	}, "attentionIds")
}

func (p *pass) attentionIDsValue() {
	p.eachOn(func(_ Enabled, s *setting) {
		odd := func(id string) bool { return strings.TrimSpace(id) != id || strings.ContainsAny(id, `[]"'`) }
		if i := slices.IndexFunc(s.items, odd); i >= 0 {
			p.report(s.place(), say("attentionids-value", "value", short(s.items[i])), say("attentionids-value.hint"))
		}
	}, "attentionIds")
}

func (p *pass) typesIgnored() {
	p.eachOn(func(on Enabled, s *setting) {
		if len(s.items) > 0 && !on.filters() {
			p.report(s.place(), say("types-ignored", "key", on.own.name), say("types-ignored.hint"))
		}
	}, "deniedTypes", "allowedTypes")
}

func (p *pass) typesValue() {
	p.eachOn(func(on Enabled, s *setting) {
		for _, t := range s.items {
			if low, high, ok := typeRange(t); on.filters() && (!ok || low > high) {
				p.report(s.place(), say("types-value", "value", short(t)), say("types-value.hint"))
			}
		}
	}, "deniedTypes", "allowedTypes")
}

func (p *pass) typesBlockAll() {
	for _, on := range p.on {
		switch {
		case !on.typesBlockAll():
		case on.textOnly():
			p.report(on.own.place(), say("types-block-all.text", "server", p.v, "key", on.own.name), say("types-block-all.hint"))
		default:
			p.report(on.own.place(), say("types-block-all", "server", p.v, "key", on.own.name), say("types-block-all.hint"))
		}
	}
}
