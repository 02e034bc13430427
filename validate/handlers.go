package validate

import "github.com/imcb-dev/imcb/fixtures"

var (
	groupType         = numberField{name: "groupType", meaningful: []int64{2}}
	needVerification  = numberField{name: "needVerification", meaningful: []int64{0, 1, 2}}
	lookMemberInfo    = numberField{name: "lookMemberInfo", meaningful: []int64{0, 1}}
	applyMemberFriend = numberField{name: "applyMemberFriend", meaningful: []int64{0, 1}}
	roleLevel         = numberField{name: "roleLevel", meaningful: []int64{20, 60, 100}, owner: 100}
	muteEndTime       = numberField{name: "muteEndTime", milliseconds: true}
	recvMsgOpt        = numberField{name: "recvMsgOpt", meaningful: []int64{0, 1, 2}}
)

const (
	otherGroup     = "OpenIM acts on another group, unchecked"
	otherMessageID = "the sender's client can't match its message any more"
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
		settings: Settings{FiltersTypes: true, TextOnly: true},
		// It copies the push info into the message's without a look at whether
		// there is one. The request never shows it, so a reply that sets it
		// counts as a crash, which it is unless the client had set one too.
		crashes: []crashCause{{
			"offlinePushInfo", isThere,
			"offlinePushInfo is set, but the sender set none", "leave offlinePushInfo out: the request does not show whether it is safe",
		}},
		renamed:    []renamedField{{"senderFaceURL", "faceURL"}, {"atUserIDList", "atUserList"}},
		objectText: "content",
		identities: []identity{
			{"recvID", "OpenIM sends the message to somebody else, unchecked"},
			{"groupID", otherGroup},
			{"clientMsgID", otherMessageID},
			{"serverMsgID", otherMessageID},
			{"sessionType", "OpenIM does not check it, and the message may go nowhere"},
		},
	},
	// internal/msgtransfer/callback.go
	"afterMsgSaveDB": {onlyLogged: true, settings: Settings{FiltersTypes: true, Attention: AttentionSaved}},
	// The documents only.
	"afterSendGroupMsgError": {onlyLogged: true},

	// internal/push/callback.go and push_handler.go
	"beforeOnlinePush":      {instead: noPush},
	"beforeGroupOnlinePush": {instead: noPush},
	"beforeOfflinePush":     {groupOnly: "userIDList"},

	// internal/msggateway/callback.go
	"afterUserOnline":  {onlyLogged: true},
	"afterUserOffline": {onlyLogged: true},
	"afterUserKickOff": {onlyLogged: true},

	// internal/rpc/group/callback.go and group.go
	"beforeCreateGroup": {
		numbers: []numberField{groupType, needVerification, lookMemberInfo},
		instead: map[string]string{"ownerUserID": `the owner stays the requested one; refuse with "nextCode":1 if that is wrong`},
	},
	"beforeInviteUserToGroup": {
		instead: map[string]string{"refusedMembersAccount": `everybody is still invited; refuse the whole invitation with "nextCode":1`},
	},
	"beforeMemberJoinGroup": {
		crashes: []crashCause{
			{memberList, nullMember, memberList + " has a null entry", "leave the entry out"},
			{memberList, namelessMember, "an entry of " + memberList + " has no userID", "give each entry the userID of a joining member"},
		},
		renamed: []renamedField{{memberList, "memberList"}},
		members: memberList,
		numbers: []numberField{roleLevel, muteEndTime},
	},
	"beforeSetGroupInfo": {
		subject: "groupID", identities: []identity{{"groupID", otherGroup}},
		numbers: []numberField{needVerification, lookMemberInfo, applyMemberFriend},
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
	"beforeSetFriendRemark": {loses: "stores an empty one", settings: Settings{TimeoutFrom: "beforeAddFriend"}},
	"afterSetFriendRemark":  {settings: Settings{TimeoutFrom: "beforeAddFriend"}},

	// internal/rpc/user/callback.go and user.go
	"beforeUserRegister": {
		settings: Settings{TimeoutFrom: "beforeUpdateUserInfo"},
		crashes:  []crashCause{{"users", nullEntry, "users has a null entry", "leave the entry out"}},
	},
	"afterUserRegister":    {settings: Settings{TimeoutFrom: "afterUpdateUserInfo"}},
	"beforeUpdateUserInfo": {keepsStored: true},
	"afterUpdateUserInfo":  {settings: Settings{TimeoutFrom: "beforeUpdateUserInfo"}},
	"beforeUpdateUserInfoEx": {
		// It sets fields of the request that are nil when the client does not
		// change them.
		crashes: []crashCause{
			{"nickName", notAsked, "nickName is set, but the client does not change it", `leave "nickName" out unless the request has it`},
			{"faceURL", notAsked, "faceURL is set, but the client does not change it", `leave "faceURL" out unless the request has it`},
			{"ex", notAsked, "ex is set, but the client does not change it", `leave "ex" out unless the request has it`},
		},
	},
	"afterUpdateUserInfoEx": {settings: Settings{TimeoutFrom: "beforeUpdateUserInfoEx"}},
}

var noPush = map[string]string{"userIDList": `to stop the push, refuse with "nextCode":1`}
