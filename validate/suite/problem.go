package suite

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Error is one mistake in a suite file.
type Error struct {
	File         string
	Line, Column int
	Message      string
	// Excerpt is the line with a mark below the mistake; empty when the
	// mistake is about the whole file.
	Excerpt string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Message
	}
	text := fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
	if e.Excerpt != "" {
		text += "\n" + e.Excerpt
	}
	return text
}

// Errors are all the mistakes that were found in a suite file, by line.
type Errors []*Error

func (e Errors) Error() string {
	texts := make([]string, len(e))
	for i, one := range e {
		texts[i] = one.Error()
	}
	if len(e) >= maxProblems {
		texts = append(texts, e[0].File+": there may be more mistakes")
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

// sort puts the mistakes in the order of the file.
func (e Errors) sort() {
	slices.SortStableFunc(e, func(a, b *Error) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
}

// source is a file's text, for excerpts.
type source struct {
	file  string
	lines []string
}

func newSource(file string, text []byte) *source {
	return &source{file: file, lines: strings.Split(string(text), "\n")}
}

// error makes the error for a mistake at p.
func (s *source) error(p place, message string) *Error {
	return &Error{File: s.file, Line: p.line, Column: p.col, Message: printable(message), Excerpt: s.excerpt(p)}
}

// An excerpt shows this much of a line: a file may be one long line.
const (
	excerptBefore = 60
	excerptLength = 120
)

// excerpt shows the line of p, marked below.
func (s *source) excerpt(p place) string {
	if p.line < 1 || p.line > len(s.lines) {
		return ""
	}
	line := []rune(printable(strings.TrimSuffix(window(s.lines[p.line-1], p.col), "\r")))
	col := min(p.col-1, excerptBefore)
	if p.col < 1 || col > len(line) {
		col = len(line)
	}
	line = line[:min(len(line), excerptLength)]
	width := max(1, min(p.width, len(line)-col))
	margin := fmt.Sprintf("%4d | ", p.line)
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

// printable replaces what could steer a terminal.
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

// shorten cuts long text for messages.
func shorten(s string) string {
	const limit = 200
	if len(s) <= limit {
		return s
	}
	cut := limit
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
