// Package shell is what every command stands on: streams, exit codes, settings
// from the environment and imcb.yaml, and flags that are read as they are set.
// It knows Cobra, but no command.
package shell

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/mattn/go-isatty"
)

// Streams are what a run reads from and writes to. Results go to Out,
// everything else to Err.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	// InIsTerminal says that somebody types what is read; OutIsTerminal and
	// ErrIsTerminal decide on colors and the progress line.
	InIsTerminal, OutIsTerminal, ErrIsTerminal bool
	// Done is closed when the user wants imcb to end. Nil: never.
	Done <-chan struct{}
	// Getenv reads the environment, Environ all of it as NAME=value. Environ may
	// be nil.
	Getenv  func(string) string
	Environ func() []string
	// ReadFile reads a file that the user named.
	ReadFile func(string) ([]byte, error)
}

// System returns the process's own streams.
func System() Streams {
	return Streams{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		InIsTerminal: isTerminal(os.Stdin), OutIsTerminal: isTerminal(os.Stdout), ErrIsTerminal: isTerminal(os.Stderr),
		Getenv: os.Getenv, Environ: os.Environ, ReadFile: os.ReadFile,
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
	text, err = io.ReadAll(s.Stdin())
	if _, told := errors.AsType[*Error](err); err != nil && !told {
		err = Usagef("%s: %w", name, err)
	}
	return text, name, err
}

// Stdin reads standard input until the user interrupts. Who types it is told to.
func (s Streams) Stdin() io.Reader {
	if s.InIsTerminal {
		fmt.Fprintf(s.Err, "imcb: paste it here, and end with %s on a line of its own (Ctrl-C: leave)\n", endOfInput())
	}
	return interruptible{s}
}

// Ask asks a question that y answers with yes.
func (s Streams) Ask(question string) bool {
	fmt.Fprintf(s.Err, "%s [y/N] ", question)
	line, _ := bufio.NewReader(interruptible{s}).ReadString('\n')
	return slices.Contains([]string{"y", "yes"}, strings.ToLower(strings.TrimSpace(line)))
}

func endOfInput() string {
	if runtime.GOOS == "windows" {
		return "Ctrl-Z and Enter"
	}
	return "Ctrl-D"
}

// interruptible is a reader that does not wait for a terminal once the user has
// had enough.
type interruptible struct{ s Streams }

func (r interruptible) Read(b []byte) (n int, err error) {
	read := make(chan struct{})
	own := make([]byte, len(b)) // the reading may go on when nobody wants it any more
	var got int
	var failed error
	go func() {
		defer close(read)
		got, failed = r.s.In.Read(own)
	}()
	select {
	case <-read:
		return copy(b, own[:got]), failed
	case <-r.s.Done:
		return 0, Interrupted()
	}
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
