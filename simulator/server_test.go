package simulator_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imcb-dev/imcb/fixtures/words"

	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
)

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return l
}

func TestServeStopsGracefully(t *testing.T) {
	l := listen(t)
	arrived, goOn := make(chan struct{}), make(chan struct{})
	slow := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-goOn
		_, _ = io.WriteString(w, "done")
	})
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- simulator.Serve(ctx, l, slow, simulator.ServeOptions{}) }()
	answered := make(chan validate.Exchange, 1)
	go func() { answered <- send(t, "http://"+l.Addr().String(), simulator.SenderOptions{}) }()

	<-arrived
	stop()
	waitUntilClosed(t, l.Addr().String())
	close(goOn)
	e := <-answered
	assert.Empty(t, e.Reply.Failure, e.Reply.Detail)
	assert.Equal(t, "done", string(e.Reply.Body))
	assert.NoError(t, <-stopped)
}

// waitUntilClosed returns when nothing accepts connections there any more.
func waitUntilClosed(t *testing.T, address string) {
	t.Helper()
	for t.Context().Err() == nil {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return
		}
		_ = conn.Close()
	}
}

func TestServeReportsABrokenListener(t *testing.T) {
	l := listen(t)
	require.NoError(t, l.Close())
	assert.ErrorIs(t, simulator.Serve(t.Context(), l, http.NotFoundHandler(), simulator.ServeOptions{}), net.ErrClosed)
}

func TestServeStoppedBeforeItStarts(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	l := listen(t)
	require.NoError(t, simulator.Serve(ctx, l, http.NotFoundHandler(), simulator.ServeOptions{}))
	waitUntilClosed(t, l.Addr().String())
}

// TestServeGuards sends what a browser would on behalf of another site.
func TestServeGuards(t *testing.T) {
	l := listen(t)
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	receiver := simulator.NewReceiver(simulator.ReceiverOptions{})
	go func() {
		stopped <- simulator.Serve(ctx, l, receiver, simulator.ServeOptions{Hosts: []string{"im.internal"}})
	}()
	defer func() { stop(); assert.NoError(t, <-stopped) }()

	tests := []struct {
		name    string
		headers []validate.Header
		want    int
	}{
		{"OpenIM", nil, http.StatusOK},
		{"allowed name", []validate.Header{{"Host", "im.internal:10006"}}, http.StatusOK},
		{"rebound name", []validate.Header{{"Host", "evil.example"}}, http.StatusMisdirectedRequest},
		{"cross-site", []validate.Header{{"Sec-Fetch-Site", "cross-site"}}, http.StatusForbidden},
		{"other origin", []validate.Header{{"Origin", "https://evil.example"}}, http.StatusForbidden},
		{"same origin", []validate.Header{{"Origin", "http://" + l.Addr().String()}}, http.StatusOK},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := send(t, "http://"+l.Addr().String()+"/cb", simulator.SenderOptions{Headers: tt.headers})
			assert.Equal(t, tt.want, e.Reply.Status, e.Reply.Detail)
		})
	}
}

func TestGuardHost(t *testing.T) {
	ok := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	h := simulator.GuardHost(ok, "Host.Docker.Internal")
	for host, want := range map[string]int{
		"127.0.0.1:10006":      200,
		"192.168.1.7":          200,
		"[::1]:10006":          200,
		"[::1]":                200,
		"localhost:10006":      200,
		"LOCALHOST.":           200,
		"host.docker.internal": 200,
		"localhost.evil":       421,
		"127.0.0.1.evil":       421,
		"evil.example:80":      421,
		"":                     421,
	} {
		req := httptest.NewRequest(http.MethodGet, "/", nil)
		req.Host = host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, req)
		assert.Equal(t, want, w.Code, host)
	}
}

func TestServeTellsWhatItRefused(t *testing.T) {
	l := listen(t)
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	told := make(chan string, 10)
	o := simulator.ServeOptions{Refused: func(_ string, why words.Text) { told <- why.String() }}
	go func() { stopped <- simulator.Serve(ctx, l, http.NotFoundHandler(), o) }()
	for name, value := range map[string]string{"Host": "im.internal", "Origin": "http://evil.example"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+l.Addr().String(), strings.NewReader("{}"))
		require.NoError(t, err)
		if req.Header.Set(name, value); name == "Host" {
			req.Host = value
		}
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		resp.Body.Close()
		if name == "Host" {
			assert.Equal(t, `host "im.internal" is not served here: use an IP address or localhost, or allow the name`, <-told)
		} else {
			assert.Equal(t, "a request of another web site is refused", <-told)
		}
	}
	stop()
	require.NoError(t, <-stopped)
}
