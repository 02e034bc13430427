package trigger

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "with IMCB_TRIGGER_API: record the server's answers anew")

// liveAPI is the API of a running OpenIM, just brought up, whose settings' url
// leads to this machine. Without it the tests play with what was recorded.
var liveAPI = os.Getenv("IMCB_TRIGGER_API")

// recordedCall is a call of the API, its answer, and the callbacks that OpenIM
// sent before and after it answered.
type recordedCall struct {
	Path   string     `json:"path"`
	Body   string     `json:"body,omitempty"`
	Status int        `json:"status"`
	Answer string     `json:"answer"`
	During []recorded `json:"during,omitempty"`
	After  []recorded `json:"after,omitempty"`
}

// recorded is a callback.
type recorded struct {
	Command string `json:"command"`
	Body    string `json:"body"`
}

// openIM stands for the server: what was recorded of it, or a proxy that records.
type openIM struct {
	t        *testing.T
	receiver string // where the callbacks go
	patience time.Duration

	mu     sync.Mutex
	calls  []recordedCall
	next   int
	busy   bool
	socket []recorded // callbacks of the websocket
}

// serve starts it; live says that it is a proxy.
func (o *openIM) serve() (api, socket string) {
	handler := o.replay
	if liveAPI != "" {
		handler = o.record
	}
	server := httptest.NewServer(http.HandlerFunc(handler))
	o.t.Cleanup(server.Close)
	if liveAPI == "" {
		socket = "ws" + strings.TrimPrefix(server.URL, "http")
	}
	return server.URL, socket
}

// record passes a call on.
func (o *openIM) record(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	o.mu.Lock()
	o.busy, o.calls = true, append(o.calls, recordedCall{Path: r.URL.Path, Body: withoutSecrets(string(body))})
	o.mu.Unlock()
	request, err := http.NewRequest(http.MethodPost, liveAPI+r.URL.Path, bytes.NewReader(body))
	if !assert.NoError(o.t, err) {
		return
	}
	request.Header = r.Header.Clone()
	request.Header.Del("Accept-Encoding")
	resp, err := http.DefaultClient.Do(request)
	if !assert.NoError(o.t, err) {
		return
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(resp.Body)
	o.mu.Lock()
	call := &o.calls[len(o.calls)-1]
	call.Status, call.Answer, o.busy = resp.StatusCode, withoutSecrets(string(answer)), false
	o.mu.Unlock()
	w.WriteHeader(resp.StatusCode)
	_, _ = w.Write(answer)
}

var (
	secrets = regexp.MustCompile(`("token":|"secret":)"[^"]*"`)
	stack   = regexp.MustCompile(` \| -(>|\\u003e) [^"]*`)
)

// withoutSecrets leaves out tokens, and where the server was built.
func withoutSecrets(text string) string {
	return stack.ReplaceAllString(secrets.ReplaceAllString(text, `$1"***"`), " | -> …")
}

// observe notes a callback that came.
func (o *openIM) observe(a *simulator.Arrival) {
	o.mu.Lock()
	defer o.mu.Unlock()
	one := recorded{a.Command, string(a.Request.Body)}
	switch {
	case strings.HasPrefix(a.Callback.Key, "afterUserO"): // online, offline
		o.socket = append(o.socket, one)
	case o.busy:
		call := &o.calls[len(o.calls)-1]
		call.During = append(call.During, one)
	default:
		call := &o.calls[len(o.calls)-1]
		call.After = append(call.After, one)
	}
}

// replay answers as the server did, and sends what it sent.
func (o *openIM) replay(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Upgrade") != "" {
		o.replaySocket(w, r)
		return
	}
	body, _ := io.ReadAll(r.Body)
	if !assert.Less(o.t, o.next, len(o.calls), "one call more than was recorded: %s %s", r.URL.Path, body) {
		return
	}
	call := o.calls[o.next]
	o.next++
	assert.Equal(o.t, call.Path+" "+call.Body, r.URL.Path+" "+withoutSecrets(string(body)))
	o.post(call.During...)
	w.WriteHeader(call.Status)
	_, _ = io.WriteString(w, o.here(call.Answer))
	go o.post(call.After...)
}

// replaySocket takes a websocket, and says when it opens and closes.
func (o *openIM) replaySocket(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	o.post(o.of("callbackAfterUserOnlineCommand")...)
	_, _, _ = conn.Read(r.Context())
	o.post(o.of("callbackAfterUserOfflineCommand")...)
}

func (o *openIM) of(command string) (all []recorded) {
	for _, one := range o.socket {
		if one.Command == command {
			all = append(all, one)
		}
	}
	return all
}

// here is an answer with the receiver of this run in it.
func (o *openIM) here(answer string) string {
	return recordedReceiver.ReplaceAllString(answer, "http://"+o.receiver)
}

// recordedReceiver is the host that settings and errors name.
var recordedReceiver = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

func (o *openIM) post(all ...recorded) {
	client := &http.Client{Timeout: o.patience}
	for _, one := range all {
		resp, err := client.Post("http://"+path.Join(o.receiver, "cb", one.Command), "application/json", strings.NewReader(one.Body))
		if err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
	}
}

// recording is the file of a test's calls: a line for each, the websocket's
// callbacks in the first.
func recording(name string) string { return filepath.Join("testdata", "main", name+".jsonl") }

func (o *openIM) load(name string) {
	text, err := os.ReadFile(recording(name))
	require.NoError(o.t, err)
	lines := json.NewDecoder(bytes.NewReader(text))
	require.NoError(o.t, lines.Decode(&o.socket))
	for lines.More() {
		var call recordedCall
		require.NoError(o.t, lines.Decode(&call))
		o.calls = append(o.calls, call)
	}
}

func (o *openIM) save(name string) {
	var text bytes.Buffer
	lines := json.NewEncoder(&text)
	lines.SetEscapeHTML(false)
	require.NoError(o.t, lines.Encode(o.socket))
	for _, call := range o.calls {
		require.NoError(o.t, lines.Encode(call))
	}
	require.NoError(o.t, os.MkdirAll(filepath.Dir(recording(name)), 0o777))
	require.NoError(o.t, os.WriteFile(recording(name), text.Bytes(), 0o666))
}

// listen opens what the server's url leads to, or a free port.
func listen(t *testing.T) net.Listener {
	t.Helper()
	address := "127.0.0.1:0"
	if liveAPI != "" {
		api := newTestAPI(t, liveAPI, "")
		_, err := api.Login(t.Context())
		require.NoError(t, err)
		settings, why := api.ReadSettings(t.Context())
		require.NotNil(t, settings, why)
		u, err := url.Parse(settings.Webhooks.URL())
		require.NoError(t, err)
		address = u.Host
	}
	l, err := net.Listen("tcp", address)
	require.NoError(t, err)
	return l
}

func newTestAPI(t *testing.T, api, socket string) *API {
	t.Helper()
	sender, err := simulator.NewSender(simulator.SenderOptions{})
	require.NoError(t, err)
	t.Cleanup(sender.Close)
	return &API{URL: api, Socket: socket, Secret: DefaultSecret, Admin: DefaultAdmin, Sender: sender, ID: "imcb-trigger-test"}
}
