package validate

import (
	"encoding/json"
	"errors"
)

// maxDepth is how deep encoding/json follows nested values.
const maxDepth = 10000

// scanner walks a JSON text once and checks it on the way, by encoding/json's
// rules. At the first fault it jumps to the end of the text and stays there.
type scanner struct {
	text  []byte
	at    int // the next byte
	depth int
	bad   bool
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

// end reports the text's first fault, in encoding/json's words; anything but
// space after the value is one.
func (s *scanner) end() error {
	if s.peek(); !s.bad && s.at == len(s.text) {
		return nil
	}
	var nothing struct{}
	var syntax *json.SyntaxError
	if err := json.Unmarshal(s.text, &nothing); errors.As(err, &syntax) {
		return err
	}
	return nil
}

func (s *scanner) fail() { s.at, s.bad = len(s.text), true }

// peek skips space and returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	for ; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; c {
		case ' ', '\n', '\t', '\r':
		default:
			return c
		}
	}
	return 0
}

// next reads a whole value.
func (s *scanner) next() token {
	c := s.peek()
	t := token{start: s.at, kind: c}
	switch c {
	case kindString:
		t.plain = s.quoted()
	case kindObject:
		for s.open(); s.more('}'); {
			s.key()
			s.next()
		}
	case kindArray:
		for s.open(); s.more(']'); {
			s.next()
		}
	case 'n':
		s.word("null")
	case 't':
		s.word("true")
	case 'f':
		t.kind = kindBool
		s.word("false")
	default:
		t.kind = kindNumber
		s.number()
	}
	t.end = s.at
	return t
}

// open enters an object or a list.
func (s *scanner) open() {
	s.at++
	if s.depth++; s.depth > maxDepth {
		s.fail()
	}
}

// more moves to the next member of the object or list that closing ends. When
// there is none it leaves the container.
func (s *scanner) more(closing byte) bool {
	first := !s.bad && isOpening(s.text[s.at-1])
	switch c := s.peek(); {
	case c == closing:
		s.at++
		s.depth--
		return false
	case c == ',' && !first:
		s.at++
		return true
	case first:
		return true // the value, or the lack of one, is checked by who reads it
	}
	s.fail()
	return false
}

func isOpening(c byte) bool { return c == kindObject || c == kindArray }

// key reads a member's name and the colon after it.
func (s *scanner) key() token {
	if s.peek() != kindString {
		s.fail()
		return token{}
	}
	t := token{start: s.at, kind: kindString}
	t.plain = s.quoted()
	t.end = s.at
	if s.peek() != ':' {
		s.fail()
		return token{}
	}
	s.at++
	return t
}

// string reads a string and reports whether it is plain.
func (s *scanner) quoted() bool {
	text, plain := s.text, true
	for i := s.at + 1; i < len(text); i++ {
		c := text[i]
		if ordinary[c] {
			continue
		}
		switch {
		case c == '"':
			s.at = i + 1
			return plain
		case c == '\\':
			n := escapeLength(text[i:])
			if n == 0 {
				s.fail()
				return false
			}
			i += n - 1
		case c < ' ':
			s.fail()
			return false
		}
		plain = false
	}
	s.fail()
	return false
}

// ordinary has the bytes that mean themselves in a string.
var ordinary = func() (set [256]bool) {
	for c := ' '; c < 0x80; c++ {
		set[c] = c != '"' && c != '\\'
	}
	return set
}()

// escapeLength is the length of the escape that text begins with, 0 when it is
// none.
func escapeLength(text []byte) int {
	if len(text) < 2 {
		return 0
	}
	switch text[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		const length = len(`\u0000`)
		if len(text) < length {
			return 0
		}
		for _, c := range text[2:length] {
			if !isDigit(c) && (c|0x20 < 'a' || 'f' < c|0x20) {
				return 0
			}
		}
		return length
	}
	return 0
}

func (s *scanner) word(word string) {
	if end := s.at + len(word); end <= len(s.text) && string(s.text[s.at:end]) == word {
		s.at = end
		return
	}
	s.fail()
}

// number reads an integer, then perhaps a fraction and an exponent.
func (s *scanner) number() {
	s.take('-', '-')
	if !s.take('0', '0') {
		s.digits()
	}
	if s.take('.', '.') {
		s.digits()
	}
	if s.take('e', 'E') {
		s.take('+', '-')
		s.digits()
	}
}

// take skips one of two bytes.
func (s *scanner) take(a, b byte) bool {
	if s.at < len(s.text) && (s.text[s.at] == a || s.text[s.at] == b) {
		s.at++
		return true
	}
	return false
}

// digits reads one digit or more.
func (s *scanner) digits() {
	start := s.at
	for s.at < len(s.text) && isDigit(s.text[s.at]) {
		s.at++
	}
	if s.at == start {
		s.fail()
	}
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
