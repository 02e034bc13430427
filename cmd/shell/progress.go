package shell

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/imcb-dev/imcb/validate"
)

// Progress is a line on the terminal about a run that takes over a second. It
// goes on while a single request is slow, and costs a short run nothing.
type Progress struct {
	mu    sync.Mutex
	w     io.Writer // nil: there is no terminal
	start time.Time
	timer *time.Timer
	done  int
	shown bool
	// count says what was done, in place of the line's own count. Nil: nobody does.
	count func() string
	// waiting is what for, and last what was met there. Empty: the line counts.
	waiting, last string
}

const (
	progressAfter = time.Second
	progressEvery = 200 * time.Millisecond
)

// StartProgress begins to count, or to show what count does; nil: nothing does. It
// shows on the terminal of Err, if there is one.
func StartProgress(s Streams, count func() string) *Progress {
	p := &Progress{start: time.Now(), count: count}
	if s.ErrIsTerminal {
		p.w = s.Err
		p.timer = time.AfterFunc(progressAfter, p.tick)
	}
	return p
}

// StartWaiting shows what is waited for, and what was met there the last time.
func StartWaiting(s Streams, what string) *Progress {
	p := StartProgress(s, nil)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting = validate.MaskText(what)
	return p
}

// Met says why it is still waited for.
func (p *Progress) Met(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		p.last = inner.Error() // the innermost is the cause
	}
}

func (p *Progress) text() string {
	took := time.Since(p.start).Round(time.Second)
	switch {
	case p.count != nil:
		return fmt.Sprintf("%s, %s", p.count(), took)
	case p.waiting == "":
		return fmt.Sprintf("%d done, %s", p.done, took)
	}
	return fmt.Sprintf("waiting for %s, %s: %s", p.waiting, took, p.last)
}

func (p *Progress) tick() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer == nil {
		return // the run is over
	}
	fmt.Fprint(p.w, "\r\x1b[K"+p.text())
	p.shown = true
	p.timer.Reset(progressEvery)
}

// Aside clears the line, lets write put a result in its place, and counts it.
func (p *Progress) Aside(write func() error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
	p.done++
	return write()
}

// Stop ends the line; the terminal is as if it had never been.
func (p *Progress) Stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
	p.erase()
}

func (p *Progress) erase() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
}
