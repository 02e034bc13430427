package record

import (
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
)

// Messages of the records that are about callbacks. Sources: open-im-server,
// pkg/common/webhook/http_client.go; openimsdk/tools, mw; running servers, 3.8.3,
// 3.8.3-patch.16 and main.
const (
	sentMessage    = "webhook"
	successMessage = "webhook success"
	// answerMessage is main's, of the API's answer.
	answerMessage = "http request processed"
	// clientMessage is the caller's side of a failed RPC.
	clientMessage = "rpc client response failed"
)

// failedMessages are those of who made a callback that failed or was refused. Up
// to 3.8.1 it is the beginning of one.
var failedMessages = []string{
	"rpc server response failed", "standalone rpc server response error", "rpc server response error", "RPC Server Response Error - ",
	pushMessage, "webhookBeforeOfflinePush failed", panicMessage,
}

const (
	pushMessage  = "push failed"
	panicMessage = "rpc server panic"
)

// made are the before callbacks that an RPC makes, by the last part of its method
// in lower case, in their order; and those of what fails outside of one, by its
// message. Source: open-im-server, where each RPC calls webhookBefore….
var made = map[string][]string{
	"userregister": {"beforeUserRegister"}, "updateuserinfo": {"beforeUpdateUserInfo"}, "updateuserinfoex": {"beforeUpdateUserInfoEx"},
	"applytoaddfriend": {"beforeAddFriend"}, "respondfriendapply": {"beforeAddFriendAgree"}, "setfriendremark": {"beforeSetFriendRemark"},
	"importfriends": {"beforeImportFriends"}, "addblack": {"beforeAddBlack"},
	"creategroup":                     {"beforeCreateGroup", "beforeMemberJoinGroup"},
	"inviteusertogroup":               {"beforeInviteUserToGroup", "beforeMemberJoinGroup"},
	"joingroup":                       {"beforeApplyJoinGroup", "beforeMemberJoinGroup"},
	"groupapplicationresponse":        {"beforeMemberJoinGroup"},
	"setgroupinfo":                    {"beforeSetGroupInfo"},
	"setgroupinfoex":                  {"beforeSetGroupInfoEx"},
	"setgroupmemberinfo":              {"beforeSetGroupMemberInfo"},
	"sendmsg":                         {"beforeSendSingleMsg", "beforeSendGroupMsg", "beforeMsgModify"},
	"createsinglechatconversations":   {"beforeCreateSingleChatConversations"},
	"creategroupchatconversations":    {"beforeCreateGroupChatConversations"},
	pushMessage:                       {"beforeOnlinePush", "beforeGroupOnlinePush", "beforeOfflinePush"},
	"webhookBeforeOfflinePush failed": {"beforeOfflinePush"},
}

// makes are the keys of the callbacks that may have failed when the entry says
// so, in their order. A message to a group leaves out those of single chats, and
// the other way round.
func (e *entry) makes() []string {
	keys := made[e.message]
	if keys == nil {
		keys = made[strings.ToLower(e.method[strings.LastIndexByte(e.method, '/')+1:])]
	}
	session := e.session()
	var fit []string
	for _, key := range keys {
		c, ok := fixtures.Find(key)
		if ok && (session == 0 || len(c.Sessions) == 0 || slices.Contains(c.Sessions, session)) {
			fit = append(fit, key)
		}
	}
	return fit
}

// session is the kind of chat of the message that the entry is about: 3 is a
// group, 1 a single one. 0: it is about none, or does not say.
func (e *entry) session() int {
	switch {
	case strings.Contains(e.about, "sessionType:3"):
		return 3
	case strings.Contains(e.about, "sessionType:"):
		return 1
	default:
		return 0
	}
}

// isFailure reports whether the entry may say that a callback failed.
func (e *entry) isFailure() bool {
	return e.failure != "" && slices.ContainsFunc(failedMessages, func(begin string) bool { return strings.HasPrefix(e.message, begin) })
}

// callbacks is 1 where the entry begins or ends a callback that OpenIM logs.
func (e *entry) callbacks() int {
	if e.message == sentMessage || e.message == successMessage {
		return 1
	}
	return 0
}
