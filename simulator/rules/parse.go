package rules

import (
	"errors"
	"fmt"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// The limits of a text of rules.
const (
	// MaxSize is in bytes.
	MaxSize = 1 << 20
	// MaxAnswers counts the rules and the answers of their sequences.
	MaxAnswers = 1000
)

// Error is one mistake in a rule file or a flag.
type Error = yamlfile.Error

// Errors are all the mistakes that were found, those of flags first.
type Errors = yamlfile.Errors

// parse reads the rules of the flags and of a text, which may be empty.
func parse(source string, text []byte, o Options) (*set, error) {
	flagged, mistakes := o.Flags.rules(o)
	d := newDecoder(o)
	if len(text) > 0 {
		d.parse(text)
	}
	if found, ok := errors.AsType[Errors](d.Errors(yamlfile.NewSource(source, text), nil)); ok {
		mistakes = append(mistakes, found...)
	}
	if len(mistakes) > 0 {
		return nil, mistakes
	}
	return newSet(source, text, d.options, append(flagged, d.rules...)), nil
}

// decoder reads the nodes of one text into rules and collects mistakes.
type decoder struct {
	yamlfile.Reader
	options Options // with what the text says of itself
	rules   []*rule
	names   map[string]int // of rules, with their lines
	answers int
	benches map[*fixtures.Callback]*bench // made as they are needed
}

func newDecoder(o Options) *decoder {
	return &decoder{options: o, names: make(map[string]int), benches: make(map[*fixtures.Callback]*bench)}
}

func (d *decoder) parse(text []byte) {
	root := d.Root(text, say("what.file"), MaxSize)
	if root == nil || !d.Want(root, yamlfile.Mapping, say("what.file")) {
		return
	}
	fileKeys().Read(d, d, root)
	if root.Get("rules") == nil && len(d.Problems) == 0 {
		d.Fail(root.Place, say("rule.missing"))
	}
	if len(d.Problems) == 0 {
		d.check()
	}
}

func (d *decoder) readRules(n *node) {
	if !d.Want(n, yamlfile.List, "rules") {
		return
	}
	for i, item := range n.Items {
		if d.Full() || d.tooMany(item) {
			return
		}
		if r := d.readRule(item, i+1); r != nil {
			d.rules = append(d.rules, r)
		}
	}
}

// tooMany counts an answer.
func (d *decoder) tooMany(n *node) bool {
	if d.answers++; d.answers > MaxAnswers {
		d.Fail(n.Place, say("rule.count", "most", MaxAnswers))
		return true
	}
	return false
}

// readRule reads one rule; nil when it is none.
func (d *decoder) readRule(n *node, number int) *rule {
	if !d.Want(n, yamlfile.Mapping, say("what.rule")) {
		return nil
	}
	r := &rule{Place: n.Place, name: fmt.Sprintf("rule %d", number), probability: 1}
	r.match.Place = n.Place
	draft := &ruleDraft{rule: r, single: &answer{Place: n.Place}}
	ruleKeys().Read(d, draft, n)
	r.match.settle()
	if len(r.match.reach()) == 0 {
		d.Fail(r.match.Place, r.match.contradiction())
	}
	d.finishRule(draft, n)
	return r
}

// finishRule checks what only the whole rule shows.
func (d *decoder) finishRule(draft *ruleDraft, n *node) {
	r, single := draft.rule, draft.single
	r.delay = single.delay
	steps := n.Get("sequence")
	for _, name := range answerNames {
		if steps != nil && n.Get(name) != nil {
			d.Fail(n.Get(name).Place, say("sequence.key", "key", name))
		}
	}
	switch {
	case steps != nil:
		d.checkTimes(r, n)
		return
	case n.Get("repeat") != nil:
		d.Fail(n.Get("repeat").Place, say("sequence.repeat"))
	}
	switch d.finishAnswer(single, n); {
	case single.kind != "":
		single.delay = delayRange{} // it is the rule's
		r.answers = []*answer{single}
	case n.Get("delay") == nil && !single.declared && !ruleKeys().HasUnknown(n):
		d.Fail(n.Place, say("rule.nothing", "keys", append(answerNames, "sequence", "delay")))
	}
}

// checkTimes notes answers of a sequence that never come.
func (d *decoder) checkTimes(r *rule, n *node) {
	count := uint64(len(r.answers))
	if r.times == 0 || r.times >= count || r.repeat {
		return
	}
	never := say("sequence.answer", "n", count)
	if r.times+1 < count {
		never = say("sequence.answers", "from", r.times+1, "to", count)
	}
	d.Fail(n.Get("times").Place, say("sequence.times", "never", never, "n", count))
}

// finishAnswer checks that an answer is one.
func (d *decoder) finishAnswer(a *answer, n *node) {
	switch {
	case len(a.kinds) > 1:
		d.Fail(n.Place, say("answer.several", "keys", a.kinds))
	case a.declared && len(a.kinds) == 0:
		d.Fail(n.Get("fault").Place, say("answer.fault"))
	case a.declared && a.kind == allow:
		d.Fail(n.Get("fault").Place, say("answer.fault-allow"))
	}
}
