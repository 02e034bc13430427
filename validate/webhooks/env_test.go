package webhooks_test

import (
	"cmp"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
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
		notes [][2]any
	}{
		{fixtures.V36, nil, [][2]any{{"env.none", nil}}},
		{fixtures.V37, without("DENIEDTYPES"), nil},
		{fixtures.V381, without("DENIEDTYPES"), [][2]any{{"env.silenced", "afterSendSingleMsg"}, {"env.not-shipped", "afterSendGroupMsg"}}},
		{fixtures.V383, common, [][2]any{{"env.not-shipped", "afterSendGroupMsg"}}},
		{fixtures.Main, append(without("DENIEDTYPES"), "IMENV_WEBHOOKS_AFTERSENDGROUPMSG_ATTENTIONIDS=u1,u2"), [][2]any{{"env.wrong", "IMENV_WEBHOOKS_BEFORESENDSINGLEMSG_DENIEDTYPES"}}},
	} {
		lines, notes := f.Env(validate.Server{Release: tt.v, Deployment: validate.Services})
		assert.Equal(t, tt.lines, lines, tt.v)
		var got [][2]any
		for _, note := range notes {
			got = append(got, [2]any{note.ID(), cmp.Or(note.Arg("key"), note.Arg("variable"))})
		}
		assert.Equal(t, tt.notes, got, tt.v)
	}
}

// main as one process was started with such variables: none had an effect.
func TestOneProcessReadsNoEnvironment(t *testing.T) {
	lines, notes := parse(t, envFile).Env(validate.On(fixtures.Main))
	assert.Empty(t, lines)
	if assert.Len(t, notes, 1) {
		assert.Equal(t, "env.one-process", notes[0].ID())
		assert.Contains(t, notes[0].String(), "OpenIM main runs as one process, which reads no IMENV_ variables")
	}
}

func TestEnvCannotHoldCommas(t *testing.T) {
	lines, notes := parse(t, "afterSendSingleMsg:\n  enable: true\n  timeout: 5\n  attentionIds: ['a,b']\n").Env(validate.On(fixtures.V383))
	assert.Len(t, lines, 2)
	if assert.Len(t, notes, 1) {
		assert.Equal(t, "env.comma", notes[0].ID())
	}
}

func TestEnvOfAnOldSection(t *testing.T) {
	lines, notes := parse(t, "callback:\n  url: http://x/cb\n  msgModify:\n    enable: true\n    timeout: 5\n").Env(validate.On(fixtures.V383))
	assert.Equal(t, []string{
		"IMENV_WEBHOOKS_URL=http://x/cb", "IMENV_WEBHOOKS_BEFOREMSGMODIFY_ENABLE=true", "IMENV_WEBHOOKS_BEFOREMSGMODIFY_TIMEOUT=5",
	}, lines)
	assert.Empty(t, notes)
}

func TestEnvWritesNumbersAsTheyAre(t *testing.T) {
	lines, _ := parse(t, base+"beforeAddFriend:\n  enable: true\n  timeout: 12\n").Env(validate.On(fixtures.V383))
	assert.Contains(t, lines, "IMENV_WEBHOOKS_BEFOREADDFRIEND_TIMEOUT=12")
}
