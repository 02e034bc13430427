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

// Limits on what waits to be written, in bytes as Exchange.Size counts them.
const (
	hurryPending = 64 << 10 // from here on the next flush does not wait: it is still in the processor's cache
	maxPending   = 4 << 20  // from here on Write waits
)

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
	// Failed is told the first error, once, from another goroutine than Write's.
	// It must not call the JournalWriter. Nil: nobody is told.
	Failed func(error)
}

// JournalWriter writes exchanges as JSON Lines. It is safe for concurrent use.
type JournalWriter struct {
	file    journalFile
	durable bool
	every   time.Duration
	failed  func(error)
	wake    chan struct{} // there are lines, or it is closed
	hurry   chan struct{} // the next flush does not wait
	ended   chan struct{} // closed when nothing more is written

	mu      sync.Mutex
	moved   sync.Cond           // exchanges were taken from pending, or committed
	pending []validate.Exchange // to write
	spare   []validate.Exchange // the other buffer
	waiting int                 // the bytes of those in pending
	lines   []byte              // a buffer for writeLines, which runs once at a time
	taken   int                 // exchanges that Write took
	done    int                 // those of them that were written or lost
	lost    int
	first   error
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
		wake: make(chan struct{}, 1), hurry: make(chan struct{}, 1), ended: make(chan struct{}),
	}
	j.moved.L = &j.mu
	if j.every <= 0 {
		j.every = DefaultFlushInterval
	}
	if j.failed == nil {
		j.failed = func(error) {}
	}
	go j.run()
	return j
}

// Write takes one exchange, whose line is made later: nobody may change its
// headers and bodies any more. It waits while too many others do. The error is
// the first that writing met, now or earlier; the line is taken nevertheless,
// and what is written after an error begins on a line of its own.
func (j *JournalWriter) Write(e validate.Exchange) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for j.waiting >= maxPending && !j.closed {
		j.moved.Wait()
	}
	if j.closed {
		return errJournalClosed
	}
	j.pending = append(j.pending, e)
	j.waiting += e.Size()
	j.taken++
	if len(j.pending) == 1 {
		signal(j.wake)
	}
	if j.durable || j.waiting >= hurryPending {
		signal(j.hurry)
	}
	if j.durable {
		j.await(j.taken)
	}
	return j.first
}

// writeLines writes a line for each exchange. Many are made at once, which is
// quicker than one in every request.
func (j *JournalWriter) writeLines(batch []validate.Exchange) (lost int, err error) {
	if cap(j.lines) > 2*maxPending {
		j.lines = nil
	}
	j.lines = j.lines[:0]
	for i := range batch {
		j.lines = append(batch[i].AppendJSON(j.lines), '\n')
	}
	return j.file.writeLines(j.lines, len(batch))
}

// await waits until the first n lines were written or lost.
func (j *JournalWriter) await(n int) {
	for j.done < n {
		j.moved.Wait()
	}
}

// signal leaves a message for who reads the channel, if there is none yet.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Flush waits until all lines that were taken are written. It returns the
// first error.
func (j *JournalWriter) Flush() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.closed {
		signal(j.hurry)
		j.await(j.taken)
	}
	return j.first
}

// Close writes what was taken and ends the writer; it does not close the file.
// It returns the first error. Closing again does nothing.
func (j *JournalWriter) Close() error {
	j.mu.Lock()
	j.closed = true
	j.moved.Broadcast()
	signal(j.wake)
	signal(j.hurry)
	j.mu.Unlock()
	<-j.ended
	return j.first // nobody changes it any more
}

// Lost is how many lines could not be written.
func (j *JournalWriter) Lost() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.lost
}

// run writes what Write takes until the journal is closed.
func (j *JournalWriter) run() {
	defer close(j.ended)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		<-j.wake
		timer.Reset(j.every)
		select {
		case <-timer.C:
		case <-j.hurry:
		}
		if !j.commit() {
			return
		}
	}
}

// commit writes the lines that wait. It reports whether there may be more.
func (j *JournalWriter) commit() bool {
	j.mu.Lock()
	batch := j.pending
	j.pending, j.spare, j.waiting = j.spare, nil, 0
	more := !j.closed
	j.moved.Broadcast()
	j.mu.Unlock()

	lost, err := j.writeLines(batch)
	if syncErr := j.sync(); err == nil {
		err = syncErr
	}

	j.mu.Lock()
	isFirst := err != nil && j.first == nil
	if isFirst {
		j.first = fmt.Errorf("journal: %w", err)
	}
	first := j.first
	j.lost += lost
	j.done += len(batch)
	clear(batch)
	j.spare = batch[:0]
	j.moved.Broadcast()
	j.mu.Unlock()
	if isFirst {
		j.failed(first)
	}
	return more
}

func (j *JournalWriter) sync() error {
	if w, ok := j.file.w.(interface{ Sync() error }); ok && j.durable {
		return w.Sync()
	}
	return nil
}
