package cmd_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/stretchr/testify/require"
)

// BenchmarkServe posts a message to `imcb serve`, with judging and journal, and
// to a handler that does nothing beside it. The client's own time is in both.
//
//	go test ./cmd -run '^$' -bench Serve -cpu 2 -count 5
func BenchmarkServe(b *testing.B) {
	hello := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, plainAllow)
	}))
	b.Cleanup(hello.Close)
	s := startServe(b, "-q", "--journal", filepath.Join(b.TempDir(), "journal.jsonl"))
	b.Cleanup(func() { s.end() })
	for _, target := range []struct{ name, url string }{{"hello", hello.URL}, {"imcb", s.url}} {
		b.Run(target.name, func(b *testing.B) { postAll(b, target.url) })
	}
}

// postAll posts the same message over a few kept connections.
func postAll(b *testing.B, base string) {
	u, err := url.Parse(base)
	require.NoError(b, err)
	c, err := fixtures.Lookup("beforeSendSingleMsg")
	require.NoError(b, err)
	p, err := c.Payload(fixtures.PayloadOptions{Server: fixtures.DefaultRelease})
	require.NoError(b, err)
	request := fmt.Appendf(nil, "POST /callbackExample/%s HTTP/1.1\r\nHost: %s\r\nUser-Agent: Go-http-client/1.1\r\nContent-Length: %d\r\n"+
		"Content-Type: application/json; charset=utf-8\r\nOperationid: %s\r\nAccept-Encoding: gzip\r\n\r\n%s", p.Command, u.Host, len(p.Body), p.OperationID, p.Body)
	b.ReportAllocs()
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		conn, err := net.Dial("tcp", u.Host)
		if err != nil {
			b.Error(err)
			return
		}
		defer conn.Close()
		r := bufio.NewReader(conn)
		for pb.Next() {
			if _, err := conn.Write(request); err != nil {
				b.Error(err)
				return
			}
			if err := skipReply(r); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// skipReply reads a reply that ends like the plain allow.
func skipReply(r *bufio.Reader) error {
	for {
		line, err := r.ReadSlice('}')
		if err != nil || bytes.HasSuffix(line, []byte(`"nextCode":0}`)) {
			return err
		}
	}
}
