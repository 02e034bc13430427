package simulator_test

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
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

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

// receive posts a body to a receiver and returns the reply and what was
// observed; nil when nothing was.
func receive(o simulator.ReceiverOptions, req *http.Request) (*httptest.ResponseRecorder, *simulator.Arrival) {
	var seen *simulator.Arrival
	o.Observe = func(a *simulator.Arrival) { seen = a }
	w := httptest.NewRecorder()
	simulator.NewReceiver(o).ServeHTTP(w, req)
	return w, seen
}

func post(target, body string) *http.Request {
	return httptest.NewRequest(http.MethodPost, target, strings.NewReader(body))
}

func TestReceiverFindsTheCallback(t *testing.T) {
	const command = "callbackBeforeAddFriendCommand"
	body := func(command string) string { return `{"callbackCommand":"` + command + `"}` }
	tests := []struct {
		name, target, body string
		in, command, note  string // note: how it starts
	}{
		{"path", "/cb/" + command, body(command), "path", command, ""},
		{"path with slashes", "//" + command + "/", "{}", "path", command, ""},
		{"any case", "/cb/CALLBACKbeforeaddfriendCOMMAND", body(command), "path", "CALLBACKbeforeaddfriendCOMMAND", ""},
		{"key", "/beforeAddFriend", "{}", "path", "beforeAddFriend", ""},
		{"query", "/cb?command=" + command, body(command), "query", command, ""},
		{"body", "/callbackExample", body(command), "body", command, ""},
		{"body, swallowed by a query", "/cb?token=x/" + command, body(command), "body", command, ""},
		{"body at the root", "/", body(command), "body", command, ""},
		{"broken body", "/" + command, `{"callbackCommand":`, "path", command, ""},
		{"mismatch", "/" + command, body("callbackAfterAddFriendCommand"), "path", command,
			"the path says " + command + ", but the body's callbackCommand is callbackAfterAddFriendCommand"},
		{"unknown in the body", "/cb?command=" + command, body("nope"), "query", command,
			"the query says " + command + `, but the body's callbackCommand is an unknown callback "nope"`},
		{"unknown", "/callbackExample", body("callbackBeforeAddFrendCommand"), "", "callbackBeforeAddFrendCommand",
			`unknown callback "callbackBeforeAddFrendCommand"`},
		{"unknown in the path", "/cb/callbackBeforeAddFrendCommand", "{}", "", "callbackBeforeAddFrendCommand",
			`unknown callback "callbackBeforeAddFrendCommand"`},
		{"nothing", "/", "", "", "", "no command in the path, the query or the body"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w, a := receive(simulator.ReceiverOptions{Server: validate.On(fixtures.DefaultRelease)}, post(tt.target, tt.body))
			require.NotNil(t, a)
			assert.Equal(t, tt.in, a.FoundIn)
			assert.Equal(t, tt.command, a.Command)
			assert.True(t, strings.HasPrefix(a.Note.String(), tt.note), a.Note)
			assert.Equal(t, tt.note == "", a.Note.IsZero(), a.Note)
			if tt.in == "" {
				assert.Nil(t, a.Callback)
				assert.Empty(t, a.Exchange.Callback)
			} else {
				assert.Equal(t, "beforeAddFriend", a.Callback.Key)
				assert.Equal(t, "beforeAddFriend", a.Exchange.Callback)
			}
			assert.Equal(t, "application/json; charset=utf-8", w.Header().Get("Content-Type"))
			assert.Equal(t, tt.in != "" && tt.note != "", a.Disputed)
			if a.Disputed {
				assert.Equal(t, http.StatusBadRequest, w.Code)
				assert.JSONEq(t, string(fixtures.RefuseReply(5400, "the URL and the body name two callbacks", a.Note.String())), w.Body.String())
				return
			}
			assert.Equal(t, http.StatusOK, w.Code)
			assert.JSONEq(t, allow, w.Body.String())
		})
	}
}

// TestDisputedAfterCallback: a refusal of what has happened would be wrong, too.
func TestDisputedAfterCallback(t *testing.T) {
	w, a := receive(simulator.ReceiverOptions{}, post("/callbackAfterAddFriendCommand", `{"callbackCommand":"callbackBeforeAddFriendCommand"}`))
	assert.True(t, a.Disputed)
	assert.Equal(t, http.StatusOK, w.Code)
	assert.JSONEq(t, allow, w.Body.String())
}

func TestReceiverClipsLongNamesInNotes(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	_, a := receive(simulator.ReceiverOptions{}, post("/", `{"callbackCommand":"`+long+`"}`))
	assert.Less(t, len(a.Note.String()), 1000)
	_, a = receive(simulator.ReceiverOptions{}, post("/callbackBeforeAddFriendCommand", `{"callbackCommand":"`+long+`"}`))
	assert.Less(t, len(a.Note.String()), 1000)
}

func TestReceiverRepeatsWhatTheServerOverwrites(t *testing.T) {
	const body = `{"callbackCommand":"callbackBeforeSetGroupInfoCommand","groupID":"2305893703","groupName":"a"}`
	w, a := receive(simulator.ReceiverOptions{Server: validate.On(fixtures.V383)}, post("/callbackBeforeSetGroupInfoCommand", body))
	assert.Equal(t, string(a.Callback.AllowReply(fixtures.V383, []byte(body))), w.Body.String())
	assert.Contains(t, w.Body.String(), `"groupID":"2305893703"`)
}

func TestReceiverWithoutServerPlaysTheDefault(t *testing.T) {
	assert.Equal(t, validate.On(fixtures.DefaultRelease), simulator.NewReceiver(simulator.ReceiverOptions{}).Server)
	for _, c := range fixtures.All() {
		p, err := c.Payload(fixtures.PayloadOptions{})
		require.NoError(t, err)
		_, a := receive(simulator.ReceiverOptions{}, post("/"+p.Command, string(p.Body)))
		_, want := receive(simulator.ReceiverOptions{Server: validate.On(fixtures.DefaultRelease)}, post("/"+p.Command, string(p.Body)))
		assert.Equal(t, want.Verdict, a.Verdict, c.Key)
		assert.Equal(t, want.Differs, a.Differs, c.Key)
	}
}

func TestReceiverAnswersEveryCallback(t *testing.T) {
	srv := httptest.NewServer(simulator.NewReceiver(simulator.ReceiverOptions{}))
	defer srv.Close()
	s := newSender(t, simulator.SenderOptions{})
	for _, c := range fixtures.All() {
		p, err := c.Payload(fixtures.PayloadOptions{Server: fixtures.Main})
		require.NoError(t, err)
		e := s.Send(t.Context(), targetOf(t, srv.URL+"/callbackExample").URL(p), p, 0)
		assert.Empty(t, e.Reply.Failure, e.Reply.Detail)
		assert.Equal(t, string(c.AllowReply(fixtures.DefaultRelease, p.Body)), string(e.Reply.Body), c.Key)
	}
}

// TestReceiverObserves looks at a whole exchange from both ends.
func TestReceiverObserves(t *testing.T) {
	arrivals := make(chan *simulator.Arrival, 1)
	srv := httptest.NewServer(simulator.NewReceiver(simulator.ReceiverOptions{Observe: func(a *simulator.Arrival) { arrivals <- a }}))
	defer srv.Close()
	target := srv.URL + "/cb/callbackBeforeAddFriendCommand?key=a%3D"
	e := send(t, target, simulator.SenderOptions{})
	require.Empty(t, e.Reply.Failure, e.Reply.Detail)
	a := <-arrivals
	assert.Equal(t, target, a.Request.URL)
	assert.Equal(t, e.Request.Body, a.Request.Body)
	assert.ElementsMatch(t, e.Request.Headers, a.Request.Headers)
	assert.Equal(t, e.Reply.Body, a.Reply.Body)
	assert.Equal(t, http.StatusOK, a.Reply.Status)
	assert.Equal(t, []validate.Header{{"Content-Length", "65"}, {"Content-Type", "application/json; charset=utf-8"}}, a.Reply.Headers)
	assert.Positive(t, a.Reply.Elapsed)
	assert.False(t, a.Time.IsZero())
	assert.Equal(t, "accept-encoding", strings.ToLower(a.Request.Headers[0][0]), "sorted")
}

func TestReceiverTakesPostOnly(t *testing.T) {
	for _, target := range []string{"/", "/favicon.ico"} {
		w, a := receive(simulator.ReceiverOptions{}, httptest.NewRequest(http.MethodGet, target, nil))
		assert.Nil(t, a)
		assert.Equal(t, http.StatusMethodNotAllowed, w.Code)
		assert.Equal(t, "POST", w.Header().Get("Allow"))
		assert.Equal(t, 1, strings.Count(w.Body.String(), "\n"), "one line")
		assert.Contains(t, w.Body.String(), "imcb")
	}
}

func TestReceiverLimitsTheBody(t *testing.T) {
	o := simulator.ReceiverOptions{MaxBody: 8}
	w, a := receive(o, post("/callbackBeforeAddFriendCommand", "12345678"))
	assert.Equal(t, http.StatusOK, w.Code)
	require.NotNil(t, a)

	w, a = receive(o, post("/callbackBeforeAddFriendCommand", "123456789"))
	assert.Equal(t, http.StatusRequestEntityTooLarge, w.Code)
	assert.Equal(t, "close", w.Header().Get("Connection"))
	require.NotNil(t, a)
	assert.Equal(t, "the body is larger than 8 bytes, the limit of this receiver", a.Note.String())
	assert.Equal(t, http.StatusRequestEntityTooLarge, a.Reply.Status)
}

func TestReceiverWritesTheWholeURL(t *testing.T) {
	for target, want := range map[string]string{
		"/a//b?c=%3D":             "http://example.com/a//b?c=%3D",
		"http://proxied.example/": "http://proxied.example/",
		"https://example.com/a":   "https://example.com/a",
	} {
		_, a := receive(simulator.ReceiverOptions{}, post(target, "{}"))
		assert.Equal(t, want, a.Request.URL)
	}
	req := post("/a", "{}")
	req.TLS = &tls.ConnectionState{}
	_, a := receive(simulator.ReceiverOptions{}, req)
	assert.Equal(t, "https://example.com/a", a.Request.URL)
}

func TestReceiverNotesAClientThatLeft(t *testing.T) {
	arrivals := make(chan *simulator.Arrival, 1)
	srv := httptest.NewServer(simulator.NewReceiver(simulator.ReceiverOptions{
		Respond: func(*simulator.Arrival) (simulator.Answer, bool) { return simulator.Answer{Delay: time.Minute}, false },
		Observe: func(a *simulator.Arrival) { arrivals <- a },
	}))
	defer srv.Close()
	e := sendWithin(t, srv.URL+"/callbackBeforeAddFriendCommand", 50*time.Millisecond)
	assert.Equal(t, validate.Timeout, e.Reply.Failure)
	a := <-arrivals
	assert.Equal(t, validate.Canceled, a.Reply.Failure, "long before OpenIM's timeout")
	assert.Regexp(t, "^the client went away after [0-9]+ms$", a.Note.String())
}

func TestReceiverHasNoBodyForNoContent(t *testing.T) {
	o := simulator.ReceiverOptions{Server: validate.On(fixtures.DefaultRelease), Respond: func(*simulator.Arrival) (simulator.Answer, bool) {
		return simulator.Answer{Status: 204, Body: []byte(allow)}, true
	}}
	_, a := receive(o, post("/callbackBeforeAddFriendCommand", "{}"))
	assert.Empty(t, a.Reply.Body)
	assert.Equal(t, validate.Fail, a.Verdict.Outcome)
}

// TestReceiverRecordsBeforeItAnswers: a reply that can't be kept is not sent.
func TestReceiverRecordsBeforeItAnswers(t *testing.T) {
	var kept int
	var seen *simulator.Arrival
	var failure error
	srv := httptest.NewUnstartedServer(simulator.NewReceiver(simulator.ReceiverOptions{
		Record:  func(validate.Exchange) error { kept++; return failure },
		Observe: func(a *simulator.Arrival) { seen = a },
	}))
	srv.Config.ErrorLog = quiet()
	srv.Start()
	defer srv.Close()
	e := send(t, srv.URL+"/callbackBeforeAddFriendCommand", simulator.SenderOptions{})
	assert.Empty(t, e.Reply.Failure)
	assert.Equal(t, 1, kept)
	failure = errors.New("the disk is full")
	e = send(t, srv.URL+"/callbackBeforeAddFriendCommand", simulator.SenderOptions{})
	assert.Equal(t, validate.Reset, e.Reply.Failure)
	srv.Close()
	assert.Equal(t, "the connection was closed without the reply: the disk is full", seen.Note.String())
}

// TestReceiverFollowsTheTimeout: it may change while the receiver runs.
func TestReceiverFollowsTheTimeout(t *testing.T) {
	timeout := time.Minute
	o := simulator.ReceiverOptions{
		Server: validate.On(fixtures.DefaultRelease), Timeout: func() time.Duration { return timeout },
		Respond: func(*simulator.Arrival) (simulator.Answer, bool) {
			return simulator.Answer{Delay: 20 * time.Millisecond}, false
		},
	}
	_, a := receive(o, post("/callbackBeforeAddFriendCommand", "{}"))
	assert.Equal(t, validate.Proceed, a.Verdict.Outcome)
	timeout = 10 * time.Millisecond
	_, a = receive(o, post("/callbackBeforeAddFriendCommand", "{}"))
	assert.Equal(t, validate.Fail, a.Verdict.Outcome)
	assert.Equal(t, 90004, a.Verdict.Client.ErrCode)
	assert.Equal(t, timeout, a.Timeout, "for later judges")
}

// Zero is OpenIM's default, and no timeout is longer than its client's limit.
func TestReceiverTimeouts(t *testing.T) {
	for given, want := range map[time.Duration]time.Duration{
		0: validate.DefaultTimeout, time.Second: time.Second, time.Minute: validate.MaxTimeout,
	} {
		_, a := receive(simulator.ReceiverOptions{Timeout: func() time.Duration { return given }}, post("/callbackBeforeAddFriendCommand", "{}"))
		assert.Equal(t, want, a.Timeout)
	}
	_, a := receive(simulator.ReceiverOptions{}, post("/callbackBeforeAddFriendCommand", "{}"))
	assert.Equal(t, validate.DefaultTimeout, a.Timeout)
}

// TestReceiverSeesTheGETOfARedirect: OpenIM's client turns a POST into a GET.
func TestReceiverSeesTheGETOfARedirect(t *testing.T) {
	get := httptest.NewRequest(http.MethodGet, "/cb/callbackBeforeAddFriendCommand", nil)
	w, a := receive(simulator.ReceiverOptions{}, get)
	assert.Equal(t, http.StatusMethodNotAllowed, w.Code)
	require.NotNil(t, a)
	require.Len(t, a.Differs, 1)
	assert.Equal(t, "a GET, but OpenIM posts", a.Differs[0].Message.String())
	assert.Empty(t, a.Note)
	get.Header.Set("Referer", "http://h/cb/callbackBeforeAddFriendCommand")
	_, a = receive(simulator.ReceiverOptions{}, get)
	assert.Empty(t, a.Differs)
	assert.Equal(t, "a redirect led the client here, with a GET and without the body", a.Note.String())
}

func TestReceiverAnswersAsToldTo(t *testing.T) {
	o := simulator.ReceiverOptions{Server: validate.On(fixtures.DefaultRelease), Respond: func(*simulator.Arrival) (simulator.Answer, bool) {
		return simulator.Answer{Rule: "no friends", Status: 418, Headers: []validate.Header{{"X-A", "b"}, {"X-A", "c"}}, Body: []byte(refuse)}, true
	}}
	w, a := receive(o, post("/callbackBeforeAddFriendCommand", "{}"))
	assert.Equal(t, 418, w.Code)
	assert.Equal(t, http.Header{"X-A": {"b", "c"}, "Content-Type": {"application/json; charset=utf-8"}, "Content-Length": {"70"}}, w.Header())
	assert.Equal(t, refuse, w.Body.String())
	assert.Equal(t, "no friends", a.Rule)
	assert.Equal(t, validate.Refuse, a.Verdict.Outcome)
	assert.Equal(t, 5001, a.Verdict.Client.ErrCode)
	assert.NotEmpty(t, a.Differs)
}

func TestReceiverBodyCutOff(t *testing.T) {
	req := httptest.NewRequest(http.MethodPost, "/callbackBeforeAddFriendCommand", io.MultiReader(strings.NewReader("{"), failingReader{}))
	w, a := receive(simulator.ReceiverOptions{}, req)
	assert.Equal(t, http.StatusBadRequest, w.Code)
	require.NotNil(t, a)
	assert.Equal(t, "the body could not be read: unexpected EOF", a.Note.String())
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestThePlainAllowIsJudgedOnce compares the verdict that is kept for it with
// that on each real exchange.
func TestThePlainAllowIsJudgedOnce(t *testing.T) {
	for _, server := range fixtures.Releases() {
		for _, c := range fixtures.All() {
			p, err := c.Payload(fixtures.PayloadOptions{Server: server})
			require.NoError(t, err)
			_, a := receive(simulator.ReceiverOptions{Server: validate.On(server)}, post("/"+p.Command, string(p.Body)))
			require.NotNil(t, a)
			assert.Equal(t, validate.NewJudge(c, validate.Options{Server: validate.On(server)}).Judge(&a.Exchange), *a.Verdict, "%s %s", c.Key, server)
		}
	}
}

// TestAReplyThatIsNoGzip: the receiver records what the client can make of its
// own reply.
func TestAReplyThatIsNoGzip(t *testing.T) {
	o := simulator.ReceiverOptions{Respond: func(*simulator.Arrival) (simulator.Answer, bool) {
		return simulator.Answer{Headers: []validate.Header{{"Content-Encoding", "gzip"}}, Body: []byte(allow)}, true
	}}
	req := post("/callbackBeforeAddFriendCommand", "{}")
	_, a := receive(o, req)
	assert.Equal(t, validate.Proceed, a.Verdict.Outcome, "it did not ask for gzip")
	req = post("/callbackBeforeAddFriendCommand", "{}")
	req.Header.Set("Accept-Encoding", "gzip")
	_, a = receive(o, req)
	assert.Equal(t, validate.Encoding, a.Reply.Failure)
	assert.Contains(t, a.Verdict.Client.ErrDlt, "Error: gzip: invalid header failed to read response body")
}
