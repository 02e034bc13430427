package cmd_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// rotatedLog is a folder with a log in three files, cut between its lines.
func rotatedLog(t *testing.T, text []byte) string {
	t.Helper()
	folder := t.TempDir()
	lines := bytes.SplitAfter(text, []byte("\n"))
	third := len(lines) / 3
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write(bytes.Join(lines[:third], nil))
	require.NoError(t, w.Close())
	for name, part := range map[string][]byte{
		"openim.log.10.gz": packed.Bytes(),
		"openim.log.9":     bytes.Join(lines[third:2*third], nil),
		"openim.log":       bytes.Join(lines[2*third:], nil),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), part, 0o600))
	}
	return folder
}

// What was rotated is one log, also where a callback begins in one file and ends
// in the next.
func TestFromFilesInOrder(t *testing.T) {
	const file = "testdata/openim.log"
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	code, want, _ := runMain(t, "", "validate", "--from", file, "--format", "jsonl")
	folder := rotatedLog(t, text)
	in := func(name string) string { return filepath.Join(folder, name) }
	for name, args := range map[string][]string{
		"folder":  {"--from", folder},
		"pattern": {"--from", in("openim*")},
		"each":    {"--from", in("openim.log.10.gz"), "--from", in("openim.log.9"), "--from", in("openim.log")},
	} {
		gotCode, got, stderr := runMain(t, "", append([]string{"validate", "--format", "jsonl"}, args...)...)
		assert.Equal(t, code, gotCode, name+stderr)
		assert.Equal(t, want, got, name)
	}
}

func TestFromSeveralJournals(t *testing.T) {
	const line = `{"callback":"beforeAddFriend","request":{"method":"POST","url":"http://h/"},"reply":{"status":200,"body":"{}"}}`
	args := []string{"validate", "--requests", "off", "--format", "jsonl", "--fail-on", "never", "--from", inFolder(t, "a.jsonl", line), "--from", "-"}
	code, stdout, stderr := runMain(t, strings.Repeat(line+"\n", 2), args...)
	assert.Zero(t, code, stderr)
	assert.Equal(t, 3, strings.Count(stdout, `"callback":"beforeAddFriend","command"`), stdout)
}

func TestFromErrors(t *testing.T) {
	log := "testdata/openim.log"
	for want, from := range map[string][]string{
		"there is no such file":          {filepath.Join(t.TempDir(), "*.log")},
		"--from names " + log + " twice": {log, log},
		"take one kind at a time":        {log, "testdata/journal.jsonl"},
		"open missing.log: no such file": {log, "missing.log"},
	} {
		args := []string{"validate"}
		for _, name := range from {
			args = append(args, "--from", name)
		}
		code, _, stderr := runMain(t, "", args...)
		assert.NotZero(t, code)
		assert.Contains(t, stderr, want)
	}
}
