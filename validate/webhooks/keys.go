package webhooks

import (
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
)

// status says what a key is to a version.
type status int

const (
	// live: the version reads the key.
	live status = iota
	// dead: the version's file has the key, but nothing reads it.
	dead
	// renamed: the version has the callback under another name.
	renamed
	// elsewhere: only other versions have the callback.
	elsewhere
	// documented: the callback is in documents only.
	documented
	// unknown: no version knows the key.
	unknown
)

// Keys that OpenIM's shipped files have and its code doesn't read. Those of
// 3.5 and 3.6 are mistakes of the template: most callbacks have another key in
// the code.
var (
	deadKeys    = []string{"afterGroupMsgRevoke"}
	deadOldKeys = []string{"afterGroupMsgRevoke", "setMessageReactionExtensions"}
)

func (w *view) statusOf(name string, c *fixtures.Callback) status {
	same := func(key string) bool { return w.folded(key) == w.folded(name) }
	dying := deadOldKeys
	if w.flat {
		dying = deadKeys
	}
	switch {
	case slices.ContainsFunc(dying, same):
		return dead
	case c == nil:
		return unknown
	case c.DocumentedOnly():
		return documented
	case keyIn(c, w.v) == "":
		return elsewhere
	case !same(keyIn(c, w.v)):
		return renamed
	default:
		return live
	}
}

// isFlatKey reports whether a version has the key in webhooks.yml.
func isFlatKey(name string) bool {
	c, known := fixtures.Find(name)
	return known && strings.EqualFold(name, c.Key) && !c.DocumentedOnly() ||
		slices.ContainsFunc(deadKeys, func(key string) bool { return strings.EqualFold(name, key) })
}

// keyIn is the callback's key in version v; "" when v doesn't have it.
func keyIn(c *fixtures.Callback, v fixtures.Release) string {
	if at, _ := c.At(v); c.DocumentedOnly() || at != v {
		return ""
	}
	if !v.Config().Flat && len(c.OldKeys) > 0 {
		return c.OldKeys[0]
	}
	return c.Key
}

func keysIn(v fixtures.Release) []string {
	var keys []string
	for _, c := range fixtures.All() {
		if key := keyIn(c, v); key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// spanOf is the run of versions that have the callback.
func spanOf(c *fixtures.Callback) fixtures.Span {
	var s fixtures.Span
	for _, v := range fixtures.Releases() {
		if keyIn(c, v) == "" {
			continue
		}
		if s.Since == nil && v > fixtures.Releases()[0] {
			s.Since = &v
		}
		if s.Until = &v; v == fixtures.Newest() {
			s.Until = nil
		}
	}
	return s
}

// settingNames of all versions.
var settingNames = []string{"enable", "timeout", "failedContinue", "attentionIds", "deniedTypes", "allowedTypes"}

// hasSetting reports whether version v reads the setting in entries of that
// phase.
func hasSetting(name string, phase fixtures.Phase, v fixtures.Release) bool {
	switch name {
	case "enable", "timeout":
		return true
	case "failedContinue":
		return !v.Config().Flat || phase == fixtures.Before
	case "attentionIds":
		return phase == fixtures.After && slices.Contains(v.Config().Lists, name)
	default:
		return slices.Contains(v.Config().Lists, name)
	}
}

// dropped reports whether version v no longer reads a list that an earlier one
// read.
func dropped(name string, v fixtures.Release) bool {
	return !slices.Contains(v.Config().Lists, name) && slices.ContainsFunc(fixtures.Releases(), func(earlier fixtures.Release) bool {
		return earlier < v && slices.Contains(earlier.Config().Lists, name)
	})
}
