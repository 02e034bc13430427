package inspector

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/simulator/rules"
)

// The limits of verify.
const (
	maxQuestion = 64 << 10 // bytes of the body
	maxNear     = 5
)

// question is the body of verify.
type question struct {
	Callback string                     `json:"callback"`
	Phase    string                     `json:"phase"`
	Where    map[string]json.RawMessage `json:"where"`
	Exactly  *int                       `json:"exactly"`
	AtLeast  *int                       `json:"atLeast"`
}

// verified is the answer of verify.
type verified struct {
	OK      bool       `json:"ok"`
	Count   int        `json:"count"`
	Want    words.Text `json:"want"`
	Message words.Text `json:"message"`
	// Dropped are requests of the callback that were counted, but could not be
	// looked at any more.
	Dropped int    `json:"dropped"`
	Near    []near `json:"near"`
}

// near is a request that almost matched.
type near struct {
	ID       uint64       `json:"id"`
	Callback string       `json:"callback"`
	Missed   []words.Text `json:"missed"`
}

// Want is how many requests are wanted: N, or at least N.
type Want struct {
	Exactly bool
	N       int
}

// Text says how many.
func (w Want) Text() words.Text {
	if w.Exactly {
		return say("exactly", "n", w.N)
	}
	return say("at-least", "n", w.N)
}

// Met reports whether a count is as wanted.
func (w Want) Met(count int) bool { return count == w.N || count > w.N && !w.Exactly }

func (i *Inspector) verify(w http.ResponseWriter, r *http.Request) {
	text, ok := readBody(w, r, maxQuestion)
	if !ok {
		return
	}
	f, n, err := parseQuestion(text)
	if err != nil {
		fail(w, http.StatusBadRequest, "%v", err)
		return
	}
	answer(w, http.StatusOK, i.check(&f, n))
}

func parseQuestion(text []byte) (f filter, n Want, err error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var q question
	if err := decoder.Decode(&q); err != nil {
		return f, n, fmt.Errorf(`the body is not what verify takes, for example {"callback":"beforeAddFriend","exactly":1}: %w`, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return f, n, errors.New("the body goes on after its JSON object")
	}
	if n, err = q.want(); err != nil {
		return f, n, err
	}
	if err = f.names(url.Values{"callback": {q.Callback}, "phase": {q.Phase}}); err != nil {
		return f, n, err
	}
	f.count()
	f.where, err = q.conditions()
	return f, n, err
}

func (q *question) want() (Want, error) {
	switch {
	case q.Exactly != nil && q.AtLeast != nil:
		return Want{}, errors.New("give exactly or atLeast, not both")
	case q.Exactly != nil && *q.Exactly < 0 || q.AtLeast != nil && *q.AtLeast < 0:
		return Want{}, errors.New("exactly and atLeast are numbers from 0 on")
	case q.Exactly != nil:
		return Want{true, *q.Exactly}, nil
	case q.AtLeast != nil:
		return Want{false, *q.AtLeast}, nil
	default:
		return Want{false, 1}, nil
	}
}

// conditions reads one after the other, so that the error can name the path.
func (q *question) conditions() (all rules.Conditions, err error) {
	if len(q.Where) > maxConditions {
		return all, fmt.Errorf("more than %d conditions", maxConditions)
	}
	for _, path := range slices.Sorted(maps.Keys(q.Where)) {
		c, err := rules.ParseWhere(map[string]any{path: q.Where[path]})
		if err != nil {
			return all, fmt.Errorf("where %q: %w", words.Clip(path, maxQuoted), err)
		}
		all = all.And(c)
	}
	return all, nil
}

// check counts what matches: without conditions by the counts, which are exact
// even if requests were dropped, else among those that are kept.
func (i *Inspector) check(f *filter, n Want) verified {
	i.mu.Lock()
	all, counted := slices.Clone(i.store.entries), i.counts.matching(f.callback, f.phase)
	i.mu.Unlock()
	v := verified{Want: n.Text(), Count: counted, Near: []near{}}
	if !f.plain() {
		v.Count = count(all, f.chooses)
		v.Dropped = max(0, counted-count(all, f.choosesKind))
	}
	v.OK = n.Met(v.Count)
	if !v.OK && v.Count < n.N {
		v.Near = nearMisses(all, f)
	}
	v.Message = v.sentence(f, n)
	return v
}

func count(all []*entry, chosen func(*simulator.Arrival) bool) (n int) {
	for _, e := range all {
		if chosen(e.arrival) {
			n++
		}
	}
	return n
}

func (v *verified) sentence(f *filter, n Want) words.Text {
	var dropped words.Text
	if v.Dropped > 0 {
		dropped = say("verified.dropped", "n", v.Dropped)
	}
	switch {
	case !v.OK:
		return say("verified.not", "subject", f.subject(), "times", times(v.Count), "want", v.Want, "dropped", dropped)
	case n.Exactly:
		return say("verified.as-wanted", "subject", f.subject(), "times", times(v.Count), "dropped", dropped)
	default:
		return say("verified", "subject", f.subject(), "times", times(v.Count), "want", v.Want, "dropped", dropped)
	}
}

func (f *filter) subject() words.Text {
	var with words.Text
	if f.where.Len() > 0 {
		with = say("subject.with", "conditions", f.where.Text())
	}
	switch {
	case f.callback == unknown:
		return say("subject.unknown", "with", with)
	case f.callback != "":
		return say("subject.callback", "callback", f.callback, "with", with)
	case f.phase != "":
		return say("subject.phase", "phase", string(f.phase), "with", with)
	default:
		return say("subject", "with", with)
	}
}

func times(n int) words.Text {
	switch n {
	case 0:
		return say("times.0")
	case 1:
		return say("times.1")
	default:
		return say("times", "n", n)
	}
}

// kindWeight is what another phase counts beside a condition.
const kindWeight = maxConditions + 1

// nearMisses are the requests that miss the least, the newest first among
// equals.
func nearMisses(all []*entry, f *filter) []near {
	type miss struct {
		*entry
		weight int
	}
	var misses []miss
	for _, e := range slices.Backward(all) {
		if f.callback != "" && f.callback != keyOf(e.arrival) {
			continue // another callback is nothing near
		}
		if weight := f.weigh(e.arrival); weight > 0 {
			misses = append(misses, miss{e, weight})
		}
	}
	slices.SortStableFunc(misses, func(a, b miss) int { return a.weight - b.weight })
	found := []near{}
	for _, m := range misses[:min(len(misses), maxNear)] {
		found = append(found, near{m.id, keyOf(m.arrival), f.missed(m.arrival)})
	}
	return found
}

// weigh says how far the arrival is from what the filter chooses.
func (f *filter) weigh(a *simulator.Arrival) int {
	weight := f.where.Unmet(a.Request.Body)
	if f.phase != "" && f.phase != phaseOf(a) {
		weight += kindWeight
	}
	return weight
}

// missed says what keeps the arrival from being chosen.
func (f *filter) missed(a *simulator.Arrival) []words.Text {
	var missed []words.Text
	if f.phase != "" && f.phase != phaseOf(a) {
		missed = append(missed, say("missed.phase", "got", cmp.Or(string(phaseOf(a)), unknown), "want", string(f.phase)))
	}
	return append(missed, f.where.Misses(a.Request.Body)...)
}
