package report

import (
	"fmt"
	"io"

	"github.com/charmbracelet/lipgloss"
	"github.com/imcb-dev/imcb/validate"
	"github.com/muesli/termenv"
)

// styles are the few colors of imcb's output. They come from a renderer that
// knows its colors beforehand: asking the terminal would make it answer into
// the output.
type styles struct {
	good, bad, warn, dim lipgloss.Style
}

func newStyles(w io.Writer, color bool) styles {
	r := lipgloss.NewRenderer(w)
	r.SetHasDarkBackground(true)
	r.SetColorProfile(termenv.Ascii)
	if color {
		r.SetColorProfile(termenv.ANSI)
	}
	return styles{
		good: r.NewStyle().Foreground(lipgloss.Color("2")),
		bad:  r.NewStyle().Foreground(lipgloss.Color("1")),
		warn: r.NewStyle().Foreground(lipgloss.Color("3")),
		dim:  r.NewStyle().Faint(true),
	}
}

// of is the color of a run or a result whose worst finding is as bad as that.
func (s styles) of(worst validate.Severity) lipgloss.Style {
	switch worst {
	case validate.Error:
		return s.bad
	case validate.Warning:
		return s.warn
	default:
		return s.good
	}
}

// severity is the word, padded to width. Notes have no color.
func (s styles) severity(severity validate.Severity, width int) string {
	word := fmt.Sprintf("%-*s", width, severity)
	if severity.AtLeast(validate.Warning) {
		return s.of(severity).Render(word)
	}
	return word
}
