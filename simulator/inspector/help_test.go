package inspector_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/simulator/inspector"
	"github.com/imcb-dev/imcb/validate"
)

const api = "/__imcb/api/v1"

// arrival is a judged exchange of a callback, as a receiver observes it. An
// empty body is OpenIM's own, an empty reply the plain allow.
func arrival(t testing.TB, key, body, reply string) *simulator.Arrival {
	t.Helper()
	c, err := fixtures.Lookup(key)
	require.NoError(t, err)
	if body == "" {
		seed := uint64(1)
		p, err := c.Payload(fixtures.PayloadOptions{Server: fixtures.DefaultRelease, Seed: &seed})
		require.NoError(t, err)
		body = string(p.Body)
	}
	if reply == "" {
		reply = fixtures.PlainAllow
	}
	command := c.Command(fixtures.DefaultRelease)
	a := &simulator.Arrival{Callback: c, FoundIn: "path", Remote: "127.0.0.1:51234"}
	a.Exchange = validate.Exchange{
		Time: fixtures.StoryTime, Callback: c.Key, Command: command,
		Request: validate.Request{
			Method: "POST", URL: "http://127.0.0.1:10006/callbackExample/" + command,
			Headers: []validate.Header{{"Content-Type", "application/json; charset=utf-8"}, {"Operationid", "op"}}, Body: []byte(body),
		},
		Reply: validate.Reply{Status: 200, Body: []byte(reply), Elapsed: 1234 * time.Microsecond},
	}
	a.Differs = validate.CheckRequest(c, fixtures.DefaultRelease, a.Request)
	verdict := validate.NewJudge(c, validate.Options{Server: validate.On(fixtures.DefaultRelease)}).Judge(&a.Exchange)
	a.Verdict = &verdict
	return a
}

// foreign is a request of no known callback.
func foreign(path, body string) *simulator.Arrival {
	a := &simulator.Arrival{Verdict: &validate.Verdict{}, Note: words.Plain("no command in the path, the query or the body"), Remote: "127.0.0.1:51234"}
	a.Exchange = validate.Exchange{
		Time: fixtures.StoryTime, Command: strings.TrimPrefix(path, "/"),
		Request: validate.Request{Method: "POST", URL: "http://127.0.0.1:10006" + path, Body: []byte(body)},
		Reply:   validate.Reply{Status: 200, Body: []byte(fixtures.PlainAllow)},
	}
	return a
}

func newInspector() *inspector.Inspector {
	return inspector.New(inspector.Options{Server: validate.On(fixtures.DefaultRelease)})
}

// receiver stands for what is inspected: it answers 299.
var receiver = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(299) })

// ask sends one request to the inspector, without a network.
func ask(i *inspector.Inspector, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for n := 0; n < len(headers); n += 2 {
		r.Header.Set(headers[n], headers[n+1])
	}
	w := httptest.NewRecorder()
	i.Handler(receiver).ServeHTTP(w, r)
	return w
}

// get asks for JSON and reads it.
func get(t testing.TB, i *inspector.Inspector, path string) map[string]any {
	t.Helper()
	w := ask(i, "GET", path, "")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	return parse(t, w.Body)
}

func parse(t testing.TB, r io.Reader) map[string]any {
	t.Helper()
	var v map[string]any
	require.NoError(t, json.NewDecoder(r).Decode(&v))
	return v
}

// ids are the ids of a list of requests.
func ids(list any) []int {
	found := []int{}
	for _, r := range list.([]any) {
		found = append(found, int(r.(map[string]any)["id"].(float64)))
	}
	return found
}

// upTo counts down from n to 1.
func upTo(n int) []int {
	all := []int{}
	for ; n > 0; n-- {
		all = append(all, n)
	}
	return all
}

func path(format string, args ...any) string { return api + fmt.Sprintf(format, args...) }

// single is a listener with one connection.
type single struct {
	net.Conn
	ended context.Context
}

func (s *single) Accept() (net.Conn, error) {
	if conn := s.Conn; conn != nil {
		s.Conn = nil
		return conn, nil
	}
	<-s.ended.Done()
	return nil, net.ErrClosed
}

func (s *single) Close() error   { return nil }
func (s *single) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

// askBriefly sends a GET request to the inspector on a server that gives each
// request a second. In a bubble the second passes at once.
func askBriefly(t *testing.T, i *inspector.Inspector, path string) *http.Response {
	t.Helper()
	client, end := net.Pipe()
	server := &http.Server{Handler: i.Handler(receiver), ReadTimeout: time.Second, WriteTimeout: time.Second}
	go func() { _ = server.Serve(&single{end, t.Context()}) }()
	t.Cleanup(func() { _ = client.Close() })
	_, err := io.WriteString(client, "GET "+path+" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
	require.NoError(t, err)
	resp, err := http.ReadResponse(bufio.NewReader(client), nil)
	require.NoError(t, err)
	return resp
}
