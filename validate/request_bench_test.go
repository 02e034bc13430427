package validate_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
)

// messageRequest is the server's struct of a message callback, for comparison.
type messageRequest struct {
	SendID           string   `json:"sendID"`
	CallbackCommand  string   `json:"callbackCommand"`
	ServerMsgID      string   `json:"serverMsgID"`
	ClientMsgID      string   `json:"clientMsgID"`
	OperationID      string   `json:"operationID"`
	SenderPlatformID int32    `json:"senderPlatformID"`
	SenderNickname   string   `json:"senderNickname"`
	SessionType      int32    `json:"sessionType"`
	MsgFrom          int32    `json:"msgFrom"`
	ContentType      int32    `json:"contentType"`
	Status           int32    `json:"status"`
	SendTime         int64    `json:"sendTime"`
	CreateTime       int64    `json:"createTime"`
	Content          string   `json:"content"`
	Seq              uint32   `json:"seq"`
	AtUserList       []string `json:"atUserList"`
	FaceURL          string   `json:"faceURL"`
	Ex               string   `json:"ex"`
	RecvID           string   `json:"recvID"`
}

// BenchmarkRequestCheck holds the check of a request against encoding/json
// into the callback's struct, in turns. The ratio must stay below 0.60.
func BenchmarkRequestCheck(b *testing.B) {
	c, r := checkBody(b)
	b.Run("clean", func(b *testing.B) { benchmarkRequest(b, c, r) })
	bare := r
	bare.URL = "http://127.0.0.1:10006/"
	bare.Headers = []validate.Header{{"Content-Length", "1"}, {"Host", "h"}}
	bare.Body = []byte(strings.Replace(string(r.Body), `"ex"`, `"extra"`, 1))
	b.Run("findings", func(b *testing.B) { benchmarkRequest(b, c, bare) })
}

func benchmarkRequest(b *testing.B, c *fixtures.Callback, r validate.Request) {
	check := validate.NewRequestCheck(c, fixtures.DefaultRelease)
	var checking, decoding, scanning time.Duration
	for b.Loop() {
		checking += timed(100, func() { check.Check(r) })
		decoding += timed(100, func() { _ = json.Unmarshal(r.Body, new(messageRequest)) })
		scanning += timed(100, func() { json.Valid(r.Body) })
	}
	runs := float64(b.N * 100)
	b.ReportMetric(float64(checking)/runs, "ns/op")
	b.ReportMetric(float64(decoding)/runs, "encoding/json-ns/op")
	b.ReportMetric(float64(scanning)/runs, "json.Valid-ns/op")
	b.ReportMetric(float64(checking)/float64(decoding), "ratio")
	b.ReportMetric(testing.AllocsPerRun(10, func() { check.Check(r) }), "check-allocs/op")
}
