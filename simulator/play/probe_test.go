package play

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"unicode/utf8"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// run probes a receiver and returns its findings by probe.
func run(t *testing.T, h http.Handler) map[string][]validate.Finding {
	t.Helper()
	return runUntil(t, h, func(string) bool { return false })
}

// runUntil asks after each probe whether that was enough.
func runUntil(t *testing.T, h http.Handler, enough func(id string) bool) map[string][]validate.Finding {
	t.Helper()
	return runWith(t, h, []string{"beforeAddFriend", "beforeSendSingleMsg", "beforeSendGroupMsg", "afterSendSingleMsg"}, validate.Options{}, enough)
}

// runWith chooses the callbacks, too.
func runWith(t *testing.T, h http.Handler, keys []string, o validate.Options, enough func(id string) bool) map[string][]validate.Finding {
	t.Helper()
	server := httptest.NewServer(h)
	defer server.Close()
	var callbacks []*fixtures.Callback
	for _, key := range keys {
		c, err := fixtures.Lookup(key)
		require.NoError(t, err)
		callbacks = append(callbacks, c)
	}
	player, err := NewPlayer(server.URL+"/cb", o)
	require.NoError(t, err)
	defer player.Close()
	player.Seed = new(uint64(1))
	found := map[string][]validate.Finding{}
	for r := range player.probe(t.Context(), callbacks) {
		assert.True(t, strings.HasPrefix(r.Case, "probe "), r.Case)
		assert.Equal(t, validate.On(fixtures.DefaultRelease), r.Server, "unset is the default")
		id := strings.TrimPrefix(r.Case, "probe ")
		found[id] = append([]validate.Finding{}, r.Findings...)
		if enough(id) {
			break
		}
	}
	return found
}

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

func TestACarefulReceiverHasNoFindings(t *testing.T) {
	found := run(t, receiver(careful))
	for _, p := range ProbeRules() {
		id := strings.TrimPrefix(p.ID, "probe-")
		findings, ran := found[id]
		assert.True(t, ran, p.ID)
		assert.Empty(t, findings, p.ID)
	}
}

// Each receiver is careful but for one thing, and one probe notices.
func TestEachProbeNoticesItsFault(t *testing.T) {
	var atOnce atomic.Bool
	var busy atomic.Int32
	var once sync.Once
	second := make(chan struct{})
	var mu sync.Mutex
	seen := map[any]bool{}
	faults := map[string]struct {
		severity validate.Severity
		answer   func(w http.ResponseWriter, r request)
	}{
		"command-mismatch": {validate.Note, func(w http.ResponseWriter, r request) {
			r.command, _ = r.fields["callbackCommand"].(string)
			careful(w, r)
		}},
		"unknown-command": {validate.Warning, func(w http.ResponseWriter, r request) {
			if strings.Contains(r.command, "SomethingNew") {
				http.NotFound(w, r.Request)
				return
			}
			careful(w, r)
		}},
		"notification": {validate.Warning, func(w http.ResponseWriter, r request) {
			if r.fields["contentType"] == 2101.0 {
				_, _ = w.Write(fixtures.RefuseReply(5001, "no", "the content is empty"))
				return
			}
			careful(w, r)
		}},
		"no-operation-id": {validate.Error, func(w http.ResponseWriter, r request) {
			if r.Header.Get("Operationid") == "" {
				http.Error(w, "operationID?", http.StatusBadRequest)
				return
			}
			careful(w, r)
		}},
		"malformed-json": {validate.Warning, func(w http.ResponseWriter, r request) {
			if r.fields == nil && len(r.body) > 0 {
				panic(http.ErrAbortHandler)
			}
			careful(w, r)
		}},
		"empty-body": {validate.Warning, func(w http.ResponseWriter, r request) {
			if r.Method == http.MethodPost && len(r.body) == 0 {
				panic(http.ErrAbortHandler)
			}
			careful(w, r)
		}},
		"get": {validate.Warning, func(w http.ResponseWriter, r request) {
			if r.Method == http.MethodGet {
				allow(w)
				return
			}
			careful(w, r)
		}},
		"content-type": {validate.Warning, func(w http.ResponseWriter, r request) {
			if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") && r.Method == http.MethodPost {
				panic(http.ErrAbortHandler)
			}
			careful(w, r)
		}},
		"unicode": {validate.Error, func(w http.ResponseWriter, r request) {
			for _, c := range string(r.body) {
				if utf8.RuneLen(c) > 3 {
					http.Error(w, "encoding error", http.StatusInternalServerError)
					return
				}
			}
			careful(w, r)
		}},
		"large": {validate.Error, func(w http.ResponseWriter, r request) {
			if len(r.body) > 64<<10 {
				http.Error(w, "too large", http.StatusRequestEntityTooLarge)
				return
			}
			careful(w, r)
		}},
		"twice": {validate.Warning, func(w http.ResponseWriter, r request) {
			mu.Lock()
			again := seen[r.fields["clientMsgID"]]
			seen[r.fields["clientMsgID"]] = true
			mu.Unlock()
			if again && r.fields != nil && r.fields["clientMsgID"] != nil {
				_, _ = w.Write(fixtures.RefuseReply(5002, "seen", "again"))
				return
			}
			careful(w, r)
		}},
		"at-once": {validate.Error, func(w http.ResponseWriter, r request) {
			switch {
			case !atOnce.Load():
				careful(w, r)
			case busy.Add(1) == 1: // it is at work until others have come
				select {
				case <-second:
				case <-r.Context().Done(): // none come
				}
				careful(w, r)
			default:
				http.Error(w, "busy", http.StatusServiceUnavailable)
				once.Do(func() { close(second) })
			}
		}},
		"out-of-order": {validate.Warning, func(w http.ResponseWriter, r request) {
			if strings.Contains(r.command, "After") {
				http.Error(w, "which message?", http.StatusInternalServerError)
				return
			}
			careful(w, r)
		}},
		"mutations": {validate.Error, func(w http.ResponseWriter, r request) {
			if text, ok := r.fields["recvID"].(string); r.fields != nil && strings.Contains(r.command, "Single") && (!ok || text == "" || r.fields["faceURL"] == "" || r.fields["sendID"] == "" || r.fields["senderNickname"] == "") {
				http.Error(w, "recvID?", http.StatusInternalServerError)
				return
			}
			careful(w, r)
		}},
	}
	for _, p := range ProbeRules() {
		id := strings.TrimPrefix(p.ID, "probe-")
		fault, ok := faults[id]
		require.True(t, ok, "no faulty receiver for %s", p.ID)
		t.Run(id, func(t *testing.T) {
			found := runUntil(t, receiver(fault.answer), func(ended string) bool {
				atOnce.Store(ended == "twice" && id == "at-once")
				return ended == id
			})[id]
			require.Len(t, found, 1)
			assert.Equal(t, p.ID, found[0].Rule)
			assert.Equal(t, validate.AboutTarget, found[0].About)
			assert.Equal(t, fault.severity, found[0].Severity)
			assert.NotEmpty(t, found[0].Hint.String())
			assert.True(t, found[0].Severity == p.Severity || p.Severity == validate.Error, "%s is worse than the probe says", found[0].Severity)
		})
	}
}

// Whatever differs the second time is noticed.
func TestTwiceNoticesEachDifference(t *testing.T) {
	refuse := fixtures.RefuseReply(5001, "no", "first")
	broken := func(w http.ResponseWriter) { panic(http.ErrAbortHandler) }
	refuses := func(w http.ResponseWriter) { _, _ = w.Write(refuse) }
	other := func(w http.ResponseWriter) { _, _ = w.Write(fixtures.RefuseReply(5002, "no", "first")) }
	for name, tt := range map[string]struct {
		first, second func(http.ResponseWriter)
		findings      int
	}{
		"allows, then refuses":  {allow, refuses, 1},
		"refuses otherwise":     {refuses, other, 1},
		"refuses alike":         {refuses, refuses, 0},
		"breaks at the second":  {allow, broken, 1},
		"breaks both times":     {broken, broken, 1},
		"allows, then too late": {allow, func(w http.ResponseWriter) { w.WriteHeader(http.StatusGatewayTimeout) }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			seen := map[any]int{}
			found := runUntil(t, receiver(func(w http.ResponseWriter, r request) {
				id, _ := r.fields["operationID"].(string)
				mu.Lock()
				seen[id]++
				again := seen[id] > 1
				mu.Unlock()
				if again {
					tt.second(w)
					return
				}
				tt.first(w)
			}), func(id string) bool { return id == "twice" })
			assert.Len(t, found["twice"], tt.findings)
		})
	}
}

func TestNothingIsProbedWhereNobodyListens(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	player, err := NewPlayer(server.URL, validate.Options{Server: validate.On(fixtures.Main)})
	require.NoError(t, err)
	defer player.Close()
	c, err := fixtures.Lookup("beforeAddFriend")
	require.NoError(t, err)
	for job := range player.Probes([]*fixtures.Callback{c}) {
		assert.Empty(t, job(t.Context()), "results of nothing")
	}
}

// What the largest probe sends can come from an OpenIM: it fits in a call of its
// services, 4 MiB by gRPC's default.
func TestLargeFitsInACall(t *testing.T) {
	var largest atomic.Int64
	runUntil(t, receiver(func(w http.ResponseWriter, r request) {
		largest.Store(max(largest.Load(), int64(len(r.body))))
		careful(w, r)
	}), func(id string) bool { return id == "large" })
	assert.Greater(t, largest.Load(), int64(1e6))
	assert.Less(t, largest.Load(), int64(4<<20))
}

// A receiver that reads the content of each message fails where there is none.
func TestNotificationNoticesWhatCannotBeRead(t *testing.T) {
	breaks := receiver(func(w http.ResponseWriter, r request) {
		if r.fields["content"] == "" {
			http.Error(w, "no content", http.StatusInternalServerError)
			return
		}
		careful(w, r)
	})
	isNotification := func(id string) bool { return id == "notification" }
	found := runUntil(t, breaks, isNotification)["notification"]
	require.Len(t, found, 1)
	assert.Equal(t, validate.Error, found[0].Severity)

	found, sent := runWith(t, breaks, []string{"beforeSendSingleMsg"}, validate.Options{}, isNotification)["notification"]
	assert.Empty(t, found)
	assert.False(t, sent, "the default version sends it to groups only")
}

// Who has no before callbacks is probed with an after callback.
func TestProbesOfAfterCallbacks(t *testing.T) {
	found := runWith(t, receiver(careful), []string{"afterSendSingleMsg"}, validate.Options{}, func(string) bool { return false })
	assert.Contains(t, found, "large")
	assert.Contains(t, found, "at-once")
	assert.Empty(t, found["at-once"])
}

// One failure among the twenty is enough.
func TestAtOnceNoticesASingleFailure(t *testing.T) {
	var atOnce atomic.Bool
	var once sync.Once
	found := runUntil(t, receiver(func(w http.ResponseWriter, r request) {
		fails := false
		if atOnce.Load() {
			once.Do(func() { fails = true })
		}
		if fails {
			panic(http.ErrAbortHandler)
		}
		careful(w, r)
	}), func(id string) bool {
		atOnce.Store(id == "twice")
		return id == "at-once"
	})
	require.Len(t, found["at-once"], 1)
	assert.Contains(t, found["at-once"][0].Message.String(), "1 of 20 requests at once")
}

// "The business server must verify whether the command parameter in the request
// URL is its own": under the documents alone, not to do so is an error. OpenIM
// itself never sends such a request.
func TestCommandMismatchByContract(t *testing.T) {
	trusting := receiver(func(w http.ResponseWriter, _ request) { allow(w) })
	for contract, want := range map[validate.Contract]validate.Severity{
		"": validate.Note, validate.Both: validate.Note, validate.Documents: validate.Error, validate.Running: validate.Off,
	} {
		found := runWith(t, trusting, []string{"beforeAddFriend"}, validate.Options{Contract: contract}, func(id string) bool { return id == "command-mismatch" })
		assert.Equal(t, want, validate.Verdict{Findings: found["command-mismatch"]}.Worst(), contract)
	}
	checking := runWith(t, receiver(careful), []string{"beforeAddFriend"}, validate.Options{Contract: validate.Documents}, func(string) bool { return false })
	for id, findings := range checking {
		assert.Empty(t, findings, id)
	}
}
