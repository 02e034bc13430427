package webhooks

import (
	"slices"
	"strings"
	"sync"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
)

// form is how the settings are laid out.
type form int

const (
	// section: within "callback:" of config.yaml, in 3.5 and 3.6.
	section form = iota
	// flat: webhooks.yml, in 3.7 and later.
	flat
)

func formOf(v fixtures.Release) form {
	if v.Config().Flat {
		return flat
	}
	return section
}

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
var deadKeys = map[form][]string{
	section: {"afterGroupMsgRevoke", "setMessageReactionExtensions"},
	flat:    {"afterGroupMsgRevoke"},
}

// settingNames of all versions.
var settingNames = []string{"enable", "timeout", "failedContinue", "attentionIds", "deniedTypes", "allowedTypes"}

// flatKeys maps the keys of webhooks.yml, of any version, in lower case.
var flatKeys = sync.OnceValue(func() map[string]*fixtures.Callback {
	keys := make(map[string]*fixtures.Callback)
	for _, c := range fixtures.All() {
		if !c.DocumentedOnly() {
			keys[strings.ToLower(c.Key)] = c
		}
	}
	for _, name := range deadKeys[flat] {
		keys[strings.ToLower(name)] = nil
	}
	return keys
})

// longestName is more than any key, command or setting has; what is longer
// isn't worth comparing with them.
const longestName = 100

// meaningOf finds the callback that a key means in any version: by a key, an
// old key, or a command that someone took for one. Nil: none.
func meaningOf(name string) *fixtures.Callback {
	if len(name) > longestName {
		return nil
	}
	c, err := fixtures.Lookup(name)
	if err != nil {
		return nil
	}
	return c
}

// keyIn is the callback's key in version v; "" when v doesn't have it.
func keyIn(c *fixtures.Callback, v fixtures.Release) string {
	if at, _ := c.At(v); c.DocumentedOnly() || at != v {
		return ""
	}
	if formOf(v) == section && len(c.OldKeys) > 0 {
		return c.OldKeys[0]
	}
	return c.Key
}

// sameKey compares keys as version v does: viper, which 3.7 and later use,
// ignores case.
func sameKey(a, b string, v fixtures.Release) bool { return folded(a, v) == folded(b, v) }

// folded is a key as version v compares it.
func folded(key string, v fixtures.Release) string {
	if formOf(v) == flat {
		return strings.ToLower(key)
	}
	return key
}

func statusOf(name string, c *fixtures.Callback, v fixtures.Release) status {
	if slices.ContainsFunc(deadKeys[formOf(v)], func(k string) bool { return sameKey(name, k, v) }) {
		return dead
	}
	switch {
	case c == nil:
		return unknown
	case c.DocumentedOnly():
		return documented
	case keyIn(c, v) == "":
		return elsewhere
	case !sameKey(name, keyIn(c, v), v):
		return renamed
	default:
		return live
	}
}

// didYouMean is a hint with the names most like a wrong one; "" if there are
// none.
func didYouMean(name string, names []string) string {
	if len(name) > longestName {
		return ""
	}
	if near := words.Nearest(name, names); len(near) > 0 {
		return "did you mean " + strings.Join(near, " or ") + "?"
	}
	return ""
}

// keysIn are the keys that version v reads.
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

// hasSetting reports whether version v reads the setting in entries of that
// phase.
func hasSetting(name string, phase fixtures.Phase, v fixtures.Release) bool {
	switch name {
	case "enable", "timeout":
		return true
	case "failedContinue":
		return formOf(v) == section || phase == fixtures.Before
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

// settingVersions says in words which versions read a setting. The lists of
// content types came with 3.8.2, which stands between 3.8.1 and 3.8.3.
var settingVersions = map[string]string{
	"attentionIds": "3.8.0 and later, in after callbacks",
	"deniedTypes":  "3.8.2 and later",
	"allowedTypes": "3.8.2 to 3.8.3-patch.16",
}

// canonicalSetting finds the setting that version v takes a name for.
func canonicalSetting(name string, v fixtures.Release) (string, bool) {
	for _, known := range settingNames {
		if sameKey(name, known, v) {
			return known, true
		}
	}
	return "", false
}
