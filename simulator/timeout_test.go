package simulator

import (
	"context"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
)

// TestTimeoutCap runs on synctest's clock against a receiver that never
// answers.
func TestTimeoutCap(t *testing.T) {
	tests := map[time.Duration]time.Duration{
		0:                validate.DefaultTimeout,
		-time.Second:     validate.DefaultTimeout,
		10 * time.Second: 10 * time.Second,
		time.Second:      time.Second,
		15 * time.Second: 15 * time.Second,
		20 * time.Second: validate.MaxTimeout,
	}
	for timeout, want := range tests {
		t.Run(timeout.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, err := NewSender(SenderOptions{})
				require.NoError(t, err)
				s.transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
					sender, receiver := net.Pipe()
					go func() { _, _ = io.Copy(io.Discard, receiver) }()
					return sender, nil
				}
				e := s.Do(t.Context(), validate.Exchange{Request: validate.Request{URL: "http://h/"}, Timeout: timeout})
				assert.Equal(t, validate.Timeout, e.Reply.Failure, e.Reply.Detail)
				assert.Equal(t, want, e.Reply.Elapsed)
				assert.Equal(t, want, e.Timeout, "for the judge")
			})
		})
	}
}

// TestFaultsThatTakeTime sends to the faults that come early or late: how late,
// what the sender makes of it, and that the receiver predicted it.
func TestFaultsThatTakeTime(t *testing.T) {
	const timeout = 4 * time.Second
	callback, err := fixtures.Lookup("beforeAddFriend")
	require.NoError(t, err)
	payload, err := callback.Payload(fixtures.PayloadOptions{Server: fixtures.DefaultRelease})
	require.NoError(t, err)
	for name, want := range map[string]struct {
		elapsed time.Duration
		failure validate.Failure
		outcome validate.Outcome
	}{
		"almost-timeout": {timeout - 300*time.Millisecond, "", validate.Proceed},
		"drip":           {timeout / 2, "", validate.Proceed},
		"timeout":        {timeout, validate.Timeout, validate.Fail},
		"slow-drip":      {timeout, validate.Timeout, validate.Fail},
		"hang":           {timeout, validate.Timeout, validate.Fail},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fault, err := LookupFault(name)
				require.NoError(t, err)
				l := newPipes()
				receiver := serveOn(t, &l, ReceiverOptions{
					Timeout: func() time.Duration { return timeout },
					Respond: func(a *Arrival) (Answer, bool) { return fault.Answer(a, fixtures.DefaultRelease, timeout), true },
				})
				s, err := NewSender(SenderOptions{})
				require.NoError(t, err)
				s.transport.DialContext = func(context.Context, string, string) (net.Conn, error) { return l.dial(), nil }
				e := s.Send(t.Context(), "http://127.0.0.1/callbackBeforeAddFriendCommand", payload, timeout)
				assert.Equal(t, want.failure, e.Reply.Failure, e.Reply.Detail)
				assert.Equal(t, want.elapsed, e.Reply.Elapsed.Round(time.Millisecond))
				verdict := validate.NewJudge(callback, validate.Options{}).Judge(&e)
				assert.Equal(t, want.outcome, verdict.Outcome)
				a := <-receiver.arrivals
				assert.Equal(t, want.outcome, a.Verdict.Outcome, "the receiver's own prediction")
				assert.Equal(t, verdict.Client, a.Verdict.Client, "text for text")
				assert.Equal(t, "fault "+name, a.Rule)
				s.Close()
				receiver.end(t)
			})
		})
	}
}
