package yamlfile

import (
	"fmt"

	"github.com/goccy/go-yaml/token"
)

// The parser calls itself for each level of nesting, and takes time by the
// square for some files that no one writes. These limits come before it.
const (
	// maxEntries of one mapping in block style.
	maxEntries = 10_000
	// maxEmpty is how many values may be left out after ":" and "-".
	maxEmpty = 1000
)

// guarding walks over the tokens of a file.
type guarding struct {
	open int // flow collections around
	// inLine counts what nests in block style within one line.
	inLine, line int
	// entries counts those of the block mapping at each column.
	entries map[int]int
	empty   int
}

// guard returns what keeps the tokens from being parsed; nil: nothing.
func guard(tokens token.Tokens) *Problem {
	g := &guarding{entries: make(map[int]int)}
	for i, t := range tokens {
		var before, after *token.Token
		if i > 0 {
			before = tokens[i-1]
		}
		if i+1 < len(tokens) {
			after = tokens[i+1]
		}
		if message := g.look(before, t, after); message != "" {
			return &Problem{Place{t.Position.Line, t.Position.Column, 1}, message}
		}
	}
	return nil
}

// look returns what is too much with the token t.
func (g *guarding) look(before, t, after *token.Token) string {
	if t.Position.Line != g.line {
		g.inLine, g.line = 0, t.Position.Line
		g.leave(t.Position.Column)
	}
	switch t.Type {
	case token.SequenceStartType, token.MappingStartType:
		g.open++
	case token.SequenceEndType, token.MappingEndType:
		g.open--
	case token.AnchorType, token.TagType:
		g.inLine++
	case token.SequenceEntryType, token.MappingKeyType:
		g.inLine++
		g.leave(t.Position.Column)
		g.value(t.Position.Column, t, after)
	case token.MappingValueType:
		if before != nil {
			g.entry(before.Position.Column)
			g.value(before.Position.Column, t, after)
		}
	}
	switch column := g.column(before, t); {
	case g.open+g.inLine > maxDepth:
		return tooDeep
	case g.entries[column] > maxEntries:
		return fmt.Sprintf("a mapping may have %d entries", maxEntries)
	case g.empty > maxEmpty:
		return fmt.Sprintf("only %d values may be left out: write null", maxEmpty)
	default:
		return ""
	}
}

// column is that of the key to which a ":" belongs.
func (g *guarding) column(before, t *token.Token) int {
	if t.Type == token.MappingValueType && before != nil {
		return before.Position.Column
	}
	return 0
}

// entry counts an entry of the mapping at a column.
func (g *guarding) entry(column int) {
	if g.open <= 0 {
		g.inLine++
		g.entries[column]++
	}
}

// leave forgets the mappings that a line at this column ends.
func (g *guarding) leave(column int) {
	for c := range g.entries {
		if c > column {
			delete(g.entries, c)
		}
	}
}

// value counts values that are left out: what follows stands on another line,
// not further in.
func (g *guarding) value(column int, t, after *token.Token) {
	if after == nil || after.Position.Line == t.Position.Line || after.Position.Column > column {
		return
	}
	if t.Type == token.SequenceEntryType || after.Type != token.SequenceEntryType {
		g.empty++
	}
}
