package suite

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
)

// expectKeys are the keys of expect.
var expectKeys = sync.OnceValue(func() *table[expect] {
	return newTable("expect", []key[expect]{
		{"outcome", "What OpenIM does.", schema{"enum": outcomeNames()}, readOutcome},
		{"errCode", "The errCode that the IM client sees, 0 for success: a number, a range, or a list of them.", codesSchema, func(d *decoder, e *expect, n *node) {
			e.errCode = d.numberRanges(n, "errCode", maxCode)
		}},
		{"errMsg", "The errMsg that the IM client sees: the text, or a /pattern/.", textSchema, readErrMsg},
		{"applied", "Fields of the reply that OpenIM applies, by name or JSON Pointer; none: it applies nothing.", wordsSchema, func(d *decoder, e *expect, n *node) {
			e.applied = d.wantedWords(n, "applied")
		}},
		{"reply", "Values of the reply by path (gjson): a JSON value, or a /pattern/; null also means absent.", objectSchema, readReply},
		{"status", "The reply's HTTP status, which OpenIM itself does not look at.", codesSchema, func(d *decoder, e *expect, n *node) {
			e.status = d.numberRanges(n, "status", maxStatus)
		}},
		{"within", "The time that the reply may take.", durationSchema, readWithin},
		{"findings", "Rules that must fire; they then are no findings. none: no rule may fire, whatever its severity.", ruleListSchema("none"), readFindings},
		{"allow", "Rules that may fire; they then are no findings.", ruleListSchema(), func(d *decoder, e *expect, n *node) {
			e.allow = d.ruleNames(n, "allow")
		}},
	})
})

func outcomeNames() []string {
	var names []string
	for _, o := range validate.Outcomes() {
		names = append(names, string(o))
	}
	return names
}

func readOutcome(d *decoder, e *expect, n *node) {
	for _, o := range validate.Outcomes() {
		if n.kind == text && n.text == string(o) {
			e.outcome = &outcomeWant{n.place, o}
			return
		}
	}
	d.fail(n.place, fmt.Sprintf("outcome is one of %s, not %q", strings.Join(outcomeNames(), ", "), shorten(n.written)))
}

func readErrMsg(d *decoder, e *expect, n *node) {
	if d.want(n, text, "errMsg") {
		e.errMsg = d.textWant(n)
	}
}

func readWithin(d *decoder, e *expect, n *node) {
	if limit, ok := d.duration(n, "within"); ok {
		e.within = &withinWant{n.place, limit}
	}
}

func readReply(d *decoder, e *expect, n *node) {
	if !d.want(n, mapping, "reply") {
		return
	}
	for _, entry := range n.entries {
		w := valueWant{place: entry.value.place, path: entry.key.text}
		if w.path == "" {
			d.fail(entry.key.place, "name a field of the reply")
			continue
		}
		if entry.value.kind == text && isPattern(entry.value.text) {
			w.text = d.textWant(entry.value)
		} else {
			w.value = d.value(entry.value, scope{step: d.step, own: true})
		}
		e.reply = append(e.reply, w)
	}
}

func readFindings(d *decoder, e *expect, n *node) {
	e.findings = &listWant{place: n.place}
	if n.kind != text || n.text != "none" {
		e.findings.names = d.ruleNames(n, "findings")
	}
}

// ruleNames reads names of rules.
func (d *decoder) ruleNames(n *node, what string) []word {
	var names []word
	for _, name := range d.words(n, what) {
		rule, err := validate.LookupRule(name.text)
		if err != nil {
			d.fail(name.place, err.Error())
			continue
		}
		names = append(names, word{name.place, rule.ID})
	}
	return names
}

// has reports whether one of the words is the name.
func has(words []word, name string) bool {
	return slices.ContainsFunc(words, func(w word) bool { return w.text == name })
}

// textWant wants a text, or one that a pattern matches.
type textWant struct {
	place
	text    *template
	pattern *regexp.Regexp
}

// isPattern reports whether text is a /pattern/.
func isPattern(s string) bool {
	return len(s) > 2 && s[0] == '/' && s[len(s)-1] == '/'
}

// textWant reads a text or a /pattern/.
func (d *decoder) textWant(n *node) *textWant {
	w := &textWant{place: n.place, text: d.template(n, scope{step: d.step, own: true})}
	if !isPattern(n.text) {
		return w
	}
	s, fixed := w.text.fixed()
	if !fixed {
		d.fail(n.place, "a /pattern/ can't look at other steps")
		return w
	}
	pattern, err := regexp.Compile(strings.TrimSuffix(strings.TrimPrefix(s, "/"), "/"))
	if err != nil {
		d.fail(n.place, "this is no pattern: "+err.Error())
	}
	w.pattern = pattern
	return w
}

// checkApplied notes fields that no version reads from the callback's reply.
func (d *decoder) checkApplied(s *Step) {
	if s.expect.applied == nil {
		return
	}
	var known []string
	for _, f := range s.Callback.Reply.Fields {
		known = append(known, f.Name)
	}
	for _, name := range s.expect.applied.names {
		field, _, _ := strings.Cut(strings.TrimPrefix(name.text, "/"), "/")
		if len(known) == 0 {
			d.fail(name.place, fmt.Sprintf("%s has no reply field that OpenIM applies", s.Callback.Key))
			return
		}
		if !slices.Contains(known, field) {
			d.fail(name.place, fmt.Sprintf("the reply to %s has no field %q%s", s.Callback.Key, shorten(field), choose(field, known)))
		}
	}
}

// choose gives the nearest names for a message, or all of them.
func choose(name string, names []string) string {
	if near := fixtures.NearestNames(name, names); len(near) > 0 {
		return ": did you mean " + strings.Join(near, " or ") + "?"
	}
	return ": it has " + strings.Join(names, ", ")
}
