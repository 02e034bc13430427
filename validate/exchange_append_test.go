package validate_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// line is a journal line as a struct for encoding/json.
type line struct {
	Time     *time.Time  `json:"time,omitempty"`
	Callback string      `json:"callback,omitempty"`
	Command  string      `json:"command,omitempty"`
	Request  lineRequest `json:"request"`
	Reply    *lineReply  `json:"reply,omitempty"`
}

type lineBody struct {
	Body       *string `json:"body,omitempty"`
	BodyBase64 []byte  `json:"bodyBase64,omitempty"`
}

type lineRequest struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers []validate.Header `json:"headers,omitempty"`
	lineBody
}

type lineReply struct {
	Status    int                 `json:"status,omitempty"`
	Headers   []validate.Header   `json:"headers,omitempty"`
	Redirects []validate.Redirect `json:"redirects,omitempty"`
	lineBody
	Error     validate.Failure `json:"error,omitempty"`
	Detail    string           `json:"detail,omitempty"`
	ElapsedMS float64          `json:"elapsed_ms"`
}

func lineOf(e validate.Exchange) line {
	l := line{Callback: e.Callback, Command: e.Command, Request: lineRequest{e.Request.Method, e.Request.URL, e.Request.Headers, lineBodyOf(e.Request.Body)}}
	if !e.Time.IsZero() {
		l.Time = &e.Time
	}
	if r := e.Reply; e.Answered() {
		l.Reply = &lineReply{Status: r.Status, Headers: r.Headers, Redirects: r.Redirects, Error: r.Failure, Detail: r.Detail, ElapsedMS: float64(r.Elapsed.Microseconds()) / 1000}
		if r.Failure == "" || len(r.Body) > 0 {
			l.Reply.lineBody = lineBodyOf(r.Body)
		}
	}
	return l
}

func lineBodyOf(b []byte) lineBody {
	if s := string(b); utf8.ValidString(s) {
		return lineBody{Body: &s}
	}
	return lineBody{BodyBase64: b}
}

// assertSameJSON checks an exchange's JSON against that of encoding/json.
func assertSameJSON(t *testing.T, e validate.Exchange) {
	t.Helper()
	want, err := json.Marshal(lineOf(e))
	got, gotErr := e.MarshalJSON()
	if err != nil {
		require.Error(t, gotErr)
		var back validate.Exchange
		require.NoError(t, json.Unmarshal(e.AppendJSON(nil), &back), "the time is left out")
		assert.Zero(t, back.Time)
		return
	}
	require.NoError(t, gotErr)
	assert.Equal(t, string(want), string(got))
	assert.Equal(t, "before"+string(want), string(e.AppendJSON([]byte("before"))))
}

func TestAppendJSON(t *testing.T) {
	for _, e := range exchanges {
		assertSameJSON(t, e)
	}
	var all strings.Builder
	for r := range rune(0x250) {
		all.WriteRune(r)
	}
	all.WriteString("\u2027\u2028\u2029\u202a\ufffd\U0001f600\xe2\x80\xff\xc3")
	texts := all.String()
	assertSameJSON(t, validate.Exchange{
		Time: time.Date(2026, 1, 2, 3, 4, 5, 6, time.FixedZone("", -90*60)), Callback: texts, Command: texts,
		Request: validate.Request{Method: texts, URL: texts, Headers: []validate.Header{{texts, texts}}, Body: []byte(strings.ToValidUTF8(texts, "?"))},
		Reply: validate.Reply{
			Headers: []validate.Header{{"", ""}}, Body: []byte(texts), Failure: validate.Failure(texts), Detail: texts,
			Redirects: []validate.Redirect{{Status: -1, Location: texts, Method: texts}, {}},
		},
	})
	for _, elapsed := range []time.Duration{-1500, 1, 999, 1000, 1001, 123456789, time.Hour, 1<<63 - 1, -1 << 63} {
		assertSameJSON(t, validate.Exchange{Reply: validate.Reply{Status: 1, Elapsed: elapsed}})
	}
	for _, year := range []int{-1, 0, 1, 9999, 10000} {
		assertSameJSON(t, validate.Exchange{Time: time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)})
		assertSameJSON(t, validate.Exchange{Time: time.Date(year, 6, 1, 0, 0, 0, 0, time.FixedZone("", 24*60*60))})
		assertSameJSON(t, validate.Exchange{Time: time.Date(year, 6, 1, 0, 0, 0, 0, time.FixedZone("", 24*60*60-1))})
		assertSameJSON(t, validate.Exchange{Time: time.Date(year, 6, 1, 0, 0, 0, 0, time.FixedZone("", -24*60*60))})
	}
}

func FuzzAppendJSON(f *testing.F) {
	for _, e := range exchanges {
		f.Add(e.Time.Unix(), int32(0), e.Request.URL, e.Reply.Detail, e.Request.Body, e.Reply.Body, e.Reply.Status, int64(e.Reply.Elapsed))
	}
	f.Fuzz(func(t *testing.T, unix int64, offset int32, url, detail string, request, reply []byte, status int, elapsed int64) {
		assertSameJSON(t, validate.Exchange{
			Time:     time.Unix(unix, elapsed%1e9).In(time.FixedZone("", int(offset))),
			Callback: detail, Command: url,
			Request: validate.Request{Method: url, URL: url, Headers: []validate.Header{{url, detail}, {detail, url}}, Body: request},
			Reply: validate.Reply{
				Status: status, Headers: []validate.Header{{detail, url}}, Body: reply, Elapsed: time.Duration(elapsed), Failure: validate.Failure(detail),
				Detail: url, Redirects: []validate.Redirect{{Status: status, Location: url, Method: detail}},
			},
		})
	})
}

// messageExchange is an exchange as `serve` records it: a body of 600 bytes.
func messageExchange(tb testing.TB) validate.Exchange {
	tb.Helper()
	c, r := checkBody(tb)
	return validate.Exchange{
		Time: time.Date(2026, 1, 5, 9, 0, 0, 123456789, time.UTC), Callback: c.Key, Command: c.Command(0), Request: r,
		Reply: validate.Reply{
			Status: 200, Headers: []validate.Header{{"Content-Length", "66"}, {"Content-Type", "application/json; charset=utf-8"}},
			Body: []byte(`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0}`), Elapsed: 123 * time.Microsecond,
		},
	}
}

func TestAppendJSONDoesNotAllocate(t *testing.T) {
	e := messageExchange(t)
	buffer := make([]byte, 0, 4096)
	assert.Zero(t, testing.AllocsPerRun(100, func() { buffer = e.AppendJSON(buffer[:0]) }))
}

// BenchmarkExchangeAppendJSON holds AppendJSON against encoding/json on the
// same struct, in turns.
func BenchmarkExchangeAppendJSON(b *testing.B) {
	e := messageExchange(b)
	buffer := make([]byte, 0, 4096)
	var appending, marshalling time.Duration
	for b.Loop() {
		appending += timed(100, func() { buffer = e.AppendJSON(buffer[:0]) })
		marshalling += timed(100, func() { _, _ = json.Marshal(lineOf(e)) })
	}
	runs := float64(b.N * 100)
	b.ReportMetric(float64(appending)/runs, "ns/op")
	b.ReportMetric(float64(marshalling)/runs, "encoding/json-ns/op")
	b.ReportMetric(float64(appending)/float64(marshalling), "ratio")
	b.ReportMetric(testing.AllocsPerRun(10, func() { buffer = e.AppendJSON(buffer[:0]) }), "append-allocs/op")
}
