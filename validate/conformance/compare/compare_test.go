package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const version = "3.8.3" // that of go.mod

// openIM is the folder with the sources of OpenIM Server.
func openIM(t *testing.T) string {
	t.Helper()
	t.Chdir("..")
	var module struct{ Dir string }
	require.NoError(t, goJSON(&module, ".", "list", "-m", "-json", server))
	return module.Dir
}

// compare runs the command.
func compare(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(args, &out, &errs)
	return code, out.String(), errs.String()
}

func TestNothingDiffers(t *testing.T) {
	code, stdout, stderr := compare(openIM(t), version)
	assert.Zero(t, code)
	assert.Empty(t, stdout+stderr)
}

func TestTableIsThatOfTheTests(t *testing.T) {
	code, stdout, _ := compare("-calls", openIM(t))
	assert.Zero(t, code)
	have, err := os.ReadFile("calls_table_test.go")
	require.NoError(t, err)
	unspaced := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	assert.Equal(t, unspaced(stdout), unspaced(string(have)))
}

// TestDifferences changes a copy of the sources, one place at a time.
func TestDifferences(t *testing.T) {
	original := openIM(t)
	for _, c := range []struct{ name, file, old, new, want string }{
		{"command", "pkg/callbackstruct/constant.go", `"callbackBeforeAddBlackCommand"`, `"callbackBeforeBlockCommand"`,
			"+ command: callbackBeforeBlockCommand\n- command: callbackBeforeAddBlackCommand\n"},
		{"request field", "pkg/callbackstruct/friend.go", `json:"reqMsg"`, `json:"why"`,
			"+ beforeAddFriend request: why string\n- beforeAddFriend request: reqMsg string\n"},
		{"request type", "pkg/callbackstruct/common.go", "SendTime         int64", "SendTime         string",
			"+ beforeSendSingleMsg request: sendTime string\n- beforeSendSingleMsg request: sendTime int64\n"},
		{"reply type", "pkg/callbackstruct/message.go", "MsgFrom          *int32 ", "MsgFrom          *bool ",
			"+ beforeMsgModify reply: msgFrom bool\n- beforeMsgModify reply: msgFrom int32\n"},
		{"not sent", "internal/msggateway/online.go", "ws.webhookAfterUserOnline(", "ws.nothing(",
			"+ afterUserOnline: sent: false, with a query: false, reply type: CommonCallbackResp\n" +
				"- afterUserOnline: sent: true, with a query: false, reply type: CommonCallbackResp\n"},
		{"default", "config/webhooks.yml", "timeout: 5", "timeout: 7",
			"+ setting: beforeSendSingleMsg.timeout: 7\n- setting: beforeSendSingleMsg.timeout: 5\n"},
		{"key", "config/webhooks.yml", "\nbeforeAddFriend:", "\nbeforeAskFriend:", "+ setting: beforeAskFriend.enable: false\n"},
		{"setting", "pkg/common/config/config.go", `mapstructure:"failedContinue"`, `mapstructure:"goOn"`,
			"+ setting that is read: goOn bool\n- setting that is read: failedContinue bool\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			changed := sources(t, original)
			change(t, filepath.Join(changed, c.file), c.old, c.new)
			code, stdout, stderr := compare(changed, version)
			assert.Equal(t, 1, code, stderr)
			assert.Contains(t, stdout, c.want)
		})
	}
}

func TestContentTypeIsNew(t *testing.T) {
	folder := openIM(t)
	all := knownTypes
	t.Cleanup(func() { knownTypes = all })
	knownTypes = strings.Replace(all, "118 MarkdownText\n", "", 1)
	knownTypes = strings.Replace(knownTypes, "101 Text\n", "", 1)
	code, stdout, _ := compare(folder, version)
	assert.Equal(t, 1, code)
	assert.Contains(t, stdout, "+ content type: 101 Text\n")
}

func TestWhatCannotBeCompared(t *testing.T) {
	original := openIM(t)
	broken := sources(t, original)
	change(t, filepath.Join(broken, "pkg/callbackstruct/user.go"), "struct {", "struct")
	other := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(other, "go.mod"), []byte("module example.com/other\n"), 0o600))
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no folder":      {nil, "usage: compare [-calls] FOLDER [VERSION]"},
		"not there":      {[]string{filepath.Join(other, "missing")}, "no such file"},
		"another module": {[]string{other}, `holds the module "example.com/other"`},
		"no Go":          {[]string{broken}, "user.go:"},
		"version":        {[]string{original, "4.0"}, "OpenIM 4.0 is newer than"},
		"flag":           {[]string{"-all", original}, "flag provided but not defined"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := compare(c.args...)
			assert.Equal(t, 2, code)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, c.want)
		})
	}
}

// sources copies what compare reads of the sources.
func sources(t *testing.T, from string) string {
	t.Helper()
	to := t.TempDir()
	for _, folder := range []string{"internal", "pkg/callbackstruct", "pkg/apistruct", "pkg/common/config", "config"} {
		require.NoError(t, os.CopyFS(filepath.Join(to, folder), os.DirFS(filepath.Join(from, folder))))
	}
	mod, err := os.ReadFile(filepath.Join(from, "go.mod"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(to, "go.mod"), mod, 0o600))
	return to
}

// change replaces the first place where a file has a text.
func change(t *testing.T, name, from, to string) {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Contains(t, string(text), from)
	require.NoError(t, os.WriteFile(name, []byte(strings.Replace(string(text), from, to, 1)), 0o600))
}
