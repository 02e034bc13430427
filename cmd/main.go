package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"syscall"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/spf13/cobra"
)

// Main runs imcb with the given arguments and returns the exit code.
func Main(ctx context.Context, args []string, streams shell.Streams) int {
	streams.Done = ctx.Done()
	app := &shell.App{Streams: streams, Version: version()}
	root := newRoot(app)
	root.SetArgs(args)
	err := unknownCommand(root, args)
	if err == nil {
		err = root.ExecuteContext(ctx)
	}
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) {
		return shell.ExitOK // whoever read the output has read enough
	}
	return shell.ExitCode(err, streams.Err)
}

// buildVersion is set by the release build.
var buildVersion string

func version() string {
	if buildVersion != "" {
		return buildVersion
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "(built from source)"
}

// AnswerVersion answers a lone --version and reports whether it did. It needs
// neither signals nor the command tree, which take longer than the answer.
func AnswerVersion(args []string, s shell.Streams) bool {
	if len(args) != 1 || args[0] != "--version" {
		return false
	}
	_ = printVersion(s.Out)
	return true
}

func printVersion(w io.Writer) error {
	_, err := fmt.Fprintf(w, "imcb %s\n", version())
	return err
}

func newVersion(a *shell.App) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  shell.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(a.Out, "imcb %s (%s, %s/%s)\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
