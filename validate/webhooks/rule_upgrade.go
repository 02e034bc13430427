package webhooks

import (
	"slices"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

// upgradeRules say what changes for the callbacks that are on when one moves
// from one release to a later one.
var upgradeRules = []*rule{
	newRule("lint-upgrade-refusal", validate.Warning, "open-im-server: pkg/callbackstruct/common.go, Parse, and its callers",
		"the upgrade changes when a reply refuses", (*pass).upgradeRefusal),
	newRule("lint-upgrade-failure", validate.Warning, sourceHandler, "the upgrade makes failedContinue lose its effect",
		change(ends(judging(validate.Server.ReadsFailedContinue)), goesOn, say("upgrade-failure"), say("upgrade-failure.hint"))),
	newRule("lint-upgrade-after", validate.Note, sourceHandler, "the upgrade sends after callbacks from a queue",
		change(begins(func(v fixtures.Release) bool { return v.Wire().Queue.Exists() }), after, say("upgrade-after"), say("upgrade-after.hint"))),
	newRule("lint-upgrade-command", validate.Warning, "open-im-server: pkg/callbackstruct/constant.go of each version",
		"the upgrade renames a callback on the wire", (*pass).upgradeCommand),
	newRule("lint-upgrade-now-sent", validate.Warning, sourceHandler, "the upgrade sends a callback that was on but never sent", (*pass).upgradeNowSent),
	newRule("lint-upgrade-attentionids", validate.Warning, sourceFilters, "the upgrade changes what attentionIds means", (*pass).upgradeAttentionIDs),
	newRule("lint-upgrade-notifications", validate.Note, sourceFilters, "the upgrade sends no more notifications in message callbacks",
		leaves(func(f fixtures.Filter) []string { return f.Notifications }, say("upgrade-notifications"), say("upgrade-notifications.hint"))),
	newRule("lint-upgrade-msgmodify", validate.Warning, "open-im-server main: internal/rpc/msg/callback.go", "main sends beforeMsgModify for every content type",
		leaves(func(f fixtures.Filter) []string { return f.TextOnly }, say("upgrade-msgmodify"), say("upgrade-msgmodify.hint"))),
	newRule("lint-upgrade-errcode-zero", validate.Warning, "seen on running servers, 3.8.3 and main", "main tells the client of a refusal with errCode 0 that it succeeded",
		change(begins(judging(validate.Server.RefusesWithSuccess)), before, say("upgrade-errcode-zero"), say("upgrade-errcode-zero.hint"))),
	newRule("lint-upgrade-key-query", validate.Note, "open-im-server main: pkg/common/webhook/http_client.go", `main adds "?key=…" to the URL of some after callbacks`,
		change(begins(func(v fixtures.Release) bool { return v.Wire().KeyQuery }), hasKeyQuery, say("upgrade-key-query"), say("upgrade-key-query.hint"))),
}

// change is the check of a rule about something that is new between the two
// releases and concerns some callbacks.
func change(isNew func(*pass) bool, concerns func(*entry) bool, message, hint words.Text) func(*pass) {
	return func(p *pass) {
		if isNew(p) {
			p.upgrade(p.wantedWith(concerns), message, hint)
		}
	}
}

// leaves is the check of a rule about callbacks that a list of the releases'
// filters no longer names.
func leaves(list func(fixtures.Filter) []string, message, hint words.Text) func(*pass) {
	return func(p *pass) {
		from := p.options.From
		if from == nil || *from > p.v {
			return
		}
		was, is := list(from.Filter()), list(p.v.Filter())
		p.upgrade(p.wantedWith(func(e *entry) bool {
			return slices.Contains(was, e.callback.Key) && !slices.Contains(is, e.callback.Key)
		}), message, hint)
	}
}

// begins reports whether the upgrade leads from a release that does not do
// something to one that does.
func begins(does func(fixtures.Release) bool) func(*pass) bool {
	return func(p *pass) bool {
		from := p.options.From
		return from != nil && *from < p.v && !does(*from) && does(p.v)
	}
}

// ends is begins the other way round.
func ends(does func(fixtures.Release) bool) func(*pass) bool {
	return begins(func(v fixtures.Release) bool { return !does(v) })
}

// judging is a question to the server of a release.
func judging(ask func(validate.Server) bool) func(fixtures.Release) bool {
	return func(v fixtures.Release) bool { return ask(validate.On(v)) }
}

// Callbacks that changes concern.
func before(e *entry) bool      { return e.callback.Phase == fixtures.Before }
func after(e *entry) bool       { return e.callback.Phase == fixtures.After }
func goesOn(e *entry) bool      { return before(e) && e.get("failedContinue").flag }
func hasKeyQuery(e *entry) bool { return e.callback.KeyQuery }

func (p *pass) wantedWith(like func(*entry) bool) []*entry {
	var with []*entry
	for _, e := range p.wanted {
		if like(e) {
			with = append(with, e)
		}
	}
	return with
}

// upgrade reports a change that concerns the entries, at the first of them.
func (p *pass) upgrade(entries []*entry, message, hint words.Text) {
	if len(entries) > 0 {
		p.report(entries[0].place(), say("upgrade", "from", *p.options.From, "to", p.v, "change", message, "keys", words.FewOf(names(entries), mostNamed)), hint)
	}
}

func (p *pass) upgradeRefusal() {
	drops := judging(validate.Server.DropsRefusals)
	switch with := p.wantedWith(before); {
	case begins(drops)(p):
		p.upgrade(with, say("upgrade-refusal.dropped", "to", p.v), say("upgrade-refusal.hint-dropped", "to", p.v))
	case ends(drops)(p):
		p.upgrade(with, say("upgrade-refusal.again", "from", *p.options.From), say("upgrade-refusal.hint-again"))
	case ends(judging(validate.Server.RefusesByActionCode))(p):
		p.upgrade(with, say("upgrade-refusal.actioncode"), say("upgrade-refusal.hint-actioncode"))
	}
}

func (p *pass) upgradeCommand() {
	from := p.options.From
	for _, e := range p.wanted {
		if from == nil || !e.callback.SentBy(*from) || !e.callback.SentBy(p.v) {
			continue
		}
		if was, is := e.callback.Command(*from), e.callback.Command(p.v); was != is {
			p.upgrade([]*entry{e}, say("upgrade-command", "was", was, "is", is), say("upgrade-command.hint"))
		}
	}
}

func (p *pass) upgradeNowSent() {
	from := p.options.From
	for _, e := range p.wanted {
		if from == nil || !e.callback.SentBy(p.v) {
			continue
		}
		if at, sent := e.callback.At(*from); at == *from && !sent {
			p.upgrade([]*entry{e}, say("upgrade-now-sent"), say("upgrade-now-sent.hint"))
		}
	}
}

func (p *pass) upgradeAttentionIDs() {
	single := p.wantedWith(func(e *entry) bool { return validate.SettingsOf(e.callback).Attention == validate.AttentionSingle })
	if len(single) == 0 {
		return
	}
	ids := single[0].get("attentionIds").items
	switch {
	case ids != nil && len(ids) == 0 && ends(func(v fixtures.Release) bool { return v.Filter().EmptySilences })(p):
		p.upgrade(single, say("upgrade-attentionids.empty"), say("upgrade-attentionids.hint-empty"))
	case len(ids) > 0 && begins(func(v fixtures.Release) bool { return v.Filter().ReceiverOnly })(p):
		p.upgrade(single, say("upgrade-attentionids.receiver"), say("upgrade-attentionids.hint-receiver"))
	}
}
