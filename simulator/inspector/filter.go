package inspector

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/simulator/rules"
	"github.com/imcb-dev/imcb/validate"
)

// The limits of a list.
const (
	defaultLimit = 100
	maxLimit     = 10_000
	maxText      = 256 // of q, in bytes
	maxQuoted    = 80  // characters of a remote text in a message
	// maxConditions bounds what one question may look for.
	maxConditions = 16
)

// filter chooses requests. Empty members choose all.
type filter struct {
	callback string // a key, or unknown
	phase    fixtures.Phase
	outcome  validate.Outcome
	rule     string
	severity validate.Severity
	text     []byte // in lower case
	where    rules.Conditions

	// counting leaves out what does not count for its callback.
	counting bool

	before, after uint64
	limit         int
}

// checkNames takes no parameter that is not known: leaving it out would choose
// too many.
func checkNames(q url.Values, known []param) error {
	names := words.Names(known, func(p param) string { return p.name })
	for name := range q {
		if !slices.Contains(names, name) {
			return words.Unknown("parameter", name, names)
		}
	}
	return nil
}

// parseFilter reads the filter of a query, which may have other parameters, too.
func parseFilter(q url.Values, others ...param) (filter, error) {
	f := filter{limit: defaultLimit}
	if err := checkNames(q, slices.Concat(others, filterParams)); err != nil {
		return f, err
	}
	for name, values := range q {
		if name != "where" && len(values) > 1 {
			return f, fmt.Errorf("%s is given %d times", name, len(values))
		}
	}
	if err := f.names(q); err != nil {
		return f, err
	}
	return f, f.numbers(q)
}

func (f *filter) names(q url.Values) (err error) {
	if f.callback, err = callbackKey(q.Get("callback")); err != nil {
		return err
	}
	if f.phase, err = oneOf("phase", q.Get("phase"), fixtures.Before, fixtures.After); err != nil {
		return err
	}
	if f.outcome, err = oneOf("outcome", q.Get("outcome"), validate.Outcomes()...); err != nil {
		return err
	}
	if f.severity, err = oneOf("severity", q.Get("severity"), severities...); err != nil {
		return err
	}
	f.rule = q.Get("rule")
	f.text = bytes.ToLower([]byte(q.Get("q")))
	if len(f.text) > maxText {
		return fmt.Errorf("q is longer than %d bytes", maxText)
	}
	if len(q["where"]) > maxConditions {
		return fmt.Errorf("more than %d conditions", maxConditions)
	}
	for _, text := range q["where"] {
		c, err := rules.ParseWhereText(text)
		if err != nil {
			return fmt.Errorf("where %w", err)
		}
		f.where = f.where.And(c)
	}
	return nil
}

func (f *filter) numbers(q url.Values) (err error) {
	if f.before, err = number(q, "before"); err != nil {
		return err
	}
	if f.after, err = number(q, "after"); err != nil {
		return err
	}
	if q.Get("limit") == "" {
		return nil
	}
	limit, err := number(q, "limit")
	if err != nil || limit < 1 || limit > maxLimit {
		return fmt.Errorf("limit is a number from 1 to %d", maxLimit)
	}
	f.limit = int(limit)
	return nil
}

// callbackKey finds the key for a key, a command or an old name.
func callbackKey(name string) (string, error) {
	if name == "" || name == unknown {
		return name, nil
	}
	c, err := fixtures.Lookup(name)
	if err != nil {
		return "", fmt.Errorf("%w; %q stands for requests of no known callback", err, unknown)
	}
	return c.Key, nil
}

// oneOf reads one of a few words; empty is none of them.
func oneOf[T ~string](what, s string, allowed ...T) (T, error) {
	if s == "" {
		return "", nil
	}
	return words.Find(what, s, allowed, func(a T) string { return string(a) })
}

func number(q url.Values, name string) (uint64, error) {
	if q.Get(name) == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(q.Get(name), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s is the number of a request, not %q", name, words.Clip(q.Get(name), maxQuoted))
	}
	return n, nil
}

// plain reports whether the counts alone can answer.
func (f *filter) plain() bool {
	return f.outcome == "" && f.rule == "" && f.severity == "" && len(f.text) == 0 && f.where.Len() == 0 && f.before == 0 && f.after == 0
}

// chooses reports whether the filter chooses the arrival, wherever the list is
// cut.
func (f *filter) chooses(a *simulator.Arrival) bool {
	return f.choosesKind(a) &&
		(f.outcome == "" || f.outcome == a.Verdict.Outcome) &&
		(f.severity == "" || worst(a).AtLeast(f.severity)) &&
		(f.rule == "" || f.rule == a.Rule) &&
		(len(f.text) == 0 || f.hasText(a)) &&
		(f.where.Len() == 0 || f.where.Match(a.Request.Body))
}

// count makes f choose what is counted for the callback or phase that it names,
// as wait and verify do.
func (f *filter) count() { f.counting = f.callback != "" || f.phase != "" }

// choosesKind looks at callback and phase only.
func (f *filter) choosesKind(a *simulator.Arrival) bool {
	return (f.callback == "" || f.callback == keyOf(a)) && (f.phase == "" || f.phase == phaseOf(a)) && (!f.counting || a.Counts())
}

// within reports whether the id lies between before and after.
func (f *filter) within(id uint64) bool {
	return id > f.after && (f.before == 0 || id < f.before)
}

func (f *filter) hasText(a *simulator.Arrival) bool {
	texts := [][]byte{[]byte(a.Command), []byte(a.Request.URL), a.Request.Body, a.Reply.Body}
	if a.Callback != nil {
		texts = append(texts, []byte(a.Callback.Key))
	}
	return slices.ContainsFunc(texts, func(text []byte) bool { return bytes.Contains(bytes.ToLower(text), f.text) })
}

// worst is the worst severity among an arrival's findings, validate.Off without
// any.
func worst(a *simulator.Arrival) validate.Severity {
	both := validate.Verdict{Findings: slices.Concat(a.Differs, a.Verdict.Findings)}
	return both.Worst()
}

// keyOf is the key of the arrival's callback, or unknown.
func keyOf(a *simulator.Arrival) string {
	if a.Callback == nil {
		return unknown
	}
	return a.Callback.Key
}

func phaseOf(a *simulator.Arrival) fixtures.Phase {
	if a.Callback == nil {
		return ""
	}
	return a.Callback.Phase
}
