package yamlfile

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/imcb-dev/imcb/fixtures/words"
)

// Problem is a mistake and its place.
type Problem struct {
	Place
	Message words.Text
}

// Error is one mistake in a file. Its JSON is for who has the file.
type Error struct {
	File string `json:"-"`
	// Line and Column count from 1; 0: the mistake is about the whole file.
	Line    int        `json:"line"`
	Column  int        `json:"column"`
	Message words.Text `json:"message"`
	// Excerpt is the line with a mark below the mistake; empty when the
	// mistake is about the whole file.
	Excerpt string `json:"excerpt"`
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Message)
	}
	text := fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
	if e.Excerpt != "" {
		text += "\n" + e.Excerpt
	}
	return text
}

// MaxProblems is how many mistakes are told at once.
const MaxProblems = 20

// Errors are all the mistakes that were found in a file, by line.
type Errors []*Error

func (e Errors) Error() string {
	texts := make([]string, len(e))
	for i, one := range e {
		texts[i] = one.Error()
	}
	if len(e) >= MaxProblems {
		texts = append(texts, fmt.Sprintf("%s: %s", e[0].File, say("more")))
	}
	return strings.Join(texts, "\n")
}

// Unwrap lets errors.As find the single mistakes.
func (e Errors) Unwrap() []error {
	all := make([]error, len(e))
	for i, one := range e {
		all[i] = one
	}
	return all
}

// Source is a file's text, for excerpts.
type Source struct {
	file  string
	lines []string
}

// NewSource splits a file's text into lines; file is what messages call it.
func NewSource(file string, text []byte) *Source {
	return &Source{file: file, lines: strings.Split(string(text), "\n")}
}

// maxQuoted is how much of a text in the file a message quotes, in characters.
const maxQuoted = 200

// Error makes the error for a mistake at p.
func (s *Source) Error(p Place, message words.Text) *Error {
	return &Error{File: s.file, Line: p.Line, Column: p.Col, Message: message.Short(maxQuoted), Excerpt: s.excerpt(p)}
}

// An excerpt shows this much of a line: a file may be one long line.
const (
	excerptBefore = 60
	excerptLength = 120
)

// excerpt shows the line of p, marked below.
func (s *Source) excerpt(p Place) string {
	if p.Line < 1 || p.Line > len(s.lines) {
		return ""
	}
	line := []rune(printable(strings.TrimSuffix(window(s.lines[p.Line-1], p.Col), "\r")))
	col := min(p.Col-1, excerptBefore)
	if p.Col < 1 || col > len(line) {
		col = len(line)
	}
	line = line[:min(len(line), excerptLength)]
	width := max(1, min(p.Width, len(line)-col))
	margin := fmt.Sprintf("%4d | ", p.Line)
	mark := "^" + strings.Repeat("~", width-1)
	return margin + strings.TrimRight(string(line), " ") + "\n" + strings.Repeat(" ", len(margin)-2) + "| " + strings.Repeat(" ", col) + mark
}

// window cuts off what stands too far before the column.
func window(line string, col int) string {
	for skip := col - 1 - excerptBefore; skip > 0 && line != ""; skip-- {
		_, size := utf8.DecodeRuneInString(line)
		line = line[size:]
	}
	if len(line) > 8*excerptLength { // what follows is never shown
		line = line[:8*excerptLength]
	}
	return line
}

// printable replaces what could steer a terminal, each by one letter, so that
// columns stay.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unicode.IsPrint(r):
			return r
		default:
			return unicode.ReplacementChar
		}
	}, s)
}
