// Package shell is what every command stands on: streams, exit codes, settings
// from the environment and imcb.yaml, and flags that are read as they are set.
// It knows Cobra, but no command.
package shell

import (
	"encoding/json"
	"io"
	"os"
	"strings"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/mattn/go-isatty"
)

// Streams are what a run reads from and writes to. Results go to Out,
// everything else to Err.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	// OutIsTerminal and ErrIsTerminal decide on colors and the progress line.
	OutIsTerminal, ErrIsTerminal bool
	// Getenv reads the environment.
	Getenv func(string) string
	// ReadFile reads a file that the user named.
	ReadFile func(string) ([]byte, error)
}

// System returns the process's own streams.
func System() Streams {
	return Streams{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		OutIsTerminal: isTerminal(os.Stdout), ErrIsTerminal: isTerminal(os.Stderr),
		Getenv: os.Getenv, ReadFile: os.ReadFile,
	}
}

func isTerminal(f *os.File) bool {
	return isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd())
}

// App is what all commands share.
type App struct {
	Streams
	// Version is that of imcb.
	Version string
	// Color is the text of --color.
	Color string
	// Typed are the flags of the command line, without those filled in.
	Typed map[string]bool
	// Given are those that have a value of the user's, typed or filled in.
	Given map[string]bool
}

// Colors decides whether to use colors: --color first, then NO_COLOR,
// FORCE_COLOR and whether the output is a terminal.
func (a *App) Colors(terminal bool) (bool, error) {
	switch a.Color {
	case "always":
		return true, nil
	case "never":
		return false, nil
	case "auto":
	default:
		return false, Usagef("--color is auto, always or never, not %q", a.Color)
	}
	switch {
	case a.Getenv("NO_COLOR") != "":
		return false, nil
	case a.Getenv("FORCE_COLOR") != "":
		return true, nil
	default:
		return terminal && a.Getenv("TERM") != "dumb", nil
	}
}

// ReadInput reads a file that the user named; "-" is standard input. Name is
// what messages call it.
func (s Streams) ReadInput(file string) (text []byte, name string, err error) {
	if file != "-" {
		if text, err = s.ReadFile(file); err != nil {
			return nil, file, err
		}
		return text, file, nil
	}
	name = "standard input"
	if text, err = io.ReadAll(s.In); err != nil {
		err = Usagef("%s: %w", name, err)
	}
	return text, name, err
}

// Print writes a result.
func (s Streams) Print(text string) error {
	_, err := io.WriteString(s.Out, text)
	return err
}

// PrintJSON writes a result for programs.
func (s Streams) PrintJSON(value any) error {
	enc := json.NewEncoder(s.Out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(value)
}

// WriteLine writes a line for programs with one call of Write. A terminal may
// show it, too.
func WriteLine(w io.Writer, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	// All that Printable escapes in JSON becomes JSON's escapes, but for this one.
	line := words.Printable(strings.ReplaceAll(string(text), "\x7f", `\u007f`))
	_, err = io.WriteString(w, line+"\n")
	return err
}
