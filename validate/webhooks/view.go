package webhooks

import (
	"cmp"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// view is a file as one release reads it: all that the rules, Enabled and Env
// know.
type view struct {
	file *File
	v    fixtures.Release
	// flat: the release reads webhooks.yml. Else it reads the section
	// "callback" of config.yaml.
	flat bool
	// holder is the mapping whose members are the callbacks: what the release
	// reads, or what it would read if the wrapper were right.
	holder *value
	// url is nil if there is none.
	url *member
	// entries are the callbacks' blocks in the file's order. Of blocks with the
	// same name the last counts.
	entries []*entry
}

// entry is one callback's block.
type entry struct {
	member
	// callback is what the key means in any version; nil if nothing.
	callback *fixtures.Callback
	status   status
	settings []*setting
}

// as is the file as release v reads it.
func (f *File) as(v fixtures.Release) *view {
	v = v.OrDefault()
	w := &view{file: f, v: v, flat: v.Config().Flat, holder: &f.root}
	if f.wrapper != nil && !(w.flat && f.hasFlat()) {
		w.holder = &f.wrapper.value
	}
	last := make(map[string]int, len(w.holder.members))
	for i, m := range w.holder.members {
		last[w.folded(m.name)] = i
	}
	w.url = w.holder.get("url", w.flat)
	for i, m := range w.holder.members {
		isWrapper := w.holder == &f.root && strings.EqualFold(m.name, wrapperKey)
		if !isWrapper && !strings.EqualFold(m.name, "url") && last[w.folded(m.name)] == i {
			w.entries = append(w.entries, w.entry(m))
		}
	}
	return w
}

func (w *view) entry(m member) *entry {
	e := &entry{member: m}
	e.callback, _ = fixtures.Find(m.name)
	e.status = w.statusOf(m.name, e.callback)
	for _, line := range m.value.members {
		e.settings = append(e.settings, w.setting(e, line))
	}
	return e
}

// folded is a key as the release compares it: viper ignores case.
func (w *view) folded(key string) string {
	if w.flat {
		return strings.ToLower(key)
	}
	return key
}

// reads reports whether the release reads the file's callbacks at all.
func (w *view) reads() bool {
	if w.flat {
		return w.file.wrapper == nil || w.file.hasFlat()
	}
	return w.file.wrapper != nil
}

// get returns a setting of the entry, in the last line that has it. If there is
// none, it is one without a value, at the place of the entry.
func (e *entry) get(name string) *setting {
	if e == nil {
		return &setting{}
	}
	for _, s := range slices.Backward(e.settings) {
		if s.known == name {
			return s
		}
	}
	return &setting{member: member{Place: e.Place, name: name}, entry: e}
}

// read is get, without a value if the release does not read the setting there.
func (e *entry) read(name string) *setting {
	if s := e.get(name); s.isRead {
		return s
	}
	return &setting{}
}

// on reports whether someone expects the entry's callback to be sent.
func (e *entry) on() bool { return e.get("enable").flag }

// wanted: it is on, under whatever name, and there is such a callback.
func (e *entry) wanted() bool {
	return e.on() && e.callback != nil && e.status != documented && e.status != dead
}

// decoded reports whether the release reads the entry into its configuration;
// what it doesn't know it skips, whatever the type.
func (w *view) decoded(e *entry) bool {
	return e.status == live || (e.status == dead && w.flat)
}

// setting is one line of an entry, and what the release makes of it.
type setting struct {
	member
	entry *entry
	// known is the name of the setting, "" if it is none; isRead: the release
	// reads it in this callback.
	known  string
	isRead bool

	// The value is in one of these. No list is nil, an empty one is not.
	flag    bool
	seconds int64
	items   []string
	// wrong says why OpenIM doesn't start with the value, odd what else it reads
	// than what the eye sees.
	wrong, odd words.Text
	// ranges: wrong are ranges of content types, which earlier releases know.
	ranges bool
}

// absent reports whether get found nothing.
func (s *setting) absent() bool { return s.known == "" }

func (w *view) setting(e *entry, line member) *setting {
	s := &setting{member: line, entry: e}
	phase := fixtures.After
	if e.callback != nil {
		phase = e.callback.Phase
	}
	for _, name := range settingNames {
		if line.name == name || w.flat && strings.EqualFold(line.name, name) {
			s.known, s.isRead = name, hasSetting(name, phase, w.v)
			s.load(w)
		}
	}
	return s
}

// place is where a finding is made, and the keys that lead there.
type place struct {
	yamlfile.Place
	keys []string
}

func (e *entry) place() place { return place{e.Place, []string{e.name}} }

func (s *setting) place() place { return place{s.Place, []string{s.entry.name, s.name}} }

// valuePlace is where the setting's value stands.
func (s *setting) valuePlace() place { return place{s.value.Place, s.place().keys} }

// block is where a release takes a callback's settings from. In 3.5 and 3.6
// they come from up to three entries.
type block struct {
	callback *fixtures.Callback
	// own is the entry under the callback's key, or the one that enables it.
	own, enables, settings *entry
	// enableKey and settingsKey are the catalog's keys of the other two.
	enableKey, settingsKey string
}

// blocks are the callbacks that the file configures for the release.
func (w *view) blocks() []block {
	byKey := make(map[string]*entry)
	for _, e := range w.entries {
		if e.status == live {
			byKey[e.callback.Key] = e
		}
	}
	var all []block
	for _, e := range w.entries {
		if e.status != live {
			continue
		}
		all = append(all, w.block(e.callback, e, byKey))
		if along := validate.SettingsOf(e.callback).Enables; along != "" && !w.flat && byKey[along] == nil {
			c, _ := fixtures.Find(along)
			all = append(all, w.block(c, e, byKey))
		}
	}
	return all
}

func (w *view) block(c *fixtures.Callback, own *entry, byKey map[string]*entry) block {
	b := block{callback: c, own: own, enableKey: c.Key, settingsKey: c.Key}
	if from := validate.SettingsOf(c); !w.flat {
		b.enableKey = cmp.Or(from.EnableFrom, c.Key)
		if from.TimeoutSpan.Has(w.v) {
			b.settingsKey = cmp.Or(from.TimeoutFrom, c.Key)
		}
	}
	b.enables, b.settings = byKey[b.enableKey], byKey[b.settingsKey]
	return b
}
