package conformance

import (
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	cb "github.com/openimsdk/open-im-server/v3/pkg/callbackstruct"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// server is the version whose code the tests run.
const server = fixtures.V383

// call makes empty values of the types that OpenIM uses for a callback.
type call struct {
	request func() cb.CallbackReq
	reply   func() cb.CallbackResp
}

// of is a call with the request type Q and the reply type R.
func of[Q, R any, PQ interface {
	*Q
	cb.CallbackReq
}, PR interface {
	*R
	cb.CallbackResp
}]() call {
	return call{
		request: func() cb.CallbackReq { return PQ(new(Q)) },
		reply:   func() cb.CallbackResp { return PR(new(R)) },
	}
}

// calls are the callbacks of open-im-server v3.8.3 by command, as its
// internal/*/callback.go and internal/rpc/*/callback.go make them.
var calls = map[string]call{
	cb.CallbackAfterAddFriendAgreeCommand:      of[cb.CallbackAfterAddFriendAgreeReq, cb.CallbackAfterAddFriendAgreeResp](),
	cb.CallbackAfterAddFriendCommand:           of[cb.CallbackAfterAddFriendReq, cb.CallbackAfterAddFriendResp](),
	cb.CallbackAfterCreateGroupCommand:         of[cb.CallbackAfterCreateGroupReq, cb.CallbackAfterCreateGroupResp](),
	cb.CallbackAfterDeleteFriendCommand:        of[cb.CallbackAfterDeleteFriendReq, cb.CallbackAfterDeleteFriendResp](),
	cb.CallbackAfterDisMissGroupCommand:        of[cb.CallbackDisMissGroupReq, cb.CallbackDisMissGroupResp](),
	cb.CallbackAfterGroupMsgReadCommand:        of[cb.CallbackGroupMsgReadReq, cb.CallbackGroupMsgReadResp](),
	cb.CallbackAfterImportFriendsCommand:       of[cb.CallbackAfterImportFriendsReq, cb.CallbackAfterImportFriendsResp](),
	cb.CallbackAfterJoinGroupCommand:           of[cb.CallbackAfterJoinGroupReq, cb.CallbackAfterJoinGroupResp](),
	cb.CallbackAfterKickGroupCommand:           of[cb.CallbackKillGroupMemberReq, cb.CallbackKillGroupMemberResp](),
	cb.CallbackAfterQuitGroupCommand:           of[cb.CallbackQuitGroupReq, cb.CallbackQuitGroupResp](),
	cb.CallbackAfterRemoveBlackCommand:         of[cb.CallbackAfterRemoveBlackReq, cb.CallbackAfterRemoveBlackResp](),
	cb.CallbackAfterRevokeMsgCommand:           of[cb.CallbackAfterRevokeMsgReq, cb.CallbackAfterRevokeMsgResp](),
	cb.CallbackAfterSendGroupMsgCommand:        of[cb.CallbackAfterSendGroupMsgReq, cb.CallbackAfterSendGroupMsgResp](),
	cb.CallbackAfterSendSingleMsgCommand:       of[cb.CallbackAfterSendSingleMsgReq, cb.CallbackAfterSendSingleMsgResp](),
	cb.CallbackAfterSetFriendRemarkCommand:     of[cb.CallbackAfterSetFriendRemarkReq, cb.CallbackAfterSetFriendRemarkResp](),
	cb.CallbackAfterSetGroupInfoCommand:        of[cb.CallbackAfterSetGroupInfoReq, cb.CallbackAfterSetGroupInfoResp](),
	cb.CallbackAfterSetGroupInfoExCommand:      of[cb.CallbackAfterSetGroupInfoExReq, cb.CallbackAfterSetGroupInfoExResp](),
	cb.CallbackAfterSetGroupMemberInfoCommand:  of[cb.CallbackAfterSetGroupMemberInfoReq, cb.CallbackAfterSetGroupMemberInfoResp](),
	cb.CallbackAfterSingleMsgReadCommand:       of[cb.CallbackSingleMsgReadReq, cb.CallbackSingleMsgReadResp](),
	cb.CallbackAfterTransferGroupOwnerCommand:  of[cb.CallbackTransferGroupOwnerReq, cb.CallbackTransferGroupOwnerResp](),
	cb.CallbackAfterUpdateUserInfoCommand:      of[cb.CallbackAfterUpdateUserInfoReq, cb.CallbackAfterUpdateUserInfoResp](),
	cb.CallbackAfterUpdateUserInfoExCommand:    of[cb.CallbackAfterUpdateUserInfoExReq, cb.CallbackAfterUpdateUserInfoExResp](),
	cb.CallbackAfterUserKickOffCommand:         of[cb.CallbackUserKickOffReq, cb.CommonCallbackResp](),
	cb.CallbackAfterUserOfflineCommand:         of[cb.CallbackUserOfflineReq, cb.CallbackUserOfflineResp](),
	cb.CallbackAfterUserOnlineCommand:          of[cb.CallbackUserOnlineReq, cb.CommonCallbackResp](),
	cb.CallbackAfterUserRegisterCommand:        of[cb.CallbackAfterUserRegisterReq, cb.CallbackAfterUserRegisterResp](),
	cb.CallbackBeforeAddBlackCommand:           of[cb.CallbackBeforeAddBlackReq, cb.CallbackBeforeAddBlackResp](),
	cb.CallbackBeforeAddFriendAgreeCommand:     of[cb.CallbackBeforeAddFriendAgreeReq, cb.CallbackBeforeAddFriendAgreeResp](),
	cb.CallbackBeforeAddFriendCommand:          of[cb.CallbackBeforeAddFriendReq, cb.CallbackBeforeAddFriendResp](),
	cb.CallbackBeforeCreateGroupCommand:        of[cb.CallbackBeforeCreateGroupReq, cb.CallbackBeforeCreateGroupResp](),
	cb.CallbackBeforeGroupOnlinePushCommand:    of[cb.CallbackBeforeSuperGroupOnlinePushReq, cb.CallbackBeforeSuperGroupOnlinePushResp](),
	cb.CallbackBeforeImportFriendsCommand:      of[cb.CallbackBeforeImportFriendsReq, cb.CallbackBeforeImportFriendsResp](),
	cb.CallbackBeforeInviteJoinGroupCommand:    of[cb.CallbackBeforeInviteUserToGroupReq, cb.CallbackBeforeInviteUserToGroupResp](),
	cb.CallbackBeforeJoinGroupCommand:          of[cb.CallbackJoinGroupReq, cb.CallbackJoinGroupResp](),
	cb.CallbackBeforeMembersJoinGroupCommand:   of[cb.CallbackBeforeMembersJoinGroupReq, cb.CallbackBeforeMembersJoinGroupResp](),
	cb.CallbackBeforeMsgModifyCommand:          of[cb.CallbackMsgModifyCommandReq, cb.CallbackMsgModifyCommandResp](),
	cb.CallbackBeforeOfflinePushCommand:        of[cb.CallbackBeforePushReq, cb.CallbackBeforePushResp](),
	cb.CallbackBeforeOnlinePushCommand:         of[cb.CallbackBeforePushReq, cb.CallbackBeforePushResp](),
	cb.CallbackBeforeSendGroupMsgCommand:       of[cb.CallbackBeforeSendGroupMsgReq, cb.CallbackBeforeSendGroupMsgResp](),
	cb.CallbackBeforeSendSingleMsgCommand:      of[cb.CallbackBeforeSendSingleMsgReq, cb.CallbackBeforeSendSingleMsgResp](),
	cb.CallbackBeforeSetFriendRemarkCommand:    of[cb.CallbackBeforeSetFriendRemarkReq, cb.CallbackBeforeSetFriendRemarkResp](),
	cb.CallbackBeforeSetGroupInfoCommand:       of[cb.CallbackBeforeSetGroupInfoReq, cb.CallbackBeforeSetGroupInfoResp](),
	cb.CallbackBeforeSetGroupInfoExCommand:     of[cb.CallbackBeforeSetGroupInfoExReq, cb.CallbackBeforeSetGroupInfoExResp](),
	cb.CallbackBeforeSetGroupMemberInfoCommand: of[cb.CallbackBeforeSetGroupMemberInfoReq, cb.CallbackBeforeSetGroupMemberInfoResp](),
	cb.CallbackBeforeUpdateUserInfoCommand:     of[cb.CallbackBeforeUpdateUserInfoReq, cb.CallbackBeforeUpdateUserInfoResp](),
	cb.CallbackBeforeUpdateUserInfoExCommand:   of[cb.CallbackBeforeUpdateUserInfoExReq, cb.CallbackBeforeUpdateUserInfoExResp](),
	cb.CallbackBeforeUserRegisterCommand:       of[cb.CallbackBeforeUserRegisterReq, cb.CallbackBeforeUserRegisterResp](),
}

// defined are the callbacks of the catalog that the version has.
func defined() []*fixtures.Callback {
	return slices.DeleteFunc(fixtures.All(), func(c *fixtures.Callback) bool {
		at, _ := c.At(server)
		return c.DocumentedOnly() || at != server
	})
}

// deciding are the callbacks whose replies OpenIM waits for.
func deciding() []*fixtures.Callback {
	return slices.DeleteFunc(defined(), func(c *fixtures.Callback) bool { return c.Phase != fixtures.Before })
}

func callOf(t testing.TB, c *fixtures.Callback) call {
	t.Helper()
	found, ok := calls[c.Command(server)]
	require.True(t, ok, c.Key)
	return found
}

func TestCallsAreTheCatalog(t *testing.T) {
	var commands []string
	for _, c := range defined() {
		commands = append(commands, c.Command(server))
	}
	slices.Sort(commands)
	assert.Equal(t, slices.Sorted(maps.Keys(calls)), commands)
}

func TestReplyTypes(t *testing.T) {
	for _, c := range defined() {
		reply := reflect.TypeOf(callOf(t, c).reply()).Elem()
		assert.Equal(t, reply.Name(), c.Reply.GoTypeIn(server), c.Key)
	}
}

// TestReplyFields compares the fields that imcb expects in replies with those
// that OpenIM's types have, in both directions.
func TestReplyFields(t *testing.T) {
	for _, c := range deciding() {
		var want, got []string
		for _, f := range reflect.VisibleFields(reflect.TypeOf(callOf(t, c).reply()).Elem()) {
			if len(f.Index) == 1 && !f.Anonymous {
				want = append(want, jsonName(f))
			}
		}
		for _, f := range c.ReplyFields(server) {
			got = append(got, f.Name)
		}
		assert.Equal(t, want, got, c.Key)
	}
}
