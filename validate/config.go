package validate

import (
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
)

// Config is what OpenIM's own configuration file makes a release send.
type Config struct {
	// URL is the address in the file, as written.
	URL string `json:"url"`
	// From is the release on the way from which an upgrade was looked at; nil:
	// none was.
	From *fixtures.Release `json:"from,omitempty"`
	// Callbacks are those that are on, in the file's order.
	Callbacks []ConfigCallback `json:"callbacks"`
}

// ConfigCallback is a callback that a configuration file switches on.
type ConfigCallback struct {
	Key     string         `json:"key"`
	Line    int            `json:"line"`
	Command string         `json:"command"`
	Phase   fixtures.Phase `json:"phase"`
	// URL is where OpenIM posts to; empty if it can't. SendsKey: main appends
	// "?key=" and ids to it.
	URL      string `json:"url"`
	SendsKey bool   `json:"sendsKey,omitempty"`
	// Wait is how many seconds OpenIM waits for the reply.
	Wait float64 `json:"wait"`
	// Never says why the release never sends it; no text: it does.
	Never        words.Text `json:"never,omitzero"`
	AttentionIDs []string   `json:"attentionIds,omitempty"`
	DeniedTypes  []string   `json:"deniedTypes,omitempty"`
	AllowedTypes []string   `json:"allowedTypes,omitempty"`
}
