package validate_test

import (
	"encoding/base64"
	"encoding/json"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

// handledReply is a row of testdata/golden: what a version's own handler made
// of a reply.
type handledReply struct {
	Version, Command, Case string
	RequestBody            json.RawMessage `json:"request_body"`
	Reply                  string
	HandlerError           string          `json:"handler_error"`
	HandlerCrashed         bool            `json:"handler_crashed"`
	StateAfter             json.RawMessage `json:"state_after"`
}

// unpredictable are the rows on which the verdict differs from the handler's,
// with the reason.
var unpredictable = map[string]string{
	"v3.7.0/beforeOfflinePush/override": "the row's handler was given a place for the list, which its caller does not have up to 3.8.1",
	"beforeUserRegister/null entry":     "the handler takes the null; the loop that stores the users crashes on it afterwards",
}

// places say where the state that a handler leaves holds what a reply field
// replaces: a prefix, and the names that differ.
var places = map[string]struct {
	prefix string
	names  map[string]string
}{
	"beforeCreateGroup": {"groupInfo.", map[string]string{
		"ownerUserID": "^ownerUserID", // the one in groupInfo is copied, but not used
	}},
	"beforeMemberJoinGroup":    {"", map[string]string{"nickname": "Nickname", "faceURL": "FaceURL", "roleLevel": "RoleLevel", "muteEndTime": "MuteEndTime", "ex": "Ex"}},
	"beforeSetGroupMemberInfo": {"", map[string]string{"nickName": "nickname"}},
	"beforeSetGroupInfo":       {"groupInfoForSet.", nil},
	"beforeSetGroupInfoEx":     {"", nil},
	"beforeSetFriendRemark":    {"", nil},
	"beforeImportFriends":      {"", nil},
	"beforeInviteUserToGroup":  {"", map[string]string{"refusedMembersAccount": "invitedUserIDs"}},
	"beforeUpdateUserInfo":     {"userInfo.", map[string]string{"nickName": "nickname"}},
	"beforeUpdateUserInfoEx":   {"userInfo.", map[string]string{"nickName": "nickname"}},
	"beforeUserRegister":       {"", nil},
	"beforeMsgModify":          {"msgData.", map[string]string{"msgDataList": "-"}}, // a message has no such field
	"beforeOfflinePush":        {"M.", map[string]string{"userIDList": "^U"}},
	"beforeGroupOnlinePush":    {"M.", map[string]string{"userIDList": "^U"}},
	"beforeCreateSingleChatConversations": {"", map[string]string{
		"recvMsgOpt": "RecvMsgOpt", "isPinned": "IsPinned", "isPrivateChat": "IsPrivateChat", "burnDuration": "BurnDuration",
		"groupAtType": "GroupAtType", "attachedInfo": "AttachedInfo", "ex": "Ex",
	}},
	"beforeCreateGroupChatConversations": {"", map[string]string{
		"recvMsgOpt": "RecvMsgOpt", "isPinned": "IsPinned", "isPrivateChat": "IsPrivateChat", "burnDuration": "BurnDuration",
		"groupAtType": "GroupAtType", "attachedInfo": "AttachedInfo", "ex": "Ex",
	}},
}

func TestHandlers(t *testing.T) {
	files, err := filepath.Glob("testdata/golden/*.jsonl")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		rows := readGolden(t, file)
		assert.Greater(t, len(rows), 80)
		for _, row := range rows {
			if row.Command == "" {
				continue // the version sent nothing in this case
			}
			callback, err := fixtures.Lookup(row.Command)
			require.NoError(t, err)
			t.Run(row.Version+"/"+callback.Key+"/"+row.Case, func(t *testing.T) {
				h := handled{row: row, callback: callback, allow: allowState(rows, row.Command)}
				h.check(t)
			})
		}
	}
}

func readGolden(t *testing.T, file string) (rows []handledReply) {
	t.Helper()
	readLines(t, file, func(line []byte) {
		var row handledReply
		require.NoError(t, json.Unmarshal(line, &row))
		rows = append(rows, row)
	})
	return rows
}

// allowState is the state that a plain allow leaves.
func allowState(rows []handledReply, command string) gjson.Result {
	i := slices.IndexFunc(rows, func(r handledReply) bool { return r.Command == command && r.Case == "allow" })
	if i < 0 {
		return gjson.Result{}
	}
	return gjson.ParseBytes(rows[i].StateAfter)
}

// handled is a row under test.
type handled struct {
	row      handledReply
	callback *fixtures.Callback
	server   fixtures.Release
	verdict  validate.Verdict
	allow    gjson.Result // the state after a plain allow
}

func (h *handled) check(t *testing.T) {
	server, err := fixtures.ParseRelease(h.row.Version)
	require.NoError(t, err)
	x := validate.Exchange{
		Request: validate.Request{Body: h.row.RequestBody},
		Reply:   validate.Reply{Status: 200, Body: []byte(h.row.Reply)},
	}
	h.server = server
	h.verdict = validate.NewJudge(h.callback, validate.Options{Server: validate.On(server)}).Judge(&x)
	if !h.row.HandlerCrashed {
		h.verdict = harmless(h.verdict)
	}
	name := h.callback.Key + "/" + h.row.Case
	if unpredictable[name]+unpredictable[h.row.Version+"/"+name] != "" {
		assert.NotEqual(t, h.want(), h.verdict.Outcome, "it can be predicted by now")
		return
	}
	require.Equal(t, h.want(), h.verdict.Outcome)
	h.checkError(t)
	if h.row.StateAfter != nil && h.row.HandlerError == "" && !h.row.HandlerCrashed {
		h.checkState(t)
	}
}

// harmless is the verdict where what the request does not show keeps the reply
// from crashing OpenIM.
func harmless(v validate.Verdict) validate.Verdict {
	if v.Unless != nil {
		v.Outcome, v.Client, v.Applied, v.Ignored = v.Unless.Outcome, validate.Client{}, v.Unless.Applied, v.Unless.Ignored
	}
	return v
}

// want is the outcome that the row shows.
func (h *handled) want() validate.Outcome {
	switch {
	case h.callback.Phase == fixtures.After:
		return validate.Nothing
	case h.row.HandlerCrashed:
		return validate.Crash
	case h.row.HandlerError != "":
		return validate.Fail
	case h.state("groupID").Exists() && h.state("groupID").Str == "" && strings.HasPrefix(h.callback.Key, "beforeSetGroupInfo"):
		return validate.Fail // the handler goes on, but the group "" is not found
	default:
		return validate.Proceed
	}
}

// checkError compares what the handler returned with what the client is told.
func (h *handled) checkError(t *testing.T) {
	if h.row.HandlerError == "" {
		return
	}
	said := strings.TrimPrefix(h.row.HandlerError, "Error: ")
	code, _, _ := strings.Cut(said, " ")
	assert.Equal(t, code, strconv.Itoa(h.verdict.Client.ErrCode))
	assert.Contains(t, said, h.verdict.Client.ErrDlt)
}

// checkState holds the reply's fields, one by one, against the state that the
// handler left.
func (h *handled) checkState(t *testing.T) {
	for _, f := range h.callback.ReplyFields(h.server) {
		pointer := "/" + f.Name
		if f.Type == fixtures.Objects && f.Name == "memberCallbackList" {
			h.checkMembers(t)
			continue
		}
		state := h.state(f.Name)
		switch {
		case slices.Contains(h.verdict.Applied, pointer):
			assert.True(t, within(h.replied(f.Name), state), "%s is not applied: %s", pointer, state.Raw)
		case slices.Contains(h.verdict.Wiped, pointer):
			assert.True(t, isZero(state), "%s is not wiped: %s", pointer, state.Raw)
		default:
			assert.True(t, h.kept(f.Name, state), "%s has changed: %s", pointer, state.Raw)
		}
		if slices.Contains(h.verdict.Ignored, pointer) {
			assert.False(t, within(h.replied(f.Name), state), "%s is not ignored", pointer)
		}
	}
	for _, c := range h.verdict.Changes {
		assert.NotEqual(t, c.Before, c.After, c.Path)
		assert.Contains(t, h.verdict.Applied, c.Path)
	}
}

// replied is the reply's value of a field.
func (h *handled) replied(name string) (found gjson.Result) {
	gjson.Parse(h.row.Reply).ForEach(func(key, value gjson.Result) bool {
		if strings.EqualFold(key.Str, name) {
			found = value
		}
		return true
	})
	return found
}

// state is what the handler left where a reply field belongs.
func (h *handled) state(name string) gjson.Result {
	return h.at(gjson.ParseBytes(h.row.StateAfter), name)
}

func (h *handled) at(state gjson.Result, name string) gjson.Result {
	place, ok := places[h.callback.Key]
	if !ok {
		return gjson.Result{}
	}
	path := place.prefix + name
	if other := place.names[name]; other != "" {
		path = place.prefix + other
		if strings.HasPrefix(other, "^") {
			path = other[1:]
		}
	}
	return state.Get(path)
}

// kept reports whether the state has what it had before the reply: what a
// plain allow leaves or, where that erases values, what was asked for.
func (h *handled) kept(name string, state gjson.Result) bool {
	if h.allow.Exists() {
		return state.Raw == h.at(h.allow, name).Raw
	}
	asked := gjson.GetBytes(h.row.RequestBody, name)
	return state.Raw == asked.Raw || isZero(state) && isZero(asked)
}

// checkMembers holds the entries of memberCallbackList against the members
// that joined.
func (h *handled) checkMembers(t *testing.T) {
	members := gjson.ParseBytes(h.row.StateAfter).Array()
	entries := h.replied("memberCallbackList")
	changed := map[string]bool{}
	for _, pointer := range h.verdict.Applied {
		path := strings.Split(strings.TrimPrefix(pointer, "/memberCallbackList/"), "/")
		entry := entries.Array()[gjson.Parse(path[0]).Int()]
		i := slices.IndexFunc(members, func(m gjson.Result) bool { return m.Get("UserID").Str == entry.Get("userID").Str })
		require.GreaterOrEqual(t, i, 0)
		name := places[h.callback.Key].names[path[1]]
		changed[members[i].Get("UserID").Str+"/"+name] = true
		assert.True(t, within(entry.Get(path[1]), members[i].Get(name)), "%s is not applied: %s", pointer, members[i].Raw)
	}
	for _, pointer := range h.verdict.Ignored {
		user := entries.Get(strings.TrimPrefix(pointer, "/memberCallbackList/") + ".userID").Str
		assert.False(t, slices.ContainsFunc(members, func(m gjson.Result) bool { return m.Get("UserID").Str == user }), "%s is not ignored", pointer)
	}
	for i, member := range h.allow.Array() {
		member.ForEach(func(key, value gjson.Result) bool {
			if !changed[member.Get("UserID").Str+"/"+key.Str] {
				assert.Equal(t, value.Raw, members[i].Get(key.Str).Raw, "member %d: %s", i, key.Str)
			}
			return true
		})
	}
}

// within reports whether the state has a reply's value. An object of the state
// may have more members than the reply's, bytes are in base64, and a time in
// milliseconds has become a date.
func within(reply, state gjson.Result) bool {
	switch {
	case reply.IsObject():
		ok := true
		reply.ForEach(func(key, value gjson.Result) bool {
			ok = within(value, state.Get(key.Str))
			return ok
		})
		return ok
	case reply.IsArray():
		items := state.Array()
		return state.IsArray() && len(items) == len(reply.Array()) && !slices.ContainsFunc(reply.Array(), func(item gjson.Result) bool {
			return !slices.ContainsFunc(items, func(s gjson.Result) bool { return within(item, s) })
		})
	case reply.Type == gjson.String:
		return state.Type == gjson.String && (state.Str == reply.Str || state.Str == base64.StdEncoding.EncodeToString([]byte(reply.Str)))
	case reply.Type == gjson.Number && state.Type == gjson.String:
		at, err := time.Parse(time.RFC3339, state.Str)
		return err == nil && at.Equal(time.UnixMilli(reply.Int()))
	default:
		return reply.Raw == state.Raw
	}
}

func isZero(v gjson.Result) bool {
	return v.Type == gjson.Null || v.Raw == `""` || v.Raw == "0" || v.Raw == "false"
}
