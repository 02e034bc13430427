package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/imcb-dev/imcb/validate"
)

// Tally sums up the results of one callback in a record.
type Tally struct {
	Callback string `json:"callback"`
	Sent     int    `json:"sent"`
	// Succeeded counts replies that OpenIM can read and that do not refuse, Refused
	// those that do.
	Succeeded int `json:"succeeded"`
	Refused   int `json:"refused"`
	// Failed counts the others by cause: a validate.Failure, or crash.
	Failed map[string]int `json:"failed,omitempty"`
	// Unanswered counts those of which the record does not have the end.
	Unanswered int `json:"unanswered"`
	// Slowest is the longest time to a reply.
	Slowest time.Duration `json:"-"`
	// SlowestMS is Slowest in milliseconds.
	SlowestMS float64 `json:"slowest_ms"`
}

// Tallies sum up results by callback, in the order of their first ones.
type Tallies struct {
	all   []*Tally
	byKey map[string]*Tally
}

// Add counts a result.
func (t *Tallies) Add(r validate.Result) {
	key := keyOf(r)
	one := t.byKey[key]
	if one == nil {
		one = &Tally{Callback: key}
		if t.byKey == nil {
			t.byKey = make(map[string]*Tally)
		}
		t.byKey[key], t.all = one, append(t.all, one)
	}
	one.add(r)
}

// All are the sums.
func (t *Tallies) All() []*Tally { return t.all }

func (t *Tally) add(r validate.Result) {
	t.Sent++
	reply := &r.Exchange.Reply
	t.Slowest = max(t.Slowest, reply.Elapsed)
	t.SlowestMS = float64(t.Slowest.Microseconds()) / 1000
	switch {
	case r.Skipped != "" || reply.Failure == validate.Unexplained || r.Outcome == validate.Unknown:
		t.Unanswered++
	case reply.Failure != "":
		t.fail(cause(&r.Exchange))
	case r.Outcome == validate.Crash:
		t.fail("crash")
	case r.Unreadable:
		t.fail(string(validate.Unreadable))
	case r.Refuses:
		t.Refused++
	default:
		t.Succeeded++
	}
}

// cause is a failure's name; "unknown" where the record does not tell it.
func cause(x *validate.Exchange) string {
	if x.Lacks(validate.ReplyError) && x.Reply.Failure == validate.Network {
		return "unknown"
	}
	return string(x.Reply.Failure)
}

func (t *Tally) fail(cause string) {
	if t.Failed == nil {
		t.Failed = make(map[string]int)
	}
	t.Failed[cause]++
}

// tallyHeads are the heads of the table's columns.
var tallyHeads = []string{"callback", "sent", "succeeded", "refused", "failed", "unanswered", "slowest"}

// cells are the columns of the table.
func (t *Tally) cells() []string {
	var causes []string
	for _, name := range slices.Sorted(maps.Keys(t.Failed)) {
		causes = append(causes, fmt.Sprintf("%s %d", name, t.Failed[name]))
	}
	return []string{
		clean(t.Callback, labelBound), count(t.Sent), count(t.Succeeded), count(t.Refused), strings.Join(causes, ", "), count(t.Unanswered),
		elapsed(validate.Reply{Elapsed: t.Slowest}),
	}
}

// count is a number, or nothing for none.
func count(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func tallyRows(tallies []*Tally) [][]string {
	rows := [][]string{tallyHeads}
	for _, t := range tallies {
		rows = append(rows, t.cells())
	}
	return rows
}

// table is the table for people: columns apart by blanks.
func table(rows [][]string) string {
	var b strings.Builder
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			width := 0
			for _, other := range rows {
				width = max(width, utf8.RuneCountInString(other[i]))
			}
			fmt.Fprintf(&line, "%-*s  ", width, cell)
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}
