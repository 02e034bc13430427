package rules

import (
	"math"
	"strconv"
	"sync"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

type (
	key[T any]   = yamlfile.Key[*decoder, T]
	table[T any] = yamlfile.Table[*decoder, T]
	schema       = yamlfile.Schema
	node         = yamlfile.Node
)

// ruleDraft is a rule that is being read, with its answer.
type ruleDraft struct {
	rule   *rule
	single *answer
}

// fileKeys are the keys at the top of a file.
var fileKeys = sync.OnceValue(func() *table[decoder] {
	return yamlfile.NewTable(say("what.file"), []key[decoder]{
		yamlfile.NewKey("timeout", "OpenIM's timeout, for the faults almost-timeout and timeout. Default: 5s; OpenIM waits 15s at most.", durationSchema, func(d, _ *decoder, n *node) {
			if timeout, ok := d.Duration(n, "timeout"); ok && d.options.Timeout <= 0 {
				d.options.Timeout = timeout
			}
		}),
		yamlfile.NewKey("seed", "Makes probability and delays the same in every run.", yamlfile.Integer(0, 0), func(d, _ *decoder, n *node) {
			if seed, ok := d.WholeNumber(n, "seed", 0, math.MaxUint64); ok && d.options.Seed == nil {
				d.options.Seed = &seed
			}
		}),
		yamlfile.NewKey("rules", "The rules; the first that matches and has an answer decides.", yamlfile.ListOf(yamlfile.Ref("rule"), 0, MaxAnswers), func(d, _ *decoder, n *node) { d.readRules(n) }),
	})
})

// ruleKeys are the keys of a rule.
var ruleKeys = sync.OnceValue(func() *table[ruleDraft] {
	keys := []key[ruleDraft]{
		yamlfile.NewKey("name", "The rule's name in the journal and on the page. Default: rule 1.", yamlfile.WordSchema, readName),
		yamlfile.NewKey("match", "Which requests it is for: all criteria must hold; or just callbacks. Default: any request.", yamlfile.AnyOf(yamlfile.Ref("match"), callbackRef, yamlfile.ListOf(callbackRef, 1, 0)), readMatch),
		yamlfile.NewKey("times", "How many requests it answers at most; then the next rules decide.", yamlfile.Integer(1, 0), func(d *decoder, r *ruleDraft, n *node) {
			r.rule.times, _ = d.WholeNumber(n, "times", 1, math.MaxInt64)
		}),
		yamlfile.NewKey("probability", "The part of the requests that it answers, from 0 to 1; at random.", schema{"type": "number", "exclusiveMinimum": 0, "maximum": 1}, readProbability),
		yamlfile.NewKey("sequence", "One answer after the other; the last one stays.", yamlfile.ListOf(yamlfile.Ref("answer"), 1, MaxAnswers), readSequence),
		yamlfile.NewKey("repeat", "The sequence starts again at its end.", yamlfile.BooleanSchema, func(d *decoder, r *ruleDraft, n *node) {
			r.rule.repeat, _ = d.Boolean(n, "repeat")
		}),
	}
	own := yamlfile.Lift(answerKeys().Keys, func(r *ruleDraft) *answer { return r.single })
	return yamlfile.NewTable(say("what.rule"), append(keys, own...))
})

func readName(d *decoder, r *ruleDraft, n *node) {
	name, ok := d.Word(n, "name")
	if !ok {
		return
	}
	if len(name) > maxName {
		d.Fail(n.Place, say("rule.name-length", "most", maxName))
	}
	if line := d.names[name]; line != 0 {
		d.Fail(n.Place, say("rule.name", "line", line, "name", name))
	}
	r.rule.name, d.names[name] = name, n.Line
}

// maxName limits a rule's name, in bytes: it goes with every request.
const maxName = 200

func readProbability(d *decoder, r *ruleDraft, n *node) {
	p, err := strconv.ParseFloat(n.Text, 64)
	if n.Kind != yamlfile.Number || err != nil || !(p > 0 && p <= 1) {
		d.Fail(n.Place, say("rule.probability", "got", n.Written))
		return
	}
	r.rule.probability = p
}

func readSequence(d *decoder, r *ruleDraft, n *node) {
	if !d.Want(n, yamlfile.List, "sequence") {
		return
	}
	r.rule.sequence = true
	if len(n.Items) == 0 {
		d.Fail(n.Place, say("sequence.empty"))
	}
	for _, item := range n.Items {
		if d.Full() || d.tooMany(item) {
			return
		}
		if !d.Want(item, yamlfile.Mapping, say("what.answer")) {
			continue
		}
		a := &answer{Place: item.Place}
		answerKeys().Read(d, a, item)
		d.finishAnswer(a, item)
		if len(a.kinds) == 0 && !a.declared && !answerKeys().HasUnknown(item) {
			d.Fail(item.Place, say("answer.none", "keys", answerNames))
		}
		r.rule.answers = append(r.rule.answers, a)
	}
}

var phases = []fixtures.Phase{fixtures.Before, fixtures.After}

// matchKeys are the keys of match.
var matchKeys = sync.OnceValue(func() *table[match] {
	return yamlfile.NewTable("match", []key[match]{
		yamlfile.NewKey("callback", "A callback, or a list of them: a key (beforeAddFriend), a command, or an old name.", yamlfile.AnyOf(callbackRef, yamlfile.ListOf(callbackRef, 1, 0)), readCallbacks),
		yamlfile.NewKey("phase", "before or after.", schema{"enum": phases}, func(d *decoder, m *match, n *node) {
			m.phase, _ = yamlfile.Choice(d, n, "phase", phases)
		}),
		yamlfile.NewKey("group", "The part of OpenIM that sends the callback.", schema{"enum": fixtures.Groups()}, func(d *decoder, m *match, n *node) {
			m.group, _ = yamlfile.Choice(d, n, "group", fixtures.Groups())
		}),
		yamlfile.NewKey("header", "Conditions on headers, by name.", yamlfile.MapOf(yamlfile.HeaderNames, conditionRef), readHeaders),
		yamlfile.NewKey("where", "Conditions on values of the body, by path (gjson); a path may lead into JSON that is held in a string: content.content.", yamlfile.MapOf(schema{"minLength": 1, "maxLength": maxPath}, conditionRef), func(d *decoder, m *match, n *node) {
			m.where = d.conditions(n)
		}),
	})
})

func readMatch(d *decoder, r *ruleDraft, n *node) {
	r.rule.match.Place = n.Place
	if n.Kind == yamlfile.Text || n.Kind == yamlfile.List {
		readCallbacks(d, &r.rule.match, n)
		return
	}
	matchKeys().Read(d, &r.rule.match, n)
}

func readCallbacks(d *decoder, m *match, n *node) {
	if n.Kind == yamlfile.List && len(n.Items) == 0 {
		d.Fail(n.Place, say("match.empty"))
	}
	for _, word := range d.Words(n, "callback") {
		if c := d.Callback(word.Place, word.Text); c != nil {
			m.callbacks = append(m.callbacks, c.Key)
		}
	}
}

func readHeaders(d *decoder, m *match, n *node) {
	for _, e := range d.Headers(n, "header") {
		m.headers = append(m.headers, headerCondition{e.Key.Text, d.condition(e.Value)})
	}
}

// contradiction says why no callback meets the criteria.
func (m *match) contradiction() words.Text {
	var given []words.Text
	var found words.Text
	if len(m.callbacks) > 0 {
		given = append(given, say("match.callback", "callbacks", m.callbacks))
		if c, ok := fixtures.Find(m.callbacks[0]); ok {
			found = say("match.found", "callback", c.Key, "phase", string(c.Phase), "group", c.Group)
		}
	}
	if m.phase != "" {
		given = append(given, say("match.of-phase", "phase", string(m.phase)))
	}
	if m.group != "" {
		given = append(given, say("match.of-group", "group", m.group))
	}
	return say("match.none", "criteria", given, "found", found)
}
