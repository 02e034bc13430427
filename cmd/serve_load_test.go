package cmd_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// openFiles counts this process's file descriptors, where the system tells.
func openFiles() int {
	all, _ := os.ReadDir("/proc/self/fd")
	return len(all)
}

// A hundred thousand requests leave nothing behind but their journal.
func TestServeLeavesNothingBehind(t *testing.T) {
	connections, each := 50, 2000
	if slowed || testing.Short() {
		each = 200
	}
	journal := filepath.Join(t.TempDir(), "journal.jsonl")
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	goroutines, files, heap := runtime.NumGoroutine(), openFiles(), liveHeap()

	s := serveHere(t, "-q", "--journal", journal, "--keep", "1000")
	var group sync.WaitGroup
	for c := range connections {
		group.Go(func() { assert.NoError(t, keepSending(t, s.base, c, each)) })
	}
	group.Wait()
	assert.Less(t, liveHeap()-heap, int64(64<<20), "memory is bounded while it runs")
	_, list := ask(t, "GET", s.base+"/__imcb/api/v1/requests?limit=10000", "")
	assert.Equal(t, 1000, strings.Count(list, `"id":`), "--keep")
	assert.Zero(t, s.end(t), s.stderr.String())
	assert.Contains(t, s.stderr.String(), fmt.Sprintf("answered %d requests of 1 callback", connections*each))

	checkJournal(t, journal, connections, each)
	settles(t, "goroutines", goroutines, runtime.NumGoroutine)
	settles(t, "file descriptors", files, openFiles)
}

// settles waits until there are no more than before.
func settles(t *testing.T, what string, before int, count func() int) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(soon); count() > before; <-tick.C {
		if time.Now().After(deadline) {
			var stacks bytes.Buffer
			_ = pprof.Lookup("goroutine").WriteTo(&stacks, 1)
			require.Fail(t, "left behind", "%s: %d, before %d\n%s", what, count(), before, &stacks)
		}
	}
}

// keepSending sends requests on one connection, each when the last was answered.
func keepSending(t *testing.T, base string, connection, count int) error {
	conn := dial(t, base)
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return err
	}
	answers := bufio.NewReader(conn)
	const body = `{"callbackCommand":"callbackBeforeAddFriendCommand","fromUserID":"u1","toUserID":"u2","reqMsg":"hello","ex":""}` + "\n"
	for i := range count {
		_, err := fmt.Fprintf(conn, "POST %s?n=%d.%d HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nOperationid: o\r\nContent-Length: %d\r\n\r\n%s", friendPath, connection, i, len(body), body)
		if err != nil {
			return err
		}
		resp, err := http.ReadResponse(answers, nil)
		if err != nil {
			return err
		}
		answer, err := io.ReadAll(resp.Body)
		if err != nil || string(answer) != plainAllow {
			return fmt.Errorf("request %d: %q: %w", i, answer, err)
		}
	}
	return nil
}

// checkJournal checks that each request is in it once.
func checkJournal(t *testing.T, journal string, connections, each int) {
	t.Helper()
	f, err := os.Open(journal)
	require.NoError(t, err)
	defer f.Close()
	seen := make(map[string]bool, connections*each)
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		_, rest, _ := strings.Cut(lines.Text(), "?n=")
		n, _, ok := strings.Cut(rest, `"`)
		require.True(t, ok && !seen[n], "a line for a request of its own: %s", lines.Text())
		seen[n] = true
		if len(seen)%1000 == 1 {
			require.True(t, json.Valid(lines.Bytes()), lines.Text())
		}
	}
	require.NoError(t, lines.Err())
	assert.Len(t, seen, connections*each)
}

// Clients that vanish, faults and waiting readers leave nothing behind either.
func TestServeLeavesNothingBehindAfterTrouble(t *testing.T) {
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	dead := startReceivers(t)["{nobody}"]
	goroutines, files := runtime.NumGoroutine(), openFiles()
	s := serveHere(t, "-q", "--forward", dead, "--timeout", "50ms",
		"--fault", "beforeAddFriend=hang", "--fault", "afterAddFriend=reset", "--fault", "beforeImportFriends=truncated",
		"--fault", "beforeReplyFriendResp=drip", "--delay", "afterSendSingleMsg=1m")
	var waiting []net.Conn
	for i := range 20 {
		for _, command := range []string{
			"callbackBeforeAddFriendCommand", "callbackAfterAddFriendCommand", "callbackBeforeImportFriendsCommand",
			"callbackBeforeReplyFriendResp", "callbackAfterSendSingleMsgCommand", "callbackBeforeSendSingleMsgCommand",
			"__imcb/api/v1/events", "__imcb/api/v1/wait?count=100",
		} {
			method := "POST"
			if strings.HasPrefix(command, "__imcb") {
				method = "GET"
			}
			conn := dial(t, s.base)
			_, err := fmt.Fprintf(conn, "%s /%s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n", method, command)
			require.NoError(t, err)
			if i%2 == 0 || strings.Contains(command, "BeforeSendSingle") {
				conn.Close() // the others wait for the end
				continue
			}
			waiting = append(waiting, conn)
		}
	}
	assert.Zero(t, s.end(t), s.stderr.String())
	for _, conn := range waiting {
		conn.Close()
	}
	settles(t, "goroutines", goroutines, runtime.NumGoroutine)
	settles(t, "file descriptors", files, openFiles)
}
