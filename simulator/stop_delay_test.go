package simulator_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
)

// stopDuring serves one request with the answer, stops within it, and returns
// what was observed and what the client met.
func stopDuring(t *testing.T, answer simulator.Answer) (*simulator.Arrival, error) {
	t.Helper()
	arrived, observed := make(chan struct{}), make(chan *simulator.Arrival, 1)
	receiver := simulator.NewReceiver(simulator.ReceiverOptions{
		Respond: func(*simulator.Arrival) (simulator.Answer, bool) { close(arrived); return answer, true },
		Observe: func(a *simulator.Arrival) { observed <- a },
	})
	l := listen(t)
	ctx, stop := context.WithCancel(t.Context())
	ended, met := make(chan error, 1), make(chan error, 1)
	go func() { ended <- simulator.Serve(ctx, l, receiver, simulator.ServeOptions{}) }()
	go func() {
		resp, err := http.Post("http://"+l.Addr().String()+"/callbackBeforeAddFriendCommand", "application/json", strings.NewReader("{}"))
		if err == nil { // who closes the body early is a client that went away
			_, err = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
		met <- err
	}()
	<-arrived
	began := time.Now()
	stop()
	require.NoError(t, <-ended)
	assert.Less(t, time.Since(began), 4*time.Second)
	return <-observed, <-met
}

// A stop breaks off what would take longer than it waits.
func TestServeStopsWithinALongDelay(t *testing.T) {
	a, err := stopDuring(t, simulator.Answer{Delay: time.Minute})
	require.Error(t, err)
	assert.Contains(t, a.Note, "the receiver was stopped after ")
	assert.Equal(t, validate.Reset, a.Reply.Failure)

	a, _ = stopDuring(t, simulator.Answer{Break: simulator.Drip, Over: time.Minute, Body: []byte(strings.Repeat("x", 1000))})
	assert.Contains(t, a.Note, "the receiver was stopped after ")
}

// A short delay is not broken off.
func TestServeStopsAfterAShortDelay(t *testing.T) {
	a, err := stopDuring(t, simulator.Answer{Delay: 300 * time.Millisecond, Body: []byte("{}")})
	require.NoError(t, err)
	assert.Equal(t, 200, a.Reply.Status)
}

// Connections without a request don't hold up the end.
func TestServeStopsBesideUnusedConnections(t *testing.T) {
	l := listen(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- simulator.Serve(ctx, l, http.NotFoundHandler(), simulator.ServeOptions{}) }()
	unused, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	defer unused.Close()
	resp, err := http.Get("http://" + l.Addr().String())
	require.NoError(t, err)
	resp.Body.Close()
	began := time.Now()
	stop()
	require.NoError(t, <-ended)
	assert.Less(t, time.Since(began), 3*time.Second)
}
