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
	"slices"

	"github.com/imcb-dev/imcb/fixtures"
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
	OK      bool   `json:"ok"`
	Count   int    `json:"count"`
	Want    string `json:"want"`
	Message string `json:"message"`
	// Dropped are requests of the callback that were counted, but could not be
	// looked at any more.
	Dropped int    `json:"dropped"`
	Near    []near `json:"near"`
}

// near is a request that almost matched.
type near struct {
	ID       uint64   `json:"id"`
	Callback string   `json:"callback"`
	Missed   []string `json:"missed"`
}

// wish is how many requests are wanted.
type wish struct {
	exactly bool
	n       int
}

func (w wish) String() string {
	if w.exactly {
		return fmt.Sprintf("exactly %d", w.n)
	}
	return fmt.Sprintf("at least %d", w.n)
}

func (w wish) granted(count int) bool {
	return count == w.n || count > w.n && !w.exactly
}

func (i *Inspector) verify(w http.ResponseWriter, r *http.Request) {
	text, ok := readBody(w, r, maxQuestion)
	if !ok {
		return
	}
	f, want, err := parseQuestion(text)
	if err != nil {
		fail(w, http.StatusBadRequest, "%v", err)
		return
	}
	answer(w, http.StatusOK, i.check(&f, want))
}

func parseQuestion(text []byte) (f filter, want wish, err error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var q question
	if err := decoder.Decode(&q); err != nil {
		return f, want, fmt.Errorf(`the body is not what verify takes, for example {"callback":"beforeAddFriend","exactly":1}: %w`, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return f, want, errors.New("the body goes on after its JSON object")
	}
	if want, err = q.wish(); err != nil {
		return f, want, err
	}
	if f.callback, err = callbackKey(q.Callback); err != nil {
		return f, want, err
	}
	if f.phase, err = oneOf("phase", q.Phase, fixtures.Before, fixtures.After); err != nil {
		return f, want, err
	}
	f.count()
	f.where, err = q.conditions()
	return f, want, err
}

func (q *question) wish() (wish, error) {
	switch {
	case q.Exactly != nil && q.AtLeast != nil:
		return wish{}, errors.New("give exactly or atLeast, not both")
	case q.Exactly != nil && *q.Exactly < 0 || q.AtLeast != nil && *q.AtLeast < 0:
		return wish{}, errors.New("exactly and atLeast are numbers from 0 on")
	case q.Exactly != nil:
		return wish{true, *q.Exactly}, nil
	case q.AtLeast != nil:
		return wish{false, *q.AtLeast}, nil
	default:
		return wish{false, 1}, nil
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
			return all, fmt.Errorf("where %q: %w", clip(path), err)
		}
		all = all.And(c)
	}
	return all, nil
}

// check counts what matches: without conditions by the counts, which are exact
// even if requests were dropped, else among those that are kept.
func (i *Inspector) check(f *filter, want wish) verified {
	i.mu.Lock()
	all := i.store.newer(0, i.store.span)
	counted := i.counts.matching(f.callback, f.phase)
	i.mu.Unlock()
	v := verified{Want: want.String(), Count: counted, Near: []near{}}
	if f.where.Len() > 0 {
		kind := 0
		v.Count = 0
		for _, e := range all {
			if f.choosesKind(e) {
				kind++
				if f.chooses(e) {
					v.Count++
				}
			}
		}
		v.Dropped = max(0, counted-kind)
	}
	v.OK = want.granted(v.Count)
	if !v.OK && v.Count < want.n {
		v.Near = nearMisses(all, f)
	}
	v.Message = v.sentence(f)
	return v
}

func (v *verified) sentence(f *filter) string {
	not := ""
	if !v.OK {
		not = "not "
	}
	text := fmt.Sprintf("%s came %s, %s%s", f.subject(), times(v.Count), not, v.Want)
	if v.OK && v.Want == fmt.Sprintf("exactly %d", v.Count) {
		text = fmt.Sprintf("%s came %s, as wanted", f.subject(), times(v.Count))
	}
	if v.Dropped > 0 {
		text += fmt.Sprintf("; %s dropped from memory before they could be looked at: keep more, or reset between tests", plural(v.Dropped, "request was", "requests were"))
	}
	return text
}

// subject says what is looked for.
func (f *filter) subject() string {
	subject := cmp.Or(f.callback, "a request")
	switch {
	case f.callback == unknown:
		subject = "a request of no known callback"
	case f.callback == "" && f.phase != "":
		subject = "a request of phase " + string(f.phase)
	}
	if f.where.Len() > 0 {
		subject += " with " + f.where.String()
	}
	return subject
}

func times(n int) string {
	switch n {
	case 0:
		return "not once"
	case 1:
		return "once"
	default:
		return fmt.Sprintf("%d times", n)
	}
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// kindWeight is what another callback or phase counts beside a condition.
const kindWeight = maxConditions + 1

// nearMisses are the requests that miss the least, the newest first among
// equals.
func nearMisses(all []*entry, f *filter) []near {
	type miss struct {
		*entry
		weight int
	}
	var misses []miss
	for n := len(all) - 1; n >= 0; n-- {
		if weight := f.weigh(all[n]); weight > 0 {
			misses = append(misses, miss{all[n], weight})
		}
	}
	slices.SortStableFunc(misses, func(a, b miss) int { return a.weight - b.weight })
	found := []near{}
	for _, m := range misses[:min(len(misses), maxNear)] {
		found = append(found, near{m.id, keyOf(m.entry), f.missed(m.entry)})
	}
	return found
}

// weigh says how far the entry is from what the filter chooses.
func (f *filter) weigh(e *entry) int {
	weight := 0
	if f.where.Len() > 0 {
		weight = f.where.Unmet(e.arrival.Request.Body)
	}
	if f.callback != "" && f.callback != keyOf(e) {
		weight += kindWeight
	}
	if f.phase != "" && f.phase != phaseOf(e) {
		weight += kindWeight
	}
	return weight
}

// missed says what keeps the entry from being chosen.
func (f *filter) missed(e *entry) []string {
	var missed []string
	if f.callback != "" && f.callback != keyOf(e) {
		missed = append(missed, fmt.Sprintf("callback is %s, not %s", keyOf(e), f.callback))
	}
	if f.phase != "" && f.phase != phaseOf(e) {
		missed = append(missed, fmt.Sprintf("phase is %s, not %s", cmp.Or(string(phaseOf(e)), unknown), f.phase))
	}
	return append(missed, f.where.Misses(e.arrival.Request.Body)...)
}
