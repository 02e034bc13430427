package suite_test

import (
	"fmt"
	"net/http"
	"path"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/suite"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

// changing is a receiver that answers with changes wherever a reply can have
// some: those of the table, or the catalog's example of such a reply.
func changing(server fixtures.Release, changes map[string]string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		callback, _ := fixtures.Lookup(path.Base(r.URL.Path))
		reply := callback.ModifyReply(server)
		if own := changes[callback.Key]; own != "" {
			reply = []byte(strings.TrimSuffix(fixtures.PlainAllow, "}") + "," + own + "}")
		}
		if reply == nil {
			reply = []byte(fixtures.PlainAllow)
		}
		_, _ = w.Write(reply)
	})
}

// TestAnswersShapeTheNextRequests has each request of some scenarios behind a
// receiver that changes what it can: what a server carries on is in those that
// follow.
func TestAnswersShapeTheNextRequests(t *testing.T) {
	const info = `"groupID":"3846201957","groupName":"Monday Hikers","introduction":"Rain or shine","faceURL":"https://cdn.example.com/new.png","ex":"{}","needVerification":2,"lookMemberInfo":0,"applyMemberFriend":0`
	changes := map[string]string{
		"beforeCreateGroup":  `"groupID":"hikers-2026","groupName":"","introduction":"Be kind.","ex":"{}","ownerUserID":"8127540396","needVerification":2`,
		"beforeSetGroupInfo": info, "beforeSetGroupInfoEx": info,
		"beforeUpdateUserInfo": `"nickName":"Alice B.","ex":"{}"`, "beforeUserRegister": `"users":[{"userID":"4930183725","nickname":"A."}]`,
	}
	var b strings.Builder
	for _, server := range []fixtures.Release{fixtures.DefaultRelease, fixtures.Main} {
		for _, name := range []string{"register-user", "set-user-info", "set-friend-remark", "import-friends", "create-group", "invite-to-group", "set-group-info", "set-group-info-ex", "set-member-info", "send-message", "send-group-message"} {
			s, err := suite.LoadScenario(name)
			require.NoError(t, err)
			s.Seed = new(uint64(1))
			fmt.Fprintf(&b, "# %s, OpenIM %s\n", name, server)
			for _, r := range playWith(t, s, server, changing(server, changes)) {
				fmt.Fprintf(&b, "%s\n    %s\n", r.Callback.Key, withoutLong(r))
			}
		}
	}
	golden(t, "testdata/carried.golden", b.String())
}

// withoutLong is a request's body; of a notification's only the group.
func withoutLong(r validate.Result) string {
	body := strings.TrimSpace(string(r.Exchange.Request.Body))
	if at := strings.Index(body, `"content":"{\"group`); at >= 0 {
		return body[:at] + "…"
	}
	return body
}

func TestFrom(t *testing.T) {
	tests := map[string]struct{ first, second, reply, path, want string }{
		"an edit":                     {"set: {groupName: A}", "from: 1", "", "groupName", `"A"`},
		"what the reply changes":      {"", "from: 1", `"groupName":"B"`, "groupName", `"B"`},
		"an empty value":              {"", "from: 1", `"groupName":""`, "groupName", `""`},
		"what the server ignores":     {"", "from: 1", `"applyMemberFriend":1`, "applyMemberFriend", "0"},
		"what is left out":            {"unset: [ex]", "from: 1", "", "ex", ""},
		"what is no field there":      {"", "from: 1", `"notification":"N"`, "notification", `"N"`},
		"the last word is the step's": {"set: {groupName: A}", "from: 1\n    set: {groupName: C}", "", "groupName", `"C"`},
		"the step before":             {"set: {groupName: A}", "from: previous", "", "groupName", `"A"`},
		"a field of its own":          {"set: {groupID: g1}", "from: 1", "", "groupID", `"3846201957"`},
		"nothing without it":          {"set: {groupName: A}", "", "", "groupName", `"Weekend Hikers"`},
		"ids":                         {"", "ids: {'4930183725': u1, '3846201957': '${steps.1.applied.groupID}'}", `"groupID":"g2"`, "groupID", `"g2"`},
		"ids in lists":                {"", "ids: {'4930183725': u1}", "", "initMemberList.0.userID", `"u1"`},
		"applied, from the request":   {"", "set: {ex: '${steps.1.applied.groupName}'}", `"groupName":null`, "ex", `"Weekend Hikers"`},
		"applied, from the reply":     {"", "set: {ex: '${steps.1.applied.groupName}'}", `"GROUPNAME":"B"`, "ex", `"B"`},
		"braces in a path":            {"", `set: {ex: '${steps.1.applied.{"n":groupName}.n}'}`, "", "ex", `"Weekend Hikers"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := parse(t, "seed: 1\ncases:\n- steps:\n  - send: beforeCreateGroup\n    "+tt.first+"\n  - send: afterCreateGroup\n    "+tt.second)
			results := playWith(t, s, fixtures.DefaultRelease, changing(fixtures.DefaultRelease, map[string]string{"beforeCreateGroup": strings.Trim(`"errDlt":"",`+tt.reply, ",")}))
			assert.Equal(t, tt.want, gjson.GetBytes(results[1].Exchange.Request.Body, tt.path).Raw)
		})
	}
}
