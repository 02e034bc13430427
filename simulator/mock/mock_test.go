package mock_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/simulator/inspector"
	"github.com/imcb-dev/imcb/simulator/mock"
	"github.com/imcb-dev/imcb/simulator/rules"
	"github.com/imcb-dev/imcb/validate"
)

const (
	addFriend = "/callbackBeforeAddFriendCommand"
	online    = "/callbackAfterUserOnlineCommand"
	api       = "/__imcb/api/v1"
	allow     = `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0}`
)

// start serves a mock until the test ends, and returns it with its URL.
func start(t *testing.T, o mock.Options) (m *mock.Mock, url string) {
	t.Helper()
	m = mock.New(o)
	s := httptest.NewServer(m)
	t.Cleanup(func() { m.Close(); s.Close() })
	return m, s.URL
}

// post returns the reply's status and body; status 0: there was none.
func post(t *testing.T, url, body string) (status int, reply string) {
	t.Helper()
	resp, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		return 0, ""
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(text)
}

// behind is a receiver whose replies are "behind", and the sender's way there.
func behind(t *testing.T) simulator.Target {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "behind") }))
	t.Cleanup(s.Close)
	to, err := simulator.NewTarget(s.URL, simulator.Path)
	require.NoError(t, err)
	return to
}

func bookOf(t *testing.T, text string) *rules.Book {
	t.Helper()
	book, err := rules.New("rules.yaml", []byte(text), rules.Options{})
	require.NoError(t, err)
	return book
}

func TestRulesAnswerFirstThenTheReceiverBehind(t *testing.T) {
	forward, err := simulator.NewForwarder(behind(t), simulator.SenderOptions{})
	require.NoError(t, err)
	var lines bytes.Buffer
	journal := simulator.NewJournal(&lines, simulator.JournalOptions{})
	var m *mock.Mock
	var seen []string
	m, url := start(t, mock.Options{
		Rules: bookOf(t, `rules: [{match: {callback: beforeAddFriend}, refuse: {errCode: 5001, errMsg: "not today"}}]`), Forward: forward, Journal: journal,
		Observe: func(a *simulator.Arrival) {
			seen = append(seen, a.Exchange.Callback)
			assert.Len(t, m.Arrived().ByCallback, len(seen), "it is counted by then")
		},
	})
	_, refused := post(t, url+addFriend, `{}`)
	_, forwarded := post(t, url+online, `{}`)
	assert.Contains(t, refused, `"errMsg":"not today"`)
	assert.Equal(t, "behind", forwarded)
	assert.Equal(t, []string{"beforeAddFriend", "afterUserOnline"}, seen)

	require.NoError(t, journal.Close())
	assert.Equal(t, 2, strings.Count(lines.String(), "\n"))
	assert.Contains(t, lines.String(), "not today")
}

func TestTheRulesHaveTheTimeout(t *testing.T) {
	arrived := make(chan *simulator.Arrival, 1)
	_, url := start(t, mock.Options{Rules: bookOf(t, "timeout: 2s\nrules: []"), Observe: func(a *simulator.Arrival) { arrived <- a }})
	post(t, url+addFriend, `{}`)
	assert.Equal(t, "2s", (<-arrived).Timeout.String())
}

// fullDisk takes nothing.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestOnlyADurableJournalKeepsRepliesBack(t *testing.T) {
	for _, durable := range []bool{false, true} {
		journal := simulator.NewJournal(fullDisk{}, simulator.JournalOptions{Durable: durable})
		m, url := start(t, mock.Options{Journal: journal})
		status, reply := post(t, url+addFriend, `{}`)
		if durable {
			assert.Zero(t, status)
		} else {
			assert.Equal(t, allow, reply)
		}
		assert.Equal(t, 1, m.Arrived().ByCallback["beforeAddFriend"])
		assert.Error(t, journal.Close())
	}
}

func TestResend(t *testing.T) {
	sender, err := simulator.NewSender(simulator.SenderOptions{})
	require.NoError(t, err)
	_, url := start(t, mock.Options{ResendTo: behind(t), Sender: sender})
	post(t, url+addFriend, `{}`)
	status, reply := post(t, url+api+"/requests/1/resend", "")
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, reply, addFriend)
	assert.Contains(t, reply, "behind")

	_, url = start(t, mock.Options{})
	post(t, url+addFriend, `{}`)
	status, _ = post(t, url+api+"/requests/1/resend", "")
	assert.Equal(t, http.StatusForbidden, status, "there is nowhere to send to")
}

// What waits, verifies and expects counts the same: what OpenIM fired.
func TestOneTally(t *testing.T) {
	m, url := start(t, mock.Options{})
	for range 3 {
		post(t, url+addFriend, `{}`)
	}
	post(t, url+online, `{}`)
	redirected, err := http.Get(url + addFriend)
	require.NoError(t, err)
	redirected.Body.Close()

	now, cancel := context.WithCancel(t.Context())
	cancel() // nothing is left to wait for
	counts := m.Arrived()
	assert.Equal(t, inspector.Counts{Total: 5, ByCallback: map[string]int{"beforeAddFriend": 3, "afterUserOnline": 1}}, counts)
	assert.NoError(t, m.Wait(now, "callbackBeforeAddFriendCommand", 3))
	exactly := inspector.Want{N: 3, Exactly: true}
	assert.NoError(t, m.Await(now, mock.Expectation{Callback: "beforeAddFriend", Want: exactly}, mock.Expectation{Callback: "afterUserOnline", Want: inspector.Want{N: 1}}))
	_, verified := post(t, url+api+"/verify", `{"callback":"beforeAddFriend","exactly":3}`)
	assert.Contains(t, verified, `"ok":true,"count":3,"want":"exactly 3"`)
	assert.True(t, exactly.Met(counts.ByCallback["beforeAddFriend"]))
}

// What comes while the mock settles is counted like all else.
func TestSettle(t *testing.T) {
	once := mock.Expectation{Callback: "beforeAddFriend", Want: inspector.Want{N: 1, Exactly: true}}
	ask := func(m *mock.Mock) {
		m.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, addFriend, strings.NewReader("{}")))
	}
	synctest.Test(t, func(t *testing.T) {
		m, start := mock.New(mock.Options{}), time.Now()
		ask(m)
		require.NoError(t, m.Await(t.Context(), once))
		require.NoError(t, m.Settle(t.Context(), time.Second, once))
		assert.Equal(t, time.Second, time.Since(start))

		time.AfterFunc(time.Second, func() { ask(m) })
		assert.ErrorIs(t, m.Settle(t.Context(), time.Minute, once), mock.ErrTooOften)
		assert.Equal(t, 2*time.Second, time.Since(start), "at once")
		assert.ErrorIs(t, m.Await(t.Context(), once), mock.ErrTooOften, "it can't be met any more")
		assert.NoError(t, m.Settle(t.Context(), time.Minute, mock.Expectation{Callback: once.Callback, Want: inspector.Want{N: 1}}))
		assert.Equal(t, 2*time.Second, time.Since(start), "nothing can be too many")

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		never := mock.Expectation{Callback: "afterAddFriend", Want: inspector.Want{Exactly: true}}
		assert.ErrorIs(t, m.Settle(ctx, time.Minute, never), context.DeadlineExceeded)
		m.Close()
		assert.ErrorIs(t, m.Settle(t.Context(), time.Minute, never), inspector.ErrStopped)
	})
}

func TestWaitSaysWhatIsMissing(t *testing.T) {
	m, url := start(t, mock.Options{})
	post(t, url+addFriend, `{}`)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := m.Wait(ctx, "beforeAddFriend", 2)
	assert.ErrorIs(t, err, context.Canceled)
	assert.EqualError(t, err, "beforeAddFriend came 1 of 2 times: context canceled")
	assert.ErrorContains(t, m.Wait(t.Context(), "beforeAddFrend", 1), "did you mean beforeAddFriend")
	m.Close()
	assert.ErrorIs(t, m.Wait(t.Context(), "beforeAddFriend", 2), inspector.ErrStopped)
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return l
}

func TestServeOnSeveralListenersUntilOneFails(t *testing.T) {
	good, bad := listen(t), listen(t)
	m := mock.New(mock.Options{})
	served := make(chan error, 1)
	go func() { served <- m.Serve(t.Context(), simulator.ServeOptions{}, good, bad) }()
	for _, l := range []net.Listener{good, bad} {
		_, reply := post(t, "http://"+l.Addr().String()+addFriend, `{}`)
		assert.Equal(t, allow, reply)
	}
	require.NoError(t, bad.Close())
	assert.ErrorIs(t, <-served, net.ErrClosed)
	assert.ErrorIs(t, m.Wait(t.Context(), "beforeAddFriend", 3), inspector.ErrStopped)
	_, err := net.Dial("tcp", good.Addr().String())
	assert.Error(t, err, "the other one is closed, too")
}

func TestServeUntilItsContextIsDone(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	m := mock.New(mock.Options{})
	served := make(chan error, 1)
	l := listen(t)
	go func() { served <- m.Serve(ctx, simulator.ServeOptions{Hosts: []string{"im.internal"}}, l) }()
	waiting := make(chan error, 1)
	go func() { waiting <- m.Wait(t.Context(), "beforeAddFriend", 2) }()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+l.Addr().String()+addFriend, strings.NewReader(`{}`))
	require.NoError(t, err)
	req.Host = "im.internal"
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	resp.Body.Close()
	assert.Equal(t, http.StatusOK, resp.StatusCode, "the host is allowed")
	stop()
	assert.NoError(t, <-served)
	assert.ErrorIs(t, <-waiting, inspector.ErrStopped)
}

// When a handful of requests are another version's, the mock says so, once.
func TestTheVersionThatSends(t *testing.T) {
	said := make(chan string, 7)
	m, url := start(t, mock.Options{Server: validate.On(fixtures.V383), Guessed: func(text words.Text) { said <- text.String() }})
	to, err := simulator.NewTarget(url, simulator.Path)
	require.NoError(t, err)
	sender, err := simulator.NewSender(simulator.SenderOptions{})
	require.NoError(t, err)
	defer sender.Close()
	c, err := fixtures.Lookup("afterSendSingleMsg")
	require.NoError(t, err)
	p, err := c.Payload(fixtures.PayloadOptions{Server: fixtures.Main})
	require.NoError(t, err)
	for n := range 7 {
		info := httptest.NewRecorder()
		m.ServeHTTP(info, httptest.NewRequest(http.MethodGet, api+"/info", nil))
		assert.Equal(t, n >= 5, strings.Contains(info.Body.String(), `"looksLike":"main"`), n)
		sender.Send(t.Context(), to.URL(p), p, 0)
	}
	require.Len(t, said, 1)
	assert.Equal(t, "this looks like OpenIM main: 5 of 5 requests are as it sends them, 0 as 3.8.3 does; use --server main", <-said)
}

func TestSeverities(t *testing.T) {
	rulesMet := func(o mock.Options) (met []string) {
		arrived := make(chan *simulator.Arrival, 1)
		o.Observe = func(a *simulator.Arrival) { arrived <- a }
		_, url := start(t, o)
		post(t, url+addFriend, `{}`)
		for _, f := range (<-arrived).Differs {
			met = append(met, f.Rule)
		}
		return met
	}
	met := rulesMet(mock.Options{})
	require.NotEmpty(t, met)
	assert.NotContains(t, rulesMet(mock.Options{Severities: validate.Overrides{met[0]: validate.Off}}), met[0])
}

// By the documents, a request is what its page shows, however it is written.
func TestTheContractOfRequests(t *testing.T) {
	for contract, want := range map[validate.Contract]bool{"": true, validate.Running: true, validate.Documents: false} {
		var differs []string
		m := mock.New(mock.Options{Contract: contract, Observe: func(a *simulator.Arrival) {
			for _, f := range a.Differs {
				differs = append(differs, f.Rule)
			}
		}})
		req := httptest.NewRequest(http.MethodPost, addFriend+"?contenttype=json", strings.NewReader(`{"callbackCommand":"callbackBeforeAddFriendCommand"}`))
		req.Header.Set("operationID", "1646445464564")
		m.ServeHTTP(httptest.NewRecorder(), req)
		m.Close()
		assert.Equal(t, want, len(differs) > 0, "%s: %v", contract, differs)
	}
}
