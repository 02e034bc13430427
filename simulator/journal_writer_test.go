package simulator

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/record"
)

// bodies are the request bodies of the whole lines of a journal.
func bodies(t *testing.T, r io.Reader) (list []string) {
	t.Helper()
	for line, err := range record.Journal(r) {
		if err == nil {
			list = append(list, string(line.Exchange.Request.Body))
		}
	}
	return list
}

// Every line that was taken is written once, however many write.
func TestJournalWritesEachLineOnce(t *testing.T) {
	const writers, each, size = 16, 400, 64 << 10
	files := &fileSet{}
	j := NewJournal(files.begin(), JournalOptions{MaxBytes: size, Rotate: files.rotate})
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for i := range each {
				if err := j.Write(exchange(fmt.Sprint(w*each + i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	require.NoError(t, j.Close())
	require.NoError(t, j.Close())
	assert.Zero(t, j.Lost())

	seen := make(map[string]int)
	require.Greater(t, len(files.all), 8)
	for _, f := range files.all {
		assert.LessOrEqual(t, f.Len(), size)
		assert.True(t, bytes.HasSuffix(f.Bytes(), newline))
		for _, body := range bodies(t, &f.Buffer) {
			seen[body]++
		}
	}
	require.Len(t, seen, writers*each)
	for body, times := range seen {
		require.Equal(t, 1, times, body)
	}
}

// fileSet makes files for a journal that rotates.
type fileSet struct {
	all []*countingWriter
	err error
}

func (s *fileSet) begin() io.Writer {
	s.all = append(s.all, &countingWriter{})
	return s.all[len(s.all)-1]
}

func (s *fileSet) rotate() (io.Writer, error) {
	if s.err != nil {
		return nil, s.err
	}
	return s.begin(), nil
}

func TestJournalCollectsLines(t *testing.T) {
	file := &countingWriter{}
	j := NewJournal(file, JournalOptions{Interval: time.Hour})
	for i := range 100 {
		require.NoError(t, j.Write(exchange(fmt.Sprint(i))))
	}
	require.NoError(t, j.Flush())
	assert.Len(t, bodies(t, bytes.NewReader(file.Bytes())), 100)
	assert.Less(t, file.calls, 5, "many lines with one call")
	require.NoError(t, j.Flush(), "nothing to do")
	require.NoError(t, j.Write(exchange("last")))
	require.NoError(t, j.Close())
	assert.Len(t, bodies(t, &file.Buffer), 101)
	assert.ErrorContains(t, j.Write(exchange("late")), "journal: it is closed")
	assert.NoError(t, j.Flush())
}

// A line is written without Flush or Close.
func TestJournalFlushesByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		j := NewJournal(w, JournalOptions{})
		began := time.Now()
		require.NoError(t, j.Write(exchange("1")))
		line := make([]byte, 4096)
		n, err := r.Read(line)
		require.NoError(t, err)
		assert.Equal(t, DefaultFlushInterval, time.Since(began))
		assert.Equal(t, []string{"1"}, bodies(t, bytes.NewReader(line[:n])))
		require.NoError(t, j.Close())
	})
}

func TestJournalRotation(t *testing.T) {
	line := int64(len(journalLine("x")))
	files := &fileSet{}
	first := files.begin()
	j := NewJournal(first, JournalOptions{MaxBytes: 2 * line, Size: line, Rotate: files.rotate})
	for _, body := range []string{"1", "2", "3", "4", strings.Repeat("5", 500), "6"} {
		require.NoError(t, j.Write(exchange(body)))
	}
	require.NoError(t, j.Close())
	var got [][]string
	for _, f := range files.all {
		got = append(got, bodies(t, &f.Buffer))
	}
	assert.Equal(t, [][]string{{"1"}, {"2", "3"}, {"4"}, {strings.Repeat("5", 500)}, {"6"}}, got)
}

func journalLine(body string) []byte {
	line, _ := exchange(body).MarshalJSON()
	return append(line, '\n')
}

// A journal that can't go on to its next file goes on in the old one.
func TestJournalRotationFails(t *testing.T) {
	files := &fileSet{err: errors.New("no room for a file")}
	told := 0
	j := NewJournal(files.begin(), JournalOptions{MaxBytes: 10, Size: 10, Rotate: files.rotate, Failed: func(err error) {
		told++
		assert.EqualError(t, err, "journal: no room for a file")
	}})
	require.NoError(t, j.Write(exchange("1")))
	require.ErrorIs(t, j.Flush(), files.err)
	files.err = nil
	require.Error(t, j.Write(exchange("2")), "the first error stays")
	require.Error(t, j.Close())
	assert.Equal(t, 1, told)
	assert.Zero(t, j.Lost())
	require.Len(t, files.all, 2)
	assert.Equal(t, []string{"1"}, bodies(t, &files.all[0].Buffer))
	assert.Equal(t, []string{"2"}, bodies(t, &files.all[1].Buffer))
}

func TestJournalOnAFullDisk(t *testing.T) {
	disk := &fullDisk{room: len(journalLine("1")) + 10}
	told := make(chan error, 10)
	j := NewJournal(disk, JournalOptions{Failed: func(err error) { told <- err }})
	write := func(body string) error { return errors.Join(j.Write(exchange(body)), j.Flush()) }
	require.NoError(t, write("1"))
	require.ErrorContains(t, write("torn"), "journal: disk full")
	require.ErrorContains(t, write("lost"), "journal: disk full")
	disk.room = 1 << 20
	require.ErrorContains(t, write("2"), "journal: disk full")
	_ = write("3")
	require.ErrorContains(t, j.Close(), "journal: disk full")
	close(told)
	assert.Len(t, told, 1)
	assert.Equal(t, 2, j.Lost())
	got := read(&disk.Buffer)
	assert.Len(t, got, 4)
	assert.IsType(t, "", got[2], "the torn line")
	assert.Equal(t, exchange("2"), got[3])
	assert.Equal(t, exchange("3"), got[4])
}

// The newline that ends a torn line counts, too, before a file is full.
func TestJournalRotationAfterATornLine(t *testing.T) {
	line := len(journalLine("1"))
	const torn = 10
	for spare, want := range []int{1, 0} {
		disk, files := &fullDisk{room: line + torn}, &fileSet{}
		most := line + torn + line + spare
		j := NewJournal(disk, JournalOptions{MaxBytes: int64(most), Rotate: files.rotate})
		for _, body := range []string{"1", "t"} {
			require.NoError(t, j.Write(exchange(body)))
			_ = j.Flush()
		}
		disk.room = 1 << 20
		_ = j.Write(exchange("2"))
		require.ErrorContains(t, j.Close(), "disk full")
		assert.Len(t, files.all, want, "%d bytes of room for the newline", spare)
		assert.LessOrEqual(t, disk.Len(), most)
	}
}

// syncedWriter counts its syncs. Each waits until it may go on.
type syncedWriter struct {
	countingWriter
	mayGoOn chan struct{}
	syncing chan struct{}
	syncs   int
	err     error
}

func (w *syncedWriter) Sync() error {
	w.syncing <- struct{}{}
	<-w.mayGoOn
	w.syncs++
	return w.err
}

func TestJournalDurable(t *testing.T) {
	file := &syncedWriter{mayGoOn: make(chan struct{}), syncing: make(chan struct{})}
	j := NewJournal(file, JournalOptions{Durable: true, Interval: time.Hour})
	written := make(chan error, 51)
	go func() { written <- j.Write(exchange("first")) }()
	<-file.syncing
	assert.Empty(t, written, "not before the sync")
	for i := range 50 {
		go func() { written <- j.Write(exchange(fmt.Sprint(i))) }()
	}
	require.Eventually(t, func() bool { return j.waitingLines() == 50 }, time.Minute, time.Millisecond)
	file.mayGoOn <- struct{}{}
	require.NoError(t, <-written)
	<-file.syncing
	file.mayGoOn <- struct{}{}
	for range 50 {
		require.NoError(t, <-written)
	}
	assert.Equal(t, 2, file.syncs, "fifty share one")

	file.err = errors.New("disk gone")
	go func() { <-file.syncing; file.mayGoOn <- struct{}{} }()
	require.ErrorIs(t, j.Write(exchange("unsure")), file.err)
	go func() { <-file.syncing; file.mayGoOn <- struct{}{} }()
	require.ErrorIs(t, j.Close(), file.err)
	assert.Len(t, bodies(t, &file.Buffer), 52)
}

func (j *JournalWriter) waitingLines() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.lines
}

// A disk that does not keep up makes writers wait; memory does not grow.
func TestJournalIsBounded(t *testing.T) {
	r, w := io.Pipe()
	j := NewJournal(w, JournalOptions{})
	body := strings.Repeat("x", 100_000)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 25 {
				assert.NoError(t, j.Write(exchange(body)))
			}
		})
	}
	require.Eventually(t, func() bool { return j.pendingBytes() >= maxPending }, time.Minute, time.Millisecond)
	assert.Less(t, j.pendingBytes(), maxPending+3*len(body))
	got := make(chan []string)
	go func() { got <- bodies(t, r) }()
	group.Wait()
	require.NoError(t, j.Close())
	w.Close()
	assert.Len(t, <-got, 100)
}

func (j *JournalWriter) pendingBytes() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.pending)
}

// Headers count, too.
func TestJournalBoundsHeaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		j := NewJournal(w, JournalOptions{})
		e := exchange("")
		e.Request.Headers = []validate.Header{{"X", strings.Repeat("x", 64<<10)}}
		taken := 0
		go func() {
			for j.Write(e) == nil {
				taken++
			}
		}()
		synctest.Wait()
		assert.LessOrEqual(t, taken, 2*maxPending/len(e.Request.Headers[0][1]))
		go func() { _, _ = io.Copy(io.Discard, r) }()
		require.NoError(t, j.Close())
		w.Close()
	})
}

// Writers that wait for room when the journal is closed are told so.
func TestJournalClosedWhileWritersWait(t *testing.T) {
	r, w := io.Pipe()
	j := NewJournal(w, JournalOptions{})
	require.NoError(t, j.Write(exchange(strings.Repeat("x", maxPending))))
	require.Eventually(t, func() bool { return j.pendingBytes() == 0 }, time.Minute, time.Millisecond, "it is being written")
	require.NoError(t, j.Write(exchange(strings.Repeat("y", maxPending))))
	late := make(chan error)
	go func() { late <- j.Write(exchange("late")) }()
	closed := make(chan error)
	go func() { closed <- j.Close() }()
	// Either is right: it found no room until the end, or was just in time.
	go func() { _, _ = io.Copy(io.Discard, r) }()
	if err := <-late; err != nil {
		assert.ErrorIs(t, err, errJournalClosed)
	}
	require.NoError(t, <-closed)
}

// A writer that breaks io.Writer's rules does not break the journal.
func TestJournalWithABadWriter(t *testing.T) {
	for _, n := range []int{-5, 0, 3, 1 << 40} {
		j := NewJournal(writerFunc(func([]byte) (int, error) { return n, errors.New("bad") }), JournalOptions{})
		require.NoError(t, j.Write(exchange("1")))
		assert.EqualError(t, j.Flush(), "journal: bad")
		assert.Error(t, j.Write(exchange("2")))
		assert.EqualError(t, j.Close(), "journal: bad")
	}
	j := NewJournal(writerFunc(func([]byte) (int, error) { return 3, nil }), JournalOptions{})
	require.NoError(t, j.Write(exchange("1")))
	assert.ErrorIs(t, j.Flush(), io.ErrShortWrite)
	assert.ErrorIs(t, j.Close(), io.ErrShortWrite)
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// BenchmarkJournal is the cost of a line for who writes it: by group commit, and
// by group commit with every line synced by a disk that takes no time.
func BenchmarkJournal(b *testing.B) {
	e := exchange(strings.Repeat(`{"a":"b"},`, 60))
	run := func(b *testing.B, j *JournalWriter) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				_ = j.Write(e)
			}
		})
		if err := j.Close(); err != nil || j.Lost() > 0 {
			b.Fatal(err)
		}
	}
	b.Run("group", func(b *testing.B) { run(b, NewJournal(io.Discard, JournalOptions{})) })
	b.Run("durable", func(b *testing.B) { run(b, NewJournal(io.Discard, JournalOptions{Durable: true})) })
}
