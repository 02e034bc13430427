package cmd_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate/report"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// freeAddress is an address on which nothing listens, and on which nothing will
// that takes any port: those come from 32768 on, or higher.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(12000))
		if l, err := net.Listen("tcp", address); err == nil {
			require.NoError(t, l.Close())
			return address
		}
	}
	t.Fatal("no port is free")
	return ""
}

func TestSuiteAgainstAReceiverWithKnownBugs(t *testing.T) {
	address, dir := freeAddress(t), t.TempDir()
	args := []string{
		"validate", "testdata/suite.yaml", "--url", "http://" + address + "/cb",
		"--exec", "exec go run ./testdata/receiver " + address, "--format", "json",
	}
	for _, format := range report.Names() {
		args = append(args, "--report", format+"="+filepath.Join(dir, format))
	}
	code, stdout, stderr := runMain(t, "", args...)
	require.Equal(t, 1, code, stderr)
	assert.Contains(t, stderr, "receiver listens on")

	var document struct {
		Results []struct {
			Case, File, Outcome string
			Line                int
			Findings            []struct{ Rule, Severity, Message string }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &document))
	failed := map[string][]string{}
	for _, r := range document.Results {
		assert.Equal(t, "testdata/suite.yaml", r.File)
		assert.Positive(t, r.Line)
		for _, f := range r.Findings {
			if f.Severity == "error" {
				failed[r.Case] = append(failed[r.Case], f.Rule)
			}
		}
	}
	assert.Len(t, document.Results, 11, "the tenth case has two steps")
	assert.Equal(t, map[string][]string{
		"advertising is refused": {"expect", "refusal-ineffective"},
		"a group can be renamed": {"expect", "field-wiped"},
		"a new member passes":    {"expect", "no-route"},
	}, failed)

	for _, format := range report.Names() {
		text, err := os.ReadFile(filepath.Join(dir, format))
		require.NoError(t, err, format)
		assert.Contains(t, string(text), "advertising is refused", format)
	}
	text, err := os.ReadFile(filepath.Join(dir, "junit"))
	require.NoError(t, err)
	assert.Equal(t, 3, strings.Count(string(text), "<failure"))
}

func TestExecThatEndsAtOnceShowsItsOutput(t *testing.T) {
	code, stdout, stderr := runMain(t, "", "validate", "beforeAddFriend", "--url", "http://"+freeAddress(t), "--exec", "echo no database; exit 3")
	assert.Equal(t, 3, code)
	assert.Empty(t, stdout)
	assert.Contains(t, stderr, "  | no database\n")
	assert.Contains(t, stderr, "the receiver ended before it answered (exit status 3)")
}

func TestExecDoesNotJudgeWhatListensAlready(t *testing.T) {
	old := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Server", "old/1.0")
		fmt.Fprint(w, fixtures.PlainAllow)
	}))
	t.Cleanup(old.Close)
	started := filepath.Join(t.TempDir(), "started")
	code, stdout, stderr := runMain(t, "", "validate", "beforeAddFriend", "--url", old.URL, "--exec", "echo > "+started+"; sleep 60")
	assert.Equal(t, 4, code)
	assert.Empty(t, stdout)
	assert.Equal(t, "imcb: --exec: the port of "+old.URL+" is taken (status 200 OK, Server: old/1.0): stop the old receiver, or choose another port in --exec and --url\n", stderr)
	assert.NoFileExists(t, started)
}

func TestExecThatEndsDuringTheRun(t *testing.T) {
	address := freeAddress(t)
	t.Setenv("DYING_RECEIVER", address)
	code, stdout, stderr := runMain(t, "", "validate", "beforeAddFriend", "afterAddFriend", "beforeAddBlack", "--cover", "one", "--jobs", "1",
		"--url", "http://"+address, "--exec", "exec "+os.Args[0]+" -test.run='^TestDyingReceiver$'")
	assert.Equal(t, 3, code)
	assert.Contains(t, stdout, "✓ beforeAddFriend ")
	assert.Contains(t, stderr, "  | out of memory\n")
	assert.Contains(t, stderr, "imcb: --exec: the receiver ended during the run (exit status 7)\n")
}

// TestDyingReceiver is the receiver of TestExecThatEndsDuringTheRun: it answers
// one callback.
func TestDyingReceiver(t *testing.T) {
	address := os.Getenv("DYING_RECEIVER")
	if address == "" {
		t.Skip("runs as a process of its own")
	}
	answered := false
	t.Error(http.ListenAndServe(address, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if answered {
			fmt.Println("out of memory")
			os.Exit(7)
		}
		answered = r.Method == http.MethodPost
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, fixtures.PlainAllow)
	})))
}

func TestWaitGivesUp(t *testing.T) {
	code, _, stderr := runMain(t, "", "validate", "beforeAddFriend", "--url", "http://"+freeAddress(t), "--wait", "150ms")
	assert.Equal(t, 3, code)
	assert.Contains(t, stderr, "nothing answered at")
}

func TestScenariosPassAgainstTheBuiltInReceiver(t *testing.T) {
	_, list, _ := runMain(t, "", "list", "--scenarios", "--json")
	var scenarios []struct{ Name string }
	require.NoError(t, json.Unmarshal([]byte(list), &scenarios))
	require.NotEmpty(t, scenarios)
	for _, s := range scenarios {
		code, stdout, stderr := runMain(t, "", "validate", "--scenario", s.Name, "--mock", "-q")
		assert.Zero(t, code, "%s: %s%s", s.Name, stdout, stderr)
	}
}

func TestBaselineKnowsOldFindings(t *testing.T) {
	receivers := startReceivers(t)
	file := filepath.Join(t.TempDir(), "baseline.json")
	run := func(args ...string) (int, string) {
		code, stdout, _ := runMain(t, "", append([]string{"validate", "--url", receivers["{actioncode}"], "-q"}, args...)...)
		return code, stdout
	}
	code, stdout := run("beforeAddFriend", "--write-baseline", file)
	assert.Zero(t, code)
	assert.NotContains(t, stdout, "(in the baseline)", "not yet")
	code, stdout = run("beforeAddFriend", "--baseline", file)
	assert.Zero(t, code)
	assert.Contains(t, stdout, "(in the baseline)")
	code, _ = run("beforeAddFriend", "beforeAddBlack", "--baseline", file)
	assert.Equal(t, 1, code, "a new finding fails")
}

// A run that does not end has a part of the findings, which is no baseline.
func TestNoBaselineOfAPart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "baseline.json")
	code, stdout, _ := runMain(t, "", "validate", "beforeAddFriend", "--url", "http://"+freeAddress(t), "--write-baseline", file)
	assert.Equal(t, 3, code)
	assert.Contains(t, stdout, "nothing listens at the URL")
	assert.NotContains(t, stdout, "(in the baseline)")
	assert.NoFileExists(t, file)
}

// The first failure ends the run: lines that come later are not even looked at.
func TestFailFastInAJournal(t *testing.T) {
	failing := `{"callback":"beforeAddFriend","request":{"method":"POST","url":"http://h/cb"},"reply":{"status":404,"body":"no"}}` + "\n"
	for range 10 {
		code, _, stderr := runMain(t, failing+strings.Repeat("broken\n", 500), "validate", "--from", "-", "--fail-fast", "--jobs", "4")
		assert.Equal(t, 1, code)
		assert.Equal(t, "imcb: stopped after 1 failure\n", stderr)
	}
}

// A run that did not check everything leaves the baseline as it was.
func TestBaselineIsKeptWhenTheRunGoesWrong(t *testing.T) {
	receivers := startReceivers(t)
	const journal = `{"callback":"beforeAddFriend","request":{"method":"POST","url":"http://x/callbackBeforeAddFriendCommand"},"reply":{"status":200,"body":"{}","elapsed_ms":1}}` + "\n"
	for want, args := range map[int][]string{
		2: {"--from", inFolder(t, "journal.jsonl", journal+"no JSON\n")},
		3: {"beforeAddFriend", "--url", receivers["{nobody}"]},
		4: {"beforeAddFriend", "--mock", "--report", "json=" + t.TempDir()},
		5: {"testdata/suite.yaml", "--mock", "--only", "nothing like it"},
	} {
		file := inFolder(t, "baseline.json", "as it was")
		code, stdout, stderr := runMain(t, "", append([]string{"validate", "-q", "--write-baseline", file}, args...)...)
		assert.Equal(t, want, code, stdout+stderr)
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, "as it was", string(text), "exit code %d", want)
	}
}

func TestFailFastStops(t *testing.T) {
	receivers := startReceivers(t)
	code, stdout, stderr := runMain(t, "", "validate", "--url", receivers["{actioncode}"], "--fail-fast", "--format", "jsonl")
	assert.Equal(t, 1, code)
	assert.Equal(t, 1, strings.Count(stdout, "\n"))
	assert.Contains(t, stderr, "stopped after 1 failure")
	_, _, stderr = runMain(t, "", "validate", "--url", receivers["{actioncode}"], "--max-failures", "3", "-q")
	assert.Contains(t, stderr, "stopped after 3 failures")
}

func TestInitWritesWhatRuns(t *testing.T) {
	t.Chdir(t.TempDir())
	code, _, stderr := runMain(t, "", "validate", "--init")
	require.Zero(t, code, stderr)
	code, stdout, stderr := runMain(t, "", "validate", "imcb-suite.yaml", "--mock", "--only", "an ordinary message*")
	assert.Zero(t, code, stdout+stderr)
	code, _, stderr = runMain(t, "", "validate", "--init")
	assert.Equal(t, 2, code)
	assert.Contains(t, stderr, "imcb-suite.yaml is there already")
	code, _, stderr = runMain(t, "", "validate", "imcb-suite.yaml", "--mock", "--only", "nothing like it")
	assert.Equal(t, 5, code, stderr)
}

func TestWebhooksFileSaysWhatToSend(t *testing.T) {
	code, stdout, stderr := runMain(t, "", "validate", "--webhooks", "testdata/webhooks/on.yml", "--mock", "--cover", "one", "--server", "main", "--format", "jsonl")
	assert.Zero(t, code, stderr)
	var keys []string
	for line := range strings.Lines(stdout) {
		var r struct{ Callback string }
		require.NoError(t, json.Unmarshal([]byte(line), &r))
		keys = append(keys, r.Callback)
	}
	assert.NotEmpty(t, keys)
	text, err := os.ReadFile("testdata/webhooks/on.yml")
	require.NoError(t, err)
	for _, key := range keys {
		assert.Contains(t, string(text), key+":", fmt.Sprint(keys))
	}
	for _, shipped := range []string{"v3.8.3.yml", "main.yml"} {
		code, _, stderr := runMain(t, "", "validate", "--webhooks", "testdata/webhooks/"+shipped, "--mock")
		assert.Equal(t, 5, code, "%s switches nothing on", shipped)
		assert.Contains(t, stderr, "no callback is on")
	}
}

func TestEachSuiteHasItsOwnURL(t *testing.T) {
	receivers, dir := startReceivers(t), t.TempDir()
	var files []string
	for _, name := range []string{"{allow}", "{refuse}"} {
		file := filepath.Join(dir, strings.Trim(name, "{}")+".yaml")
		outcome := map[string]string{"{allow}": "proceed", "{refuse}": "refuse"}[name]
		text := fmt.Sprintf("url: %s\ncases:\n  - send: beforeAddFriend\n    expect: {outcome: %s}\n", receivers[name], outcome)
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		files = append(files, file)
	}
	code, stdout, stderr := runMain(t, "", append([]string{"validate"}, files...)...)
	assert.Zero(t, code, stdout+stderr)
	code, _, _ = runMain(t, "", append([]string{"validate", "--url", receivers["{allow}"]}, files...)...)
	assert.Equal(t, 1, code, "the command line wins")
}

// TestSuitesNameTheirServers: where suites are for several servers, the run
// names them all, and each result its own.
func TestSuitesNameTheirServers(t *testing.T) {
	dir := t.TempDir()
	args := []string{"validate", "--mock", "--format", "text"}
	for _, server := range []string{"3.7", "main"} {
		file := filepath.Join(dir, server+".yaml")
		text := "server: \"" + server + "\"\ncases:\n- name: greets\n  send: beforeSendSingleMsg\n  expect: {outcome: refuse}\n"
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		args = append(args, file)
	}
	for _, format := range report.Names() {
		args = append(args, "--report", format+"="+filepath.Join(dir, format))
	}
	code, stdout, stderr := runMain(t, "", args...)
	require.Equal(t, 1, code, stderr)
	assert.True(t, strings.HasPrefix(stdout, "OpenIM 3.7, main → "), stdout)

	for _, format := range report.Names() {
		text, err := os.ReadFile(filepath.Join(dir, format))
		require.NoError(t, err, format)
		assert.NotContains(t, string(text), "3.8.3-patch.16", format)
		if format == "json" || format == "jsonl" {
			assert.Contains(t, string(text), `"server":{"release":"3.7","deployment":"services"}`, format)
			assert.Contains(t, string(text), `"server":{"release":"main","deployment":"one-process"}`, format)
			continue
		}
		assert.Contains(t, string(text), "greets (OpenIM 3.7)", format)
		assert.Contains(t, string(text), "greets (OpenIM main)", format)
	}

	code, stdout, _ = runMain(t, "", append([]string{"validate", "--mock", "--server", "3.7.1"}, args[4:6]...)...)
	require.Equal(t, 1, code)
	assert.True(t, strings.HasPrefix(stdout, "OpenIM 3.7.1 (judged as 3.7) → "), "one server for both: %s", stdout)
	assert.NotContains(t, stdout, "greets (OpenIM")
}

// Every output says that a version is judged as another, -q too.
func TestEveryOutputNamesAStandIn(t *testing.T) {
	dir := t.TempDir()
	args := []string{"validate", "beforeAddFriend", "--mock", "--server", "3.8.3-patch.9"}
	for _, format := range report.Names() {
		args = append(args, "--report", format+"="+filepath.Join(dir, format))
	}
	const title, asked = "3.8.3-patch.9 (judged as 3.8.3-patch.5)", `"server":{"release":"3.8.3-patch.5","deployment":"services","asked":"3.8.3-patch.9"}`
	code, stdout, _ := runMain(t, "", append(args, "-q")...)
	require.Zero(t, code)
	assert.Equal(t, "OpenIM "+title+" → the built-in receiver\n1 callback (7 requests) keeps the contract\n", stdout, "once with -q")
	for _, format := range report.Names() {
		text, err := os.ReadFile(filepath.Join(dir, format))
		require.NoError(t, err, format)
		want := title
		if format == "jsonl" {
			want = asked
		}
		assert.Contains(t, string(text), want, format)
	}
	for _, args := range [][]string{
		{"list", "--json"}, {"show", "beforeAddFriend"}, {"send", "beforeAddFriend", "--dry-run"}, {"lint", "testdata/webhooks/on.yml", "--env"},
		{"lint", "testdata/webhooks/v3.8.3.yml"}, {"serve", "--listen", "127.0.0.1:0", "--for", "1ms"},
	} {
		_, stdout, stderr := runMain(t, "", append(args, "--server", "3.8.3-patch.9")...)
		assert.Contains(t, stdout+stderr, title, args)
	}
}

func TestKnownFindingsAreCountedAndThoseGoneAreNamed(t *testing.T) {
	receivers := startReceivers(t)
	file := filepath.Join(t.TempDir(), "baseline.json")
	run := func(url, flag string) (int, string, string) {
		return runMain(t, "", "validate", "beforeAddFriend", "--url", url, flag, file)
	}
	_, _, _ = run(receivers["{actioncode}"], "--write-baseline")
	code, stdout, _ := run(receivers["{actioncode}"], "--baseline")
	assert.Zero(t, code)
	assert.Contains(t, stdout, "~ beforeAddFriend")
	assert.Contains(t, stdout, "1 known finding")
	assert.NotContains(t, stdout, "keeps the contract")
	_, _, stderr := run(receivers["{allow}"], "--baseline")
	assert.Contains(t, stderr, "the baseline has beforeAddFriend refusal-ineffective")
	assert.Equal(t, 1, strings.Count(stderr, "does not occur any more"))
}
