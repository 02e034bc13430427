package cmd_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const friendPath = "/callbackBeforeAddFriendCommand"

// A web site that points its name to this machine reaches nothing.
func TestServeHosts(t *testing.T) {
	s := serveHere(t, "--allow-host", "Host.Docker.Internal")
	port := s.base[strings.LastIndex(s.base, ":"):]
	for host, want := range map[string]int{
		"evil.example": 421, "evil.example" + port: 421, "localhost.evil.example": 421, "127.0.0.1.nip.io": 421,
		"": 421, "localhost@evil.example": 421, "[evil.example]": 421, "127.0.0.1, evil.example": 421, "1": 421, "0x7f.1": 421,
		"localhost": 200, "LOCALHOST" + port: 200, "localhost.": 200, "127.0.0.1": 200, "[::1]:1": 200, "192.0.2.7": 200,
		"host.docker.internal" + port: 200,
	} {
		for _, path := range []string{"/", friendPath, "/__imcb/", "/__imcb/healthz", "/__imcb/api/v1/requests", "//__imcb/app.js", "/%5f_imcb/metrics"} {
			method := "GET"
			if !strings.Contains(path, "imcb") {
				method = "POST"
			}
			answer := wire(t, s.base, method+" "+path+" HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
			status := fmt.Sprintf("HTTP/1.1 %d", want)
			if want == 421 && strings.HasPrefix(answer, "HTTP/1.1 400") {
				continue // net/http refuses it as no host at all
			}
			assert.Truef(t, strings.HasPrefix(answer, status), "%s of %q: %.100s", path, host, answer)
			if want == 421 {
				assert.NotContains(t, answer, "actionCode")
			}
		}
	}
	absolute := wire(t, s.base, "POST http://evil.example"+friendPath+" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
	assert.Contains(t, absolute, "421", "the URL of a proxy request decides")
	old := wire(t, s.base, "POST "+friendPath+" HTTP/1.0\r\nContent-Length: 0\r\n\r\n")
	assert.Contains(t, old, "421", "no Host at all")
}

// No web page changes anything here, whatever it sends.
func TestServeRefusesOtherSites(t *testing.T) {
	s := serveHere(t)
	for _, headers := range [][]string{
		{"Origin", "https://evil.example"}, {"Origin", "null"}, {"Origin", "http://127.0.0.1:1"}, {"Sec-Fetch-Site", "cross-site"},
		{"Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Site", "cross-site", "Origin", s.base},
	} {
		for _, one := range [][2]string{
			{"POST", friendPath}, {"POST", "/"}, {"PUT", "/__imcb/api/v1/rules"}, {"POST", "/__imcb/api/v1/reset?what=all"},
			{"POST", "/__imcb/api/v1/verify"}, {"DELETE", "/__imcb/api/v1/requests"}, {"POST", "/%5F_imcb/api/v1/reset?what=all"},
			{"DELETE", "/x/../__imcb/api/v1/requests/1"}, {"POST", "/__imcb//api/v1/requests/1/resend"},
			{"GET", "/__imcb/api/v1/requests"}, {"GET", "/__imcb/api/v1/events"},
		} {
			status, _ := ask(t, one[0], s.base+one[1], "", headers...)
			assert.Equal(t, 403, status, "%v %v", one, headers)
		}
		status, answer := ask(t, "OPTIONS", s.base+friendPath, "", append(headers, "Access-Control-Request-Method", "POST")...)
		assert.NotEqual(t, 200, status, answer)
	}
	status, _ := ask(t, "POST", s.base+friendPath, "{}", "Origin", s.base, "Sec-Fetch-Site", "same-origin")
	assert.Equal(t, 200, status)
	resp, err := http.Get(s.base + friendPath)
	require.NoError(t, err)
	resp.Body.Close()
	for name := range resp.Header {
		assert.False(t, strings.HasPrefix(name, "Access-Control-"), name)
	}
}

// However a path is written, what serves it asks for the token.
func TestServeTokenAndEncodedPaths(t *testing.T) {
	s := serveHere(t, "--token-file", inFolder(t, "token", "0123456789abcdef"))
	ask(t, "POST", s.base+friendPath, `{"marker":"private"}`)
	for _, path := range []string{
		"/__imcb/api/v1/requests", "/%5f%5fimcb/api/v1/requests", "/__imc%62/api/v1/requests", "/__imcb%2fapi%2fv1%2frequests",
		"/__imcb/%61pi/v1/requests", "//__imcb/api/v1/requests", "/__imcb//api///v1/requests", "/./__imcb/./api/v1/requests",
		"/x/../__imcb/api/v1/requests", "/x/%2e%2e/__imcb/api/v1/requests", "/__imcb/healthz/../api/v1/requests",
		"/__imcb/healthz/%2e%2e/api/v1/requests", "/__imcb/app.js/..%2fapi/v1/requests", "/__imcb/api/v1/requests/", "/__imcb/api/v1/requests/1/body",
		"/__imcb/api/v1/journal", "/__imcb/metrics", "/__imcb/api/v1/requests;x", "/__IMCB/api/v1/requests", `/__imcb\api\v1\requests`,
		"/__imcb/api/v1/requests%00", "/__imcb/api/v1/requests?token=0123456789abcdef", "/__imcb/api/v1/requests#x", "http://127.0.0.1/__imcb/api/v1/requests",
		"/__imcb/readyz%2f..%2fapi/v1/journal", "/__imcb/api/v1/events", "/__imcb/api/v1/openapi.json",
	} {
		for _, method := range []string{"GET", "HEAD", "DELETE", "BREW"} {
			answer := wire(t, s.base, method+" "+path+" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
			assert.NotContains(t, answer, "private", "%s %s", method, path)
			assert.NotContains(t, answer, "HTTP/1.1 2", "%s %s", method, path)
		}
	}
}

// pattern is a body that need not be held in memory.
type pattern struct{ left int }

func (p *pattern) Read(b []byte) (int, error) {
	if p.left == 0 {
		return 0, io.EOF
	}
	n := copy(b[:min(len(b), p.left)], quotes)
	p.left -= n
	return n, nil
}

var quotes = strings.Repeat(`"`, 64<<10)

func TestServeLargeBodies(t *testing.T) {
	const huge = 100 << 20
	s := serveHere(t, "-q")
	before := liveHeap()
	for _, length := range []int64{huge, -1} {
		for _, path := range []string{friendPath, "/", "/__imcb/api/v1/rules"} {
			method, kind := "POST", "application/json"
			if strings.Contains(path, "rules") {
				method, kind = "PUT", "application/yaml"
			}
			req, err := http.NewRequestWithContext(t.Context(), method, s.base+path, io.NopCloser(&pattern{huge}))
			require.NoError(t, err)
			req.ContentLength = length
			req.Header.Set("Content-Type", kind)
			resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
			if err != nil { // the connection was closed while the body was on its way
				assert.Regexp(t, `broken pipe|reset|aborted|closed`, err.Error())
				continue
			}
			resp.Body.Close()
			assert.Equal(t, 413, resp.StatusCode, "%s, length %d", path, length)
		}
	}
	// Whoever reads while it writes gets the reason in any case.
	answer := wire(t, s.base, "POST "+friendPath+" HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 104857600\r\n\r\n"+strings.Repeat("x", 11<<20))
	assert.True(t, strings.HasPrefix(answer, "HTTP/1.1 413 "), "%.200s", answer)
	assert.Less(t, liveHeap()-before, int64(8<<20), "what is kept of it")
	status, _ := ask(t, "POST", s.base+friendPath, "{}")
	assert.Equal(t, 200, status)
	assert.Zero(t, s.end(t))
	assert.Equal(t, 5, strings.Count(s.out.String(), "the body is larger than 10485760 bytes"), "-q shows what is odd")
}

// liveHeap is what is in use, in bytes.
func liveHeap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestServeLargeHeads(t *testing.T) {
	s := serveHere(t, "-q")
	many := strings.Builder{}
	for i := range 10_000 {
		fmt.Fprintf(&many, "X-Header-%d: value\r\n", i)
	}
	for name, head := range map[string]string{
		"many headers":  "POST " + friendPath + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + many.String() + "Content-Length: 0\r\n\r\n",
		"a long header": "POST " + friendPath + " HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + strings.Repeat("x", 1<<20) + "\r\nContent-Length: 0\r\n\r\n",
		"a long path":   "POST /" + strings.Repeat("x", 1<<20) + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n",
	} {
		answer := wire(t, s.base, head)
		if answer != "" { // else the connection was reset while the head was on its way
			assert.Truef(t, strings.HasPrefix(answer, "HTTP/1.1 431 "), "%s: %.100s", name, answer)
		}
	}
	assert.Zero(t, s.end(t))
	assert.Contains(t, s.stderr.String(), "answered 0 requests")
}

// A compressed body stays as it is: nothing is inflated.
func TestServeInflatesNothing(t *testing.T) {
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	_, err := io.Copy(w, &pattern{8 << 20})
	require.NoError(t, err)
	require.NoError(t, w.Close())
	s := serveHere(t)
	before := liveHeap()
	status, answer := ask(t, "POST", s.base+friendPath, bomb.String(), "Content-Encoding", "gzip", "Content-Type", "application/json")
	assert.Equal(t, 200, status)
	assert.Equal(t, plainAllow, answer)
	assert.Less(t, liveHeap()-before, int64(4<<20))
	_, body := ask(t, "GET", s.base+"/__imcb/api/v1/requests/1/body", "")
	assert.Equal(t, sha256.Sum256(bomb.Bytes()), sha256.Sum256([]byte(body)), "byte for byte")
	assert.Zero(t, s.end(t))
}

// A thousand clients that never finish their requests keep nobody waiting.
func TestServeHalfOpenConnections(t *testing.T) {
	t.Parallel()
	s := serveHere(t, "-q")
	half := make([]net.Conn, 1000)
	for i := range half {
		half[i] = dial(t, s.base)
		request := "POST " + friendPath + " HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
		if i%2 == 1 {
			request = "POST " + friendPath + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n{"
		}
		_, err := io.WriteString(half[i], request)
		require.NoError(t, err)
	}
	var group sync.WaitGroup
	for range 10 {
		group.Go(func() {
			for range 20 {
				status, _ := ask(t, "POST", s.base+friendPath, "{}")
				assert.Equal(t, 200, status)
			}
		})
	}
	group.Wait()
	for _, conn := range half {
		conn.Close()
	}
	assert.Zero(t, s.end(t), s.stderr.String())
}

// Connections that a browser opened in advance, or that stopped within their
// head, don't delay the end or make it a failure.
func TestServeEndsBesideUnusedConnections(t *testing.T) {
	t.Parallel()
	s := serveHere(t)
	for i := range 10 {
		conn := dial(t, s.base)
		if i%2 == 1 {
			_, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHo")
			require.NoError(t, err)
		}
	}
	status, _ := ask(t, "POST", s.base+friendPath, "{}") // those before it are accepted, too
	assert.Equal(t, 200, status)
	assert.Zero(t, s.end(t), "nothing had to be cut off: "+s.stderr.String())
}
