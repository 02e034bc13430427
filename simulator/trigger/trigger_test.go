package trigger

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/simulator/play"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// runAll lets a session do the operations that fire the callbacks, one callback
// after another, with replies of the receiver to each of them in turn. Nil: the
// server's way.
func runAll(t *testing.T, name string, callbacks []*fixtures.Callback, reply *simulator.Answer) []validate.Result {
	t.Helper()
	var wanted atomic.Pointer[fixtures.Callback] // gets the reply
	server := &openIM{t: t, patience: 5 * time.Second}
	if liveAPI == "" {
		server.load(name)
	}
	arrivals := NewArrivals()
	options := simulator.ReceiverOptions{
		Server: validate.On(fixtures.Newest()),
		Respond: func(a *simulator.Arrival) (simulator.Answer, bool) {
			if reply != nil && a.Callback == wanted.Load() {
				return *reply, true
			}
			return simulator.Answer{}, false
		},
		Observe: func(a *simulator.Arrival) { server.observe(a); arrivals.Observe(a) },
	}
	if reply != nil && reply.Delay > 0 {
		server.patience = reply.Delay - 200*time.Millisecond
		options.Timeout = func() time.Duration { return server.patience }
	}
	if liveAPI == "" {
		options.Observe = arrivals.Observe
	}
	listener := listen(t)
	receiver := &httptest.Server{Listener: listener, Config: &http.Server{Handler: simulator.NewReceiver(options)}}
	receiver.Start()
	defer receiver.Close()
	server.receiver = listener.Addr().String()

	api, socket := server.serve()
	s := &Session{API: newTestAPI(t, api, socket), Judging: new(play.Judging), Arrivals: arrivals, Listening: server.receiver, Wait: 5 * time.Second}
	if n := 0; liveAPI == "" || *update { // what is recorded must be known beforehand
		s.values = func() map[string]string { n++; return valuesOf(name + strconv.Itoa(n)) }
	}
	require.NoError(t, s.Begin(t.Context()))
	defer s.Close()
	assert.Equal(t, options.Server, s.Judging.Server(), "the server said so itself")
	var all []validate.Result
	keep := func(r validate.Result) error { all = append(all, r); return nil }
	for _, choice := range choicesFor(callbacks, reply != nil) {
		wanted.Store(choice.Callbacks[0])
		_, err := play.Runner{}.Run(context.WithoutCancel(t.Context()), s.Source([]Choice{choice}), keep)
		require.NoError(t, err)
	}
	if liveAPI != "" && *update {
		time.Sleep(time.Second) // what still comes belongs to the last call
		server.mu.Lock()
		defer server.mu.Unlock()
		server.save(name)
	}
	return all
}

// choicesFor are the operations; each callback by itself where it gets a reply of
// its own.
func choicesFor(callbacks []*fixtures.Callback, each bool) (all []Choice) {
	if !each {
		all, _ = Choose(callbacks, fixtures.Newest())
		return all
	}
	for _, c := range callbacks {
		one, _ := Choose([]*fixtures.Callback{c}, fixtures.Newest())
		all = append(all, one...)
	}
	return all
}

// Every callback that main sends is fired, found by its body and agreed on.
func TestEverythingFires(t *testing.T) {
	sent := fixtures.SentBy(fixtures.Newest())
	all := runAll(t, "allow", sent, nil)
	assert.Len(t, all, len(sent))
	for _, r := range all {
		assert.Empty(t, r.Findings, r.Callback.Key)
		assert.NotEmpty(t, r.Exchange.Request.Body, r.Callback.Key)
		assert.Empty(t, r.Skipped)
	}
}

// seenBefore are the before callbacks whose refusal the caller is told of.
func seenBefore() (all []*fixtures.Callback) {
	for _, c := range fixtures.SentBy(fixtures.Newest()) {
		if c.Phase == fixtures.Before && !c.Unseen {
			all = append(all, c)
		}
	}
	return all
}

// Whatever the receiver replies, the caller sees what the verdict says.
func TestTheCallerSeesTheVerdict(t *testing.T) {
	slow := 600 * time.Millisecond
	if liveAPI != "" {
		slow = 2200 * time.Millisecond // beyond its timeout of 2 s
	}
	some := seenBefore()
	if liveAPI == "" || *update {
		some = some[:2] // each takes its time
	}
	for _, one := range []struct {
		name      string
		callbacks []*fixtures.Callback
		reply     simulator.Answer
		outcome   validate.Outcome
		code      int
	}{
		{"refuse", seenBefore(), simulator.Answer{Body: fixtures.RefuseReply(5001, "not today", "why")}, validate.Refuse, 5001},
		{"notjson", seenBefore(), simulator.Answer{Body: []byte("<html>busy</html>")}, validate.Fail, 90007},
		{"notfound", seenBefore(), simulator.Answer{Status: http.StatusNotFound, Body: []byte("404 page not found\n")}, validate.Fail, 90007},
		{"timeout", some, simulator.Answer{Delay: slow}, validate.Fail, 90004},
	} {
		t.Run(one.name, func(t *testing.T) {
			all := runAll(t, one.name, one.callbacks, &one.reply)
			assert.Len(t, all, len(one.callbacks))
			for _, r := range all {
				assert.Equal(t, one.outcome, r.Outcome, r.Callback.Key)
				assert.Equal(t, one.code, r.Client.ErrCode, r.Callback.Key)
				caller := r.Steps[len(r.Steps)-1]
				assert.Equal(t, "caller", caller.Name, r.Callback.Key)
				assert.Empty(t, caller.State, "%s: %s", r.Callback.Key, caller.Text)
				assert.Contains(t, caller.Text.String(), fmt.Sprintf("errCode %d", one.code))
			}
		})
	}
}
