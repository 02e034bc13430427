package cmd

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

// color decides whether to use colors: the flag first, then NO_COLOR,
// FORCE_COLOR and whether the output is a terminal.
func (s Streams) color(flag string, terminal bool) (bool, error) {
	switch flag {
	case "always":
		return true, nil
	case "never":
		return false, nil
	case "auto":
	default:
		return false, usagef("--color is auto, always or never, not %q", flag)
	}
	switch {
	case s.Getenv("NO_COLOR") != "":
		return false, nil
	case s.Getenv("FORCE_COLOR") != "":
		return true, nil
	default:
		return terminal && s.Getenv("TERM") != "dumb", nil
	}
}

// readInput reads a file that the user named; "-" is standard input. Name is
// what messages call it.
func (s Streams) readInput(file string) (text []byte, name string, err error) {
	if file != "-" {
		if text, err = s.ReadFile(file); err != nil {
			return nil, file, err
		}
		return text, file, nil
	}
	name = "standard input"
	if text, err = io.ReadAll(s.In); err != nil {
		err = usagef("%s: %w", name, err)
	}
	return text, name, err
}

// write writes a result.
func (s Streams) write(text string) error {
	_, err := io.WriteString(s.Out, text)
	return err
}

// writeJSON writes a result for programs.
func (s Streams) writeJSON(value any) error {
	enc := json.NewEncoder(s.Out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(value)
}

// writeLine writes a line for programs with one call of Write. A terminal may
// show it, too.
func writeLine(w io.Writer, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	// All that Printable escapes in JSON becomes JSON's escapes, but for this one.
	line := words.Printable(strings.ReplaceAll(string(text), "\x7f", `\u007f`))
	_, err = io.WriteString(w, line+"\n")
	return err
}
