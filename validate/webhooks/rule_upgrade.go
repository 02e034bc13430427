package webhooks

import (
	"fmt"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

// before returns the entries of before callbacks that are on.
func (p *pass) before() []entry { return p.inPhase(fixtures.Before) }

func (p *pass) inPhase(phase fixtures.Phase) []entry {
	var in []entry
	for _, e := range p.wanted {
		if e.callback.Phase == phase {
			in = append(in, e)
		}
	}
	return in
}

// wantedWith returns the entries of callbacks that are on and treat their
// settings so.
func (p *pass) wantedWith(so func(validate.Settings) bool) []entry {
	var with []entry
	for _, e := range p.wanted {
		if so(validate.SettingsOf(e.callback)) {
			with = append(with, e)
		}
	}
	return with
}

func names(entries []entry) []string {
	var keys []string
	for _, e := range entries {
		keys = append(keys, e.name)
	}
	return keys
}

// upgrade reports a change that concerns the entries, at the first of them.
func (p *pass) upgrade(entries []entry, message, hint string) {
	if len(entries) > 0 {
		p.report(entries[0].Place, validate.Finding{
			Place:   pointTo(entries[0].name),
			Message: words.Plain(fmt.Sprintf("from %s to %s: %s (%s)", p.options.From, p.v, message, named(names(entries)))),
			Hint:    words.Plain(hint),
		})
	}
}

var ruleUpgradeRefusal = rule{
	Rule: validate.Rule{ID: "lint-upgrade-refusal", About: validate.AboutFile, Severity: validate.Warning, Source: "open-im-server: pkg/callbackstruct/common.go, Parse, and its callers",
		Title: "the upgrade changes when a reply refuses"},
	check: func(p *pass) {
		drops := judging(validate.Server.DropsRefusals)
		switch {
		case p.begins(drops):
			p.upgrade(p.before(), "replies no longer refuse anything: "+p.v.String()+" logs a refusal and goes on", "skip "+p.v.String()+": from 3.7 on replies refuse again")
		case p.ends(drops):
			p.upgrade(p.before(), "replies refuse again: "+p.options.From.String()+" never did", "check what the receiver answers with `imcb validate`: actionCode 0 with nextCode 1 refuses")
		case p.ends(judging(validate.Server.RefusesByActionCode)):
			p.upgrade(p.before(), "an actionCode other than 0 no longer refuses: it cancels the refusal", "refuse with actionCode 0 and nextCode 1")
		}
	},
}

var ruleUpgradeFailure = rule{
	Rule: validate.Rule{ID: "lint-upgrade-failure", About: validate.AboutFile, Severity: validate.Warning, Source: sourceHandler,
		Title: "the upgrade makes failedContinue lose its effect"},
	check: func(p *pass) {
		if !p.ends(judging(validate.Server.ReadsFailedContinue)) {
			return
		}
		var goOn []entry
		for _, e := range p.before() {
			if yes, _ := loadBool(e.read("failedContinue", p.v), p.v); yes {
				goOn = append(goOn, e)
			}
		}
		p.upgrade(goOn, "failedContinue loses its effect, a receiver that is down now blocks", "make the receiver as dependable as OpenIM, or switch off what may not block")
	},
}

var ruleUpgradeAfter = rule{
	Rule: validate.Rule{ID: "lint-upgrade-after", About: validate.AboutFile, Severity: validate.Note, Source: sourceHandler,
		Title: "the upgrade sends after callbacks from a queue"},
	check: func(p *pass) {
		if p.begins(func(v fixtures.Release) bool { return v.Wire().Queue }) {
			p.upgrade(p.inPhase(fixtures.After), "after callbacks come from a queue: out of order, and lost without a trace when the receiver is too slow",
				"answer at once and do the work afterwards")
		}
	},
}

var ruleUpgradeCommand = rule{
	Rule: validate.Rule{ID: "lint-upgrade-command", About: validate.AboutFile, Severity: validate.Warning, Source: "open-im-server: pkg/callbackstruct/constant.go of each version",
		Title: "the upgrade renames a callback on the wire"},
	check: func(p *pass) {
		if p.options.From == nil {
			return
		}
		for _, e := range p.wanted {
			from := *p.options.From
			if !e.callback.SentBy(from) || !e.callback.SentBy(p.v) {
				continue
			}
			was, is := e.callback.Command(from), e.callback.Command(p.v)
			if was != is {
				p.upgrade([]entry{e}, fmt.Sprintf("the command changes from %s to %s, in the URL and in the body", was, is), "let the receiver know both")
			}
		}
	},
}

var ruleUpgradeNowSent = rule{
	Rule: validate.Rule{ID: "lint-upgrade-now-sent", About: validate.AboutFile, Severity: validate.Warning, Source: sourceHandler,
		Title: "the upgrade sends a callback that was on but never sent"},
	check: func(p *pass) {
		if p.options.From == nil {
			return
		}
		for _, e := range p.wanted {
			if at, sent := e.callback.At(*p.options.From); at == *p.options.From && !sent && e.callback.SentBy(p.v) {
				p.upgrade([]entry{e}, "OpenIM begins to send the callback", "check that the receiver answers it, or switch it off")
			}
		}
	},
}

var ruleUpgradeAttentionIDs = rule{
	Rule: validate.Rule{ID: "lint-upgrade-attentionids", About: validate.AboutFile, Severity: validate.Warning, Source: sourceFilters,
		Title: "the upgrade changes what attentionIds means"},
	check: func(p *pass) {
		single := p.wantedWith(func(s validate.Settings) bool { return s.Attention == validate.AttentionSingle })
		if len(single) == 0 || p.options.From == nil {
			return
		}
		m := single[0].setting("attentionIds", p.v)
		if m == nil {
			return
		}
		ids, _ := loadList(m.value)
		switch {
		case len(ids) == 0 && ids != nil && p.ends(func(v fixtures.Release) bool { return v.Filter().EmptySilences }):
			p.upgrade(single, "an empty attentionIds list no longer silences the callback: every message is sent", "list the users, if you don't want everyone's messages")
		case len(ids) > 0 && p.begins(func(v fixtures.Release) bool { return v.Filter().ReceiverOnly }):
			p.upgrade(single, "attentionIds is compared with the receiver only, no longer with the sender", "list whom the users write to, or pick in the receiver")
		}
	},
}

var ruleUpgradeNotifications = rule{
	Rule: validate.Rule{ID: "lint-upgrade-notifications", About: validate.AboutFile, Severity: validate.Note, Source: sourceFilters,
		Title: "main sends no notifications in message callbacks"},
	check: func(p *pass) {
		if p.ends(func(v fixtures.Release) bool { return v.Filter().Notifications }) {
			filtering := p.wantedWith(func(s validate.Settings) bool { return s.FiltersTypes && !s.TextOnly })
			p.upgrade(filtering, "notifications (content types 1000 to 5000) are no longer sent", "use the callbacks of the events, for example afterJoinGroup")
		}
	},
}

var ruleUpgradeMsgModify = rule{
	Rule: validate.Rule{ID: "lint-upgrade-msgmodify", About: validate.AboutFile, Severity: validate.Warning, Source: "open-im-server main: internal/rpc/msg/callback.go",
		Title: "main sends beforeMsgModify for every content type"},
	check: func(p *pass) {
		if p.ends(func(v fixtures.Release) bool { return v.Filter().ModifyText }) {
			p.upgrade(p.wantedWith(func(s validate.Settings) bool { return s.TextOnly }), "the callback is for every content type, not for text only, and content in a reply must be the text of a JSON object",
				"look at contentType before you read content")
		}
	},
}

var ruleUpgradeErrCodeZero = rule{
	Rule: validate.Rule{ID: "lint-upgrade-errcode-zero", About: validate.AboutFile, Severity: validate.Warning, Source: "seen on running servers, 3.8.3 and main",
		Title: "main tells the client of a refusal with errCode 0 that it succeeded"},
	check: func(p *pass) {
		if p.begins(judging(validate.Server.RefusesWithSuccess)) {
			p.upgrade(p.before(), "a refusal with errCode 0 reads as success to the IM client, one with 1 to 99 as errCode 500", "refuse with an errCode from 5000 to 9999")
		}
	},
}

var ruleUpgradeKeyQuery = rule{
	Rule: validate.Rule{ID: "lint-upgrade-key-query", About: validate.AboutFile, Severity: validate.Note, Source: "open-im-server main: pkg/common/webhook/http_client.go",
		Title: `main adds "?key=…" to the URL of some after callbacks`},
	check: func(p *pass) {
		var with []entry
		for _, e := range p.wanted {
			if e.callback.KeyQuery {
				with = append(with, e)
			}
		}
		if p.begins(func(v fixtures.Release) bool { return v.Wire().KeyQuery }) {
			p.upgrade(with, `the URL ends in "?key=" and the ids in base64`, "route by the path, not by the whole URL")
		}
	},
}
