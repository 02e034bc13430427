package validate_test

import (
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	join, register, setMember = "beforeMemberJoinGroup", "beforeUserRegister", "beforeSetGroupMemberInfo"

	oneJoins = `{"groupID":"1","memberList":[{"userID":"a","ex":""}],"groupEx":""}`
	twoJoin  = `{"groupID":"1","memberList":[{"userID":"a","ex":""},{"userID":"b","ex":""}],"groupEx":""}`
	twoUsers = `{"users":[{"userID":"a","nickname":"A","faceURL":"f","ex":"e","createTime":0,"appMangerLevel":0,"globalRecvMsgOpt":2},` +
		`{"userID":"b","nickname":"B","faceURL":"","ex":"","createTime":0,"appMangerLevel":0,"globalRecvMsgOpt":0}]}`
)

// lostData is a reply to a given request. want is what the findings say; fix has
// the callback's own fields of the last one's, and is "-" where there is none.
type lostData struct {
	name, callback, request, fields string
	want                            []string
	fix                             string
}

func (tt lostData) check(t *testing.T) {
	v := answerTo(t, validate.Server{}, tt.callback, tt.request, allowing(tt.fields).Body)
	require.Equal(t, tt.want, saidIn(v.Findings))
	for _, f := range v.Findings {
		assertFinding(t, f)
	}
	if len(tt.want) == 0 {
		return
	}
	last := v.Findings[len(v.Findings)-1]
	if tt.fix == "-" {
		assert.Empty(t, last.Fix)
		return
	}
	assert.Equal(t, strings.Replace(string(allowing(tt.fix).Body), ",}", "}", 1), last.Fix)
	for _, f := range answerTo(t, v.Server, tt.callback, tt.request, []byte(last.Fix)).Findings {
		assert.NotEqual(t, last.Rule, f.Rule, "what is mended stays so")
	}
}

func answerTo(t *testing.T, server validate.Server, key, request string, reply []byte) validate.Verdict {
	t.Helper()
	callback, err := fixtures.Lookup(key)
	require.NoError(t, err)
	x := validate.Exchange{Request: validate.Request{Body: []byte(request)}, Reply: body(string(reply))}
	return validate.NewJudge(callback, validate.Options{Server: server}).Judge(&x)
}

func TestOwners(t *testing.T) {
	for _, tt := range []lostData{
		{
			"the same role for all", join, twoJoin, `"memberCallbackList":[{"userID":"a","nickname":"A.","roleLevel":20},{"userID":"b","roleLevel":20}]`,
			[]string{"error owner-lost"}, `"memberCallbackList":[{"userID":"a","nickname":"A."},{"userID":"b"}]`,
		},
		{
			"in other letter case", join, twoJoin, `"memberCallbackList":[{"userid":"a","rolelevel":20}]`,
			[]string{"error owner-lost"}, `"memberCallbackList":[{"userid":"a"}]`,
		},
		{
			"an admin, who may be invited", join, twoJoin, `"memberCallbackList":[{"userID":"a","roleLevel":60}]`,
			[]string{"note owner-lost"}, `"memberCallbackList":[{"userID":"a"}]`,
		},
		{"a role for another than the first", join, twoJoin, `"memberCallbackList":[{"userID":"b","roleLevel":20}]`, nil, ""},
		{"one who joins", join, oneJoins, `"memberCallbackList":[{"userID":"a","roleLevel":20}]`, nil, ""},
		{"the owner's own role", join, twoJoin, `"memberCallbackList":[{"userID":"a","roleLevel":100}]`, []string{"warning owner-twice.perhaps"}, "-"},
		{
			"another owner in a new group", join, twoJoin, `"memberCallbackList":[{"userID":"a","roleLevel":20},{"userID":"b","roleLevel":100}]`,
			[]string{"warning owner-twice.perhaps"}, "-",
		},
		{
			"owners all", join, twoJoin, `"memberCallbackList":[{"userID":"a","roleLevel":100},{"userID":"b","roleLevel":100}]`,
			[]string{"error owner-twice"}, `"memberCallbackList":[{"userID":"a"},{"userID":"b"}]`,
		},
		{
			"an owner who joins", join, oneJoins, `"memberCallbackList":[{"userID":"a","roleLevel":100}]`,
			[]string{"error owner-twice"}, `"memberCallbackList":[{"userID":"a"}]`,
		},
		{"an owner, no request", join, "", `"memberCallbackList":[{"userID":"a","roleLevel":100}]`, []string{"warning owner-twice.perhaps"}, "-"},
		{
			"two owners, no request", join, "", `"memberCallbackList":[{"userID":"a","roleLevel":100},{"userID":"b","roleLevel":100}]`,
			[]string{"error owner-twice more=1"}, "-",
		},
		{"a role that nobody asked for", setMember, `{"roleLevel":null}`, `"nickName":"N","roleLevel":20`, []string{"warning owner-lost.set"}, `"nickName":"N"`},
		{"an admin that nobody asked for", setMember, `{"roleLevel":null}`, `"roleLevel":60`, []string{"note owner-lost.set"}, ""},
		{"a role that was asked for", setMember, `{"roleLevel":60}`, `"roleLevel":20`, nil, ""},
		{"a second owner", setMember, `{"roleLevel":60}`, `"roleLevel":100`, []string{"error owner-twice"}, ""},
		{"a role, no request", setMember, "", `"roleLevel":20`, nil, ""},
	} {
		t.Run(tt.name, tt.check)
	}
}

func TestRegisteredUsers(t *testing.T) {
	const whole = `"users":[{"userID":"a","nickname":"A.","faceURL":"f","ex":"e","createTime":0,"appMangerLevel":0,"globalRecvMsgOpt":2},` +
		`{"userID":"b","nickname":"B","faceURL":"","ex":"","createTime":0,"appMangerLevel":0,"globalRecvMsgOpt":0}]`
	for _, tt := range []lostData{
		{
			"members left out", register, twoUsers, `"users":[{"userID":"a","nickname":"A."},{"userID":"b","nickname":"B"}]`,
			[]string{"error field-wiped.replaced server=3.8.3-patch.16 fields=[faceURL ex globalRecvMsgOpt] n=3"}, whole,
		},
		{
			"a member that is null, others on purpose", register, twoUsers, `"users":[{"userID":"a","nickname":"A.","faceURL":null,"ex":"","globalRecvMsgOpt":0},{"userID":"b","nickname":"B"}]`,
			[]string{"error field-wiped.replaced server=3.8.3-patch.16 fields=[faceURL] n=1"},
			strings.NewReplacer(`"ex":"e"`, `"ex":""`, `"globalRecvMsgOpt":2`, `"globalRecvMsgOpt":0`).Replace(whole),
		},
		{"no userID", register, twoUsers, `"users":[{"nickname":"A."},{"userID":"b","nickname":"B"}]`, []string{"error user-nameless"}, whole},
		{"empty userIDs", register, twoUsers, `"users":[{"userID":"","nickname":"A."},{"userID":"","nickname":"B"}]`, []string{"error user-nameless more=1"}, whole},
		{"no userID, no request", register, "", `"users":[{"nickname":"A."}]`, []string{"error user-nameless"}, "-"},
		{
			"a user left out", register, twoUsers, `"users":[{"userID":"a","nickname":"A.","faceURL":"f","ex":"e","globalRecvMsgOpt":2},{"userID":"c"}]`,
			[]string{"warning user-dropped user=b"}, whole,
		},
		{
			"createTime left out, which no server reads", register, twoUsers,
			`"users":[{"userID":"b","nickname":"B"},{"userID":"a","nickname":"A","faceURL":"f","ex":"e","globalRecvMsgOpt":1}]`, nil, "",
		},
		{"an empty list", register, twoUsers, `"users":[]`, []string{"warning empty-list-means-nothing field=users"}, "-"},
	} {
		t.Run(tt.name, tt.check)
	}
}

func TestTextLengths(t *testing.T) {
	users := func(nickname string) string { return `"users":[{"userID":"a","nickname":"` + nickname + `"}]` }
	long, longer := strings.Repeat("n", 1025), strings.Repeat("你", 1026)
	for _, tt := range []lostData{
		{"the longest", register, `{"users":[{"userID":"a"}]}`, users(long[:255]), nil, ""},
		{"in characters", register, `{"users":[{"userID":"a"}]}`, users(strings.Repeat("你", 255)), nil, ""},
		{"one more", register, `{"users":[{"userID":"a"}]}`, users(long[:256]), []string{"warning text-length field=nickname limit=255"}, "-"},
		{
			"two members", join, twoJoin, `"memberCallbackList":[{"userID":"a","ex":"` + long + `"},{"userID":"b","ex":"` + longer + `"}]`,
			[]string{"warning text-length field=ex limit=1024 more=1"}, "-",
		},
		{"the request's own", "beforeUpdateUserInfo", `{"faceURL":"` + long + `"}`, `"faceURL":"` + long + `"`, nil, ""},
		{"a message", "beforeMsgModify", `{"ex":""}`, `"ex":"` + long + `"`, nil, ""},
	} {
		t.Run(tt.name, tt.check)
	}
}

// Up to 3.7 each member has a call, so that no request tells who the owner is.
func TestRolesOfEachCall(t *testing.T) {
	const request = `{"groupID":"1","userID":"a","ex":"","groupEx":""}`
	for fields, want := range map[string][]string{
		`"roleLevel":20`:  {"error owner-lost.each"},
		`"roleLevel":60`:  {"note owner-lost.each"},
		`"roleLevel":100`: {"warning owner-twice.perhaps"},
		`"roleLevel":30`:  {"error value-range field=roleLevel value=30"},
	} {
		v := answerTo(t, validate.On(fixtures.V37), join, request, allowing(fields).Body)
		assert.Equal(t, want, saidIn(v.Findings), fields)
	}
}

// What a rule gives as a fix of its bad example mends it.
func TestFixesMend(t *testing.T) {
	fixes := 0
	for _, r := range replyRules() {
		for _, f := range judged(t, r.Bad).Findings {
			if f.Fix != "" {
				fixes++
				mended := r.Bad
				mended.Reply.Body = []byte(f.Fix)
				assert.Empty(t, judged(t, mended).Findings, r.ID)
			}
		}
	}
	assert.Equal(t, 5, fixes)
}
