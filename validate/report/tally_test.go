package report_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/report"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTallies: what a record's callbacks came to, in every report that has a place
// for it.
func TestTallies(t *testing.T) {
	var tallies report.Tallies
	logged := judged(t, "beforeAddFriend", validate.Reply{Failure: validate.Network})
	logged.Exchange.Unknown = []validate.Part{validate.ReplyError}
	pending := judged(t, "afterAddFriend", replied("{}", 0))
	pending.Skipped = "the log ends before its reply"
	for _, r := range []validate.Result{
		judged(t, "beforeAddFriend", replied(refusal, 3*time.Millisecond)),
		judged(t, "beforeAddFriend", replied("{}", time.Millisecond)),
		judged(t, "beforeAddFriend", replied("<html>", 2*time.Millisecond)),
		judged(t, "beforeAddFriend", validate.Reply{Failure: validate.Timeout, Elapsed: 5 * time.Second}),
		judged(t, "afterAddFriend", replied(refusal, time.Millisecond)),
		judged(t, "afterAddFriend", replied("<html>", time.Millisecond)),
		judged(t, "afterAddFriend", validate.Reply{Failure: validate.Unexplained}),
		judged(t, "beforeMemberJoinGroup", replied(allowHead+`"memberCallbackList":[null]}`, 0)),
		logged, pending,
	} {
		tallies.Add(r)
	}
	summary := report.Summary{Callbacks: tallies.All()}
	text, err := json.Marshal(summary.Callbacks)
	require.NoError(t, err)
	assert.JSONEq(t, `[
		{"callback":"beforeAddFriend","sent":5,"succeeded":1,"refused":1,"failed":{"timeout":1,"unknown":1,"unreadable":1},"unanswered":0,"slowest_ms":5000},
		{"callback":"afterAddFriend","sent":4,"succeeded":0,"refused":1,"failed":{"unreadable":1},"unanswered":2,"slowest_ms":1},
		{"callback":"beforeMemberJoinGroup","sent":1,"succeeded":0,"refused":0,"failed":{"crash":1},"unanswered":0,"slowest_ms":0}
	]`, string(text))
	for format, want := range map[string]string{
		"text": "beforeAddFriend        5     1          1        timeout 1, unknown 1, unreadable 1              5.00 s\n",
		"html": "<td>beforeAddFriend</td><td>5</td><td>1</td><td>1</td><td>timeout 1, unknown 1, unreadable 1</td><td></td><td>5.00 s</td>",
		"json": `"callbacks":[{"callback":"beforeAddFriend","sent":5,`,
	} {
		var b bytes.Buffer
		r, err := report.New(format, &b, report.Options{})
		require.NoError(t, err)
		require.NoError(t, r.Begin(options.Run))
		require.NoError(t, r.End(summary))
		assert.Contains(t, b.String(), want, format)
	}
	var step bytes.Buffer
	r, err := report.New("github", &bytes.Buffer{}, report.Options{StepSummary: &step})
	require.NoError(t, err)
	require.NoError(t, r.Begin(options.Run))
	require.NoError(t, r.End(summary))
	assert.Contains(t, step.String(), "\n| callback | sent | succeeded | refused | failed | unanswered | slowest |\n| --- | --- | --- | --- | --- | --- | --- |\n| beforeAddFriend | 5 |")
}
