package play

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/suite"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

// runsOf plays a scenario for each value of its first request, and returns the
// requests of each run; those are by the callback's key.
func runsOf(t *testing.T, name string, server fixtures.Release) (runs []map[string]gjson.Result) {
	t.Helper()
	s, err := suite.LoadScenario(name)
	require.NoError(t, err)
	s.Cover = validate.CoverEach
	c := coveringOf(t, validate.Options{Server: validate.On(server)}, always)
	for job := range c.Suite(s, suite.Filter{}) {
		for _, r := range job(t.Context()) {
			assert.Empty(t, r.Findings, r.Case)
		}
	}
	for _, body := range c.bodies() {
		callback := lookup(t, body.Get("callbackCommand").Str)
		if callback.Key == s.Cases[0].Steps[0].Callback.Key {
			runs = append(runs, make(map[string]gjson.Result))
		}
		runs[len(runs)-1][callback.Key] = body
	}
	return runs
}

// What a request of a run says of the group is what the others say of it.
func TestAGroupIsTheSameInAllSteps(t *testing.T) {
	plain := regexp.MustCompile(`(^|[^_\d])\d{10}([^\d]|$)`)
	names, sizes, letters := map[string]bool{}, map[int64]bool{}, 0
	runs := runsOf(t, "create-group", fixtures.Main)
	for _, run := range runs {
		asked, joining, created := run["beforeCreateGroup"], run["beforeMemberJoinGroup"], run["afterCreateGroup"]
		names[asked.Get("groupName").Str], sizes[created.Get("memberCount").Int()] = true, true
		for _, field := range []string{"groupName", "notification", "introduction", "faceURL", "ex", "needVerification", "lookMemberInfo", "applyMemberFriend"} {
			assert.Equal(t, asked.Get(field).Raw, created.Get(field).Raw, field)
		}
		assert.Equal(t, asked.Get("ex").Raw, joining.Get("groupEx").Raw)
		assert.Equal(t, asked.Get("initMemberList.#.userID").Raw, joining.Get("memberList.#.userID").Raw)
		assert.Equal(t, asked.Get("initMemberList.#").Int(), created.Get("memberCount").Int())
		id := created.Get("groupID").Str
		if chosen := asked.Get("groupID").Str; chosen != "" {
			assert.Equal(t, chosen, id)
		}
		assert.Equal(t, id, joining.Get("groupID").Str)
		assert.Equal(t, id, run["beforeGroupOnlinePush"].Get("groupID").Str)
		assert.Equal(t, id, run["afterCreateGroupChatConversations"].Get("groupId").Str)
		if strings.Contains(asked.Raw, `"id_`) {
			letters++
			assert.False(t, plain.MatchString(joining.Get("memberList").Raw+created.Get("initMemberList").Raw+created.Get("ownerUserID").Raw), "ids of another run")
		}
	}
	assert.Greater(t, len(names), 3)
	assert.True(t, sizes[1000], "%v", sizes)
	assert.Positive(t, letters)
}

func TestAMessageIsTheSameInAllSteps(t *testing.T) {
	contents := map[string]bool{}
	for _, run := range runsOf(t, "send-message", fixtures.Main) {
		first := run["beforeSendSingleMsg"]
		contents[first.Get("content").Str] = true
		for key, body := range run {
			for _, field := range []string{"content", "clientMsgID", "sendID", "senderNickname", "createTime"} {
				if value := body.Get(field); value.Exists() {
					assert.Equal(t, first.Get(field).Raw, value.Raw, "%s of %s", field, key)
				}
			}
		}
	}
	assert.GreaterOrEqual(t, len(contents), 3)
}

// An operation that is refused has no more steps.
func TestARefusedOperationEnds(t *testing.T) {
	s, err := suite.LoadScenario("set-user-info")
	require.NoError(t, err)
	s.Cover = validate.CoverEach
	c := coveringOf(t, validate.Options{}, func(w http.ResponseWriter, r request) {
		if r.fields["nickName"] == "" {
			_, _ = w.Write(fixtures.RefuseReply(5002, "choose a name", ""))
			return
		}
		allow(w)
	})
	var results []validate.Result
	for job := range c.Suite(s, suite.Filter{}) {
		results = append(results, job(t.Context())...)
	}
	require.Equal(t, validate.Refuse, results[len(results)-1].Outcome)
	assert.Equal(t, "set-user-info: a user changes the profile > 1 beforeUpdateUserInfo nickName=empty", results[len(results)-1].Case)
	at := slices.IndexFunc(c.bodies(), func(b gjson.Result) bool { return b.Get("nickName").Raw == `""` })
	require.Positive(t, at)
	assert.Equal(t, "callbackBeforeUpdateUserInfoCommand", c.bodies()[at+1].Get("callbackCommand").Str, "the next run")
}
