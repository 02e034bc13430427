package validate

import (
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
)

var (
	groupType         = numberField{name: "groupType", meaningful: []int64{2}}
	needVerification  = numberField{name: "needVerification", meaningful: []int64{0, 1, 2}}
	lookMemberInfo    = numberField{name: "lookMemberInfo", meaningful: []int64{0, 1}}
	applyMemberFriend = numberField{name: "applyMemberFriend", meaningful: []int64{0, 1}}
	roleLevel         = numberField{name: "roleLevel", meaningful: []int64{20, 60, 100}}
	muteEndTime       = numberField{name: "muteEndTime", milliseconds: true}
	recvMsgOpt        = numberField{name: "recvMsgOpt", meaningful: []int64{0, 1, 2}}
)

var (
	otherGroup     = say("identity-change.group")
	otherMessageID = say("identity-change.message")
)

// handlers has the handlers that do more, by the callback's key. The sources
// named are files of open-im-server. For the settings that 3.5 and 3.6 take
// from elsewhere they are the callback.go and notification.go of v3.5.1 and
// v3.6.0; the read receipts and the kick-off have such a mistake, too, but are
// never sent.
var handlers = map[string]handler{
	// internal/rpc/msg/callback.go and filter.go
	"beforeSendSingleMsg": {settings: Settings{FiltersTypes: true}},
	"beforeSendGroupMsg":  {settings: Settings{FiltersTypes: true}},
	"afterSendSingleMsg":  {onlyLogged: true, settings: Settings{FiltersTypes: true, Attention: AttentionSingle}},
	"afterSendGroupMsg":   {onlyLogged: true, settings: Settings{FiltersTypes: true, Attention: AttentionGroup}},
	"afterSingleMsgRead":  {onlyLogged: true},
	"afterGroupMsgRead":   {onlyLogged: true},
	"beforeMsgModify": {
		settings: Settings{FiltersTypes: true},
		// It copies the push info into the message's without a look at whether
		// there is one, which the request never shows.
		crashes:    []crashCause{hidden("offlinePushInfo", isThere, say("cause.unless-sender"))},
		renamed:    []renamedField{{"senderFaceURL", "faceURL"}, {"atUserIDList", "atUserList"}},
		objectText: "content",
		identities: []identity{
			{"recvID", say("identity-change.receiver")},
			{"groupID", otherGroup},
			{"clientMsgID", otherMessageID},
			{"serverMsgID", otherMessageID},
			{"sessionType", say("identity-change.session")},
		},
	},
	// internal/msgtransfer/callback.go
	"afterMsgSaveDB": {onlyLogged: true, settings: Settings{FiltersTypes: true, Attention: AttentionSaved}},
	// The documents only.
	"afterSendGroupMsgError": {onlyLogged: true},

	// internal/push/callback.go and push_handler.go
	"beforeOnlinePush":      {instead: noPush},
	"beforeGroupOnlinePush": {instead: noPush},
	"beforeOfflinePush": {
		groupOnly: receiverList,
		crashes: []crashCause{{
			field: receiverList, find: outsideGroup,
			what: say("cause.outside-group", "field", receiverList), hint: say("cause.hint-outside-group", "field", receiverList),
		}},
		instead: map[string]words.Text{receiverList: say("cause.hint-outside-group", "field", receiverList)},
	},

	// internal/msggateway/callback.go
	"afterUserOnline":  {onlyLogged: true},
	"afterUserOffline": {onlyLogged: true},
	"afterUserKickOff": {onlyLogged: true},

	// internal/rpc/group/callback.go and group.go
	"beforeCreateGroup": {
		numbers: []numberField{groupType, needVerification, lookMemberInfo},
		instead: map[string]words.Text{"ownerUserID": say("field-ignored.hint-owner")},
	},
	"beforeInviteUserToGroup": {
		instead: map[string]words.Text{"refusedMembersAccount": say("field-ignored.hint-invited")},
	},
	"beforeMemberJoinGroup": {
		crashes: []crashCause{
			{field: memberList, find: nullMember, what: say("cause.null", "field", memberList), hint: say("hint.leave-entry")},
			{field: memberList, find: namelessMember, what: say("cause.nameless", "field", memberList), hint: say("cause.hint-nameless")},
		},
		renamed: []renamedField{{memberList, "memberList"}},
		members: memberList,
		numbers: []numberField{roleLevel, muteEndTime},
	},
	"beforeSetGroupInfo": {
		subject: "groupID", identities: []identity{{"groupID", otherGroup}},
		unchanged: []string{"ex", "needVerification", "lookMemberInfo", "applyMemberFriend"},
		numbers:   []numberField{needVerification, lookMemberInfo, applyMemberFriend},
	},
	"beforeSetGroupInfoEx": {
		subject: "groupID", identities: []identity{{"groupID", otherGroup}}, cancels: "groupName",
		numbers: []numberField{needVerification, lookMemberInfo, applyMemberFriend},
	},
	"beforeSetGroupMemberInfo": {numbers: []numberField{roleLevel}, settings: Settings{Enables: "afterSetGroupMemberInfo"}},
	"afterSetGroupMemberInfo":  {settings: Settings{EnableFrom: "beforeSetGroupMemberInfo"}},
	"afterKickGroupMember":     {settings: Settings{TimeoutFrom: "afterQuitGroup"}},
	"afterTransferGroupOwner":  {settings: Settings{TimeoutFrom: "beforeApplyJoinGroup", TimeoutSpan: fixtures.Span{Until: new(fixtures.V35)}}},
	"afterDismissGroup":        {settings: Settings{TimeoutFrom: "afterQuitGroup"}},

	// internal/rpc/conversation/callback.go
	"beforeCreateSingleChatConversations": {numbers: []numberField{recvMsgOpt}},
	"beforeCreateGroupChatConversations":  {numbers: []numberField{recvMsgOpt}},

	// internal/rpc/relation/callback.go and friend.go, up to 3.7 in internal/rpc/friend
	"beforeSetFriendRemark": {storesEmpty: true, settings: Settings{TimeoutFrom: "beforeAddFriend"}},
	"afterSetFriendRemark":  {settings: Settings{TimeoutFrom: "beforeAddFriend"}},

	// internal/rpc/user/callback.go and user.go
	"beforeUserRegister": {
		settings: Settings{TimeoutFrom: "beforeUpdateUserInfo"},
		replaces: "users",
		crashes:  []crashCause{{field: "users", find: nullEntry, what: say("cause.null", "field", "users"), hint: say("hint.leave-entry")}},
	},
	"afterUserRegister":    {settings: Settings{TimeoutFrom: "afterUpdateUserInfo"}},
	"beforeUpdateUserInfo": {keepsStored: true},
	"afterUpdateUserInfo":  {settings: Settings{TimeoutFrom: "beforeUpdateUserInfo"}},
	"beforeUpdateUserInfoEx": {
		// It sets fields of the request that are nil when the client does not
		// change them.
		crashes: []crashCause{
			setUnasked("nickName"), setUnasked("faceURL"), hidden("ex", notShown, say("cause.unless-client")),
		},
	},
	"afterUpdateUserInfoEx": {settings: Settings{TimeoutFrom: "beforeUpdateUserInfoEx"}},
}

// setUnasked is the crash on a field that the client does not change.
func setUnasked(field string) crashCause {
	return crashCause{field: field, find: notAsked, what: say("cause.unchanged", "field", field), hint: say("hint.leave-out-unless", "field", field)}
}

// hidden is the crash on a field of which no request shows whether it is safe.
func hidden(field string, find func(*pass, string) string, unless words.Text) crashCause {
	return crashCause{field: field, find: find, what: say("cause.set", "field", field), hint: say("cause.hint-hidden", "field", field), unless: unless}
}

// receiverList is the push callbacks' list of receivers.
const receiverList = "userIDList"

var noPush = map[string]words.Text{receiverList: say("field-ignored.hint-push")}
