package report

import (
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

// matrix is what came of each callback, or case of a suite, with each of several
// versions.
type matrix struct {
	servers []validate.Server
	names   []string // of the rows
	cells   map[string][]cell
}

// cell is what one version made of a row.
type cell struct {
	outcomes []string
	broken   bool
}

func (m *matrix) add(run Run, r validate.Result) {
	column := slices.Index(run.Servers, r.Server)
	if len(run.Servers) < 2 || column < 0 || len(r.Callbacks) > 0 {
		return
	}
	name := clean(r.Case, labelBound)
	if name == "" || r.IsCause() && r.File == "" {
		name = clean(keyOf(r), labelBound)
	}
	if m.cells == nil {
		m.servers, m.cells = run.Servers, make(map[string][]cell)
	}
	if m.cells[name] == nil {
		m.names, m.cells[name] = append(m.names, name), make([]cell, len(m.servers))
	}
	at, outcome := &m.cells[name][column], string(r.Outcome)
	if r.Skipped != "" {
		outcome = "skipped"
	}
	if !slices.Contains(at.outcomes, outcome) {
		at.outcomes = append(at.outcomes, outcome)
	}
	at.broken = at.broken || r.Worst().AtLeast(validate.Warning)
}

// text is the outcomes, marked where something is wrong; "-": the version does
// not send it.
func (c cell) text() string {
	switch {
	case len(c.outcomes) == 0:
		return "-"
	case c.broken:
		return "✗ " + strings.Join(c.outcomes, ", ")
	default:
		return strings.Join(c.outcomes, ", ")
	}
}

// rows are the heads and the rows. Neighbors that came out alike share a column.
func (m *matrix) rows() [][]string {
	if len(m.names) == 0 {
		return nil
	}
	rows := [][]string{{"callback"}}
	for _, name := range m.names {
		rows = append(rows, []string{name})
	}
	for from := 0; from < len(m.servers); {
		to := from + 1
		for to < len(m.servers) && slices.Equal(m.column(from), m.column(to)) {
			to++
		}
		head := clean(m.servers[from].String(), labelBound)
		if to-from > 1 {
			head += " … " + clean(m.servers[to-1].String(), labelBound)
		}
		rows[0] = append(rows[0], head)
		for i, text := range m.column(from) {
			rows[i+1] = append(rows[i+1], text)
		}
		from = to
	}
	return rows
}

func (m *matrix) column(i int) []string {
	return words.Names(m.names, func(name string) string { return m.cells[name][i].text() })
}
