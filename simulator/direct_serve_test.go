package simulator

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
)

// directServer is a receiver that is served with Direct, or without.
type directServer struct {
	address string
	// viaHTTP counts the requests that went through net/http.
	viaHTTP  atomic.Int64
	arrivals chan *Arrival
	refused  chan string
	stop     func()
	stopped  chan error
}

func serveDirectly(t *testing.T, o ReceiverOptions, direct bool) *directServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return serveOn(t, l, o, direct)
}

func serveOn(t *testing.T, l net.Listener, o ReceiverOptions, direct bool) *directServer {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	s := &directServer{
		address: l.Addr().String(), arrivals: make(chan *Arrival, 100), refused: make(chan string, 100), stop: stop, stopped: make(chan error, 1),
	}
	if o.Observe == nil {
		o.Observe = func(a *Arrival) { s.arrivals <- a }
	}
	o.Server = fixtures.DefaultRelease
	receiver := NewReceiver(o)
	options := ServeOptions{Refused: func(_, why string) { s.refused <- why }}
	if direct {
		options.Direct = receiver
	}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.viaHTTP.Add(1)
		receiver.ServeHTTP(w, r)
	})
	go func() { s.stopped <- Serve(ctx, l, h, options) }()
	return s
}

func (s *directServer) end(t *testing.T) {
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

// conversation sends data, and nothing more, and returns all that comes back
// and what was observed, but for times and addresses.
func (s *directServer) conversation(t *testing.T, data string) (reply string, seen []Arrival) {
	t.Helper()
	conn := dial(t, s.address)
	_, err := io.WriteString(conn, data)
	require.NoError(t, err)
	require.NoError(t, conn.(*net.TCPConn).CloseWrite())
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
	all, err := io.ReadAll(conn)
	require.NoError(t, err)
	for len(s.arrivals) > 0 {
		a := *<-s.arrivals
		a.Time, a.Remote, a.Reply.Elapsed = time.Time{}, "", 0
		seen = append(seen, a)
	}
	return regexp.MustCompile(`Date: [^\r]+`).ReplaceAllString(string(all), "Date: now"), seen
}

// TestDirectSaysWhatNetHTTPSays sends the same bytes to both.
func TestDirectSaysWhatNetHTTPSays(t *testing.T) {
	const path, host = "/callbackExample/callbackBeforeAddFriendCommand", "127.0.0.1:10006"
	o := ReceiverOptions{MaxBody: 100_000}
	slow, fast := serveDirectly(t, o, false), serveDirectly(t, o, true)
	defer slow.end(t)
	defer fast.end(t)
	same := func(data string, viaHTTP bool) func(*testing.T) {
		return func(t *testing.T) {
			before := fast.viaHTTP.Load()
			want, wantSeen := slow.conversation(t, data)
			got, seen := fast.conversation(t, data)
			assert.Equal(t, want, got)
			assert.Equal(t, wantSeen, seen)
			if !viaHTTP {
				assert.Contains(t, got, "200 OK")
				assert.Equal(t, before, fast.viaHTTP.Load())
			}
		}
	}
	for name, data := range map[string]string{
		"like OpenIM":         asOpenIM(path, host, addFriend),
		"another callback":    asOpenIM("/callbackAfterSendSingleMsgCommand", "localhost", `{"callbackCommand":"callbackAfterSendSingleMsgCommand"}`+"\n"),
		"broken JSON":         asOpenIM(path, host, `{"callbackCommand":`),
		"another in the body": asOpenIM("/callbackBeforeAddBlackCommand", host, addFriend),
		"by its key":          asOpenIM("//beforeAddFriend", "[::1]:1", addFriend),
		"named by the body":   asOpenIM("/callbackExample", host, addFriend),
	} {
		t.Run(name, same(data, false))
	}
	others := notDirect()
	others["unknown"] = asOpenIM("/callbackExample", host, "{}")
	others["overwriting"] = asOpenIM("/callbackBeforeMsgModifyCommand", host, `{"callbackCommand":"callbackBeforeMsgModifyCommand","content":"x"}`)
	others["a host of nobody"] = asOpenIM(path, "evil.example", addFriend)
	others["beside the receiver"] = asOpenIM("/_x/callbackBeforeAddFriendCommand", host, addFriend)
	others["a large body"] = asOpenIM(path, host, strings.Repeat("x", 20_000))
	others["a body beyond the limit"] = asOpenIM(path, host, strings.Repeat("x", 100_001))
	for name, data := range others {
		t.Run(name, same(data, true))
	}
}

// A limit below what is read at once holds, too.
func TestDirectHeedsTheLimit(t *testing.T) {
	s := serveDirectly(t, ReceiverOptions{MaxBody: int64(len(addFriend)) - 1}, true)
	defer s.end(t)
	reply, _ := s.conversation(t, likeOpenIM)
	assert.Contains(t, reply, "413 Request Entity Too Large")
}

// ask sends a request like OpenIM and returns the reply's body.
func ask(t *testing.T, conn net.Conn, data string) string {
	t.Helper()
	_, err := io.WriteString(conn, data)
	require.NoError(t, err)
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, conn.SetReadDeadline(time.Time{}))
	return string(body)
}

var likeOpenIM = asOpenIM("/callbackBeforeAddFriendCommand", "127.0.0.1:10006", addFriend)

// A rule that is added meanwhile answers the next request of the connection.
func TestDirectHeedsNewRules(t *testing.T) {
	var refusing atomic.Bool
	s := serveDirectly(t, ReceiverOptions{
		Respond:  func(*Arrival) (Answer, bool) { return Answer{Body: fixtures.RefuseReply(5001, "", "")}, true },
		Concerns: func(*fixtures.Callback) bool { return refusing.Load() },
	}, true)
	defer s.end(t)
	conn := dial(t, s.address)
	assert.Equal(t, fixtures.PlainAllow, ask(t, conn, likeOpenIM))
	assert.Zero(t, s.viaHTTP.Load())
	refusing.Store(true)
	assert.Contains(t, ask(t, conn, likeOpenIM), "5001")
	assert.Contains(t, ask(t, conn, likeOpenIM), "5001", "the connection goes on")
	assert.Equal(t, int64(2), s.viaHTTP.Load())
}

func TestDirectPassesFaultsOn(t *testing.T) {
	s := serveDirectly(t, ReceiverOptions{Respond: func(*Arrival) (Answer, bool) { return Answer{Break: Abort}, true }}, true)
	defer s.end(t)
	conn := dial(t, s.address)
	_, err := io.WriteString(conn, likeOpenIM)
	require.NoError(t, err)
	_, err = conn.Read(make([]byte, 1))
	assert.ErrorContains(t, err, "reset", "SO_LINGER reaches the connection itself")
}

// An exchange that can't be recorded gets no reply, and the observer is told.
func TestDirectWithoutRecordNoReply(t *testing.T) {
	s := serveDirectly(t, ReceiverOptions{Record: func(validate.Exchange) error { return errors.New("disk full") }}, true)
	defer s.end(t)
	conn := dial(t, s.address)
	_, err := io.WriteString(conn, likeOpenIM)
	require.NoError(t, err)
	all, _ := io.ReadAll(conn)
	assert.Empty(t, all)
	a := <-s.arrivals
	assert.Equal(t, []any{validate.Reset, "disk full"}, []any{a.Reply.Failure, a.Reply.Detail})
	assert.Zero(t, s.viaHTTP.Load())
}

// The goroutine's end is the connection's, as with net/http.
func TestDirectEndsWithItsGoroutine(t *testing.T) {
	for name, end := range map[string]func(*Arrival){
		"aborted": func(*Arrival) { panic(http.ErrAbortHandler) },
		"exited":  func(*Arrival) { runtime.Goexit() },
	} {
		t.Run(name, func(t *testing.T) {
			s := serveDirectly(t, ReceiverOptions{Observe: end}, true)
			reply, _ := s.conversation(t, likeOpenIM)
			assert.Empty(t, reply)
			s.end(t)
			assert.Empty(t, s.refused)
		})
	}
}

func TestDirectSurvivesAPanic(t *testing.T) {
	s := serveDirectly(t, ReceiverOptions{Observe: func(*Arrival) { panic("oops") }}, true)
	defer s.end(t)
	for range 2 {
		conn := dial(t, s.address)
		_, err := io.WriteString(conn, likeOpenIM)
		require.NoError(t, err)
		all, _ := io.ReadAll(conn)
		assert.Empty(t, all)
		assert.Regexp(t, "^panic serving a callback: oops\ngoroutine ", <-s.refused)
	}
}

// TLS is net/http's.
func TestDirectLeavesTLS(t *testing.T) {
	srv := httptest.NewUnstartedServer(nil)
	srv.StartTLS() // for its certificate
	defer srv.Close()
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := serveOn(t, tls.NewListener(plain, srv.TLS), ReceiverOptions{}, true)
	defer s.end(t)
	resp, err := srv.Client().Post("https://"+s.address+"/callbackBeforeAddFriendCommand", "application/json", strings.NewReader(addFriend)) //nolint:noctx // ends with the server
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Equal(t, fixtures.PlainAllow, string(body))
	assert.Equal(t, int64(1), s.viaHTTP.Load())
}

// A request under way is answered when the server stops; the connection ends.
func TestDirectStopsGracefully(t *testing.T) {
	arrived, goOn := make(chan struct{}), make(chan struct{})
	s := serveDirectly(t, ReceiverOptions{Observe: func(*Arrival) { close(arrived); <-goOn }}, true)
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
	assert.True(t, bytes.HasSuffix(all, []byte("\r\nConnection: close\r\n\r\n"+fixtures.PlainAllow)), string(all))
	assert.NoError(t, <-s.stopped)
}

// A connection that comes while the server stops does not hold it up, and
// nothing that comes after it is answered.
func TestDirectStopsWhileConnectionsCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, delay := range []time.Duration{0, unusedTimeout / 2, readHeaderTimeout - 1} {
			l := &pipes{make(chan net.Conn), make(chan struct{})}
			s := serveOn(t, l, ReceiverOptions{}, true)
			conn := l.dial()
			time.Sleep(delay)
			began := time.Now()
			s.stop()
			require.NoError(t, <-s.stopped)
			assert.LessOrEqual(t, time.Since(began), unusedTimeout)
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

func TestDirectRefusesAfterTheStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe()
		s := serveOn(t, &late{pipes{make(chan net.Conn), make(chan struct{})}, server}, ReceiverOptions{}, true)
		s.end(t)
		_, err := io.WriteString(client, likeOpenIM)
		require.ErrorIs(t, err, io.ErrClosedPipe)
		assert.Empty(t, s.arrivals)
	})
}

// nameless is a connection that knows no address.
type nameless struct{ net.Conn }

func (nameless) RemoteAddr() net.Addr { return nil }

func TestDirectWithoutAnAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &pipes{make(chan net.Conn), make(chan struct{})}
		s := serveOn(t, l, ReceiverOptions{}, true)
		client, server := net.Pipe()
		l.conns <- nameless{server}
		assert.Equal(t, fixtures.PlainAllow, ask(t, client, likeOpenIM))
		assert.Empty(t, (<-s.arrivals).Remote)
		s.end(t)
	})
}

// With a timeout of OpenIM's the plain allow is as quick, and judged by it.
func TestDirectWithATimeout(t *testing.T) {
	s := serveDirectly(t, ReceiverOptions{Timeout: func() time.Duration { return time.Second }}, true)
	defer s.end(t)
	assert.Equal(t, fixtures.PlainAllow, ask(t, dial(t, s.address), likeOpenIM))
	assert.Zero(t, s.viaHTTP.Load())
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

func TestHostGuardDoesNotAllocate(t *testing.T) {
	g := newHostGuard(nil)
	assert.True(t, g.allows("127.0.0.1:10006"))
	assert.Zero(t, testing.AllocsPerRun(100, func() { g.allows("127.0.0.1:10006") }))
}

// pipes is a listener whose connections are pipes: in a bubble their deadlines
// pass at once.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

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

func TestDirectDoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &pipes{make(chan net.Conn), make(chan struct{})}
		s := serveOn(t, l, ReceiverOptions{}, true)
		assert.Equal(t, readHeaderTimeout, untilClosed(t, l.dial()), "for the first request")
		conn := l.dial()
		for range 3 {
			ask(t, conn, likeOpenIM)
			time.Sleep(renewAfter)
		}
		assert.Equal(t, idleTimeout-renewAfter, untilClosed(t, conn), "for the next")

		conn = l.dial()
		require.NoError(t, conn.SetWriteDeadline(time.Now().Add(time.Hour)))
		_, err := io.WriteString(conn, likeOpenIM)
		require.NoError(t, err)
		time.Sleep(writeTimeout + time.Second) // the reply is not read
		assert.Zero(t, untilClosed(t, conn))

		unused, used := l.dial(), l.dial()
		ask(t, used, likeOpenIM)
		s.stop()
		assert.Zero(t, untilClosed(t, used))
		assert.Equal(t, unusedTimeout, untilClosed(t, unused))
		require.NoError(t, <-s.stopped)
	})
}
