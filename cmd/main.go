package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"
)

// Main runs imcb with the given arguments and returns the exit code.
func Main(ctx context.Context, args []string, streams Streams) int {
	if len(args) == 1 && args[0] == "--version" { // needs no command tree
		fmt.Fprintf(streams.Out, "imcb %s\n", version())
		return exitOK
	}
	app := &app{Streams: streams}
	root := newRoot(app)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) {
		return exitOK // whoever read the output has read enough
	}
	return exitCode(err, streams.Err)
}
