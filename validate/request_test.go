package validate_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
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

// So has what imcb sends, for every callback, version and content type.
func TestPayloadsAreClean(t *testing.T) {
	for _, c := range fixtures.All() {
		contentTypes := []string{""}
		if c.IsMessage() {
			contentTypes = fixtures.ContentTypeNames()
		}
		for _, server := range fixtures.Releases() {
			for _, contentType := range contentTypes {
				p, err := c.Payload(fixtures.PayloadOptions{Server: server, ContentType: contentType})
				require.NoError(t, err)
				url := "http://h/cb/" + p.Command
				if p.Query != nil {
					url += "?" + p.Query.Encode()
				}
				var want []validate.Finding
				if c.DocumentedOnly() {
					want = []validate.Finding{documentedOnly(c)}
				}
				assert.Equal(t, want, validate.CheckRequest(c, p.Server, validate.Request{URL: url, Headers: sentHeaders, Body: p.Body}), "%s %s %s", c.Key, server, contentType)
			}
		}
	}
}

// documentedOnly is the finding of callbacks that no server sends.
func documentedOnly(c *fixtures.Callback) validate.Finding {
	f := validate.Finding{
		Rule: "request-command", Severity: validate.Warning, Message: words.Plain("no OpenIM sends " + c.Command(fixtures.Main) + ": only documents name it"),
		Hint: words.Plain("leave it out"), Source: "open-im-server: request types of each version; captured from running servers",
	}
	if c.Instead != "" {
		f.Hint = words.Plain("OpenIM sends " + c.Instead + " instead")
	}
	return f
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
		"not JSON":         {body: "fromUserID=u1", want: []string{"error: the body is not a JSON object [request-not-json]"}},
		"a list":           {body: "[]", want: []string{"error: the body is not a JSON object [request-not-json]"}},
		"a field missing":  {body: replace(`"toUserID":"u2",`, ""), want: []string{"error: toUserID is missing: OpenIM always sends it [request-field]"}},
		"a field too many": {body: replace(`"ex"`, `"age":3,"ex"`), want: []string{`warning: OpenIM has no field "age" here [request-field]`}},
		"misspelt": {body: replace("toUserID", "to_user_id"), want: []string{
			"error: toUserID is missing: OpenIM always sends it [request-field]", `warning: OpenIM has no field "to_user_id" here [request-field]`}},
		"wrong type": {body: replace(`"u1"`, `1`), want: []string{"error: fromUserID is 1, but OpenIM sends a string [request-field]"}},
		"null":       {body: replace(`"u1"`, `null`), want: []string{"error: fromUserID is null, which OpenIM never sends [request-field]"}},
		"order": {body: replace(`"fromUserID":"u1","toUserID":"u2"`, `"toUserID":"u2","fromUserID":"u1"`), want: []string{
			"note: the fields are in another order than OpenIM's [request-form]"}},
		"no newline": {body: strings.TrimSpace(good), want: []string{
			"note: the body ends otherwise than OpenIM's: from 3.7 on with one newline, before without [request-form]"}},
		"newline in 3.6": {body: good, server: fixtures.V36, want: []string{
			"note: the body ends otherwise than OpenIM's: from 3.7 on with one newline, before without [request-form]"}},
		"not escaped": {body: replace(`"reqMsg":""`, `"reqMsg":"<b>"`), want: []string{
			`note: the body has <, > or &, which OpenIM writes as \u003c, \u003e and \u0026 [request-form]`}},
		"other command": {body: replace("AddFriend", "AddBlack"), want: []string{
			"error: callbackCommand is callbackBeforeAddBlackCommand, but the request is for callbackBeforeAddFriendCommand [request-command]"}},
		"headers": {body: good, headers: []validate.Header{{"Content-Type", "text/plain"}}, want: []string{
			"warning: Content-Type is text/plain, but OpenIM sends application/json; charset=utf-8 [request-header]",
			"warning: the header Operationid is missing: OpenIM always sends it [request-header]",
			"note: OpenIM's client also sends Host, User-Agent, Content-Length and Accept-Encoding [request-header]"}},
	} {
		t.Run(name, func(t *testing.T) {
			server := fixtures.DefaultRelease
			if tt.server != 0 {
				server = tt.server
			}
			var got []string
			for _, f := range validate.CheckRequest(callback(t, "beforeAddFriend"), server, validate.Request{URL: tt.url, Headers: tt.headers, Body: []byte(tt.body)}) {
				got = append(got, f.String())
			}
			assert.Equal(t, tt.want, got)
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
	assert.Equal(t, "OpenIM 3.8.3 calls it callbackBeforeMembersJoinGroupCommand (3.8.0 and later), not callbackBeforeMemberJoinGroupCommand (until 3.7)", findings[0].Message.String())
}

func callback(t *testing.T, key string) *fixtures.Callback {
	t.Helper()
	c, err := fixtures.Lookup(key)
	require.NoError(t, err)
	return c
}
