package webhooks_test

import (
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/webhooks"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	base    = "url: http://hooks:8080/openim\n"
	friend  = "beforeAddFriend:\n  enable: true\n  timeout: 5\n"
	single  = "afterSendSingleMsg:\n  enable: true\n  timeout: 5\n"
	group   = "afterSendGroupMsg:\n  enable: true\n  timeout: 5\n"
	modify  = "beforeMsgModify:\n  enable: true\n  timeout: 5\n"
	section = "callback:\n  url: http://hooks:8080/openim\n"
)

// ruleCase is a file that breaks the rule, once at this line and column, and
// one like it that doesn't.
type ruleCase struct {
	v            fixtures.Release
	from         *fixtures.Release
	bad, good    string
	line, column int
	severity     validate.Severity
}

func from(v fixtures.Release) *fixtures.Release { return &v }

var ruleCases = map[string][]ruleCase{
	"lint-callback-wrapper": {
		{v: fixtures.V37, bad: "callback:\n  url: http://hooks/x\n  beforeAddFriend: {enable: true, timeout: 5}\n", good: base + friend, line: 1, column: 1, severity: "error"},
		{v: fixtures.Main, bad: base + friend + "callback:\n  afterAddFriend: {enable: true}\n", good: base + friend, line: 5, column: 1, severity: "error"},
		{v: fixtures.V36, good: section + "  beforeAddFriend: {enable: true, timeout: 5}\n"},
	},
	"lint-no-callback-section": {{v: fixtures.V36, bad: base + friend, good: section, line: 1, column: 1, severity: "error"}},
	"lint-extra-document":      {{v: fixtures.V383, bad: base + "---\n" + friend, good: "---\n" + base + friend, line: 2, column: 1, severity: "warning"}},
	"lint-duplicate-key": {
		{v: fixtures.V383, bad: base + friend + friend, good: base + friend, line: 5, column: 1, severity: "error"},
		{v: fixtures.V383, bad: base + friend + "  Enable: false\n", good: base + friend, line: 5, column: 3, severity: "error"},
		{v: fixtures.V383, bad: base + "x-a: &a {enable: true, Enable: true}\nbeforeAddFriend: *a\n", good: base + friend + "  x: {y: 1, Y: 2}\n", line: 2, column: 24, severity: "error"},
		{v: fixtures.V36, bad: section + "  msgModify:\n    enable: true\n    enable: true\n", good: section + "  msgModify:\n    enable: true\n    Enable: true\n", line: 5, column: 5, severity: "error"},
	},
	"lint-unknown-key": {
		{v: fixtures.V383, bad: base + "beforeAddFreind:\n  enable: true\n", good: base + friend, line: 2, column: 1, severity: "error"},
		{v: fixtures.V383, bad: base + "something:\n  a: b\n", good: base + "x-something:\n  a: b\n", line: 2, column: 1, severity: "warning"},
		{v: fixtures.V383, bad: base + "afterMsgSaveDB:\n  enable: false\n", good: base + friend, line: 2, column: 1, severity: "note"},
		{v: fixtures.V380, bad: base + "afterAddFriendAgree:\n  enable: true\n", good: base + friend, line: 2, column: 1, severity: "error"},
		{v: fixtures.Main, bad: base + "beforeReplyFriendResp:\n  enable: true\n", good: base + "afterMsgSaveDB:\n  enable: true\n", line: 2, column: 1, severity: "error"},
		{v: fixtures.V36, good: "mysql:\n  a: b\n" + section},
	},
	"lint-renamed-key": {
		{v: fixtures.V37, bad: base + "msgModify:\n  enable: true\n", good: base + modify, line: 2, column: 1, severity: "error"},
		{v: fixtures.V383, bad: base + "callbackBeforeAddFriendCommand:\n  enable: true\n", good: base + friend, line: 2, column: 1, severity: "error"},
		{v: fixtures.V36, bad: section + "  beforeMsgModify:\n    enable: false\n", good: section + "  msgModify:\n    enable: true\n", line: 3, column: 3, severity: "warning"},
		{v: fixtures.V36, bad: section + "  afterJoinGroup:\n    enable: true\n", good: section + "  afterJoinGroup:\n    enable: false\n", line: 3, column: 3, severity: "error"},
		{v: fixtures.V36, bad: section + "  beforeaddfriend:\n    enable: true\n", good: section + "  beforeAddFriend:\n    enable: true\n", line: 3, column: 3, severity: "error"},
	},
	"lint-unknown-setting": {
		{v: fixtures.V383, bad: base + "beforeAddFriend:\n  enabled: true\n", good: base + friend, line: 3, column: 3, severity: "error"},
		{v: fixtures.V383, bad: base + friend + "  enabled: true\n", good: base + friend, line: 5, column: 3, severity: "warning"},
		{v: fixtures.V383, bad: base + friend + "  timeOuts: 5\n", good: base + "beforeAddFriend:\n  enable: true\n  timeOut: 5\n", line: 5, column: 3, severity: "warning"},
		{v: fixtures.V381, bad: base + single + "  deniedTypes: [101]\n", good: base + single, line: 5, column: 3, severity: "warning"},
		{v: fixtures.V37, bad: base + single + "  attentionIds: []\n", good: base + single, line: 5, column: 3, severity: "note"},
		{v: fixtures.V383, bad: base + friend + "  attentionIds: [u1]\n", good: base + single + "  attentionIds: [u1]\n", line: 5, column: 3, severity: "warning"},
	},
	"lint-failedcontinue-after": {{v: fixtures.V383, bad: base + single + "  failedContinue: true\n", good: base + friend + "  failedContinue: true\n", line: 5, column: 3, severity: "note"}},
	"lint-allowedtypes-dropped": {{v: fixtures.Main, bad: base + single + "  allowedTypes: [101]\n", good: base + single + "  allowedTypes: []\n", line: 5, column: 3, severity: "warning"}},
	"lint-value-type": {
		{v: fixtures.V383, bad: base + "beforeAddFriend:\n  enable: yes\n", good: base + friend, line: 3, column: 11, severity: "error"},
		{v: fixtures.V383, bad: base + "beforeAddFriend:\n  enable: true\n  timeout: 5s\n", good: base + friend, line: 4, column: 12, severity: "error"},
		{v: fixtures.V383, bad: base + "beforeAddFriend: true\n", good: base + "beforeAddFriend:\n", line: 2, column: 18, severity: "error"},
		{v: fixtures.V383, good: base + "something:\n  timeout: 5s\nother: 5\n"},
		{v: fixtures.Main, good: base + single + "  deniedTypes: [101, 200-500]\n"},
		{v: fixtures.V383, bad: "url: [a]\n" + friend, good: base + friend, line: 1, column: 6, severity: "error"},
		{v: fixtures.V36, bad: section + "  msgModify:\n    enable: 1\n", good: section + "  msgModify:\n    enable: yes\n", line: 4, column: 13, severity: "error"},
	},
	"lint-deniedtypes-range": {{v: fixtures.Main, bad: base + single + "  deniedTypes: [101, 200-500]\n", good: base + single + "  deniedTypes: [101, 200]\n", line: 5, column: 16, severity: "error"}},
	"lint-odd-value": {
		{v: fixtures.V383, bad: base + "beforeAddFriend:\n  enable: true\n  timeout: 5.7\n", good: base + friend, line: 4, column: 12, severity: "warning"},
		{v: fixtures.V383, bad: base + "beforeAddFriend:\n  enable: true\n  timeout: 99999999999\n", good: base + friend, line: 4, column: 12, severity: "warning"},
		{v: fixtures.V383, bad: base + "beforeAddFriend:\n  enable: 1\n  timeout: 5\n", good: base + friend, line: 3, column: 11, severity: "warning"},
	},
	"lint-url-missing": {
		{v: fixtures.V383, bad: friend, good: base + friend, line: 1, column: 1, severity: "error"},
		{v: fixtures.V383, bad: "url: ''\n", good: base, line: 1, column: 1, severity: "note"},
	},
	"lint-webhook-scheme": {{v: fixtures.V37, bad: "url: webhook://127.0.0.1:10008/x\n" + friend, good: base + friend, line: 1, column: 6, severity: "error"}},
	"lint-url-invalid": {
		{v: fixtures.V383, bad: "url: hooks:8080/x\n", good: base, line: 1, column: 6, severity: "error"},
		{v: fixtures.V383, bad: "url: ftp://hooks/x\n", good: base, line: 1, column: 6, severity: "error"},
		{v: fixtures.V383, bad: "url: http://\n", good: base, line: 1, column: 6, severity: "error"},
		{v: fixtures.V383, bad: "url: ' http://hooks'\n", good: base, line: 1, column: 6, severity: "error"},
		{v: fixtures.V383, bad: "url: ${CALLBACK_URL}\n", good: base, line: 1, column: 6, severity: "error"},
		{v: fixtures.V383, bad: "url: http://ho oks/x\n", good: base, line: 1, column: 6, severity: "error"},
	},
	"lint-query-in-url": {
		{v: fixtures.V383, bad: "url: http://hooks/x?token=abc\n", good: base, line: 1, column: 6, severity: "error"},
		{v: fixtures.V383, bad: "url: http://hooks/x#top\n", good: base, line: 1, column: 6, severity: "error"},
	},
	"lint-trailing-slash": {{v: fixtures.V383, bad: "url: http://hooks/x/\n", good: "url: http://hooks/x?a=/\n", line: 1, column: 6, severity: "warning"}},
	"lint-loopback-url": {
		{v: fixtures.V383, bad: "url: http://localhost:8080/x\n", good: base, line: 1, column: 6, severity: "note"},
		{v: fixtures.V383, bad: "url: http://[::1]:8080/x\n", good: "url: http://192.168.0.1:8080/x\n", line: 1, column: 6, severity: "note"},
	},
	"lint-timeout-over-15": {{v: fixtures.V383, bad: base + "beforeAddFriend:\n  enable: true\n  timeout: 16\n", good: base + "beforeAddFriend:\n  enable: true\n  timeout: 15\n", line: 4, column: 3, severity: "warning"}},
	"lint-timeout-under-load": {
		{v: fixtures.V383, bad: base + "beforeAddFriend:\n  enable: true\n  timeout: 10\n", good: base + friend, line: 4, column: 3, severity: "note"},
		{v: fixtures.V383, bad: base + single + "afterAddFriend:\n  enable: true\n  timeout: 6\n", good: base + "afterAddFriend:\n  enable: false\n  timeout: 6\n", line: 7, column: 3, severity: "note"},
		{v: fixtures.V36, bad: section + "  beforeAddFriend: {enable: true, timeout: 6}\n", good: section + "  beforeAddFriend: {enable: true, timeout: 5}\n", line: 3, column: 35, severity: "note"},
	},
	"lint-timeout-zero": {
		{v: fixtures.V383, bad: base + "beforeAddFriend:\n  enable: true\n  timeout: 0\n", good: base + friend, line: 4, column: 3, severity: "warning"},
		{v: fixtures.V383, good: base + "beforeReplyFriendResp:\n  enable: true\nbeforeAddFriend:\n  enable: true\n  timeout: 5s\n"},
		{v: fixtures.V383, bad: base + "beforeAddFriend:\n  enable: true\n", good: base + "beforeAddFriend:\n  enable: false\n", line: 2, column: 1, severity: "warning"},
	},
	"lint-failedcontinue-no-effect": {
		{v: fixtures.V383, bad: base + friend + "  failedContinue: true\n" + modify + "  failedContinue: true\n", good: base + friend + "  failedContinue: false\n", line: 5, column: 3, severity: "warning"},
		{v: fixtures.V36, good: section + "  msgModify: {enable: true, timeout: 5, failedContinue: true}\n"},
	},
	"lint-drives-nothing": {
		{v: fixtures.V383, bad: base + "afterGroupMsgRevoke:\n  enable: true\n", good: base + "afterGroupMsgRevoke:\n  enable: false\n", line: 2, column: 1, severity: "error"},
		{v: fixtures.Main, bad: base + "afterUserKickOff:\n  enable: true\n", good: base + "afterUserOnline:\n  enable: true\n", line: 2, column: 1, severity: "error"},
		{v: fixtures.V381, bad: base + "afterUserOnline:\n  enable: true\n", good: base + friend, line: 2, column: 1, severity: "error"},
		{v: fixtures.V380, bad: base + "beforeAddBlack:\n  enable: true\n", good: base + friend, line: 2, column: 1, severity: "error"},
	},
	"lint-nothing-enabled": {{v: fixtures.V383, bad: base + "beforeAddFriend:\n  enable: false\n", good: base + friend, line: 1, column: 1, severity: "note"}},
	"lint-settings-mixup": {
		{v: fixtures.V36, bad: section + "  killGroupMember: {enable: true, timeout: 5}\n  quitGroup: {enable: false, timeout: 9}\n", good: section + "  killGroupMember: {enable: true, timeout: 5}\n  quitGroup: {enable: false, timeout: 5}\n", line: 3, column: 35, severity: "warning"},
		{v: fixtures.V36, bad: section + "  killGroupMember: {enable: true, failedContinue: true}\n  quitGroup: {}\n", good: section + "  killGroupMember: {enable: true}\n  quitGroup: {}\n", line: 3, column: 3, severity: "warning"},
		{v: fixtures.V36, bad: section + "  afterSetGroupMemberInfo: {enable: true}\n", good: section + "  afterSetGroupMemberInfo: {enable: true}\n  beforeSetGroupMemberInfo: {enable: true}\n", line: 3, column: 29, severity: "warning"},
	},
	"lint-attentionids-empty": {{v: fixtures.V381, bad: base + single + "  attentionIds: []\n", good: base + single + "  attentionIds: [u1]\n", line: 5, column: 3, severity: "error"}},
	"lint-attentionids-group": {
		{v: fixtures.Main, bad: base + group + "  attentionIds: [g1]\n", good: base + group + "  attentionIds: []\n", line: 5, column: 3, severity: "error"},
		{v: fixtures.V383, bad: base + group + "  attentionIds: [g1]\n", good: base + group + "  attentionIds: []\n", line: 5, column: 3, severity: "warning"},
	},
	"lint-attentionids-receiver": {{v: fixtures.Main, bad: base + single + "  attentionIds: [u1]\n", good: base + single + "  attentionIds: []\n", line: 5, column: 3, severity: "note"}},
	"lint-attentionids-ignored": {
		{v: fixtures.V381, bad: base + group + "  attentionIds: [u1]\n", good: base + single + "  attentionIds: [u1]\n", line: 5, column: 3, severity: "warning"},
		{v: fixtures.Main, bad: base + "afterMsgSaveDB:\n  enable: true\n  timeout: 5\n  attentionIds: [u1]\n", good: base + single + "  attentionIds: [u1]\n", line: 5, column: 3, severity: "warning"},
	},
	"lint-types-ignored": {{v: fixtures.V383, bad: base + friend + "  deniedTypes: [101]\n", good: base + single + "  deniedTypes: [101]\n", line: 5, column: 3, severity: "warning"}},
	"lint-url-no-path": {
		{v: fixtures.V383, bad: "url: http://hooks:8080\n" + friend, good: base + friend, line: 1, column: 6, severity: "warning"},
		{v: fixtures.V383, bad: "url: http://hooks/\n" + friend, good: "url: http://hooks\n", line: 1, column: 6, severity: "warning"},
	},
	"lint-push-synced": {
		{v: fixtures.V381, bad: base + "beforeOnlinePush:\n  enable: true\n  timeout: 5\n", good: base + "beforeGroupOnlinePush:\n  enable: true\n  timeout: 5\n", line: 2, column: 1, severity: "error"},
		{v: fixtures.V382, good: base + "beforeOnlinePush:\n  enable: true\n  timeout: 5\n"},
	},
	"lint-attentionids-value": {
		{v: fixtures.V383, bad: base + single + "  attentionIds: 'u1, u2'\n", good: base + single + "  attentionIds: 'u1,u2'\n", line: 5, column: 3, severity: "error"},
		{v: fixtures.V383, bad: base + single + "  attentionIds: '[u1]'\n", good: base + single + "  attentionIds: [u1, u2]\n", line: 5, column: 3, severity: "error"},
	},
	"lint-types-value": {{v: fixtures.V383, bad: base + single + "  allowedTypes: [100 - 200]\n", good: base + single + "  allowedTypes: [100-200]\n", line: 5, column: 3, severity: "warning"}},
	"lint-types-block-all": {
		{v: fixtures.V383, bad: base + modify + "  allowedTypes: [102]\n", good: base + modify + "  allowedTypes: [101]\n", line: 2, column: 1, severity: "error"},
		{v: fixtures.V383, bad: base + single + "  allowedTypes: [101]\n  deniedTypes: [101]\n", good: base + single + "  allowedTypes: [101]\n  deniedTypes: [102]\n", line: 2, column: 1, severity: "error"},
	},
	"lint-upgrade-refusal": {
		{v: fixtures.V37, from: from(fixtures.V36), bad: base + friend, good: base + single, line: 2, column: 1, severity: "warning"},
		{v: fixtures.V37, from: from(fixtures.V35), bad: base + friend, good: base + single, line: 2, column: 1, severity: "warning"},
		{v: fixtures.V36, from: from(fixtures.V35), bad: section + "  msgModify: {enable: true}\n", good: section, line: 3, column: 3, severity: "warning"},
		{v: fixtures.V383, from: from(fixtures.V37), good: base + friend},
	},
	"lint-upgrade-failure": {
		{v: fixtures.V37, from: from(fixtures.V36), bad: base + friend + "  failedContinue: true\n", good: base + friend, line: 2, column: 1, severity: "warning"},
		{v: fixtures.V383, from: from(fixtures.V37), good: base + friend + "  failedContinue: true\n"},
	},
	"lint-upgrade-after": {{v: fixtures.V383, from: from(fixtures.V36), bad: base + single, good: base + friend, line: 2, column: 1, severity: "note"}},
	"lint-upgrade-command": {
		{v: fixtures.V383, from: from(fixtures.V37), bad: base + "beforeMemberJoinGroup:\n  enable: true\n", good: base + friend, line: 2, column: 1, severity: "warning"},
		{v: fixtures.V37, from: from(fixtures.V36), bad: base + modify, good: base + friend, line: 2, column: 1, severity: "warning"},
		{v: fixtures.V37, from: from(fixtures.V383), bad: base + "beforeMemberJoinGroup:\n  enable: true\n", good: base + friend, line: 2, column: 1, severity: "warning"},
	},
	"lint-upgrade-now-sent": {{v: fixtures.V383, from: from(fixtures.V381), bad: base + "afterUserOnline:\n  enable: true\n", good: base + friend, line: 2, column: 1, severity: "warning"}},
	"lint-upgrade-attentionids": {
		{v: fixtures.V383, from: from(fixtures.V381), bad: base + single + "  attentionIds: []\n", good: base + single + "  attentionIds: [u1]\n", line: 2, column: 1, severity: "warning"},
		{v: fixtures.Main, from: from(fixtures.V383), bad: base + single + "  attentionIds: [u1]\n", good: base + single + "  attentionIds: []\n", line: 2, column: 1, severity: "warning"},
	},
	"lint-upgrade-notifications": {{v: fixtures.Main, from: from(fixtures.V383), good: base + modify}, {v: fixtures.Main, from: from(fixtures.V383), bad: base + single, good: base + friend, line: 2, column: 1, severity: "note"},
		{v: fixtures.V383, from: from(fixtures.V381), bad: base + "beforeSendSingleMsg:\n  enable: true\n", good: base + single, line: 2, column: 1, severity: "note"}},
	"lint-upgrade-msgmodify":    {{v: fixtures.Main, from: from(fixtures.V37), bad: base + modify, good: base + friend, line: 2, column: 1, severity: "warning"}},
	"lint-upgrade-errcode-zero": {{v: fixtures.Main, from: from(fixtures.V383), bad: base + friend, good: base + single, line: 2, column: 1, severity: "warning"}},
	"lint-upgrade-key-query":    {{v: fixtures.Main, from: from(fixtures.V383), bad: base + single, good: base + friend, line: 2, column: 1, severity: "note"}},
}

func TestRules(t *testing.T) {
	for _, r := range webhooks.Rules() {
		cases := ruleCases[r.ID]
		require.NotEmpty(t, cases, "%s has no case", r.ID)
		assert.NotEmpty(t, r.Title, r.ID)
		assert.Equal(t, validate.AboutFile, r.About, r.ID)
		for _, c := range cases {
			options := webhooks.LintOptions{Server: c.v, From: c.from}
			if c.bad != "" {
				f := only(t, r.ID, parse(t, c.bad).Lint(options), c.bad)
				assert.Equal(t, c.severity, f.Severity, c.bad)
				assert.Equal(t, [2]int{c.line, c.column}, [2]int{f.Place.Line, f.Place.Column}, c.bad)
				assert.NotEmpty(t, f.Hint.String(), c.bad)
				assert.NotEmpty(t, f.Source)
			}
			assert.NotContains(t, rulesOf(parse(t, c.good).Lint(options)), r.ID, c.good)
		}
	}
	assert.Len(t, ruleCases, len(webhooks.Rules()))
}

// What "refuses" means changed twice; from which version one comes decides what
// changes.
func TestUpgradesThatChangeRefusals(t *testing.T) {
	const onceMore, otherwise, noLonger = "upgrade-refusal.again", "upgrade-refusal.actioncode", "upgrade-refusal.dropped"
	for _, tt := range []struct {
		from, to fixtures.Release
		want     string
	}{
		{fixtures.V35, fixtures.V36, noLonger},
		{fixtures.V35, fixtures.V37, otherwise},
		{fixtures.V36, fixtures.V37, onceMore},
		{fixtures.V35, fixtures.Main, otherwise},
		{fixtures.V36, fixtures.Main, onceMore},
		{fixtures.V36, fixtures.V36, ""},
		{fixtures.V36, fixtures.V35, ""},
		{fixtures.V37, fixtures.V36, ""},
		{fixtures.V37, fixtures.Main, ""},
	} {
		f := parse(t, base+friend+section+"  beforeAddFriend: {enable: true, timeout: 5}\n")
		var changes []string
		for _, finding := range f.Lint(webhooks.LintOptions{Server: tt.to, From: &tt.from}) {
			if finding.Rule == "lint-upgrade-refusal" {
				assert.Equal(t, []any{tt.from, tt.to}, []any{finding.Message.Arg("from"), finding.Message.Arg("to")})
				changes = append(changes, finding.Message.Arg("change").(words.Text).ID())
			}
		}
		if tt.want == "" {
			assert.Empty(t, changes, "from %s to %s", tt.from, tt.to)
			continue
		}
		assert.Equal(t, []string{tt.want}, changes, "from %s to %s", tt.from, tt.to)
	}
}

// only returns the one finding of a rule.
func only(t *testing.T, id string, findings []validate.Finding, text string) validate.Finding {
	t.Helper()
	var found []validate.Finding
	for _, f := range findings {
		if f.Rule == id {
			found = append(found, f)
		}
	}
	require.Len(t, found, 1, "%s in\n%s", id, text)
	return found[0]
}

func TestUnsetServerLintsAsTheDefault(t *testing.T) {
	f := parse(t, base+friend+"afterMsgSaveDB:\n  enable: true\nbeforeUpdateUserInfo:\n  enable: true\n  allowedTypes: [1]\n")
	old := fixtures.V36
	want := f.Lint(webhooks.LintOptions{Server: fixtures.DefaultRelease, From: &old})
	assert.NotEmpty(t, want)
	assert.Equal(t, want, f.Lint(webhooks.LintOptions{From: &old}))
	assert.Equal(t, f.SwitchedOn(fixtures.DefaultRelease), f.SwitchedOn(0))
	lines, notes := f.Env(validate.Server{})
	wantLines, wantNotes := f.Env(validate.On(fixtures.DefaultRelease))
	assert.Equal(t, wantLines, lines)
	assert.Equal(t, wantNotes, notes)
}

func TestSeverities(t *testing.T) {
	f := parse(t, "url: http://localhost/x/\n"+friend)
	assert.Equal(t, []string{"lint-trailing-slash", "lint-loopback-url"}, rulesOf(f.Lint(webhooks.LintOptions{Server: fixtures.V383})))
	overrides := validate.Overrides{"lint-trailing-slash": validate.Off, "lint-loopback-url": validate.Error}
	changed := overrides.Apply(f.Lint(webhooks.LintOptions{Server: fixtures.V383}))
	require.Len(t, changed, 1)
	assert.Equal(t, validate.Error, changed[0].Severity)
}

// hints are those of a file's findings of one rule.
func hints(t *testing.T, text, rule string, v fixtures.Release) (all []string) {
	t.Helper()
	for _, f := range parse(t, text).Lint(webhooks.LintOptions{Server: v}) {
		if f.Rule == rule {
			all = append(all, f.Hint.String())
		}
	}
	return all
}

func TestHintsNameWhatToUse(t *testing.T) {
	assert.Equal(t, []string{"use beforeAddFriendAgree, which OpenIM sends instead"}, hints(t, base+"beforeReplyFriendResp:\n  enable: true\n", "lint-unknown-key", fixtures.V383))
	assert.Equal(t, []string{"switch it off, or upgrade: OpenIM 3.8.2 sends it"}, hints(t, base+"afterUserOnline:\n  enable: true\n", "lint-drives-nothing", fixtures.V381))
}

// A query is looked for in what is a URL.
func TestWhatIsNoURLHasNoQuery(t *testing.T) {
	assert.Equal(t, []string{"lint-query-in-url"}, rulesOf(parse(t, "url: http://hooks:8080/x?a=b\n"+friend).Lint(webhooks.LintOptions{Server: fixtures.V383})))
	assert.NotContains(t, rulesOf(parse(t, "url: http://[::1?a=b\n"+friend).Lint(webhooks.LintOptions{Server: fixtures.V383})), "lint-query-in-url")
}

// What a merge brings is no duplicate of what stands in the entry.
func TestMergedKeysAreNoDuplicates(t *testing.T) {
	for _, order := range []string{"  <<: *on\n  timeout: 5\n", "  timeout: 5\n  <<: *on\n"} {
		f := parse(t, "x-on: &on {enable: true, timeout: 9}\n"+base+"beforeAddFriend:\n"+order)
		assert.Empty(t, rulesOf(f.Lint(webhooks.LintOptions{Server: fixtures.V383})), order)
	}
}
