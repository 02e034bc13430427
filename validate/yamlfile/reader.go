package yamlfile

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Reader collects the mistakes of a file and reads its simple values. Decoders
// embed it.
type Reader struct {
	Problems []Problem
}

// Fail notes a mistake, once: an alias leads to the same node again. Beyond
// MaxProblems it notes none.
func (r *Reader) Fail(p Place, message string) {
	problem := Problem{p, message}
	if !r.Full() && !slices.Contains(r.Problems, problem) {
		r.Problems = append(r.Problems, problem)
	}
}

// Full reports whether there are mistakes enough.
func (r *Reader) Full() bool { return len(r.Problems) >= MaxProblems }

// Errors returns the mistakes as an Errors, in the order of the file; nil when
// there is none. mask changes each message and may be nil.
func (r *Reader) Errors(s *Source, mask func(string) string) error {
	if len(r.Problems) == 0 {
		return nil
	}
	var all Errors
	for _, p := range r.Problems {
		if mask != nil {
			p.Message = mask(p.Message)
		}
		all = append(all, s.Error(p.Place, p.Message))
	}
	all.sort()
	return all
}

// Want reports whether the node is of a kind, and notes it if not.
func (r *Reader) Want(n *Node, k Kind, what string) bool {
	if n.Kind != k {
		r.Fail(n.Place, fmt.Sprintf("%s must be %s, not %s", what, k, n.Kind))
		return false
	}
	return true
}

// Word is a name in the file.
type Word struct {
	Place
	Text string
}

// Word reads a scalar as it is written: a name may look like a number.
func (r *Reader) Word(n *Node, what string) (string, bool) {
	if n.Kind == Text || n.Kind == Number || n.Kind == Boolean {
		if s := n.Written; s != "" {
			return s, true
		}
		r.Fail(n.Place, what+" is empty")
		return "", false
	}
	return "", r.Want(n, Text, what)
}

// Words reads a list of words, or a single one.
func (r *Reader) Words(n *Node, what string) []Word {
	var words []Word
	for _, item := range n.OneOrMany() {
		if s, ok := r.Word(item, what); ok {
			words = append(words, Word{item.Place, s})
		}
	}
	return words
}

// Texts returns the words without their places.
func Texts(words []Word) []string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = w.Text
	}
	return all
}

// WholeNumber reads a number from low to high.
func (r *Reader) WholeNumber(n *Node, what string, low, high uint64) (uint64, bool) {
	v, err := strconv.ParseUint(n.Text, 10, 64)
	if n.Kind != Number || err != nil || v < low || v > high {
		r.Fail(n.Place, fmt.Sprintf("%s must be a whole number from %d to %d", what, low, high))
		return 0, false
	}
	return v, true
}

// Duration reads a time with its unit.
func (r *Reader) Duration(n *Node, what string) (time.Duration, bool) {
	if n.Kind != Text && n.Kind != Number {
		return 0, r.Want(n, Text, what)
	}
	t, err := time.ParseDuration(n.Written)
	switch {
	case n.Kind == Number && n.Text != "0":
		r.Fail(n.Place, fmt.Sprintf("%s needs a unit: %ss, %sms", what, n.Written, n.Written))
	case err != nil || t <= 0:
		r.Fail(n.Place, fmt.Sprintf("%s must be a time like 5s or 200ms, not %q", what, Shorten(n.Written)))
	default:
		return t, true
	}
	return 0, false
}
