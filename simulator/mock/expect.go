package mock

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

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

// ErrTooOften says that a callback came more often than expected.
var ErrTooOften = errors.New("a callback came more often than expected")

// Await waits until all the expectations are met. The error is that of ctx,
// inspector.ErrStopped or, when one can't be met any more, ErrTooOften.
func (m *Mock) Await(ctx context.Context, all ...Expectation) error {
	tooOften := false
	err := m.inspector.Wait(ctx, func() bool {
		came := m.Arrived().ByCallback
		tooOften = exceeded(came, all)
		return tooOften || !slices.ContainsFunc(all, func(e Expectation) bool { return !e.Met(came[e.Callback]) })
	})
	if tooOften {
		return ErrTooOften
	}
	return err
}

// Settle waits for d after Await, in case that one more comes than expected:
// who ends with the last one would not see it. Where none can be too many it
// does not wait. The error is that of ctx, inspector.ErrStopped or, at once,
// ErrTooOften.
func (m *Mock) Settle(ctx context.Context, d time.Duration, all ...Expectation) error {
	if !slices.ContainsFunc(all, func(e Expectation) bool { return e.Exactly }) {
		return nil
	}
	limited, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	err := m.inspector.Wait(limited, func() bool { return exceeded(m.Arrived().ByCallback, all) })
	switch {
	case err == nil:
		return ErrTooOften
	case errors.Is(err, context.DeadlineExceeded):
		return ctx.Err()
	default:
		return err
	}
}

// exceeded reports whether a callback came too often.
func exceeded(came map[string]int, all []Expectation) bool {
	return slices.ContainsFunc(all, func(e Expectation) bool { return e.Exactly && came[e.Callback] > e.N })
}
