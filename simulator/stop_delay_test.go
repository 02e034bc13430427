package simulator

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imcb-dev/imcb/validate"
)

// stopDuring serves one request with the answer and stops within it. It returns
// what was observed, what the client met, and how long the stop took.
func stopDuring(t *testing.T, answer Answer) (a *Arrival, took time.Duration, met error) {
	t.Helper()
	arrived := make(chan struct{})
	l := newPipes()
	s := serveOn(t, &l, ReceiverOptions{Respond: func(*Arrival) (Answer, bool) { close(arrived); return answer, true }})
	client := make(chan error, 1)
	go func() {
		conn := l.dial()
		defer func() { _ = conn.Close() }()
		_, _ = io.WriteString(conn, likeOpenIM)
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err == nil {
			_, err = io.Copy(io.Discard, resp.Body)
		}
		client <- err
	}()
	<-arrived
	began := time.Now()
	s.end(t)
	took = time.Since(began)
	return <-s.arrivals, took, <-client
}

// A stop breaks off what would take longer than it waits.
func TestServeStopsWithinALongDelay(t *testing.T) {
	for name, answer := range map[string]Answer{
		"delay": {Delay: time.Minute},
		"drip":  {Break: Drip, Over: time.Minute, Body: []byte(strings.Repeat("x", 1000))},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, took, err := stopDuring(t, answer)
				require.Error(t, err)
				assert.Contains(t, a.Note.String(), "the receiver was stopped after ")
				assert.Less(t, took, stopTimeout)
				if answer.Delay > 0 {
					assert.Equal(t, validate.Reset, a.Reply.Failure)
				}
			})
		})
	}
}

// A short delay is not broken off.
func TestServeStopsAfterAShortDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, took, err := stopDuring(t, Answer{Delay: 300 * time.Millisecond, Body: []byte("{}")})
		require.NoError(t, err)
		assert.Equal(t, 200, a.Reply.Status)
		assert.GreaterOrEqual(t, took, 300*time.Millisecond)
	})
}
