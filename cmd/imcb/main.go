// Command imcb tests and simulates OpenIM callbacks.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/imcb-dev/imcb/cmd"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cmd.Main(ctx, os.Args[1:], cmd.System())
	stop()
	os.Exit(code)
}
