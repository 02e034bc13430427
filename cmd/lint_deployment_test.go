package cmd_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// folderOf writes files into a new folder.
func folderOf(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	return dir
}

const (
	openIMService = "services:\n  openim-server:\n    image: openim/openim-server:${TAG:-v3.8.3}\n    environment:\n      - IMENV_WEBHOOKS_URL=http://hooks.example.com/cb\n"
	switchesOn    = "services:\n  openim-server:\n    environment:\n      IMENV_WEBHOOKS_BEFOREADDFRIEND_ENABLE: 'true'\n"
	webhooksOn    = "url: http://hooks.example.com/cb\nbeforeAddFriend: {enable: true, timeout: 5}\n"
)

func TestLintReadsWhatAFolderHolds(t *testing.T) {
	for name, tt := range map[string]struct {
		files map[string]string
		says  string
		code  int
	}{
		"a Compose project": {map[string]string{"compose.yaml": openIMService, "compose.override.yml": switchesOn, ".env": "TAG=v3.8.2\n"}, "compose.yaml (openim-server), OpenIM 3.8.2: 1 callback on", 0},
		"OpenIM's config":   {map[string]string{"webhooks.yml": webhooksOn, "log.yml": "remainLogLevel: 6\n"}, "webhooks.yml, OpenIM 3.8.3-patch.16: 1 callback on", 0},
		"OpenIM's source":   {map[string]string{"docker-compose.yml": "services:\n  mongo:\n    image: mongo:7\n", "config/webhooks.yml": webhooksOn}, "webhooks.yml, OpenIM 3.8.3-patch.16: 1 callback on", 0},
		"Kubernetes":        {map[string]string{"a.yml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: friend}\nspec:\n  template:\n    spec:\n      containers:\n      - image: openim/openim-rpc-friend:v3.8.3\n        env:\n        - {name: IMENV_WEBHOOKS_URL, value: http://hooks.example.com/cb}\n        - {name: IMENV_WEBHOOKS_BEFOREADDFRIEND_ENABLE, value: 'true'}\n"}, "a.yml (friend), OpenIM 3.8.3: 1 callback on", 0},
		"a ConfigMap alone": {map[string]string{"cm.yml": "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: openim-config}\n  data:\n    webhooks.yml: |\n      url: http://hooks.example.com/cb\n      beforeAddFriend: {enable: yes, timeout: 5}\n"}, "cm.yml:10:33: error: ", 1},
		"nothing":           {map[string]string{"readme.txt": ""}, "there is no compose.yaml, no webhooks.yml and no Kubernetes manifest in this folder", 2},
		"no OpenIM":         {map[string]string{"compose.yaml": "services:\n  mongo:\n    image: mongo:7\n"}, "none of its containers runs an OpenIM that sends callbacks (the images are mongo:7)", 2},
	} {
		code, stdout, stderr := runMain(t, "", "lint", folderOf(t, tt.files))
		assert.Equal(t, tt.code, code, "%s: %s%s", name, stdout, stderr)
		assert.Contains(t, stdout+stderr, tt.says, name)
	}
}

// Several Compose files add to each other; --server wins over the tag.
func TestLintMergesComposeFiles(t *testing.T) {
	dir := folderOf(t, map[string]string{"a.yaml": openIMService, "b.yaml": switchesOn, "tags": "TAG=v3.8.1\n"})
	files := []string{"lint", filepath.Join(dir, "a.yaml"), filepath.Join(dir, "b.yaml"), "--env-file", filepath.Join(dir, "tags")}
	_, stdout, _ := runMain(t, "", files...)
	assert.Contains(t, stdout, "OpenIM 3.8.1: 1 callback on")
	_, stdout, _ = runMain(t, "", append(files, "--server", "3.8.3")...)
	assert.Contains(t, stdout, "OpenIM 3.8.3: 1 callback on")
}

func TestLintSaysWhatAFileLooksLike(t *testing.T) {
	for text, want := range map[string]string{
		"LOG_LEVEL=3\n# a comment\nIMENV_WEBHOOKS_URL=http://x\n":     "a file of variables (.env)",
		"storageLocation: ../logs\nremainLogLevel: 6\n":               "OpenIM's log.yml",
		"image: openim/openim-server:v3.8.3\nenvironment: [A=b]\n":    `one service of a Compose file, without "services:" above`,
		"colour: blue\nsize: 3\n":                                     "a file with colour and size",
		"services:\n  a:\n    environment:\n      - KEY: value\n":     `must be text, not "KEY: value"`,
		"services:\n  a:\n    image: ${IMAGE:?set it}\n":              "required variable IMAGE is missing a value: set it",
		"services:\n  a:\n    image: ${IMAGE\n":                       "Compose can't read the placeholder",
		"services:\n  openim-server:\n  openim-server:\n    build: .": "given twice",
	} {
		code, _, stderr := lintText(t, text)
		assert.Equal(t, 2, code, text)
		assert.Contains(t, stderr, want, text)
	}
}

// The block goes into compose.yaml as it is: Compose reads $$ as $.
func TestLintEnvIsABlockForCompose(t *testing.T) {
	_, stdout, _ := lintText(t, "url: http://hooks/a$b\nbeforeAddFriend: {enable: true, timeout: 5}\n", "--env")
	assert.Equal(t, []string{
		"environment:", "  - IMENV_WEBHOOKS_URL=http://hooks/a$$b", "  - IMENV_WEBHOOKS_BEFOREADDFRIEND_ENABLE=true", "  - IMENV_WEBHOOKS_BEFOREADDFRIEND_TIMEOUT=5",
	}, strings.Split(stdout, "\n")[:4])
	indented := "    " + strings.ReplaceAll(stdout, "\n", "\n    ")
	_, checked, stderr := lintText(t, "services:\n  openim-server:\n    image: openim/openim-server:v3.8.3\n"+indented)
	assert.Contains(t, checked, "http://hooks/a$b/callbackBeforeAddFriendCommand", stderr)
}

// What a deployment names is read with care, and no error shows what stands in it.
func TestLintReadsNamedFilesWithCare(t *testing.T) {
	service := "services:\n  openim-server:\n    image: openim/openim-server:v3.8.3\n    env_file: [%]\n"
	code, stdout, _ := runMain(t, "", "lint", folderOf(t, map[string]string{"compose.yaml": strings.Replace(service, "%", "/dev/zero", 1)}))
	assert.Zero(t, code)
	assert.Contains(t, stdout, "/dev/zero is not here: its variables are not checked")
	dir := folderOf(t, map[string]string{"compose.yaml": strings.Replace(service, "%", "passwords", 1), "passwords": "A=b\nMONGO_PASSWORD=\"s3cr3t\nc=d\n"})
	code, stdout, stderr := runMain(t, "", "lint", dir)
	assert.Equal(t, 2, code)
	assert.Contains(t, stderr, "passwords: Compose can't read this file of variables: a quote is not closed")
	assert.NotContains(t, stdout+stderr, "s3cr3t")
}
