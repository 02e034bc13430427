package cmd

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/webhooks"
	"github.com/muesli/termenv"
)

// linted is a file and what was found in it.
type linted struct {
	file     *webhooks.File
	server   validate.Server
	options  webhooks.LintOptions
	findings []validate.Finding
}

// ok reports whether no finding is as bad as limit or worse.
func (l linted) ok(limit validate.Severity) bool {
	return limit == validate.Off || !slices.ContainsFunc(l.findings, func(f validate.Finding) bool {
		return f.Severity.AtLeast(limit)
	})
}

// writeEnv prints the variables; what they can't express goes to stderr.
func (l linted) writeEnv(s Streams) error {
	lines, notes := l.file.Env(l.options.Server)
	for _, note := range notes {
		fmt.Fprintf(s.Err, "imcb: note: %s\n", words.Printable(note))
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(s.Out, words.Printable(line)); err != nil {
			return err
		}
	}
	return nil
}

func (o *lintOptions) write(l linted) error {
	switch o.format {
	case "json":
		return writeJSON(o.app.Out, l.json())
	case "github":
		_, err := io.WriteString(o.app.Out, l.github())
		return err
	}
	color, err := o.app.color(o.app.colorFlag, o.app.OutIsTerminal)
	if err != nil {
		return err
	}
	r := lipgloss.NewRenderer(o.app.Out)
	r.SetHasDarkBackground(true) // don't ask the terminal
	r.SetColorProfile(termenv.Ascii)
	if color {
		r.SetColorProfile(termenv.ANSI)
	}
	_, err = io.WriteString(o.app.Out, l.text(r))
	return err
}

// text is the report for people: findings, callbacks, summary.
func (l linted) text(r *lipgloss.Renderer) string {
	var b strings.Builder
	colors := map[validate.Severity]lipgloss.Color{validate.Error: "1", validate.Warning: "3"}
	for _, f := range l.findings {
		severity := string(f.Severity)
		if color, ok := colors[f.Severity]; ok {
			severity = r.NewStyle().Foreground(color).Render(severity)
		}
		fmt.Fprintf(&b, "%s:%d:%d: %s: %s [%s]\n", words.Printable(l.file.Name), f.Place.Line, f.Place.Column, severity, f.Message, f.Rule)
		writeExcerpt(&b, f)
		if !f.Hint.IsZero() {
			fmt.Fprintf(&b, "       → %s\n", f.Hint)
		}
	}
	if len(l.findings) > 0 {
		b.WriteByte('\n')
	}
	on := l.callbacks()
	writeLintCallbacks(&b, on, l.options.Server)
	if len(on) > 0 {
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%s, OpenIM %s: %s\n", words.Printable(l.file.Name), l.options.Server, l.summary())
	return b.String()
}

// writeExcerpt shows the line and a mark under the column. Long lines are cut
// on both sides of it.
func writeExcerpt(b *strings.Builder, f validate.Finding) {
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

// callbackOn is a callback that the file switches on, as reports show it.
type callbackOn struct {
	Key     string         `json:"key"`
	Line    int            `json:"line"`
	Command string         `json:"command"`
	Phase   fixtures.Phase `json:"phase"`
	// URL is where OpenIM posts to; empty if it can't.
	URL string `json:"url"`
	// Wait is how many seconds OpenIM waits for the reply.
	Wait         float64  `json:"wait"`
	Never        string   `json:"never,omitempty"`
	AttentionIDs []string `json:"attentionIds,omitempty"`
	DeniedTypes  []string `json:"deniedTypes,omitempty"`
	AllowedTypes []string `json:"allowedTypes,omitempty"`
}

func (l linted) callbacks() []callbackOn {
	on := []callbackOn{}
	to, badURL := simulator.NewTarget(validate.MaskText(l.file.URL()), simulator.Path)
	for _, e := range l.file.SwitchedOn(l.options.Server) {
		url := ""
		if badURL == nil {
			url = to.URL(&fixtures.Payload{Command: e.Command()})
		}
		on = append(on, callbackOn{
			Key: e.Callback.Key, Line: e.Line, Command: e.Command(), Phase: e.Callback.Phase,
			URL: url, Wait: e.Wait().Seconds(), Never: e.Never,
			AttentionIDs: e.AttentionIDs, DeniedTypes: e.DeniedTypes, AllowedTypes: e.AllowedTypes,
		})
	}
	return on
}

// note says what limits a callback.
func (c callbackOn) note(server fixtures.Release) string {
	var notes []string
	for _, limit := range []struct {
		name  string
		items []string
	}{{"only for", c.AttentionIDs}, {"without content types", c.DeniedTypes}, {"only content types", c.AllowedTypes}} {
		if len(limit.items) > 0 {
			notes = append(notes, limit.name+" "+fewOf(limit.items))
		}
	}
	if callback, err := fixtures.Lookup(c.Key); err == nil && callback.SendsKey(server) {
		notes = append(notes, `with "?key=…" at the end`)
	}
	return strings.Join(notes, "; ")
}

func fewOf(items []string) string {
	const shown = 4
	if len(items) > shown {
		return fmt.Sprintf("%s and %d more", strings.Join(items[:shown], ", "), len(items)-shown)
	}
	return strings.Join(items, ", ")
}

// writeLintCallbacks writes a line for each callback that is on: where it goes
// and how long OpenIM waits, or why it is never sent.
func writeLintCallbacks(b *strings.Builder, on []callbackOn, server fixtures.Release) {
	keys, urls, waits := 0, 0, 0
	for _, c := range on {
		keys = max(keys, len(c.Key))
		if c.Never == "" {
			urls, waits = max(urls, lipgloss.Width(c.shownURL())), max(waits, len(c.shownWait()))
		}
	}
	for _, c := range on {
		line := fmt.Sprintf("  %-*s  never sent: %s", keys, c.Key, c.Never)
		if c.Never == "" {
			pad := strings.Repeat(" ", urls-lipgloss.Width(c.shownURL()))
			line = fmt.Sprintf("  %-*s  %s%s  %*s  %s", keys, c.Key, c.shownURL(), pad, waits, c.shownWait(), words.Printable(c.note(server)))
		}
		fmt.Fprintln(b, strings.TrimRight(line, " "))
	}
}

func (c callbackOn) shownURL() string {
	if c.URL == "" {
		return "(no usable url)"
	}
	return words.Printable(c.URL)
}

func (c callbackOn) shownWait() string { return fmt.Sprintf("%gs", c.Wait) }

// summary counts: "3 callbacks on, 1 error, 2 notes".
func (l linted) summary() string {
	counts := l.counts()
	sent := len(l.file.Enabled(l.options.Server))
	parts := []string{plural(sent, "callback") + " on"}
	for _, severity := range []validate.Severity{validate.Error, validate.Warning, validate.Advice} {
		if n := counts[severity]; n > 0 {
			parts = append(parts, plural(n, string(severity)))
		}
	}
	text := strings.Join(parts, ", ")
	if slices.ContainsFunc(l.findings, func(f validate.Finding) bool { return f.Fatal }) {
		text += "; OpenIM does not start with this file"
	}
	return text
}

func (l linted) counts() map[validate.Severity]int {
	counts := make(map[validate.Severity]int)
	for _, f := range l.findings {
		counts[f.Severity]++
	}
	return counts
}

// lintJSON is a file's report as JSON. Several files make several objects.
type lintJSON struct {
	Schema    int                `json:"schema"`
	File      string             `json:"file"`
	Server    fixtures.Release   `json:"server"`
	From      *fixtures.Release  `json:"from,omitempty"`
	URL       string             `json:"url"`
	Findings  []validate.Finding `json:"findings"`
	Callbacks []callbackOn       `json:"callbacks"`
	Summary   lintSummary        `json:"summary"`
}

type lintSummary struct {
	// On counts the callbacks that the version sends.
	On       int `json:"on"`
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	Notes    int `json:"notes"`
}

func (l linted) json() lintJSON {
	counts := l.counts()
	report := lintJSON{
		Schema: 1, File: l.file.Name, Server: l.options.Server, From: l.options.From,
		URL: validate.MaskText(l.file.URL()), Findings: l.findings, Callbacks: l.callbacks(),
		Summary: lintSummary{
			On: len(l.file.Enabled(l.options.Server)), Errors: counts[validate.Error],
			Warnings: counts[validate.Warning], Notes: counts[validate.Advice],
		},
	}
	if report.Findings == nil {
		report.Findings = []validate.Finding{}
	}
	return report
}

// Values in a workflow command end at some characters unless they are escaped.
var (
	githubText  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubValue = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// github is the findings as annotations of a GitHub workflow.
func (l linted) github() string {
	var b strings.Builder
	levels := map[validate.Severity]string{validate.Error: "error", validate.Warning: "warning", validate.Advice: "notice"}
	for _, f := range l.findings {
		message := f.Message.String()
		if !f.Hint.IsZero() {
			message += "\n→ " + f.Hint.String()
		}
		fmt.Fprintf(&b, "::%s file=%s,line=%d,col=%d,title=%s::%s\n", levels[f.Severity],
			githubValue.Replace(words.Printable(l.file.Name)), f.Place.Line, f.Place.Column, f.Rule, githubText.Replace(message))
	}
	return b.String()
}
