package cmd_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEveryRuleIsExplained(t *testing.T) {
	_, stdout, _ := runMain(t, "", "rules", "--json")
	var rules []struct{ Rule, Title, About, Bad, Good string }
	require.NoError(t, json.Unmarshal([]byte(stdout), &rules))
	about := make(map[string]int)
	for _, r := range rules {
		about[r.About]++
		code, text, stderr := runMain(t, "", "rules", r.Rule)
		assert.Zero(t, code, stderr)
		assert.Contains(t, text, r.Title)
		shown := r.About == "" && r.Rule != "expect"
		assert.Equal(t, shown, r.Bad != "" && r.Good != "", r.Rule)
		assert.Equal(t, shown, strings.Contains(text, "\nbad     "), "%s: what has no example shows none", r.Rule)
	}
	assert.Len(t, about, 4, "replies, requests, files and the target")
}

// imcb.yaml serves all commands: each takes the rules of every other.
func TestEveryCommandTakesEveryRule(t *testing.T) {
	args := []string{"--rule", "slow=off", "--rule", "request-url=off", "--rule", "expect=note", "--rule", "probe-get=note", "--rule", "lint-unknown-key=off"}
	for _, command := range [][]string{
		{"validate", "beforeAddFriend", "--reply", "testdata/allow.json"}, {"send", "beforeAddFriend", "--mock"},
		{"serve", "--listen", "127.0.0.1:0", "--for", "1ms"}, {"lint", "testdata/webhooks/v3.8.3.yml"},
	} {
		code, _, stderr := runMain(t, "", append(command, args...)...)
		assert.Zero(t, code, "%s: %s", command, stderr)
		code, _, stderr = runMain(t, "", append(command, "--rule", "unknown-setting=off")...)
		assert.Equal(t, 2, code, command)
		assert.Contains(t, stderr, `unknown rule "unknown-setting": did you mean lint-unknown-setting?`, command)
	}
}

// A suite may name every rule that `imcb rules` lists.
func TestSuiteNamesProbes(t *testing.T) {
	receiver := httptest.NewServer(reply(200, `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0}`))
	defer receiver.Close()
	const cases = "cases: [{send: beforeAddFriend}]\n"
	for text, found := range map[string]bool{cases: true, "rules: {probe-get: off, lint-loopback-url: error, request-url: note, expect: warning}\n" + cases: false} {
		code, stdout, stderr := runMain(t, "", "validate", inFolder(t, "suite.yaml", text), "--url", receiver.URL, "--probe", "--format", "json")
		assert.Zero(t, code, stderr)
		assert.Contains(t, stdout, `"rule":"probe-command-mismatch"`)
		if found {
			assert.Contains(t, stdout, `"rule":"probe-get"`)
		} else {
			assert.NotContains(t, stdout, `"rule":"probe-get"`)
		}
	}
}

// What a suite expects is judged with the severities that the user wants: a
// finding that is off can't be expected, and a miss may be milder.
func TestSuiteSeesSeveritiesOfTheRun(t *testing.T) {
	file := inFolder(t, "suite.yaml", "cases: [{send: beforeAddFriend, expect: {findings: refusal-ineffective}}]\n")
	receiver := httptest.NewServer(reply(200, `{"actionCode":1,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":1}`))
	defer receiver.Close()
	for rule, want := range map[string]int{"slow=off": 0, "refusal-ineffective=off": 1, "expect=warning": 0} {
		args := []string{"validate", file, "--url", receiver.URL, "--rule", rule, "--rule", "actioncode-value=off"}
		if rule == "expect=warning" {
			args = append(args, "--rule", "refusal-ineffective=off")
		}
		code, stdout, stderr := runMain(t, "", args...)
		assert.Equal(t, want, code, "%s: %s%s", rule, stdout, stderr)
	}
}

// The mock receiver shows what is odd about a request, and about the reply of
// the receiver behind it, with the severities of --rule.
func TestServeChangesSeverities(t *testing.T) {
	behind := httptest.NewServer(reply(404, "404 page not found"))
	defer behind.Close()
	logged := func(args ...string) string {
		s := serveHere(t, append([]string{"--forward", behind.URL, "--log-format", "json"}, args...)...)
		ask(t, "POST", s.URL+"/callbackBeforeAddFriendCommand", `{"callbackCommand":"callbackBeforeAddFriendCommand"}`)
		_, resent := ask(t, "POST", s.base+"/__imcb/api/v1/requests/1/resend", "")
		s.end(t)
		return s.out.String() + resent
	}
	usual := logged()
	for _, rule := range []string{`"rule":"request-header"`, `"rule":"request-field","severity":"error"`, `"rule":"no-route","severity":"error"`} {
		assert.Contains(t, usual, rule)
	}
	changed := logged("--rule", "request-header=off", "--rule", "request-field=note", "--rule", "no-route=warning")
	assert.NotContains(t, changed, `"rule":"request-header"`)
	assert.Contains(t, changed, `"rule":"request-field","severity":"note"`)
	assert.Contains(t, changed, `"rule":"no-route","severity":"warning"`)
	assert.NotContains(t, changed, `"severity":"error"`)
}
