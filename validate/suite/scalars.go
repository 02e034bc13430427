package suite

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/imcb-dev/imcb/validate"
)

// want reports whether the node is of a kind, and notes it if not.
func (d *decoder) want(n *node, k kind, what string) bool {
	if n.kind != k {
		d.fail(n.place, fmt.Sprintf("%s must be %s, not %s", what, k, n.kind))
		return false
	}
	return true
}

// word reads a scalar as it is written: a name may look like a number.
func (d *decoder) word(n *node, what string) (string, bool) {
	if n.kind == text || n.kind == number || n.kind == boolean {
		if s := n.written; s != "" {
			return s, true
		}
		d.fail(n.place, what+" is empty")
		return "", false
	}
	return "", d.want(n, text, what)
}

// words reads a list of words, or a single one.
func (d *decoder) words(n *node, what string) []word {
	var words []word
	for _, item := range oneOrMany(n) {
		if s, ok := d.word(item, what); ok {
			words = append(words, word{item.place, s})
		}
	}
	return words
}

func texts(words []word) []string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = w.text
	}
	return all
}

// oneOrMany returns a list's items, or the node itself.
func oneOrMany(n *node) []*node {
	if n.kind == list {
		return n.items
	}
	return []*node{n}
}

// wantedWords reads what is wanted of a list: its members, or "none".
func (d *decoder) wantedWords(n *node, what string) *listWant {
	w := &listWant{place: n.place}
	if n.kind == text && n.text == "none" {
		return w
	}
	w.names = d.words(n, what)
	return w
}

// wholeNumber reads a number from 0 to limit.
func (d *decoder) wholeNumber(n *node, what string, low, high uint64) (uint64, bool) {
	v, err := strconv.ParseUint(n.text, 10, 64)
	if n.kind != number || err != nil || v < low || v > high {
		d.fail(n.place, fmt.Sprintf("%s must be a whole number from %d to %d", what, low, high))
		return 0, false
	}
	return v, true
}

// duration reads a time with its unit.
func (d *decoder) duration(n *node, what string) (time.Duration, bool) {
	if n.kind != text && n.kind != number {
		return 0, d.want(n, text, what)
	}
	t, err := time.ParseDuration(n.written)
	switch {
	case n.kind == number && n.text != "0":
		d.fail(n.place, fmt.Sprintf("%s needs a unit: %ss, %sms", what, n.written, n.written))
	case err != nil || t <= 0:
		d.fail(n.place, fmt.Sprintf("%s must be a time like 5s or 200ms, not %q", what, shorten(n.written)))
	default:
		return t, true
	}
	return 0, false
}

// numberRange reads a number, or a range like 5000-9999.
func (d *decoder) numberRange(n *node, what string, high int32) (validate.Range, bool) {
	low, end, isRange := strings.Cut(n.written, "-")
	if !isRange {
		end = low
	}
	from, err1 := strconv.ParseInt(strings.TrimSpace(low), 10, 32)
	to, err2 := strconv.ParseInt(strings.TrimSpace(end), 10, 32)
	if (n.kind != number && n.kind != text) || err1 != nil || err2 != nil || from < 0 || to < from || to > int64(high) {
		d.fail(n.place, fmt.Sprintf("%s must be a number up to %d or a range like %s", what, high, exampleRange(high)))
		return validate.Range{}, false
	}
	return validate.Range{Low: int32(from), High: int32(to)}, true
}

func exampleRange(high int32) string {
	if high == maxStatus {
		return "200-299"
	}
	return "5000-9999"
}

const (
	maxStatus = 999
	maxCode   = math.MaxInt32
)

// numberRanges reads one number or range, or a list of them.
func (d *decoder) numberRanges(n *node, what string, high int32) *codesWant {
	w := &codesWant{place: n.place}
	if n.kind == list && len(n.items) == 0 {
		d.fail(n.place, what+" is an empty list: nothing could meet it")
	}
	for _, item := range oneOrMany(n) {
		if r, ok := d.numberRange(item, what, high); ok {
			w.ranges = append(w.ranges, r)
		}
	}
	return w
}

// setting reads a setting of the run, which may come from the environment.
// What is nothing but one variable is no secret.
func (d *decoder) setting(n *node, what string) (*node, bool) {
	if n.kind != text {
		return n, n.kind == number || d.want(n, text, what)
	}
	before := len(d.problems)
	_, alone := strings.CutPrefix(n.text, "${")
	alone = alone && strings.HasSuffix(n.text, "}") && strings.Count(n.text, "${") == 1
	s, _ := d.template(n, scope{env: true, secret: !alone}).fixed()
	expanded := *n
	expanded.text, expanded.written = s, s
	if n.text != s && isDigits(s) {
		expanded.kind = number
	}
	return &expanded, len(d.problems) == before
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
