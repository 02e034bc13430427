package cmd_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/cmd"
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/validate/report"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lintText runs `imcb lint -` on a text.
func lintText(t *testing.T, text string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	return runMain(t, text, append([]string{"lint", "-"}, args...)...)
}

func TestLintExitCodes(t *testing.T) {
	const warned = "url: http://hooks/x\nbeforeAddFriend: {enable: true, timeout: 20}\n"
	for _, tt := range []struct {
		name, text string
		args       []string
		want       int
	}{
		{"clean", "url: http://hooks/x\nbeforeAddFriend: {enable: true, timeout: 5}\n", nil, 0},
		{"a warning", warned, nil, 0},
		{"a warning that fails", warned, []string{"--fail-on", "warning"}, 1},
		{"an error that doesn't", "callback: {url: http://x}\n", []string{"--fail-on", "never"}, 0},
		{"an error", "callback: {url: http://x}\n", nil, 1},
		{"no YAML", "a: [", nil, 2},
		{"a wrong flag", warned, []string{"--fail-on", "always"}, 2},
		{"env doesn't judge", "callback: {url: http://x}\n", []string{"--env"}, 0},
	} {
		code, _, _ := lintText(t, tt.text, tt.args...)
		assert.Equal(t, tt.want, code, tt.name)
	}
}

// A file can't write to the terminal, nor add lines to a GitHub workflow.
func TestLintShowsHostileFilesSafely(t *testing.T) {
	const text = "url: \"http://x/\\e[31m\\u202e\"\n\"before\\e]0;pwned\\a\\n::error::x\": {enable: true}\nbeforeAddFriend: {enable: \"\\e[2J\"}\n" +
		"afterSendSingleMsg: {enable: true, timeout: 5, attentionIds: [\"\\e[1m\", \"a\\n::error::b\"]}\n"
	for _, args := range [][]string{nil, {"--format", "json"}, {"--format", "github"}, {"--env"}} {
		_, stdout, stderr := lintText(t, text, args...)
		out := stdout + stderr
		assert.NotContains(t, out, "\x1b", args)
		assert.NotContains(t, out, "\a", args)
		if len(args) == 0 || args[0] != "--format" || args[1] != "json" {
			assert.NotContains(t, out, "\u202e", args)
		}
		for line := range strings.Lines(out) {
			assert.False(t, strings.HasPrefix(line, "::error::"), line)
		}
	}
	_, _, stderr := lintText(t, "a: [\x1b[31m")
	assert.NotContains(t, stderr, "\x1b")
}

// The JSON of lint is that of the other commands, wherever it goes: a result
// for each file, with the callbacks that are on.
func TestLintHasOneJSON(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lint.json")
	_, stdout, _ := runMain(t, "", "lint", "--format", "json", "--report", "json="+file, "testdata/webhooks/on.yml", "testdata/webhooks/main.yml")
	reported, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, stdout, string(reported))
	var document struct {
		Schema  int
		Results []struct {
			File   string
			Config struct {
				URL       string
				Callbacks []struct {
					Key, URL    string
					Wait        float64
					DeniedTypes []string
				}
			}
			Findings []struct {
				Rule, File, Path, Excerpt string
				Line, Column              int
			}
		}
		Summary struct{ Results, Warnings, Notes int }
	}
	require.NoError(t, json.Unmarshal(reported, &document))
	assert.Equal(t, report.Schema, document.Schema)
	require.Len(t, document.Results, 2)
	first, second := document.Results[0], document.Results[1]
	assert.Equal(t, "http://im-hooks:8080/openim/s3cr3t", first.Config.URL)
	require.Len(t, first.Config.Callbacks, 7)
	on := first.Config.Callbacks[0]
	assert.Equal(t, "http://im-hooks:8080/openim/s3cr3t/callbackBeforeSendSingleMsgCommand", on.URL)
	assert.Equal(t, []string{"106", "200-500"}, on.DeniedTypes)
	assert.InDelta(t, 15, first.Config.Callbacks[3].Wait, 0)
	found := first.Findings[2]
	assert.Equal(t, "  timeout: 20", found.Excerpt)
	assert.Equal(t, "/beforeMsgModify/timeout", found.Path)
	assert.Equal(t, []any{"testdata/webhooks/on.yml", 17, 3}, []any{found.File, found.Line, found.Column})
	assert.Equal(t, "testdata/webhooks/main.yml", second.File)
	assert.Empty(t, second.Config.Callbacks)
	assert.Equal(t, 2, document.Summary.Results)
}

// A mark stands under the column whatever the line before it looks like.
func TestLintMarksTheColumn(t *testing.T) {
	_, stdout, _ := lintText(t, "\"中文\": {enable: true, timeout: 5}\n")
	assert.Contains(t, stdout, "   1 | \"中文\": {enable: true, timeout: 5}\n     | ^\n")
	_, stdout, _ = lintText(t, "url: http://x/y\nbeforeAddFriend: {x-中文: 1, enable: yes}\n")
	assert.Contains(t, stdout, "   2 | beforeAddFriend: {x-中文: 1, enable: yes}\n     | "+strings.Repeat(" ", 37)+"^\n")
	_, stdout, _ = lintText(t, "url: http://x/y # "+strings.Repeat("x", 200)+"\nbeforeAddFriend: {"+strings.Repeat("abc: 1, ", 30)+"timeout: 5s}\n")
	for line := range strings.Lines(stdout) {
		if strings.Contains(line, " | ") {
			assert.Less(t, len(line), 120, line)
		}
	}
}

func TestLintUsesColorWhenAsked(t *testing.T) {
	_, stdout, _ := lintText(t, "callback: {url: http://x}\n", "--color", "always")
	assert.Contains(t, stdout, "\x1b[31merror\x1b[0m: OpenIM")
}

// imcb.yaml serves all commands: rules for replies don't keep lint from running.
func TestLintIgnoresRulesForReplies(t *testing.T) {
	var out, errOut bytes.Buffer
	streams := shell.Streams{
		In: strings.NewReader("url: http://localhost/x\nbeforeAddFriend: {enable: true, timeout: 5}\n"), Out: &out, Err: &errOut,
		Getenv: func(string) string { return "" },
		ReadFile: func(name string) ([]byte, error) {
			if name == "imcb.yaml" {
				return []byte("rule: [errcode-range=warning, lint-loopback-url=off]\n"), nil
			}
			return nil, fs.ErrNotExist
		},
	}
	assert.Equal(t, 0, cmd.Main(t.Context(), []string{"lint", "-"}, streams))
	assert.Empty(t, errOut.String())
	assert.NotContains(t, out.String(), "lint-loopback-url")
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestLintTellsWhenItCannotWrite(t *testing.T) {
	var errOut bytes.Buffer
	streams := shell.Streams{
		In: strings.NewReader("url: http://hooks/x\n"), Out: brokenPipe{}, Err: &errOut,
		Getenv: func(string) string { return "" }, ReadFile: func(string) ([]byte, error) { return nil, fs.ErrNotExist },
	}
	assert.Equal(t, 4, cmd.Main(t.Context(), []string{"lint", "-"}, streams))
	assert.Contains(t, errOut.String(), "disk full")
}

func TestLintWritesEveryFormat(t *testing.T) {
	placeIn := map[string]string{ // of the finding in line 9
		"text": `broken\.yml:9:3: `, "json": `"line":9,"column":3`, "jsonl": `"line":9,"column":3`, "junit": `broken\.yml:9:3: `,
		"sarif": `broken\.yml","uriBaseId":"%SRCROOT%"},"region":{"startLine":9}`, "tap": `at: ".*broken\.yml:9:3"`,
		"github": `broken\.yml,line=9,col=3,`, "html": `broken\.yml:9:3: `,
	}
	dir := t.TempDir()
	args := []string{"lint", "testdata/webhooks/broken.yml"}
	for _, format := range report.Names() {
		args = append(args, "--report", format+"="+filepath.Join(dir, format))
	}
	code, stdout, stderr := runMain(t, "", args...)
	require.Equal(t, 1, code, stderr)
	assert.Contains(t, stdout, "testdata/webhooks/broken.yml:")
	for _, format := range report.Names() {
		text, err := os.ReadFile(filepath.Join(dir, format))
		require.NoError(t, err)
		assert.Contains(t, string(text), "broken.yml", format)
		assert.Contains(t, string(text), "lint-webhook-scheme", format)
		assert.Regexp(t, placeIn[format], string(text), format)
	}
	code, stdout, _ = runMain(t, "", "lint", "testdata/webhooks/broken.yml", "--format", "jsonl", "--fail-on", "never")
	assert.Zero(t, code)
	assert.Positive(t, strings.Count(stdout, "\n"))
}
