package suite

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// recorded are the labels of recorded operations, by the scenario that plays
// them.
var recorded = map[string]string{
	"register-user":            "user_register register",
	"set-user-info":            "update_user_info update-user",
	"set-user-info-ex":         "update_user_info_ex update_user_info_ex_face update-user-ex",
	"add-friend":               "add_friend add_friend_2 add-friend ok json404 after-reset after-timeout after-html-502 action-code-1",
	"agree-friend":             "add_friend_agree agree",
	"refuse-friend":            "add_friend_refuse refuse_friend",
	"import-friends":           "import_friend import import_1 import_2",
	"set-friend-remark":        "set_friend_remark remark ok-remark",
	"update-friends":           "update_friends",
	"add-black":                "add_black add-black",
	"remove-black":             "remove_black remove-black remove-black-again",
	"delete-friend":            "delete_friend delete-friend delete-friend-none",
	"create-group":             "create_group create_group_2 create-group",
	"create-group-with-notice": "create_group create_group_notification",
	"join-group":               "join_direct join-direct",
	"apply-to-group":           "join_apply join_apply_2 join-apply join-as-admin",
	"approve-application":      "join_approve join-approve",
	"reject-application":       "join_reject",
	"invite-to-group":          "invite",
	"kick-from-group":          "kick",
	"quit-group":               "quit",
	"transfer-group":           "transfer",
	"dismiss-group":            "dismiss",
	"delete-group":             "dismiss_delete",
	"set-group-info":           "set_group_info_name set_group_info set-group set-group-info",
	"set-group-info-all":       "set_group_info_all set_verification set-verification set-verification-2",
	"set-group-info-ex":        "set_group_info_ex set-group-ex",
	"set-group-info-ex-all":    "set_group_info_ex set_group_info_ex_2 set_group_info_ex_face set_group_info_ex_all",
	"set-member-info":          "set_group_member_info set_member_info set-member",
	"set-member-role":          "set_group_member_role set_member_role",
	"mute-member":              "mute_member",
	"unmute-member":            "cancel_mute_member",
	"mute-group":               "mute_group",
	"unmute-group":             "cancel_mute_group",
	"send-message": "send send_single send_single_2 send_picture send-single send-single-offline-info " +
		"send-picture send-single-self send-to-online single_101 single_102 single_103 " +
		"single_104 single_105 single_110 single_offline ws_text ws_text_u3 ws_117 ws_107 " +
		"ws_108 ws_115 ws-send push-html",
	"send-first-message":         "send_single_new send-single-self",
	"send-group-message":         "send_group send_group_at send_group_2 send-group group_101 group_110 group_at group_at_all ws_group ws_at",
	"send-to-many":               "batch_send",
	"read-message":               "mark_msgs_read mark_conv_read mark_conv_read_noseqs read-single read-msgs",
	"read-group-message":         "mark_group_read read-group",
	"set-read-position":          "set_has_read set_has_read_seq",
	"revoke-message":             "revoke_single revoke",
	"revoke-group-message":       "revoke_group",
	"delete-messages":            "delete_msgs",
	"clear-conversation":         "clear_conv",
	"set-conversation":           "set_conversations",
	"send-business-notification": "business_notification business",
}

// recordedLine is an operation's id with its label, and its callbacks.
var recordedLine = regexp.MustCompile(`^[a-z0-9]+(?:-[a-z0-9]+)*?-[0-9]{2,3}-(\S+) +(\S.*)$`)

func TestScenariosAreAsRecorded(t *testing.T) {
	files, err := filepath.Glob("testdata/orders/*.txt")
	require.NoError(t, err)
	for _, file := range files {
		name, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".txt"), "-api")
		v, err := fixtures.ParseRelease(name)
		require.NoError(t, err)
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for line := range strings.Lines(string(text)) {
			if m := recordedLine.FindStringSubmatch(strings.TrimSpace(line)); m != nil && m[1] != "send_blocked" {
				assert.True(t, isAllowed(m[1], v, strings.Split(m[2], " > ")), "%s: no scenario allows %s", file, line)
			}
		}
	}
}

// isAllowed reports whether a scenario of the label allows these callbacks.
func isAllowed(label string, v fixtures.Release, keys []string) bool {
	return slices.ContainsFunc(scenarios().Cases, func(c *Case) bool {
		return slices.Contains(strings.Fields(recorded[c.scenario().Name]), label) && allows(c, v, keys)
	})
}

// What is missing, superfluous or in another order is told.
func TestOrdersAreStrict(t *testing.T) {
	for _, test := range []struct {
		release, label, keys string
		want                 bool
	}{
		{"main", "create-group", "beforeCreateGroup beforeMemberJoinGroup afterCreateGroup beforeCreateGroupChatConversations afterCreateGroupChatConversations beforeGroupOnlinePush beforeGroupOnlinePush", true},
		{"main", "create-group", "beforeCreateGroup beforeMemberJoinGroup afterCreateGroup beforeCreateGroupChatConversations afterCreateGroupChatConversations beforeGroupOnlinePush", false},
		{"main", "create-group", "beforeCreateGroup beforeMemberJoinGroup beforeCreateGroupChatConversations afterCreateGroupChatConversations beforeGroupOnlinePush beforeGroupOnlinePush", false},
		{"main", "create-group", "beforeMemberJoinGroup beforeCreateGroup afterCreateGroup beforeCreateGroupChatConversations afterCreateGroupChatConversations beforeGroupOnlinePush beforeGroupOnlinePush", false},
		{"main", "create-group", "beforeCreateGroup beforeMemberJoinGroup afterCreateGroup afterCreateGroupChatConversations beforeCreateGroupChatConversations beforeGroupOnlinePush beforeGroupOnlinePush", false},
		{"3.8.3", "add-friend", "beforeAddFriend afterSendSingleMsg beforeOnlinePush afterAddFriend", true},
		{"3.8.3", "add-friend", "beforeAddFriend afterAddFriend beforeOnlinePush", false},
		{"main", "add-friend", "beforeAddFriend afterAddFriend beforeOnlinePush beforeOfflinePush", true},
		{"main", "add-friend", "beforeAddFriend afterAddFriend afterSendSingleMsg beforeOnlinePush", false},
		{"main", "add-friend", "beforeAddFriend afterAddFriend beforeOfflinePush beforeOnlinePush", false},
		{"3.8.3", "single_102", "beforeSendSingleMsg afterSendSingleMsg beforeOnlinePush", true},
		{"main", "single_102", "beforeSendSingleMsg afterSendSingleMsg beforeOnlinePush afterMsgSaveDB", false},
	} {
		v, err := fixtures.ParseRelease(test.release)
		require.NoError(t, err)
		assert.Equal(t, test.want, isAllowed(test.label, v, strings.Fields(test.keys)), "%v", test)
	}
}

// allows reports whether a server may send these callbacks for the case.
func allows(c *Case, v fixtures.Release, keys []string) bool {
	for choice := (&choices{}); ; {
		var e events
		choice.at = 0
		e.add(&c.root, v, nil, choice)
		if e.inOrder(keys) {
			return true
		}
		if !choice.next() {
			return false
		}
	}
}

// choices goes through all that conditions leave open.
type choices struct {
	at          int
	taken, most []int
}

// copies is how often a step or a group comes.
func (c *choices) copies(cond condition) int {
	least, most := 1, 1
	if cond.when != "" {
		least = 0
	}
	if cond.each != "" {
		most = 5
	}
	if least == most {
		return 1
	}
	if c.at == len(c.taken) {
		c.taken, c.most = append(c.taken, 0), append(c.most, most-least)
	}
	c.at++
	return least + c.taken[c.at-1]
}

// next is the next of them; false: there is none.
func (c *choices) next() bool {
	c.taken, c.most = c.taken[:c.at], c.most[:c.at]
	for i := len(c.taken) - 1; i >= 0; i-- {
		if c.taken[i]++; c.taken[i] <= c.most[i] {
			c.taken, c.most = c.taken[:i+1], c.most[:i+1]
			return true
		}
	}
	return false
}

// event is a callback, and the numbers of the events before it.
type event struct {
	key   string
	after []int
}

type events []event

// add adds the events of a part that come after others; it returns their numbers.
func (e *events) add(p part, v fixtures.Release, after []int, choose *choices) (added []int) {
	switch p := p.(type) {
	case *Step:
		if !p.Has(v) {
			return nil
		}
		for range choose.copies(p.condition) {
			added = append(added, len(*e))
			*e = append(*e, event{p.Callback.Key, after})
		}
	case *group:
		if !p.Has(v) {
			return nil
		}
		for range choose.copies(p.condition) {
			before := after
			for _, one := range p.parts {
				own := e.add(one, v, before, choose)
				added = append(added, own...)
				if !p.unordered {
					before = slices.Concat(before, own)
				}
			}
		}
	}
	return added
}

// inOrder reports whether the events can come as these callbacks.
func (e events) inOrder(keys []string) bool {
	var own []string
	for _, one := range e {
		own = append(own, one.key)
	}
	return slices.Equal(slices.Sorted(slices.Values(own)), slices.Sorted(slices.Values(keys))) && e.rest(keys, 0, map[uint64]bool{})
}

func (e events) rest(keys []string, done uint64, seen map[uint64]bool) bool {
	if len(keys) == 0 {
		return true
	}
	if seen[done] {
		return false
	}
	seen[done] = true
	for i, one := range e {
		ready := !slices.ContainsFunc(one.after, func(n int) bool { return done&(1<<n) == 0 })
		if one.key == keys[0] && done&(1<<i) == 0 && ready && e.rest(keys[1:], done|1<<i, seen) {
			return true
		}
	}
	return false
}
