package webhooks

import (
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

// Enabled is a callback that the file switches on.
type Enabled struct {
	// ConfigCallback has no URL. Its lists are nil when the file doesn't set them or
	// the version doesn't read them there; an empty list is not nil.
	validate.ConfigCallback
	Callback *fixtures.Callback
	// Server is the version that reads the file.
	Server fixtures.Release
	// Timeout is as configured; see validate.Configured for what 0 and less mean.
	Timeout time.Duration
	// FailedContinue is as configured. 3.7 and later never read it.
	FailedContinue bool

	own *entry
}

// Wait is how long OpenIM waits for a reply.
func (e Enabled) Wait() time.Duration { return validate.Configured(e.Timeout) }

// Enabled returns the callbacks that version v sends with this file, in the
// file's order.
func (f *File) Enabled(v fixtures.Release) []Enabled {
	var sent []Enabled
	for _, e := range f.SwitchedOn(v) {
		if e.Never.IsZero() {
			sent = append(sent, e)
		}
	}
	return sent
}

// SwitchedOn returns the callbacks that are on for version v, those included
// that it never sends.
func (f *File) SwitchedOn(v fixtures.Release) []Enabled { return f.as(v).switchedOn() }

func (w *view) switchedOn() []Enabled {
	if !w.reads() {
		return nil
	}
	var on []Enabled
	for _, b := range w.blocks() {
		if b.enables.on() {
			on = append(on, w.enabled(b))
		}
	}
	return on
}

func (w *view) enabled(b block) Enabled {
	c := b.callback
	on := Enabled{
		Callback: c, Server: w.v, own: b.own,
		Timeout:        time.Duration(b.settings.get("timeout").seconds) * time.Second,
		FailedContinue: b.settings.read("failedContinue").flag,
	}
	on.ConfigCallback = validate.ConfigCallback{
		Key: c.Key, Line: w.file.where(b.own.Place).Line, Command: c.Command(w.v), Phase: c.Phase, SendsKey: c.SendsKey(w.v), Wait: on.Wait().Seconds(),
		AttentionIDs: b.own.read("attentionIds").items, DeniedTypes: b.own.read("deniedTypes").items, AllowedTypes: b.own.read("allowedTypes").items,
	}
	on.Never = on.never()
	return on
}

// never says why a callback that is on is never sent.
func (e Enabled) never() words.Text {
	switch {
	case !e.Callback.SentBy(e.Server):
		return say("never.unsent", "server", e.Server)
	case e.silencedByEmptyList():
		return say("never.empty")
	case e.silencedByReceiver():
		return say("never.receiver")
	case e.typesBlockAll():
		return say("never.types")
	default:
		return words.Text{}
	}
}
