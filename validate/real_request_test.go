package validate_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// realRequest is a request that a running server sent.
type realRequest struct {
	callback *fixtures.Callback
	server   fixtures.Release
	request  validate.Request
}

// as says what differs from what a version sends.
func (r *realRequest) as(server fixtures.Release) []string {
	return saidIn(validate.CheckRequest(r.callback, server, r.request))
}

// realRequests are those of the recorded journals, of testdata/real, and of
// testdata/requests, which has the kinds that are in neither.
func realRequests(t *testing.T) (all []realRequest) {
	t.Helper()
	add := func(server string, x validate.Exchange) {
		release, err := fixtures.ParseRelease(server)
		require.NoError(t, err)
		c, err := fixtures.Lookup(x.Callback)
		require.NoError(t, err)
		all = append(all, realRequest{c, release, x.Request})
	}
	for _, pattern := range []string{"testdata/requests/*.jsonl", "record/testdata/real/*.journal.jsonl"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, file := range files {
			server, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".jsonl"), ".level")
			readLines(t, file, func(line []byte) {
				var x validate.Exchange
				require.NoError(t, json.Unmarshal(line, &x))
				add(server, x)
			})
		}
	}
	eachReal(t, func(_ *testing.T, _ string, row *realRow) { add(row.Server, row.Exchange) })
	require.Greater(t, len(all), 450)
	return all
}

// What running servers sent has no findings, redirects and all.
func TestRealRequestsAreClean(t *testing.T) {
	for _, r := range realRequests(t) {
		assert.Empty(t, r.as(r.server), "%s %s", r.server, r.request.URL)
	}
}

// Main's requests are not those of 3.8.3, nor of 3.7.
func TestRealRequestsAsAnotherVersion(t *testing.T) {
	const key = "warning request-url.key-of server=3.8.3 versions=[main]"
	found := make(map[string]bool)
	for _, r := range realRequests(t) {
		if r.server != fixtures.Main {
			continue
		}
		keyed := r.callback.SendsKey(fixtures.Main)
		assert.Equal(t, keyed && r.callback.SentBy(fixtures.V383), len(r.as(fixtures.V383)) == 1 && r.as(fixtures.V383)[0] == key, r.request.URL)
		for _, finding := range r.as(fixtures.V37) {
			found[finding] = true
		}
	}
	for _, want := range []string{
		"warning request-field.unknown field=sendTime",
		"error request-field.missing field=secret",
		"warning request-command.version server=3.7 callback=afterMsgSaveDB nearest=main",
		"error request-command.renamed server=3.7 command=callbackBeforeMemberJoinGroupCommand got=callbackBeforeMembersJoinGroupCommand since=request-command.span gotSince=request-command.span",
	} {
		assert.True(t, found[want], want)
	}
}

// A redirect leads OpenIM's client anywhere: with a GET without the body, or
// with the POST.
func TestRequestsAfterARedirect(t *testing.T) {
	c := callback(t, "beforeAddFriend")
	body := []byte(`{"callbackCommand":"callbackBeforeAddFriendCommand","fromUserID":"u1","toUserID":"u2","reqMsg":"","ex":""}` + "\n")
	referred := append(sentHeaders, validate.Header{"Referer", "http://h/callbackBeforeAddFriendCommand"})
	for name, tt := range map[string]struct {
		request validate.Request
		want    []string
	}{
		"the body is lost":       {request: validate.Request{Method: "GET", URL: "http://h/login", Headers: referred[4:]}},
		"the body is kept":       {request: validate.Request{Method: "POST", URL: "http://h/login?a=b", Headers: referred, Body: body}},
		"the body is another":    {validate.Request{Method: "POST", URL: "http://h/", Headers: referred, Body: body[1:]}, []string{"error request-not-json"}},
		"no redirect led to it":  {validate.Request{Method: "GET", URL: "http://h/callbackBeforeAddFriendCommand", Headers: sentHeaders}, []string{"warning request-method"}},
		"neither is it known":    {validate.Request{Method: "PUT"}, []string{"warning request-method"}},
		"a body that is unknown": {request: validate.Request{Method: "POST", URL: "http://h/callbackBeforeAddFriendCommand", Headers: sentHeaders}},
	} {
		assert.Equal(t, tt.want, saidIn(validate.CheckRequest(c, fixtures.DefaultRelease, tt.request)), name)
	}
}
