package play

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// oneByOneListener accepts a connection when the one before was closed.
type oneByOneListener struct {
	net.Listener
	free chan struct{}
}

func (l oneByOneListener) Accept() (net.Conn, error) {
	<-l.free
	conn, err := l.Listener.Accept()
	if err != nil {
		l.free <- struct{}{}
	}
	return &onlyConn{Conn: conn, closed: sync.OnceFunc(func() { l.free <- struct{}{} })}, err
}

type onlyConn struct {
	net.Conn
	closed func()
}

func (c *onlyConn) Close() error {
	defer c.closed()
	return c.Conn.Close()
}

// oneConnectionServer serves one connection at a time, as Python's HTTPServer
// does with HTTP/1.1.
func oneConnectionServer(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	free := make(chan struct{}, 2)
	free <- struct{}{}
	server.Listener = oneByOneListener{server.Listener, free}
	server.Start()
	t.Cleanup(server.Close)
	return server
}

// oneRequestServer takes a request when it has answered the one before.
func oneRequestServer(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	var mu sync.Mutex
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server
}

func playerTo(t *testing.T, url string, timeout time.Duration) *Player {
	t.Helper()
	player, err := NewPlayer(url+"/cb", validate.Options{Timeout: timeout})
	require.NoError(t, err)
	t.Cleanup(player.Close)
	return player
}

func payloadOf(t *testing.T, p *Player, key string) *fixtures.Payload {
	t.Helper()
	payload, err := p.Payload(key)
	require.NoError(t, err)
	return payload
}

func TestMeasureTellsHowManyAreServedAtOnce(t *testing.T) {
	t.Parallel()
	right := receiver(careful)
	hangs := receiver(func(_ http.ResponseWriter, r request) { <-r.Context().Done() })
	many, none := httptest.NewServer(right), httptest.NewServer(hangs)
	t.Cleanup(many.Close)
	t.Cleanup(none.Close)
	for name, tt := range map[string]struct {
		url     string
		timeout time.Duration
		want    serving
	}{
		"several":        {many.URL, 2 * time.Second, several},
		"one connection": {oneConnectionServer(t, right).URL, 500 * time.Millisecond, oneConnection},
		"one request":    {oneRequestServer(t, right).URL, 500 * time.Millisecond, oneRequest},
		"none":           {none.URL, 20 * time.Millisecond, unmeasured},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			player := playerTo(t, tt.url, tt.timeout)
			assert.Equal(t, tt.want, player.measure(t.Context(), payloadOf(t, player, "beforeAddFriend")))
		})
	}
}

// explained sends the ordinary requests of all callbacks, several at once, and
// returns, by callback, the hints of those without a
// reply that OpenIM can read.
func explained(t *testing.T, player *Player) map[string]string {
	t.Helper()
	var payloads []*fixtures.Payload
	for _, c := range fixtures.SentBy(fixtures.DefaultRelease) {
		payloads = append(payloads, payloadOf(t, player, c.Key))
	}
	hints := make(map[string]string)
	_, err := Runner{Jobs: 4}.Run(t.Context(), player.Cover(CoverOptions{Cover: validate.CoverOne}, payloads...), func(r validate.Result) error {
		for _, f := range r.Findings {
			if f.Rule == "timeout" || f.Rule == "not-json" {
				hints[r.Verdict.Callback.Key] = f.Hint.String()
			}
		}
		return nil
	})
	require.NoError(t, err)
	return hints
}

// Who serves one connection at a time is told so once. All others get their
// answer then, one after another.
func TestOneConnectionIsToldOnce(t *testing.T) {
	t.Parallel()
	second := make(chan struct{})
	var written, answers atomic.Int32
	server := oneConnectionServer(t, receiver(func(w http.ResponseWriter, r request) {
		if answers.Add(1) == 1 {
			<-second // there is another connection by now
		}
		careful(w, r)
	}))
	player := playerTo(t, server.URL, time.Second)
	player.Sender = player.Sender.Apart(func(to io.Writer, text []byte) (int, error) {
		n, err := to.Write(text)
		if written.Add(1) == 2 {
			close(second)
		}
		return n, err
	})
	hints := explained(t, player)
	require.Len(t, hints, 1)
	for _, hint := range hints {
		assert.Contains(t, hint, "the receiver serves one connection at a time")
		assert.Contains(t, hint, "ThreadingHTTPServer")
	}
}

// A timeout for another reason is looked into once, and keeps its own hint.
func TestATimeoutOfOneCallbackIsNotTheReceivers(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	server := httptest.NewServer(receiver(func(w http.ResponseWriter, r request) {
		if strings.HasPrefix(r.command, "callbackBeforeAdd") {
			asked.Add(1)
			<-r.Context().Done()
			return
		}
		careful(w, r)
	}))
	defer server.Close()
	hints := explained(t, playerTo(t, server.URL, time.Second))
	assert.NotEmpty(t, hints)
	for key, hint := range hints {
		assert.Contains(t, key, "beforeAdd")
		assert.NotContains(t, hint, "at a time")
	}
	assert.EqualValues(t, len(hints)+2, asked.Load(), "each once, and the first alone")
}

// A request that was alone did not wait for others.
func TestASingleTimeoutIsNotLookedInto(t *testing.T) {
	var asked atomic.Int32
	player := playerTo(t, serve(t, func(_ http.ResponseWriter, r request) {
		asked.Add(1)
		<-r.Context().Done()
	}), 20*time.Millisecond)
	e := player.explainer()
	for range 2 {
		r := e.send(t.Context(), payloadOf(t, player, "beforeAddFriend"))
		assert.Equal(t, validate.Timeout, r.Exchange.Reply.Failure)
	}
	assert.EqualValues(t, 2, asked.Load())
}

// Frameworks choose between HTML and JSON by the Accept header, which OpenIM
// does not send.
func TestTheAcceptHeaderIsACause(t *testing.T) {
	server := httptest.NewServer(receiver(func(w http.ResponseWriter, r request) {
		if !strings.Contains(r.Header.Get("Accept"), "json") {
			_, _ = io.WriteString(w, "<!DOCTYPE html><title>ok</title>")
			return
		}
		careful(w, r)
	}))
	defer server.Close()
	hints := explained(t, playerTo(t, server.URL, 0))
	assert.Len(t, hints, len(fixtures.SentBy(fixtures.DefaultRelease)))
	for _, hint := range hints {
		assert.Contains(t, hint, "OpenIM sends no Accept header")
	}
}

func TestAnAnswerThatDiffersIsNotTheAcceptHeaders(t *testing.T) {
	var served atomic.Int32
	url := serve(t, func(w http.ResponseWriter, _ request) {
		if served.Add(1) == 1 {
			http.Error(w, "not yet", http.StatusServiceUnavailable)
			return
		}
		allow(w)
	})
	hints := explained(t, playerTo(t, url, calm.Timeout))
	assert.Len(t, hints, 1)
	for _, hint := range hints {
		assert.NotContains(t, hint, "Accept")
	}
}

func TestHTMLInAnyCaseIsNotTheAcceptHeaders(t *testing.T) {
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		_, _ = io.WriteString(w, "<!DOCTYPE html>")
	}))
	defer server.Close()
	player := playerTo(t, server.URL, 0)
	e := player.explainer()
	r := e.send(t.Context(), payloadOf(t, player, "beforeAddFriend"))
	require.NotEmpty(t, r.Findings)
	assert.NotContains(t, r.Findings[0].Hint.String(), "Accept")
	assert.EqualValues(t, 2, asked.Load())
}
