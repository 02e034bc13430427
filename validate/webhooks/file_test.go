package webhooks_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/webhooks"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseReadsEveryForm(t *testing.T) {
	for name, text := range map[string]string{
		"flat":         "url: http://x/cb\nbeforeAddFriend:\n  enable: true\n  timeout: 5\n",
		"flow":         "{url: http://x/cb, beforeAddFriend: {enable: true, timeout: 5}}\n",
		"windows":      "\ufeffurl: http://x/cb\r\nbeforeAddFriend:\r\n  enable: true\r\n  timeout: 5\r\n",
		"letter case":  "URL: http://x/cb\nbeforeaddfriend:\n  ENABLE: True\n  Timeout: 5\n",
		"alias":        "x-on: &on {enable: true, timeout: 5}\nurl: http://x/cb\nbeforeAddFriend: *on\n",
		"merge":        "x-on: &on {enable: true, timeout: 9}\nurl: http://x/cb\nbeforeAddFriend:\n  <<: *on\n  timeout: 5\n",
		"two cases":    "url: http://x/cb\nbeforeAddFriend: {enable: false, timeout: 5, Enable: true}\n",
		"weak types":   "url: http://x/cb\nbeforeAddFriend:\n  enable: \"true\"\n  timeout: \"5\"\n",
		"two sections": "callback:\n  url: http://old/cb\nurl: http://x/cb\nbeforeAddFriend: {enable: true, timeout: 5}\n",
	} {
		t.Run(name, func(t *testing.T) {
			f := parse(t, text)
			on := f.Enabled(fixtures.V383)
			require.Len(t, on, 1)
			assert.Equal(t, "http://x/cb", f.URL())
			assert.Equal(t, "callbackBeforeAddFriendCommand", on[0].Command)
			assert.Equal(t, "5s", on[0].Timeout.String())
			assert.Empty(t, f.Enabled(fixtures.V36), "3.6 reads a section only, and there keys have their exact case")
		})
	}
}

func TestOldSection(t *testing.T) {
	f := parse(t, "mongo:\n  uri: x\ncallback:\n  url: http://x/cb\n  msgModify:\n    enable: yes\n    timeout: 7\n    failedContinue: true\n")
	on := f.Enabled(fixtures.V35)
	require.Len(t, on, 1)
	assert.Equal(t, "callbackMsgModifyCommand", on[0].Command)
	assert.Equal(t, "beforeMsgModify", on[0].Key)
	assert.Equal(t, 5, on[0].Line)
	assert.True(t, on[0].FailedContinue)
	assert.Equal(t, "http://x/cb", f.URL())
	assert.Empty(t, f.Enabled(fixtures.V37), "3.7 and later read no section")
}

// 3.5 and 3.6 take some settings from another callback's entry.
func TestCrossedSettings(t *testing.T) {
	f := parse(t, `callback:
  url: http://x/cb
  quitGroup: {enable: false, timeout: 2, failedContinue: true}
  killGroupMember: {enable: true, timeout: 9, failedContinue: false}
  joinGroup: {enable: false, timeout: 3}
  transferGroupOwner: {enable: true, timeout: 4}
  beforeSetGroupMemberInfo: {enable: true, timeout: 6}
`)
	got := func(v fixtures.Release) map[string]string {
		all := map[string]string{}
		for _, e := range f.Enabled(v) {
			all[e.Callback.Key] = e.Timeout.String()
		}
		return all
	}
	assert.Equal(t, map[string]string{
		"afterKickGroupMember": "2s", "afterTransferGroupOwner": "3s", "beforeSetGroupMemberInfo": "6s", "afterSetGroupMemberInfo": "0s",
	}, got(fixtures.V35))
	assert.Equal(t, "4s", got(fixtures.V36)["afterTransferGroupOwner"], "3.6 has this one right")
	assert.True(t, f.Enabled(fixtures.V35)[0].FailedContinue, "from quitGroup, as the timeout")
	both := parse(t, "callback:\n  beforeSetGroupMemberInfo: {enable: true}\n  afterSetGroupMemberInfo: {enable: false}\n")
	assert.Len(t, both.Enabled(fixtures.V35), 2)
}

// Each callback of 3.6 that takes its timeout from another entry, and which.
func TestWhoseTimeout(t *testing.T) {
	timeouts := map[string]string{
		"beforeUpdateUserInfo": "1s", "afterUpdateUserInfo": "1s", "beforeUpdateUserInfoEx": "3s", "afterUpdateUserInfoEx": "3s",
		"beforeUserRegister": "1s", "afterUserRegister": "2s", "beforeAddFriend": "7s", "beforeSetFriendRemark": "7s",
		"afterSetFriendRemark": "7s", "afterQuitGroup": "10s", "afterKickGroupMember": "10s", "afterDismissGroup": "10s",
	}
	f := parse(t, `callback:
  beforeUpdateUserInfo: {enable: true, timeout: 1}
  updateUserInfo: {enable: true, timeout: 2}
  beforeUpdateUserInfoEx: {enable: true, timeout: 3}
  afterUpdateUserInfoEx: {enable: true, timeout: 4}
  beforeUserRegister: {enable: true, timeout: 5}
  afterUserRegister: {enable: true, timeout: 6}
  beforeAddFriend: {enable: true, timeout: 7}
  callbackBeforeSetFriendRemark: {enable: true, timeout: 8}
  callbackAfterSetFriendRemark: {enable: true, timeout: 9}
  quitGroup: {enable: true, timeout: 10}
  killGroupMember: {enable: true, timeout: 11}
  dismissGroup: {enable: true, timeout: 12}
`)
	got := map[string]string{}
	for _, e := range f.Enabled(fixtures.V36) {
		got[e.Callback.Key] = e.Timeout.String()
	}
	assert.Equal(t, timeouts, got)
}

func TestWait(t *testing.T) {
	for setting, want := range map[string]string{
		"timeout: 5": "5s", "timeout: 3600": "15s", "timeout: 0": "15s", "timeout: -1": "15s", "": "15s", "timeout: 5.7": "5s", "timeout: 010": "8s", "timeout: 1e1": "10s",
	} {
		on := parse(t, "beforeAddFriend:\n  enable: true\n  "+setting+"\n").Enabled(fixtures.V383)
		require.Len(t, on, 1)
		assert.Equal(t, want, on[0].Wait().String(), setting)
	}
}

// What viper 1.18.2 with mapstructure 1.5.0 made of each value, with OpenIM's
// types: the values that keep 3.8.3 and main from starting, and of main alone.
func TestWhatDoesNotLoad(t *testing.T) {
	loads := func(setting string, v fixtures.Release) bool {
		for _, f := range parse(t, "url: http://x/cb\nafterSendSingleMsg:\n  "+setting+"\n").Lint(webhooks.LintOptions{Server: v}) {
			if f.Fatal {
				return false
			}
		}
		return true
	}
	for _, setting := range []string{
		"enable: true", `enable: "true"`, "enable: True", "enable: 1", "enable: 2.5", "enable:", "enable: t", "enable: ''", "timeout: '5'", "timeout: 5.7",
		"timeout: -1", "timeout: 0x10", "timeout: true", "timeout: ''", "deniedTypes: 101", "deniedTypes: '101,102'", "deniedTypes: ['101']",
		"deniedTypes: [101.5]", "deniedTypes: []", "deniedTypes: ", "deniedTypes: [null]", "attentionIds: u1", "attentionIds: [1, 2]", "ENABLE: true",
		"failedContinue: nope", "other: [x]", "enable: 9999999999",
	} {
		assert.True(t, loads(setting, fixtures.V383), setting)
		assert.True(t, loads(setting, fixtures.Main), setting)
	}
	for _, setting := range []string{
		"enable: yes", "enable: on", "enable: [true]", "timeout: 5s", "timeout: [5]", "deniedTypes: {a: 1}", "attentionIds: [[a]]", "attentionIds: [{a: 1}]",
		"enable: true\n  enable: false",
	} {
		assert.False(t, loads(setting, fixtures.V383), setting)
		assert.False(t, loads(setting, fixtures.Main), setting)
	}
	for _, setting := range []string{"deniedTypes: [101, 200-500]", "deniedTypes: [200 - 500]", "deniedTypes: 200-500", "deniedTypes: [text]"} {
		assert.True(t, loads(setting, fixtures.V383), setting)
		assert.False(t, loads(setting, fixtures.Main), setting)
	}
	assert.True(t, loads("allowedTypes: {a: [b]}", fixtures.Main), "main doesn't look at it")
}

// What yaml.v3 made of each value with the types of 3.5 and 3.6.
func TestWhatDoesNotLoadInOldVersions(t *testing.T) {
	for setting, want := range map[string]bool{
		"enable: yes": true, `enable: "yes"`: true, "enable: True": true, "enable: on": true, "enable:": true, "timeout: 5.7": true, "timeout: 0x10": true,
		`enable: "true"`: false, "enable: 1": false, "enable: [true]": false, `timeout: "5"`: false, "timeout: 5s": false, "timeout: true": false,
		"failedContinue: nope": false, "deniedTypes: {a: 1}": true, "enable: true\n    enable: false": false,
	} {
		f := parse(t, "callback:\n  url: http://x/cb\n  beforeAddFriend:\n    "+setting+"\n")
		loads := true
		for _, finding := range f.Lint(webhooks.LintOptions{Server: fixtures.V36}) {
			loads = loads && !finding.Fatal
		}
		assert.Equal(t, want, loads, setting)
	}
}

func TestParseErrorsShowWhere(t *testing.T) {
	for text, want := range map[string]string{
		"url: a\nb:\n\tc: 1\n":            "w.yml:3:1: ",
		"- a\n":                           "w.yml:1:1: want settings",
		"text\n":                          "w.yml:1:1: want settings",
		"url: a\nb: *nope\n":              "w.yml:2:4: there is no anchor &nope before this\n   2 | b: *nope\n     |    ^",
		"a: [1\n":                         "w.yml:1:4: ",
		"url: http://u:geheim@x\na: [":    "w.yml:2:4: ",
		strings.Repeat("a: b\n", 20001):   "w.yml:20000:4: the file has more than 20000 values",
		strings.Repeat("a", 200000):       "w.yml: the file has more than 128 KB",
		strings.Repeat("- ", 5000):        "w.yml:1:131: lists and mappings are nested too deeply",
		"a: " + strings.Repeat("[", 5000): "w.yml:1:68: lists and mappings are nested too deeply",
		"a: &x\n  b: *x\n":                "w.yml:",
	} {
		_, err := webhooks.Parse("w.yml", []byte(text))
		require.Error(t, err, text[:min(20, len(text))])
		assert.True(t, strings.HasPrefix(err.Error(), want), "%q", err.Error())
		assert.NotContains(t, err.Error(), "geheim")
	}
}

func TestEmptyFile(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "---\n", "~\n", "callback:\n"} {
		f := parse(t, text)
		assert.Empty(t, f.URL())
		assert.Empty(t, f.SwitchedOn(fixtures.V383))
		assert.Contains(t, rulesOf(f.Lint(webhooks.LintOptions{Server: fixtures.V383})), "lint-nothing-enabled", text)
	}
}

// FuzzParse: no file makes the package panic, and what it reports can be shown.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob(testFiles + "/*.yml")
	require.NoError(f, err)
	require.NotEmpty(f, files)
	for _, name := range files {
		text, err := os.ReadFile(name)
		require.NoError(f, err)
		f.Add(text)
	}
	for _, text := range []string{"a: &a\n  <<: *a\n", "callback: *x\n", "url: &u http://x\nb: *u\n", "? a\n", "url: !!str 5\n", "a: |\n  x\n", "{a: {enable: [}}"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := webhooks.Parse("w.yml", text)
		if err != nil {
			assert.NotEmpty(t, err.Error())
			return
		}
		from := fixtures.V35
		for _, v := range fixtures.Releases() {
			for _, finding := range file.Lint(webhooks.LintOptions{Server: v, From: &from}) {
				assert.Positive(t, finding.Place.Line)
				assert.Positive(t, finding.Place.Column)
				assert.NotEmpty(t, finding.Message.String())
			}
			for _, e := range file.Enabled(v) {
				e.Sends(101, "a", "b", "c")
				assert.True(t, e.Callback.SentBy(v))
			}
			file.Env(validate.On(v))
		}
	})
}

func TestFindingsKeepSecrets(t *testing.T) {
	f := parse(t, "url: http://u:geheim@127.0.0.1/cb?token=geheim\n")
	for _, finding := range validate.MaskFindings(f.Lint(webhooks.LintOptions{Server: fixtures.V383})) {
		assert.NotContains(t, finding.Excerpt+finding.Message.String()+finding.Hint.String(), "geheim")
	}
}
