package yamlfile

import (
	"cmp"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
)

// Reader collects the mistakes of a file and reads its simple values. Decoders
// embed it.
type Reader struct {
	Problems []Problem
}

// Fail notes a mistake, once: an alias leads to the same node again. Beyond
// MaxProblems it notes none.
func (r *Reader) Fail(p Place, message words.Text) {
	same := func(o Problem) bool { return o.Place == p && o.Message.String() == message.String() }
	if !r.Full() && !slices.ContainsFunc(r.Problems, same) {
		r.Problems = append(r.Problems, Problem{p, message})
	}
}

// Failed notes the error about what stands at p, and reports whether there is
// one.
func (r *Reader) Failed(p Place, err error) bool {
	if err != nil {
		r.Fail(p, words.Of(err))
	}
	return err != nil
}

// Full reports whether there are mistakes enough.
func (r *Reader) Full() bool { return len(r.Problems) >= MaxProblems }

// Errors returns the mistakes as an Errors, in the order of the file; nil when
// there is none. mask changes what each message quotes and may be nil.
func (r *Reader) Errors(s *Source, mask func(string) string) error {
	if len(r.Problems) == 0 {
		return nil
	}
	var all Errors
	for _, p := range r.Problems {
		if mask != nil {
			p.Message = p.Message.Map(mask)
		}
		all = append(all, s.Error(p.Place, p.Message))
	}
	slices.SortStableFunc(all, func(a, b *Error) int { return cmp.Or(a.Line-b.Line, a.Column-b.Column) })
	return all
}

// Want reports whether the node is of a kind, and notes it if not. Here and in
// the methods below, what is the value: its key's name or a words.Text.
func (r *Reader) Want(n *Node, k Kind, what any) bool {
	if n.Kind != k {
		r.Fail(n.Place, say("kind", "what", what, "kind", k.Text(), "got", n.Kind.Text()))
		return false
	}
	return true
}

// Scalar reports whether the node is text or looks like a number or a boolean,
// and notes it if not.
func (r *Reader) Scalar(n *Node, what any) bool {
	return n.Kind == Number || n.Kind == Boolean || r.Want(n, Text, what)
}

// Word is a name in the file.
type Word struct {
	Place
	Text string
}

// Word reads a scalar as it is written: a name may look like a number.
func (r *Reader) Word(n *Node, what any) (string, bool) {
	if !r.Scalar(n, what) {
		return "", false
	}
	if n.Written == "" {
		r.Fail(n.Place, say("word", "what", what))
	}
	return n.Written, n.Written != ""
}

// Words reads a list of words, or a single one.
func (r *Reader) Words(n *Node, what any) []Word {
	var all []Word
	for _, item := range n.OneOrMany() {
		if s, ok := r.Word(item, what); ok {
			all = append(all, Word{item.Place, s})
		}
	}
	return all
}

// Callback looks a callback up by a name that stands at p; nil: there is none.
func (r *Reader) Callback(p Place, name string) *fixtures.Callback {
	c, err := fixtures.Lookup(name)
	if err != nil {
		r.Fail(p, OrHint(err, say("callback", "error", err)))
	}
	return c
}

// OrHint is what the error about an unknown name says; the hint, when it has no
// near names.
func OrHint(err error, hint words.Text) words.Text {
	if unknown, ok := errors.AsType[*words.UnknownError](err); ok && len(unknown.Near) > 0 {
		return words.Of(err)
	}
	return hint
}

// Values is Words that takes empty text, too.
func (r *Reader) Values(n *Node, what any) []Word {
	var all []Word
	for _, item := range n.OneOrMany() {
		if item.Kind == Null || item.Kind == List || item.Kind == Mapping {
			r.Fail(item.Place, say("values", "what", what))
		} else {
			all = append(all, Word{item.Place, item.Written})
		}
	}
	return all
}

// Texts returns the words without their places.
func Texts(list []Word) []string {
	return words.Names(list, func(w Word) string { return w.Text })
}

// Boolean reads true or false.
func (r *Reader) Boolean(n *Node, what any) (value, ok bool) {
	ok = r.Want(n, Boolean, what)
	return ok && n.Text == "true", ok
}

// Choice reads one of a few words.
func Choice[T ~string](d Decoder, n *Node, what string, all []T) (T, bool) {
	one, err := words.Find(what, n.Written, all, func(o T) string { return string(o) })
	return one, !d.Failed(n.Place, err)
}

// WholeNumber reads a number from low to high.
func (r *Reader) WholeNumber(n *Node, what any, low, high uint64) (uint64, bool) {
	v, err := strconv.ParseUint(n.Text, 10, 64)
	if n.Kind != Number || err != nil || v < low || v > high {
		r.Fail(n.Place, say("whole-number", "what", what, "low", low, "high", high))
		return 0, false
	}
	return v, true
}

// Duration reads a time with its unit.
func (r *Reader) Duration(n *Node, what any) (time.Duration, bool) {
	if n.Kind != Text && n.Kind != Number {
		return 0, r.Want(n, Text, what)
	}
	t, err := time.ParseDuration(n.Written)
	switch {
	case n.Kind == Number && n.Text != "0":
		r.Fail(n.Place, say("duration.unit", "what", what, "got", n.Written))
	case err != nil || t <= 0:
		r.Fail(n.Place, say("duration", "what", what, "got", n.Written))
	default:
		return t, true
	}
	return 0, false
}

// Pattern reads a regular expression, which the node holds; nil: it is none.
func (r *Reader) Pattern(n *Node, text string) *regexp.Regexp {
	pattern, err := regexp.Compile(text)
	if err != nil {
		r.Fail(n.Place, say("pattern", "error", err))
	}
	return pattern
}

// Headers reads a mapping of headers: the entries whose keys can be names.
func (r *Reader) Headers(n *Node, what any) []Entry {
	if !r.Want(n, Mapping, what) {
		return nil
	}
	var all []Entry
	for _, e := range n.Entries {
		if IsHeaderName(e.Key.Text) {
			all = append(all, e)
		} else {
			r.Fail(e.Key.Place, say("header.name", "name", e.Key.Text))
		}
	}
	return all
}

// HeaderValue notes text at p that can't be a header's value.
func (r *Reader) HeaderValue(p Place, text string) {
	if !IsHeaderValue(text) {
		r.Fail(p, say("header.value"))
	}
}

// WhatHeader is the value of a header.
var WhatHeader = say("header")

// IsHeaderName reports whether s can be a header's name (RFC 9110, token).
func IsHeaderName(s string) bool { return headerName().MatchString(s) }

const headerNames = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"

var headerName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(headerNames) })

// HeaderNames is the schema of the names of headers.
var HeaderNames = Schema{"pattern": headerNames}

// IsHeaderValue reports whether s can be a header's value: it is on one line
// and has no control characters.
func IsHeaderValue(s string) bool {
	for i := range len(s) {
		if (s[i] < ' ' && s[i] != '\t') || s[i] == 0x7f {
			return false
		}
	}
	return true
}
