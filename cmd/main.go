package cmd

import (
	"context"
	"errors"
	"io"
	"syscall"
)

// Main runs imcb with the given arguments and returns the exit code.
func Main(ctx context.Context, args []string, streams Streams) int {
	app := &app{Streams: streams}
	root := newRoot(app)
	root.SetArgs(args)
	err := unknownCommand(root, args)
	if err == nil {
		err = root.ExecuteContext(ctx)
	}
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) {
		return exitOK // whoever read the output has read enough
	}
	return exitCode(err, streams.Err)
}
