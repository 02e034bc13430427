package validate_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a running OpenIM v3.8.3 sent has no findings.
func TestCapturedRequestsAreClean(t *testing.T) {
	rows := 0
	readLines(t, "../fixtures/testdata/captured-v3.8.3.jsonl", func(line []byte) {
		var row struct{ Command, Body string }
		require.NoError(t, json.Unmarshal(line, &row))
		rows++
		c, err := fixtures.Lookup(row.Command)
		require.NoError(t, err)
		assert.Empty(t, validate.CheckRequest(c, fixtures.V383, validate.Request{
			Method: "POST", URL: "http://127.0.0.1:10006/callbackExample/" + row.Command, Headers: sentHeaders, Body: []byte(row.Body),
		}), row.Body)
	})
	assert.Equal(t, 326, rows)
}

func TestUnsetServerChecksAsTheDefault(t *testing.T) {
	r := validate.Request{Method: "POST", Headers: []validate.Header{{"Host", "h"}}, Body: []byte(`{"callbackCommand":"x"}`)}
	for _, c := range fixtures.All() {
		want := validate.CheckRequest(c, fixtures.DefaultRelease, r)
		assert.NotEmpty(t, want, c.Key)
		assert.Equal(t, want, validate.CheckRequest(c, 0, r), c.Key)
		assert.Equal(t, want, validate.NewRequestCheck(c, 0).Check(r), c.Key)
	}
}

// The conversation callbacks' operation id is that of several messages at once.
func TestChainedOperationIDIsClean(t *testing.T) {
	c, err := fixtures.Lookup("beforeCreateGroupChatConversations")
	require.NoError(t, err)
	p, err := c.Payload(fixtures.PayloadOptions{Server: fixtures.Main, OperationID: "A$A"})
	require.NoError(t, err)
	headers := slices.Clone(sentHeaders)
	for i := range headers {
		if headers[i][0] == "Operationid" {
			headers[i][1] = "A$A"
		}
	}
	assert.Empty(t, validate.CheckRequest(c, fixtures.Main, validate.Request{URL: "http://h/cb/" + p.Command, Headers: headers, Body: p.Body}))
}

// So has what imcb sends, for every callback, version and kind of message.
func TestPayloadsAreClean(t *testing.T) {
	for _, c := range fixtures.All() {
		for _, server := range fixtures.Releases() {
			for _, kind := range append(c.MessageKinds(), "") {
				p, err := c.Payload(fixtures.PayloadOptions{Server: server, Message: kind})
				require.NoError(t, err)
				url := "http://h/cb/" + p.Command
				if p.Query != nil {
					url += "?" + p.Query.Encode()
				}
				findings := validate.CheckRequest(c, p.Server, validate.Request{URL: url, Headers: sentHeaders, Body: p.Body})
				switch {
				case c.DocumentedOnly():
					assertDocumentedOnly(t, c, findings)
				case !c.SentFor(p.Message.Code, p.Server) && c.SentBy(p.Server):
					require.Len(t, findings, 1, "%s %s %s", c.Key, server, kind)
					assert.Equal(t, "/contentType", findings[0].Pointer)
				default:
					assert.Nil(t, findings, "%s %s %s", c.Key, server, kind)
				}
			}
		}
	}
}

// assertDocumentedOnly: there is one finding, that of callbacks that no server
// sends.
func assertDocumentedOnly(t *testing.T, c *fixtures.Callback, findings []validate.Finding) {
	t.Helper()
	require.Equal(t, []string{"warning request-command.documented command=" + c.Command(fixtures.Main)}, saidIn(findings))
	f := findings[0]
	assert.Equal(t, "request-command", f.Rule)
	assert.Equal(t, "open-im-server: request types of each version; captured from running servers", f.Source)
	if c.Instead != "" {
		assert.Equal(t, "request-command.hint-instead callback="+c.Instead, said(f.Hint))
	} else {
		assert.Equal(t, "hint.omit", said(f.Hint))
	}
}

// sentHeaders are the headers of every captured request, in their order.
var sentHeaders = []validate.Header{
	{"Host", "127.0.0.1:10006"}, {"User-Agent", "Go-http-client/1.1"}, {"Content-Length", "412"},
	{"Content-Type", "application/json; charset=utf-8"}, {"Operationid", "1767603600123"}, {"Accept-Encoding", "gzip"},
}

func TestRequestsThatOpenIMWouldNotSend(t *testing.T) {
	const good = `{"callbackCommand":"callbackBeforeAddFriendCommand","fromUserID":"u1","toUserID":"u2","reqMsg":"","ex":""}` + "\n"
	replace := func(old, with string) string { return strings.Replace(good, old, with, 1) }
	for name, tt := range map[string]struct {
		body, url string
		headers   []validate.Header
		server    fixtures.Release
		want      []string
	}{
		"as it should be":  {body: good},
		"not JSON":         {body: "fromUserID=u1", want: []string{"error request-not-json"}},
		"a list":           {body: "[]", want: []string{"error request-not-json"}},
		"a field missing":  {body: replace(`"toUserID":"u2",`, ""), want: []string{"error request-field.missing field=toUserID"}},
		"a field too many": {body: replace(`"ex"`, `"age":3,"ex"`), want: []string{`warning request-field.unknown field=age`}},
		"misspelt": {body: replace("toUserID", "to_user_id"), want: []string{
			"error request-field.missing field=toUserID", `warning request-field.unknown field=to_user_id`}},
		"wrong type": {body: replace(`"u1"`, `1`), want: []string{"error request-field.type field=fromUserID value=1 type=type.string"}},
		"null":       {body: replace(`"u1"`, `null`), want: []string{"error request-field.null field=fromUserID"}},
		"order": {body: replace(`"fromUserID":"u1","toUserID":"u2"`, `"toUserID":"u2","fromUserID":"u1"`), want: []string{
			"note request-form.order"}},
		"no newline": {body: strings.TrimSpace(good), want: []string{
			"note request-form.ending"}},
		"newline in 3.6": {body: good, server: fixtures.V36, want: []string{
			"note request-form.ending"}},
		"newline of another version": {body: replace("BeforeAddFriendC", "BeforeAddBlackC"), server: fixtures.V36, want: []string{
			"error request-command.other command=callbackBeforeAddFriendCommand got=callbackBeforeAddBlackCommand"}},
		"not escaped": {body: replace(`"reqMsg":""`, `"reqMsg":"<b>"`), want: []string{
			`note request-form.escapes`}},
		"& not escaped": {body: replace(`"reqMsg":""`, `"reqMsg":"a&b"`), want: []string{
			`note request-form.escapes`}},
		"> not escaped": {body: replace(`"reqMsg":""`, `"reqMsg":"a>b"`), want: []string{
			`note request-form.escapes`}},
		"other command": {body: replace("AddFriend", "AddBlack"), want: []string{
			"error request-command.other command=callbackBeforeAddFriendCommand got=callbackBeforeAddBlackCommand"}},
		"headers": {body: good, headers: []validate.Header{{"Content-Type", "text/plain"}}, want: []string{
			"warning request-header.type value=text/plain sent=application/json; charset=utf-8",
			"warning request-header.missing header=Operationid",
			"note request-header.lacks headers=[Host User-Agent Content-Length Accept-Encoding]"}},
		"after a redirect": {body: good, headers: append(slices.Clone(sentHeaders), validate.Header{"Referer", "http://h/cb"})},
	} {
		t.Run(name, func(t *testing.T) {
			server := fixtures.DefaultRelease
			if tt.server != 0 {
				server = tt.server
			}
			findings := validate.CheckRequest(callback(t, "beforeAddFriend"), server, validate.Request{URL: tt.url, Headers: tt.headers, Body: []byte(tt.body)})
			assert.Equal(t, tt.want, saidIn(findings))
		})
	}
}

func TestRenamedCommandInARequest(t *testing.T) {
	c := callback(t, "beforeMemberJoinGroup")
	p, err := c.Payload(fixtures.PayloadOptions{Server: fixtures.V383})
	require.NoError(t, err)
	require.NoError(t, p.SetString("callbackCommand", "callbackBeforeMemberJoinGroupCommand"))
	findings := validate.CheckRequest(c, fixtures.V383, validate.Request{Body: p.Body})
	require.Len(t, findings, 1)
	assert.Equal(t, "request-command.renamed server=3.8.3 command=callbackBeforeMembersJoinGroupCommand got=callbackBeforeMemberJoinGroupCommand since=request-command.span gotSince=request-command.span", said(findings[0].Message))
}

// An old command is said first: the fields differ, too.
func TestAnOldCommand(t *testing.T) {
	for key, old := range map[string]string{"beforeMsgModify": "callbackMsgModifyCommand", "afterQuitGroup": "callbackQuitGroupCommand", "afterSingleMsgRead": "callbackSingleMsgRead"} {
		findings := validate.CheckRequest(callback(t, key), fixtures.Main, validate.Request{Method: "POST", Body: []byte(`{"callbackCommand":"` + old + `"}`)})
		require.NotEmpty(t, findings)
		assert.Contains(t, findings[0].Message.String(), "(3.7 and later), not "+old+" (until 3.6)")
	}
}

func callback(t *testing.T, key string) *fixtures.Callback {
	t.Helper()
	c, err := fixtures.Lookup(key)
	require.NoError(t, err)
	return c
}
