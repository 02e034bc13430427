//go:build unix

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
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// BenchmarkServe posts a message to `imcb serve`, with judging and journal, and
// by turns to a handler beside it that does nothing. It reports what the rate
// and the CPU time of a request are to that handler's; the client's own time is
// in both.
//
//	go test ./cmd -run '^$' -bench Serve -cpu 2 -count 5
func BenchmarkServe(b *testing.B) {
	rules := filepath.Join(b.TempDir(), "rules.yaml")
	const text = "rules:\n- match: {callback: beforeSendSingleMsg, where: {contentType: 101}}\n  refuse: {errCode: 5001, errMsg: not today}\n"
	require.NoError(b, os.WriteFile(rules, []byte(text), 0o600))
	for _, one := range []struct {
		name string
		args []string
	}{
		{"no rule", nil},
		{"rule", []string{"--refuse", "beforeSendSingleMsg=5001:not today"}},
		{"rule that looks inside", []string{"--rules", rules}},
	} {
		b.Run(one.name, func(b *testing.B) {
			hello := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				w.Header().Set("Content-Type", "application/json")
				_, _ = io.WriteString(w, plainAllow)
			}))
			defer hello.Close()
			s := startServe(b, append([]string{"-q", "--journal", filepath.Join(b.TempDir(), "journal.jsonl")}, one.args...)...)
			defer s.end()
			compare(b, hello.URL, s.url)
		})
	}
}

// compare posts b.N messages to each of both and reports the ratios.
func compare(b *testing.B, hello, imcb string) {
	const turn = 4000 // requests
	clients := [2]clients{newClients(b, hello), newClients(b, imcb)}
	var wall, cpu [2]time.Duration
	for done := 0; done < b.N; done += turn {
		for i := range clients {
			startCPU, start := cpuTime(b), time.Now()
			clients[i].post(b, min(turn, b.N-done))
			wall[i] += time.Since(start)
			cpu[i] += cpuTime(b) - startCPU
		}
	}
	b.ReportMetric(float64(wall[0])/float64(wall[1]), "rate/hello")
	b.ReportMetric(float64(cpu[1])/float64(cpu[0]), "cpu/hello")
	b.ReportMetric(float64(wall[1].Nanoseconds())/float64(b.N), "ns/op")
}

// cpuTime is what this process took so far.
func cpuTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// clients post the same message over a few kept connections.
type clients struct {
	request []byte
	conns   []net.Conn
}

func newClients(b *testing.B, base string) (c clients) {
	u, err := url.Parse(base)
	require.NoError(b, err)
	callback, err := fixtures.Lookup("beforeSendSingleMsg")
	require.NoError(b, err)
	p, err := callback.Payload(fixtures.PayloadOptions{Server: fixtures.DefaultRelease})
	require.NoError(b, err)
	c.request = fmt.Appendf(nil, "POST /callbackExample/%s HTTP/1.1\r\nHost: %s\r\nUser-Agent: Go-http-client/1.1\r\nContent-Length: %d\r\n"+
		"Content-Type: application/json; charset=utf-8\r\nOperationid: %s\r\nAccept-Encoding: gzip\r\n\r\n%s", p.Command, u.Host, len(p.Body), p.OperationID, p.Body)
	for range 32 {
		conn, err := net.Dial("tcp", u.Host)
		require.NoError(b, err)
		b.Cleanup(func() { _ = conn.Close() })
		c.conns = append(c.conns, conn)
	}
	return c
}

// post posts n messages, each connection its part.
func (c *clients) post(b *testing.B, n int) {
	var all sync.WaitGroup
	for i, conn := range c.conns {
		all.Go(func() {
			r := bufio.NewReader(conn)
			for range (n + i) / len(c.conns) {
				if _, err := conn.Write(c.request); !assert.NoError(b, err) {
					return
				}
				if err := skipReply(r); !assert.NoError(b, err) {
					return
				}
			}
		})
	}
	all.Wait()
}

// skipReply reads a reply that ends like an allow or a refusal.
func skipReply(r *bufio.Reader) error {
	for {
		line, err := r.ReadSlice('}')
		if err != nil || bytes.HasSuffix(line, []byte(`"nextCode":0}`)) || bytes.HasSuffix(line, []byte(`"nextCode":1}`)) {
			return err
		}
	}
}
