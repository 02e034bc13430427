//go:build unix

package serve

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/record"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// numbered is an exchange that its request's body names.
func numbered(i int) validate.Exchange {
	return validate.Exchange{
		Time: time.Now(), Request: validate.Request{Method: "POST", URL: "http://h/", Body: fmt.Append(nil, i)},
		Reply: validate.Reply{Status: 200, Body: []byte("{}")},
	}
}

// journalled counts the bodies in a journal's file; broken lines count as "".
func journalled(t *testing.T, file string, counts map[string]int) {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	for line, err := range record.Journal(f) {
		require.NotZero(t, line.Number, err)
		counts[string(line.Exchange.Request.Body)]++
		if (err != nil) != (line.Exchange.Request.Body == nil) {
			t.Errorf("a broken line with a body, or a whole one without: %v", err)
		}
	}
}

// filesIn are the names in a folder and their sizes.
func filesIn(t *testing.T, folder string) map[string]int64 {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	sizes := make(map[string]int64)
	for _, e := range entries {
		info, err := e.Info()
		require.NoError(t, err)
		sizes[e.Name()] = info.Size()
	}
	return sizes
}

func openJournalAt(t *testing.T, path string, o simulator.JournalOptions) *journalFile {
	t.Helper()
	j, err := openJournalFile(path, o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func TestJournalFileIsAppendedTo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	for i := range 3 {
		j := openJournalAt(t, path, simulator.JournalOptions{Durable: i == 1})
		require.NoError(t, j.Write(numbered(i)))
		require.NoError(t, j.Close())
		require.NoError(t, j.Close())
	}
	counts := make(map[string]int)
	journalled(t, path, counts)
	assert.Equal(t, map[string]int{"0": 1, "1": 1, "2": 1}, counts)
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Zero(t, info.Mode().Perm()&0o077, "for its owner only")
}

func TestJournalFileEndsATornLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	require.NoError(t, os.WriteFile(path, []byte(`{"torn":`), 0o600))
	j := openJournalAt(t, path, simulator.JournalOptions{})
	require.NoError(t, j.Write(numbered(1)))
	require.NoError(t, j.Close())
	counts := make(map[string]int)
	journalled(t, path, counts)
	assert.Equal(t, map[string]int{"": 1, "1": 1}, counts)
}

// Every line is kept when many write and the file is full again and again, and
// so is what was there before.
func TestJournalFileRotates(t *testing.T) {
	const writers, each, limit = 16, 1000, 200_000
	folder := t.TempDir()
	path := filepath.Join(folder, "journal.jsonl")
	require.NoError(t, os.WriteFile(filepath.Join(folder, "journal.2.jsonl"), []byte("not ours"), 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(folder, "journal.3.jsonl"), 0o700))
	j := openJournalAt(t, path, simulator.JournalOptions{MaxBytes: limit})
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for i := range each {
				assert.NoError(t, j.Write(numbered(w*each+i)))
			}
		})
	}
	group.Wait()
	require.NoError(t, j.Close())

	sizes := filesIn(t, folder)
	assert.Equal(t, int64(len("not ours")), sizes["journal.2.jsonl"])
	delete(sizes, "journal.2.jsonl")
	delete(sizes, "journal.3.jsonl")
	require.Greater(t, len(sizes), 5)
	counts := make(map[string]int)
	for name, size := range sizes {
		assert.LessOrEqual(t, size, int64(limit), name)
		journalled(t, filepath.Join(folder, name), counts)
	}
	require.Len(t, counts, writers*each)
	for body, n := range counts {
		require.Equal(t, 1, n, body)
	}
	assert.Contains(t, sizes, "journal.1.jsonl")
	assert.Contains(t, sizes, "journal.4.jsonl")
}

func TestJournalFileThatSomebodyPutAside(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "journal")
	j := openJournalAt(t, path, simulator.JournalOptions{MaxBytes: 1})
	require.NoError(t, j.Write(numbered(1)))
	require.NoError(t, j.Flush())
	require.NoError(t, os.Rename(path, filepath.Join(folder, "aside")))
	require.NoError(t, j.Write(numbered(2)))
	require.NoError(t, j.Flush())
	require.NoError(t, j.Write(numbered(3)))
	require.NoError(t, j.Close())
	for name, body := range map[string]string{"aside": "1", "journal.1": "2", "journal": "3"} {
		counts := make(map[string]int)
		journalled(t, filepath.Join(folder, name), counts)
		assert.Equal(t, map[string]int{body: 1}, counts, name)
	}
	assert.Len(t, filesIn(t, folder), 3)
}

// When there can be no next file, the old one takes the lines.
func TestJournalFileThatCannotRotate(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "gone")
	require.NoError(t, os.Mkdir(folder, 0o700))
	told := make(chan error, 10)
	j := openJournalAt(t, filepath.Join(folder, "journal"), simulator.JournalOptions{MaxBytes: 1, Failed: func(err error) { told <- err }})
	require.NoError(t, j.Write(numbered(1)))
	require.NoError(t, j.Flush())
	require.NoError(t, os.RemoveAll(folder))
	_ = j.Write(numbered(2))
	err := j.Flush()
	require.ErrorContains(t, err, "journal: the next file can't be begun")
	assert.Equal(t, err, <-told)
	assert.Zero(t, j.Lost(), "the file has no name, but it takes lines")
	closed := j.Close()
	assert.Equal(t, shell.ExitMachine, shell.ExitCode(closed, io.Discard))
}

func TestJournalFileRefuses(t *testing.T) {
	folder := t.TempDir()
	socket, err := net.Listen("unix", filepath.Join(folder, "socket"))
	require.NoError(t, err)
	defer socket.Close()
	require.NoError(t, os.Symlink(filepath.Join(folder, "nothing"), filepath.Join(folder, "dangling")))
	require.NoError(t, os.Symlink(folder, filepath.Join(folder, "tofolder")))
	for path, want := range map[string]string{
		"":                                  `--journal "" is not the name of a file`,
		folder:                              " is a folder: name a regular file",
		folder + "/new/":                    `/new/" is not the name of a file`,
		filepath.Join(folder, "tofolder"):   " is a folder: name a regular file",
		filepath.Join(folder, "socket"):     " is a socket: name a regular file",
		filepath.Join(folder, "dangling"):   "dangling is a symbolic link to nothing",
		filepath.Join(folder, "no", "file"): "the journal can't be written: ",
		folder + "/nul\x00":                 "the journal can't be written: ",
	} {
		_, err := openJournalFile(path, simulator.JournalOptions{})
		require.ErrorContains(t, err, want, path)
		var exit *shell.Error
		require.ErrorAs(t, err, &exit)
		assert.Contains(t, []int{shell.ExitUsage, shell.ExitMachine}, exit.Code)
		assert.Equal(t, want == "the journal can't be written: ", exit.Code == shell.ExitMachine, path)
	}
	_, err = os.Lstat(filepath.Join(folder, "nothing"))
	assert.ErrorIs(t, err, fs.ErrNotExist, "nothing was made")
}

// A link that the user gives is followed; its numbered files are beside the
// real one.
func TestJournalFileBehindALink(t *testing.T) {
	target, folder := t.TempDir(), t.TempDir()
	path := filepath.Join(folder, "link.jsonl")
	require.NoError(t, os.WriteFile(filepath.Join(target, "journal.jsonl"), nil, 0o600))
	require.NoError(t, os.Symlink(filepath.Join(target, "journal.jsonl"), path))
	victim := filepath.Join(folder, "victim")
	require.NoError(t, os.WriteFile(victim, []byte("kept"), 0o600))
	require.NoError(t, os.Symlink(victim, filepath.Join(target, "journal.1.jsonl")))
	j := openJournalAt(t, path, simulator.JournalOptions{MaxBytes: 1})
	for i := range 3 {
		require.NoError(t, j.Write(numbered(i)))
	}
	require.NoError(t, j.Close())
	var names []string
	for name := range filesIn(t, target) {
		names = append(names, name)
	}
	slices.Sort(names)
	assert.Equal(t, []string{"journal.1.jsonl", "journal.2.jsonl", "journal.3.jsonl", "journal.jsonl"}, names)
	text, err := os.ReadFile(victim)
	require.NoError(t, err)
	assert.Equal(t, "kept", string(text))
}

func TestJournalFileOnDevNull(t *testing.T) {
	j := openJournalAt(t, os.DevNull, simulator.JournalOptions{MaxBytes: 1})
	require.NoError(t, errors.Join(j.Write(numbered(1)), j.Write(numbered(2)), j.Close()))
}
