package webhooks_test

import (
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/stretchr/testify/assert"
)

const envFile = `url: http://hooks:8080/openim
beforeSendSingleMsg:
  enable: true
  timeout: 3
  failedContinue: true
  deniedTypes: [106, 200-500]
afterSendSingleMsg:
  enable: true
  timeout: 5
afterSendGroupMsg:
  enable: true
  timeout: 5
  attentionIds: [u1, u2]
beforeAddFriend:
  enable: false
`

// The rule is viper's, tried with 1.18.2: the prefix, the path in upper case,
// lists joined by commas, and only settings that OpenIM's own file has.
func TestEnv(t *testing.T) {
	f := parse(t, envFile)
	common := []string{
		"IMENV_WEBHOOKS_URL=http://hooks:8080/openim",
		"IMENV_WEBHOOKS_BEFORESENDSINGLEMSG_ENABLE=true",
		"IMENV_WEBHOOKS_BEFORESENDSINGLEMSG_TIMEOUT=3",
		"IMENV_WEBHOOKS_BEFORESENDSINGLEMSG_FAILEDCONTINUE=true",
		"IMENV_WEBHOOKS_BEFORESENDSINGLEMSG_DENIEDTYPES=106,200-500",
		"IMENV_WEBHOOKS_AFTERSENDSINGLEMSG_ENABLE=true",
		"IMENV_WEBHOOKS_AFTERSENDSINGLEMSG_TIMEOUT=5",
		"IMENV_WEBHOOKS_AFTERSENDGROUPMSG_ENABLE=true",
		"IMENV_WEBHOOKS_AFTERSENDGROUPMSG_TIMEOUT=5",
	}
	without := func(word string) []string {
		var rest []string
		for _, line := range common {
			if !strings.Contains(line, word) {
				rest = append(rest, line)
			}
		}
		return rest
	}
	for _, tt := range []struct {
		v     fixtures.Release
		lines []string
		notes []string
	}{
		{fixtures.V36, nil, []string{"3.6 reads no IMENV_ variables"}},
		{fixtures.V37, without("DENIEDTYPES"), nil},
		{fixtures.V381, without("DENIEDTYPES"), []string{"silences afterSendSingleMsg, and no variable removes it", "no attentionIds in afterSendGroupMsg"}},
		{fixtures.V383, common, []string{"no attentionIds in afterSendGroupMsg"}},
		{fixtures.Main, append(without("DENIEDTYPES"), "IMENV_WEBHOOKS_AFTERSENDGROUPMSG_ATTENTIONIDS=u1,u2"), []string{"DENIEDTYPES is left out"}},
	} {
		lines, notes := f.Env(tt.v)
		assert.Equal(t, tt.lines, lines, tt.v)
		if assert.Len(t, notes, len(tt.notes), tt.v) {
			for i, note := range notes {
				assert.Contains(t, note, tt.notes[i])
			}
		}
	}
}

func TestEnvOfAnOldSection(t *testing.T) {
	lines, notes := parse(t, "callback:\n  url: http://x/cb\n  msgModify:\n    enable: true\n    timeout: 5\n").Env(fixtures.V383)
	assert.Equal(t, []string{
		"IMENV_WEBHOOKS_URL=http://x/cb", "IMENV_WEBHOOKS_BEFOREMSGMODIFY_ENABLE=true", "IMENV_WEBHOOKS_BEFOREMSGMODIFY_TIMEOUT=5",
	}, lines)
	assert.Empty(t, notes)
}
