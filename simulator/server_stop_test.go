package simulator

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

// servedReceiver is a receiver behind Serve.
type servedReceiver struct {
	address  string
	arrivals chan *Arrival
	refused  chan string
	stop     func()
	stopped  chan error
}

func serveReceiver(t *testing.T, o ReceiverOptions) *servedReceiver {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return serveOn(t, l, o)
}

func serveOn(t *testing.T, l net.Listener, o ReceiverOptions) *servedReceiver {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	s := &servedReceiver{
		address: l.Addr().String(), arrivals: make(chan *Arrival, 100), refused: make(chan string, 100), stop: stop, stopped: make(chan error, 1),
	}
	if o.Observe == nil {
		o.Observe = func(a *Arrival) { s.arrivals <- a }
	}
	o.Server = validate.On(fixtures.DefaultRelease)
	options := ServeOptions{Refused: func(_ string, why words.Text) { s.refused <- why.String() }}
	go func() { s.stopped <- Serve(ctx, l, NewReceiver(o), options) }()
	return s
}

func (s *servedReceiver) end(t *testing.T) {
	t.Helper()
	s.stop()
	assert.NoError(t, <-s.stopped)
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

const addFriend = `{"callbackCommand":"callbackBeforeAddFriendCommand"}`

// likeOpenIM is a request as OpenIM's HTTP client writes it.
var likeOpenIM = fmt.Sprintf("POST /callbackBeforeAddFriendCommand HTTP/1.1\r\nHost: 127.0.0.1:10006\r\nUser-Agent: Go-http-client/1.1\r\n"+
	"Content-Length: %d\r\nContent-Type: application/json; charset=utf-8\r\nOperationid: 1646445464564\r\nAccept-Encoding: gzip\r\n\r\n%s", len(addFriend), addFriend)

// ask sends a request like OpenIM and returns the reply's body.
func ask(t *testing.T, conn net.Conn) string {
	t.Helper()
	_, err := io.WriteString(conn, likeOpenIM)
	require.NoError(t, err)
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, conn.SetReadDeadline(time.Time{}))
	return string(body)
}

func TestServeSurvivesAPanic(t *testing.T) {
	s := serveReceiver(t, ReceiverOptions{Observe: func(*Arrival) { panic("oops") }})
	defer s.end(t)
	for range 2 {
		conn := dial(t, s.address)
		_, err := io.WriteString(conn, likeOpenIM)
		require.NoError(t, err)
		all, _ := io.ReadAll(conn)
		assert.Empty(t, all)
		assert.Regexp(t, "^http: panic serving 127.0.0.1:[0-9]+: oops\\\\ngoroutine ", <-s.refused)
	}
}

// A request under way is answered when the server stops; the connection ends.
func TestServeEndsConnectionsWithTheStop(t *testing.T) {
	arrived, goOn := make(chan struct{}), make(chan struct{})
	s := serveReceiver(t, ReceiverOptions{Observe: func(*Arrival) { close(arrived); <-goOn }})
	conn := dial(t, s.address)
	_, err := io.WriteString(conn, likeOpenIM)
	require.NoError(t, err)
	<-arrived
	s.stop()
	for { // until nothing is accepted any more
		other, err := net.Dial("tcp", s.address)
		if err != nil {
			break
		}
		_ = other.Close()
	}
	close(goOn)
	all, err := io.ReadAll(conn)
	require.NoError(t, err)
	head, body, _ := strings.Cut(string(all), "\r\n\r\n")
	assert.Contains(t, head, "\r\nConnection: close")
	assert.Equal(t, fixtures.PlainAllow, body)
	assert.NoError(t, <-s.stopped)
}

// With a timeout of OpenIM's the plain allow is judged by it.
func TestServeWithATimeout(t *testing.T) {
	s := serveReceiver(t, ReceiverOptions{Timeout: func() time.Duration { return time.Second }})
	defer s.end(t)
	assert.Equal(t, fixtures.PlainAllow, ask(t, dial(t, s.address)))
	assert.Equal(t, validate.Proceed, (<-s.arrivals).Verdict.Outcome)
}

// What is around a receiver in a handler has its say in the reply.
func TestReceiverLeavesHeadersOfOthers(t *testing.T) {
	var seen *Arrival
	receiver := NewReceiver(ReceiverOptions{Observe: func(a *Arrival) { seen = a }})
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Request-Id", "1")
	receiver.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/callbackBeforeAddFriendCommand", strings.NewReader(addFriend)))
	assert.Equal(t, "application/json", w.Header().Get("Content-Type"))
	want := []validate.Header{{"Content-Length", "65"}, {"Content-Type", "application/json"}, {"X-Request-Id", "1"}}
	assert.Equal(t, want, seen.Reply.Headers)
}

// pipes is a listener whose connections are pipes: in a bubble their deadlines
// pass at once.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func newPipes() pipes { return pipes{make(chan net.Conn), make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.closed); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

func (p *pipes) dial() net.Conn {
	client, server := net.Pipe()
	p.conns <- server
	return client
}

// untilClosed is how long the other side keeps the connection.
func untilClosed(t *testing.T, conn net.Conn) time.Duration {
	t.Helper()
	began := time.Now()
	_, err := conn.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
	return time.Since(began)
}

func TestServeDoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		s := serveOn(t, &l, ReceiverOptions{})
		assert.Equal(t, readHeaderTimeout, untilClosed(t, l.dial()), "for the first request")
		conn := l.dial()
		_, err := io.WriteString(conn, "POST /callbackBeforeAddFriendCommand HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
		require.NoError(t, err)
		assert.Equal(t, readHeaderTimeout, untilClosed(t, conn), "for the rest of its head")
		conn = l.dial()
		_, err = io.WriteString(conn, strings.TrimSuffix(likeOpenIM, "}"))
		require.NoError(t, err)
		began := time.Now()
		_, err = io.ReadAll(conn)
		require.NoError(t, err)
		assert.Equal(t, readTimeout, time.Since(began), "for the rest of its body")
		conn = l.dial()
		for range 3 {
			ask(t, conn)
			time.Sleep(idleTimeout - 1)
		}
		ask(t, conn)
		assert.Equal(t, idleTimeout, untilClosed(t, conn), "for the next")

		conn = l.dial()
		_, err = io.WriteString(conn, likeOpenIM)
		require.NoError(t, err)
		time.Sleep(writeTimeout + time.Second) // the reply is not read
		assert.Zero(t, untilClosed(t, conn))

		unused, used := l.dial(), l.dial()
		ask(t, used)
		s.stop()
		assert.Zero(t, untilClosed(t, used))
		assert.Equal(t, unusedTimeout, untilClosed(t, unused))
		require.NoError(t, <-s.stopped)
	})
}

// A connection that comes while the server stops does not hold it up, and
// nothing that comes after it is answered.
func TestServeStopsWhileConnectionsCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, delay := range []time.Duration{0, unusedTimeout / 2, readHeaderTimeout - 1} {
			l := newPipes()
			s := serveOn(t, &l, ReceiverOptions{})
			conn := l.dial()
			time.Sleep(delay)
			began := time.Now()
			s.stop()
			require.NoError(t, <-s.stopped)
			// Shutdown looks again after a pause of its own.
			assert.Less(t, time.Since(began), 2*unusedTimeout)
			assert.Zero(t, untilClosed(t, conn))
		}
	})
}

// late is a listener that has a connection when it is closed.
type late struct {
	pipes
	conn net.Conn
}

func (l *late) Accept() (net.Conn, error) {
	conn, err := l.pipes.Accept()
	if err != nil && l.conn != nil {
		conn, err = l.conn, nil
		l.conn = nil
	}
	return conn, err
}

func TestServeRefusesAfterTheStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe()
		s := serveOn(t, &late{newPipes(), server}, ReceiverOptions{})
		synctest.Wait() // it accepts by now
		s.end(t)
		_, err := io.WriteString(client, likeOpenIM)
		require.ErrorIs(t, err, io.ErrClosedPipe)
		assert.Empty(t, s.arrivals)
	})
}
