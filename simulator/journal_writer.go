package simulator

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/imcb-dev/imcb/validate"
)

// DefaultFlushInterval is how long a line waits at most before it is written.
const DefaultFlushInterval = 20 * time.Millisecond

// maxPending is how many bytes wait to be written before Write waits, too. They
// are still in the processor's cache then.
const maxPending = 64 << 10

// JournalOptions say how a JournalWriter writes.
type JournalOptions struct {
	// Durable makes Write wait until the line is written and synced. Lines
	// that wait together share one sync. It needs a writer with Sync() error.
	Durable bool
	// Interval is how long a line may wait for others, unless Durable is set.
	// 0: DefaultFlushInterval.
	Interval time.Duration
	// MaxBytes is the size that a file of the journal does not exceed, unless
	// by one longer line. 0: no limit.
	MaxBytes int64
	// Size is what the first file already holds, in bytes.
	Size int64
	// Rotate puts the file aside and returns the next one, which is empty,
	// perhaps with an error about the old one. Without a next one the old one
	// must still take lines, and the next flush tries again. Nil: no limit.
	Rotate func() (io.Writer, error)
	// Failed is told the first error, once, perhaps from a goroutine of the
	// writer's own. It must not call the JournalWriter. Nil: nobody is told.
	Failed func(error)
}

// JournalWriter writes exchanges as JSON Lines. It is safe for concurrent use.
type JournalWriter struct {
	durable bool
	every   time.Duration
	failed  func(error)

	writing sync.Mutex // held by who writes to file, and taken before mu
	file    journalFile
	spare   []byte // the buffer that takes turns with pending

	mu      sync.Mutex
	pending []byte // whole lines
	lines   int    // how many are pending
	taken   int    // lines that Write took
	done    int    // those of them that were written or lost
	lost    int
	first   error
	timer   *time.Timer // of the next flush
	closed  bool
}

var errJournalClosed = errors.New("journal: it is closed")

// NewJournal returns a writer that collects lines and writes many at once, each
// batch with one call of w.Write: a crash tears the last line at most. It must
// be closed.
func NewJournal(w io.Writer, o JournalOptions) *JournalWriter {
	j := &JournalWriter{
		file:    journalFile{w: w, size: o.Size, max: o.MaxBytes, rotate: o.Rotate},
		durable: o.Durable, every: o.Interval, failed: o.Failed,
	}
	if j.every <= 0 {
		j.every = DefaultFlushInterval
	}
	if j.failed == nil {
		j.failed = func(error) {}
	}
	return j
}

// Write takes one exchange. It waits while too many bytes do. The error is the
// first that writing met, now or earlier; the line is taken nevertheless, and
// what is written after an error begins on a line of its own. An exchange
// whose time RFC 3339 can't write is not taken.
func (j *JournalWriter) Write(e validate.Exchange) error {
	line, err := e.MarshalJSON()
	if err != nil {
		return err
	}
	j.mu.Lock()
	for len(j.pending) >= maxPending && !j.closed {
		j.mu.Unlock()
		_ = j.Flush()
		j.mu.Lock()
	}
	if j.closed {
		j.mu.Unlock()
		return errJournalClosed
	}
	if j.lines == 0 && !j.durable {
		j.timer = time.AfterFunc(j.every, func() { _ = j.Flush() })
	}
	j.pending = append(append(j.pending, line...), '\n')
	j.lines++
	j.taken++
	number, first := j.taken, j.first
	j.mu.Unlock()
	if j.durable {
		return j.commit(number)
	}
	return first
}

// commit writes what waits, unless somebody else has written the line with that
// number meanwhile. It returns the first error.
func (j *JournalWriter) commit(number int) error {
	j.writing.Lock()
	defer j.writing.Unlock()
	j.mu.Lock()
	batch, count, written := j.pending, j.lines, j.done >= number
	if !written {
		j.pending, j.lines = j.spare[:0], 0
	}
	first := j.first
	j.mu.Unlock()
	if written {
		return first
	}

	lost, err := j.file.writeLines(batch, count)
	if syncErr := j.sync(); err == nil {
		err = syncErr
	}
	if j.spare = batch; cap(batch) > 4*maxPending {
		j.spare = nil
	}
	return j.wrote(count, lost, err)
}

// wrote notes what became of a batch, and tells the first error.
func (j *JournalWriter) wrote(count, lost int, err error) error {
	j.mu.Lock()
	isFirst := err != nil && j.first == nil
	if isFirst {
		j.first = fmt.Errorf("journal: %w", err)
	}
	j.lost += lost
	j.done += count
	first := j.first
	j.mu.Unlock()
	if isFirst {
		j.failed(first)
	}
	return first
}

func (j *JournalWriter) sync() error {
	if w, ok := j.file.w.(interface{ Sync() error }); ok && j.durable {
		return w.Sync()
	}
	return nil
}

// Flush waits until all lines that were taken are written. It returns the
// first error.
func (j *JournalWriter) Flush() error {
	j.mu.Lock()
	last := j.taken
	j.mu.Unlock()
	return j.commit(last)
}

// Close writes what was taken and ends the writer; it does not close the file.
// It returns the first error. Closing again does nothing.
func (j *JournalWriter) Close() error {
	j.mu.Lock()
	j.closed = true
	if j.timer != nil {
		j.timer.Stop()
	}
	j.mu.Unlock()
	return j.Flush()
}

// Durable reports whether Write waits until the line is written and synced.
func (j *JournalWriter) Durable() bool { return j.durable }

// Lost is how many lines could not be written.
func (j *JournalWriter) Lost() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.lost
}
