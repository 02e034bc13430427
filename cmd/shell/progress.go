package shell

import (
	"fmt"
	"io"
	"sync"
	"time"
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
}

const (
	progressAfter = time.Second
	progressEvery = 200 * time.Millisecond
)

// StartProgress begins to count; it shows on the terminal of Err, if there is one.
func StartProgress(s Streams) *Progress {
	p := &Progress{start: time.Now()}
	if s.ErrIsTerminal {
		p.w = s.Err
		p.timer = time.AfterFunc(progressAfter, p.tick)
	}
	return p
}

func (p *Progress) tick() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer == nil {
		return // the run is over
	}
	fmt.Fprintf(p.w, "\r\x1b[K%d done, %s", p.done, time.Since(p.start).Round(time.Second))
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
