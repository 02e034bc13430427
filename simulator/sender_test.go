package simulator_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
)

const allow = `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0}`

func payload(v fixtures.Release, operationID string) *fixtures.Payload {
	return &fixtures.Payload{
		Callback:    &fixtures.Callback{Key: "beforeAddFriend"},
		Server:      v,
		Command:     "callbackBeforeAddFriendCommand",
		OperationID: operationID,
		Body:        []byte(`{"callbackCommand":"callbackBeforeAddFriendCommand","ex":"\u003c"}` + "\n"),
	}
}

func newSender(t *testing.T, o simulator.SenderOptions) *simulator.Sender {
	t.Helper()
	s, err := simulator.NewSender(o)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

// send sends the usual payload to target with the given options.
func send(t *testing.T, target string, o simulator.SenderOptions) validate.Exchange {
	t.Helper()
	return newSender(t, o).Send(t.Context(), target, payload(fixtures.DefaultRelease, "op1"), 0)
}

// sendWithin sends it with a timeout.
func sendWithin(t *testing.T, target string, timeout time.Duration) validate.Exchange {
	t.Helper()
	return newSender(t, simulator.SenderOptions{}).Send(t.Context(), target, payload(fixtures.DefaultRelease, "op1"), timeout)
}

// targetOf is a receiver's target in the usual style.
func targetOf(t *testing.T, base string) simulator.Target {
	t.Helper()
	target, err := simulator.NewTarget(base, simulator.Path)
	require.NoError(t, err)
	return target
}

// rawReceiver answers each connection with the bytes of reply once it has read
// a request, and hands over the bytes of that request.
func rawReceiver(t *testing.T, reply string) (base string, requests <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	seen := make(chan string, 16)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			seen <- readRequest(conn)
			_, _ = io.WriteString(conn, reply)
			_ = conn.Close()
		}
	}()
	return "http://" + l.Addr().String(), seen
}

// readRequest reads one request off the connection, byte for byte.
func readRequest(conn net.Conn) string {
	var raw bytes.Buffer
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	req, err := http.ReadRequest(bufio.NewReader(io.TeeReader(conn, &raw)))
	if err == nil {
		_, _ = io.Copy(io.Discard, req.Body)
	}
	return raw.String()
}

// okReply tells the client not to use the connection again, which the raw
// receiver closes.
const okReply = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

func TestSendWireBytes(t *testing.T) {
	const contentType, op = "Content-Type: application/json; charset=utf-8\r\n", "Operationid: op1\r\n"
	const gzip = "Accept-Encoding: gzip\r\n"
	tests := []struct {
		name    string
		server  fixtures.Release
		op      string
		headers []validate.Header
		want    string // the headers after Content-Length
	}{
		{"as OpenIM", fixtures.V383, "op1", nil, contentType + op + gzip},
		{"3.7, no operation id", fixtures.V37, "", nil, contentType + "Operationid: \r\n" + gzip},
		{"3.6, no operation id", fixtures.V36, "", nil, contentType + gzip},
		{"3.5", fixtures.V35, "op1", nil, contentType + op + gzip},
		{"added and replaced", fixtures.Main, "op1",
			[]validate.Header{{"x-b", "1"}, {"X-B", "2"}, {"content-type", "text/plain"}, {"Authorization", "Bearer x"}},
			"Authorization: Bearer x\r\nContent-Type: text/plain\r\n" + op + "X-B: 1\r\nX-B: 2\r\n" + gzip},
		{"own accept-encoding", fixtures.Main, "op1", []validate.Header{{"Accept-Encoding", "br"}},
			"Accept-Encoding: br\r\n" + contentType + op},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			base, requests := rawReceiver(t, okReply)
			p := payload(tt.server, tt.op)
			s := newSender(t, simulator.SenderOptions{Headers: tt.headers})
			e := s.Send(t.Context(), base+"/cb/"+p.Command, p, 0)

			require.Empty(t, e.Reply.Failure, e.Reply.Detail)
			raw := <-requests
			host := strings.TrimPrefix(base, "http://")
			assert.Equal(t, "POST /cb/callbackBeforeAddFriendCommand HTTP/1.1\r\nHost: "+host+
				"\r\nUser-Agent: Go-http-client/1.1\r\nContent-Length: 67\r\n"+tt.want+"\r\n"+string(p.Body), raw)
			assert.Equal(t, wireHeaders(raw), e.Request.Headers, "the recorded headers are those on the wire")
			assert.Equal(t, e.Request, s.Request(base+"/cb/"+p.Command, p), "a dry run shows the same")
		})
	}
}

func TestSendHostAndUserinfo(t *testing.T) {
	base, requests := rawReceiver(t, okReply)
	target := strings.Replace(base, "http://", "http://user:pass@", 1)
	e := send(t, target, simulator.SenderOptions{Headers: []validate.Header{{"host", "im.example"}, {"user-agent", "me"}}})
	require.Empty(t, e.Reply.Failure, e.Reply.Detail)
	raw := <-requests
	assert.Equal(t, wireHeaders(raw), e.Request.Headers)
	assert.Contains(t, raw, "POST / HTTP/1.1\r\nHost: im.example\r\nUser-Agent: me\r\n")
	assert.Contains(t, raw, "Authorization: Basic dXNlcjpwYXNz\r\n")
}

// wireHeaders parses the header lines of a raw request.
func wireHeaders(raw string) []validate.Header {
	head, _, _ := strings.Cut(raw, "\r\n\r\n")
	var list []validate.Header
	for _, line := range strings.Split(head, "\r\n")[1:] {
		name, value, _ := strings.Cut(line, ":")
		list = append(list, validate.Header{name, textproto.TrimString(value)})
	}
	return list
}

func TestSendReply(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Add("X-A", "2")
		w.Header().Add("X-A", "1")
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, allow)
	}))
	defer srv.Close()
	before := time.Now()
	e := send(t, srv.URL, simulator.SenderOptions{})
	assert.Equal(t, "beforeAddFriend", e.Callback)
	assert.Equal(t, "callbackBeforeAddFriendCommand", e.Command)
	assert.WithinRange(t, e.Time, before, time.Now())
	assert.Equal(t, http.StatusTeapot, e.Reply.Status)
	assert.Equal(t, allow, string(e.Reply.Body))
	assert.Equal(t, "2", e.Reply.Header("X-A"))
	assert.Contains(t, e.Reply.Headers, validate.Header{"X-A", "1"})
	assert.Positive(t, e.Reply.Elapsed)
}

func TestRequestOfABadURL(t *testing.T) {
	p := payload(fixtures.V383, "op1")
	req := newSender(t, simulator.SenderOptions{}).Request("http://h:port", p)
	assert.Equal(t, "http://h:port", req.URL)
	assert.Equal(t, p.Body, req.Body)
}

func TestResend(t *testing.T) {
	base, requests := rawReceiver(t, okReply)
	s := newSender(t, simulator.SenderOptions{})
	first := s.Send(t.Context(), base+"/a", payload(fixtures.V383, "op1"), 0)
	sent := <-requests

	again := s.Resend(t.Context(), "", first, time.Second)
	assert.Equal(t, sent, <-requests, "the same bytes")
	assert.Equal(t, first.Request, again.Request)
	assert.Equal(t, first.Callback, again.Callback)
	assert.Equal(t, first.Command, again.Command)
	assert.Equal(t, validate.DefaultTimeout, first.Timeout)
	assert.Equal(t, time.Second, again.Timeout, "its own")

	other, otherRequests := rawReceiver(t, okReply)
	again = s.Resend(t.Context(), other+"/b", first, 0)
	require.Empty(t, again.Reply.Failure, again.Reply.Detail)
	oldHost, newHost := strings.TrimPrefix(base, "http://"), strings.TrimPrefix(other, "http://")
	assert.Equal(t, strings.NewReplacer("/a ", "/b ", oldHost, newHost).Replace(sent), <-otherRequests)
}

func TestSendThroughProxy(t *testing.T) {
	base, requests := rawReceiver(t, okReply)
	proxy, err := url.Parse(base)
	require.NoError(t, err)
	e := send(t, "http://im.example/cb", simulator.SenderOptions{Proxy: proxy})
	require.Empty(t, e.Reply.Failure, e.Reply.Detail)
	raw := <-requests
	assert.Contains(t, raw, "POST http://im.example/cb HTTP/1.1\r\nHost: im.example\r\n")
	assert.Equal(t, wireHeaders(raw), e.Request.Headers)
}

func TestSendIgnoresProxyEnvironment(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	base, _ := rawReceiver(t, okReply)
	e := send(t, base, simulator.SenderOptions{})
	assert.Empty(t, e.Reply.Failure, e.Reply.Detail)
}

func TestNewSenderErrors(t *testing.T) {
	header := func(name, value string) simulator.SenderOptions {
		return simulator.SenderOptions{Headers: []validate.Header{{name, value}}}
	}
	tests := []struct {
		options simulator.SenderOptions
		want    string
	}{
		{simulator.SenderOptions{MaxReply: -1}, "reply limit -1 is negative: use 0 for the default of 16777216 bytes"},
		{header("", "x"), `header name "" is not valid: use letters, digits and hyphens`},
		{header("a b", "x"), `header name "a b" is not valid: use letters, digits and hyphens`},
		{header("A", "x\r\nB: y"), "header A has a control character in its value: write it on one line"},
		{header("content-length", "3"), "header content-length can't be set: it follows from the body"},
	}
	for _, tt := range tests {
		_, err := simulator.NewSender(tt.options)
		assert.EqualError(t, err, tt.want)
	}
}

// Who sends apart has connections of its own, and says how the bytes go out, also
// of what is encrypted.
func TestApart(t *testing.T) {
	var bodies, connections atomic.Int32
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body, err := io.ReadAll(r.Body); err == nil && int64(len(body)) == r.ContentLength {
			bodies.Add(1)
		}
		_, _ = io.WriteString(w, allow)
	})
	for name, start := range map[string]func(*httptest.Server){
		"plain": (*httptest.Server).Start, "TLS": (*httptest.Server).StartTLS,
	} {
		t.Run(name, func(t *testing.T) {
			bodies.Store(0)
			connections.Store(0)
			server := httptest.NewUnstartedServer(handler)
			server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
				if state == http.StateNew {
					connections.Add(1)
				}
			}
			start(server)
			defer server.Close()
			shared := newSender(t, simulator.SenderOptions{Insecure: true})
			var written [][]byte
			apart := shared.Apart(func(to io.Writer, text []byte) (n int, err error) {
				written = append(written, bytes.Clone(text))
				for i := range text {
					one, err := to.Write(text[i : i+1])
					if n += one; err != nil {
						return n, err
					}
				}
				return n, nil
			})
			defer apart.Close()
			for _, sender := range []*simulator.Sender{shared, apart, apart} {
				x := sender.Send(t.Context(), server.URL, payload(fixtures.DefaultRelease, "op1"), 0)
				assert.Equal(t, allow, string(x.Reply.Body), x.Reply.Detail)
			}
			assert.EqualValues(t, 3, bodies.Load())
			assert.EqualValues(t, 2, connections.Load())
			require.Len(t, written, 2)
			assert.Contains(t, string(written[0]), "POST / HTTP/1.1\r\n")
		})
	}
}
