package mock

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/simulator/inspector"
	"github.com/imcb-dev/imcb/simulator/rules"
	"github.com/imcb-dev/imcb/validate"
)

// Options say what a mock is made of.
type Options struct {
	// Server is the OpenIM for which replies are made and judged. The zero value
	// is fixtures.DefaultRelease.
	Server validate.Server
	// Rules answer first. Nil: there are none.
	Rules *rules.Book
	// Forward passes on what no rule answers. Nil: it is allowed.
	Forward *simulator.Forwarder
	// ResendTo is where the page may send requests again, with Sender. Nil:
	// nothing is sent again.
	ResendTo simulator.Target
	Sender   *simulator.Sender
	// Journal records each exchange. With a durable one, a reply leaves only when
	// its exchange is written. Nil: nothing is recorded.
	Journal *simulator.JournalWriter
	// Severities change the severity of rules in all that is judged. Nil: none.
	Severities validate.Overrides
	// Contract is what counts as a finding there. The zero value is validate.Both.
	Contract validate.Contract
	// Observe is told of each arrival when it is recorded and counted, as
	// simulator.ReceiverOptions.Observe is. Nil: nobody is told.
	Observe func(*simulator.Arrival)
	// Guessed is told once when the requests seem to come from another version
	// than Server. Nil: nobody is told.
	Guessed func(words.Text)
	// Keep, KeepBytes, Token and About are those of inspector.Options.
	Keep      int
	KeepBytes int64
	Token     string
	About     inspector.About
}

// Mock is a receiver that keeps and counts what comes. It is safe for
// concurrent use.
type Mock struct {
	options   Options
	inspector *inspector.Inspector
	handler   http.Handler
	guess     *validate.Guess
	guessed   sync.Once
}

// New returns a mock that nothing has come to yet. Close closes the forwarder
// and the sender of the options.
func New(o Options) *Mock {
	if o.Observe == nil {
		o.Observe = func(*simulator.Arrival) {}
	}
	if o.Guessed == nil {
		o.Guessed = func(words.Text) {}
	}
	m := &Mock{options: o, guess: validate.NewGuess(o.Server.Release)}
	look := inspector.Options{
		Server: o.Server, LooksLike: func() fixtures.Release { return m.guess.Release(handful) }, Keep: o.Keep, KeepBytes: o.KeepBytes, Token: o.Token, About: o.About, Rules: o.Rules, Severities: o.Severities, Contract: o.Contract,
	}
	if o.Sender != nil {
		look.Resend = m.resend
	}
	m.inspector = inspector.New(look)
	receive := simulator.ReceiverOptions{Server: o.Server, Forward: o.Forward, Timeout: m.timeout, Severities: o.Severities, Contract: o.Contract, Observe: m.observe}
	if o.Rules != nil {
		receive.Respond = o.Rules.Respond
	}
	if o.Journal != nil && o.Journal.Durable() {
		receive.Record = o.Journal.Write
	}
	m.handler = m.inspector.Handler(simulator.NewReceiver(receive))
	return m
}

// ServeHTTP answers a callback, or a request to the inspector below
// inspector.Prefix. It guards against no other web site: Serve does.
func (m *Mock) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.handler.ServeHTTP(w, r) }

// Close ends clients that wait or listen, and the connections to other
// receivers. The journal stays open.
func (m *Mock) Close() {
	m.inspector.Stop()
	if m.options.Forward != nil {
		m.options.Forward.Close()
	}
	if m.options.Sender != nil {
		m.options.Sender.Close()
	}
}

// RulesChanged tells clients of the inspector that the rules are others now, or,
// with an error, that new ones were not taken.
func (m *Mock) RulesChanged(err error) { m.inspector.RulesChanged(err) }

// observe notes an exchange; the receiver calls it from many goroutines.
func (m *Mock) observe(a *simulator.Arrival) {
	if j := m.options.Journal; j != nil && !j.Durable() {
		_ = j.Write(a.Exchange) // it tells of the first error itself
	}
	m.inspector.Record(a)
	m.options.Observe(a)
	if !m.guess.Add(a.Callback, a.Request) {
		return
	}
	if text := m.guess.Text(handful); !text.IsZero() {
		m.guessed.Do(func() { m.options.Guessed(text) })
	}
}

// handful is how many requests make a guess of the version that sends them.
const handful = 5

// timeout is how long OpenIM waits; 0: the default.
func (m *Mock) timeout() time.Duration {
	if m.options.Rules == nil {
		return 0
	}
	return m.options.Rules.Timeout()
}

func (m *Mock) resend(ctx context.Context, x validate.Exchange) validate.Exchange {
	return m.options.Sender.Resend(ctx, m.options.ResendTo.Again(x), x, m.timeout())
}

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
