package play

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// request is what a receiver under test sees.
type request struct {
	*http.Request
	body    []byte
	command string // in the URL
	fields  map[string]any
}

func receiver(answer func(w http.ResponseWriter, r request)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		req := request{Request: r, body: body, command: path.Base(r.URL.Path)}
		_ = json.Unmarshal(body, &req.fields)
		answer(w, req)
	})
}

func allow(w http.ResponseWriter) { _, _ = io.WriteString(w, fixtures.PlainAllow) }

// careful does everything right.
func careful(w http.ResponseWriter, r request) {
	switch {
	case r.Method != http.MethodPost:
		http.Error(w, "POST only", http.StatusMethodNotAllowed)
	case r.fields == nil:
		http.Error(w, "not JSON", http.StatusBadRequest)
	case r.fields["callbackCommand"] != r.command:
		_, _ = w.Write(fixtures.RefuseReply(5001, "no", "command mismatch"))
	default:
		allow(w)
	}
}

// serve returns the url of a receiver.
func serve(t *testing.T, answer func(w http.ResponseWriter, r request)) string {
	t.Helper()
	server := httptest.NewServer(receiver(answer))
	t.Cleanup(server.Close)
	return server.URL
}

func callbacksOf(t *testing.T, keys ...string) (callbacks []*fixtures.Callback) {
	t.Helper()
	for _, key := range keys {
		c, err := fixtures.Lookup(key)
		require.NoError(t, err)
		callbacks = append(callbacks, c)
	}
	return callbacks
}

// probeWith sends one probe, after the ordinary requests.
func probeWith(t *testing.T, url, id string, o validate.Options, keys ...string) []validate.Result {
	t.Helper()
	player, err := NewPlayer(url+"/cb", o)
	require.NoError(t, err)
	t.Cleanup(player.Close)
	p := &prober{Player: player, asked: callbacksOf(t, keys...), earlier: new(earlier)}
	require.Empty(t, p.ordinary(t.Context()), "all ordinary requests are answered")
	return p.merged(p.each(t.Context(), probeOf(t, id)))
}

func probeOf(t *testing.T, id string) *probe {
	t.Helper()
	i := slices.IndexFunc(probes, func(one probe) bool { return one.ID == prefix+id })
	require.GreaterOrEqual(t, i, 0, id)
	return &probes[i]
}

// all are the results of all probes, by their cases.
func all(t *testing.T, url string, o validate.Options, probing Probing) (results []validate.Result) {
	t.Helper()
	player, err := NewPlayer(url+"/cb", o)
	require.NoError(t, err)
	t.Cleanup(player.Close)
	_, err = Runner{Jobs: 2}.Run(t.Context(), player.Probes(probing), func(r validate.Result) error {
		results = append(results, r)
		return nil
	})
	require.NoError(t, err)
	return results
}

// Timeouts: quick makes a slow body take 100 ms, and patient finds in 400 ms that a
// connection waits; calm lets a busy machine be slow.
var (
	quick   = validate.Options{Timeout: 500 * time.Millisecond}
	patient = validate.Options{Timeout: 2 * time.Second}
	calm    = validate.Options{Timeout: 10 * time.Second}
)

func TestACarefulReceiverHasNoFindings(t *testing.T) {
	t.Parallel()
	callbacks := fixtures.SentBy(fixtures.DefaultRelease)
	ran := make(map[string][]string)
	for _, r := range all(t, serve(t, careful), calm, Probing{Callbacks: callbacks}) {
		if r.Skipped != "" {
			continue // with the plain allow, the operation fails
		}
		assert.Empty(t, r.Findings, r.Case)
		assert.Equal(t, validate.On(fixtures.DefaultRelease), r.Server, "unset is the default")
		ran[r.Case] = append(ran[r.Case], r.Callbacks...)
	}
	for _, rule := range ProbeRules() {
		made := ran["probe "+strings.TrimPrefix(rule.ID, prefix)]
		require.NotEmpty(t, made, rule.ID)
		switch rule.For {
		case forOne:
			assert.Equal(t, []string{"beforeSendSingleMsg"}, made, rule.ID)
		case forSpans:
			assert.Subset(t, made, []string{"beforeSendSingleMsg", "afterSendGroupMsg", "beforeMemberJoinGroup"}, rule.ID)
			assert.NotContains(t, made, "beforeAddFriend", rule.ID)
		case forLists:
			assert.Contains(t, made, "beforeUserRegister", rule.ID)
			assert.NotContains(t, made, "beforeAddFriend", rule.ID)
		case forTexts:
			assert.Contains(t, made, "afterSendSingleMsg", rule.ID)
			assert.NotContains(t, made, "beforeAddFriend", rule.ID)
		case forBefore:
			assert.Contains(t, made, "beforeAddFriend", rule.ID)
			assert.NotContains(t, made, "afterAddFriend", rule.ID)
		default:
			assert.Subset(t, made, []string{"beforeAddFriend", "afterAddFriend"}, rule.ID)
		}
	}
}

// unless answers as a careful receiver, but for some requests.
func unless(wrong func(request) bool, answer func(http.ResponseWriter)) func(http.ResponseWriter, request) {
	return func(w http.ResponseWriter, r request) {
		if wrong(r) {
			answer(w)
			return
		}
		careful(w, r)
	}
}

func breaks(http.ResponseWriter) { panic(http.ErrAbortHandler) }

func status(code int) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { http.Error(w, "no", code) }
}

// onceOnly answers each message once.
func onceOnly() func(http.ResponseWriter, request) {
	var mu sync.Mutex
	seen := map[any]bool{}
	return unless(func(r request) bool {
		mu.Lock()
		defer mu.Unlock()
		id := r.fields["clientMsgID"]
		again := seen[id]
		seen[id] = true
		return again
	}, func(w http.ResponseWriter) { _, _ = w.Write(fixtures.RefuseReply(5002, "seen", "again")) })
}

// oneWorker takes no second request while it is at work, after the first.
func oneWorker() func(http.ResponseWriter, request) {
	var asked atomic.Int32
	second := make(chan struct{})
	once := sync.OnceFunc(func() { close(second) })
	return func(w http.ResponseWriter, r request) {
		switch asked.Add(1) {
		case 1: // the ordinary request
			careful(w, r)
		case 2:
			<-second
			careful(w, r)
		default:
			status(http.StatusServiceUnavailable)(w)
			once()
		}
	}
}

// compressed answers with gzip, whoever asks.
func compressed(w http.ResponseWriter, _ request) {
	w.Header().Set("Content-Encoding", "gzip")
	packed := gzip.NewWriter(w)
	_, _ = io.WriteString(packed, fixtures.PlainAllow)
	_ = packed.Close()
}

// hasty takes for the body what is there at once.
var hasty = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	body := make([]byte, 64<<10)
	n, _ := r.Body.Read(body)
	if !json.Valid(body[:n]) {
		http.Error(w, "not JSON", http.StatusBadRequest)
		return
	}
	allow(w)
})

type requestCount struct{}

// forgetful can't read a second request on a connection.
func forgetful(t *testing.T) string {
	t.Helper()
	server := httptest.NewUnstartedServer(receiver(func(w http.ResponseWriter, r request) {
		if r.Context().Value(requestCount{}).(*atomic.Int32).Add(1) > 1 {
			breaks(w)
		}
		careful(w, r)
	}))
	server.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		return context.WithValue(ctx, requestCount{}, new(atomic.Int32))
	}
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

// Each receiver is careful but for one thing, and one probe notices.
func TestEachProbeNoticesItsFault(t *testing.T) {
	header := func(name string) func(r request) bool {
		return func(r request) bool { return r.Header.Get(name) != "" }
	}
	isType := func(r request) bool { return r.Header.Get("Content-Type") == "application/json; charset=utf-8" }
	hastyServer := func(t *testing.T) string {
		server := httptest.NewServer(hasty)
		t.Cleanup(server.Close)
		return server.URL
	}
	served := func(answer func(http.ResponseWriter, request)) func(*testing.T) string {
		return func(t *testing.T) string { return serve(t, answer) }
	}
	lacks := func(name string) func(request) bool { return func(r request) bool { return r.fields[name] == nil } }
	has := func(name string) func(request) bool { return func(r request) bool { return r.fields[name] != nil } }
	isLarge := func(r request) bool { return len(r.body) > 1<<20 }
	butFor := func(wrong func(request) bool, answer func(http.ResponseWriter)) func(*testing.T) string {
		return served(unless(wrong, answer))
	}
	oneAtATime := func(t *testing.T) string { return oneConnectionServer(t, receiver(careful)).URL }
	oneInHand := func(t *testing.T) string { return oneRequestServer(t, receiver(careful)).URL }
	const single = "beforeSendSingleMsg"
	for _, fault := range []struct {
		probe, key string
		severity   validate.Severity
		url        func(t *testing.T) string
	}{
		{"one-connection", single, validate.Error, oneAtATime},
		{"one-connection", single, validate.Warning, oneInHand},
		{"at-once", single, validate.Error, served(oneWorker())},
		{"keep-alive", single, validate.Error, forgetful},
		{"keep-alive", single, validate.Error, butFor(func(r request) bool { return r.Close }, breaks)},
		{"expect", single, validate.Warning, butFor(header("Expect"), status(http.StatusExpectationFailed))},
		{"two-packets", single, validate.Error, hastyServer},
		{"slow-body", single, validate.Warning, hastyServer},
		{"charset", single, validate.Warning, butFor(func(r request) bool { return !isType(r) }, status(415))},
		{"no-gzip", single, validate.Warning, served(compressed)},
		{"large", single, validate.Warning, butFor(isLarge, status(413))},
		{"large", "beforeAddFriend", validate.Warning, butFor(isLarge, status(413))},
		{"twice", single, validate.Warning, served(onceOnly())},
		{"no-operation-id", single, validate.Error, butFor(func(r request) bool { return !header("Operationid")(r) }, status(400))},
		{"extra-fields", single, validate.Warning, butFor(has("addedText"), status(400))},
		{"extra-fields", "beforeUserRegister", validate.Warning, butFor(has("secret"), status(400))},
		{"missing-fields", single, validate.Warning, butFor(lacks("sendTime"), status(500))},
		{"missing-fields", "afterSendSingleMsg", validate.Warning, butFor(lacks("sendTime"), status(500))},
		{"null-fields", "beforeUserRegister", validate.Warning, butFor(lacks("users"), status(500))},
		{"empty-fields", single, validate.Warning, butFor(func(r request) bool { return r.fields["content"] == "" }, status(500))},
		{"command-mismatch", single, validate.Note, served(func(w http.ResponseWriter, r request) {
			r.command, _ = r.fields["callbackCommand"].(string)
			careful(w, r)
		})},
		{"unknown-command", single, validate.Warning, butFor(func(r request) bool { return strings.Contains(r.command, "SomethingNew") }, status(404))},
		{"get", single, validate.Warning, butFor(func(r request) bool { return r.Method == http.MethodGet }, allow)},
		{"content-type", single, validate.Warning, butFor(func(r request) bool { return !isType(r) }, breaks)},
		{"empty-body", single, validate.Warning, butFor(func(r request) bool { return len(r.body) == 0 }, breaks)},
		{"malformed-json", single, validate.Warning, butFor(func(r request) bool { return r.fields == nil }, breaks)},
		{"malformed-json", single, validate.Warning, butFor(func(r request) bool { return string(r.body) == "[]" }, breaks)},
	} {
		t.Run(fault.probe+" "+fault.key, func(t *testing.T) {
			t.Parallel()
			o := calm
			if fault.probe == "one-connection" {
				o = patient
			}
			results := probeWith(t, fault.url(t), fault.probe, o, fault.key)
			require.Len(t, results, 1)
			assert.Equal(t, "probe "+fault.probe, results[0].Case)
			assert.Equal(t, []string{fault.key}, results[0].Callbacks)
			require.Len(t, results[0].Findings, 1)
			f := results[0].Findings[0]
			assert.Equal(t, prefix+fault.probe, f.Rule)
			assert.Equal(t, validate.AboutTarget, f.About)
			assert.Equal(t, fault.severity, f.Severity)
			assert.NotEmpty(t, f.Hint.String())
			rule := ProbeRules()[slices.IndexFunc(ProbeRules(), func(r *validate.Rule) bool { return r.ID == f.Rule })]
			assert.True(t, rule.Severity.AtLeast(f.Severity), "%s is worse than the probe says", f.Severity)
			t.Log(f.Message)
		})
	}
}

// A probe without a receiver that fails it proves nothing.
func TestEachProbeHasAFaultyReceiver(t *testing.T) {
	source, err := os.ReadFile("probe_test.go")
	require.NoError(t, err)
	for _, rule := range ProbeRules() {
		assert.Contains(t, string(source), `{"`+strings.TrimPrefix(rule.ID, prefix)+`", `, "no faulty receiver for %s", rule.ID)
	}
}

// The same result of many callbacks is told once, with all of them.
func TestSameResultsAreToldOnce(t *testing.T) {
	t.Parallel()
	url := serve(t, unless(func(r request) bool { return r.Header.Get("Operationid") == "" }, status(400)))
	keys := []string{"beforeAddFriend", "afterAddFriend", "beforeAddBlack", "beforeSendSingleMsg"}
	told := probeWith(t, url, "no-operation-id", calm, keys...)
	require.Len(t, told, 2)
	assert.Equal(t, []string{"beforeAddFriend", "beforeAddBlack", "beforeSendSingleMsg"}, told[0].Callbacks)
	assert.Equal(t, []string{"afterAddFriend"}, told[1].Callbacks, "its outcome is another")

	p := &prober{Player: playerTo(t, url, 0), asked: callbacksOf(t, keys...), earlier: new(earlier), apart: true}
	p.ordinary(t.Context())
	assert.Len(t, p.merged(p.each(t.Context(), probeOf(t, "no-operation-id"))), 4)
}

// What gives no usable answer to the ordinary request is not probed, and told so
// once.
func TestProbesNeedAnOrdinaryAnswer(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	url := serve(t, unless(func(r request) bool {
		failing := strings.Contains(r.command, "Black")
		if failing {
			asked.Add(1)
		}
		return failing
	}, status(500)))
	callbacks := callbacksOf(t, "beforeAddBlack", "afterRemoveBlack", "beforeAddFriend")
	p := &prober{Player: playerTo(t, url, 0), asked: callbacks, earlier: new(earlier)}
	results := p.ordinary(t.Context())
	assert.EqualValues(t, 2, asked.Load())
	require.Len(t, results, 1)
	assert.Equal(t, "probes", results[0].Case)
	assert.Equal(t, []string{"beforeAddBlack", "afterRemoveBlack"}, results[0].Callbacks)
	assert.Equal(t, "the ordinary request got an answer that OpenIM can't read", results[0].Skipped)
	assert.Equal(t, callbacks[2:], p.answering())
}

// Whose ordinary request failed in a job before is not asked again.
func TestProbesKnowWhatFailedBefore(t *testing.T) {
	var asked atomic.Int32
	url := serve(t, func(w http.ResponseWriter, _ request) {
		asked.Add(1)
		breaks(w)
	})
	player := playerTo(t, url, time.Second)
	ordinary := player.Callbacks(payloadOf(t, player, "beforeAddFriend"), payloadOf(t, player, "afterAddFriend"))
	results := all(t, url, quick, Probing{Callbacks: callbacksOf(t, "beforeAddFriend", "afterAddFriend"), After: ordinary})
	assert.EqualValues(t, 2, asked.Load())
	require.Len(t, results, 3)
	assert.Equal(t, "the ordinary request got no answer (reset)", results[2].Skipped)
}

// Covering sends the same request twice: that is not probed again.
func TestProbesKnowWhatWasRepeated(t *testing.T) {
	t.Parallel()
	url := serve(t, onceOnly())
	player := playerTo(t, url, calm.Timeout)
	covered := player.Cover(CoverOptions{}, payloadOf(t, player, "beforeSendSingleMsg"))
	told := 0
	for _, r := range all(t, url, calm, Probing{Callbacks: callbacksOf(t, "beforeSendSingleMsg"), After: covered}) {
		assert.NotEqual(t, "probe twice", r.Case)
		if slices.ContainsFunc(r.Findings, func(f validate.Finding) bool { return f.Rule == ruleCoverAgain.ID }) {
			told++
		}
	}
	assert.Equal(t, 1, told)
	covered = player.Cover(CoverOptions{}, payloadOf(t, player, "beforeAddFriend"))
	for _, r := range all(t, serve(t, careful), calm, Probing{Callbacks: callbacksOf(t, "beforeAddFriend"), After: covered}) {
		assert.NotEqual(t, "probe twice", r.Case)
	}
}

// A receiver that hangs costs one timeout, not one for each callback.
func TestProbesEndWithATimeout(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	hangs := serve(t, func(_ http.ResponseWriter, r request) {
		asked.Add(1)
		<-r.Context().Done()
	})
	keys := []string{"beforeAddFriend", "afterAddFriend", "beforeAddBlack"}
	results := all(t, hangs, validate.Options{Timeout: 20 * time.Millisecond}, Probing{Callbacks: callbacksOf(t, keys...)})
	require.Len(t, results, 2)
	assert.Equal(t, "the ordinary request got no answer (timeout)", results[0].Skipped)
	assert.Equal(t, keys[1:], results[1].Callbacks)
	assert.Equal(t, "the ordinary request of beforeAddFriend got no answer in time", results[1].Skipped)
	assert.EqualValues(t, 1, asked.Load())

	once := serve(t, func(w http.ResponseWriter, r request) {
		if r.Header.Get("Operationid") == "" {
			<-r.Context().Done()
			return
		}
		careful(w, r)
	})
	results = probeWith(t, once, "no-operation-id", validate.Options{Timeout: 200 * time.Millisecond}, keys...)
	require.Len(t, results, 1)
	assert.Equal(t, keys[:1], results[0].Callbacks)
}

// Probes begin when all that comes before has ended.
func TestProbesBeginWhenNothingElseIsUnderWay(t *testing.T) {
	t.Parallel()
	var ended, begun atomic.Bool
	url := serve(t, func(w http.ResponseWriter, r request) {
		begun.Store(true)
		assert.True(t, ended.Load())
		careful(w, r)
	})
	first := func(context.Context) []validate.Result {
		ended.Store(true)
		return nil
	}
	probing := Probing{Callbacks: callbacksOf(t, "afterAddFriend"), After: slices.Values([]Job{first})}
	jobs := slices.Collect(playerTo(t, url, 500*time.Millisecond).Probes(probing))
	require.Len(t, jobs, 2)
	done, started := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		close(started)
		jobs[1](t.Context())
	}()
	<-started
	jobs[0](t.Context())
	<-done
	assert.True(t, begun.Load())
}

// After a receiver's end nothing more is sent.
func TestProbesEndWithTheReceiver(t *testing.T) {
	t.Parallel()
	var server *httptest.Server
	empty := func(r request) bool { return r.Method == http.MethodPost && len(r.body) == 0 }
	server = httptest.NewServer(receiver(unless(empty, func(w http.ResponseWriter) {
		_ = server.Listener.Close()
		breaks(w)
	})))
	t.Cleanup(server.Close)
	results := all(t, server.URL, calm, Probing{Callbacks: callbacksOf(t, "beforeAddFriend", "beforeAddBlack")})
	last := results[len(results)-1]
	assert.Equal(t, "the receiver does not answer any more after probe-empty-body", last.Skipped)
	assert.Equal(t, []string{"beforeAddFriend", "beforeAddBlack"}, last.Callbacks)
	dead := results[len(results)-2]
	require.Len(t, dead.Findings, 1)
	assert.Equal(t, validate.Error, dead.Findings[0].Severity)
}

// Whatever differs the second time is noticed.
func TestTwiceNoticesEachDifference(t *testing.T) {
	t.Parallel()
	refuse := fixtures.RefuseReply(5001, "no", "first")
	refuses := func(w http.ResponseWriter) { _, _ = w.Write(refuse) }
	other := func(w http.ResponseWriter) { _, _ = w.Write(fixtures.RefuseReply(5002, "no", "first")) }
	for name, tt := range map[string]struct {
		first, second func(http.ResponseWriter)
		findings      int
	}{
		"allows, then refuses":  {allow, refuses, 1},
		"refuses otherwise":     {refuses, other, 1},
		"refuses alike":         {refuses, refuses, 0},
		"breaks at the second":  {allow, breaks, 1},
		"allows, then too late": {allow, func(w http.ResponseWriter) { w.WriteHeader(http.StatusGatewayTimeout) }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			seen := map[any]int{}
			answer := func(w http.ResponseWriter, r request) {
				id := r.fields["clientMsgID"]
				mu.Lock()
				seen[id]++
				again := seen[id] > 1
				mu.Unlock()
				if again {
					tt.second(w)
					return
				}
				tt.first(w)
			}
			results := probeWith(t, serve(t, answer), "twice", calm, "beforeSendSingleMsg")
			require.Len(t, results, 1)
			assert.Len(t, results[0].Findings, tt.findings)
		})
	}
}

func TestNothingIsProbedWhereNobodyListens(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	results := all(t, server.URL, quick, Probing{Callbacks: callbacksOf(t, "beforeAddFriend")})
	require.Len(t, results, 1)
	assert.Equal(t, "the ordinary request got no answer (refused)", results[0].Skipped)
	assert.Empty(t, all(t, server.URL, quick, Probing{}))
}

// What the largest probe sends can come from an OpenIM: it fits in a call of its
// services, 4 MiB by gRPC's default. It is larger than the callbacks' cases.
func TestLargeFitsInACall(t *testing.T) {
	t.Parallel()
	var largest atomic.Int64
	probeWith(t, serve(t, func(w http.ResponseWriter, r request) {
		largest.Store(max(largest.Load(), int64(len(r.body))))
		careful(w, r)
	}), "large", calm, "beforeSendSingleMsg")
	assert.Greater(t, largest.Load(), int64(2e6))
	assert.Less(t, largest.Load(), int64(4<<20))
}

// Who has no before callbacks is probed with an after callback.
func TestProbesOfAfterCallbacks(t *testing.T) {
	t.Parallel()
	url := serve(t, careful)
	for _, id := range []string{"large", "at-once"} {
		results := probeWith(t, url, id, calm, "afterAddFriend", "afterSendSingleMsg")
		require.Len(t, results, 1)
		assert.Equal(t, "afterSendSingleMsg", results[0].Verdict.Callback.Key)
		assert.Empty(t, results[0].Findings)
	}
	assert.Empty(t, probeWith(t, url, "command-mismatch", calm, "afterSendSingleMsg"))
}

// The advice names the cause that was measured.
func TestAtOnceNamesItsCause(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	url := serve(t, unless(func(request) bool { return asked.Add(1) == 5 }, breaks))
	f := probeWith(t, url, "at-once", calm, "beforeSendSingleMsg")[0].Findings
	require.Len(t, f, 1)
	assert.Equal(t, "1 of 20 requests at once did not get the usual answer", f[0].Message.String())

	one := oneConnectionServer(t, receiver(careful)).URL
	results := all(t, one, patient, Probing{Callbacks: callbacksOf(t, "beforeSendSingleMsg", "beforeAddFriend")})
	assert.Contains(t, results[0].Findings[0].Hint.String(), "ThreadingHTTPServer")
	assert.Equal(t, "the receiver serves one connection at a time", results[1].Skipped)
	for _, r := range results[2:] {
		assert.Empty(t, r.Findings, "%s: nothing else is wrong", r.Case)
	}
}

// "The business server must verify whether the command parameter in the request
// URL is its own": under the documents alone, not to do so is an error. OpenIM
// itself never sends such a request.
func TestCommandMismatchByContract(t *testing.T) {
	t.Parallel()
	trusting := serve(t, func(w http.ResponseWriter, _ request) { allow(w) })
	for contract, want := range map[validate.Contract]validate.Severity{
		"": validate.Note, validate.Both: validate.Note, validate.Documents: validate.Error, validate.Running: validate.Off,
	} {
		results := probeWith(t, trusting, "command-mismatch", validate.Options{Contract: contract}, "beforeAddFriend")
		require.Len(t, results, 1)
		assert.Equal(t, want, results[0].Worst(), contract)
	}
	checking := probeWith(t, serve(t, careful), "command-mismatch", validate.Options{Contract: validate.Documents}, "beforeAddFriend")
	require.Len(t, checking, 1)
	assert.Empty(t, checking[0].Findings)
}
