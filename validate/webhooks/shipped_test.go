package webhooks_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/webhooks"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const testFiles = "../../cmd/testdata/webhooks"

// shipped are the files with OpenIM's own keys and values.
var shipped = map[fixtures.Release]string{
	fixtures.V36:         "v3.6.yml",
	fixtures.V37:         "v3.7.0.yml",
	fixtures.V380:        "v3.8.0.yml",
	fixtures.V381:        "v3.8.1.yml",
	fixtures.V383:        "v3.8.3.yml",
	fixtures.V383Patch16: "v3.8.3.yml",
	fixtures.Main:        "main.yml",
}

func readShipped(t *testing.T, v fixtures.Release) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(testFiles, shipped[v]))
	require.NoError(t, err)
	return string(text)
}

func parse(t *testing.T, text string) *webhooks.File {
	t.Helper()
	f, err := webhooks.Parse("webhooks.yml", []byte(text))
	require.NoError(t, err)
	return f
}

// rulesOf are the ids of the rules that a file breaks.
func rulesOf(findings []validate.Finding) []string {
	ids := []string{}
	for _, f := range findings {
		ids = append(ids, f.Rule)
	}
	return ids
}

func TestShippedFilesHaveNoErrors(t *testing.T) {
	for v := range shipped {
		for _, f := range parse(t, readShipped(t, v)).Lint(webhooks.LintOptions{Server: v}) {
			if f.Rule == "lint-webhook-scheme" && (v == fixtures.V37 || v == fixtures.V380) {
				continue // the default url of both versions
			}
			assert.Equal(t, validate.Note, f.Severity, "%s: %s", v, f.Message)
		}
	}
}

func TestShippedFilesSwitchNothingOn(t *testing.T) {
	for v := range shipped {
		on := parse(t, readShipped(t, v)).SwitchedOn(v)
		if v == fixtures.V36 { // its template has this one on
			require.Len(t, on, 1)
			assert.Equal(t, "afterSendSingleMsg", on[0].Key)
			continue
		}
		assert.Empty(t, on, v)
	}
}

// Every key of a shipped file is a callback of its version or does nothing:
// with all of them on, exactly the callbacks that the version sends are sent.
func TestShippedFilesNameEveryCallback(t *testing.T) {
	for v := range shipped {
		if v == fixtures.V36 {
			continue
		}
		text := strings.ReplaceAll(readShipped(t, v), "enable: false", "enable: true")
		f := parse(t, strings.ReplaceAll(text, "attentionIds: []", "attentionIds:"))
		var sent []string
		for _, e := range f.Enabled(v) {
			sent = append(sent, e.Callback.Key)
		}
		var want []string
		for _, c := range fixtures.SentBy(v) {
			want = append(want, c.Key)
		}
		assert.ElementsMatch(t, want, sent, "%s: what it sends, and what its file in %s can switch on", v, testFiles)
		for _, finding := range f.Lint(webhooks.LintOptions{Server: v}) {
			assert.NotContains(t, []string{"lint-unknown-key", "lint-renamed-key", "lint-unknown-setting", "lint-duplicate-key"}, finding.Rule, "%s: %s", v, finding.Message.String())
		}
	}
}

// The template of 3.6 has six keys that its code doesn't read, and lacks two
// that it does.
func TestTemplateOf36(t *testing.T) {
	f := parse(t, strings.ReplaceAll(readShipped(t, fixtures.V36), "enable: false", "enable: true"))
	var sent []string
	for _, e := range f.Enabled(fixtures.V36) {
		sent = append(sent, e.Callback.Key)
	}
	var missing []string
	for _, c := range fixtures.SentBy(fixtures.V36) {
		if !slices.Contains(sent, c.Key) {
			missing = append(missing, c.Key)
		}
	}
	assert.ElementsMatch(t, []string{"beforeSetFriendRemark", "afterSetFriendRemark"}, missing)
	var dead []string
	for _, finding := range f.Lint(webhooks.LintOptions{Server: fixtures.V36}) {
		switch finding.Rule {
		case "lint-renamed-key", "lint-drives-nothing":
			dead = append(dead, strings.TrimPrefix(finding.Place.Pointer, "/"))
		}
	}
	assert.ElementsMatch(t, []string{
		"afterGroupMsgRead", "afterGroupMsgRevoke", "afterJoinGroup", "beforeSetFriendRemark", "afterSetFriendRemark", "setMessageReactionExtensions",
		"userKickOff", "groupMsgRead", "singleMsgRead", "addBlackBefore", "removeBlackAfter", // read, but never sent
	}, dead)
}

func TestWhatTheShippedFilesSilence(t *testing.T) {
	for _, tt := range []struct {
		v     fixtures.Release
		never []string
	}{
		{fixtures.V37, []string{"afterUserKickOff", "afterRemoveBlack", "beforeAddBlack"}},
		{fixtures.V380, []string{"afterSendSingleMsg", "afterUserKickOff", "afterUserOnline", "afterUserOffline", "afterRemoveBlack", "beforeAddBlack"}},
		{fixtures.V381, []string{"afterSendSingleMsg", "afterUserKickOff", "afterUserOnline", "afterUserOffline"}},
		{fixtures.V383, []string{"afterUserKickOff"}},
		{fixtures.Main, []string{"afterUserKickOff"}},
	} {
		f := parse(t, strings.ReplaceAll(readShipped(t, tt.v), "enable: false", "enable: true"))
		var never []string
		for _, e := range f.SwitchedOn(tt.v) {
			if !e.Never.IsZero() {
				never = append(never, e.Callback.Key)
			}
		}
		assert.ElementsMatch(t, tt.never, never, tt.v)
		assert.Contains(t, rulesOf(f.Lint(webhooks.LintOptions{Server: tt.v})), "lint-drives-nothing")
	}
}
