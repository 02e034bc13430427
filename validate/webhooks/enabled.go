package webhooks

import (
	"cmp"
	"fmt"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
)

// Enabled is a callback that the file switches on.
type Enabled struct {
	Callback *fixtures.Callback
	// Server is the version that reads the file.
	Server fixtures.Release
	// Key is the name in the file, Line where it stands.
	Key  string
	Line int
	// Timeout is as configured; see validate.Configured for what 0 means there.
	Timeout time.Duration
	// FailedContinue is as configured. 3.7 and later never read it.
	FailedContinue bool
	// AttentionIDs, DeniedTypes and AllowedTypes are nil when the file doesn't
	// set them or the version doesn't read them there. An empty list is not nil.
	AttentionIDs []string
	DeniedTypes  []string
	AllowedTypes []string
	// Never says why the version never sends the callback although it is
	// switched on. Empty: it does send it.
	Never string
}

// Wait is how long OpenIM waits for a reply.
func (e Enabled) Wait() time.Duration { return validate.Configured(e.Timeout) }

// Command is the callback's name on the wire.
func (e Enabled) Command() string { return e.Callback.Command(e.Server) }

// Enabled returns the callbacks that version v sends with this file, in the
// file's order.
func (f *File) Enabled(v fixtures.Release) []Enabled {
	var sent []Enabled
	for _, e := range f.SwitchedOn(v) {
		if e.Never == "" {
			sent = append(sent, e)
		}
	}
	return sent
}

// SwitchedOn returns the callbacks that are on for version v, those included
// that it never sends.
func (f *File) SwitchedOn(v fixtures.Release) []Enabled {
	v = v.OrDefault()
	if !f.Reads(v) {
		return nil
	}
	var on []Enabled
	for _, b := range f.blocks(v) {
		if b.enable(v) {
			on = append(on, b.enabled(v))
		}
	}
	return on
}

// block is where a version takes a callback's settings from. In 3.5 and 3.6
// they come from up to three entries, see crossed.
type block struct {
	callback *fixtures.Callback
	// own is the entry under the callback's key, or the one that enables it.
	own, enables, settings *entry
}

// blocks are the callbacks that the file configures for version v.
func (f *File) blocks(v fixtures.Release) []block {
	entries := f.entries(v)
	byKey := make(map[string]*entry)
	for i := range entries {
		if entries[i].status == live {
			byKey[entries[i].callback.Key] = &entries[i]
		}
	}
	var blocks []block
	for i := range entries {
		e := &entries[i]
		if e.status != live {
			continue
		}
		blocks = append(blocks, newBlock(e.callback, e, byKey, v))
		if after := enabledAlong(e.callback, v); after != nil && byKey[after.Key] == nil {
			blocks = append(blocks, newBlock(after, e, byKey, v))
		}
	}
	return blocks
}

func newBlock(c *fixtures.Callback, own *entry, byKey map[string]*entry, v fixtures.Release) block {
	enableKey, settingsKey := crossed(c, v)
	return block{callback: c, own: own, enables: byKey[enableKey], settings: byKey[settingsKey]}
}

func (b block) enable(v fixtures.Release) bool {
	on, _ := loadBool(b.enables.read("enable", v), v)
	return on
}

// read returns a setting's value; nothing if it isn't there.
func (e *entry) read(name string, v fixtures.Release) value {
	if e == nil {
		return value{kind: null}
	}
	if m := e.setting(name, v); m != nil {
		return m.value
	}
	return value{kind: null}
}

func (b block) enabled(v fixtures.Release) Enabled {
	on := Enabled{Callback: b.callback, Server: v, Key: b.own.name, Line: b.own.Line}
	if seconds, _ := loadSeconds(b.settings.read("timeout", v), v); seconds > 0 {
		on.Timeout = time.Duration(seconds) * time.Second
	}
	if hasSetting("failedContinue", b.callback.Phase, v) {
		on.FailedContinue, _ = loadBool(b.settings.read("failedContinue", v), v)
	}
	if hasSetting("attentionIds", b.callback.Phase, v) {
		on.AttentionIDs, _ = loadList(b.own.read("attentionIds", v))
	}
	if hasSetting("deniedTypes", b.callback.Phase, v) {
		on.DeniedTypes, _ = loadTypes(b.own.read("deniedTypes", v), v)
	}
	if hasSetting("allowedTypes", b.callback.Phase, v) {
		on.AllowedTypes, _ = loadList(b.own.read("allowedTypes", v))
	}
	on.Never = on.never()
	return on
}

// never says why a callback that is on is never sent.
func (e Enabled) never() string {
	switch {
	case !e.Callback.SentBy(e.Server):
		return fmt.Sprintf("OpenIM %s has the key, but never sends the callback", e.Server)
	case e.silencedByEmptyList():
		return "an empty attentionIds list leaves out every message"
	case e.silencedByReceiver():
		return "attentionIds is compared with the receiver, which a group message doesn't have"
	case e.typesBlockAll():
		return "no content type passes its filters"
	default:
		return ""
	}
}

// crossed returns the catalog keys of the entries that hold a callback's
// "enable", and its timeout and failedContinue.
func crossed(c *fixtures.Callback, v fixtures.Release) (enable, settings string) {
	enable, settings = c.Key, c.Key
	if formOf(v) == section {
		from := validate.SettingsOf(c)
		enable = cmp.Or(from.EnableFrom, c.Key)
		if from.TimeoutSpan.Has(v) {
			settings = cmp.Or(from.TimeoutFrom, c.Key)
		}
	}
	return enable, settings
}

// enabledAlong is the callback that 3.5 and 3.6 enable together with another.
func enabledAlong(c *fixtures.Callback, v fixtures.Release) *fixtures.Callback {
	if along := validate.SettingsOf(c).Enables; along != "" && formOf(v) == section {
		return meaningOf(along)
	}
	return nil
}
