package validate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// findingsOf checks the callback's payload, sent to a URL, as one line each.
func findingsOf(t *testing.T, key string, server fixtures.Release, url string) []string {
	t.Helper()
	c := callback(t, key)
	p, err := c.Payload(fixtures.PayloadOptions{Server: server})
	require.NoError(t, err)
	return saidIn(validate.CheckRequest(c, server, validate.Request{URL: url, Headers: sentHeaders, Body: p.Body}))
}

func TestRequestURLs(t *testing.T) {
	const bare = "warning request-url.nameless ending=/callbackBeforeAddFriendCommand"
	for url, want := range map[string][]string{
		"http://h/cb/callbackBeforeAddFriendCommand": nil,
		"/callbackBeforeAddFriendCommand":            nil,
		"http://h/%zz":                               nil,
		"http://h/cb//callbackBeforeAddFriendCommand": {
			"note request-url.slash"},
		"http://h/cb": {bare}, "http://h/": {bare}, "http://h": {bare}, "http://callbackBeforeAddFriendCommand": {bare},
		"http://h/cb/callbackBeforeAddFriendCommand/": {bare},
		"http://h/cb?command=callbackBeforeAddFriendCommand": {
			"warning request-url.old"},
		"http://h/cb?token=a/callbackBeforeAddFriendCommand": {
			"warning request-url.swallowed"},
		"http://h/cb/callbackBeforeAddFriendCommand?contenttype=json&a=1": {
			"note request-url.query server=3.8.3 names=[a contenttype]"},
		"http://h/cb/callbackBeforeAddFriendCommand?key=x": {
			"note request-url.query server=3.8.3 names=[key]"},
	} {
		assert.Equal(t, want, findingsOf(t, "beforeAddFriend", fixtures.V383, url), url)
	}
}

// The body has the version's command, the URL one that the callback had before.
func TestURLAndBodyDisagree(t *testing.T) {
	assert.Equal(t, []string{"error request-command.url command=callbackBeforeMembersJoinGroupCommand inURL=callbackBeforeMemberJoinGroupCommand"},
		findingsOf(t, "beforeMemberJoinGroup", fixtures.V383, "http://h/callbackBeforeMemberJoinGroupCommand"))
	assert.Equal(t, []string{
		"error request-command.url command=callbackBeforeMembersJoinGroupCommand inURL=callbackBeforeMemberJoinGroupCommand",
		"warning request-url.old"},
		findingsOf(t, "beforeMemberJoinGroup", fixtures.V383, "http://h/?command=callbackBeforeMemberJoinGroupCommand"))
}

func TestKeyOfMain(t *testing.T) {
	const at = "http://h/cb/callbackAfterSendSingleMsgCommand"
	const other = "warning request-url.key"
	p, err := callback(t, "afterSendSingleMsg").Payload(fixtures.PayloadOptions{Server: fixtures.Main})
	require.NoError(t, err)
	key := p.Query.Encode()
	for query, want := range map[string][]string{
		"?" + key:     nil,
		"?" + key[:9]: {other}, "?key=": {other}, "?key=!": {other}, "?key=e30%3D": {other},
		"":                   {"warning request-url.no-key server=main"},
		"?" + key + "&x=%1b": {"note request-url.query server=main names=[x]"},
	} {
		assert.Equal(t, want, findingsOf(t, "afterSendSingleMsg", fixtures.Main, at+query), query)
	}
	assert.Empty(t, findingsOf(t, "afterSendSingleMsg", fixtures.V383Patch16, at), "only main sends it")
	// A reply to beforeMsgModify put the message into a group chat.
	require.NoError(t, p.SetString("recvID", ""))
	assert.Empty(t, validate.CheckRequest(p.Callback, fixtures.Main, validate.Request{URL: at + "?" + key, Body: p.Body}))
	broken := validate.CheckRequest(p.Callback, fixtures.Main, validate.Request{URL: at + "?key=x", Body: []byte("{")})
	require.Len(t, broken, 1)
	assert.Equal(t, "request-not-json", broken[0].Rule)
}

func TestCallbackThatTheVersionDoesNotHave(t *testing.T) {
	assert.Equal(t, []string{"warning request-command.version server=3.8.3 callback=beforeCreateSingleChatConversations nearest=main"},
		findingsOf(t, "beforeCreateSingleChatConversations", fixtures.V383, ""))
}

func TestUnknownAndRenamedCommands(t *testing.T) {
	for got, want := range map[string]string{
		"callbackBeforeMsgModifyCommand": "",
		"callbackMsgModifyCommand":       "request-command.renamed server=main command=callbackBeforeMsgModifyCommand got=callbackMsgModifyCommand since=request-command.span gotSince=request-command.span",
		"callbackWordFilterCommand":      "request-command.renamed server=main command=callbackBeforeMsgModifyCommand got=callbackWordFilterCommand since=request-command.span gotSince=request-command.old",
		"callbackBeforeAddBlackCommand":  "request-command.other command=callbackBeforeMsgModifyCommand got=callbackBeforeAddBlackCommand",
		"callbackTea\u202e":              `request-command.unknown command=callbackBeforeMsgModifyCommand got=callbackTea\u202e`,
	} {
		c := callback(t, "beforeMsgModify")
		p, err := c.Payload(fixtures.PayloadOptions{Server: fixtures.Main})
		require.NoError(t, err)
		body := strings.Replace(string(p.Body), "callbackBeforeMsgModifyCommand", got, 1)
		var message string
		for _, f := range validate.CheckRequest(c, fixtures.Main, validate.Request{Body: []byte(body)}) {
			message += said(f.Message)
		}
		assert.Equal(t, want, message)
	}
}

func TestRequestHeaders(t *testing.T) {
	with := func(place int, h ...validate.Header) []validate.Header {
		return append(append(sentHeaders[:place:place], h...), sentHeaders[place+1:]...)
	}
	const lacks = "note request-header.lacks headers="
	for name, tt := range map[string]struct {
		headers []validate.Header
		server  fixtures.Release
		want    []string
	}{
		"not known":            {nil, fixtures.V383, nil},
		"all six":              {sentHeaders, fixtures.V383, nil},
		"in another case":      {with(4, validate.Header{"operationID", "x"}), fixtures.V383, nil},
		"no id before 3.7":     {with(4), fixtures.V36, nil},
		"no id":                {with(4), fixtures.V37, []string{"warning request-header.missing header=Operationid"}},
		"no content type":      {with(3), fixtures.V383, []string{"warning request-header.missing header=Content-Type"}},
		"without charset":      {with(3, validate.Header{"Content-Type", "application/json"}), fixtures.V383, []string{"note request-header.type value=application/json sent=application/json; charset=utf-8"}},
		"charset in capitals":  {with(3, validate.Header{"Content-Type", "application/json; charset=UTF-8"}), fixtures.V383, nil},
		"chunked":              {with(2), fixtures.V383, []string{lacks + "[Content-Length]"}},
		"another client":       {with(1, validate.Header{"User-Agent", "curl/8\x1b[2J"}), fixtures.V383, []string{`note request-header.client header=User-Agent value=curl/8\x1b[2J sent=Go-http-client/1.1`}},
		"another encoding":     {with(5, validate.Header{"Accept-Encoding", "br"}), fixtures.V383, []string{"note request-header.client header=Accept-Encoding value=br sent=gzip"}},
		"more than OpenIM has": {append(with(0), validate.Header{"X-A", "1"}, validate.Header{"X-B", "1"}, validate.Header{"X-C", "1"}, validate.Header{"X-D", "1"}), fixtures.V383, []string{lacks + "[Host]", "note request-header.strange headers=[X-A X-B X-C] more=1"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := callback(t, "beforeAddFriend")
			p, err := c.Payload(fixtures.PayloadOptions{Server: tt.server})
			require.NoError(t, err)
			assert.Equal(t, tt.want, saidIn(validate.CheckRequest(c, tt.server, validate.Request{Headers: tt.headers, Body: p.Body})))
		})
	}
}

// A body with a million faults does not get a million findings, and none of
// the errors is lost to warnings.
func TestFindingsOfARequestAreBounded(t *testing.T) {
	c := callback(t, "beforeUserRegister")
	var body strings.Builder
	body.WriteString(`{"callbackCommand":"callbackBeforeUserRegisterCommand"`)
	for i := range 10000 {
		fmt.Fprintf(&body, `,"x%d":{}`, i)
	}
	body.WriteString(`,"users":[` + strings.Repeat(`{"userID":1},`, 10000) + `{}]}` + "\n")
	findings := validate.CheckRequest(c, fixtures.V383, validate.Request{Body: []byte(body.String())})
	require.Len(t, findings, 201)
	assert.Equal(t, validate.Error, findings[99].Severity)
	assert.Equal(t, validate.Warning, findings[100].Severity)
	assert.Equal(t, "request-form.left-out n=79807", said(findings[200].Message))

	long := validate.CheckRequest(c, fixtures.V383, validate.Request{Body: []byte(`{"` + strings.Repeat("x", 1<<20) + `":1}`)})
	for _, f := range long {
		assert.Less(t, len(f.Place.Pointer)+len(f.Message.String()), 500)
	}
	deep := validate.CheckRequest(c, fixtures.V383, validate.Request{Body: []byte(`{"x":` + strings.Repeat("[", 1<<20))})
	require.Len(t, deep, 1)
	assert.Equal(t, "request-not-json", deep[0].Rule)
}

// A RequestCheck may be shared.
func TestRequestCheckConcurrently(t *testing.T) {
	c := callback(t, "beforeAddFriend")
	check := validate.NewRequestCheck(c, fixtures.V383)
	p, err := c.Payload(fixtures.PayloadOptions{Server: fixtures.V383})
	require.NoError(t, err)
	done := make(chan []validate.Finding)
	for i := range 8 {
		go func() {
			body := p.Body[:len(p.Body)-i%2] // every other one without its newline
			var last []validate.Finding
			for range 100 {
				last = check.Check(validate.Request{Body: body})
			}
			done <- last
		}()
	}
	found := 0
	for range 8 {
		found += len(<-done)
	}
	assert.Equal(t, 4, found)
}

// FuzzRequestCheck: any request to any callback gets the same bounded,
// complete findings twice.
func FuzzRequestCheck(f *testing.F) {
	keys := fixtures.Keys()
	for i, key := range keys {
		c, err := fixtures.Lookup(key)
		require.NoError(f, err)
		p, err := c.Payload(fixtures.PayloadOptions{Server: fixtures.Main})
		require.NoError(f, err)
		f.Add(uint8(i), uint8(fixtures.Main), "http://h/"+p.Command+"?"+p.Query.Encode(), "X-A", p.Body)
	}
	f.Add(uint8(1), uint8(2), "?command=%zz;", "\xff", []byte(`{"\ud800":[{}],"a":`))
	f.Fuzz(func(t *testing.T, place, version uint8, url, header string, body []byte) {
		c, err := fixtures.Lookup(keys[int(place)%len(keys)])
		require.NoError(t, err)
		check := validate.NewRequestCheck(c, fixtures.Releases()[int(version)%len(fixtures.Releases())])
		r := validate.Request{URL: url, Headers: []validate.Header{{header, header}}, Body: body}
		findings := check.Check(r)
		assert.Equal(t, findings, check.Check(r))
		assert.LessOrEqual(t, len(findings), 250)
		for _, found := range findings {
			assert.NotEmpty(t, found.Rule)
			assert.Equal(t, words.Printable(found.Message.String()), found.Message.String())
		}
	})
}

// checkBody is a message body as wide as a chat's, about 600 bytes.
func checkBody(tb testing.TB) (*fixtures.Callback, validate.Request) {
	tb.Helper()
	c, err := fixtures.Lookup("beforeSendSingleMsg")
	require.NoError(tb, err)
	p, err := c.Payload(fixtures.PayloadOptions{Server: fixtures.DefaultRelease})
	require.NoError(tb, err)
	return c, validate.Request{Method: "POST", URL: "http://127.0.0.1:10006/callbackExample/" + p.Command, Headers: sentHeaders, Body: p.Body}
}

func TestCleanRequestAllocates(t *testing.T) {
	c, r := checkBody(t)
	check := validate.NewRequestCheck(c, fixtures.DefaultRelease)
	require.Nil(t, check.Check(r))
	assert.LessOrEqual(t, testing.AllocsPerRun(100, func() { check.Check(r) }), 1.0)
}
