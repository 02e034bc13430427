package conformance

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
	"github.com/openimsdk/open-im-server/v3/pkg/common/webhook"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestReceiver lets OpenIM's client post every request to imcb's receiver.
func TestReceiver(t *testing.T) {
	arrivals := make(chan *simulator.Arrival, 1)
	receiver := httptest.NewServer(simulator.NewReceiver(simulator.ReceiverOptions{
		Server: validate.On(server), Observe: func(a *simulator.Arrival) { arrivals <- a },
	}))
	defer receiver.Close()
	client := webhook.NewWebhookClient(receiver.URL + "/callbackExample")

	for _, c := range defined() {
		t.Run(c.Key, func(t *testing.T) {
			p := payloadOf(t, c, "")
			request, reply := requestOf(t, c, p), callOf(t, c).reply()
			if c.Phase == fixtures.Before {
				require.NoError(t, client.SyncPost(contextOf(p), p.Command, request, reply, before))
			} else {
				client.AsyncPost(contextOf(p), p.Command, request, reply, after)
			}
			a := await(t, arrivals)
			require.NotNil(t, a.Callback)
			assert.Equal(t, c.Key, a.Callback.Key)
			assert.Equal(t, "path", a.FoundIn)
			assert.Empty(t, a.Note)
			assert.Equal(t, string(p.Body), string(a.Request.Body))
			assert.NoError(t, read(a.Reply.Body, callOf(t, c).reply()))
		})
	}
}

func await[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(10 * time.Second):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}
