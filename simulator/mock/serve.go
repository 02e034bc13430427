package mock

import (
	"context"
	"errors"
	"net"

	"github.com/imcb-dev/imcb/simulator"
)

// Serve serves on all listeners until ctx is done, as simulator.Serve does on
// one. When one fails, the others stop; the error is that of all that failed.
// Afterwards nobody can wait any more.
func (m *Mock) Serve(ctx context.Context, o simulator.ServeOptions, listeners ...net.Listener) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	context.AfterFunc(ctx, m.inspector.Stop)
	failed := make(chan error, len(listeners))
	for _, l := range listeners {
		go func() {
			err := simulator.Serve(ctx, l, m, o)
			if err != nil {
				stop()
			}
			failed <- err
		}()
	}
	var all []error
	for range listeners {
		all = append(all, <-failed)
	}
	return errors.Join(all...)
}
