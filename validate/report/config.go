package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

// config writes what a configuration file holds: the findings with their
// lines, the callbacks that are on, and a line that sums up.
func (t *textReport) config(b *strings.Builder, r validate.Result) {
	for _, f := range r.Findings {
		fmt.Fprintf(b, "%s%s: %s %s\n", placePrefix(f), t.style.severity(f.Severity, 0), findingText(f), f.Basis())
		excerpt(b, f)
		if !f.Hint.IsZero() {
			fmt.Fprintf(b, "       → %s\n", hintText(f))
		}
	}
	if len(r.Findings) > 0 {
		b.WriteByte('\n')
	}
	callbackTable(b, r.Config.Callbacks)
	if len(r.Config.Callbacks) > 0 {
		b.WriteByte('\n')
	}
	fmt.Fprintf(b, "%s, OpenIM %s: %s\n", fileOf(r), clean(r.Server.Title(), labelBound), configConclusion(r))
}

// placePrefix is where in a file the finding was made, "webhooks.yml:5:3: ";
// "" for one about no file.
func placePrefix(f validate.Finding) string {
	if f.About != validate.AboutFile {
		return ""
	}
	return fmt.Sprintf("%s:%d:%d: ", clean(f.Place.File, textBound), f.Place.Line, f.Place.Column)
}

// excerpt shows the line and a mark under the column. Long lines are cut on
// both sides of it.
func excerpt(b *strings.Builder, f validate.Finding) {
	const before, after = 60, 40
	line := []rune(f.Excerpt)
	column := min(f.Place.Column-1, len(line))
	head, tail := line[:column], line[column:]
	start, end := "", ""
	if len(head) > before {
		head, start = head[len(head)-before:], "…"
	}
	if len(tail) > after+before-len(head) {
		tail, end = tail[:after+before-len(head)], "…"
	}
	shown := start + words.Printable(string(head))
	fmt.Fprintf(b, "%4d | %s\n", f.Place.Line, shown+words.Printable(string(tail))+end)
	fmt.Fprintf(b, "     | %s^\n", strings.Repeat(" ", lipgloss.Width(shown)))
}

// callbackTable has a line for each callback that is on: where it goes and how
// long OpenIM waits, or why it is never sent.
func callbackTable(b *strings.Builder, on []validate.ConfigCallback) {
	rows, widths := make([][3]string, len(on)), [3]int{}
	for i, c := range on {
		rows[i] = [3]string{c.Key}
		if c.Never.IsZero() {
			url := "(no usable url)"
			if c.URL != "" {
				url = words.Printable(c.URL)
			}
			rows[i] = [3]string{c.Key, url, fmt.Sprintf("%gs", c.Wait)}
		}
		for column, cell := range rows[i] {
			widths[column] = max(widths[column], lipgloss.Width(cell))
		}
	}
	for i, c := range on {
		key, url, wait := rows[i][0], rows[i][1], rows[i][2]
		line := fmt.Sprintf("  %-*s  never sent: %s", widths[0], key, c.Never)
		if c.Never.IsZero() {
			pad := strings.Repeat(" ", widths[1]-lipgloss.Width(url))
			line = fmt.Sprintf("  %-*s  %s%s  %*s  %s", widths[0], key, url, pad, widths[2], wait, words.Printable(filters(c)))
		}
		fmt.Fprintln(b, strings.TrimRight(line, " "))
	}
}

// filters says what limits a callback.
func filters(c validate.ConfigCallback) string {
	var notes []string
	for _, limit := range []struct {
		name  string
		items []string
	}{{"only for", c.AttentionIDs}, {"without content types", c.DeniedTypes}, {"only content types", c.AllowedTypes}} {
		switch {
		case len(limit.items) > 4:
			notes = append(notes, limit.name+" "+words.FewOf(limit.items, 4))
		case len(limit.items) > 0:
			notes = append(notes, limit.name+" "+words.List(limit.items, ""))
		}
	}
	if c.SendsKey {
		notes = append(notes, `with "?key=…" at the end`)
	}
	return strings.Join(notes, "; ")
}

// configConclusion counts: "3 callbacks on, 1 error, 2 notes".
func configConclusion(r validate.Result) string {
	sent := 0
	for _, c := range r.Config.Callbacks {
		if c.Never.IsZero() {
			sent++
		}
	}
	text := words.Count(sent, "callback") + " on"
	if counts := findingCounts(r); counts != "" {
		text += ", " + counts
	}
	if slices.ContainsFunc(r.Findings, func(f validate.Finding) bool { return f.Fatal }) {
		text += "; OpenIM does not start with this file"
	}
	return text
}
