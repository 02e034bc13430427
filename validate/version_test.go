package validate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const refusal = `{"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"why","nextCode":1}`

// verdictOf judges a reply to the catalog's request.
func verdictOf(t *testing.T, key string, reply validate.Reply, o validate.Options) validate.Verdict {
	t.Helper()
	callback, err := fixtures.Lookup(key)
	require.NoError(t, err)
	seed := uint64(1)
	payload, err := callback.Payload(fixtures.PayloadOptions{Server: o.Server.Release, Seed: &seed})
	require.NoError(t, err)
	x := validate.Exchange{Command: payload.Command, Request: validate.Request{URL: "http://h/cb", Body: payload.Body}, Reply: reply}
	v := validate.NewJudge(callback, o).Judge(&x)
	for _, f := range v.Findings {
		assertFinding(t, f)
	}
	return v
}

func body(text string) validate.Reply { return validate.Reply{Status: 200, Body: []byte(text)} }

func TestUnsetServerJudgesAsTheDefault(t *testing.T) {
	for _, c := range fixtures.All() {
		for _, reply := range []validate.Reply{body(refusal), body("OK"), body(fixtures.PlainAllow), {Failure: validate.ConnectionRefused}} {
			x := validate.Exchange{Reply: reply}
			want := validate.NewJudge(c, validate.Options{Server: validate.On(fixtures.DefaultRelease)}).Judge(&x)
			assert.Equal(t, want, validate.NewJudge(c, validate.Options{}).Judge(&x), c.Key)
		}
	}
}

// sinceV37 are the versions that throw the reply to an after callback away and
// never read failedContinue.
var sinceV37 = fixtures.Releases()[fixtures.V37-fixtures.V35:]

func TestAfterRefusal(t *testing.T) {
	told := verdictOf(t, "afterAddFriend", body(refusal), validate.Options{Server: validate.On(fixtures.V35)})
	assert.Equal(t, validate.Nothing, told.Outcome)
	assert.Equal(t, validate.Client{ErrCode: 5001, ErrMsg: "no", ErrDlt: "5001 no why"}, told.Client)
	assert.Equal(t, "refusal-on-after.reported server=3.5", said(told.Findings[0].Message))

	for _, server := range append(sinceV37, fixtures.V36) {
		v := verdictOf(t, "afterAddFriend", body(refusal), validate.Options{Server: validate.On(server)})
		assert.Equal(t, validate.Nothing, v.Outcome, server)
		assert.Equal(t, validate.Client{}, v.Client, server)
		assert.Equal(t, "warning refusal-on-after", found(v), server)
	}
}

// Versions 3.5 and 3.6 log the errors of some after callbacks and return those
// of all others.
func TestAfterErrorsReturned(t *testing.T) {
	returned := map[string]bool{
		"afterSendSingleMsg": false, "afterSendGroupMsg": false, "afterUserOnline": false, "afterUserOffline": false,
		"afterRevokeMsg": true, "afterAddFriend": true, "afterQuitGroup": true, "afterUserRegister": true,
	}
	for key, want := range returned {
		for _, server := range []fixtures.Release{fixtures.V35, fixtures.V36} {
			o := validate.Options{Server: validate.On(server), StopOnFailure: true}
			v := verdictOf(t, key, body("OK"), o)
			assert.Equal(t, want, v.Client.ErrCode == 90007, "%s in %s", key, server)
			v = verdictOf(t, key, validate.Reply{Failure: validate.ConnectionRefused}, o)
			assert.Equal(t, want, v.Client.ErrCode == 90004, "%s in %s", key, server)

			o.StopOnFailure = false
			assert.Zero(t, verdictOf(t, key, body("OK"), o).Client, "%s in %s", key, server)
		}
	}
	for _, server := range sinceV37 {
		v := verdictOf(t, "afterAddFriend", body("OK"), validate.Options{Server: validate.On(server), StopOnFailure: true})
		assert.Zero(t, v.Client, server)
	}
}

// Only 3.5 and 3.6 read failedContinue. Its default lets the operation go on.
func TestFailedContinue(t *testing.T) {
	for _, reply := range []validate.Reply{body("OK"), body(`{"nextCode":"1"}`), {Failure: validate.Timeout}} {
		for _, server := range []fixtures.Release{fixtures.V35, fixtures.V36} {
			goesOn := verdictOf(t, "beforeAddFriend", reply, validate.Options{Server: validate.On(server)})
			assert.Equal(t, validate.Proceed, goesOn.Outcome)
			assert.Zero(t, goesOn.Client)
			assert.Equal(t, "consequence.goes-on server="+server.String(), said(goesOn.Findings[0].Message.Arg("effect").(words.Text)))

			stops := verdictOf(t, "beforeAddFriend", reply, validate.Options{Server: validate.On(server), StopOnFailure: true})
			assert.Equal(t, validate.Fail, stops.Outcome)
			assert.NotZero(t, stops.Client.ErrCode)
		}
		for _, server := range sinceV37 {
			ignored := verdictOf(t, "beforeAddFriend", reply, validate.Options{Server: validate.On(server)})
			assert.Equal(t, validate.Fail, ignored.Outcome, server)
			assert.Equal(t, ignored, verdictOf(t, "beforeAddFriend", reply, validate.Options{Server: validate.On(server), StopOnFailure: true}), server)
		}
	}
}

// On an unusable reply 3.5 and 3.6 go on with an empty one, and that erases
// what a field that is always copied stands for.
func TestFailedContinueErases(t *testing.T) {
	v := verdictOf(t, "beforeSetFriendRemark", body("OK"), validate.Options{Server: validate.On(fixtures.V36)})
	assert.Equal(t, []string{"/remark"}, v.Wiped)
	assert.Equal(t, validate.Proceed, v.Outcome)

	v = verdictOf(t, "beforeSetGroupInfo", body("OK"), validate.Options{Server: validate.On(fixtures.V36)})
	assert.Equal(t, validate.Fail, v.Outcome, "group \"\" is not found")
	assert.Equal(t, 1004, v.Client.ErrCode)
	assert.Equal(t, "error not-json", found(v))

	v = verdictOf(t, "beforeSetFriendRemark", body("OK"), validate.Options{Server: validate.On(fixtures.V37)})
	assert.Empty(t, v.Wiped)
	assert.Equal(t, validate.Fail, v.Outcome)
}

func TestRefusalByVersion(t *testing.T) {
	codes := []struct {
		reply    string
		outcomes map[fixtures.Release]validate.Outcome // default: below
		rest     validate.Outcome
	}{
		{refusal, map[fixtures.Release]validate.Outcome{fixtures.V36: validate.Proceed}, validate.Refuse},
		{`{"actionCode":1,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":1}`, map[fixtures.Release]validate.Outcome{fixtures.V35: validate.Refuse}, validate.Proceed},
		{`{"actionCode":1,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":0}`, map[fixtures.Release]validate.Outcome{fixtures.V35: validate.Refuse}, validate.Proceed},
		{`{"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":0}`, nil, validate.Proceed},
		{`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":2}`, nil, validate.Proceed},
	}
	for _, tt := range codes {
		for _, server := range fixtures.Releases() {
			want, ok := tt.outcomes[server]
			if !ok {
				want = tt.rest
			}
			assert.Equal(t, want, verdictOf(t, "beforeAddFriend", body(tt.reply), validate.Options{Server: validate.On(server)}).Outcome, "%s in %s", tt.reply, server)
		}
	}
}

// A reply that 3.6 refuses to act on still changes the operation.
func TestDroppedRefusalApplies(t *testing.T) {
	reply := body(`{"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":1,"nickName":"N"}`)
	v := verdictOf(t, "beforeUpdateUserInfo", reply, validate.Options{Server: validate.On(fixtures.V36)})
	assert.Equal(t, []string{"/nickName"}, v.Applied)
	v = verdictOf(t, "beforeUpdateUserInfo", reply, validate.Options{Server: validate.On(fixtures.V37)})
	assert.Empty(t, v.Applied)
}

func TestUncodedRefusal(t *testing.T) {
	reply := body(`{"actionCode":0,"errCode":0,"errMsg":"no","errDlt":"","nextCode":1}`)
	effects := map[fixtures.Release]string{
		fixtures.V35:         "errcode-missing code=500",
		fixtures.V36:         "errcode-missing.dropped server=3.6",
		fixtures.V383Patch16: "errcode-missing code=500",
		fixtures.Main:        "errcode-missing.success",
	}
	for server, effect := range effects {
		v := verdictOf(t, "beforeAddFriend", reply, validate.Options{Server: validate.On(server)})
		require.Equal(t, "error errcode-missing", found(v), server)
		assert.Equal(t, effect, said(v.Findings[0].Message))
	}
}

// No client waits for these callbacks, so none is told anything.
func TestUnseen(t *testing.T) {
	replies := map[string]validate.Reply{
		"note refusal-unseen": body(refusal), "error not-json": body("OK"), "error timeout": {Failure: validate.Timeout},
		"warning errcode-missing, note refusal-unseen": body(`{"actionCode":0,"errCode":0,"errMsg":"no","errDlt":"","nextCode":1}`),
	}
	for _, key := range []string{"beforeOnlinePush", "beforeOfflinePush", "beforeGroupOnlinePush", "beforeCreateSingleChatConversations"} {
		for want, reply := range replies {
			v := verdictOf(t, key, reply, validate.Options{Server: validate.On(fixtures.Main)})
			assert.Equal(t, want, found(v), key)
			assert.Zero(t, v.Client)
			assert.Contains(t, []validate.Outcome{validate.Refuse, validate.Fail}, v.Outcome)
		}
	}
	v := verdictOf(t, "beforeOfflinePush", body("OK"), validate.Options{Server: validate.On(fixtures.Main)})
	effect := v.Findings[0].Message.Arg("effect").(words.Text)
	assert.Equal(t, "consequence.dropped", effect.ID())
	assert.Equal(t, "operation.push", effect.Arg("operation").(words.Text).ID())
}

func TestCrashByVersion(t *testing.T) {
	crashes := map[string]struct{ reply, path string }{
		"beforeMemberJoinGroup":  {`{"memberCallbackList":[{"userID":"7340912658"},null]}`, "/memberCallbackList/1"},
		"beforeUserRegister":     {`{"users":[null]}`, "/users/0"},
		"beforeMsgModify":        {`{"offlinePushInfo":{"title":"T"}}`, "/offlinePushInfo"},
		"beforeUpdateUserInfoEx": {`{"ex":"e"}`, "/ex"},
	}
	clients := map[fixtures.Release]int{
		fixtures.V382: 14, fixtures.V383: 14, fixtures.V383Patch1: 2, fixtures.V383Patch3: 2, fixtures.V383Patch5: 2, fixtures.V383Patch16: 2, fixtures.Main: 500,
	}
	for key, crash := range crashes {
		for server, code := range clients {
			v := verdictOf(t, key, body(`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,`+crash.reply[1:]), validate.Options{Server: validate.On(server)})
			assert.Equal(t, validate.Crash, v.Outcome, "%s in %s", key, server)
			assert.Equal(t, code, v.Client.ErrCode, "%s in %s", key, server)
			require.Equal(t, "error crashes-server", found(v))
			assert.Equal(t, crash.path, v.Findings[0].Place.Pointer)
			assert.Empty(t, v.Applied)
		}
	}
	dies := verdictOf(t, "beforeMemberJoinGroup", body(`{"memberCallbackList":[{}]}`), validate.Options{Server: validate.On(fixtures.V383)})
	assert.Equal(t, "crashes-server server=3.8.3 cause=cause.nameless effect=crash.process", said(dies.Findings[0].Message))
	old := body(`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,"memberCallbackList":[null]}`)
	v := verdictOf(t, "beforeMemberJoinGroup", old, validate.Options{Server: validate.On(fixtures.V37)})
	assert.Equal(t, validate.Proceed, v.Outcome, "3.7 has no list")
	require.Equal(t, "warning unknown-field", found(v))
	assert.Equal(t, "unknown-field.version server=3.7 field=memberCallbackList versions=3.8.0 and later", said(v.Findings[0].Message))
}

// Without a request, rules that need it say less.
func TestWithoutRequest(t *testing.T) {
	quiet := map[string]string{
		"beforeMemberJoinGroup":  `"memberCallbackList":[{"userID":"nobody"}]`,
		"beforeUpdateUserInfoEx": `"nickName":"e"`,
		"beforeSetGroupInfo":     `"groupID":"g1"`,
	}
	for key, fields := range quiet {
		callback, err := fixtures.Lookup(key)
		require.NoError(t, err)
		x := validate.Exchange{Reply: body(`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,` + fields + "}")}
		v := validate.NewJudge(callback, validate.Options{Server: validate.On(fixtures.Main)}).Judge(&x)
		assert.Empty(t, v.Findings, key)
		assert.Equal(t, validate.Proceed, v.Outcome, key)
	}
}

func TestEmptyGroupNameCancelsAll(t *testing.T) {
	reply := body(`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,"groupID":"3846201957","groupName":""}`)
	v := verdictOf(t, "beforeSetGroupInfoEx", reply, validate.Options{Server: validate.On(fixtures.Main)})
	assert.Contains(t, v.Wiped, "/groupName")
	require.Equal(t, "error field-wiped", found(v))
	assert.Equal(t, "field-wiped.cancels server=main field=groupName", said(v.Findings[0].Message))

	callback, err := fixtures.Lookup("beforeSetGroupInfoEx")
	require.NoError(t, err)
	own := validate.Exchange{Request: validate.Request{Body: []byte(`{"groupID":"3846201957","groupName":"","ex":"e"}`)}, Reply: reply}
	v = validate.NewJudge(callback, validate.Options{Server: validate.On(fixtures.Main)}).Judge(&own)
	assert.Empty(t, v.Findings, "the request cancels itself")
	assert.Equal(t, []string{"/groupName"}, v.Ignored)
}

func TestErrCodeRange(t *testing.T) {
	tests := []struct {
		code  string
		given validate.Range
		want  string
	}{
		{"4999", validate.Range{}, "error errcode-range"},
		{"5000", validate.Range{}, ""},
		{"9999", validate.Range{}, ""},
		{"10000", validate.Range{}, "error errcode-range"},
		{"20000", validate.Range{}, "error errcode-range"},
		{"20001", validate.Range{}, "warning errcode-range"},
		{"29999", validate.Range{}, "warning errcode-range"},
		{"30000", validate.Range{}, "error errcode-range"},
		{"5000", validate.Range{Low: 70000, High: 79999}, "error errcode-range"},
		{"20001", validate.Range{Low: 70000, High: 79999}, "error errcode-range"},
		{"73001", validate.Range{Low: 70000, High: 79999}, ""},
		{"1002", validate.Range{Low: 1000, High: 1999}, "warning errcode-reserved"},
		{"13", validate.Range{}, "error errcode-reserved"},
		{"-5", validate.Range{}, "error errcode-range"},
	}
	for _, tt := range tests {
		reply := body(`{"actionCode":0,"errCode":` + tt.code + `,"errMsg":"no","errDlt":"","nextCode":1}`)
		v := verdictOf(t, "beforeAddFriend", reply, validate.Options{Server: validate.On(fixtures.DefaultRelease), ErrCodes: tt.given})
		assert.Equal(t, tt.want, found(v), "%s in %v", tt.code, tt.given)
	}
}

func TestTimeouts(t *testing.T) {
	for given, want := range map[time.Duration]time.Duration{
		0: 15 * time.Second, -1: 15 * time.Second, time.Second: time.Second, 15 * time.Second: 15 * time.Second, time.Hour: 15 * time.Second,
	} {
		assert.Equal(t, want, validate.Configured(given))
		if given <= 0 {
			want = 5 * time.Second
		}
		assert.Equal(t, want, validate.EffectiveTimeout(given))
		assert.Equal(t, want, validate.NewJudge(fixtures.All()[0], validate.Options{Timeout: given}).Options().Timeout)
	}
	slow := validate.Reply{Status: 200, Body: []byte(fixtures.PlainAllow), Elapsed: 12100 * time.Millisecond}
	assert.Equal(t, "warning slow", found(verdictOf(t, "beforeAddFriend", slow, validate.Options{Server: validate.On(fixtures.Main), Timeout: time.Hour})))
	slow.Elapsed = 11900 * time.Millisecond
	assert.Empty(t, verdictOf(t, "beforeAddFriend", slow, validate.Options{Server: validate.On(fixtures.Main), Timeout: time.Hour}).Findings)
}

func TestTransport(t *testing.T) {
	const login = "<!doctype html><title>Sign in</title>"
	hop := func(method string) []validate.Redirect {
		return []validate.Redirect{{Status: 302, Location: "https://example.com/login?token=secret", Method: method}}
	}
	tests := []struct {
		name  string
		reply validate.Reply
		want  string
		says  string
	}{
		{"timeout", validate.Reply{Failure: validate.Timeout}, "error timeout", "timeout limit=5s effect=consequence.blocked"},
		{"no listener", validate.Reply{Failure: validate.ConnectionRefused}, "error unreachable", "unreachable.refused effect=consequence.blocked"},
		{"no host", validate.Reply{Failure: validate.NoHost}, "error unreachable", "unreachable.host effect=consequence.blocked"},
		{"bad url", validate.Reply{Failure: validate.BadURL}, "error unreachable", "unreachable.url effect=consequence.blocked"},
		{"network", validate.Reply{Failure: validate.Network}, "error unreachable", "unreachable.network effect=consequence.blocked"},
		{"not HTTP", validate.Reply{Failure: validate.Malformed}, "error unreachable", "unreachable.malformed effect=consequence.blocked"},
		{"endless redirects", validate.Reply{Failure: validate.Redirects, Status: 302, Redirects: hop("GET")}, "error unreachable", "unreachable.redirects effect=consequence.blocked"},
		{"interrupted", validate.Reply{Failure: validate.Canceled}, "error unreachable", "unreachable.canceled effect=consequence.blocked"},
		{"tls", validate.Reply{Failure: validate.TLS}, "error tls", "tls effect=consequence.blocked"},
		{"too large", validate.Reply{Failure: validate.TooLarge, Status: 200}, "error too-large", "too-large"},
		{"bad gzip", validate.Reply{Failure: validate.Encoding, Status: 200}, "error compressed-wrong", "compressed-wrong effect=consequence.blocked"},
		{"brotli", validate.Reply{Status: 200, Headers: []validate.Header{{"Content-Encoding", "br"}}, Body: []byte("\x0b\x02\x80{}\x03")}, "error compressed-wrong", "compressed-wrong.unknown encoding=br effect=consequence.blocked"},
		{"text in gzip", validate.Reply{Status: 200, Headers: []validate.Header{{"Content-Encoding", "gzip"}}, Body: []byte("OK")}, "error not-json", "not-json error=invalid character 'O' looking for beginning of value effect=consequence.blocked"},
		{"login page", validate.Reply{Status: 200, Redirects: hop("GET"), Body: []byte(login)}, "error redirect", "redirect status=302 effect=consequence.blocked"},
		{"allow after GET", validate.Reply{Status: 200, Redirects: hop("GET"), Body: []byte(fixtures.PlainAllow)}, "error redirect", "redirect status=302 effect=redirect.goes-through"},
		{"a GET elsewhere", validate.Reply{Status: 303, Headers: []validate.Header{{"Location", "/x"}}, Body: []byte("303\n")}, "error redirect", "redirect.unknown-get status=303"},
		{"elsewhere", validate.Reply{Status: 308, Headers: []validate.Header{{"Location", "/x"}}}, "error redirect", "redirect.unknown status=308"},
		{"307", validate.Reply{Status: 200, Redirects: hop("POST"), Body: []byte(fixtures.PlainAllow)}, "warning redirect", "redirect.twice status=302"},
		{"no content type", validate.Reply{Status: 200, Headers: []validate.Header{{"Server", "x"}}, Body: []byte(fixtures.PlainAllow)}, "note content-type", "content-type.missing"},
		{"problem+json", validate.Reply{Status: 200, Headers: []validate.Header{{"Content-Type", "application/problem+json"}}, Body: []byte(fixtures.PlainAllow)}, "", ""},
		{"jsonp", validate.Reply{Status: 200, Headers: []validate.Header{{"Content-Type", "application/jsonp"}}, Body: []byte(fixtures.PlainAllow)}, "note content-type", "content-type type=application/jsonp"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := verdictOf(t, "beforeAddFriend", tt.reply, validate.Options{Server: validate.On(fixtures.DefaultRelease)})
			require.Equal(t, tt.want, found(v))
			for _, f := range v.Findings {
				assert.Equal(t, tt.says, said(f.Message))
				assert.NotContains(t, f.Hint.String()+f.Got+f.Message.String(), "secret", "what may be secret is not repeated")
			}
		})
	}
}

// TestOfflineReceivers holds what versions do with beforeOfflinePush's list of
// receivers outside groups.
func TestOfflineReceivers(t *testing.T) {
	tests := []struct {
		server  fixtures.Release
		session string
		outcome validate.Outcome
		applied bool
		want    string
	}{
		{fixtures.V35, `,"sessionType":1`, validate.Proceed, false, "error field-ignored"},
		{fixtures.V36, `,"sessionType":1`, validate.Proceed, false, "error field-ignored"},
		{fixtures.V36, `,"sessionType":3`, validate.Proceed, true, ""},
		{fixtures.V36, "", validate.Proceed, true, ""},
		{fixtures.V37, `,"sessionType":1`, validate.Crash, false, "error crashes-server"},
		{fixtures.V37, "", validate.Proceed, true, ""}, // nothing says that it went to no group
		{fixtures.V381, `,"sessionType":4`, validate.Crash, false, "error crashes-server"},
		{fixtures.V381, `,"sessionType":3`, validate.Proceed, true, ""},
		{fixtures.V383, `,"sessionType":1`, validate.Proceed, true, ""},
	}
	callback, err := fixtures.Lookup("beforeOfflinePush")
	require.NoError(t, err)
	for _, tt := range tests {
		x := validate.Exchange{
			Request: validate.Request{Body: []byte(`{"userIDList":["1"]` + tt.session + "}")},
			Reply:   allowing(`"userIDList":["2"]`),
		}
		v := validate.NewJudge(callback, validate.Options{Server: validate.On(tt.server)}).Judge(&x)
		assert.Equal(t, tt.outcome, v.Outcome, "%s, %s", tt.server, tt.session)
		assert.Equal(t, tt.applied, len(v.Applied) == 1, "%s, %s", tt.server, tt.session)
		assert.Equal(t, tt.want, found(v), "%s, %s", tt.server, tt.session)
		assert.Equal(t, validate.Client{}, v.Client, "nobody waits for a push")
	}
}

// TestCrashesUnless: what the request does not show can keep a reply from
// crashing OpenIM; then the verdict has both.
func TestCrashesUnless(t *testing.T) {
	tests := []struct {
		key, request, reply string
		unless, says        string
	}{
		{"beforeUpdateUserInfoEx", `{"nickName":"a","ex":null}`, `"nickName":"b","ex":"x"`, "/nickName /ex", "crashes-server.unless"},
		{"beforeUpdateUserInfoEx", `{"nickName":null,"ex":null}`, `"nickName":"b","ex":"x"`, "", "crashes-server"}, // the name is enough
		{"beforeUpdateUserInfoEx", `{"nickName":null,"ex":"w"}`, `"ex":"x"`, "", ""},                               // it does show ex
		{"beforeUpdateUserInfoEx", "", `"nickName":"b","ex":"x"`, "/nickName /ex", "crashes-server.unless"},        // none would show ex
		{"beforeMsgModify", `{"content":"{}"}`, `"offlinePushInfo":{"title":"t"}`, "/offlinePushInfo", "crashes-server.unless"},
	}
	for _, tt := range tests {
		callback, err := fixtures.Lookup(tt.key)
		require.NoError(t, err)
		x := validate.Exchange{Request: validate.Request{Body: []byte(tt.request)}, Reply: allowing(tt.reply)}
		v := validate.NewJudge(callback, validate.Options{Server: validate.On(fixtures.V383)}).Judge(&x)
		if tt.says == "" {
			assert.Equal(t, validate.Proceed, v.Outcome)
			assert.Empty(t, v.Findings)
			continue
		}
		require.Equal(t, validate.Crash, v.Outcome)
		assert.Empty(t, v.Applied)
		assert.Equal(t, tt.says, strings.Fields(said(v.Findings[0].Message))[0])
		if tt.unless == "" {
			assert.Nil(t, v.Unless)
			continue
		}
		require.NotNil(t, v.Unless)
		assert.Equal(t, validate.Proceed, v.Unless.Outcome)
		assert.Equal(t, tt.unless, strings.Join(v.Unless.Applied, " "))
	}
}

// TestEmptyKeepsStored: an empty value of beforeUpdateUserInfo drops the user's
// new one, of ex also where nobody can see whether there is one.
func TestEmptyKeepsStored(t *testing.T) {
	tests := []struct{ request, reply, wiped, says string }{
		{`{"nickName":"a","ex":null}`, `"nickName":"","ex":"x"`, "/nickName", "field-wiped.kept"},
		{`{"nickName":"","ex":null}`, `"nickName":"","ex":""`, "/ex", "field-wiped.hidden"},
		{`{"nickName":"","ex":null}`, `"nickName":"","ex":null`, "", ""},
	}
	callback, err := fixtures.Lookup("beforeUpdateUserInfo")
	require.NoError(t, err)
	for _, tt := range tests {
		x := validate.Exchange{Request: validate.Request{Body: []byte(tt.request)}, Reply: allowing(tt.reply)}
		v := validate.NewJudge(callback, validate.Options{}).Judge(&x)
		assert.Equal(t, tt.wiped, strings.Join(v.Wiped, " "))
		assert.NotContains(t, v.Applied, tt.wiped)
		if tt.says != "" {
			require.NotEmpty(t, v.Findings)
			assert.Equal(t, tt.says, strings.Fields(said(v.Findings[0].Message))[0])
		}
	}
}

// TestChangesAreAsStored: a change has the value that OpenIM's decoder makes of
// the reply's.
func TestChangesAreAsStored(t *testing.T) {
	tests := []struct{ key, fields, after string }{
		{"beforeMsgModify", `"atUserIDList":["1",null]`, `["1",""]`},
		{"beforeMsgModify", `"options":{"history":null,"unreadCount":true}`, `{"history":false,"unreadCount":true}`},
		{"beforeMsgModify", `"ex":"<\ud800>"`, "\"<\ufffd>\""},
		{"beforeMsgModify", "\"ex\":\"\xff\"", "\"\ufffd\""},
		{"beforeMsgModify", `"ex":"a null <b>"`, `"a null <b>"`},
		{"beforeOfflinePush", `"offlinePushInfo":{"title":"t","desc":null}`, `{"title":"t","desc":"","ex":"","iOSPushSound":"","iOSBadgeCount":false,"signalInfo":""}`},
		{"beforeMemberJoinGroup", `"memberCallbackList":[{"userID":"7340912658","ex":"\udc00"}]`, "\"\ufffd\""},
	}
	for _, tt := range tests {
		v := verdictOf(t, tt.key, allowing(tt.fields), validate.Options{})
		require.Len(t, v.Changes, 1, tt.fields)
		assert.Equal(t, tt.after, v.Changes[0].After, tt.fields)
	}
}

// 3.6 refuses nothing, and says so of what refuses elsewhere.
func TestNothingRefusesIn36(t *testing.T) {
	reply := body(`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":2}`)
	v := verdictOf(t, "beforeAddFriend", reply, validate.Options{Server: validate.On(fixtures.V36)})
	require.Equal(t, "warning nextcode-value", found(v))
	assert.Equal(t, "nextCode 2 means go on, as every value does in OpenIM 3.6", v.Findings[0].Message.String())
	assert.Equal(t, "write 0 to allow; OpenIM 3.6 refuses nothing, other versions refuse on 1", v.Findings[0].Hint.String())
}

// A lost group id fails with the code of each server.
func TestLostGroupIsToldByCode(t *testing.T) {
	for server, code := range map[validate.Server]string{
		validate.On(fixtures.V383):                                "1004",
		{Release: fixtures.Main, Deployment: validate.OneProcess}: "500",
	} {
		v := verdictOf(t, "beforeSetGroupInfo", body(fixtures.PlainAllow), validate.Options{Server: server})
		require.NotEmpty(t, v.Findings)
		assert.Contains(t, v.Findings[0].Message.String(), "the call fails with "+code)
	}
}

func TestContentFailsBeforeCrash(t *testing.T) {
	reply := allowing(`"content":"x","offlinePushInfo":{"title":"t"}`)
	assert.Equal(t, validate.Fail, verdictOf(t, "beforeMsgModify", reply, validate.Options{Server: validate.On(fixtures.Main)}).Outcome)
	assert.Equal(t, validate.Crash, verdictOf(t, "beforeMsgModify", reply, validate.Options{Server: validate.On(fixtures.V383)}).Outcome)
}

// TestBetweenTheReleases holds what differs among 3.8.3 and its patches: the
// texts were made by each tag's own client and error handling, with the Go of
// its official image.
func TestBetweenTheReleases(t *testing.T) {
	const (
		url     = "http://h/callbackBeforeAddFriendCommand"
		cause   = `Post "` + url + `": context deadline exceeded`
		stack   = "HTTP request failed | -> httputil.(*HTTPClient).Post() …"
		plain   = "CallbackBeforeAddFriendResp.actionCode"
		nested  = "CallbackBeforeAddFriendResp.CommonCallbackResp.actionCode"
		panics  = "Error: 500 panic error runtime error: invalid memory address or nil pointer dereference | -> …"
		process = "error reading from server: EOF"
	)
	for name, want := range map[string]struct{ network, field, crash string }{
		"3.8.3":          {"Error: " + stack, plain, process},
		"3.8.3-patch.1":  {"90004 NetworkError Error: " + cause + " " + stack, plain, panics},
		"3.8.3-patch.2":  {"Error: " + stack, plain, process},
		"3.8.3-patch.3":  {"90004 NetworkError Error: " + cause + " " + stack, plain, panics},
		"3.8.3-patch.4":  {"90004 NetworkError Error: " + cause + " " + stack, plain, panics},
		"3.8.3-patch.5":  {"Error: " + cause + " " + stack, plain, panics},
		"3.8.3-patch.15": {"Error: " + cause + " " + stack, plain, panics},
		"3.8.3-patch.16": {"Error: " + cause + " " + stack, nested, panics},
	} {
		server, err := validate.ParseServer(name)
		require.NoError(t, err)
		o := validate.Options{Server: server}
		c, err := fixtures.Lookup("beforeAddFriend")
		require.NoError(t, err)
		late := validate.Exchange{Request: validate.Request{URL: url}, Reply: validate.Reply{Failure: validate.Timeout, Detail: cause}}
		assert.Equal(t, want.network, validate.NewJudge(c, o).Judge(&late).Client.ErrDlt, name)
		wrong := verdictOf(t, "beforeAddFriend", body(`{"actionCode":"0"}`), o)
		assert.Equal(t, "json: cannot unmarshal string into Go struct field "+want.field+" of type int32 response format error", wrong.Client.ErrDlt, name)
		assert.Equal(t, want.crash, verdictOf(t, "beforeMemberJoinGroup", body(`{"memberCallbackList":[null]}`), o).Client.ErrMsg, name)
	}
}

// webhooks.yml takes no command: OpenIM appends it.
func TestARedirectIsToldTheURLForTheFile(t *testing.T) {
	for location, want := range map[string]string{
		"https://h/cb/callbackBeforeAddFriendCommand?x=1": "https://h/cb",
		"/cb/callbackBeforeAddFriendCommand":              "http://h/cb",
		"https://h/login?back=/callbackBeforeAddFriend":   "https://h/login",
	} {
		v := verdictOf(t, "beforeAddFriend", validate.Reply{Status: 308, Headers: []validate.Header{{"Location", location}}}, validate.Options{})
		require.Len(t, v.Findings, 1)
		assert.Equal(t, "put the final URL into webhooks.yml: "+want, v.Findings[0].Hint.String())
	}
}
