package validate_test

import (
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// allowing is a reply that allows and has fields of the callback's own.
func allowing(fields string) validate.Reply {
	return body(`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,` + fields + "}")
}

// TestFields judges the callback's own fields of an allowing reply to a given
// request.
func TestFields(t *testing.T) {
	tests := []struct {
		name, callback, request, fields string
		want                            string
		applied, ignored, wiped         []string
	}{
		{
			"empty and asked empty", "beforeSetGroupInfo", `{"groupID":"1","groupName":""}`, `"groupID":"1","groupName":""`,
			"", []string{"/groupID"}, nil, nil,
		},
		{
			"a name is dropped", "beforeSetGroupInfo", `{"groupID":"1","groupName":"N"}`, `"groupID":"1"`,
			"error field-wiped", []string{"/groupID"}, nil, []string{"/groupName"},
		},
		{
			"not asked for", "beforeSetGroupInfoEx", `{"groupID":"1","groupName":null,"introduction":null}`, `"groupID":"1"`,
			"", []string{"/groupID"}, nil, nil,
		},
		{
			"cleared on purpose", "beforeSetGroupInfoEx", `{"groupID":"1","introduction":"i","faceURL":"f"}`, `"groupID":"1","introduction":"","faceURL":null`,
			"error field-wiped", []string{"/groupID", "/introduction"}, nil, []string{"/faceURL"},
		},
		{
			"a request to clear is dropped", "beforeSetGroupInfoEx", `{"groupID":"1","introduction":""}`, `"groupID":"1"`,
			"error field-wiped", []string{"/groupID"}, nil, []string{"/introduction"},
		},
		{
			"another group", "beforeSetGroupInfo", `{"groupID":"1"}`, `"groupID":"2"`,
			"warning identity-change", []string{"/groupID"}, nil, nil,
		},
		{
			"the same in other escapes", "beforeSetGroupInfo", `{"groupID":"1","groupName":"a\u0026b"}`, `"groupID":"1","groupName":"a&b"`,
			"", []string{"/groupID", "/groupName"}, nil, nil,
		},
		{
			"an echo of what is ignored", "beforeSetGroupInfo", `{"groupID":"1","notification":"n"}`, `"groupID":"1","notification":"n"`,
			"", []string{"/groupID"}, []string{"/notification"}, nil,
		},
		{
			"ignored", "beforeSetGroupInfo", `{"groupID":"1","notification":"n"}`, `"groupID":"1","notification":"m"`,
			"error field-ignored", []string{"/groupID"}, []string{"/notification"}, nil,
		},
		{
			"perhaps an echo", "beforeSetGroupInfo", "", `"groupID":"1","notification":"m"`,
			"warning field-ignored", []string{"/groupID"}, []string{"/notification"}, nil,
		},
		{
			"never an echo", "beforeInviteUserToGroup", "", `"refusedMembersAccount":["1"]`,
			"error field-ignored", nil, []string{"/refusedMembersAccount"}, nil,
		},
		{
			"nothing is refused", "beforeInviteUserToGroup", "", `"refusedMembersAccount":[ ]`,
			"", nil, []string{"/refusedMembersAccount"}, nil,
		},
		{
			"an empty list", "beforeImportFriends", `{"friendUserIDs":["1"]}`, `"friendUserIDs":[]`,
			"warning empty-list-means-nothing", nil, []string{"/friendUserIDs"}, nil,
		},
		{
			"an empty list that counts", "beforeMsgModify", `{"atUserList":["1"]}`, `"atUserIDList":[]`,
			"", []string{"/atUserIDList"}, nil, nil,
		},
		{
			"an empty text that counts", "beforeCreateGroup", `{"groupName":"N"}`, `"groupName":""`,
			"", []string{"/groupName"}, nil, nil,
		},
		{
			"empty users", "beforeUserRegister", `{"users":[{"userID":"1"}]}`, `"users":[]`,
			"warning empty-list-means-nothing", nil, []string{"/users"}, nil,
		},
		{
			"an empty remark", "beforeSetFriendRemark", `{"remark":"r"}`, `"remark":""`,
			"warning empty-list-means-nothing", nil, []string{"/remark"}, nil,
		},
		{
			"the request sent back", "beforeSetGroupInfo", `{"groupID":"1","groupName":"N","ex":"","needVerification":0,"lookMemberInfo":1}`,
			`"groupID":"1","groupName":"N","ex":"","needVerification":0,"lookMemberInfo":1`,
			"error unasked-value", []string{"/groupID", "/groupName", "/ex", "/needVerification", "/lookMemberInfo"}, nil, nil,
		},
		{
			"set on purpose", "beforeSetGroupInfo", `{"groupID":"1","ex":"x","needVerification":1,"lookMemberInfo":0}`,
			`"groupID":"1","ex":"","needVerification":0,"lookMemberInfo":1,"applyMemberFriend":null`,
			"", []string{"/groupID", "/ex", "/needVerification", "/lookMemberInfo"}, nil, nil,
		},
		{
			"an empty list of an empty list", "beforeImportFriends", `{"friendUserIDs":[]}`, `"friendUserIDs":[]`,
			"", nil, []string{"/friendUserIDs"}, nil,
		},
		{
			"seconds, twice", "beforeMemberJoinGroup", `{"memberList":[{"userID":"1"},{"userID":"2"}]}`,
			`"memberCallbackList":[{"userID":"1","muteEndTime":1767603600},{"userID":"2","muteEndTime":1767603600}]`,
			"error value-range", []string{"/memberCallbackList/0/muteEndTime", "/memberCallbackList/1/muteEndTime"}, nil, nil,
		},
		{
			"letter case, nulls and the last one", "beforeMemberJoinGroup", `{"memberList":[{"userID":"1"}]}`,
			`"memberCallbackList":[{"userid":"9","USERID":"1","nickname":"a","Nickname":null,"faceURL":null,"ex":"x"}]`,
			"", []string{"/memberCallbackList/0/ex"}, nil, nil,
		},
		{
			"roles", "beforeMemberJoinGroup", `{"memberList":[{"userID":"1"},{"userID":"2"}]}`,
			`"memberCallbackList":[{"userID":"1","roleLevel":1},{"userID":"2","roleLevel":60}]`,
			"error value-range", []string{"/memberCallbackList/0/roleLevel", "/memberCallbackList/1/roleLevel"}, nil, nil,
		},
		{
			"the owner stays", "beforeSetGroupMemberInfo", `{"roleLevel":100}`, `"roleLevel":100`,
			"", []string{"/roleLevel"}, nil, nil,
		},
		{
			"the request's name", "beforeMsgModify", `{"faceURL":"f"}`, `"faceURL":"g"`,
			"error misspelt-field", nil, nil, nil,
		},
		{
			"the request's name beside the right one", "beforeMsgModify", `{"faceURL":"f"}`, `"faceURL":"g","senderFaceURL":"g"`,
			"note unknown-field", []string{"/senderFaceURL"}, nil, nil,
		},
		{
			"the wrong list", "beforeMemberJoinGroup", `{"memberList":[{"userID":"1"}]}`, `"memberList":[{"userID":"1","nickname":"a"}]`,
			"error misspelt-field", nil, nil, nil,
		},
		{
			"an empty name cancels all", "beforeSetGroupInfoEx", `{"groupID":"1","groupName":"N","notification":"n","introduction":"i","ex":null}`,
			`"groupID":"1","groupName":"","introduction":"j","ex":"e"`,
			"error field-wiped", []string{"/groupID"}, []string{"/ex"}, []string{"/groupName", "/notification", "/introduction"},
		},
		{
			"a blank name cancels all", "beforeSetGroupInfoEx", `{"groupID":"1","groupName":"N"}`, `"groupID":"1","groupName":" "`,
			"error field-wiped", []string{"/groupID"}, nil, []string{"/groupName"},
		},
		{
			"an empty profile field", "beforeUpdateUserInfo", `{"nickName":"N","faceURL":""}`, `"nickName":"","faceURL":""`,
			"error field-wiped", []string{"/faceURL"}, nil, []string{"/nickName"},
		},
		{
			"content that is no object", "beforeMsgModify", `{}`, `"content":"[1]"`,
			"error content-not-object", []string{"/content"}, nil, nil,
		},
		{
			"content that is an object", "beforeMsgModify", `{}`, `"content":{"content":"x"}`,
			"error field-type", nil, nil, nil,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			callback, err := fixtures.Lookup(tt.callback)
			require.NoError(t, err)
			x := validate.Exchange{Request: validate.Request{Body: []byte(tt.request)}, Reply: allowing(tt.fields)}
			v := validate.NewJudge(callback, validate.Options{Server: validate.On(fixtures.DefaultRelease)}).Judge(&x)
			assert.Equal(t, tt.want, found(v))
			assert.Equal(t, tt.applied, v.Applied)
			assert.Equal(t, tt.ignored, v.Ignored)
			assert.Equal(t, tt.wiped, v.Wiped)
			for _, f := range v.Findings {
				assertFinding(t, f)
			}
		})
	}
}

// TestMessages pins what the findings say of some replies.
func TestMessages(t *testing.T) {
	tests := []struct {
		callback      string
		reply         validate.Reply
		message, hint string
	}{
		{
			send, body(`{"actionCode":0`),
			"the body is not JSON at line 1, column 16 (unexpected end of JSON input): OpenIM blocks the message (errCode 90007)",
			"answer with a JSON object, in errors too: " + fixtures.PlainAllow,
		},
		{
			send, validate.Reply{Status: 502, Body: []byte("<html>\n<h1>Bad Gateway</h1>")},
			"the body (status 502) is not JSON at line 1, column 1 (invalid character '<' looking for beginning of value): OpenIM blocks the message (errCode 90007)",
			"a page answered, not your handler; answer JSON, in errors too",
		},
		{
			send, body("{\n  \"actionCode\": 0,\n}"),
			"the body is not JSON at line 3, column 1 (invalid character '}' looking for beginning of object key string): OpenIM blocks the message (errCode 90007)",
			"remove the comma before it, or let a JSON library write the reply",
		},
		{
			send, body("<br />\n<b>Warning</b>: Undefined variable" + fixtures.PlainAllow),
			"the body is not JSON at line 1, column 1 (invalid character '<' looking for beginning of value): OpenIM blocks the message (errCode 90007)",
			"PHP prints its notices before the JSON: set display_errors to off",
		},
		{
			send, body(`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":true}`),
			"nextCode must be a whole number, not true; this fails the whole reply: OpenIM blocks the message (errCode 90007)",
			`write "nextCode" as a whole number, for example "nextCode":0`,
		},
		{
			send, body(`{"actionCode":0,"errCode":0,"errMsg":{"en":"no"},"errDlt":"","nextCode":0}`),
			`errMsg must be a string, not {"en":"no"}; this fails the whole reply: OpenIM blocks the message (errCode 90007)`,
			`write "errMsg" as a string that holds the JSON text`,
		},
		{
			send, body(`{"actionCode":0,"errCode":0,"errMsg":404,"errDlt":"","nextCode":0}`),
			"errMsg must be a string, not 404; this fails the whole reply: OpenIM blocks the message (errCode 90007)",
			`write "errMsg":"404"`,
		},
		{
			"beforeImportFriends", allowing(`"friendUserIDs":"1,2"`),
			`friendUserIDs must be a list of strings, not "1,2"; this fails the whole reply: OpenIM blocks the operation (errCode 90007)`,
			`write a list of strings for "friendUserIDs", or leave it out`,
		},
		{
			"beforeMsgModify", allowing(`"options":{"a":1}`),
			"a must be true or false, not 1; this fails the whole reply: OpenIM blocks the message (errCode 90007)",
			`write true or false for "a", or leave it out`,
		},
		{
			"beforeCreateGroup", allowing(`"status":99999999999`),
			"status 99999999999 is out of the range of int32; this fails the whole reply: OpenIM blocks the operation (errCode 90007)",
			"write a number of at most 2147483647",
		},
		{
			"beforeMemberJoinGroup", allowing(`"memberCallbackList":[{"userID":"7340912658","muteEndTime":1767603600},{"userID":"2675098143","muteEndTime":1767603601}]`),
			"muteEndTime 1767603600 is in seconds, but OpenIM takes milliseconds: the member is not muted at all (and 1 more)",
			`write "muteEndTime":1767603600000`,
		},
		{
			"beforeCreateGroup", allowing(`"groupType":1`),
			"groupType 1 means nothing, but OpenIM stores it unchecked",
			"write 2",
		},
		{
			"beforeSetGroupInfo", body(fixtures.PlainAllow),
			`the reply does not repeat groupID (nor 3 others): OpenIM 3.8.3-patch.16 then looks for group "", and the call fails with 1004`,
			`repeat the request's groupID, groupName, introduction and faceURL`,
		},
		{
			send, validate.Reply{Status: 500, Body: []byte("500 Internal Server Error")},
			"the body (status 500) is not JSON at line 1, column 5 (invalid character 'I' after top-level value): OpenIM blocks the message (errCode 90007)",
			"answer with a JSON object, in errors too: " + fixtures.PlainAllow,
		},
		{
			send, body("\"actionCode\": 0,\n\"errCode\": 0,\n\"nextCode\": 0,\n"),
			"the body is not JSON at line 1, column 13 (invalid character ':' after top-level value): OpenIM blocks the message (errCode 90007)",
			`the braces are missing; write {"actionCode": 0, "errCode": 0, "nextCode": 0}`,
		},
		{
			"afterSendSingleMsg", body(`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":1}`),
			"this refusal changes nothing: the event is over, and OpenIM does not send it again",
			"answer " + fixtures.PlainAllow + ", and handle the error yourself",
		},
		{
			"afterSendSingleMsg", body(`{"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":0}`),
			"this error changes nothing: the event is over, and OpenIM does not send it again",
			"answer " + fixtures.PlainAllow + ", and handle the error yourself",
		},
		{
			"afterSendSingleMsg", validate.Reply{Status: 204},
			"the body is empty (status 204): OpenIM can't read it, but after the event nobody notices",
			"answer " + fixtures.PlainAllow,
		},
		{
			"afterSendSingleMsg", body("ok"),
			"the body is not JSON at line 1, column 1 (invalid character 'o' looking for beginning of value): OpenIM can't read it, and does not send the event again",
			"answer with a JSON object, in errors too: " + fixtures.PlainAllow,
		},
	}
	for _, tt := range tests {
		t.Run(tt.message, func(t *testing.T) {
			v := verdictOf(t, tt.callback, tt.reply, validate.Options{Server: validate.On(fixtures.DefaultRelease)})
			require.Len(t, v.Findings, 1)
			assert.Equal(t, tt.message, v.Findings[0].Message.String())
			assert.Equal(t, tt.hint, v.Findings[0].Hint.String())
		})
	}
}

// What the client is told when the group is not found, as seen on servers.
func TestGroupNotFound(t *testing.T) {
	clients := map[validate.Server]validate.Client{
		validate.On(fixtures.V36):         {ErrCode: 1004, ErrMsg: "RecordNotFoundError", ErrDlt: "mongo: no documents in result"},
		validate.On(fixtures.V381):        {ErrCode: 1004, ErrMsg: "mongo find one: mongo: no documents in result", ErrDlt: "mongo find one: mongo: no documents in result"},
		validate.On(fixtures.V383):        {ErrCode: 1004, ErrMsg: "RecordNotFoundError", ErrDlt: "mongo find one"},
		validate.On(fixtures.V383Patch1):  {ErrCode: 1004, ErrMsg: "RecordNotFoundError", ErrDlt: "mongo: no documents in result mongo find one"},
		validate.On(fixtures.V383Patch16): {ErrCode: 1004, ErrMsg: "RecordNotFoundError", ErrDlt: "mongo: no documents in result mongo find one"},
		mainAsServices:                    {ErrCode: 1004, ErrMsg: "RecordNotFoundError"},
		mainAsOneProcess:                  {ErrCode: 500, ErrMsg: "ServerInternalError", ErrDlt: "mongo: no documents in result"},
	}
	for server, client := range clients {
		v := verdictOf(t, "beforeSetGroupInfoEx", body(fixtures.PlainAllow), validate.Options{Server: server})
		assert.Equal(t, validate.Fail, v.Outcome)
		assert.Equal(t, client, v.Client)
	}
}

// Of several misspelt names the first in the reply is shown, and how many more
// there are.
func TestFirstMisspeltField(t *testing.T) {
	reply := validate.Reply{Status: 200, Body: []byte(`{"action_code":0,"err_code":5001,"next_code":1}`)}
	for _, f := range verdictOf(t, "beforeAddFriend", reply, validate.Options{}).Findings {
		if f.Rule == "misspelt-field" {
			assert.Equal(t, []string{"/action_code", "action_code"}, []string{f.Place.Pointer, f.Got})
			assert.Contains(t, f.Message.String(), "(and 2 more)")
			return
		}
	}
	assert.Fail(t, "not found")
}
