package validate

import (
	"encoding/json"
	"unicode/utf8"

	"github.com/imcb-dev/imcb/fixtures"
)

// syntaxError says why encoding/json does not take a text for JSON; nil: it
// does.
func syntaxError(text []byte) error {
	if fixtures.ValidJSON(text) {
		return nil
	}
	var nothing struct{}
	return json.Unmarshal(text, &nothing)
}

// scanner walks once over a text that is JSON.
type scanner struct {
	text []byte
	at   int // the next byte
}

// token is a value's place in the text.
type token struct {
	start, end int
	// kind is the value's first byte, with one for all numbers and one for
	// both booleans.
	kind byte
	// plain is set on strings that are their own text: ASCII without escapes.
	plain bool
}

// The kinds of tokens. Those that open a container are its first byte.
const (
	kindNull   = 'n'
	kindBool   = 't'
	kindNumber = '0'
	kindString = '"'
	kindObject = '{'
	kindArray  = '['
)

// peek skips space and returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	for ; s.at < len(s.text); s.at++ {
		if c := s.text[s.at]; c > ' ' {
			return c
		}
	}
	return 0
}

// next reads a whole value.
func (s *scanner) next() token {
	t := token{kind: s.peek(), start: s.at}
	switch t.kind {
	case kindString:
		t.plain = s.quoted()
	case kindObject, kindArray:
		s.container()
	case kindNull, kindBool:
		s.at += len("null")
	case 'f':
		t.kind = kindBool
		s.at += len("false")
	default:
		t.kind = kindNumber
		s.number()
	}
	t.end = s.at
	return t
}

// quoted reads a string and reports whether it is plain.
func (s *scanner) quoted() bool {
	text, plain := s.text, true
	for i := s.at + 1; ; i++ {
		switch c := text[i]; {
		case ordinary[c]:
		case c == '"':
			s.at = i + 1
			return plain
		case c == '\\':
			i++
			plain = false
		default:
			plain = false
		}
	}
}

// ordinary has the bytes that mean themselves in a string.
var ordinary = func() (set [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		set[c] = c != '"' && c != '\\'
	}
	return set
}()

func (s *scanner) container() {
	for depth := 0; ; {
		switch s.text[s.at] {
		case '"':
			s.quoted()
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		if s.at++; depth == 0 {
			return
		}
	}
}

func (s *scanner) number() {
	for s.at < len(s.text) && s.text[s.at] > ' ' && s.text[s.at] != ',' && s.text[s.at] != ']' && s.text[s.at] != '}' {
		s.at++
	}
}

// open enters an object or a list.
func (s *scanner) open() { s.at++ }

// more moves to the next member of the object or list that was opened; when
// there is none, it leaves it.
func (s *scanner) more() bool {
	switch s.peek() {
	case ',':
		s.at++
	case '}', ']':
		s.at++
		return false
	}
	return true
}

// key reads a member's name and the colon after it.
func (s *scanner) key() token {
	t := s.next()
	s.peek()
	s.at++
	return t
}

// name is what a string token says.
func (s *scanner) name(t token) string {
	text := s.text[t.start:t.end]
	if t.plain {
		return string(text[1 : len(text)-1])
	}
	return unquote(string(text))
}
