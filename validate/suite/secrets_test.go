package suite_test

import (
	"encoding/json"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/suite"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const secretive = `
url: ${HOME_URL:-http://127.0.0.1}/${SECRET}
vars: {password: "${SECRET}", token: "x-${TOKEN}", short: "${SHORT}", default: "${NONE:-plain text}"}
headers: {Authorization: "Bearer ${SECRET}"}
cases:
- send: beforeAddFriend
  set: {reqMsg: "${password} ${token} ${short} ${default}"}
`

func TestRedact(t *testing.T) {
	s := parse(t, secretive)
	assert.Equal(t, "a *** b", s.Redact("a hunter2! b"))
	assert.Equal(t, `***, "***"`, s.Redact(`to"k<en, "to\"k<en"`), "also within JSON")
	assert.Equal(t, `*** ***`, s.Redact(`to\"k\u003cen to\\\"k\\u003cen`), "also escaped twice")
	assert.Equal(t, "?a=***", s.Redact("?a=to%22k%3Cen"), "also in a query")
	assert.Equal(t, "abc plain text", s.Redact("abc plain text"), "neither short values nor defaults")
}

func TestRedactResultReachesEveryText(t *testing.T) {
	s := parse(t, secretive)
	for run := range s.Plan(suite.Filter{}) {
		captured := run.Captures()
		p, headers, err := run.Steps[0].Payload(fixtures.PayloadOptions{}, captured)
		require.NoError(t, err)
		assert.Contains(t, string(p.Body), "hunter2!", "it is sent")
		r := run.Result(run.Steps[0], validate.On(fixtures.Main))
		r.Exchange = validate.Exchange{
			Request: validate.Request{URL: s.URL, Headers: headers, Body: p.Body},
			Reply: validate.Reply{
				Status: 200, Body: p.Body, Headers: headers, Detail: "hunter2!",
				Redirects: []validate.Redirect{{Location: "/hunter2!"}},
			},
		}
		r.Skipped = "hunter2!"
		r.Client = validate.Client{ErrMsg: "hunter2!", ErrDlt: "hunter2!"}
		r.Findings = []validate.Finding{{Got: "hunter2!", Want: words.Plain("hunter2!"), Message: words.Plain("hunter2!"), Hint: words.Plain("hunter2!")}}
		r.Changes = []validate.Change{{Before: `"hunter2!"`, After: `"hunter2!"`}}
		before, err := json.Marshal(r)
		require.NoError(t, err)
		redacted, err := json.Marshal(s.RedactResult(r))
		require.NoError(t, err)
		assert.NotContains(t, string(redacted), "hunter2")
		assert.NotContains(t, string(redacted), "k\\\\u003cen")
		after, err := json.Marshal(r)
		require.NoError(t, err)
		assert.JSONEq(t, string(before), string(after), "the result itself stays")
	}
}

func TestSettingsAreNoSecrets(t *testing.T) {
	env := func(name string) string {
		return map[string]string{"URL": "http://127.0.0.1:8080/cb", "SERVER": "3.8.3", "SEED": "1234567", "TIME": "1500ms", "RANGE": "5000-6000"}[name]
	}
	s, err := suite.Parse("s", []byte("url: ${URL}\nserver: ${SERVER}\nseed: ${SEED}\ntimeout: ${TIME}\nerrcodeRange: ${RANGE}\ncases: [{send: beforeAddFriend}]"), env, nil)
	require.NoError(t, err)
	assert.Equal(t, "http://127.0.0.1:8080/cb", s.URL)
	assert.Equal(t, uint64(1234567), *s.Seed)
	assert.Equal(t, "http://127.0.0.1:8080/cb 3.8.3 1234567", s.Redact("http://127.0.0.1:8080/cb 3.8.3 1234567"))
	r := validate.Result{Case: "x"}
	assert.Equal(t, r, s.RedactResult(r))
}

func TestErrorsOfASuiteKeepSecrets(t *testing.T) {
	s := parse(t, "vars: {p: '${SECRET}'}\ncases: [{send: beforeAddFriend, set: {'x': '${p}'}}, {send: beforeSendSingleMsg, set: {seq: '${p}'}}]")
	err := s.Verify(fixtures.PayloadOptions{})
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "hunter2")
	assert.Contains(t, err.Error(), `"***" is not JSON`)
}
