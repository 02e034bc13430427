package validate_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

// assertGolden compares a text with a file in testdata.
func assertGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(file, got, 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
}

// results are one of each outcome, with every kind of detail.
func results(t *testing.T) []validate.Result {
	t.Helper()
	examples := []struct {
		name    string
		example validate.Example
	}{
		{"a clean allow", validate.Example{Reply: body(fixtures.PlainAllow)}},
		{"a refusal out of range", validate.Example{Callback: "beforeAddFriend", Reply: body(`{"actionCode":0,"errCode":4000,"errMsg":"no","errDlt":"why","nextCode":1}`)}},
		{"a change", validate.Example{Callback: "beforeUpdateUserInfo", Request: `{"nickName":"Alice"}`, Reply: body(`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,"nickName":"Alice B."}`)}},
		{"an erasing allow", validate.Example{Callback: "beforeSetGroupInfo", Request: `{"groupID":"1","groupName":"Hikers","faceURL":""}`, Reply: body(fixtures.PlainAllow)}},
		{"a crash", validate.Example{Callback: "beforeMemberJoinGroup", Reply: body(`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,"memberCallbackList":[null]}`)}},
		{"no listener", validate.Example{Reply: validate.Reply{Failure: validate.ConnectionRefused, Detail: "connection refused", Elapsed: time.Millisecond}}},
		{"an error after the event", validate.Example{Callback: "afterSendSingleMsg", Reply: validate.Reply{Status: 500, Body: []byte("\xffoops")}}},
		{"an ignored list", validate.Example{Callback: "beforeInviteUserToGroup", Reply: body(`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,"refusedMembersAccount":["8127540396"]}`)}},
		{"an unseen refusal", validate.Example{Callback: "beforeOfflinePush", Reply: body(`{"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"why","nextCode":1}`)}},
		{"a letter case", validate.Example{Reply: body(`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextcode":0}`)}},
	}
	var list []validate.Result
	for _, e := range examples {
		x, callback, err := e.example.Exchange()
		require.NoError(t, err)
		v := validate.NewJudge(callback, validate.Options{Server: validate.On(fixtures.DefaultRelease)}).Judge(&x)
		x.Time = time.Date(2026, 1, 5, 9, 0, 0, 123e6, time.UTC)
		x.Request.Body = []byte("{}\n") // the catalog's payloads have tests of their own
		list = append(list, validate.Result{Verdict: v, Case: e.name, Exchange: x})
	}
	return list
}

func TestResultJSON(t *testing.T) {
	var got bytes.Buffer
	enc := json.NewEncoder(&got)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	require.NoError(t, enc.Encode(results(t)))
	assertGolden(t, "results.golden.json", got.Bytes())
}

// A result says which callback it is about even when its exchange does not.
func TestResultJSONNames(t *testing.T) {
	callback, err := fixtures.Lookup("beforeAddFriend")
	require.NoError(t, err)
	data, err := json.Marshal(validate.Result{Verdict: validate.Verdict{Callback: callback, Server: validate.On(fixtures.Main), Outcome: validate.Proceed}})
	require.NoError(t, err)
	assert.JSONEq(t, `{"callback":"beforeAddFriend","command":"callbackBeforeAddFriendCommand","phase":"before","server":{"release":"main","deployment":"one-process"},"case":"","outcome":"proceed",
		"client":{"errCode":0,"errMsg":"","errDlt":""},"applied":[],"findings":[],"exchange":{"request":{"method":"","url":"","body":""}}}`, string(data))
}

func TestSummary(t *testing.T) {
	var s validate.Summary
	for _, r := range results(t) {
		s.Add(r)
	}
	assert.Equal(t, validate.Summary{
		Results: 10, Proceed: 4, Refuse: 2, Fail: 2, Crash: 1, Ignored: 1, Errors: 6, Warnings: 1, Notes: 1,
		Requests: 10, Cases: 10, Reached: 9,
	}, s)
	data, err := json.Marshal(s)
	require.NoError(t, err)
	assert.Equal(t, `{"results":10,"proceed":4,"refuse":2,"fail":2,"crash":1,"ignored":1,"errors":6,"warnings":1,"notes":1,"skipped":0,"requests":10}`, string(data))
}

func TestSeverityOrder(t *testing.T) {
	assert.True(t, validate.Error.AtLeast(validate.Warning))
	assert.True(t, validate.Note.AtLeast(validate.Note))
	assert.False(t, validate.Note.AtLeast(validate.Warning))
	assert.False(t, validate.Off.AtLeast(validate.Note))

	var clean, noted validate.Verdict
	noted.Findings = []validate.Finding{{Severity: validate.Note}, {Severity: validate.Warning}}
	assert.Equal(t, validate.Off, clean.Worst())
	assert.Equal(t, validate.Warning, noted.Worst())
	assert.True(t, clean.OK(validate.Note))
	assert.True(t, noted.OK(validate.Error))
	assert.False(t, noted.OK(validate.Warning))
	assert.True(t, noted.OK(validate.Off), "never fail")
}

// Findings come worst first, then by path.
func TestFindingOrder(t *testing.T) {
	v := verdictOf(t, "beforeAddFriend", body(`{"traceId":1,"errCode":4000,"errMsg":"","nextCode":1,"errDlt":""}`), validate.Options{Server: validate.On(fixtures.Main)})
	assert.Equal(t, "error errcode-range, warning missing-field, warning errmsg-missing, note unknown-field", found(v))
}
