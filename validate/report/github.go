package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/imcb-dev/imcb/validate"
)

// githubReport writes workflow commands, which GitHub shows as annotations,
// and a summary of the step in Markdown where the caller asks for one.
type githubReport struct {
	w    io.Writer
	opts Options
	step *stepSummary
}

func newGitHub(w io.Writer, o Options) Reporter {
	g := &githubReport{w: w, opts: o}
	if o.StepSummary != nil {
		g.step = &stepSummary{w: o.StepSummary, opts: o}
	}
	return g
}

func (g *githubReport) Report(r validate.Result) error {
	r = maskResult(r)
	if g.step != nil {
		g.step.add(r)
	}
	var b strings.Builder
	for _, f := range r.Findings {
		g.opts.annotation(&b, r, f)
	}
	_, err := io.WriteString(g.w, b.String())
	return err
}

func (o Options) annotation(b *strings.Builder, r validate.Result, f validate.Finding) {
	command := map[validate.Severity]string{validate.Error: "error", validate.Warning: "warning"}[f.Severity]
	if command == "" {
		command = "notice"
	}
	fmt.Fprintf(b, "::%s ", command)
	if r.File != "" {
		fmt.Fprintf(b, "file=%s,", escapeProperty(fileOf(r)))
		if r.Line > 0 {
			fmt.Fprintf(b, "line=%d,", r.Line)
		}
	}
	text := fmt.Sprintf("%s: %s", o.nameOf(r), findingText(f))
	if !f.Hint.IsZero() {
		text += "\n→ " + hintText(f)
	}
	fmt.Fprintf(b, "title=%s::%s\n", escapeProperty(f.Rule), escapeData(text))
}

// escapeData and escapeProperty write what would end a workflow command or one
// of its properties as GitHub's runner decodes it.
func escapeData(s string) string { return dataEscapes.Replace(s) }

func escapeProperty(s string) string { return propertyEscapes.Replace(s) }

var (
	dataEscapes     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// Close writes a plain last line for the log, and the step's summary.
func (g *githubReport) Close(s validate.Summary) error {
	if _, err := fmt.Fprintln(g.w, conclusion(s)); err != nil {
		return err
	}
	if g.step == nil {
		return nil
	}
	return g.step.close(s)
}
