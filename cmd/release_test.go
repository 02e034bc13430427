package cmd_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// madeUp is a release that does not exist, as edits of three files: its row,
// its behavior, and one renamed field. It stands between the stable releases
// and main, is like main, but has no "key" query and words refusals its own way.
// It also sends a callback that does not exist: a file, where nothing stood.
var madeUp = map[string][][2]string{
	"fixtures/release.go": {
		{"\tV383Patch16\n\tMain\n", "\tV383Patch16\n\tV390\n\tMain\n"},
		{"\tMain: {\n", `	V390: {
		name:   "3.9.0",
		wire:   Wire{FinalNewline: true, EmptyOperationID: true, Queue: longQueue},
		config: Config{Flat: true, Lists: []string{attentionIDs, "deniedTypes"}, NumberTypes: true, Shipped: singleAndGroup},
		filter: Filter{Attentive: singleAndGroup, ReceiverOnly: true},
	},
	Main: {
`},
	},
	"validate/server.go": {
		{"\t{fixtures.Main, Services}: {\n", `	{fixtures.V390, Services}: {
		refuses: zeroAndOne,
		coded:   func(e codedError) Client { return Client{e.positive(), "refused: " + e.msg, e.dlt} },
		network: causeNetworkError, dataErrorGap: " ", notFound: plainNotFound, crash: crashRecovered, objectContent: true,
	},
	{fixtures.Main, Services}: {
`},
	},
	"fixtures/callbacks/beforeAddFriend.json": {
		{`    {"name": "reqMsg", "type": "string",`, `    {"name": "greeting", "type": "string", "since": "3.9.0", "value": "Hi"},
    {"name": "reqMsg", "until": "3.8.3-patch.16", "type": "string",`},
	},
	"fixtures/callbacks/beforeServeTea.json": {{"", `{
  "key": "beforeServeTea", "phase": "before", "group": "user", "summary": "somebody wants tea",
  "names": [{"command": "callbackBeforeServeTeaCommand", "since": "3.9.0"}],
  "trigger": [{"text": "Sent before the kettle is on."}],
  "request": [
    {"name": "callbackCommand", "type": "string", "value": "${command}"},
    {"name": "sugar", "type": "int32", "value": 2}
  ],
  "reply": {"goType": "CallbackBeforeServeTeaResp", "fields": [{"name": "milk", "type": "bool", "effect": "applied"}], "modify": {"milk": true}},
  "sources": ["made up"]
}`}},
}

// buildEdited builds imcb with files edited, or added where "" is replaced,
// without touching them.
func buildEdited(t *testing.T, edits map[string][][2]string) string {
	t.Helper()
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	dir := t.TempDir()
	replace := map[string]string{}
	for name, pairs := range edits {
		original := filepath.Join(root, filepath.FromSlash(name))
		text := ""
		if pairs[0][0] != "" {
			data, err := os.ReadFile(original)
			require.NoError(t, err)
			text = string(data)
		}
		for _, pair := range pairs {
			require.Equal(t, 1, strings.Count(text, pair[0]), "%s has this once: %s", name, pair[0])
			text = strings.Replace(text, pair[0], pair[1], 1)
		}
		replace[original] = filepath.Join(dir, filepath.Base(name))
		require.NoError(t, os.WriteFile(replace[original], []byte(text), 0o600))
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600))
	binary := filepath.Join(dir, "imcb")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "-o", binary, "./imcb").CombinedOutput()
	require.NoError(t, err, string(out))
	return binary
}

// TestAReleaseIsARow: what imcb knows of a release is its row, its behavior and
// the spans of the callbacks' files; every command follows from them. What it
// knows of a callback is its file.
func TestAReleaseIsARow(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds imcb")
	}
	imcb := buildEdited(t, madeUp)
	file := filepath.Join(t.TempDir(), "webhooks.yml")
	require.NoError(t, os.WriteFile(file, []byte("url: http://hooks:8080/x\nafterSendSingleMsg:\n  enable: true\n  timeout: 5\n  deniedTypes: [100-200]\n"), 0o600))
	run := func(stdin string, args ...string) string {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		c := exec.CommandContext(ctx, imcb, args...)
		c.Stdin = strings.NewReader(stdin)
		out, err := c.CombinedOutput()
		if exit := new(exec.ExitError); err != nil {
			require.ErrorAs(t, err, &exit, string(out))
			require.Equal(t, 1, exit.ExitCode(), string(out))
		}
		return string(out)
	}

	assert.Contains(t, run("", "list", "--json"), "\"3.8.3-patch.16\",\n      \"3.9.0\",\n      \"main\"")
	assert.Contains(t, run("", "list", "--server", "3.9.0"), "afterSendSingleMsg")

	for server, field := range map[string][2]string{"3.8.3-patch.16": {"reqMsg", "greeting"}, "3.9.0": {"greeting", "reqMsg"}, "main": {"greeting", "reqMsg"}} {
		for _, out := range []string{run("", "show", "beforeAddFriend", "--server", server), run("", "send", "beforeAddFriend", "--dry-run", "--server", server)} {
			assert.Contains(t, out, field[0], server)
			assert.NotContains(t, out, field[1], server)
		}
	}
	assert.NotContains(t, run("", "send", "afterSendSingleMsg", "--dry-run", "--server", "3.9.0"), "?key=")
	assert.Contains(t, run("", "send", "afterSendSingleMsg", "--dry-run", "--server", "main"), "?key=")

	out := run(`{"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"why","nextCode":1}`, "validate", "beforeAddFriend", "--reply", "-", "--server", "3.9", "--format", "json")
	assert.Contains(t, out, `"server":{"release":"3.9.0","deployment":"services"}`)
	assert.Contains(t, out, `"client":{"errCode":5001,"errMsg":"refused: no","errDlt":"why"}`)

	assert.Contains(t, run("", "lint", file, "--server", "3.9.0"), "OpenIM 3.9.0 reads deniedTypes as numbers")
	assert.NotContains(t, run("", "lint", file, "--server", "3.8.3"), "deniedtypes-range")
	upgrade := run("", "lint", file, "--from-server", "3.8.3", "--server", "3.9.0")
	assert.Contains(t, upgrade, "from 3.8.3 to 3.9.0: notifications (content types 1000 to 5000) are no longer sent")
	assert.NotContains(t, upgrade, "upgrade-key-query")
	upgrade = run("", "lint", file, "--from-server", "3.9.0", "--server", "main")
	assert.Contains(t, upgrade, `from 3.9.0 to main: the URL ends in "?key="`)
	assert.NotContains(t, upgrade, "upgrade-notifications")

	t.Run("a callback is a file", func(t *testing.T) {
		assert.Contains(t, run("", "list", "--server", "3.9.0"), "beforeServeTea")
		assert.NotContains(t, run("", "list", "--server", "3.8.3"), "beforeServeTea")
		assert.Contains(t, run("", "__complete", "show", "beforeSe"), "beforeServeTea")
		assert.Contains(t, run("", "show", "beforeServeTea"), "Sent before the kettle is on.")
		assert.Contains(t, run("", "send", "beforeServeTea", "--dry-run"), `"sugar":2`)
		assert.Contains(t, run("", "validate", "callbackBeforeServeTeaCommand", "--mock"), "1 callback keeps the contract")
		out := run(`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,"milk":"yes"}`, "validate", "beforeServeTea", "--reply", "-")
		assert.Contains(t, out, "CallbackBeforeServeTeaResp.milk of type bool")
		require.NoError(t, os.WriteFile(file, []byte("url: http://hooks:8080/x\nbeforeServeTea:\n  enable: true\n  timeout: 5\n"), 0o600))
		assert.Contains(t, run("", "lint", file, "--server", "3.9.0"), "1 callback on")
	})
}
