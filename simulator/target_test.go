package simulator_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
)

func TestTargetURL(t *testing.T) {
	const command = "callbackAfterSendSingleMsgCommand"
	key := url.Values{"key": {"eyJzZW5kSUQiOiJ1MSJ9+w=="}}
	tests := []struct {
		name  string
		base  string
		style simulator.URLStyle
		query url.Values
		want  string
	}{
		{"path", "http://h:1/cb", simulator.Path, nil, "http://h:1/cb/" + command},
		{"no path", "http://h", simulator.Path, nil, "http://h/" + command},
		{"trailing slash", "http://h/cb/", simulator.Path, nil, "http://h/cb//" + command},
		{"query swallows", "http://h/cb?token=x", simulator.Path, nil, "http://h/cb?token=x/" + command},
		{"fragment swallows", "http://h/cb#x", simulator.Path, nil, "http://h/cb#x/" + command},
		{"query style", "https://h/cb", simulator.Query, nil, "https://h/cb?command=" + command},
		{"query style as text", "http://h/cb?a=b", simulator.Query, nil, "http://h/cb?a=b?command=" + command},
		{"bare", "http://h/cb?a=b", simulator.Bare, nil, "http://h/cb?a=b"},
		{"documented", "http://h/cb", simulator.Documented, nil, "http://h/cb/" + command + "?contenttype=json"},
		{"documented, older", "http://h/cb", simulator.DocumentedQuery, nil, "http://h/cb?command=" + command + "&contenttype=json"},
		{"main's key", "http://h/cb", simulator.Path, key, "http://h/cb/" + command + "?key=eyJzZW5kSUQiOiJ1MSJ9%2Bw%3D%3D"},
		{"main's key beside a query", "http://h/cb?z=1&a=2", simulator.Path, key,
			"http://h/cb?a=2%2F" + command + "&key=eyJzZW5kSUQiOiJ1MSJ9%2Bw%3D%3D&z=1"},
		{"main's key, bare", "http://h/cb", simulator.Bare, key, "http://h/cb?key=eyJzZW5kSUQiOiJ1MSJ9%2Bw%3D%3D"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			target, err := simulator.NewTarget(tt.base, tt.style)
			require.NoError(t, err)
			assert.Equal(t, tt.want, target.URL(&fixtures.Payload{Command: command, Query: tt.query}))
		})
	}
}

func TestNewTargetErrors(t *testing.T) {
	const example = "http://127.0.0.1:10006/callbackExample"
	tests := []struct{ base, want string }{
		{"", "no URL given: write one like " + example},
		{" http://h", `URL " http://h" has space around it: remove it`},
		{"127.0.0.1:8080", `URL "127.0.0.1:8080" has no scheme: write "http://" in front of it, as in ` + example},
		{"http://", `URL "http://" has no host: write one like ` + example},
		{"localhost:8080/cb", `URL "localhost:8080/cb" has no scheme: write "http://" in front of it, as in ` + example},
		{"/cb", `URL "/cb" has no scheme: write "http://" in front of it, as in ` + example},
		{"webhook://127.0.0.1:10008/callbackExample", `URL "webhook://127.0.0.1:10008/callbackExample" has the scheme "webhook", ` +
			"the default of OpenIM 3.7 and 3.8.0, to which OpenIM itself can't send: write an http or https URL like " + example},
		{"ftp://h/", `URL "ftp://h/" has the scheme "ftp": write an http or https URL like ` + example},
		{"http:///cb", `URL "http:///cb" has no host: write one like ` + example},
		{"http://:80/cb", `URL "http://:80/cb" has no host: write one like ` + example},
		{"http://h:port/", `URL "http://h:port/": invalid port ":port" after host: write one like ` + example},
	}
	for _, tt := range tests {
		_, err := simulator.NewTarget(tt.base, simulator.Path)
		assert.EqualError(t, err, tt.want)
	}
	_, err := simulator.NewTarget("http://h", "paths")
	assert.EqualError(t, err, `unknown URL style "paths": did you mean path?`)
}

func TestURLStyles(t *testing.T) {
	for _, name := range simulator.URLStyles() {
		_, err := simulator.NewTarget("http://h", simulator.URLStyle(name))
		assert.NoError(t, err)
	}
	_, err := simulator.NewTarget("http://h", "")
	assert.Error(t, err)
}

// A recorded request goes where OpenIM would send it, if it had this target.
func TestTargetAgain(t *testing.T) {
	const command = "callbackBeforeMsgModifyCommand"
	recorded := func(at, command string) validate.Exchange {
		return validate.Exchange{Command: command, Request: validate.Request{URL: at}}
	}
	for _, tt := range []struct {
		name string
		base string
		x    validate.Exchange
		want string
	}{
		{"its command", "http://h/cb", recorded("http://old/x", command), "http://h/cb/" + command},
		{"the URL's command", "http://h/cb", recorded("http://old/x/"+command, ""), "http://h/cb/" + command},
		{"two slashes", "http://h/cb/", recorded("http://old/"+command, command), "http://h/cb//" + command},
		{"main's key", "http://h/cb", recorded("http://old/"+command+"?key=a%2Bb%3D&x=1", command), "http://h/cb/" + command + "?key=a%2Bb%3D"},
		{"a command that is no path", "http://h/cb", recorded("http://old/?key=1", "%zz"), "http://h/cb/%zz"},
		{"no URL at all", "http://h/cb", recorded("%zz", command), "http://h/cb/" + command},
	} {
		assert.Equal(t, tt.want, targetOf(t, tt.base).Again(tt.x), tt.name)
	}
}

func TestTargetWarnings(t *testing.T) {
	tests := []struct {
		base string
		want []string // the warnings' ids
	}{
		{"http://h", nil},
		{"http://h/cb", nil},
		{"http://h/cb/", []string{"base.slash"}},
		{"http://h/cb/callbackBeforeAddFriendCommand", []string{"base.command"}},
		{"http://h/callback", nil},
		{"http://h/c b/", []string{"base.space"}},
		{"http://h/cb?token=x", []string{"base.query"}},
		{"http://h/cb#x?y/", []string{"base.fragment"}},
		{"http://h/cb?a#b", []string{"base.query", "base.fragment"}},
	}
	for _, tt := range tests {
		var got []string
		for _, w := range targetOf(t, tt.base).Warnings() {
			got = append(got, w.ID())
		}
		assert.Equal(t, tt.want, got, tt.base)
	}
	bare, err := simulator.NewTarget("http://h/cb/", simulator.Bare)
	require.NoError(t, err)
	assert.Empty(t, bare.Warnings(), "nothing is appended")
}

// The pages' own request URLs: "{WEBHOOK_ADDRESS}/callbackBeforeMembersJoinGroupCommand?contenttype=json",
// and on older pages https://callbackurl with command and contenttype as
// parameters.
func TestDocumentedURLs(t *testing.T) {
	for style, want := range map[simulator.URLStyle]string{
		simulator.Documented:      "https://callbackurl/callbackBeforeMembersJoinGroupCommand?contenttype=json",
		simulator.DocumentedQuery: "https://callbackurl?command=callbackBeforeMembersJoinGroupCommand&contenttype=json",
	} {
		target, err := simulator.NewTarget("https://callbackurl", style)
		require.NoError(t, err)
		assert.Equal(t, want, target.URL(&fixtures.Payload{Command: "callbackBeforeMembersJoinGroupCommand"}))
	}
}

// The receiver takes what is sent in any style. By the documents nothing is wrong
// with it, also without the headers and the URL of OpenIM's client.
func TestReceiverTakesEveryStyle(t *testing.T) {
	c, err := fixtures.Lookup("beforeAddFriend")
	require.NoError(t, err)
	p, err := c.Payload(fixtures.PayloadOptions{})
	require.NoError(t, err)
	for _, style := range simulator.URLStyles() {
		target, err := simulator.NewTarget("http://127.0.0.1:10006/callbackExample", simulator.URLStyle(style))
		require.NoError(t, err)
		req := post(target.URL(p), string(p.Body))
		req.Header.Set("operationID", "1646445464564")
		_, a := receive(simulator.ReceiverOptions{Contract: validate.Documents}, req)
		require.NotNil(t, a, style)
		require.NotNil(t, a.Callback, style)
		assert.Equal(t, c.Key, a.Callback.Key, style)
		assert.Zero(t, a.Note, style)
		assert.Empty(t, a.Differs, style)
	}
}

// The documents want the header operationID, and a body for the callback of the
// URL.
func TestReceiverByTheDocuments(t *testing.T) {
	_, a := receive(simulator.ReceiverOptions{Contract: validate.Documents}, post("/callbackBeforeAddFriendCommand?contenttype=json", `{"callbackCommand":"callbackBeforeAddBlackCommand"}`))
	require.NotNil(t, a)
	var rules []string
	for _, f := range a.Differs {
		rules = append(rules, f.Rule)
	}
	assert.Equal(t, []string{"request-command", "request-header"}, rules)
}
