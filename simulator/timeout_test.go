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
