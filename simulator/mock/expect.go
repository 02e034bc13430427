package mock

import (
	"context"
	"fmt"
	"slices"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator/inspector"
)

// Expectation is how often a callback is to come.
type Expectation struct {
	// Callback is a key.
	Callback string
	inspector.Want
}

// Arrived is how much came since the start. Neither the inspector's reset nor
// what was dropped from memory changes it.
func (m *Mock) Arrived() inspector.Counts { return m.inspector.Arrived() }

// Wait waits until a callback, by any of its names, has come n times since the
// start. The error says that there is no such callback, or how often it came
// until ctx was done or the mock was stopped.
func (m *Mock) Wait(ctx context.Context, callback string, n int) error {
	c, err := fixtures.Lookup(callback)
	if err != nil {
		return err
	}
	if err := m.Await(ctx, Expectation{c.Key, inspector.Want{N: n}}); err != nil {
		return fmt.Errorf("%s came %d of %d times: %w", c.Key, m.Arrived().ByCallback[c.Key], n, err)
	}
	return nil
}

// Await waits until all the expectations are met. The error is that of ctx, or
// inspector.ErrStopped.
func (m *Mock) Await(ctx context.Context, all ...Expectation) error {
	return m.inspector.Wait(ctx, func() bool {
		came := m.Arrived().ByCallback
		return !slices.ContainsFunc(all, func(e Expectation) bool { return !e.Met(came[e.Callback]) })
	})
}
