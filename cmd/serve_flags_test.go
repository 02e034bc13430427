package cmd_test

import (
	"encoding/json"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/simulator"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestServeOnSeveralAddresses(t *testing.T) {
	s := serveWith(t, "--listen", "127.0.0.1:0", "--listen", "127.0.0.1:0", "--listen", ":0")
	require.Len(t, s.Addresses, 3)
	for _, address := range s.Addresses {
		assert.True(t, strings.HasPrefix(address, "127.0.0.1:"), "%s: no host is the loopback", address)
		status, answer := ask(t, "POST", "http://"+address+"/callbackBeforeAddFriendCommand", "{}")
		assert.Equal(t, 200, status)
		assert.Equal(t, plainAllow, answer)
	}
	assert.Equal(t, "http://"+s.Addresses[0]+"/callbackExample", s.URL)
	assert.Zero(t, s.end(t))
	assert.Contains(t, s.stderr.String(), "answered 3 requests of 1 callback")
}

func TestServeReadyFile(t *testing.T) {
	s := serveHere(t, "--server", "3.8.3-patch.7")
	assert.Equal(t, readyLine{
		Event: "ready", URL: s.base + "/callbackExample", Inspector: s.base + "/__imcb/",
		Addresses: []string{strings.TrimPrefix(s.base, "http://")}, Server: "3.8.3-patch.5", Asked: "3.8.3-patch.7", PID: os.Getpid(),
	}, s.readyLine)
	if runtime.GOOS != "windows" {
		info, err := os.Stat(s.readyFile)
		require.NoError(t, err)
		assert.Equal(t, fs.FileMode(0o600), info.Mode())
	}
	assert.Zero(t, s.end(t))
	left, err := os.ReadDir(filepath.Dir(s.readyFile))
	require.NoError(t, err)
	assert.Empty(t, left, "it is removed at the end")
}

func TestServeReadyFileThatCantBeWritten(t *testing.T) {
	code, _, stderr := runMain(t, "", "serve", "--listen", "127.0.0.1:0", "--ready-file", filepath.Join(t.TempDir(), "none", "ready.json"))
	assert.Equal(t, 4, code)
	assert.Contains(t, stderr, "imcb: --ready-file: ")
	assert.Equal(t, 1, strings.Count(stderr, "\n"))
}

func TestServeLogsJSON(t *testing.T) {
	s := serveHere(t, "--log-format", "json", "-v", "--refuse", "beforeAddFriend=5001:no", "--expect", "beforeAddFriend")
	ask(t, "POST", s.base+"/callbackBeforeAddFriendCommand", "{}")
	ask(t, "POST", s.base+"/nothing", "not JSON")
	ask(t, "GET", s.base+"/callbackBeforeAddFriendCommand", "")
	assert.Zero(t, s.end(t))
	events := make(map[string]int)
	for _, line := range strings.Split(strings.TrimSpace(s.out.String()+s.stderr.String()), "\n") {
		var event struct{ Event string }
		if assert.NoError(t, json.Unmarshal([]byte(line), &event), line) {
			events[event.Event]++
		}
	}
	assert.Equal(t, 3, events["request"])
	assert.Equal(t, 1, events["ready"])
	assert.Equal(t, 1, events["stopped"])
	assert.Zero(t, events[""], "every line says what it is")
}

func TestServeTokenFile(t *testing.T) {
	const token = "0123456789abcdef"
	s := serveHere(t, "--token-file", inFolder(t, "token", token+"\n"))
	info := s.base + "/__imcb/api/v1/info"
	for header, want := range map[string]int{
		"": 401, "Bearer": 401, "Bearer " + token + "0": 401, "Basic " + token: 401, token: 401, "Bearer " + token[:15]: 401,
		"Bearer " + token: 200, "bearer " + token: 200,
	} {
		status, _ := ask(t, "GET", info, "", "Authorization", header)
		assert.Equal(t, want, status, header)
	}
	status, _ := ask(t, "POST", s.base+"/callbackBeforeAddFriendCommand", "{}")
	assert.Equal(t, 200, status, "callbacks need no token")
	assert.Equal(t, token, s.Token)
	s.stderr.await(t, `/__imcb/#token=`+token)
	assert.Zero(t, s.end(t))
}

func TestServeBadTokenFiles(t *testing.T) {
	for text, want := range map[string]string{
		"short":                              "at least 16 printable ASCII characters",
		"":                                   "at least 16 printable ASCII characters",
		"0123456789 abcdefg":                 "without spaces",
		"0123456789abcdeö":                   "printable ASCII",
		"0123456789abcdef\n0123456789abcdef": "must hold one line",
	} {
		code, _, stderr := runMain(t, "", "serve", "--listen", "127.0.0.1:0", "--token-file", inFolder(t, "token", text))
		assert.Equal(t, 2, code, text)
		assert.Contains(t, stderr, want)
		assert.NotContains(t, stderr, "0123456789", "a secret is not printed")
	}
}

// Whoever can reach the page from another machine needs the token of this run.
func TestServeBeyondTheLoopbackNeedsAToken(t *testing.T) {
	s := serveWith(t, "--listen", "0.0.0.0:0")
	require.GreaterOrEqual(t, len(s.Token), 20)
	_, port, err := net.SplitHostPort(s.Addresses[0])
	require.NoError(t, err)
	base := "http://127.0.0.1:" + port
	status, _ := ask(t, "GET", base+"/__imcb/api/v1/requests", "")
	assert.Equal(t, 401, status)
	status, _ = ask(t, "GET", base+"/__imcb/api/v1/requests", "", "Authorization", "Bearer "+s.Token)
	assert.Equal(t, 200, status)
	other := serveWith(t, "--listen", "0.0.0.0:0")
	assert.NotEqual(t, s.Token, other.Token)
}

func TestServeExpect(t *testing.T) {
	for _, one := range []struct {
		name, expect string
		friends      int
		code         int
		printed      string
	}{
		{"at least once", "beforeAddFriend", 2, 0, "✓ beforeAddFriend                2 arrived, expected at least 1\n"},
		{"missed", "beforeAddFriend", 0, 1, "✗ beforeAddFriend                0 arrived, expected at least 1\n"},
		{"none", "beforeAddFriend=0", 0, 0, "✓ beforeAddFriend                0 arrived, expected exactly 0\n"},
		{"one too many", "beforeAddFriend=0", 1, 1, "✗ beforeAddFriend                1 arrived, expected exactly 0\n"},
		{"exactly", "callbackBeforeAddFriendCommand=2", 2, 0, "✓ beforeAddFriend                2 arrived, expected exactly 2\n"},
		{"more than that", "beforeAddFriend=2", 3, 1, "✗ beforeAddFriend                3 arrived, expected exactly 2\n"},
		{"at least two", "beforeAddFriend=2+", 3, 0, "✓ beforeAddFriend                3 arrived, expected at least 2\n"},
		{"less", "beforeAddFriend=2+", 1, 1, "✗ beforeAddFriend                1 arrived, expected at least 2\n"},
		{"several", "beforeAddFriend=1, afterSendSingleMsg=1+", 1, 1,
			"✓ beforeAddFriend                1 arrived, expected exactly 1\n✗ afterSendSingleMsg             0 arrived, expected at least 1\n"},
	} {
		t.Run(one.name, func(t *testing.T) {
			s := serveHere(t, "--expect", one.expect)
			for range one.friends {
				ask(t, "POST", s.base+"/callbackBeforeAddFriendCommand", "{}")
			}
			assert.Equal(t, one.code, s.end(t))
			out := s.out.String()
			assert.True(t, strings.HasSuffix("\n"+out, "\n"+one.printed), out)
		})
	}
}

// A callback that is too large to be taken arrived all the same, whoever asks.
func TestServeCountsInOneWay(t *testing.T) {
	s := serveHere(t, "--expect", "beforeAddFriend=1")
	const url = "/callbackBeforeAddFriendCommand"
	status, _ := ask(t, "POST", s.base+url, strings.Repeat(" ", simulator.DefaultMaxBody+1))
	assert.Equal(t, 413, status)
	status, _ = ask(t, "GET", s.base+url, "")
	assert.Equal(t, 405, status)
	_, verified := ask(t, "POST", s.base+"/__imcb/api/v1/verify", `{"callback":"beforeAddFriend","exactly":1}`, "Content-Type", "application/json")
	assert.Contains(t, verified, "beforeAddFriend came once, as wanted")
	_, waited := ask(t, "GET", s.base+"/__imcb/api/v1/wait?callback=beforeAddFriend&count=1", "")
	assert.Contains(t, waited, `"count":1,`)
	assert.Zero(t, s.end(t), s.out)
	assert.Contains(t, s.out.String(), "✓ beforeAddFriend                1 arrived, expected exactly 1\n")
}

func TestServeUntilStopsAtOnce(t *testing.T) {
	s := serveHere(t, "--expect", "beforeAddFriend=1+,afterAddFriend", "--until", "--for", "50s")
	ask(t, "POST", s.base+"/callbackBeforeAddFriendCommand", "{}")
	assert.NotContains(t, s.stderr.String(), "answered")
	status, _ := ask(t, "POST", s.base+"/callbackAfterAddFriendCommand", "{}")
	assert.Equal(t, 200, status, "the last one gets its answer")
	assert.Zero(t, s.ended(t))
}

// One that is too many ends the run, also while it waits for it.
func TestServeUntilOneTooMany(t *testing.T) {
	for _, flags := range []string{"--settle=50s", "--for=50s"} {
		s := serveHere(t, "--expect", "beforeAddFriend=1,afterAddFriend=1", "--until", flags)
		ask(t, "POST", s.base+"/callbackBeforeAddFriendCommand", "{}")
		if flags == "--settle=50s" {
			ask(t, "POST", s.base+"/callbackAfterAddFriendCommand", "{}")
			s.stderr.await(t, `every --expect is met; waiting 50s for one too many`)
		}
		status, _ := ask(t, "POST", s.base+"/callbackBeforeAddFriendCommand", "{}")
		assert.Equal(t, 200, status)
		assert.Equal(t, 1, s.ended(t))
		assert.Contains(t, s.out.String(), "✗ beforeAddFriend                2 arrived, expected exactly 1\n")
		s.stderr.await(t, "stopping: a callback came more often than expected")
	}
}

func TestServeUntilAndAtOnce(t *testing.T) {
	s := serveHere(t, "--expect", "beforeAddFriend=1", "--until", "--settle", "0")
	ask(t, "POST", s.base+"/callbackBeforeAddFriendCommand", "{}")
	assert.Zero(t, s.ended(t))
	s.stderr.await(t, "stopping: every --expect is met, and callbacks that come later find nobody")
	assert.NotContains(t, s.stderr.String(), "waiting")
}

func TestServeForAWhile(t *testing.T) {
	s := serveHere(t, "--for", "20ms", "--expect", "beforeAddFriend")
	assert.Equal(t, 1, s.ended(t))
	s = serveHere(t, "--for", "20ms")
	assert.Zero(t, s.ended(t))
}

func TestServeForwardBesideAFault(t *testing.T) {
	reached := make(chan string, 10)
	behind := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reached <- r.URL.Path
		w.Header().Set("X-From", "behind")
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write([]byte(`{"errCode":0}`))
	}))
	t.Cleanup(behind.Close)
	s := serveHere(t, "--forward", behind.URL+"/cb", "--fault", "beforeAddFriend=empty")
	status, answer := ask(t, "POST", s.base+"/callbackBeforeAddFriendCommand", "{}")
	assert.Equal(t, 200, status)
	assert.Empty(t, answer, "the fault")
	status, answer = ask(t, "POST", s.base+"/callbackAfterAddFriendCommand", "{}")
	assert.Equal(t, http.StatusTeapot, status)
	assert.JSONEq(t, `{"errCode":0}`, answer)
	assert.Equal(t, "/cb/callbackAfterAddFriendCommand", <-reached)
	assert.Empty(t, reached, "what a rule answers is not passed on")
	assert.Zero(t, s.end(t))
	assert.Contains(t, s.out.String(), "forwarded")
	assert.Contains(t, s.stderr.String(), "what no rule answers goes on to "+behind.URL+"/cb")
}

func TestServeForwardToADeadReceiver(t *testing.T) {
	s := serveHere(t, "--forward", startReceivers(t)["{nobody}"])
	assert.Empty(t, wire(t, s.base, "POST /callbackBeforeAddFriendCommand HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n\r\n{}"), "no reply, as OpenIM would have met")
	assert.Zero(t, s.end(t))
	assert.Contains(t, s.out.String(), "! the receiver behind gave no reply, so OpenIM reads EOF: ")
	assert.Contains(t, s.out.String(), "fail 90004")
}

func TestServeResendTo(t *testing.T) {
	s := serveHere(t)
	ask(t, "POST", s.base+"/callbackBeforeAddFriendCommand", "{}")
	status, _ := ask(t, "POST", s.base+"/__imcb/api/v1/requests/1/resend", "")
	assert.Equal(t, 403, status, "nowhere to send without the flag")

	reached := make(chan string, 10)
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reached <- r.URL.RequestURI()
		reply(200, plainAllow)(w, r)
	}))
	t.Cleanup(target.Close)
	s = serveHere(t, "--resend-to", target.URL+"/cb")
	ask(t, "POST", s.base+"/callbackBeforeAddFriendCommand", "{}")
	status, answer := ask(t, "POST", s.base+"/__imcb/api/v1/requests/1/resend", "")
	assert.Equal(t, 200, status, answer)
	assert.Equal(t, "/cb/callbackBeforeAddFriendCommand", <-reached)
	assert.Contains(t, answer, "proceed")
}

// What the page sends again goes where OpenIM would send it.
func TestServeResendsToTheURLOfOpenIM(t *testing.T) {
	const key = "?key=eyJzZW5kSUQiOiJ1MSJ9%2Bw%3D%3D"
	for _, one := range []struct{ base, path, want string }{
		{"/cb", "/callbackBeforeMsgModifyCommand" + key, "/cb/callbackBeforeMsgModifyCommand" + key},
		{"/cb/", "/callbackBeforeAddFriendCommand", "/cb//callbackBeforeAddFriendCommand"},
		{"/cb", "/callbackExample", "/cb/callbackBeforeAddFriendCommand"},
		{"/cb", "/callbackBeforeTeaCommand?a=b", "/cb/callbackBeforeTeaCommand"},
	} {
		reached := make(chan string, 1)
		target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			reached <- r.URL.RequestURI()
			reply(200, plainAllow)(w, r)
		}))
		t.Cleanup(target.Close)
		s := serveHere(t, "--resend-to", target.URL+one.base)
		body := "{}"
		if one.path == "/callbackExample" {
			body = `{"callbackCommand":"callbackBeforeAddFriendCommand"}`
		}
		ask(t, "POST", s.base+one.path, body)
		status, answer := ask(t, "POST", s.base+"/__imcb/api/v1/requests/1/resend", "")
		assert.Equal(t, 200, status, answer)
		assert.Equal(t, one.want, <-reached)
	}
}

func TestServeSizes(t *testing.T) {
	for _, size := range []string{"64MB", "1", "1048576", "512kb", "1GiB", "2 MB"} {
		s := serveHere(t, "--keep-bytes", size)
		assert.Zero(t, s.end(t), size)
	}
}

func TestServeTakesFlagsFromTheEnvironment(t *testing.T) {
	s := serveIn(t, map[string]string{"IMCB_LISTEN": "127.0.0.1:0", "IMCB_REFUSE": "beforeAddFriend=5003:from the environment", "IMCB_KEEP_BYTES": "1MB"})
	_, answer := ask(t, "POST", s.base+"/callbackBeforeAddFriendCommand", "{}")
	assert.Contains(t, answer, `"errMsg":"from the environment"`)
	assert.Zero(t, s.end(t))
}

// Each mistake is told in one line, before anything listens.
func TestServeMistakes(t *testing.T) {
	broken := inFolder(t, "rules.yaml", "rules:\n  - match: {callback: beforeAddFreind}\n    allow: true\n")
	for _, one := range []struct{ args, want string }{
		{"x", `takes no arguments, but got "x"`},
		{"--server 9.9", "9.9"},
		{"--log-format xml", `--log-format is text or json, not "xml"`},
		{"--timeout -1s", "--timeout and --for must not be negative"},
		{"--for -1s", "--timeout and --for must not be negative"},
		{"--for soon", "--for"},
		{"--keep 0", "--keep must be at least 1"},
		{"--keep -1", "--keep must be at least 1"},
		{"--keep-bytes 0", "want a size like 64MB"},
		{"--keep-bytes -1", "want a size like 64MB"},
		{"--keep-bytes x", "want a size like 64MB"},
		{"--keep-bytes 9999999999GB", "want a size like 64MB"},
		{"--keep-bytes 1.5MB", "want a size like 64MB"},
		{"--journal-rotate 0 --journal j", "want a size like 64MB"},
		{"--journal-rotate 1MB", "--journal-rotate belongs to --journal"},
		{"--durable", "--durable belongs to --journal"},
		{"--settle 2s", "--settle belongs to --until"},
		{"--settle -1s --until --expect beforeAddFriend", "--settle must not be negative"},
		{"--until", "--until belongs to --expect"},
		{"--expect beforeAddFreind", "did you mean beforeAddFriend"},
		{"--expect beforeAddFriend=", "after = comes a number"},
		{"--expect beforeAddFriend=-1", "after = comes a number"},
		{"--expect beforeAddFriend=2x", "after = comes a number"},
		{"--expect beforeAddFriend=2++", "after = comes a number"},
		{"--expect beforeAddFriend,", "--expect"},
		{"--refuse beforeAddFreind=5001:no", "did you mean beforeAddFriend"},
		{"--refuse beforeAddFriend=x:no", "--refuse"},
		{"--delay beforeAddFriend=soon", "--delay"},
		{"--delay beforeAddFriend=2s..1s", "ends before it begins"},
		{"--fault beforeAddFriend=hangs", "did you mean hang"},
		{"--fault hang", "--fault"},
		{"--rules /none/rules.yaml", "no such file"},
		{"--rules " + filepath.Dir(broken), "is not a file"},
		{"--check-rules", "there are no rules"},
		{"--seed x", "--seed"},
		{"--forward nonsense", `--forward: URL "nonsense" has no scheme`},
		{"--forward http://127.0.0.1:1/?a=b", "--forward: the URL to forward to has a query"},
		{"--resend-to nonsense", "--resend-to"},
		{"--cacert /none/ca.pem --forward http://127.0.0.1:1", "--cacert"},
		{"--cert a.pem", "--cert belongs to --key"},
		{"--key a.pem", "--key belongs to --cert"},
		{"--cert /none/a.pem --key /none/b.pem", "--cert"},
		{"--cert a.pem --key b.pem --tls-self-signed", "--cert and --tls-self-signed exclude each other"},
		{"--token-file /none/token", "--token-file"},
		{"--listen unix:", "--listen unix: needs a path"},
		{"--listen systemd", "systemd passed no sockets"},
		{"--listen 127.0.0.1:x", "127.0.0.1:x"},
		{"-q -v", "exclude each other"},
	} {
		args := append([]string{"serve"}, strings.Fields(one.args)...)
		if !strings.Contains(one.args, "--listen") {
			args = append(args, "--listen", "127.0.0.1:0")
		}
		code, stdout, stderr := endsSoon(t, args...)
		assert.Equal(t, 2, code, one.args)
		assert.Empty(t, stdout, one.args)
		assert.Contains(t, stderr, one.want, one.args)
		assert.Regexp(t, `^imcb: .+\n(  .+\n)?$`, stderr, "%s: one line, and perhaps a hint", one.args)
	}
	code, _, stderr := runMain(t, "", "serve", "--rules", broken)
	assert.Equal(t, 2, code)
	assert.Contains(t, stderr, "did you mean beforeAddFriend")
}

func TestServeDoesNotForwardToItself(t *testing.T) {
	address := freeAddress(t)
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	for listen, forward := range map[string]string{
		address:        "http://" + address + "/callback",
		":" + port:     "http://localhost:" + port,
		"[::]:" + port: "http://0.0.0.0:" + port + "/",
	} {
		code, _, stderr := runMain(t, "", "serve", "--listen", listen, "--forward", forward)
		assert.Equal(t, 2, code, forward)
		assert.Equal(t, "imcb: --forward: "+forward+" is this receiver itself: give the url of the one behind it\n", stderr)
	}
}
