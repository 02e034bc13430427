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
	form
	step stepSummary
}

func newGitHub(f form) Reporter { return &githubReport{form: f} }

// Begin says where a version is judged as another; nothing else names it here.
func (g *githubReport) Begin(run Run) error {
	if err := g.form.Begin(run); err != nil || !run.standIn() {
		return err
	}
	_, err := fmt.Fprintf(g.w, "::notice title=imcb::OpenIM %s\n", escapeData(run.servers()))
	return err
}

func (g *githubReport) Report(r validate.Result) error {
	if g.opts.StepSummary != nil {
		g.step.add(r, g.run)
	}
	var b strings.Builder
	for _, f := range r.Findings {
		g.annotation(&b, r, f)
	}
	_, err := io.WriteString(g.w, b.String())
	return err
}

func (g *githubReport) annotation(b *strings.Builder, r validate.Result, f validate.Finding) {
	command := map[validate.Severity]string{validate.Error: "error", validate.Warning: "warning"}[f.Severity]
	if command == "" {
		command = "notice"
	}
	fmt.Fprintf(b, "::%s ", command)
	place := findingPlace(r, f)
	if place.File != "" {
		fmt.Fprintf(b, "file=%s,", escapeProperty(slashed(place.File)))
	}
	if place.Line > 0 {
		fmt.Fprintf(b, "line=%d,", place.Line)
	}
	if place.Column > 0 {
		fmt.Fprintf(b, "col=%d,", place.Column)
	}
	text := g.run.named(r, f)
	if on := f.RestsOn(); on != "" {
		text += " (" + on + ")"
	}
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

// End writes a plain last line for the log, and the step's summary.
func (g *githubReport) End(s Summary) error {
	if g.run.About != validate.AboutFile {
		if _, err := fmt.Fprintln(g.w, g.run.conclusion(s)); err != nil {
			return err
		}
	}
	if g.opts.StepSummary == nil {
		return nil
	}
	_, err := g.opts.StepSummary.Write(g.step.page(g.run, s))
	return err
}
