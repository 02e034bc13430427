package report_test

import (
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/report"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// textOf is the text report of all callbacks that get the reply.
func textOf(t *testing.T, o report.Options, replyTo func(int) validate.Reply) string {
	t.Helper()
	var out strings.Builder
	r, err := report.New("text", &out, o)
	require.NoError(t, err)
	require.NoError(t, r.Begin(report.Run{FailOn: validate.Error, Servers: []validate.Server{validate.Server{}.OrDefault()}, Target: "http://h/cb"}))
	var sum validate.Summary
	for i, c := range fixtures.SentBy(fixtures.DefaultRelease) {
		p, err := c.Payload(fixtures.PayloadOptions{Seed: new(uint64)})
		require.NoError(t, err)
		x := validate.Exchange{Callback: c.Key, Command: p.Command, Request: validate.Request{Method: "POST", URL: "http://h/cb/" + p.Command, Body: p.Body}, Reply: replyTo(i)}
		result := validate.Result{Verdict: validate.NewJudge(c, validate.Options{}).Judge(&x), Exchange: x}
		sum.Add(result)
		require.NoError(t, r.Report(result))
	}
	require.NoError(t, r.End(report.Summary{Summary: sum}))
	return out.String()
}

func TestOneCauseIsToldOnce(t *testing.T) {
	for name, tt := range map[string]struct {
		reply validate.Reply
		most  int // lines
		last  string
	}{
		"nothing listens": {validate.Reply{Failure: validate.ConnectionRefused}, 5, "46 callbacks not sent"},
		"a page":          {validate.Reply{Status: 200, Body: []byte("<html>")}, 30, "46 callbacks: 46 errors"},
		"another form":    {validate.Reply{Status: 200, Body: []byte(`{"code":0,"data":{"errCode":"0"},"message":null}`)}, 50, "46 callbacks: 2 errors, 46 warnings"},
		"a timeout":       {validate.Reply{Failure: validate.Timeout}, 30, "46 callbacks: 46 errors"},
	} {
		t.Run(name, func(t *testing.T) {
			text := textOf(t, report.Options{}, func(int) validate.Reply { return tt.reply })
			lines := strings.Split(strings.TrimSpace(text), "\n")
			assert.LessOrEqual(t, len(lines), tt.most, text)
			assert.Equal(t, tt.last, lines[len(lines)-1], text)
			assert.Contains(t, text, "share this: beforeUpdateUserInfo, ")
			verbose := textOf(t, report.Options{Verbose: true}, func(int) validate.Reply { return tt.reply })
			assert.NotContains(t, verbose, "share this", "-v shows each")
		})
	}
}

// What no other result has stands with its own, and a line for each is at the end.
func TestWhatIsNotSharedStaysWithItsResult(t *testing.T) {
	text := textOf(t, report.Options{Quiet: true}, func(i int) validate.Reply {
		return validate.Reply{Status: 200, Body: []byte(strings.Repeat(" ", i) + "<")} // each breaks at a place of its own
	})
	assert.NotContains(t, text, "✓")
	assert.Contains(t, text, "\n\n✗ ", "the recap")
	assert.Equal(t, 1, strings.Count(text, "-v shows for each"), text)
}

// What several callbacks share names the value that makes the difference, and a
// line that shows it.
func TestASharedCauseCanBeShownAgain(t *testing.T) {
	var out strings.Builder
	r, err := report.New("text", &out, report.Options{})
	require.NoError(t, err)
	require.NoError(t, r.Begin(report.Run{FailOn: validate.Error, Servers: []validate.Server{validate.Server{}.OrDefault()}, Target: "http://h/cb"}))
	for _, key := range []string{"beforeUpdateUserInfo", "beforeUpdateUserInfoEx", "beforeSetGroupMemberInfo"} {
		c, err := fixtures.Lookup(key)
		require.NoError(t, err)
		k, err := c.Case(fixtures.DefaultRelease, "nickName=empty")
		require.NoError(t, err)
		p, err := k.Payload(fixtures.PayloadOptions{Seed: new(uint64)})
		require.NoError(t, err)
		x := validate.Exchange{Callback: key, Command: p.Command, Request: validate.Request{URL: "http://h/cb/" + p.Command, Body: p.Body}, Reply: validate.Reply{Status: 500, Body: []byte("<html>")}}
		require.NoError(t, r.Report(validate.Result{
			Verdict: validate.NewJudge(c, validate.Options{}).Judge(&x), Exchange: x, Case: key + " nickName=empty",
			Cover: &validate.Cover{Differs: k.Differs, Args: []string{"--case", "nickName=empty"}},
		}))
	}
	require.NoError(t, r.End(report.Summary{}))
	assert.Contains(t, out.String(), "✗ 3 share this: beforeUpdateUserInfo nickName=empty, ")
	assert.Contains(t, out.String(), "    when     nickName is empty\n")
	assert.Contains(t, out.String(), "    again    imcb send beforeUpdateUserInfo --case nickName=empty --url http://h/cb\n")
}
