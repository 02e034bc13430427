package cmd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/cmd"
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// served is an `imcb serve` that runs in this process.
type served struct {
	url    string
	stop   context.CancelFunc
	code   chan int
	out    *bytes.Buffer
	stderr *strings.Builder // to be read when it has ended
	said   chan struct{}    // closed when stderr is complete
}

var servingAt = regexp.MustCompile(`http://\S+`)

// startServe starts `imcb serve` on a free port and waits until it listens.
func startServe(t testing.TB, args ...string) *served {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 2*soon)
	t.Cleanup(stop)
	r, w := io.Pipe()
	s := &served{stop: stop, code: make(chan int, 1), out: &bytes.Buffer{}, stderr: &strings.Builder{}, said: make(chan struct{})}
	streams := shell.Streams{In: strings.NewReader(""), Out: s.out, Err: w, Getenv: func(string) string { return "" }, ReadFile: os.ReadFile}
	go func() {
		s.code <- cmd.Main(ctx, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...), streams)
		w.Close()
	}()
	first := make([]byte, 4096)
	n, err := r.Read(first)
	require.NoError(t, err)
	s.stderr.Write(first[:n])
	s.url = servingAt.FindString(string(first[:n]))
	require.NotEmpty(t, s.url, string(first[:n]))
	go func() {
		defer close(s.said)
		_, _ = io.Copy(s.stderr, r)
	}()
	return s
}

// end stops the receiver and returns its exit code.
func (s *served) end() int {
	s.stop()
	<-s.said
	return <-s.code
}

func post(t *testing.T, url, body string) string {
	t.Helper()
	resp, err := http.Post(url, "application/json", strings.NewReader(body))
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(text)
}

const plainAllow = `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0}`

func TestServeAnswersWhatCurlSends(t *testing.T) {
	s := startServe(t)
	inPath := post(t, s.url+"/callbackBeforeAddFriendCommand", `{}`)
	inQuery := post(t, s.url+"?command=callbackBeforeReplyFriendResp", `not JSON`)
	inBody := post(t, s.url, `{"callbackCommand":"callbackBeforeSetGroupInfoCommand","groupID":"g1","groupName":"n","introduction":"i","faceURL":"f"}`)
	unknown := post(t, s.url+"/callbackBeforeTeaCommand", `{}`)
	assert.Equal(t, plainAllow, inPath)
	assert.Equal(t, plainAllow, inQuery)
	assert.JSONEq(t, `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,"groupID":"g1","groupName":"n","introduction":"i","faceURL":"f"}`, inBody)
	assert.Equal(t, plainAllow, unknown)

	assert.Zero(t, s.end())
	lines := strings.Split(strings.TrimSpace(s.out.String()), "\n")
	require.Len(t, lines, 8, s.out.String())
	assert.Regexp(t, `^\d\d:\d\d:\d\d\.\d{3}  beforeAddFriend +200  proceed +from path +\d`, lines[0])
	assert.Contains(t, lines[1], "! not as OpenIM sends it: callbackCommand is missing: OpenIM always sends it (and ")
	assert.Contains(t, lines[2], "beforeReplyFriendResp")
	assert.Contains(t, lines[2], "from query")
	assert.Contains(t, lines[3], "the body is not a JSON object")
	assert.Contains(t, lines[4], "from body")
	assert.Contains(t, lines[6], "(unknown)")
	assert.Contains(t, lines[7], "callbackBeforeTeaCommand")
}

func TestServeSendJournalRoundTrip(t *testing.T) {
	journal := filepath.Join(t.TempDir(), "journal.jsonl")
	require.NoError(t, os.WriteFile(journal, []byte(`{"torn":`), 0o600), "what a crash left behind")
	s := startServe(t, "--journal", journal, "-q", "--server", "main")
	code, stdout, stderr := runMain(t, "", "send", "--every", "--url", s.url, "--server", "main", "-q")
	assert.Zero(t, code, stdout+stderr)
	assert.Zero(t, s.end())
	printed := regexp.MustCompile(`(?m)^\d.*$`).FindAllString(s.out.String(), -1)
	assert.Len(t, printed, 5, "only what no OpenIM sends: "+s.out.String())

	text, err := os.ReadFile(journal)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	require.Len(t, lines, 1+len(fixtures.Keys()), "the torn line and the exchanges")
	var first struct {
		Callback string
		Request  struct{ Method, URL, Body string }
		Reply    struct{ Status int }
	}
	require.NoError(t, json.Unmarshal([]byte(lines[1]), &first))
	assert.Equal(t, "POST", first.Request.Method)
	assert.Equal(t, 200, first.Reply.Status)
	assert.True(t, strings.HasSuffix(first.Request.Body, "}\n"))

	code, stdout, stderr = runMain(t, "", "validate", "--from", journal, "--server", "main", "-q", "--requests", "off")
	assert.Equal(t, 2, code, "the torn line counts")
	assert.True(t, strings.HasSuffix(stdout, strings.TrimSpace(keepTheContract(fixtures.Keys()))+"; the requests were not judged\n"), stdout)
	assert.Contains(t, stderr, "line 1: not an exchange")
}

func TestResendTellsWhatChanged(t *testing.T) {
	receivers := startReceivers(t)
	dir := t.TempDir()
	journal := filepath.Join(dir, "journal.jsonl")
	s := startServe(t, "--journal", journal)
	code, _, _ := runMain(t, "", "send", "beforeAddFriend", "afterSendSingleMsg", "--url", s.url, "--server", "main")
	require.Zero(t, code)
	require.Zero(t, s.end())
	code, stdout, stderr := runMain(t, "", "send", "--from", journal, "--url", receivers["{refuse}"], "--server", "main")
	assert.Zero(t, code, stderr)
	assert.Contains(t, stdout, "beforeAddFriend                 refuse 5001")
	assert.Contains(t, stdout, "was proceed, is refuse 5001")
}

func TestServeRefusesATakenPortAndABadAddress(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	code, stdout, stderr := runMain(t, "", "serve", "--listen", taken.Addr().String())
	assert.Equal(t, 4, code)
	assert.Empty(t, stdout)
	assert.Contains(t, stderr, "address already in use")
	assert.Contains(t, stderr, "--listen 127.0.0.1:0")

	code, _, stderr = runMain(t, "", "serve", "--listen", "a:b:c")
	assert.Equal(t, 2, code)
	assert.Contains(t, stderr, `--listen "a:b:c" is not an address`)

	code, _, stderr = runMain(t, "", "serve", "--listen", "99999")
	assert.Equal(t, 2, code)
	assert.Equal(t, "imcb: can't listen on 127.0.0.1:99999: address 99999: invalid port\n", stderr)

	code, _, stderr = runMain(t, "", "serve", "--listen", "127.0.0.1:0", "--journal", "/nonexistent/journal.jsonl")
	assert.Equal(t, 4, code)
	assert.Contains(t, stderr, "the journal can't be written")
}

// serve says where it can't know what becomes of its replies.
func TestServeNamesItsDeployment(t *testing.T) {
	for server, want := range map[string]string{
		"main":          "OpenIM main at http",
		"main-services": "OpenIM main-services at http",
	} {
		s := startServe(t, "--server", server)
		s.end()
		assert.Contains(t, s.stderr.String(), want)
		assert.Contains(t, s.stderr.String(), " sends the same, so nothing here tells them apart")
	}
	s := startServe(t, "--server", "3.8.3")
	s.end()
	assert.NotContains(t, s.stderr.String(), "tells them apart", "it runs in one way")
}

// The first five minutes with the README: what imcb sends is what OpenIM sends.
func TestServeFindsNothingOddInWhatSendAllSends(t *testing.T) {
	s := startServe(t, "-q")
	code, stdout, stderr := runMain(t, "", "send", "--all", "--url", s.url, "-q")
	assert.Zero(t, code, stdout+stderr)
	assert.Zero(t, s.end())
	assert.Empty(t, regexp.MustCompile(`(?m)^\d.*$`).FindAllString(s.out.String(), -1))
}
