package cmd_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"testing"

	"github.com/imcb-dev/imcb/cmd"
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/stretchr/testify/assert"
)

// asked ends the context when it is asked for input, and never has any.
type asked struct {
	io.Reader
	interrupt func()
}

func (a asked) Read(b []byte) (int, error) {
	a.interrupt()
	return a.Reader.Read(b)
}

// Somebody starts imcb without a file and wants to leave.
func TestCtrlCLeavesWhatReadsTheTerminal(t *testing.T) {
	for _, args := range [][]string{
		{"validate", "beforeAddFriend", "--reply", "-"},
		{"validate", "beforeAddFriend", "--reply", "testdata/suite.yaml", "--request", "-"},
		{"validate", "--from", "-"},
		{"send", "--from", "-", "--mock"},
		{"send", "beforeAddFriend", "--mock", "-d", "-"},
		{"lint", "-"},
	} {
		t.Run(args[0]+args[len(args)-2], func(t *testing.T) {
			ctx, interrupt := context.WithCancel(t.Context())
			nothing, typing := io.Pipe()
			t.Cleanup(func() { typing.Close() })
			var screen bytes.Buffer
			code := cmd.Main(ctx, args, shell.Streams{
				In: asked{nothing, interrupt}, InIsTerminal: true, Out: io.Discard, Err: &screen,
				Getenv: func(string) string { return "" }, ReadFile: os.ReadFile,
			})
			assert.Equal(t, shell.ExitInterrupted, code)
			assert.Equal(t, "imcb: paste it here, and end with Ctrl-D on a line of its own (Ctrl-C: leave)\nimcb: interrupted\n", screen.String())
		})
	}
}
