package simulator_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
)

// TestFailureOfRawReply sends to receivers that write some bytes and close.
func TestFailureOfRawReply(t *testing.T) {
	const gzipped = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 65\r\n\r\n"
	tests := []struct {
		name, reply string
		want        validate.Failure
		body        string
	}{
		{"closed at once", "", validate.Reset, ""},
		{"closed within the headers", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", validate.Reset, ""},
		{"closed within the body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"a\"", validate.Truncated, `{"a"`},
		{"closed within a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{}", validate.Truncated, "{}"},
		{"no gzip", gzipped + allow, validate.Encoding, ""},
		{"broken chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", validate.Encoding, ""},
		{"not HTTP", "SSH-2.0-OpenSSH_9.6\r\n", validate.Malformed, ""},
		{"too large", "HTTP/1.1 200 OK\r\nContent-Length: 33\r\n\r\n" + strings.Repeat("x", 33), validate.TooLarge, strings.Repeat("x", 32)},
		{"just small enough", "HTTP/1.1 200 OK\r\nContent-Length: 32\r\n\r\n" + strings.Repeat("x", 32), "", strings.Repeat("x", 32)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			base, _ := rawReceiver(t, tt.reply)
			e := send(t, base, simulator.SenderOptions{MaxReply: 32})
			assert.Equal(t, tt.want, e.Reply.Failure, e.Reply.Detail)
			assert.Equal(t, tt.want == "", e.Reply.Detail == "", e.Reply.Detail)
			assert.Equal(t, tt.body, string(e.Reply.Body))
			assert.NotEmpty(t, e.Request.Headers)
		})
	}
}

func TestFailureOfURL(t *testing.T) {
	tests := []struct {
		url    string
		want   validate.Failure
		detail string
	}{
		{"webhook://127.0.0.1:10008/callbackExample", validate.BadURL,
			`Post "webhook://127.0.0.1:10008/callbackExample": unsupported protocol scheme "webhook"`},
		{"callbackExample", validate.BadURL, `Post "callbackExample": unsupported protocol scheme ""`},
		{"http:///cb", validate.BadURL, `Post "http:///cb": http: no Host in request URL`},
		{"http://h:port", validate.BadURL, `parse "http://h:port": invalid port ":port" after host`},
		{"http://127.0.0.1:99999", validate.BadURL, `Post "http://127.0.0.1:99999": dial tcp: address 99999: invalid port`},
		{"http://no..host", validate.NoHost, `Post "http://no..host": dial tcp: lookup no..host: no such host`},
	}
	for _, tt := range tests {
		e := send(t, tt.url, simulator.SenderOptions{})
		assert.Equal(t, tt.want, e.Reply.Failure, tt.url)
		assert.Equal(t, tt.detail, e.Reply.Detail)
		assert.Equal(t, tt.url, e.Request.URL)
		assert.NotEmpty(t, e.Request.Headers)
	}
}

func TestFailureRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	e := send(t, "http://"+l.Addr().String(), simulator.SenderOptions{})
	assert.Equal(t, validate.ConnectionRefused, e.Reply.Failure, e.Reply.Detail)
	assert.False(t, e.Reply.Reached())
}

func TestFailureReset(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		readRequest(conn)
		_ = conn.(*net.TCPConn).SetLinger(0) // RST instead of FIN
		_ = conn.Close()
	}()
	e := send(t, "http://"+l.Addr().String(), simulator.SenderOptions{})
	assert.Equal(t, validate.Reset, e.Reply.Failure, e.Reply.Detail)
}

// stuckReceiver writes start and then nothing until the test is over.
func stuckReceiver(t *testing.T, start string) string {
	t.Helper()
	over := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if start != "" {
			_, _ = io.WriteString(w, start)
			_ = http.NewResponseController(w).Flush()
		}
		<-over
	}))
	t.Cleanup(srv.Close)
	t.Cleanup(func() { close(over) })
	return srv.URL
}

func TestFailureTimeout(t *testing.T) {
	const timeout = 50 * time.Millisecond
	for name, start := range map[string]string{"no reply": "", "half a reply": `{"a":`} {
		t.Run(name, func(t *testing.T) {
			e := sendWithin(t, stuckReceiver(t, start), timeout)
			assert.Equal(t, validate.Timeout, e.Reply.Failure, e.Reply.Detail)
			assert.Contains(t, e.Reply.Detail, "context deadline exceeded")
			assert.Equal(t, start, string(e.Reply.Body))
			assert.GreaterOrEqual(t, e.Reply.Elapsed, timeout)
			assert.True(t, e.Reply.Reached())
		})
	}
}

func TestFailureCanceled(t *testing.T) {
	parents := map[string]func(context.Context) (context.Context, context.CancelFunc){
		"canceled": context.WithCancel,
		"with a cause": func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(ctx)
			return ctx, func() { cancel(errors.New("interrupt signal received")) }
		},
	}
	for name, parent := range parents {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := parent(t.Context())
			srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body) // until then the server does not see the sender go
				cancel()
				<-r.Context().Done()
			}))
			defer srv.Close()
			e := newSender(t, simulator.SenderOptions{}).Send(ctx, srv.URL, payload(fixtures.V37, ""), 0)
			assert.Equal(t, validate.Canceled, e.Reply.Failure, e.Reply.Detail)
		})
	}
	t.Run("the run's own deadline", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		defer cancel()
		e := newSender(t, simulator.SenderOptions{}).Send(ctx, stuckReceiver(t, "{"), payload(fixtures.V37, ""), 0)
		assert.Equal(t, validate.Canceled, e.Reply.Failure, e.Reply.Detail)
	})
}

func TestTLS(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Proto)
	}))
	srv.Config.ErrorLog = quiet()
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	pool := x509.NewCertPool()
	pool.AddCert(srv.Certificate())
	plain, _ := rawReceiver(t, okReply)
	byName := strings.Replace(srv.URL, "127.0.0.1", "localhost", 1) // not in the certificate

	tests := []struct {
		name, url string
		options   simulator.SenderOptions
		want      validate.Failure
	}{
		{"self-signed", srv.URL, simulator.SenderOptions{}, validate.TLS},
		{"another host", byName, simulator.SenderOptions{RootCAs: pool}, validate.TLS},
		{"insecure", srv.URL, simulator.SenderOptions{Insecure: true}, ""},
		{"trusted", srv.URL, simulator.SenderOptions{RootCAs: pool}, ""},
		{"plain HTTP", strings.Replace(plain, "http:", "https:", 1), simulator.SenderOptions{}, validate.TLS},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := send(t, tt.url, tt.options)
			assert.Equal(t, tt.want, e.Reply.Failure, e.Reply.Detail)
			if tt.want == "" {
				assert.Equal(t, "HTTP/1.1", string(e.Reply.Body))
			}
		})
	}
}

func TestTLSClientCertificate(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	srv.Config.ErrorLog = quiet()
	srv.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	srv.StartTLS()
	defer srv.Close()
	e := send(t, srv.URL, simulator.SenderOptions{Insecure: true})
	assert.Equal(t, validate.TLS, e.Reply.Failure, e.Reply.Detail)
	e = send(t, srv.URL, simulator.SenderOptions{Insecure: true, Certificates: srv.TLS.Certificates})
	assert.Empty(t, e.Reply.Failure, e.Reply.Detail)
}

func TestGzip(t *testing.T) {
	pack := func(body []byte) []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write(body)
		_ = w.Close()
		return b.Bytes()
	}
	bomb := pack(make([]byte, 8<<20))
	require.Less(t, len(bomb), 16<<10)
	good := pack([]byte(allow))
	broken := bytes.Clone(good)
	broken[len(broken)-6] ^= 0xff // the checksum
	tests := []struct {
		name string
		sent []byte
		want validate.Failure
		size int
	}{
		{"good", good, "", len(allow)},
		{"wrong checksum", broken, validate.Encoding, len(allow)},
		{"cut off", good[:len(good)-12], validate.Truncated, -1},
		{"bomb", bomb, validate.TooLarge, 64 << 10},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				assert.Equal(t, "gzip", r.Header.Get("Accept-Encoding"))
				w.Header().Set("Content-Encoding", "gzip")
				_, _ = w.Write(tt.sent)
			}))
			defer srv.Close()
			e := send(t, srv.URL, simulator.SenderOptions{MaxReply: 64 << 10})
			assert.Equal(t, tt.want, e.Reply.Failure, e.Reply.Detail)
			if tt.size >= 0 {
				assert.Len(t, e.Reply.Body, tt.size)
			}
			assert.Less(t, cap(e.Reply.Body), 1<<20)
		})
	}
}
