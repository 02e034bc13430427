//go:build unix

package cmd_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/imcb-dev/imcb/cmd"
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// childArgs holds the arguments of the imcb that this process, started again
// by a test, is.
const childArgs = "TEST_CHILD_ARGS"

// TestServeChild is the other process.
func TestServeChild(t *testing.T) {
	args := os.Getenv(childArgs)
	if args == "" {
		return // not a test by itself
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cmd.Main(ctx, strings.Split(args, "\n"), shell.System())
	stop()
	os.Exit(code)
}

// child is an `imcb serve` of its own process.
type child struct {
	readyLine
	*exec.Cmd
	stderr *watched
}

// startChild starts one, through a shell that sets the environment that only
// the process itself can know.
func startChild(t *testing.T, files []*os.File, args ...string) *child {
	t.Helper()
	ready := filepath.Join(t.TempDir(), "ready.json")
	c := &child{stderr: newWatched()}
	c.Cmd = exec.CommandContext(t.Context(), "/bin/sh", "-c", `LISTEN_PID=$$ exec "$0" -test.run='^TestServeChild$'`, os.Args[0])
	c.Env = append(os.Environ(), childArgs+"="+strings.Join(append([]string{"serve", "--ready-file", ready}, args...), "\n"), fmt.Sprintf("LISTEN_FDS=%d", len(files)))
	c.ExtraFiles, c.Cmd.Stderr = files, c.stderr
	require.NoError(t, c.Start())
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	c.stderr.await(t, `Ctrl-C stops|imcb: `)
	text, err := os.ReadFile(ready)
	require.NoError(t, err, c.stderr)
	require.NoError(t, json.Unmarshal(text, &c.readyLine))
	return c
}

// overSocket is a client that always connects to the socket.
func overSocket(path string) *http.Client {
	return &http.Client{Timeout: soon, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		},
	}}
}

func answersOn(t *testing.T, path string) {
	t.Helper()
	resp, err := overSocket(path).Post("http://localhost/callbackBeforeAddFriendCommand", "application/json", strings.NewReader("{}"))
	require.NoError(t, err)
	resp.Body.Close()
	assert.Equal(t, 200, resp.StatusCode)
}

func TestServeOnASocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	s := serveWith(t, "--listen", "unix:"+path)
	assert.Equal(t, []string{path}, s.Addresses)
	assert.Empty(t, s.Token, "only this user can connect")
	info, err := os.Lstat(path)
	require.NoError(t, err)
	assert.Equal(t, fs.ModeSocket|0o600, info.Mode())
	answersOn(t, path)

	code, _, stderr := runMain(t, "", "serve", "--listen", "unix:"+path)
	assert.Equal(t, 4, code)
	assert.Equal(t, "imcb: can't listen on "+path+": something else does\n", stderr)
	answersOn(t, path)
	assert.Zero(t, s.end(t))
	_, err = os.Lstat(path)
	assert.ErrorIs(t, err, fs.ErrNotExist, "it is gone at the end")
}

func TestServeTakesOverAStaleSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	require.NoError(t, err)
	stale.SetUnlinkOnClose(false)
	stale.Close()
	s := serveWith(t, "--listen", "unix:"+path)
	answersOn(t, path)
	assert.Zero(t, s.end(t))
}

func TestServeKeepsWhatIsNoSocket(t *testing.T) {
	file := inFolder(t, "s", "precious")
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(file, link))
	for _, path := range []string{file, link, filepath.Dir(file)} {
		code, _, stderr := runMain(t, "", "serve", "--listen", "unix:"+path)
		assert.Equal(t, 4, code)
		assert.Contains(t, stderr, "can't listen on "+path)
	}
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "precious", string(text))

	long := "/tmp/" + strings.Repeat("x", 200)
	code, _, stderr := runMain(t, "", "serve", "--listen", "unix:"+long)
	assert.NotZero(t, code)
	assert.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
}

func TestServeOnSystemdSockets(t *testing.T) {
	t.Parallel()
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	defer listener.Close()
	tcp, err := listener.File()
	require.NoError(t, err)
	defer tcp.Close()
	path := filepath.Join(t.TempDir(), "s")
	socket, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	require.NoError(t, err)
	defer socket.Close()
	local, err := socket.File()
	require.NoError(t, err)
	defer local.Close()

	c := startChild(t, []*os.File{tcp, local}, "--listen", "systemd")
	assert.Equal(t, []string{listener.Addr().String(), path}, c.Addresses)
	status, _ := ask(t, "POST", "http://"+listener.Addr().String()+"/callbackBeforeAddFriendCommand", "{}")
	assert.Equal(t, 200, status)
	answersOn(t, path)
	require.NoError(t, c.Process.Signal(syscall.SIGTERM))
	require.NoError(t, c.Wait(), c.stderr)
	_, err = os.Lstat(path)
	assert.NoError(t, err, "the socket is systemd's to remove")
}

// What a signal ends has answered nothing that the journal does not have.
func TestServeSignals(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(sig.String(), func(t *testing.T) {
			journal := filepath.Join(t.TempDir(), "journal.jsonl")
			c := startChild(t, nil, "--listen", "127.0.0.1:0", "--journal", journal, "-q")
			answered := loadUntil(t, c, func() { require.NoError(t, c.Process.Signal(sig)) })
			require.NoError(t, c.Wait(), "exit code 0: %s", c.stderr)

			recorded := make(map[string]int)
			text, err := os.ReadFile(journal)
			require.NoError(t, err)
			for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
				var exchange struct{ Request struct{ URL string } }
				require.NoError(t, json.Unmarshal([]byte(line), &exchange), line)
				_, n, _ := strings.Cut(exchange.Request.URL, "?n=")
				recorded[n]++
			}
			for n := range answered {
				require.Equal(t, 1, recorded[n], n)
			}
			assert.NoFileExists(t, c.readyFile())
		})
	}
}

func (c *child) readyFile() string {
	words := strings.Split(c.Env[len(c.Env)-2], "\n")
	return words[2]
}

// loadUntil sends numbered requests from several clients, calls middle when a
// few hundred were answered, and returns which were, when no more are.
func loadUntil(t *testing.T, c *child, middle func()) map[string]bool {
	t.Helper()
	const clients, before = 8, 500
	var (
		group    sync.WaitGroup
		next     atomic.Int64
		once     sync.Once
		mu       sync.Mutex
		answered = make(map[string]bool)
	)
	url := strings.TrimSuffix(c.URL, "/callbackExample") + "/callbackBeforeAddFriendCommand?n="
	for range clients {
		group.Go(func() {
			client := http.Client{Timeout: soon, Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for {
				n := fmt.Sprint(next.Add(1))
				resp, err := client.Post(url+n, "application/json", strings.NewReader("{}"))
				if err != nil {
					return // it has ended
				}
				resp.Body.Close()
				mu.Lock()
				answered[n] = true
				enough := len(answered) >= before
				mu.Unlock()
				if enough {
					once.Do(middle)
				}
			}
		})
	}
	group.Wait()
	require.GreaterOrEqual(t, len(answered), before, "all clients failed early")
	return answered
}

// Paths to strange places are refused at once, or do what they say.
func TestServeStrangeFiles(t *testing.T) {
	folder := t.TempDir()
	fifo, dangling, socket := filepath.Join(folder, "fifo"), filepath.Join(folder, "dangling"), filepath.Join(folder, "socket")
	require.NoError(t, syscall.Mkfifo(fifo, 0o600))
	require.NoError(t, os.Symlink(filepath.Join(folder, "nothing"), dangling))
	l, err := net.Listen("unix", socket)
	require.NoError(t, err)
	defer l.Close()
	for _, one := range []struct {
		flag, path string
		code       int
	}{
		{"--journal", folder, 2}, {"--journal", folder + "/", 2}, {"--journal", fifo, 2}, {"--journal", dangling, 2},
		{"--journal", socket, 2}, {"--journal", "/dev/full", 2}, {"--journal", "/dev/zero", 2},
		{"--journal", folder + "/none/../../x/j", 4},
		{"--rules", folder, 2}, {"--rules", fifo, 2}, {"--rules", dangling, 2}, {"--rules", socket, 2}, {"--rules", "/dev/zero", 2},
		{"--rules", folder + "/none/../rules.yaml", 2},
		{"--token-file", folder, 2}, {"--token-file", dangling, 2}, {"--token-file", "/dev/zero", 2},
		{"--cert", folder, 2}, {"--cacert", folder, 2},
	} {
		args := []string{"serve", "--listen", "127.0.0.1:0", one.flag, one.path}
		if one.flag == "--cert" {
			args = append(args, "--key", one.path)
		}
		code, _, stderr := endsSoon(t, args...)
		assert.Equal(t, one.code, code, "%v: %s", args, stderr)
	}
	_, err = os.Lstat(filepath.Join(folder, "nothing"))
	assert.ErrorIs(t, err, fs.ErrNotExist, "nothing was made through the link")
}

// A journal may stand beside the folder that the run is in.
func TestServeJournalBesideTheFolder(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(folder, "sub"), 0o700))
	s := serveHere(t, "--journal", folder+"/sub/../journal.jsonl")
	ask(t, "POST", s.base+"/callbackBeforeAddFriendCommand", "{}")
	assert.Zero(t, s.end(t))
	info, err := os.Stat(filepath.Join(folder, "journal.jsonl"))
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o600), info.Mode())
	assert.NotZero(t, info.Size())
}
