package suite

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// expectKeys are the keys of expect.
var expectKeys = sync.OnceValue(func() *table[expect] {
	return yamlfile.NewTable("expect", []key[expect]{
		yamlfile.NewKey("outcome", "What OpenIM does.", outcomeSchema, readOutcome),
		yamlfile.NewKey("errCode", "The errCode that the IM client sees, 0 for success: a number, a range, or a list of them.", codesSchema, func(d *decoder, e *expect, n *yamlfile.Node) {
			e.errCode = d.numberRanges(n, "errCode", maxCode)
		}),
		yamlfile.NewKey("errMsg", "The errMsg that the IM client sees: the text, or a /pattern/.", yamlfile.TextSchema, readErrMsg),
		yamlfile.NewKey("applied", "Fields of the reply that OpenIM applies, by name or JSON Pointer; none: it applies nothing.", yamlfile.WordsSchema, func(d *decoder, e *expect, n *yamlfile.Node) {
			e.applied = d.wantedWords(n, "applied")
		}),
		yamlfile.NewKey("reply", "Values of the reply by path (gjson): a JSON value, or a /pattern/; null also means absent.", yamlfile.ObjectSchema, readReply),
		yamlfile.NewKey("status", "The reply's HTTP status, which OpenIM itself does not look at.", codesSchema, func(d *decoder, e *expect, n *yamlfile.Node) {
			e.status = d.numberRanges(n, "status", maxStatus)
		}),
		yamlfile.NewKey("within", "The time that the reply may take.", yamlfile.DurationSchema, readWithin),
		yamlfile.NewKey("findings", "Rules that must fire; they then are no findings. none: no rule may fire, whatever its severity.", yamlfile.AnyOf(ruleSchema, yamlfile.ListOf(ruleSchema, 0, 0), schema{"enum": []string{"none"}}), readFindings),
		yamlfile.NewKey("allow", "Rules that may fire; they then are no findings.", rulesSchema, func(d *decoder, e *expect, n *yamlfile.Node) {
			e.allow = d.ruleNames(n, "allow")
		}),
	})
})

var outcomeSchema = schema{"enum": validate.Outcomes()}

// readExpect reads the expectations, or the outcome alone.
func readExpect(d *decoder, s *Step, n *yamlfile.Node) {
	if n.Kind == yamlfile.Text {
		readOutcome(d, &s.expect, n)
		return
	}
	expectKeys().Read(d, &s.expect, n)
}

func readOutcome(d *decoder, e *expect, n *yamlfile.Node) {
	if o, ok := yamlfile.Choice(d, n, "outcome", validate.Outcomes()); ok {
		e.outcome = &wanted[validate.Outcome]{n.Place, o}
	}
}

func readErrMsg(d *decoder, e *expect, n *yamlfile.Node) {
	if d.Want(n, yamlfile.Text, "errMsg") {
		e.errMsg = d.textWant(n)
	}
}

func readWithin(d *decoder, e *expect, n *yamlfile.Node) {
	if limit, ok := d.Duration(n, "within"); ok {
		e.within = &wanted[time.Duration]{n.Place, limit}
	}
}

func readReply(d *decoder, e *expect, n *yamlfile.Node) {
	if !d.Want(n, yamlfile.Mapping, "reply") {
		return
	}
	for _, entry := range n.Entries {
		w := valueWant{Place: entry.Value.Place, path: entry.Key.Text}
		if w.path == "" {
			d.Fail(entry.Key.Place, say("reply.path"))
			continue
		}
		if entry.Value.Kind == yamlfile.Text && isPattern(entry.Value.Text) {
			w.text = d.textWant(entry.Value)
		} else {
			w.value = d.value(entry.Value, d.ownScope())
		}
		e.reply = append(e.reply, w)
	}
}

func readFindings(d *decoder, e *expect, n *yamlfile.Node) {
	e.findings = &listWant{Place: n.Place}
	if !isNone(n) {
		e.findings.is = d.ruleNames(n, "findings")
	}
}

func (d *decoder) ruleNames(n *yamlfile.Node, what string) []yamlfile.Word {
	var names []yamlfile.Word
	for _, name := range d.Words(n, what) {
		if rule, err := d.rules.Lookup(name.Text); !d.Failed(name.Place, err) {
			names = append(names, yamlfile.Word{Place: name.Place, Text: rule.ID})
		}
	}
	return names
}

func has(names []yamlfile.Word, name string) bool {
	return slices.ContainsFunc(names, func(w yamlfile.Word) bool { return w.Text == name })
}

// textWant wants a text, or one that a pattern matches.
type textWant struct {
	yamlfile.Place
	text    *template
	pattern *regexp.Regexp
}

func isPattern(s string) bool {
	return len(s) > 2 && s[0] == '/' && s[len(s)-1] == '/'
}

// textWant reads a text or a /pattern/.
func (d *decoder) textWant(n *yamlfile.Node) *textWant {
	w := &textWant{Place: n.Place, text: d.template(n, d.ownScope())}
	if !isPattern(n.Text) {
		return w
	}
	s, fixed := w.text.Fixed()
	if !fixed {
		d.Fail(n.Place, say("pattern.fixed"))
		return w
	}
	w.pattern = d.Pattern(n, strings.TrimSuffix(strings.TrimPrefix(s, "/"), "/"))
	return w
}

// checkApplied notes fields that no version reads from the callback's reply.
func (d *decoder) checkApplied(s *Step) {
	if s.expect.applied == nil {
		return
	}
	known := fixtures.FieldNames(s.Callback.Reply.Fields)
	for _, name := range s.expect.applied.is {
		field, _, _ := strings.Cut(strings.TrimPrefix(name.Text, "/"), "/")
		if len(known) == 0 {
			d.Fail(name.Place, say("applied.none", "callback", s.Callback.Key))
			return
		}
		if !slices.Contains(known, field) {
			d.Fail(name.Place, say("applied.unknown", "callback", s.Callback.Key, "field", field, "near", words.DidYouMeanAny(field, known)))
		}
	}
}
