package simulator_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What `serve` makes of the covering sets of all releases, with every kind of
// message: nothing to say, neither of the requests nor of its own replies. The
// largest content is the same in all releases, and takes long.
func TestTheCoveringSetHasNoFindings(t *testing.T) {
	target, err := simulator.NewTarget("http://receiver/cb", simulator.Path)
	require.NoError(t, err)
	sender, err := simulator.NewSender(simulator.SenderOptions{})
	require.NoError(t, err)
	defer sender.Close()
	for _, server := range fixtures.Releases() {
		var seen *simulator.Arrival
		receiver := simulator.NewReceiver(simulator.ReceiverOptions{
			Server: validate.On(server), Observe: func(a *simulator.Arrival) { seen = a },
		})
		for _, c := range fixtures.SentBy(server) {
			for _, k := range c.Cases(server) {
				if k.Name == "content=largest" && server != fixtures.DefaultRelease {
					continue
				}
				p, err := k.Payload(fixtures.PayloadOptions{Seed: new(uint64(1))})
				require.NoError(t, err)
				receiver.ServeHTTP(httptest.NewRecorder(), asHTTP(sender.Request(target.URL(p), p)))
				assert.Empty(t, seen.Differs, "%s %s %s", server, c.Key, k.Name)
				assert.Empty(t, seen.Verdict.Findings, "%s %s %s", server, c.Key, k.Name)
				assert.True(t, seen.Note.IsZero(), "%s %s %s: %s", server, c.Key, k.Name, seen.Note)
			}
		}
	}
}

// asHTTP is a request as a server has it.
func asHTTP(sent validate.Request) *http.Request {
	r := httptest.NewRequest(sent.Method, sent.URL, bytes.NewReader(sent.Body))
	for _, h := range sent.Headers {
		if h[0] != "Host" {
			r.Header.Add(h[0], h[1])
		}
	}
	return r
}
