package validate_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// commonReply is the server's struct of five fields.
type commonReply struct {
	ActionCode int32  `json:"actionCode"`
	ErrCode    int32  `json:"errCode"`
	ErrMsg     string `json:"errMsg"`
	ErrDlt     string `json:"errDlt"`
	NextCode   int32  `json:"nextCode"`
}

// joinReply is the server's struct for the reply to beforeMemberJoinGroup.
type joinReply struct {
	commonReply
	MemberCallbackList []*struct {
		UserID      *string `json:"userID"`
		Nickname    *string `json:"nickname"`
		FaceURL     *string `json:"faceURL"`
		RoleLevel   *int32  `json:"roleLevel"`
		MuteEndTime *int64  `json:"muteEndTime"`
		Ex          *string `json:"ex"`
	} `json:"memberCallbackList"`
}

// BenchmarkJudge holds a verdict with all rules against what OpenIM itself
// does with a reply: encoding/json into the callback's struct. Both run in
// turns, so that the ratio does not depend on the machine's mood; it must stay
// below 0.60. ns/op is the judge's.
func BenchmarkJudge(b *testing.B) {
	b.Run("small", func(b *testing.B) {
		benchmarkPair(b, "beforeSendSingleMsg", []byte(fixtures.PlainAllow), 100, func() any { return new(commonReply) })
	})
	b.Run("large", func(b *testing.B) {
		benchmarkPair(b, "beforeMemberJoinGroup", largeReply(), 1, func() any { return new(joinReply) })
	})
}

func benchmarkPair(b *testing.B, key string, body []byte, batch int, target func() any) {
	judge, exchange := judgeOf(b, key, body)
	require.Empty(b, judge.Judge(exchange).Findings)
	var judging, decoding time.Duration
	for b.Loop() {
		judging += timed(batch, func() { judge.Judge(exchange) })
		decoding += timed(batch, func() {
			if err := json.Unmarshal(body, target()); err != nil {
				b.Fatal(err)
			}
		})
	}
	runs := float64(b.N * batch)
	b.ReportMetric(float64(judging)/runs, "ns/op")
	b.ReportMetric(float64(decoding)/runs, "encoding/json-ns/op")
	b.ReportMetric(float64(judging)/float64(decoding), "ratio")
	b.ReportMetric(testing.AllocsPerRun(10, func() { judge.Judge(exchange) }), "judge-allocs/op")
}

func timed(times int, f func()) time.Duration {
	start := time.Now()
	for range times {
		f()
	}
	return time.Since(start)
}

func judgeOf(tb testing.TB, key string, body []byte) (*validate.Judge, *validate.Exchange) {
	tb.Helper()
	callback, err := fixtures.Lookup(key)
	require.NoError(tb, err)
	headers := []validate.Header{{"Content-Type", "application/json; charset=utf-8"}}
	exchange := &validate.Exchange{Reply: validate.Reply{Status: 200, Headers: headers, Body: body}}
	return validate.NewJudge(callback, validate.Options{Server: validate.On(fixtures.DefaultRelease)}), exchange
}

// largeReply is a reply of about 233 KB: 1,200 members.
func largeReply() []byte {
	const entry = `{"userID":"%010d","nickname":"Member %d of the group","faceURL":"https://cdn.example.com/face/%d.png?size=256&version=2","roleLevel":20,"muteEndTime":0,"ex":"{\"level\":%d,\"from\":\"import\"}"}`
	entries := make([]string, 1200)
	for i := range entries {
		entries[i] = fmt.Sprintf(entry, i, i, i, i)
	}
	return []byte(strings.TrimSuffix(fixtures.PlainAllow, "}") + `,"memberCallbackList":[` + strings.Join(entries, ",") + "]}")
}

func TestCleanReplyAllocates(t *testing.T) {
	judge, exchange := judgeOf(t, "beforeSendSingleMsg", []byte(fixtures.PlainAllow))
	allocs := testing.AllocsPerRun(100, func() { judge.Judge(exchange) })
	assert.LessOrEqual(t, allocs, 2.0)
}

func TestLongListAllocatesLittle(t *testing.T) {
	judge, exchange := judgeOf(t, "beforeMemberJoinGroup", largeReply())
	allocs := testing.AllocsPerRun(10, func() { judge.Judge(exchange) })
	assert.LessOrEqual(t, allocs, 20.0, "not one per member")
}
