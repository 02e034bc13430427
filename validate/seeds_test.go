package validate_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// documented judges the example that a callback's document page gives.
func documented(t *testing.T, key string) validate.Verdict {
	t.Helper()
	data, err := os.ReadFile("testdata/documents/" + key + ".json")
	require.NoError(t, err)
	var page struct{ Request, Reply json.RawMessage }
	require.NoError(t, json.Unmarshal(data, &page))
	callback, err := fixtures.Lookup(key)
	require.NoError(t, err)
	x := validate.Exchange{Request: validate.Request{Body: page.Request}, Reply: validate.Reply{Status: 200, Body: page.Reply}}
	v := validate.NewJudge(callback, validate.Options{Server: validate.On(fixtures.DefaultRelease)}).Judge(&x)
	for _, f := range v.Findings {
		assertFinding(t, f)
	}
	return v
}

// The page on updateUserInfo quotes nextCode.
func TestDocumentedQuotedNextCode(t *testing.T) {
	v := documented(t, "beforeUpdateUserInfo")
	assert.Equal(t, "error type-mismatch", found(v))
	assert.Equal(t, validate.Fail, v.Outcome)
	assert.Equal(t, 90007, v.Client.ErrCode)
	f := v.Findings[0]
	assert.Equal(t, "/nextCode", f.Place.Pointer)
	assert.Equal(t, `type-mismatch field=nextCode value="0" type=type.number effect=consequence.blocked`, said(f.Message))
	assert.Equal(t, "type-mismatch.hint-bare field=nextCode number=0", said(f.Hint))
}

// The page on friend responses has nextCode 1 under the heading Allow.
func TestDocumentedAllowThatRefuses(t *testing.T) {
	v := documented(t, "beforeReplyFriendResp")
	assert.Equal(t, "error errcode-missing", found(v))
	assert.Equal(t, validate.Refuse, v.Outcome)
	assert.Equal(t, 500, v.Client.ErrCode)
	assert.Equal(t, "errcode-missing.hint", said(v.Findings[0].Hint))
}

// The page on joining members answers for a user who does not join, twice.
func TestDocumentedMembers(t *testing.T) {
	v := documented(t, "beforeMemberJoinGroup")
	assert.Equal(t, "warning member-unknown, warning value-range", found(v))
	assert.Equal(t, validate.Proceed, v.Outcome)
	assert.Equal(t, "/memberCallbackList/0/userID", v.Findings[0].Place.Pointer)
	assert.Equal(t, "member-unknown user=3034068043 more=1", said(v.Findings[0].Message))
	assert.Equal(t, "/memberCallbackList/1/roleLevel", v.Findings[1].Place.Pointer)
	assert.Equal(t, []string{"/memberCallbackList/0", "/memberCallbackList/1"}, v.Ignored)
	assert.Empty(t, v.Applied)
}
