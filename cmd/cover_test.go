package cmd_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Receivers that do well with ordinary requests, for the sessions in cover.txt.

var allow, refusal = reply(200, fixtures.PlainAllow), reply(200, `{"actionCode":0,"errCode":5002,"errMsg":"choose a name","errDlt":"","nextCode":1}`)

// fields are those of a request's body.
func fields(r *http.Request) (body struct {
	ContentType int
	Content     string
	NickName    *string
	EX, FaceURL string
	GroupName   *string
	MemberList  []struct{ UserID string }
}) {
	_ = json.NewDecoder(r.Body).Decode(&body)
	return body
}

// textOnly reads the content of each message as a text's.
func textOnly(w http.ResponseWriter, r *http.Request) {
	var text struct{ Content *string }
	if json.Unmarshal([]byte(fields(r).Content), &text) != nil || text.Content == nil {
		http.Error(w, "KeyError: 'content'", http.StatusInternalServerError)
		return
	}
	allow(w, r)
}

// named refuses to take a name away.
func named(w http.ResponseWriter, r *http.Request) {
	if name := fields(r).NickName; name != nil && *name == "" {
		refusal(w, r)
		return
	}
	allow(w, r)
}

// roles makes everybody who joins a member.
func roles(w http.ResponseWriter, r *http.Request) {
	var entries []string
	for _, m := range fields(r).MemberList {
		entries = append(entries, fmt.Sprintf(`{"userID":%q,"roleLevel":20}`, m.UserID))
	}
	if entries == nil {
		allow(w, r)
		return
	}
	reply(200, strings.TrimSuffix(fixtures.PlainAllow, "}")+`,"memberCallbackList":[`+strings.Join(entries, ",")+"]}")(w, r)
}

// recording fails to record a group without a name.
func recording(w http.ResponseWriter, r *http.Request) {
	after := strings.Contains(r.URL.Path, "After")
	if name := fields(r).GroupName; after && name != nil && *name == "" {
		http.Error(w, "column name: not null", http.StatusInternalServerError)
		return
	}
	allow(w, r)
}

// once refuses all but its first request.
func once() http.HandlerFunc {
	var served atomic.Int32
	return func(w http.ResponseWriter, r *http.Request) {
		if served.Add(1) > 1 {
			refusal(w, r)
			return
		}
		allow(w, r)
	}
}

// small never answers a large request.
func small(w http.ResponseWriter, r *http.Request) {
	if body, _ := io.ReadAll(r.Body); len(body) > 50_000 {
		<-r.Context().Done()
		return
	}
	allow(w, r)
}

// hanging answers one request.
func hanging() http.HandlerFunc {
	var served atomic.Int32
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then is the client's leaving noticed
		if served.Add(1) > 1 {
			<-r.Context().Done()
			return
		}
		allow(w, r)
	}
}

// fragile dies of an empty name.
func fragile() http.HandlerFunc {
	var dead atomic.Bool
	return func(w http.ResponseWriter, r *http.Request) {
		if name := fields(r).NickName; name != nil && *name == "" {
			dead.Store(true)
		}
		if dead.Load() {
			panic(http.ErrAbortHandler)
		}
		allow(w, r)
	}
}

// What a baseline knows of some requests of a callback fails no run, and its
// names are those of every run.
func TestBaselineOfSomeRequests(t *testing.T) {
	file := filepath.Join(t.TempDir(), "baseline.json")
	receiver := startReceivers(t)["{text-only}"]
	code, stdout, stderr := runMain(t, "", "validate", "beforeSendSingleMsg", "--url", receiver, "--write-baseline", file)
	require.Zero(t, code, stdout+stderr)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Contains(t, string(text), `"case": "beforeSendSingleMsg message=picture"`)
	code, stdout, _ = runMain(t, "", "validate", "beforeSendSingleMsg", "--url", receiver, "--baseline", file)
	assert.Zero(t, code, stdout)
	assert.Contains(t, stdout, "(in the baseline)")
	code, _, _ = runMain(t, "", "validate", "beforeSendGroupMsg", "--url", receiver, "--baseline", file)
	assert.Equal(t, 1, code, "another callback's are new")
}
