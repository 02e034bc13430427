package cmd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/imcb-dev/imcb/cmd"
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// streamsFor are streams with an environment, in which no imcb.yaml lies about.
func streamsFor(env map[string]string, files map[string]string) (shell.Streams, *bytes.Buffer, *bytes.Buffer) {
	var out, errOut bytes.Buffer
	return shell.Streams{
		In: strings.NewReader(""), Out: &out, Err: &errOut,
		Getenv: func(name string) string { return env[name] },
		ReadFile: func(name string) ([]byte, error) {
			if text, ok := files[name]; ok {
				return []byte(text), nil
			}
			return nil, os.ErrNotExist
		},
	}, &out, &errOut
}

// keepTheContract is the last line about callbacks that are without findings.
func keepTheContract[T any](callbacks []T) string {
	return fmt.Sprintf("%d callbacks keep the contract\n", len(callbacks))
}

func TestEveryCallbackAgainstTheBuiltInReceiverInEveryVersion(t *testing.T) {
	for _, server := range validate.ServerNames() {
		code, stdout, stderr := runMain(t, "", "validate", "--mock", "--every", "--server", server, "--fail-on", "note", "-q", "--cover", "one")
		assert.Equal(t, 0, code, "%s: %s", server, stdout)
		assert.Equal(t, fmt.Sprintf("%d callbacks keep the contract\n", len(fixtures.Keys())), stdout, server)
		assert.Empty(t, stderr, server)
	}
}

func TestSettingsPrecedence(t *testing.T) {
	const file = "server: 3.6\nrule: [missing-field=off, key-case=off]\n"
	for name, test := range map[string]struct {
		args []string
		env  map[string]string
		want string
	}{
		"file":                 {nil, nil, "OpenIM 3.6"},
		"environment wins":     {nil, map[string]string{"IMCB_SERVER": "3.7"}, "OpenIM 3.7"},
		"command line wins":    {[]string{"--server", "main"}, map[string]string{"IMCB_SERVER": "3.7"}, "OpenIM main"},
		"mock overrules a url": {nil, map[string]string{"IMCB_URL": "http://127.0.0.1:1"}, "built-in receiver"},
	} {
		t.Run(name, func(t *testing.T) {
			streams, out, errOut := streamsFor(test.env, map[string]string{"imcb.yaml": file})
			code := cmd.Main(t.Context(), append([]string{"send", "beforeAddFriend", "--mock"}, test.args...), streams)
			assert.Zero(t, code, errOut.String())
			assert.Contains(t, out.String(), test.want)
		})
	}
}

func TestBadSettings(t *testing.T) {
	for name, test := range map[string]struct{ file, env, want string }{
		"unknown setting": {file: "sever: main\n", want: `imcb: imcb.yaml:1:1: unknown key "sever" in the settings: did you mean server`},
		"not YAML":        {file: "url: [\n", want: "imcb: imcb.yaml:1:6: while parsing a flow node: did not find expected node content\n   1 | url: [\n"},
		"twice":           {file: "url: a\nurl: b\n", want: `imcb: imcb.yaml:2:1: key "url" is given twice, first on line 1`},
		"nested":          {file: "url: {a: b}\n", want: "imcb: imcb.yaml:1:6: url needs a value, or a list of values"},
		"nothing":         {file: "url:\n", want: "imcb: imcb.yaml:1:5: url needs a value, or a list of values"},
		"no mapping":      {file: "- url\n", want: "imcb: imcb.yaml:1:1: the settings must be a mapping, not a list"},
		"too large":       {file: strings.Repeat("#", 1<<20+1), want: "imcb: imcb.yaml: the file has 1048577 bytes, more than the limit of 1048576"},
		"wrong section":   {file: "send: {listen: x}\n", want: `imcb: imcb.yaml:1:8: unknown key "listen" in the settings of send`},
		"bad in a list":   {file: "seed: 1\nset:\n  - fromUserID=x\n  - nothing\n", want: `imcb: imcb.yaml:4:5: "nothing" does not do for --set`},
		"bad value":       {file: "timeout: soon\n", want: `imcb: imcb.yaml:1:10: "soon" does not do for --timeout`},
		"bad variable":    {env: "soon", want: `imcb: IMCB_TIMEOUT: "soon" does not do for --timeout`},
	} {
		t.Run(name, func(t *testing.T) {
			streams, _, errOut := streamsFor(map[string]string{"IMCB_TIMEOUT": test.env}, map[string]string{"imcb.yaml": test.file})
			assert.Equal(t, 2, cmd.Main(t.Context(), []string{"send", "beforeAddFriend", "--mock"}, streams))
			assert.Contains(t, errOut.String(), test.want)
		})
	}
}

func TestColorIsForTerminalsAndForThoseWhoAsk(t *testing.T) {
	for name, test := range map[string]struct {
		terminal bool
		env      map[string]string
		flag     string
		want     bool
	}{
		"pipe":          {false, nil, "auto", false},
		"terminal":      {true, nil, "auto", true},
		"NO_COLOR":      {true, map[string]string{"NO_COLOR": "1"}, "auto", false},
		"FORCE_COLOR":   {false, map[string]string{"FORCE_COLOR": "1"}, "auto", true},
		"dumb terminal": {true, map[string]string{"TERM": "dumb"}, "auto", false},
		"never":         {true, nil, "never", false},
		"always":        {false, map[string]string{"NO_COLOR": "1"}, "always", true},
	} {
		t.Run(name, func(t *testing.T) {
			streams, out, errOut := streamsFor(test.env, nil)
			streams.OutIsTerminal = test.terminal
			require.Zero(t, cmd.Main(t.Context(), []string{"send", "beforeAddFriend", "--mock", "--color", test.flag}, streams), errOut.String())
			assert.Equal(t, test.want, strings.Contains(out.String(), "\x1b["), "%q", out.String())
		})
	}
}

func TestInterruptedRunReportsWhatIsDone(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	var served atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then is the client's leaving noticed
		if served.Add(1) > 3 {
			interrupt()
			<-r.Context().Done()
			return
		}
		_, _ = io.WriteString(w, fixtures.PlainAllow)
	}))
	defer server.Close()
	streams, out, _ := streamsFor(nil, nil)
	baseline := filepath.Join(t.TempDir(), "baseline.json")
	code := cmd.Main(ctx, []string{"validate", "--url", server.URL, "--cover", "one", "--jobs", "1", "--format", "json", "--every", "--write-baseline", baseline}, streams)
	assert.Equal(t, 130, code)
	assert.NoFileExists(t, baseline, "a part of the findings is no baseline")
	var report struct {
		Summary struct {
			Results, Planned int
			Interrupted      bool
		}
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &report))
	assert.Equal(t, 3, report.Summary.Results)
	assert.True(t, report.Summary.Interrupted)
	assert.Equal(t, len(fixtures.Keys()), report.Summary.Planned)
}

// Headers may stand in a file, one a line.
func TestHeadersFromAFile(t *testing.T) {
	for file, want := range map[string]string{"headers.txt": "", "none.txt": "imcb: --header: file does not exist\n", "bad.txt": `imcb: --header "X" is not of the form "Name: value"`} {
		streams, out, errOut := streamsFor(nil, map[string]string{"headers.txt": "X-A: 1\nx-b:b c\n", "bad.txt": "X\n"})
		code := cmd.Main(t.Context(), []string{"send", "beforeAddFriend", "--url", "http://127.0.0.1/cb", "--dry-run", "--print", "http", "-H", "@" + file}, streams)
		if want != "" {
			assert.Equal(t, 2, code, file)
			assert.Contains(t, errOut.String(), want)
			continue
		}
		assert.Zero(t, code, errOut.String())
		assert.Contains(t, out.String(), "\nX-A: 1\n")
		assert.Contains(t, out.String(), "\nX-B: b c\n")
	}
}

// A report that can't be written is what the run ends with, and leaves the
// baseline alone.
func TestReportThatCannotBeWritten(t *testing.T) {
	baseline := filepath.Join(t.TempDir(), "baseline.json")
	for _, format := range []string{"text", "json", "jsonl", "junit"} {
		streams, _, errOut := streamsFor(nil, nil)
		streams.Out = brokenPipe{}
		assert.Equal(t, 4, cmd.Main(t.Context(), []string{"validate", "--mock", "--cover", "one", "--format", format, "--write-baseline", baseline}, streams), format)
		assert.Contains(t, errOut.String(), "disk full", format)
		assert.NoFileExists(t, baseline, format)
	}
}

func TestReportsAreWrittenBesideTheResults(t *testing.T) {
	dir := t.TempDir()
	jsonFile, linesFile, output := filepath.Join(dir, "r.json"), filepath.Join(dir, "r.jsonl"), filepath.Join(dir, "r.txt")
	code, stdout, _ := runMain(t, "", "validate", "--mock", "--cover", "one", "--report", "json="+jsonFile, "--report", "jsonl="+linesFile, "-o", output)
	assert.Zero(t, code)
	assert.Empty(t, stdout)
	text, err := os.ReadFile(output)
	require.NoError(t, err)
	sent := fixtures.SentBy(fixtures.DefaultRelease)
	assert.True(t, strings.HasSuffix(string(text), fmt.Sprintf("\n%d callbacks keep the contract\n", len(sent))), string(text))
	var report struct {
		Schema  int
		Server  string
		Results []struct{ Callback, Outcome string }
	}
	text, err = os.ReadFile(jsonFile)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &report))
	assert.Equal(t, 1, report.Schema)
	assert.Equal(t, "3.8.3-patch.16", report.Server)
	assert.Len(t, report.Results, len(sent))
	lines, err := os.ReadFile(linesFile)
	require.NoError(t, err)
	assert.Equal(t, len(sent), bytes.Count(lines, []byte("\n")))
}

func TestHugeAndDeepReplies(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		want string
	}{
		"too large":     {`{"errMsg":"` + strings.Repeat("x", simulator.DefaultMaxReply) + `"}`, "[too-large]"},
		"100,000 deep":  {strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000), "[not-json]"},
		"deep unclosed": {strings.Repeat(`{"a":`, 100_000), "[not-json]"},
		"not UTF-8":     {"\xff\xff", "[not-json]"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(reply(200, test.body))
			defer server.Close()
			code, stdout, stderr := runMain(t, "", "validate", "beforeAddFriend", "--url", server.URL, "--timeout", "15s")
			assert.Equal(t, 1, code)
			assert.Contains(t, stdout, test.want)
			assert.Less(t, len(stdout), 4000)
			assert.Empty(t, stderr)
		})
	}
}

// awaiting tells when a text has been written to it.
type awaiting struct {
	bytes.Buffer
	text    string
	awaited chan struct{}
}

func (a *awaiting) Write(p []byte) (int, error) {
	if a.text != "" && bytes.Contains(p, []byte(a.text)) {
		a.text = ""
		close(a.awaited)
	}
	return a.Buffer.Write(p)
}

func TestProgressLineOnATerminal(t *testing.T) {
	t.Parallel()
	errOut := &awaiting{text: "1 done, ", awaited: make(chan struct{})}
	var served atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if served.Add(1) == 2 {
			<-errOut.awaited
		}
		_, _ = io.WriteString(w, fixtures.PlainAllow)
	}))
	defer server.Close()
	streams, out, _ := streamsFor(nil, nil)
	streams.Err, streams.ErrIsTerminal = errOut, true
	cmd.Main(t.Context(), []string{"validate", "--cover", "one", "--url", server.URL, "--jobs", "1", "--rule", "content-type=off"}, streams)
	assert.Regexp(t, `1 done, \d+s`, errOut.String())
	assert.True(t, strings.HasSuffix(errOut.String(), "\r\x1b[K"), "the line is cleared: %q", errOut.String())
	assert.NotContains(t, out.String(), "\x1b")
}

func TestCompletion(t *testing.T) {
	for line, want := range map[string]string{
		"send beforeAddFr":                "beforeAddFriend\t",
		"send beforeAddFriend --set ":     "fromUserID=",
		"send --message ":                 "picture",
		"validate --message ":             "all",
		"validate --cover ":               "pairs",
		"validate --rule errcode-r":       "errcode-range=\t",
		"validate --server ":              "3.8.3-patch.16",
		"show beforeMsgModify --example ": "modify",
		"rules refusal-i":                 "refusal-ineffective\t",
		"validate --mock --format ":       "jsonl",
		"list --group ":                   "relation",
		"send --url-style ":               "query",
	} {
		args := append([]string{"__complete"}, strings.Split(line, " ")...)
		code, stdout, _ := runMain(t, "", args...)
		assert.Zero(t, code, line)
		assert.Contains(t, stdout, want, line)
	}
}

func TestEditTakesWhatTheEditorLeaves(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the test's editor is sed, which Windows does not have")
	}
	streams, out, errOut := streamsFor(map[string]string{"EDITOR": "sed -i.bak 's/4930183725/<edited>/'"}, nil)
	code := cmd.Main(t.Context(), []string{"send", "beforeAddFriend", "--edit", "--dry-run", "--print", "json", "--seed", "1"}, streams)
	require.Zero(t, code, errOut.String())
	var line struct{ Request struct{ Body string } }
	require.NoError(t, json.Unmarshal(out.Bytes(), &line))
	assert.True(t, strings.HasPrefix(line.Request.Body, `{"callbackCommand":"callbackBeforeAddFriendCommand","fromUserID":"\u003cedited\u003e","toUserID"`), line.Request.Body)
	assert.True(t, strings.HasSuffix(line.Request.Body, "}\n"))

	for env, want := range map[string]string{"": "no editor is set", "false": "--edit: false: exit status 1"} {
		streams, _, errOut := streamsFor(map[string]string{"EDITOR": env}, nil)
		assert.Equal(t, 2, cmd.Main(t.Context(), []string{"send", "beforeAddFriend", "--edit", "--dry-run"}, streams))
		assert.Contains(t, errOut.String(), want)
	}
}

func TestListFindsByWords(t *testing.T) {
	for line, want := range map[string]string{
		"list FRIEND before":          "beforeAddFriend",
		"list their own profile":      "beforeUpdateUserInfo",
		"list callbackBeforeAfterMsg": "afterRevokeMsg",
		"list --messages mute":        "group-muted",
		"list --messages 2101":        "revoke",
		"list --scenarios friend":     "add-friend",
		"list beforeadd block --json": "beforeAddBlack",
	} {
		code, stdout, stderr := runMain(t, "", splitWords(t, line)...)
		assert.Zero(t, code, stderr)
		assert.Contains(t, stdout, want, line)
		assert.NotContains(t, stdout, "afterSendGroupMsg", line)
	}
	_, _, stderr := runMain(t, "", "list", "beforeAddFriendAgree")
	assert.Equal(t, "imcb: `imcb show beforeAddFriendAgree` has all about it\n", stderr)
	for _, line := range []string{"list lunch", "list --messages lunch", "list --scenarios lunch"} {
		code, stdout, stderr := runMain(t, "", splitWords(t, line)...)
		assert.Equal(t, 5, code, line)
		assert.Empty(t, stdout, line)
		assert.Contains(t, stderr, "is like that: `imcb list --help` says what to look for", line)
	}
}

func TestAllIsWhatTheVersionSends(t *testing.T) {
	sent := len(fixtures.SentBy(fixtures.DefaultRelease))
	for flag, want := range map[string]int{"--all": sent, "--every": len(fixtures.Keys())} {
		for _, command := range []string{"send", "validate --cover=one"} {
			args := append(strings.Fields(command), flag, "--mock", "--format", "jsonl")
			code, stdout, stderr := runMain(t, "", args...)
			assert.Equal(t, 0, code, "%v: %s", args, stderr)
			assert.Equal(t, want, strings.Count(stdout, `"outcome":`), "%v", args)
		}
	}
	code, _, stderr := runMain(t, "", "send", "--all", "--every", "--mock")
	assert.Equal(t, 2, code)
	assert.Contains(t, stderr, "--all and --every exclude each other")
}
