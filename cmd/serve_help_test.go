package cmd_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/imcb-dev/imcb/cmd"
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/stretchr/testify/require"
)

// soon is when a test gives up on what takes a moment, also on a busy machine.
const soon = time.Minute

// watched is what a run prints; a test may wait for parts of it.
type watched struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{}
}

func newWatched() *watched { return &watched{changed: make(chan struct{})} }

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	close(w.changed)
	w.changed = make(chan struct{})
	return w.text.Write(p)
}

func (w *watched) read() (string, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String(), w.changed
}

func (w *watched) String() string {
	text, _ := w.read()
	return text
}

// await waits until the pattern was printed and returns its first group, or
// the whole match.
func (w *watched) await(t *testing.T, pattern string) string {
	t.Helper()
	p, deadline := regexp.MustCompile(pattern), time.After(soon)
	for {
		text, changed := w.read()
		if found := p.FindStringSubmatch(text); found != nil {
			return found[min(1, len(found)-1)]
		}
		select {
		case <-changed:
		case <-deadline:
			require.Fail(t, "not printed in time: "+pattern, text)
		}
	}
}

// readyLine is what serve writes when it listens.
type readyLine struct {
	Event, URL, Inspector, Token string
	Addresses                    []string
	Server, Asked                string
	PID                          int
}

// running is an `imcb serve` in this process, as its ready file describes it.
type running struct {
	readyLine
	readyFile string
	// base is the URL without a path.
	base   string
	stop   context.CancelFunc
	code   chan int
	out    *watched
	stderr *watched
}

// serveWith starts `imcb serve` with nothing but these arguments, and waits
// until it listens.
func serveWith(t *testing.T, args ...string) *running {
	t.Helper()
	return serveIn(t, nil, args...)
}

// serveIn is serveWith in an environment.
func serveIn(t *testing.T, env map[string]string, args ...string) *running {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 2*soon)
	s := &running{readyFile: filepath.Join(t.TempDir(), "ready.json"), stop: stop, code: make(chan int, 1), out: newWatched(), stderr: newWatched()}
	ended := make(chan struct{})
	t.Cleanup(func() { stop(); <-ended })
	streams := shell.Streams{
		In: strings.NewReader(""), Out: s.out, Err: s.stderr,
		Getenv: func(name string) string { return env[name] }, ReadFile: os.ReadFile,
	}
	go func() {
		defer close(ended)
		s.code <- cmd.Main(ctx, append([]string{"serve", "--ready-file", s.readyFile}, args...), streams)
	}()
	s.stderr.await(t, `"event":"ready"|Ctrl-C stops|imcb: `)
	text, err := os.ReadFile(s.readyFile)
	require.NoError(t, err, s.stderr)
	require.NoError(t, json.Unmarshal(text, &s.readyLine))
	s.base = strings.TrimSuffix(s.URL, "/callbackExample")
	return s
}

// serveHere is serveWith on a free port of the loopback.
func serveHere(t *testing.T, args ...string) *running {
	t.Helper()
	return serveWith(t, append([]string{"--listen", "127.0.0.1:0"}, args...)...)
}

// end stops the receiver and returns its exit code.
func (s *running) end(t *testing.T) int {
	t.Helper()
	s.stop()
	return s.ended(t)
}

// ended waits until the receiver ends by itself.
func (s *running) ended(t *testing.T) int {
	t.Helper()
	select {
	case code := <-s.code:
		return code
	case <-time.After(soon):
		require.Fail(t, "serve did not end", s.stderr.String())
		return -1
	}
}

// ask sends a request and returns the status and the answer. The client keeps
// no connection.
func ask(t *testing.T, method, url, body string, headers ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	req.Close = true
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
	}
	client := http.Client{Timeout: soon, Transport: &http.Transport{DisableKeepAlives: true}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(text)
}

// dial connects to a base URL.
func dial(t *testing.T, base string) net.Conn {
	t.Helper()
	address, secure := strings.CutPrefix(base, "https://")
	address = strings.TrimPrefix(address, "http://")
	conn, err := net.DialTimeout("tcp", address, soon)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	if secure {
		conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
	}
	require.NoError(t, conn.SetDeadline(time.Now().Add(soon)))
	return conn
}

// wire sends bytes as they are and returns all that comes back, as far as it
// comes.
func wire(t *testing.T, base, request string) string {
	t.Helper()
	conn := dial(t, base)
	defer conn.Close()
	_, _ = io.WriteString(conn, request) // the other side may have had enough
	answer, _ := io.ReadAll(conn)
	return string(answer)
}

// inFolder writes a file into a folder of the test's own.
func inFolder(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// endsSoon runs imcb, but does not wait for one that hangs.
func endsSoon(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		code, stdout, stderr = runMain(t, "", args...)
	}()
	select {
	case <-done:
		return code, stdout, stderr
	case <-time.After(soon):
		return -1, "", "it hangs"
	}
}
