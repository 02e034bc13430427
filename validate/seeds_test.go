package validate_test

import (
	"testing"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// documented judges the example that a callback's document page gives.
func documented(t *testing.T, key string, contract validate.Contract) validate.Verdict {
	t.Helper()
	callback, err := fixtures.Lookup(key)
	require.NoError(t, err)
	page := callback.Page()
	require.NotNil(t, page)
	x := validate.Exchange{Request: validate.Request{Body: page.Request}, Reply: body(string(page.Reply))}
	v := validate.NewJudge(callback, validate.Options{Contract: contract}).Judge(&x)
	for _, f := range v.Findings {
		assertFinding(t, f)
	}
	return v
}

// The page on updateUserInfo quotes nextCode.
func TestDocumentedQuotedNextCode(t *testing.T) {
	v := documented(t, "beforeUpdateUserInfo", validate.Both)
	assert.Equal(t, "error type-mismatch", found(v))
	assert.Equal(t, validate.Fail, v.Outcome)
	assert.Equal(t, 90007, v.Client.ErrCode)
	f := v.Findings[0]
	assert.Equal(t, validate.Running, f.Contract, "the page itself has it so")
	assert.Equal(t, "/nextCode", f.Place.Pointer)
	assert.Equal(t, `type-mismatch field=nextCode value="0" type=type.number effect=consequence.blocked`, said(f.Message))
	assert.Equal(t, "type-mismatch.hint-bare field=nextCode number=0", said(f.Hint))

	alone := documented(t, "beforeUpdateUserInfo", validate.Documents)
	assert.Empty(t, alone.Findings)
	assert.Equal(t, validate.Fail, alone.Outcome, "the verdict is still the server's")
}

// The page on friend responses has nextCode 1 under the heading Allow.
func TestDocumentedAllowThatRefuses(t *testing.T) {
	v := documented(t, "beforeReplyFriendResp", validate.Both)
	assert.Equal(t, "error errcode-missing", found(v))
	assert.Equal(t, validate.Refuse, v.Outcome)
	assert.Equal(t, 500, v.Client.ErrCode)
	assert.Equal(t, "errcode-missing.hint", said(v.Findings[0].Hint))
	assert.Equal(t, []string{"warning errcode-missing.contradicts"}, saidIn(documented(t, "beforeReplyFriendResp", validate.Documents).Findings))
}

// The page on joining members answers for a user who does not join, twice.
func TestDocumentedMembers(t *testing.T) {
	v := documented(t, "beforeMemberJoinGroup", validate.Both)
	assert.Equal(t, "warning member-unknown", found(v))
	assert.Equal(t, validate.Proceed, v.Outcome)
	assert.Equal(t, "/memberCallbackList/0/userID", v.Findings[0].Place.Pointer)
	assert.Equal(t, "member-unknown user=3034068043 more=1", said(v.Findings[0].Message))
	assert.Equal(t, []string{"/memberCallbackList/0", "/memberCallbackList/1"}, v.Ignored)
	assert.Empty(t, v.Applied)
	assert.Empty(t, documented(t, "beforeMemberJoinGroup", validate.Documents).Findings)
}

// The pages, sentence by sentence: what each has of a reply, kept and broken,
// under the documents alone. What they have of the URL and the request stands in
// simulator's TestDocumentedURLs and play's TestCommandMismatchByContract.
func TestSentencesOfThePages(t *testing.T) {
	const user, friend, members = "beforeUpdateUserInfo", "beforeReplyFriendResp", "beforeMemberJoinGroup"
	all := []string{user, friend, members}
	for _, tt := range []struct {
		sentence  string
		callbacks []string
		reply     string
		want      string
	}{
		{"actionCode 0 means the operation was successful", all,
			`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0}`, ""},
		{"actionCode says whether the callback was executed correctly: any other value is a failure, which has an errCode", all,
			`{"actionCode":1,"errCode":5001,"errMsg":"no","errDlt":"d","nextCode":0}`, "note actioncode-value"},
		{"errCode is set when actionCode is not 0", all,
			`{"actionCode":1,"errCode":0,"errMsg":"","errDlt":"","nextCode":0}`, "error actioncode-value"},
		{"errCode is a custom one, from 5000 on", all,
			`{"actionCode":0,"errCode":5000,"errMsg":"no","errDlt":"d","nextCode":1}`, ""},
		{"errCode is a custom one, up to 9999", all,
			`{"actionCode":0,"errCode":9999,"errMsg":"no","errDlt":"d","nextCode":1}`, ""},
		{"errCode ranges between 5000 and 9999: not below", all,
			`{"actionCode":0,"errCode":4999,"errMsg":"no","errDlt":"d","nextCode":1}`, "error errcode-range"},
		{"errCode ranges between 5000 and 9999: not above", all,
			`{"actionCode":0,"errCode":10000,"errMsg":"no","errDlt":"d","nextCode":1}`, "error errcode-range"},
		{"errCode ranges so also when actionCode is not 0", all,
			`{"actionCode":1,"errCode":10000,"errMsg":"no","errDlt":"d","nextCode":0}`, "error errcode-range, note actioncode-value"},
		{"errCode is set when nextCode is 1", []string{user, members},
			`{"actionCode":0,"errCode":0,"errMsg":"no","errDlt":"d","nextCode":1}`, "error errcode-missing"},
		{"errCode 0 means to ignore the callback result", []string{friend},
			`{"actionCode":0,"errCode":0,"errMsg":"no","errDlt":"d","nextCode":1}`, "warning errcode-missing"},
		{"errCode is not set otherwise", []string{friend, members},
			`{"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"d","nextCode":0}`, "error refusal-ineffective"},
		{"errCode is set when nextCode is not 1: a slip of one page", []string{user},
			`{"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"d","nextCode":0}`, "warning refusal-ineffective"},
		{"errCode is not set on a success", all,
			`{"actionCode":0,"errCode":200,"errMsg":"Success","errDlt":"","nextCode":0}`, "error errcode-on-allow"},
		{"errMsg is the message of the custom error code", all,
			`{"actionCode":0,"errCode":5001,"errMsg":"","errDlt":"d","nextCode":1}`, "warning errmsg-missing"},
		{"errMsg is there", all,
			`{"actionCode":0,"errCode":0,"errDlt":"","nextCode":0}`, "error missing-field"},
		{"errDlt is the detail of the custom error code", all,
			`{"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":1}`, "warning missing-field"},
		{"errDlt is there", all,
			`{"actionCode":0,"errCode":5001,"errMsg":"no","nextCode":1}`, "error missing-field"},
		{"nextCode 1 means to refuse", all,
			`{"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"d","nextCode":1}`, ""},
		{"nextCode is set when actionCode is 0", all,
			`{"actionCode":1,"errCode":5001,"errMsg":"no","errDlt":"d","nextCode":1}`, "error refusal-ineffective"},
		{"nextCode has no other value", all,
			`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":2}`, "error nextcode-value"},
		{"nextCode is quoted in the example of one page", []string{user},
			`{"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"d","nextCode":"1"}`, ""},
		{"nextCode is a number on the others", []string{friend, members},
			`{"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"d","nextCode":"1"}`, "error type-mismatch"},
		{"nickName, faceURL and ex are strings", []string{user},
			`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,"nickName":"n","faceURL":"","ex":"e"}`, ""},
		{"nickName is a string", []string{user},
			`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,"nickName":1}`, "error field-type"},
		{"there are no other fields", []string{friend},
			`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,"toUserID":"u"}`, "note unknown-field"},
		{"memberCallbackList is an array", []string{members},
			`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,"memberCallbackList":{}}`, "error field-type"},
		{"memberCallbackList.userID is a string", []string{members},
			`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,"memberCallbackList":[{"userID":1}]}`, "error field-type"},
		{"memberCallbackList.roleLevel is an int32", []string{members},
			`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,"memberCallbackList":[{"userID":"1","roleLevel":2147483648}]}`, "error int-range"},
		{"memberCallbackList.muteEndTime is an int64", []string{members},
			`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,"memberCallbackList":[{"userID":"1","muteEndTime":9007199254740993}]}`, ""},
	} {
		for _, callback := range tt.callbacks {
			assert.Equal(t, tt.want, found(underContract(t, callback, tt.reply, validate.Documents, "main")), "%s: %s", callback, tt.sentence)
		}
	}
}

// "The business server must respond to this request within the timeout period."
func TestDocumentsWantAReplyInTime(t *testing.T) {
	c, err := fixtures.Lookup("beforeUpdateUserInfo")
	require.NoError(t, err)
	judge := validate.NewJudge(c, validate.Options{Contract: validate.Documents, Timeout: time.Second})
	late := validate.Exchange{Reply: validate.Reply{Status: 200, Body: []byte(fixtures.PlainAllow), Elapsed: time.Second + 1}}
	assert.Equal(t, "error timeout", found(judge.Judge(&late)))
	late.Reply.Elapsed = time.Second
	assert.Empty(t, judge.Judge(&late).Findings)
	for _, failure := range []validate.Failure{validate.ConnectionRefused, validate.Reset, validate.Truncated, validate.TLS} {
		none := validate.Exchange{Reply: validate.Reply{Failure: failure}}
		assert.Len(t, judge.Judge(&none).Findings, 1, failure)
	}
}
