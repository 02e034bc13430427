package inspector_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator/inspector"
	"github.com/imcb-dev/imcb/validate"
)

// metric is the value of a series.
func metric(text, series string) string {
	for line := range strings.SplitSeq(text, "\n") {
		if value, ok := strings.CutPrefix(line, series+" "); ok {
			return value
		}
	}
	return "missing"
}

var sample = regexp.MustCompile(`^imcb_[a-z_]+(\{[a-z]+="([^"\\\n]|\\["\\n])*"(,[a-z]+="([^"\\\n]|\\["\\n])*")*\})? [0-9.e+-]+$`)

func TestMetrics(t *testing.T) {
	i := inspector.New(inspector.Options{Server: validate.On(fixtures.DefaultRelease), Keep: 3, About: inspector.About{Version: "v\"1\\\n\xff"}})
	refused := arrival(t, "beforeAddFriend", "", `{"actionCode":0,"nextCode":1,"errCode":4000,"errMsg":"no"}`)
	refused.Differs = []validate.Finding{{Severity: validate.Error}, {Severity: validate.Warning}, {Severity: validate.Note}}
	slow := arrival(t, "afterAddFriend", "", "")
	slow.Reply.Elapsed = time.Minute
	i.Record(arrival(t, "beforeAddFriend", "", ""))
	i.Record(refused)
	i.Record(slow)
	for range 2 {
		odd := foreign("/x", "")
		odd.Callback = &fixtures.Callback{Key: "made \"up\""}
		odd.Verdict.Outcome = "made up"
		i.Record(odd)
	}
	i.Record(foreign("/y", ""))
	ask(i, "POST", path("/reset?what=all"), "")
	w := ask(i, "GET", "/__imcb/metrics", "")
	assert.Equal(t, "text/plain; version=0.0.4; charset=utf-8", w.Header().Get("Content-Type"))
	text := w.Body.String()
	for series, want := range map[string]string{
		`imcb_requests_total{callback="beforeAddFriend",outcome="proceed"}`: "1", `imcb_requests_total{callback="beforeAddFriend",outcome="refuse"}`: "1",
		`imcb_requests_total{callback="afterAddFriend",outcome="ignored"}`: "1", `imcb_requests_total{callback="unknown",outcome="none"}`: "3",
		`imcb_request_differences_total{severity="error"}`: "1", `imcb_findings_total{severity="note"}`: "0",
		`imcb_reply_duration_seconds_bucket{le="0.001"}`: "3", `imcb_reply_duration_seconds_bucket{le="0.0025"}`: "5", `imcb_reply_duration_seconds_bucket{le="15"}`: "5",
		`imcb_reply_duration_seconds_bucket{le="+Inf"}`: "6", "imcb_reply_duration_seconds_count": "6", "imcb_reply_duration_seconds_sum": "60.002468",
		"imcb_kept_requests": "0", "imcb_dropped_requests_total": "3", "imcb_waiting_clients": "0", `imcb_info{version="v\"1\\\n` + "\ufffd" + `",server="3.8.3-patch.16"}`: "1",
	} {
		assert.Equal(t, want, metric(text, series), series)
	}
	assert.NotContains(t, text, "made")
	kinds := map[string]bool{}
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		if name, ok := strings.CutPrefix(line, "# TYPE "); ok {
			assert.False(t, kinds[name], "one family, one place")
			kinds[name] = true
		}
		if !strings.HasPrefix(line, "# ") {
			assert.Regexp(t, sample, line)
		}
	}
}
