package webhooks_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
)

// TestSends is the filters of each version: which of these messages make it
// send the callback. The rows come from internal/rpc/msg/callback.go and
// filter.go, internal/push/callback.go and internal/msgtransfer/callback.go.
func TestSends(t *testing.T) {
	type message struct {
		contentType             int
		sendID, recvID, groupID string
	}
	messages := map[string]message{
		"text":         {101, "alice", "bob", ""},
		"reply":        {101, "bob", "alice", ""},
		"picture":      {102, "alice", "bob", ""},
		"typing":       {113, "alice", "bob", ""},
		"notification": {1501, "alice", "bob", ""},
		"group":        {101, "alice", "", "g1"},
		"high":         {6000, "alice", "bob", ""},
	}
	order := []string{"text", "reply", "picture", "typing", "notification", "group", "high"}
	for _, tt := range []struct {
		v       fixtures.Release
		key     string
		setting string
		want    string
	}{
		{fixtures.V35, "beforeSendSingleMsg", "", "text reply picture typing notification group high"},
		{fixtures.V36, "beforeSendSingleMsg", "", "text reply picture notification group high"},
		{fixtures.V37, "beforeSendSingleMsg", "", "text reply picture notification group high"},
		{fixtures.V383, "beforeSendSingleMsg", "", "text reply picture group high"},
		{fixtures.Main, "beforeSendSingleMsg", "", "text reply picture group high"},
		{fixtures.V35, "beforeMsgModify", "", "text reply group"},
		{fixtures.V383Patch16, "beforeMsgModify", "", "text reply group"},
		{fixtures.Main, "beforeMsgModify", "", "text reply picture group high"},
		{fixtures.V35, "beforeOnlinePush", "", "text reply picture typing notification group high"},
		{fixtures.V36, "beforeOnlinePush", "", "text reply picture notification group high"},
		{fixtures.Main, "beforeOnlinePush", "deniedTypes: [101]", "text reply picture notification group high"},
		{fixtures.Main, "afterRevokeMsg", "deniedTypes: [101]", "text reply picture typing notification group high"},

		{fixtures.V381, "beforeSendSingleMsg", "deniedTypes: [101]", "text reply picture notification group high"},
		{fixtures.V383, "beforeSendSingleMsg", "deniedTypes: [101]", "picture high"},
		{fixtures.V383, "beforeSendSingleMsg", "deniedTypes: ['102', 1000-5000]", "text reply group high"},
		{fixtures.V383, "beforeSendSingleMsg", "deniedTypes: 101-102", "high"},
		{fixtures.V383, "beforeSendSingleMsg", "deniedTypes: '101,6000'", "picture"},
		{fixtures.V383, "beforeSendSingleMsg", "deniedTypes: [100 - 200, 1-2-3, x, 200-100]", "text reply picture group high"},
		{fixtures.V383, "beforeSendSingleMsg", "allowedTypes: [101]", "text reply group"},
		{fixtures.V383, "beforeSendSingleMsg", "allowedTypes: [100-200]\n  deniedTypes: [101]", "picture"},
		{fixtures.Main, "beforeSendSingleMsg", "allowedTypes: [101]", "text reply picture group high"},
		{fixtures.Main, "beforeSendSingleMsg", "deniedTypes: [101]", "picture high"},

		{fixtures.V37, "afterSendSingleMsg", "attentionIds: []", "text reply picture notification group high"},
		{fixtures.V380, "afterSendSingleMsg", "attentionIds: []", ""},
		{fixtures.V381, "afterSendSingleMsg", "attentionIds: ''", ""},
		{fixtures.V381, "afterSendSingleMsg", "attentionIds:", "text reply picture notification group high"},
		{fixtures.V381, "afterSendSingleMsg", "attentionIds: [bob]", "text reply picture notification high"},
		{fixtures.V381, "afterSendGroupMsg", "attentionIds: [bob]", "text reply picture notification group high"},
		{fixtures.V383, "afterSendSingleMsg", "attentionIds: []", "text reply picture notification group high"},
		{fixtures.V383, "afterSendSingleMsg", "attentionIds: [bob]", "text reply picture notification high"},
		{fixtures.V383, "afterSendGroupMsg", "attentionIds: [alice]", "text picture notification group high"},
		{fixtures.V383, "afterSendGroupMsg", "attentionIds: [g1]", ""},
		{fixtures.Main, "afterSendSingleMsg", "attentionIds: [bob]", "text picture high"},
		{fixtures.Main, "afterSendGroupMsg", "attentionIds: [g1, alice, bob]", ""},
		{fixtures.Main, "afterSendGroupMsg", "attentionIds: []", "text reply picture group high"},
		{fixtures.Main, "afterMsgSaveDB", "attentionIds: [bob]", "text reply picture group high"},
		{fixtures.Main, "afterMsgSaveDB", "deniedTypes: [101]", "picture high"},
	} {
		t.Run(fmt.Sprintf("%s %s %s", tt.v, tt.key, tt.setting), func(t *testing.T) {
			key, indent, head := tt.key, "  ", ""
			if tt.v < fixtures.V37 {
				head, indent = "callback:\n  ", "    "
				key = map[string]string{"beforeMsgModify": "msgModify", "beforeOnlinePush": "onlinePush"}[tt.key]
				if key == "" {
					key = tt.key
				}
			}
			on := parse(t, head+key+":\n"+indent+"enable: true\n"+indent+tt.setting+"\n").SwitchedOn(tt.v)
			if !assert.Len(t, on, 1) {
				return
			}
			got := ""
			for _, name := range order {
				m := messages[name]
				if on[0].Sends(m.contentType, m.sendID, m.recvID, m.groupID) {
					got += " " + name
				}
			}
			assert.Equal(t, tt.want, strings.TrimSpace(got))
			if !on[0].Never.IsZero() {
				assert.Empty(t, tt.want)
			}
		})
	}
}

func TestSaveDBComparesContentTypeWithSessionType(t *testing.T) {
	on := parse(t, "afterMsgSaveDB:\n  enable: true\n  attentionIds: [bob, g1]\n").Enabled(fixtures.Main)[0]
	assert.False(t, on.Sends(1, "bob", "alice", ""))
	assert.True(t, on.Sends(1, "alice", "bob", ""))
	assert.False(t, on.Sends(3, "alice", "", "g2"))
	assert.True(t, on.Sends(3, "alice", "", "g1"))
}

// A callback that a version looks up in attentionIds needs to say how.
func TestAttentiveCallbacksSayHow(t *testing.T) {
	for _, v := range fixtures.Releases() {
		for _, key := range v.Filter().Attentive {
			c, known := fixtures.Find(key)
			if assert.True(t, known, "%s: %s", v, key) {
				assert.Equal(t, key, c.Key, v)
				assert.NotEqual(t, validate.NoAttention, validate.SettingsOf(c).Attention, "%s: %s", v, key)
			}
		}
	}
}
