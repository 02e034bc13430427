package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/report"
	"github.com/stretchr/testify/require"
)

// setup is what a report is of, and what it shows.
type setup struct {
	report.Options
	report.Run
}

// options are those of the runs below.
var options = setup{Run: report.Run{
	Servers: []validate.Server{validate.On(fixtures.DefaultRelease)}, Version: "1.2.3", Target: "http://u:s3cret@h/cb", FailOn: validate.Error,
}}

// judged is what becomes of a reply to the callback with the given key.
func judged(t testing.TB, key string, reply validate.Reply) validate.Result {
	t.Helper()
	x, c, err := validate.Example{Callback: key, Reply: reply}.Exchange()
	require.NoError(t, err)
	x.Time = time.Date(2026, 11, 22, 8, 30, 0, 0, time.UTC)
	x.Request.Headers = []validate.Header{{"Authorization", "Bearer s3cret"}, {"Content-Type", "application/json; charset=utf-8"}}
	x.Request.URL += "?token=s3cret"
	return validate.Result{Verdict: validate.NewJudge(c, validate.Options{Server: validate.On(fixtures.DefaultRelease)}).Judge(&x), Exchange: x}
}

func replied(body string, elapsed time.Duration) validate.Reply {
	return validate.Reply{
		Status: http.StatusOK, Headers: []validate.Header{{"Content-Type", "application/json"}},
		Body: []byte(body), Elapsed: elapsed,
	}
}

// allowHead begins an allowing reply that goes on with the callback's fields.
const allowHead = `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,`

const refusal = `{"actionCode":0,"errCode":5001,"errMsg":"not today","errDlt":"quiet hours","nextCode":1}`

// alone are results outside of a suite: kept, refused, broken, warned, changed,
// unreachable, timed out, and one whose verdict is another than before.
func alone(t testing.TB) []validate.Result {
	t.Helper()
	unreachable := validate.Reply{Failure: validate.ConnectionRefused, Detail: `Post "http://u:s3cret@h/cb": connection refused`}
	again := judged(t, "beforeCreateGroup", replied(refusal, 7*time.Millisecond))
	was := judged(t, "beforeCreateGroup", replied(fixtures.PlainAllow, 0)).Verdict
	again.Was = &was
	covered := judged(t, "beforeSendSingleMsg", replied(fixtures.PlainAllow, 4*time.Millisecond))
	covered.Cover = &validate.Cover{Requests: 23, Well: 20, Unsent: words.Plain("its last 4 requests were not sent")}
	picture := judged(t, "beforeSendSingleMsg", replied("oops", 4*time.Millisecond))
	picture.Case, picture.Exchange.Request.URL = "beforeSendSingleMsg message=picture", "http://h/cb/callbackBeforeSendSingleMsgCommand"
	picture.Cover = &validate.Cover{
		Requests: 3, Differs: []fixtures.Difference{{Path: "contentType", Value: json.RawMessage("102")}},
		Also: []string{"message=voice", "message=<b>"}, Args: []string{"--case", "message=picture"},
	}
	return []validate.Result{
		judged(t, "beforeAddFriend", replied(fixtures.PlainAllow, 900*time.Microsecond)),
		judged(t, "beforeSendSingleMsg", replied(refusal, 3*time.Millisecond)),
		judged(t, "beforeAddFriend", replied(`{"actionCode":1,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":1}`, 12*time.Millisecond)),
		judged(t, "beforeCreateGroup", replied(strings.Replace(fixtures.PlainAllow, `"nextCode":0`, `"nextCode":2`, 1), 45*time.Millisecond)),
		judged(t, "beforeMsgModify", replied(allowHead+`"content":"{\"content\":\"hello\"}"}`, 2*time.Millisecond)),
		judged(t, "beforeSetGroupInfo", unreachable),
		judged(t, "afterSendSingleMsg", validate.Reply{Failure: validate.Timeout, Detail: "no reply within 5 s", Elapsed: 5 * time.Second}),
		again,
		covered,
		picture,
	}
}

// samples are alone's, and some of suites and of lint.
func samples(t testing.TB) []validate.Result {
	t.Helper()
	kept := judged(t, "beforeCreateGroup", replied(fixtures.PlainAllow, 1100*time.Microsecond))
	kept.Case, kept.File, kept.Line = "a group is created", "suites/group.yaml", 12
	broken := judged(t, "beforeMemberJoinGroup", replied("<html>\n\t<h1>Bad Gateway</h1>\n</html>\n", 8*time.Millisecond))
	broken.Case, broken.File, broken.Line = "a member joins", "suites/group.yaml", 31
	skipped := validate.Result{
		Verdict: validate.Verdict{Callback: kept.Verdict.Callback, Server: validate.On(fixtures.DefaultRelease)},
		Case:    "a member is muted", File: "suites/group.yaml", Line: 40, Skipped: "needs a second account",
	}
	lint := validate.Result{File: "webhooks.yml", Line: 3, Case: "beforeSendMsg"}
	lint.Findings = []validate.Finding{{
		Rule: "lint-unknown-key", Severity: validate.Warning, Place: validate.Place{Pointer: "/beforeSendMsg"}, Got: "beforeSendMsg",
		Message: words.Plain("3.8.3 knows no callback of this name"), Hint: words.Plain("write beforeSendSingleMsg"), Source: "open-im-server: pkg/common/config",
	}}
	return append(alone(t), kept, broken, skipped, lint)
}

// nasty holds what could end a string, a line, an element, a table cell or a
// command of any of the formats, or steer a terminal.
const nasty = "\x1b[31m]]>\a<b onclick=x>&amp;'\"</script><!--\r\n::error::x\n##[error]y\n  ---\n  ...\nok 99 - z\n1..0\n" +
	"|`**_[a](http://evil.example)_**` # SKIP # TODO \\# \xff\xfe\x00\x7f\u009b\u202e\ufffe\uffff %0A%25 {{.}} ${{x}} \u2028 😀 中文 @team"

// hostile are results in which every text that can come from outside is nasty,
// and one whose bodies are large.
func hostile(t testing.TB) []validate.Result {
	t.Helper()
	text := judged(t, "beforeSendSingleMsg", replied("{\"errMsg\":\""+nasty+"\"}", time.Millisecond))
	text.Case, text.File, text.Line = nasty, "suites/"+nasty+",a:b.yaml", 7
	text.Cover = &validate.Cover{
		Requests: 2, Differs: []fixtures.Difference{{Path: nasty, Value: fixtures.JSON(nasty)}}, Also: []string{nasty}, Args: []string{"--case", nasty},
	}
	text.Client.ErrMsg, text.Client.ErrDlt = nasty, nasty
	text.Changes = []validate.Change{{Path: "/" + nasty, Before: nasty, After: nasty}}
	text.Exchange.Request.URL = "http://h/" + nasty
	text.Exchange.Request.Method = nasty
	text.Exchange.Request.Headers = append(text.Exchange.Request.Headers, validate.Header{nasty, nasty})
	text.Exchange.Reply.Headers = []validate.Header{{nasty, nasty}}
	text.Exchange.Reply.Redirects = []validate.Redirect{{Status: 302, Location: nasty, Method: nasty}}
	text.Findings = append(text.Findings, validate.Finding{
		Rule: "other-rule", Severity: validate.Error, Place: validate.Place{Pointer: nasty}, Got: nasty, Want: words.Plain(nasty), Message: words.Plain(nasty), Hint: words.Plain(nasty), Source: nasty,
	})
	failed := judged(t, "beforeAddFriend", validate.Reply{Failure: validate.Network, Detail: nasty})
	failed.Exchange.Command, failed.Verdict.Callback = nasty, nil
	skipped := validate.Result{Case: nasty, Skipped: nasty}
	large := judged(t, "beforeAddFriend", replied(strings.Repeat("\x00<中]]>", 10<<20/8), time.Millisecond))
	large.Exchange.Request.Body = bytes.Repeat([]byte("{\"a\":1}\n"), 1<<18)
	large.Changes = []validate.Change{{Path: "/a", Before: strings.Repeat("a", 1<<20), After: strings.Repeat("`", 1<<20)}}
	large.Findings = append(large.Findings, validate.Finding{
		Rule: "other-rule", Severity: validate.Error, Message: words.Plain(strings.Repeat("|\n", 1<<20)), Got: strings.Repeat("\xff", 1<<20),
	})
	return []validate.Result{text, failed, skipped, large}
}

// writeAll reports results in a format, masked as whoever collects them does.
func writeAll(t testing.TB, format string, o setup, results []validate.Result) string {
	t.Helper()
	var b bytes.Buffer
	r := begin(t, format, &b, o)
	var sum validate.Summary
	for _, result := range results {
		sum.Add(result)
		require.NoError(t, r.Report(validate.MaskResult(result)))
	}
	require.NoError(t, r.End(report.Summary{Summary: sum}))
	return b.String()
}

func begin(t testing.TB, format string, w io.Writer, o setup) report.Reporter {
	t.Helper()
	r, err := report.New(format, w, o.Options)
	require.NoError(t, err)
	o.Target = validate.MaskText(o.Target)
	require.NoError(t, r.Begin(o.Run))
	return r
}

// many are n results as of a large suite: one in a hundred is broken, one in
// fifty has a warning.
func many(t testing.TB, n int) []validate.Result {
	t.Helper()
	kept := judged(t, "beforeAddFriend", replied(fixtures.PlainAllow, time.Millisecond))
	wrong, warned := alone(t)[2], alone(t)[3]
	all := make([]validate.Result, n)
	for i := range all {
		switch {
		case i%100 == 99:
			all[i] = wrong
		case i%50 == 24:
			all[i] = warned
		default:
			all[i] = kept
		}
		all[i].Case, all[i].File, all[i].Line = fmt.Sprintf("case %d", i+1), "suites/large.yaml", 10*i+5
		all[i].Exchange.Reply.Elapsed = time.Duration(200+i*37%9000) * time.Microsecond
	}
	return all
}

// broken are n results with an error and a reply of the given size.
func broken(t testing.TB, n, size int) []validate.Result {
	t.Helper()
	one := judged(t, "beforeAddFriend", replied(strings.Repeat("<p>Bad Gateway</p>", size/18), time.Millisecond))
	all := make([]validate.Result, n)
	for i := range all {
		all[i] = one
	}
	return all
}
