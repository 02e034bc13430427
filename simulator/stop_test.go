package simulator

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imcb-dev/imcb/fixtures/words"
)

func TestServeCutsOffWhatDoesNotEnd(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	endless := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		stop()
		<-r.Context().Done()
	})
	go func() { // the reply never comes
		if resp, err := http.Get("http://" + l.Addr().String()); err == nil { //nolint:noctx // ends with the server
			_ = resp.Body.Close()
		}
	}()
	err = serve(ctx, l, endless, ServeOptions{Refused: func(string, words.Text) {}}, 20*time.Millisecond)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	assert.ErrorContains(t, err, "were cut off")
}
