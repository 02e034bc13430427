package validate_test

import (
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNotices(t *testing.T) {
	refusal, page := body(`{"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":1}`), body("<html>")
	none, timeout := body(`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":1}`), validate.Reply{Failure: validate.Timeout}
	for _, tt := range []struct {
		name, key, message string
		release            fixtures.Release
		reply              validate.Reply
		outcome            validate.Outcome
		notice             string
		errCode            int
		found              string
	}{
		{"refused", "beforeSendGroupMsg", "revoke", fixtures.V383, refusal, validate.Refuse, "revoke", 0, "warning notice-lost"},
		{"refused, without a code", "beforeSendGroupMsg", "1514", fixtures.V383Patch16, none, validate.Refuse, "group-muted", 0, "warning notice-lost, warning errcode-missing"},
		{"no reply", "beforeSendGroupMsg", "member-kicked", fixtures.V383Patch16, timeout, validate.Fail, "member-kicked", 0, "error timeout"},
		{"a page", "beforeSendGroupMsg", "group-created", fixtures.V37, page, validate.Fail, "group-created", 0, "error not-json"},
		{"allowed", "beforeSendGroupMsg", "revoke", fixtures.V383, body(fixtures.PlainAllow), validate.Proceed, "", 0, ""},
		{"a user's message", "beforeSendGroupMsg", "picture", fixtures.V383, refusal, validate.Refuse, "", 5001, ""},
		{"to a user", "beforeSendSingleMsg", "friend-application", fixtures.V381, refusal, validate.Refuse, "friend-application", 0, "warning notice-lost"},
		{"whose caller is told", "beforeSendSingleMsg", "business", fixtures.V381, refusal, validate.Refuse, "business", 5001, "warning notice-lost"},
		{"a revocation of old", "beforeSendGroupMsg", "revoke", fixtures.V35, refusal, validate.Refuse, "revoke", 5001, "warning notice-lost"},
		{"a mute of old", "beforeSendGroupMsg", "group-muted", fixtures.V35, refusal, validate.Refuse, "group-muted", 0, "warning notice-lost"},
		{"never refused", "beforeSendGroupMsg", "revoke", fixtures.V36, refusal, validate.Proceed, "", 0, ""},
		{"pushed", "beforeGroupOnlinePush", "revoke", fixtures.V383, refusal, validate.Refuse, "", 0, "note refusal-unseen"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := noticeVerdict(t, tt.key, tt.message, tt.release, tt.reply, nil)
			assert.Equal(t, tt.outcome, v.Outcome)
			assert.Equal(t, tt.notice, v.Notice)
			assert.Equal(t, tt.errCode, v.Client.ErrCode)
			assert.Equal(t, tt.found, found(v))
		})
	}
}

func TestANoticeIsWhatOpenIMSent(t *testing.T) {
	refusal := body(`{"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":1}`)
	fromClient := func(b string) string { return strings.Replace(b, `"msgFrom":200`, `"msgFrom":100`, 1) }
	v := noticeVerdict(t, "beforeSendGroupMsg", "revoke", fixtures.V383, refusal, fromClient)
	assert.Empty(t, v.Notice, "a client may send a message of any content type")
	assert.Equal(t, 5001, v.Client.ErrCode)

	unknown := func(b string) string { return strings.Replace(b, `"contentType":2101`, `"contentType":1702`, 1) }
	assert.Equal(t, "1702", noticeVerdict(t, "beforeSendGroupMsg", "revoke", fixtures.V383, refusal, unknown).Notice)
}

func TestWhatANoticeLostSays(t *testing.T) {
	v := noticeVerdict(t, "beforeSendGroupMsg", "revoke", fixtures.V383, validate.Reply{Failure: validate.Timeout}, nil)
	assert.Equal(t, "no reply within 5s: only the notice (revoke) of the operation is lost", v.Findings[0].Message.String())
	v = noticeVerdict(t, "beforeSendSingleMsg", "business", fixtures.V381, body("no"), nil)
	assert.Contains(t, v.Findings[0].Message.String(), "the notice (business) is lost, and the caller sees errCode 90007")
}

// The longest of each: what can't be read, where, and what that does.
func TestNoticesFitTwoLines(t *testing.T) {
	replies := []validate.Reply{
		{Status: 248, Body: []byte(strings.Repeat("\n", 1234) + strings.Repeat(" ", 1234) + `{"a":` + "\x00")},
		{Status: 248, Body: []byte(`[{"actionCode":0}]`)},
		{Status: 248, Body: []byte(`{"actionCode":0,"errCode":0,"errMsg":"`)},
		{Status: 200, Body: []byte(`{"actionCode":"0","errCode":"5001","errMsg":1,"nextCode":[1]}`)},
		{Status: 200, Body: []byte(`{"actionCode":0,"errCode":99999999999999999999,"nextCode":1}`)},
	}
	for _, release := range fixtures.Releases() {
		for _, key := range []string{"beforeSendGroupMsg", "beforeSendSingleMsg"} {
			c, err := fixtures.Lookup(key)
			require.NoError(t, err)
			for _, kind := range c.MessageKinds() {
				p, err := c.Payload(fixtures.PayloadOptions{Server: release, Message: kind})
				if err != nil {
					continue // a kind that this version does not send
				}
				for _, reply := range replies {
					x := validate.Exchange{Request: validate.Request{URL: "http://h/" + p.Command, Body: p.Body}, Reply: reply}
					for _, f := range validate.NewJudge(c, validate.Options{Server: validate.On(release)}).Judge(&x).Findings {
						assertFinding(t, f)
					}
				}
			}
		}
	}
}

// noticeVerdict judges a reply to a message of the kind, its body changed.
func noticeVerdict(t *testing.T, key, message string, release fixtures.Release, reply validate.Reply, change func(string) string) validate.Verdict {
	t.Helper()
	c, err := fixtures.Lookup(key)
	require.NoError(t, err)
	p, err := c.Payload(fixtures.PayloadOptions{Server: release, Message: message})
	require.NoError(t, err)
	if change != nil {
		p.Body = []byte(change(string(p.Body)))
	}
	x := validate.Exchange{Request: validate.Request{URL: "http://h/" + p.Command, Body: p.Body}, Reply: reply}
	return validate.NewJudge(c, validate.Options{Server: validate.On(release)}).Judge(&x)
}
