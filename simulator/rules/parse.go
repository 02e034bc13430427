package rules

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// The limits of a rule file.
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

// Options say how a file is read.
type Options struct {
	// Server is the release that the answers are for, and that judges them. The
	// zero value is fixtures.DefaultRelease.
	Server fixtures.Release
	// Timeout is OpenIM's timeout for the faults that depend on it. 0: the
	// file's, else 5 s. OpenIM waits 15 s at most.
	Timeout time.Duration
	// Seed makes probability and delays the same in every run. Nil: the file's,
	// else any.
	Seed *uint64
	// Flags are rules of the command line; they come before the file's.
	Flags Flags
}

// Parse reads a rule file, YAML or JSON; file is what messages call it. Text
// may be empty: then the set has the rules of the flags alone. The error is an
// Errors: all the mistakes at once, each with its place and an excerpt.
func Parse(file string, text []byte, o Options) (*Set, error) {
	o.Server = o.Server.OrDefault()
	var all Errors
	flagged, problems := o.Flags.rules(o)
	all = append(all, problems...)
	d := newDecoder(file, text, o)
	if len(text) > 0 {
		d.parse(text)
	}
	if err := d.Errors(d.source, nil); err != nil {
		all = append(all, err.(Errors)...)
	}
	if len(all) > 0 {
		return nil, all
	}
	return d.set(flagged, o), nil
}

// decoder reads the nodes of one file into rules and collects mistakes.
type decoder struct {
	yamlfile.Reader
	source  *yamlfile.Source
	server  fixtures.Release
	timeout time.Duration
	seed    *uint64
	rules   []*rule
	names   map[string]int // of rules, with their lines
	answers int
	// judges and examples are by callback, made as they are needed.
	judges map[string]*bench
}

func newDecoder(file string, text []byte, o Options) *decoder {
	return &decoder{
		source: yamlfile.NewSource(file, text), server: o.Server,
		names: make(map[string]int), judges: make(map[string]*bench),
	}
}

// parse reads the whole file.
func (d *decoder) parse(text []byte) {
	if len(text) > MaxSize {
		d.Fail(yamlfile.Place{}, fmt.Sprintf("the file has %d bytes, more than the limit of %d", len(text), MaxSize))
		return
	}
	root, problems := yamlfile.Read(text, "a rule file")
	for _, p := range problems {
		d.Fail(p.Place, p.Message)
	}
	if len(problems) > 0 || !d.Want(root, yamlfile.Mapping, "a rule file") {
		return
	}
	fileKeys().Read(d, d, root)
	if root.Get("rules") == nil && len(d.Problems) == 0 {
		d.Fail(root.Place, "rules is missing")
	}
	if len(d.Problems) == 0 {
		d.check()
	}
}

// set puts the rules together.
func (d *decoder) set(flagged []*rule, o Options) *Set {
	s := &Set{server: o.Server, timeout: validate.DefaultTimeout, seed: rand.Uint64(), rules: append(flagged, d.rules...)}
	s.given = d.timeout
	if o.Timeout > 0 {
		s.given = o.Timeout
	}
	if s.given > 0 {
		s.timeout = s.given
	}
	s.timeout = validate.EffectiveTimeout(s.timeout)
	if d.seed != nil {
		s.seed = *d.seed
	}
	if o.Seed != nil {
		s.seed = *o.Seed
	}
	s.index()
	return s
}

// readRules reads the list of rules.
func (d *decoder) readRules(n *yamlfile.Node) {
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
func (d *decoder) tooMany(n *yamlfile.Node) bool {
	if d.answers++; d.answers > MaxAnswers {
		d.Fail(n.Place, fmt.Sprintf("a rule file has at most %d rules and answers", MaxAnswers))
		return true
	}
	return false
}

// readRule reads one rule; nil when it is none.
func (d *decoder) readRule(n *yamlfile.Node, number int) *rule {
	if !d.Want(n, yamlfile.Mapping, "a rule") {
		return nil
	}
	r := &rule{Place: n.Place, name: fmt.Sprintf("rule %d", number), probability: 1}
	r.match.Place = n.Place
	draft := &ruleDraft{rule: r, single: &answer{Place: n.Place}}
	ruleKeys().Read(d, draft, n)
	r.match.settle()
	if r.match.keys != nil && len(r.match.keys) == 0 {
		d.Fail(r.match.Place, r.match.contradiction())
	}
	d.finishRule(draft, n)
	return r
}

// finishRule checks what only the whole rule shows.
func (d *decoder) finishRule(draft *ruleDraft, n *yamlfile.Node) {
	r, single := draft.rule, draft.single
	r.delay, r.declared = single.delay, single.declared
	steps := n.Get("sequence")
	for _, name := range answerNames {
		if steps != nil && n.Get(name) != nil {
			d.Fail(n.Get(name).Place, fmt.Sprintf("%s belongs to an answer of the sequence", name))
		}
	}
	switch {
	case steps != nil:
		d.checkTimes(r, n)
		return
	case n.Get("repeat") != nil:
		d.Fail(n.Get("repeat").Place, "repeat needs a sequence; an answer without times goes on anyway")
	}
	switch d.finishAnswer(single, n); {
	case single.kind != "":
		single.delay = delayRange{} // it is the rule's
		r.answers = []*answer{single}
	case n.Get("delay") == nil && !single.declared && !hasUnknown(ruleKeys(), n):
		d.Fail(n.Place, "this rule does nothing: give it one of "+orList(append(answerNames, "sequence", "delay")))
	}
}

// checkTimes notes answers of a sequence that never come.
func (d *decoder) checkTimes(r *rule, n *yamlfile.Node) {
	count := uint64(len(r.answers))
	if r.times == 0 || r.times >= count || r.repeat {
		return
	}
	never := fmt.Sprintf("answer %d", count)
	if r.times+1 < count {
		never = fmt.Sprintf("answers %d to %d", r.times+1, count)
	}
	d.Fail(n.Get("times").Place, fmt.Sprintf("times ends the sequence before %s of its %d; write times: %d, or leave times out", never, count, count))
}

// finishAnswer checks that an answer is one.
func (d *decoder) finishAnswer(a *answer, n *yamlfile.Node) {
	switch {
	case len(a.kinds) > 1:
		d.Fail(n.Place, fmt.Sprintf("%s: an answer is only one of these", andList(a.kinds)))
	case a.declared && len(a.kinds) == 0:
		d.Fail(n.Get("fault").Place, "fault: true marks a wrong refuse, modify or raw; to choose a fault, name it: fault: timeout")
	case a.declared && a.kind == allow:
		d.Fail(n.Get("fault").Place, "allow is never wrong: leave fault: true out")
	}
}
