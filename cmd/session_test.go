package cmd_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/imcb-dev/imcb/cmd"
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write golden files anew")

// TestSessions runs the command lines in testdata/sessions/*.txt in this
// process and compares everything that they print:
//
//	$ imcb list --group push      a command line; {NAME} is a receiver's URL
//	< {"nextCode":"0"}            a line of its standard input
//	push                          its standard output
//	! imcb: note: …               its standard error
//	[exit 1]                      its exit code, if not 0
func TestSessions(t *testing.T) {
	files, err := filepath.Glob("testdata/sessions/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	receivers := startReceivers(t)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			checkFile(t, file, string(text), replaySession(t, string(text), receivers))
		})
	}
}

// callbackCount is how many callbacks the README says that imcb sends.
var callbackCount = regexp.MustCompile(`\b\d+ callbacks`)

// TestREADME runs the command lines of the README's code blocks, and counts
// the callbacks.
func TestREADME(t *testing.T) {
	const file = "../README.md"
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	started := startReceivers(t)
	receivers := map[string]string{
		"http://127.0.0.1:8080/callback": started["{actioncode}"], "http://127.0.0.1:8081/callback": started["{text-only}"],
	}
	parts := strings.Split(string(text), "```")
	for i := 1; i < len(parts); i += 2 {
		if session, ok := strings.CutPrefix(parts[i], "console\n"); ok {
			parts[i] = "console\n" + replaySession(t, session, receivers)
		}
	}
	sent := fmt.Sprintf("%d callbacks", len(fixtures.SentBy(fixtures.DefaultRelease)))
	checkFile(t, file, string(text), callbackCount.ReplaceAllString(strings.Join(parts, "```"), sent))
}

// checkFile compares a golden file, or writes it with -update.
func checkFile(t *testing.T, file, want, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
		return
	}
	assert.Equal(t, want, got, "%s: run with -update and read the diff", file)
}

// replaySession runs a session's command lines and returns it with what they
// really printed. Comments and blank lines before a command stay.
func replaySession(t *testing.T, session string, receivers map[string]string) string {
	t.Helper()
	var out strings.Builder
	lines := strings.Split(strings.TrimSuffix(session, "\n"), "\n")
	for i := 0; i < len(lines); {
		line := lines[i]
		i++
		command, ok := strings.CutPrefix(line, "$ imcb ")
		if !ok {
			if line == "" || strings.HasPrefix(line, "#") {
				out.WriteString(line + "\n")
			}
			continue // what an earlier run printed
		}
		out.WriteString(line + "\n")
		stdin := ""
		for i < len(lines) && strings.HasPrefix(lines[i], "< ") {
			out.WriteString(lines[i] + "\n")
			stdin += strings.TrimPrefix(lines[i], "< ") + "\n"
			i++
		}
		out.WriteString(runLine(t, command, stdin, receivers))
		for i < len(lines) && lines[i] != "" && !strings.HasPrefix(lines[i], "$ ") && !strings.HasPrefix(lines[i], "# ") {
			i++
		}
		// Output may hold blank lines: skip to the next command or comment.
		for next := i; next < len(lines); next++ {
			if strings.HasPrefix(lines[next], "$ ") || strings.HasPrefix(lines[next], "# ") {
				i = next
				out.WriteString("\n")
				break
			}
			if next == len(lines)-1 {
				i = len(lines)
			}
		}
	}
	return out.String()
}

// runLine runs one command line and returns what it printed.
func runLine(t *testing.T, command, stdin string, receivers map[string]string) string {
	t.Helper()
	for name, url := range receivers {
		command = strings.ReplaceAll(command, name, url)
	}
	code, stdout, stderr := runMain(t, stdin, splitWords(t, command)...)
	out := stdout
	for line := range strings.Lines(stderr) {
		out += "! " + line
	}
	if code != 0 {
		out += fmt.Sprintf("[exit %d]\n", code)
	}
	for name, url := range receivers {
		out = strings.ReplaceAll(out, url, name)
	}
	return scrub(out)
}

var scrubbers = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`(127\.0\.0\.1):[2-6]\d{4}\b`), "$1:PORT"},
	{regexp.MustCompile(`\b\d+(\.\d+)? (ms|s)\b\n`), "1.2 ms\n"},
	{regexp.MustCompile(`"elapsed_ms":[\d.]+`), `"elapsed_ms":0`},
	{regexp.MustCompile(`"time":"[^"]+"`), `"time":"T"`},
	{regexp.MustCompile(`\["Date","[^"]+"\]`), `["Date","D"]`},
	{regexp.MustCompile(` +\n`), "\n"},
}

func scrub(text string) string {
	for _, s := range scrubbers {
		text = s.pattern.ReplaceAllString(text, s.with)
	}
	return text
}

// runMain runs imcb in this process, in the package's folder and with an empty
// environment.
func runMain(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errOut bytes.Buffer
	streams := shell.Streams{
		In: strings.NewReader(stdin), Out: &out, Err: &errOut,
		Getenv: func(string) string { return "" }, ReadFile: os.ReadFile,
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	code = cmd.Main(ctx, args, streams)
	return code, out.String(), errOut.String()
}

// splitWords splits a command line at spaces outside single quotes.
func splitWords(t *testing.T, line string) []string {
	t.Helper()
	var words []string
	word, quoted, started := "", false, false
	for _, r := range line {
		switch {
		case r == '\'':
			quoted, started = !quoted, true
		case r == ' ' && !quoted:
			if started {
				words = append(words, word)
			}
			word, started = "", false
		default:
			word, started = word+string(r), true
		}
	}
	require.False(t, quoted, "open quote in %q", line)
	if started {
		words = append(words, word)
	}
	return words
}

// startReceivers starts receivers that know nothing of OpenIM, by name.
func startReceivers(t *testing.T) map[string]string {
	t.Helper()
	urls := map[string]string{}
	for name, h := range map[string]http.HandlerFunc{
		"allow":      reply(200, `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0}`),
		"refuse":     reply(200, `{"actionCode":0,"errCode":5001,"errMsg":"not today","errDlt":"quiet hours","nextCode":1}`),
		"actioncode": reply(200, `{"actionCode":1,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":1}`),
		"json404":    reply(404, `{"statusCode":404,"message":"Cannot POST /x"}`),
		"html":       reply(501, "<!DOCTYPE HTML>\n<html><title>Error 501</title></html>\n"),
		"mask":       reply(200, `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,"content":"{\"content\":\"***\"}"}`),
		"escapes":    reply(200, "{\"actionCode\":0,\"errCode\":5001,\"errMsg\":\"\x1b[31mred\x1b[0m\",\"errDlt\":\"\u202e\",\"nextCode\":1} \x1b]0;title\x07"),
		"text-only":  textOnly,
		"named":      named,
		"once":       once(),
		"small":      small,
		"fragile":    fragile(),
		"roles":      http.HandlerFunc(roles),
		"recording":  http.HandlerFunc(recording),
		"hanging":    hanging(),
	} {
		server := httptest.NewServer(h)
		t.Cleanup(server.Close)
		urls["{"+name+"}"] = server.URL
	}
	urls["{nobody}"] = "http://" + freeAddress(t)
	return urls
}

func reply(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}
