package cmd_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const refusingRule = "rules:\n  - match: {callback: beforeAddFriend}\n    refuse: {errCode: CODE, errMsg: no}\n"

func refusing(code string) string { return strings.Replace(refusingRule, "CODE", code, 1) }

// replace puts a file in another's place, as editors do.
func replace(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path+".new", []byte(text), 0o600))
	require.NoError(t, os.Rename(path+".new", path))
}

// eventuallyAnswers waits until the callback's answer has the text.
func eventuallyAnswers(t *testing.T, s *running, text string) {
	t.Helper()
	require.Eventually(t, func() bool {
		_, answer := ask(t, "POST", s.base+"/callbackBeforeAddFriendCommand", "{}")
		return strings.Contains(answer, text)
	}, soon, 20*time.Millisecond)
}

func TestServeReloadsRules(t *testing.T) {
	t.Parallel()
	file := inFolder(t, "rules.yaml", refusing("5001"))
	s := serveHere(t, "--rules", file)
	eventuallyAnswers(t, s, `"errCode":5001`)

	replace(t, file, refusing("5002"))
	eventuallyAnswers(t, s, `"errCode":5002`)
	s.stderr.await(t, `imcb: 1 rule from `)

	replace(t, file, "rules: [")
	s.stderr.await(t, `imcb: the rules stay as they were: `)
	eventuallyAnswers(t, s, `"errCode":5002`)
	_, rules := ask(t, "GET", s.base+"/__imcb/api/v1/rules", "")
	assert.Regexp(t, `"error":".+"`, rules, "the page knows, too")

	require.NoError(t, os.Remove(file))
	s.stderr.await(t, `the rules stay as they were: --rules: stat .*no such file`)
	eventuallyAnswers(t, s, `"errCode":5002`)

	replace(t, file, refusing("5003"))
	eventuallyAnswers(t, s, `"errCode":5003`)
	assert.Zero(t, s.end(t))
	said := s.stderr.String()
	assert.Equal(t, 2, strings.Count(said, "the rules stay as they were"), "each mistake once: "+said)
	assert.Equal(t, 2, strings.Count(said, "1 rule from "), said)
}

// A file that was away for a while and comes back as it was has no problem any
// more, and a second absence is told like the first.
func TestServeRulesThatComeBack(t *testing.T) {
	t.Parallel()
	file := inFolder(t, "rules.yaml", refusing("5001"))
	s := serveHere(t, "--rules", file)
	aside := filepath.Join(t.TempDir(), "aside.yaml")
	for range 2 {
		before := strings.Count(s.stderr.String(), "the rules stay as they were")
		require.NoError(t, os.Rename(file, aside))
		require.Eventually(t, func() bool {
			return strings.Count(s.stderr.String(), "the rules stay as they were") > before
		}, soon, 20*time.Millisecond, "the absence is told")
		require.NoError(t, os.Rename(aside, file))
		require.Eventually(t, func() bool {
			_, rules := ask(t, "GET", s.base+"/__imcb/api/v1/rules", "")
			return strings.Contains(rules, `"error":""`)
		}, soon, 20*time.Millisecond, "it is there again")
		eventuallyAnswers(t, s, `"errCode":5001`)
	}
	assert.Zero(t, s.end(t))
}

func TestServeCheckRules(t *testing.T) {
	good := inFolder(t, "good.yaml", refusing("5001"))
	code, stdout, stderr := runMain(t, "", "serve", "--check-rules", "--rules", good, "--fault", "beforeAddFriend=hang", "--listen", "nowhere:x")
	assert.Zero(t, code, stderr)
	assert.Regexp(t, `^--fault beforeAddFriend: beforeAddFriend: .*hang\n.*refuses with 5001 \(shadowed by --fault beforeAddFriend\)\n2 rules, no mistake\n$`, stdout)
	assert.Empty(t, stderr, "nothing is opened")

	bad := inFolder(t, "bad.yaml", "rules:\n  - match: {callback: beforeAddFreind}\n    allow: true\n  - alow: true\n")
	code, stdout, stderr = runMain(t, "", "serve", "--check-rules", "--rules", bad)
	assert.Equal(t, 2, code)
	assert.Empty(t, stdout)
	assert.Contains(t, stderr, "did you mean beforeAddFriend?")
	assert.Regexp(t, `bad\.yaml:2`, stderr)
	assert.Regexp(t, `bad\.yaml:4`, stderr, "all the mistakes")
}

// Rule files from strangers end soon, and with a message.
func TestServeHostileRuleFiles(t *testing.T) {
	t.Parallel()
	many := 60_000
	if slowed {
		many = 6000
	}
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'k'; c++ {
		bomb += string(c) + ": &" + string(c) + " [" + strings.Repeat("*"+string(c-1)+",", 9) + "*" + string(c-1) + "]\n"
	}
	for name, text := range map[string]string{
		"aliases":        bomb + "rules: *j\n",
		"merged aliases": strings.Replace(bomb, "a: &a [x,x,x,x,x,x,x,x,x,x]", "a: &a {b: c}", 1) + "rules:\n  - <<: *j\n",
		"recursion":      "rules: &a\n  - *a\n",
		"2 MB":           "rules:\n" + strings.Repeat("  - allow: true\n", 2<<20/16),
		"many rules":     "rules:\n" + strings.Repeat("  - allow: true\n", many),
		"many mistakes":  "rules:\n" + strings.Repeat("  - alow: 1\n", many),
		"deep flow":      "rules: " + strings.Repeat("[", 100_000),
		"deep mapping":   "rules: " + strings.Repeat("{a: ", 50_000),
		"deep modify":    "rules:\n  - modify: {a: " + strings.Repeat("[", 5_000) + strings.Repeat("]", 5_000) + "}\n",
		"deep blocks":    deepBlocks(900),
		"long key":       "? " + strings.Repeat("x", 900_000) + "\n: 1\n",
		"tabs":           "rules:\n\t- allow: true\n",
		"NUL":            "rules:\n  - allow: \x00\n",
		"not UTF-8":      "rules:\n  - allow: \xff\xfe\n",
		"escapes":        "rules:\n  - \"\x1b]0;title\x07\x1b[31m\": true\n",
		"two documents":  refusing("5001") + "---\n" + refusing("5002"),
		"regex":          "rules:\n  - match: {callback: beforeAddFriend, where: {a: {regex: \"(((a{1000}){1000}){1000}\"}}}\n    allow: true\n",
		"tag":            "rules: !!python/object:os.system x\n",
		"a list":         "- allow: true\n",
		"a word":         "rules\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, _, stderr := endsSoon(t, "", "serve", "--check-rules", "--rules", inFolder(t, "rules.yaml", text))
			assert.Equal(t, 2, code, stderr)
			assert.Less(t, len(stderr), 64<<10, "a message that can be read")
			assert.NotEmpty(t, stderr)
			assertPrintable(t, stderr)
		})
	}
}

func deepBlocks(depth int) string {
	var b strings.Builder
	for i := range depth {
		b.WriteString(strings.Repeat(" ", i) + "rules:\n")
	}
	return b.String()
}
