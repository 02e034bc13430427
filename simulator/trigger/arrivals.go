package trigger

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/tidwall/gjson"
)

// Arrivals are what came to a receiver that Observe is told of. Many goroutines
// may use them.
type Arrivals struct {
	mu      sync.Mutex
	all     []*simulator.Arrival
	changed chan struct{}
}

// NewArrivals returns arrivals that nothing is part of yet.
func NewArrivals() *Arrivals { return &Arrivals{changed: make(chan struct{})} }

// Observe adds an arrival: it is for simulator.ReceiverOptions.
func (a *Arrivals) Observe(one *simulator.Arrival) {
	if !one.Counts() {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all = append(a.all, one)
	close(a.changed)
	a.changed = make(chan struct{})
}

// since are the arrivals from the nth on, and what is closed when there is one
// more.
func (a *Arrivals) since(n int) (all []*simulator.Arrival, more <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.all[n:]), a.changed
}

// count is how many there are.
func (a *Arrivals) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.all)
}

// wait waits until the arrivals from the nth on are enough, or ctx is done, and
// returns them.
func (a *Arrivals) wait(ctx context.Context, n int, enough func([]*simulator.Arrival) bool) []*simulator.Arrival {
	for {
		all, more := a.since(n)
		if enough(all) {
			return all
		}
		select {
		case <-more:
		case <-ctx.Done():
			return all
		}
	}
}

// find is the first arrival of the callback whose fields contain the texts.
// Operation ids don't tell: on main as one process those of after and push
// callbacks can be another request's. Others are the callback's that came, but
// are not of this operation.
func find(all []*simulator.Arrival, c *fixtures.Callback, where map[string]string) (found *simulator.Arrival, others int) {
	for _, one := range all {
		switch {
		case one.Callback != c:
		case contains(one.Request.Body, where):
			return one, others
		default:
			others++
		}
	}
	return nil, others
}

func contains(body []byte, where map[string]string) bool {
	for field, text := range where {
		if !strings.Contains(gjson.GetBytes(body, field).String(), text) {
			return false
		}
	}
	return true
}
