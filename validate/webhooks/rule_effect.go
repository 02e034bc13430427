package webhooks

import (
	"slices"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

var effectRules = []*rule{
	newRule("lint-timeout-over-15", validate.Warning, sourceClient, "a timeout over 15 s, at which OpenIM stops waiting", (*pass).timeoutOver15),
	newRule("lint-timeout-zero", validate.Warning, sourceClient, "no timeout, so that OpenIM waits 15 s for a reply", (*pass).timeoutZero),
	newRule("lint-timeout-under-load", validate.Note, sourceClient, "a timeout with which a slow receiver costs much under load", (*pass).timeoutUnderLoad),
	newRule("lint-failedcontinue-no-effect", validate.Warning, sourceHandler, "failedContinue: true, which nothing reads since 3.7", (*pass).failedContinueNoEffect),
	newRule("lint-drives-nothing", validate.Error, sourceHandler, "a callback that is on, but that the version never sends", (*pass).drivesNothing),
	newRule("lint-push-synced", validate.Error, sourceHandler, "beforeOnlinePush in a version that never sends it by default", (*pass).pushSynced),
	newRule("lint-nothing-enabled", validate.Note, sourceConfig, "no callback is on", (*pass).nothingEnabled),
	newRule("lint-settings-mixup", validate.Warning, sourceHandler, "settings that 3.5 and 3.6 take from another callback", (*pass).settingsMixup),
}

func (p *pass) timeoutOver15() {
	for _, e := range p.wanted {
		if s := e.get("timeout"); time.Duration(s.seconds)*time.Second > validate.MaxTimeout {
			p.report(s.place(), say("timeout-over-15", "seconds", s.seconds), say("timeout-over-15.hint"))
		}
	}
}

func (p *pass) timeoutZero() {
	for _, e := range p.wanted {
		s := e.get("timeout")
		switch {
		case s.seconds > 0 || !s.wrong.IsZero() || s.odd.ID() == "odd-value.count":
		case s.value.kind == yamlfile.Null:
			p.report(s.place(), say("timeout-zero.none"), say("timeout-zero.hint"))
		default:
			p.report(s.place(), say("timeout-zero"), say("timeout-zero.hint"))
		}
	}
}

// timeoutUnderLoad tells what a timeout over the shipped one does when the
// receiver hangs: first of before callbacks, then of those from a queue.
func (p *pass) timeoutUnderLoad() {
	queue := p.v.Wire().Queue
	queued := func(c *fixtures.Callback) bool { return c.Phase == fixtures.After && queue.Exists() }
	if longest, keys := p.longTimeouts(func(c *fixtures.Callback) bool { return !queued(c) }); longest != nil {
		p.report(longest.own.get("timeout").place(), say("timeout-under-load", "keys", keys, "most", fixtures.Connections, "wait", longest.Wait()), say("timeout-under-load.hint"))
	}
	if longest, keys := p.longTimeouts(queued); longest != nil {
		p.report(longest.own.get("timeout").place(), say("timeout-under-load.queue", "keys", keys, "workers", queue.Workers, "slots", queue.Slots, "wait", longest.Wait()), say("timeout-under-load.hint"))
	}
}

// longTimeouts are the keys of some callbacks whose timeout is longer than the
// shipped one, and the longest of them; nil: there is none.
func (p *pass) longTimeouts(about func(*fixtures.Callback) bool) (longest *Enabled, keys string) {
	var all []string
	for i, on := range p.on {
		if !on.Never.IsZero() || !about(on.Callback) || on.Timeout <= validate.DefaultTimeout || on.Timeout > validate.MaxTimeout {
			continue // lint-timeout-over-15 tells of the latter
		}
		all = append(all, on.own.name)
		if longest == nil || on.Timeout > longest.Timeout {
			longest = &p.on[i]
		}
	}
	return longest, words.FewOf(all, mostNamed)
}

func (p *pass) failedContinueNoEffect() {
	with := p.wantedWith(goesOn)
	if !p.view.flat || len(with) == 0 {
		return
	}
	at := with[0].get("failedContinue").place()
	f := p.report(at, say("failedcontinue-no-effect", "keys", words.FewOf(names(with), mostNamed), "n", len(with)), say("failedcontinue-no-effect.hint"))
	if p.view.file.isOwn(at.Place) {
		f.Severity = validate.Note
	}
}

func (p *pass) drivesNothing() {
	for _, e := range p.view.entries {
		if e.status != dead || !e.on() {
			continue
		}
		hint := say("hint.delete")
		if c, _ := fixtures.Find("afterRevokeMsg"); e.name == "afterGroupMsgRevoke" {
			hint = say("drives-nothing.hint-revoke", "key", keyIn(c, p.v), "command", c.Command(p.v))
		}
		p.report(e.place(), say("drives-nothing.dead", "key", e.name), hint)
	}
	for _, on := range p.on {
		if !on.Callback.SentBy(p.v) {
			p.report(on.own.place(), say("drives-nothing", "server", p.v, "key", on.own.name), sentByOthers(on.Callback, p.v))
		}
	}
}

// sentByOthers says which versions do send a callback.
func sentByOthers(c *fixtures.Callback, v fixtures.Release) words.Text {
	hint := say("drives-nothing.hint-none")
	for _, other := range fixtures.Releases() {
		switch {
		case !c.SentBy(other):
		case other > v:
			return say("drives-nothing.hint-later", "server", other)
		default:
			hint = say("drives-nothing.hint-earlier", "server", other)
		}
	}
	return hint
}

func (p *pass) pushSynced() {
	for _, on := range p.on {
		if on.Callback.Key == "beforeOnlinePush" && p.v.Filter().SkipsSynced {
			p.report(on.own.place(), say("push-synced", "server", p.v, "key", on.own.name), say("push-synced.hint"))
		}
	}
}

func (p *pass) nothingEnabled() {
	if slices.ContainsFunc(p.view.entries, (*entry).on) {
		return
	}
	hint := say("nothing-enabled.hint")
	if p.view.file.isOwn(p.view.holder.Place) {
		hint = say("nothing-enabled.hint-variable", "variable", EnvPrefix+"BEFORESENDSINGLEMSG_ENABLE")
	}
	p.report(whole(p.view.holder.Place), say("nothing-enabled"), hint)
}

func (p *pass) settingsMixup() {
	for _, b := range p.view.blocks() {
		p.enabledElsewhere(b)
		p.timedElsewhere(b)
	}
}

// keyOf is the key that a callback of the catalog has in the release.
func (p *pass) keyOf(name string) string {
	c, _ := fixtures.Find(name)
	return keyIn(c, p.v)
}

func (p *pass) enabledElsewhere(b block) {
	own, on := b.own.get("enable"), b.enables.on()
	if b.enableKey == b.callback.Key || b.own == b.enables || own.flag == on {
		return
	}
	message := say("settings-mixup.off", "server", p.v, "key", b.own.name, "other", p.keyOf(b.enableKey))
	if on {
		message = say("settings-mixup.on", "server", p.v, "key", b.own.name, "other", p.keyOf(b.enableKey))
	}
	p.report(own.place(), message, say("settings-mixup.hint"))
}

func (p *pass) timedElsewhere(b block) {
	if b.settingsKey == b.callback.Key || !b.enables.on() || b.own == b.settings {
		return
	}
	own, other := b.own.get("timeout"), b.settings.get("timeout")
	goesOn := b.settings.get("failedContinue").flag
	if own.seconds != other.seconds || b.own.get("failedContinue").flag != goesOn {
		p.report(own.place(), say("settings-mixup.timeout", "server", p.v, "key", b.own.name, "other", p.keyOf(b.settingsKey), "seconds", other.seconds, "goesOn", goesOn),
			say("settings-mixup.hint-timeout"))
	}
}
