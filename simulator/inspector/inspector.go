package inspector

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/simulator/rules"
	"github.com/imcb-dev/imcb/validate"
)

// The defaults of Options.
const (
	DefaultKeep      = 10_000
	DefaultKeepBytes = 64 << 20
)

// Options say what an inspector keeps, and what it may do.
type Options struct {
	// Server is the OpenIM for which verdicts are made. The zero value is
	// fixtures.DefaultRelease.
	Server validate.Server
	// Keep is how many requests are kept in memory. 0: DefaultKeep.
	Keep int
	// KeepBytes bounds the memory that they take, in bytes: bodies, headers and
	// a fixed cost each. One request is kept whatever its size. 0:
	// DefaultKeepBytes.
	KeepBytes int64
	// Token is what clients of the API must send as "Authorization: Bearer
	// TOKEN". Empty: none is needed.
	Token string
	// LooksLike is the version from which the requests seem to come, where that
	// is not Server; else 0. Nil: nobody guesses.
	LooksLike func() fixtures.Release
	// About tells of the receiver that is inspected.
	About About
	// Rules are the rules of the receiver. Nil: it has none, and the routes
	// about them answer 404.
	Rules *rules.Book
	// Severities change the severity of rules in the verdict on what is resent;
	// an arrival comes with its own.
	Severities validate.Overrides
	// Contract is what counts as a finding there. The zero value is validate.Both.
	Contract validate.Contract
	// Resend sends an exchange's request to the one target that is allowed,
	// whatever its own URL says, and returns the new exchange. It is called from
	// several goroutines, and must not change the body. Nil: nothing may be sent.
	Resend func(context.Context, validate.Exchange) validate.Exchange
}

// About is what the API tells of the receiver.
type About struct {
	// Version is imcb's own.
	Version string
	// URL is what belongs into webhooks.yml.
	URL string
	// Forward and ResendTo are URLs, Journal a file. Empty: there is none.
	Forward, ResendTo, Journal string
}

// Inspector keeps what arrived at a receiver and shows it. It is safe for
// concurrent use.
type Inspector struct {
	opts     Options
	started  time.Time
	mux      *http.ServeMux
	waiting  chan struct{} // a place for each client that waits or listens
	sending  chan struct{} // a place for each request that is sent again
	stopping context.Context
	stop     context.CancelFunc

	mu          sync.Mutex
	store       store
	counts      counts
	forgotten   int // how often a request was forgotten, or all
	subscribers map[*subscriber]struct{}
}

// New returns an inspector that has seen nothing yet.
func New(o Options) *Inspector {
	o.Server = o.Server.OrDefault()
	if o.Keep <= 0 {
		o.Keep = DefaultKeep
	}
	if o.KeepBytes <= 0 {
		o.KeepBytes = DefaultKeepBytes
	}
	if o.LooksLike == nil {
		o.LooksLike = func() fixtures.Release { return 0 }
	}
	i := &Inspector{
		opts:        o,
		started:     time.Now(),
		waiting:     make(chan struct{}, maxWaiting),
		sending:     make(chan struct{}, maxSending),
		store:       store{keep: o.Keep, keepBytes: o.KeepBytes},
		counts:      newCounts(),
		subscribers: make(map[*subscriber]struct{}),
	}
	i.stopping, i.stop = context.WithCancel(context.Background())
	i.mux = i.newMux()
	return i
}

// Record takes in a request that was answered. It is quick and meant for
// simulator.ReceiverOptions.Observe. The arrival is kept as it is: nobody may
// change it afterwards.
func (i *Inspector) Record(a *simulator.Arrival) {
	e := newEntry(a)
	i.mu.Lock()
	i.store.add(e)
	i.counts.add(a)
	i.tell(func(*changes) {})
	i.mu.Unlock()
}

// tell notes a change for all subscribers and wakes them. The caller holds the
// lock.
func (i *Inspector) tell(change func(*changes)) {
	for s := range i.subscribers {
		change(&s.changes)
		s.signal()
	}
}

// Arrived returns how many requests arrived since the start, also those that are
// kept no more; no reset changes it.
func (i *Inspector) Arrived() Counts {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.counts.all((*tally).sinceStart)
}

// Wait returns nil as soon as enough says so, which looks at Arrived; else
// the context's error, or ErrStopped after Stop. It asks at once, and then
// after every arrival or few.
func (i *Inspector) Wait(ctx context.Context, enough func() bool) error {
	s := i.subscribe()
	defer i.unsubscribe(s)
	for {
		if enough() {
			return nil
		}
		select {
		case <-s.woken:
		case <-ctx.Done():
			return ctx.Err()
		case <-i.stopping.Done():
			return ErrStopped
		}
	}
}

// Stop ends event streams and waiting clients, so that a server that shuts
// down need not wait for them; readyz answers 503 from then on.
func (i *Inspector) Stop() { i.stop() }

// RulesChanged tells listening clients that the rules are others now, or, with
// an error, that new ones were not taken.
func (i *Inspector) RulesChanged(err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.tell(func(c *changes) { c.rules, c.rulesError = true, text })
}

func (i *Inspector) forgetAll() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.store.empty()
	i.counts.reset()
	i.forgotten++
	i.tell((*changes).removedAll)
}

// forget forgets one request, and reports whether it was kept.
func (i *Inspector) forget(id uint64) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	e := i.store.remove(id)
	if e == nil {
		return false
	}
	i.counts.forget(e.arrival)
	i.forgotten++
	i.tell(func(c *changes) { c.removedOne(id) })
	return true
}

// find returns a kept request, or nil.
func (i *Inspector) find(id uint64) *entry {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.store.get(id)
}

// kept returns the kept requests, oldest first.
func (i *Inspector) kept() []*entry {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.store.entries)
}
