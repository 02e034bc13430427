//go:build unix

package serve

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/imcb-dev/imcb/simulator"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestJournalFileRefusesSpecialFiles(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	require.NoError(t, syscall.Mkfifo(fifo, 0o600))
	_, err := openJournalFile(fifo, simulator.JournalOptions{})
	assert.ErrorContains(t, err, "is a named pipe: name a regular file")
	_, err = openJournalFile("/dev/zero", simulator.JournalOptions{})
	assert.ErrorContains(t, err, "the journal /dev/zero is a device: name a regular file")
}

// A full disk is told of once; serving goes on.
func TestJournalOnDevFull(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has /dev/full")
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	require.NoError(t, err)
	defer full.Close()
	told := make(chan error, 10)
	j := simulator.NewJournal(full, simulator.JournalOptions{Failed: func(err error) { told <- err }})
	for i := range 10 {
		_ = j.Write(numbered(i))
		require.ErrorIs(t, j.Flush(), syscall.ENOSPC)
	}
	require.ErrorIs(t, j.Close(), syscall.ENOSPC)
	assert.Len(t, told, 1)
	assert.Equal(t, 10, j.Lost())
}

// childJournal names the journal that this process, started again by a test,
// writes until a signal ends it.
const childJournal = "IMCB_TEST_JOURNAL"

// TestJournalChild is the other process: it writes from four goroutines and
// says on standard output which exchange was taken when.
func TestJournalChild(t *testing.T) {
	path := os.Getenv(childJournal)
	if path == "" {
		return // not a test by itself
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	j, err := openJournalFile(path, simulator.JournalOptions{Durable: os.Getenv(childJournal+"_DURABLE") != ""})
	require.NoError(t, err)
	var group sync.WaitGroup
	for w := range 4 {
		group.Go(func() {
			for i := w; ctx.Err() == nil; i += 4 {
				if err := j.Write(numbered(i)); err != nil {
					t.Error(err)
					return
				}
				fmt.Fprintf(os.Stdout, "taken %d\n", i)
			}
		})
	}
	group.Wait()
	require.NoError(t, j.Close())
}

// endChild starts a process that writes a journal, ends it with a signal when
// some of it is in the file, and returns what it said that it took.
func endChild(t *testing.T, sig os.Signal, journal string, env ...string) map[string]bool {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestJournalChild$")
	child.Env = append(os.Environ(), append(env, childJournal+"="+journal)...)
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	taken := make(map[string]bool)
	signalled := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		number, ok := strings.CutPrefix(lines.Text(), "taken ")
		if !ok {
			continue
		}
		taken[number] = true
		if !signalled && len(taken)%200 == 0 && hasBytes(journal) {
			signalled = true
			require.NoError(t, child.Process.Signal(sig))
		}
	}
	_ = child.Wait()
	require.True(t, signalled)
	return taken
}

func hasBytes(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Size() > 0
}

// kill -9 loses what was taken last, and tears one line at most.
func TestKilledJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	taken := endChild(t, os.Kill, path)
	counts := make(map[string]int)
	journalled(t, path, counts)
	assert.LessOrEqual(t, counts[""], 1, "torn lines")
	require.Greater(t, len(counts), 1)
	for w := range 4 { // what is lost of each writer's is its end
		lost := false
		for i := w; taken[strconv.Itoa(i)]; i += 4 {
			switch count := counts[strconv.Itoa(i)]; {
			case count > 1, count == 1 && lost:
				t.Fatalf("%d is there %d times, and one before it is lost: %t", i, count, lost)
			case count == 0:
				lost = true
			}
		}
	}
	j := openJournalAt(t, path, simulator.JournalOptions{})
	require.NoError(t, j.Write(numbered(-1)))
	require.NoError(t, j.Close())
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	lines := bytes.Split(text, []byte("\n"))
	assert.Contains(t, string(lines[len(lines)-2]), `"body":"-1"`, "after a torn line the next is whole")
}

// assertOnce checks that each exchange that was taken is in the journal once.
// There are hundreds of thousands, too many for an assertion each.
func assertOnce(t *testing.T, taken map[string]bool, counts map[string]int) {
	t.Helper()
	for number := range taken {
		if counts[number] != 1 {
			t.Fatalf("%s is there %d times", number, counts[number])
		}
	}
}

// A durable journal loses nothing that Write returned for.
func TestKilledDurableJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	taken := endChild(t, os.Kill, path, childJournal+"_DURABLE=1")
	counts := make(map[string]int)
	journalled(t, path, counts)
	assertOnce(t, taken, counts)
}

// SIGTERM loses nothing.
func TestTerminatedJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	taken := endChild(t, syscall.SIGTERM, path)
	counts := make(map[string]int)
	journalled(t, path, counts)
	require.Len(t, counts, len(taken))
	assertOnce(t, taken, counts)
}
