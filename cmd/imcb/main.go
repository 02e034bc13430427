// Command imcb tests and simulates OpenIM callbacks.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/imcb-dev/imcb/cmd"
	"github.com/imcb-dev/imcb/cmd/shell"
)

func main() {
	streams := shell.System()
	if cmd.AnswerVersion(os.Args[1:], streams) {
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cmd.Main(ctx, os.Args[1:], streams)
	stop()
	os.Exit(code)
}
