package inspector_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator/inspector"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/record"
	"github.com/imcb-dev/imcb/validate/suite"
)

func TestReceiverGetsAllOtherPaths(t *testing.T) {
	i := newInspector()
	for _, path := range []string{"/", "/callbackExample/callbackBeforeAddFriendCommand", "/__imc", "/__imcbx", "/x/__imcb/api/v1/info", "/__IMCB/", `/__imcb%255f`, "/_/_imcb"} {
		assert.Equal(t, 299, ask(i, "POST", path, "").Code, path)
	}
}

func TestInfoSaysWhenItStarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i, started := newInspector(), time.Now().UTC().Format(time.RFC3339)
		time.Sleep(time.Hour)
		assert.Equal(t, started, get(t, i, path("/info"))["started"])
	})
}

func TestEmptyInspector(t *testing.T) {
	i := newInspector()
	assert.Equal(t, map[string]any{"requests": []any{}, "total": 0.0, "oldest": 0.0, "newest": 0.0}, get(t, i, path("/requests")))
	assert.Empty(t, ask(i, "GET", path("/journal"), "").Body.String())
	info := get(t, i, path("/info"))
	delete(info, "started")
	delete(info, "servers")
	assert.Equal(t, map[string]any{
		"version": "", "server": "3.8.3-patch.16", "title": "3.8.3-patch.16", "looksLike": "", "url": "", "forward": "", "resendTo": "", "journal": "", "keep": 10000.0, "keepBytes": 67108864.0,
		"kept": 0.0, "keptBytes": 0.0, "received": 0.0, "dropped": 0.0, "oldest": 0.0, "newest": 0.0, "rules": 0.0,
	}, info)
}

func TestInfoMasksSecretsInURLs(t *testing.T) {
	i := inspector.New(inspector.Options{About: inspector.About{
		Version: "v1", URL: "http://127.0.0.1:10006/callbackExample", Forward: "http://u:pw@h/?token=abc", ResendTo: "http://h/?secret=abc", Journal: "j.jsonl",
	}})
	info := get(t, i, path("/info"))
	assert.Equal(t, []any{"v1", "http://127.0.0.1:10006/callbackExample", "http://u:***@h/?token=***", "http://h/?secret=***", "j.jsonl", "3.8.3-patch.16"},
		[]any{info["version"], info["url"], info["forward"], info["resendTo"], info["journal"], info["server"]})
}

func TestSummary(t *testing.T) {
	i := newInspector()
	a := arrival(t, "beforeAddFriend", `{"callbackCommand":"callbackBeforeAddFriendCommand","fromUserID":"u1"}`, `{"actionCode":0,"nextCode":1,"errCode":5001,"errMsg":"no"}`)
	a.Rule, a.Forwarded, a.Note = "refuse", true, words.Plain("odd")
	i.Record(a)
	list := get(t, i, path("/requests"))
	assert.Equal(t, map[string]any{
		"id": 1.0, "time": "2026-01-05T09:00:00.123Z", "callback": "beforeAddFriend", "command": "callbackBeforeAddFriendCommand", "phase": "before",
		"from": "u1", "remote": "127.0.0.1:51234", "foundIn": "path", "method": "POST", "status": 200.0, "failure": "", "rule": "refuse", "forwarded": true,
		"outcome": "refuse", "errCode": 5001.0, "findings": float64(len(a.Verdict.Findings)), "differs": float64(len(a.Differs)), "worst": "error",
		"elapsed_ms": 1.234, "bytes": 70.0, "note": "odd", "operation": "op",
	}, list["requests"].([]any)[0])
}

func TestActor(t *testing.T) {
	i := newInspector()
	for _, c := range [][2]string{
		{`{"userID":"b","sendID":"a"}`, "a"}, {`{"toUserID":"x","fromUserID":"a"}`, "a"}, {`{"ownerUserId":"a"}`, "a"},
		{`{"sendID":7}`, ""}, {`{"sendID":"","userID":"b"}`, "b"}, {`[]`, ""}, {`{`, ""}, {``, ""}, {"\xff", ""}, {`{"sendID":"` + strings.Repeat("x", 300) + `"}`, strings.Repeat("x", 200) + "…"},
	} {
		i.Record(foreign("/", c[0]))
		list := get(t, i, path("/requests?limit=1"))
		assert.Equal(t, c[1], list["requests"].([]any)[0].(map[string]any)["from"], c[0])
	}
}

func TestListFiltersAndPages(t *testing.T) {
	i := newInspector()
	i.Record(arrival(t, "beforeAddFriend", `{"fromUserID":"1","n":5,"b":true}`, ""))                                                       // 1
	i.Record(arrival(t, "afterAddFriend", "", ""))                                                                                         // 2
	i.Record(arrival(t, "beforeSendSingleMsg", `{"sendID":"1","content":"{\"content\":\"Hello 世界\"}"}`, ""))                               // 3
	i.Record(arrival(t, "beforeAddFriend", `{"fromUserID":"2"}`, `{"actionCode":0,"nextCode":1,"errCode":5001,"errMsg":"no <b>WAY</b>"}`)) // 4
	i.Record(foreign("/hook?a=b", `not json`))                                                                                             // 5
	refused := arrival(t, "beforeAddFriend", "", "not json")
	refused.Rule = "spoil"
	i.Record(refused) // 6
	for _, c := range []struct {
		query string
		want  []int
	}{
		{"", upTo(6)}, {"limit=2", []int{6, 5}}, {"before=3", []int{2, 1}}, {"after=4", []int{6, 5}}, {"after=2&before=5&limit=1", []int{4}}, {"after=99", []int{}},
		{"callback=beforeAddFriend", []int{6, 4, 1}}, {"callback=callbackBeforeAddFriendCommand", []int{6, 4, 1}}, {"callback=unknown", []int{5}},
		{"phase=after", []int{2}}, {"outcome=refuse", []int{4}}, {"outcome=fail", []int{6}}, {"outcome=ignored", []int{2}}, {"rule=spoil", []int{6}},
		{"severity=error&callback=afterAddFriend", []int{}}, {"severity=error&outcome=fail", []int{6}},
		{"q=hello", []int{3}}, {"q=世界", []int{3}}, {"q=way", []int{4}}, {"q=HOOK", []int{5}}, {"q=addfriend", []int{6, 4, 2, 1}}, {"q=nothing+of+it", []int{}},
		{"where=fromUserID=1", []int{1}}, {"where=n=5", []int{1}}, {"where=b=true", []int{1}}, {"where=content.content=Hello+世界", []int{3}},
		{"where=fromUserID=1&where=n=5", []int{1}}, {"where=fromUserID=1&where=n=6", []int{}}, {"where=nowhere.at.all=", []int{}},
	} {
		u := api + "/requests?" + strings.ReplaceAll(c.query, "世界", url.QueryEscape("世界"))
		list := get(t, i, u)
		assert.Equal(t, c.want, ids(list["requests"]), c.query)
		assert.Equal(t, []any{1.0, 6.0}, []any{list["oldest"], list["newest"]}, c.query)
	}
	assert.Equal(t, 6.0, get(t, i, path("/requests?limit=1&before=4&after=1"))["total"], "the limits do not change the total")
	assert.Equal(t, 3.0, get(t, i, path("/requests?limit=1&callback=beforeAddFriend"))["total"])
}

func TestListRefusesWhatItDoesNotKnow(t *testing.T) {
	i := newInspector()
	for _, c := range [][2]string{
		{"callback=beforeAdFriend", "unknown callback \"beforeAdFriend\": did you mean beforeAddFriend"}, {"phase=during", `unknown phase "during": use one of before, after`},
		{"outcome=ok", `unknown outcome "ok": use one of`}, {"severity=off", `unknown severity "off": use one of`}, {"limit=0", "limit is a number from 1 to 10000"}, {"limit=10001", "limit is"},
		{"limit=-1", "limit is"}, {"before=x", `before is the number of a request, not "x"`}, {"after=-1", "after is"}, {"callbak=x", `unknown parameter "callbak"`},
		{"phase=before&phase=after", "phase is given 2 times"}, {"where=fromUserID", "where \"fromUserID\": write PATH=VALUE, for example"}, {"where==1", "write PATH=VALUE"},
		{"q=" + strings.Repeat("x", 257), "q is longer"}, {"where=" + strings.Repeat("x", 501) + "=1", "a path has at most 500 bytes"}, {strings.Repeat("where=a=b&", 17), "more than 16"},
	} {
		w := ask(i, "GET", path("/requests?%s", c[0]), "")
		assert.Equal(t, 400, w.Code, c[0])
		assert.Contains(t, parse(t, w.Body)["error"], c[1], c[0])
	}
}

func TestDetail(t *testing.T) {
	i := newInspector()
	a := arrival(t, "beforeAddFriend", "", `{"actionCode":0,"nextCode":1,"errCode":5001,"errMsg":"not today"}`)
	a.Request.Headers = append(a.Request.Headers, validate.Header{"Authorization", "Bearer abc"}, validate.Header{"Cookie", "a=b"})
	a.Reply.Headers = []validate.Header{{"Set-Cookie", "a=b"}}
	a.Differs = []validate.Finding{{Rule: "request-field", Severity: validate.Error, Place: validate.Place{Pointer: "/x"}, Message: words.Plain("m"), Source: "s"}}
	i.Record(a)
	d := get(t, i, path("/requests/1"))
	request := d["request"].(map[string]any)
	assert.Equal(t, string(a.Request.Body), request["body"])
	assert.Contains(t, request["headers"], []any{"Authorization", "***"})
	assert.Contains(t, request["headers"], []any{"Cookie", "***"})
	reply := d["reply"].(map[string]any)
	assert.Equal(t, []any{[]any{"Set-Cookie", "***"}}, reply["headers"])
	verdict := d["verdict"].(map[string]any)
	assert.Equal(t, "refuse", verdict["outcome"])
	assert.Equal(t, map[string]any{"errCode": 5001.0, "errMsg": "not today", "errDlt": "not today"}, verdict["client"])
	assert.Equal(t, []any{}, verdict["changes"], "lists are never null")
	assert.Equal(t, []any{map[string]any{"rule": "request-field", "severity": "error", "path": "/x", "message": "m", "source": "s"}}, d["differs"],
		"the findings take the place of their number")
	outcomes := d["words"].([]any)
	require.Len(t, outcomes, len(validate.Servers()))
	assert.Equal(t, map[string]any{"server": "3.8.3-patch.16", "outcome": "refuse", "text": `OpenIM refuses; the client sees errCode 5001 "not today"`}, outcomes[slices.Index(validate.ServerNames(), "3.8.3-patch.16")])
	assert.Equal(t, map[string]any{"server": "3.6", "outcome": "proceed", "text": "OpenIM goes on"}, outcomes[1], "3.6 drops refusals")
	assert.Contains(t, d["curl"], "curl -sS --noproxy '*' http://127.0.0.1:10006/callbackExample/callbackBeforeAddFriendCommand -H")
	assert.NotContains(t, d["curl"], "abc")
}

func TestDetailSaysWhichVersionsDoNotSendIt(t *testing.T) {
	i := newInspector()
	i.Record(arrival(t, "afterUserRegister", "", ""))
	i.Record(arrival(t, "beforeMsgModify", "", ""))
	i.Record(arrival(t, "afterMsgSaveDB", "", ""))
	for id := 1; id <= 3; id++ {
		c, err := fixtures.Lookup(get(t, i, path("/requests/%d", id))["callback"].(string))
		require.NoError(t, err)
		for n, w := range get(t, i, path("/requests/%d", id))["words"].([]any) {
			silent := w.(map[string]any)["outcome"] == ""
			s := validate.Servers()[n]
			assert.Equal(t, s.String(), w.(map[string]any)["server"])
			assert.Equal(t, !c.SentBy(s.Release), silent, "%s %s", c.Key, s)
		}
	}
}

func TestDetailSaysWhichVersionsSendItForSuchAMessage(t *testing.T) {
	i := newInspector()
	a := arrival(t, "beforeSendGroupMsg", "", string(fixtures.RefuseReply(5001, "no", "why")))
	p, err := a.Callback.Payload(fixtures.PayloadOptions{Message: "revoke"})
	require.NoError(t, err)
	a.Request.Body = p.Body
	verdict := validate.NewJudge(a.Callback, validate.Options{}).Judge(&a.Exchange)
	a.Verdict = &verdict
	i.Record(a)
	outcomes := get(t, i, path("/requests/1"))["words"].([]any)
	text := func(server string) any {
		return outcomes[slices.Index(validate.ServerNames(), server)].(map[string]any)["text"]
	}
	assert.Equal(t, "the operation succeeds, its notice (revoke) is lost", text("3.8.3-patch.16"))
	assert.Equal(t, "OpenIM main does not send this callback for such a message", text("main"))
}

// All versions are asked with the timeout that held when the request came.
func TestDetailGoesByTheRequestsTimeout(t *testing.T) {
	i := newInspector()
	a := arrival(t, "beforeAddFriend", "", "")
	a.Reply.Elapsed = 2 * time.Second
	for n, want := range []string{"proceed", "fail"} {
		a.Timeout = []time.Duration{0, time.Second}[n]
		i.Record(a)
		outcomes := get(t, i, path("/requests/%d", n+1))["words"].([]any)
		assert.Equal(t, want, outcomes[5].(map[string]any)["outcome"])
	}
}

func TestDetailOfAnUnknownCallback(t *testing.T) {
	i := newInspector()
	i.Record(foreign("/hook", "\xff\x00"))
	d := get(t, i, path("/requests/1"))
	assert.Nil(t, d["verdict"])
	assert.Equal(t, []any{}, d["words"])
	assert.Equal(t, "/wA=", d["request"].(map[string]any)["bodyBase64"])
	assert.Empty(t, d["suiteCase"])
}

func TestSuiteCaseIsASuite(t *testing.T) {
	bodies := []string{
		"", `{"a":"${vars.x} $${y} $"}`, "{\"a\":1}", " {\"a\":1}\n", "{\n\"a\":1}\n\n", "{\"a\":\"\u2028\u202e\u0085\x7f\ufeff\ufffe\uffff😀 世界\"}\n", "'\"\\#: - &*!|>%@`",
		"\x00\x01\x1b[31m", "\t{}", "{}\r\n", "null", "\n", "- a", "{\"a\":\"<script>\"}",
	}
	for _, key := range []string{"beforeAddFriend", "afterAddFriend"} {
		for _, body := range bodies {
			i := newInspector()
			a := arrival(t, key, body, `{"actionCode":0,"nextCode":1,"errCode":5001,"errMsg":"no"}`)
			i.Record(a)
			text := get(t, i, path("/requests/1"))["suiteCase"].(string)
			s, err := suite.Parse("case.yaml", []byte(text), nil, nil)
			require.NoError(t, err, "%q\n%s", body, text)
			assert.False(t, strings.ContainsAny(text, "\u2028\u202e\u0085\ufeff\x7f"), "%q", text)
			require.Len(t, s.Cases, 1)
			s, err = suite.Parse("two.yaml", []byte("cases:\n"+text+strings.ReplaceAll(text, "as request 1", "as request 2")), nil, nil)
			require.NoError(t, err)
			require.Len(t, s.Cases, 2, "one can be pasted behind another")
			p, _, err := s.Cases[0].Steps[0].Payload(fixtures.PayloadOptions{Server: fixtures.DefaultRelease}, new(suite.Captures))
			require.NoError(t, err)
			assert.Equal(t, string(a.Request.Body), string(p.Body), "%s", text)
		}
	}
}

func TestLongBodiesHaveNoCommandLine(t *testing.T) {
	i := newInspector()
	i.Record(arrival(t, "beforeAddFriend", strings.Repeat("x", 129<<10), ""))
	d := get(t, i, path("/requests/1"))
	assert.Equal(t, []any{"", ""}, []any{d["curl"], d["suiteCase"]})
}

func TestBodiesAreAttachments(t *testing.T) {
	i := newInspector()
	i.Record(foreign("/x", "<script>alert(1)</script>\x00\xff"))
	for path, want := range map[string][2]string{
		"/requests/1/body":  {"request-1.bin", "<script>alert(1)</script>\x00\xff"},
		"/requests/1/reply": {"reply-1.bin", fixtures.PlainAllow},
	} {
		w := ask(i, "GET", api+path, "")
		assert.Equal(t, want[1], w.Body.String())
		assert.Equal(t, `attachment; filename="`+want[0]+`"`, w.Header().Get("Content-Disposition"))
		assert.Equal(t, "application/octet-stream", w.Header().Get("Content-Type"))
		assert.Contains(t, w.Header().Get("Content-Security-Policy"), "sandbox")
		assert.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
	}
}

func TestWhatIsNotThereIs404(t *testing.T) {
	i := newInspector()
	i.Record(foreign("/x", ""))
	for _, id := range []string{"2", "0", "-1", "x", "18446744073709551616", "1x", "%00", "..%2f1", "1e0", "+1"} {
		for _, tail := range []string{"", "/body", "/reply"} {
			assert.Equal(t, 404, ask(i, "GET", path("/requests/%s%s", id, tail), "").Code, id+tail)
		}
		assert.Equal(t, 404, ask(i, "DELETE", path("/requests/%s", id), "").Code, id)
	}
}

func TestDeleteOneAndAll(t *testing.T) {
	i := newInspector()
	for range 4 {
		i.Record(arrival(t, "beforeAddFriend", "", ""))
	}
	assert.Equal(t, 204, ask(i, "DELETE", path("/requests/2"), "").Code)
	assert.Equal(t, 404, ask(i, "DELETE", path("/requests/2"), "").Code)
	assert.Equal(t, []int{4, 3, 1}, ids(get(t, i, path("/requests"))["requests"]))
	assert.Equal(t, inspector.Counts{Total: 3, ByCallback: map[string]int{"beforeAddFriend": 3}}, i.Counts())
	assert.Equal(t, 204, ask(i, "DELETE", path("/requests"), "").Code)
	assert.Equal(t, inspector.Counts{ByCallback: map[string]int{}}, i.Counts())
	i.Record(foreign("/x", ""))
	assert.Equal(t, []int{5}, ids(get(t, i, path("/requests"))["requests"]))
	assert.Equal(t, inspector.Counts{Total: 1, Unknown: 1, ByCallback: map[string]int{}}, i.Counts())
}

func TestJournal(t *testing.T) {
	i := newInspector()
	a := arrival(t, "beforeAddFriend", "", "")
	a.Request.Headers = append(a.Request.Headers, validate.Header{"Authorization", "Bearer abc"})
	i.Record(a)
	i.Record(foreign("/x", "\xff"))
	w := ask(i, "GET", path("/journal"), "")
	assert.Equal(t, `attachment; filename="imcb-journal.jsonl"`, w.Header().Get("Content-Disposition"))
	assert.NotContains(t, w.Body.String(), "abc")
	var read []validate.Exchange
	for line, err := range record.Journal(w.Body) {
		require.NoError(t, err)
		read = append(read, line.Exchange)
	}
	require.Len(t, read, 2)
	assert.Equal(t, []any{"beforeAddFriend", string(a.Request.Body), "\xff"}, []any{read[0].Callback, string(read[0].Request.Body), string(read[1].Request.Body)})
}

// nasty are texts that steer a browser, a terminal or a reader of lines.
var nasty = []string{
	"<script>alert(1)</script>", "</script><img src=x onerror=alert(1)>", `"';--`, "\u2028\u2029", "\u202e", "\x00\x1b]0;x\x07", "\r\nevent: request\r\n\r\n", "\xff\xfe", "'+alert(1)+'", "${7*7}{{7*7}}",
}

func TestNastyTextsStayData(t *testing.T) {
	i := newInspector()
	for _, s := range nasty {
		a := foreign("/"+s, s)
		a.Command, a.Note, a.Remote, a.Rule, a.FoundIn = s, words.Plain(s), s, s, s
		a.Request.Method = s
		a.Request.Headers = []validate.Header{{s, s}, {"Cookie", s}}
		a.Reply = validate.Reply{Failure: validate.Failure(s), Detail: s, Body: []byte(s), Headers: []validate.Header{{s, s}}, Redirects: []validate.Redirect{{Status: 302, Location: s, Method: s}}}
		a.Differs = []validate.Finding{{Rule: s, Severity: validate.Error, Place: validate.Place{Pointer: s}, Got: s, Want: words.Plain(s), Message: words.Plain(s), Hint: words.Plain(s), Source: s}}
		b := arrival(t, "beforeAddFriend", fmt.Sprintf(`{"fromUserID":%q}`, s), s)
		b.Verdict.Findings, b.Note = a.Differs, words.Plain(s)
		i.Record(a)
		i.Record(b)
	}
	paths := []string{path("/requests"), path("/requests?q=%s", url.QueryEscape("<script>")), path("/wait"), path("/info")}
	for id := range 2 * len(nasty) {
		paths = append(paths, path("/requests/%d", id+1))
	}
	for _, p := range paths {
		w := ask(i, "GET", p, "")
		require.Equal(t, 200, w.Code)
		assert.Equal(t, "application/json; charset=utf-8", w.Header().Get("Content-Type"))
		text := strings.TrimSuffix(w.Body.String(), "\n")
		assert.False(t, strings.ContainsAny(text, "<>\u2028\u2029\x00\x1b\n\r"), p)
		parse(t, strings.NewReader(text))
	}
	for _, s := range nasty {
		w := ask(i, "GET", path("/requests/%s", url.PathEscape(s)), "")
		assert.Equal(t, 404, w.Code)
		assert.False(t, strings.ContainsAny(strings.TrimSpace(w.Body.String()), "<>\u2028\x00\x1b\n\r"), "%q", w.Body)
	}
}

func TestResend(t *testing.T) {
	assert.Equal(t, 403, ask(newInspector(), "POST", path("/requests/1/resend"), "").Code)

	a := arrival(t, "beforeAddFriend", "", "")
	a.Request.Headers = append(a.Request.Headers, validate.Header{"Authorization", "Bearer abc"})
	var sent validate.Request
	severities := validate.Overrides{"missing-field": validate.Error}
	i := inspector.New(inspector.Options{Server: validate.On(fixtures.DefaultRelease), Severities: severities, Resend: func(_ context.Context, x validate.Exchange) validate.Exchange {
		sent = x.Request
		x.Request.URL = "http://u:pw@real/"
		x.Reply = validate.Reply{Status: 200, Body: []byte(`{"actionCode":0,"nextCode":1,"errCode":5002,"errMsg":"x"}`)}
		return x
	}})
	i.Record(a)
	assert.Equal(t, 404, ask(i, "POST", path("/requests/2/resend"), "").Code)
	w := ask(i, "POST", path("/requests/1/resend"), "")
	require.Equal(t, 200, w.Code, w.Body)
	assert.Equal(t, a.Request, sent, "it is sent as it came")
	assert.NotContains(t, w.Body.String(), "abc")
	got := parse(t, w.Body)
	assert.Equal(t, "http://u:***@real/", got["to"])
	verdict := got["verdict"].(map[string]any)
	assert.Equal(t, "refuse", verdict["outcome"])
	assert.Equal(t, []any{"missing-field", "error"}, []any{verdict["findings"].([]any)[0].(map[string]any)["rule"], verdict["findings"].([]any)[0].(map[string]any)["severity"]})
	assert.Equal(t, 200.0, got["reply"].(map[string]any)["status"])
	assert.Equal(t, 1.0, get(t, i, path("/requests"))["total"], "what is sent is not recorded")
}

func TestResendIsBounded(t *testing.T) {
	started, release := make(chan struct{}), make(chan struct{})
	i := inspector.New(inspector.Options{Resend: func(c context.Context, x validate.Exchange) validate.Exchange {
		started <- struct{}{}
		select {
		case <-release:
		case <-c.Done():
		}
		x.Reply = validate.Reply{Failure: validate.Canceled}
		return x
	}})
	i.Record(foreign("/x", ""))
	done := make(chan int)
	for range 4 {
		go func() { done <- ask(i, "POST", path("/requests/1/resend"), "").Code }()
		<-started
	}
	assert.Equal(t, 503, ask(i, "POST", path("/requests/1/resend"), "").Code)
	i.Stop() // cancels what is under way
	for range 4 {
		assert.Equal(t, 200, <-done)
	}
	close(release)
}

// What a list takes grows with its length, and is a few allocations an entry.
func TestListOfTenThousandIsCheap(t *testing.T) {
	i := newInspector()
	a := arrival(t, "beforeSendSingleMsg", "", "")
	for range 10_000 {
		i.Record(a)
	}
	w := ask(i, "GET", path("/requests?limit=10000"), "")
	require.Equal(t, http.StatusOK, w.Code)
	assert.Len(t, parse(t, w.Body)["requests"], 10_000)
	allocations := func(limit string) float64 {
		return testing.AllocsPerRun(1, func() { ask(i, "GET", path("/requests?limit=%s", limit), "") })
	}
	all := allocations("10000")
	assert.Less(t, all, 20.0*10_000)
	assert.Less(t, all, 15*allocations("1000"))
}
