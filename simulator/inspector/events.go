package inspector

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// The pace of event streams.
const (
	keepAlive = 15 * time.Second      // between comments when nothing happens
	gather    = 20 * time.Millisecond // between writes, so that one has many events
	batch     = 256                   // requests in one write
	maxBehind = 1000                  // requests that a client may be late
	lagPause  = 500 * time.Millisecond
)

var eventParams = []param{
	{"after", "start with the kept requests newer than this id; the header Last-Event-ID does the same", "integer"},
}

// stream is one client that listens to events. Between writes it holds no
// requests, but only where it is.
type stream struct {
	*Inspector
	*subscriber
	w        http.ResponseWriter
	patience patience
	// cursor is the id of the last request that was sent, backlog the last that
	// was there when the client came: it may take its time for these.
	cursor, backlog uint64
	lagged          bool
}

// events streams what happens until the client goes away or Stop.
func (i *Inspector) events(w http.ResponseWriter, r *http.Request) {
	after, all, err := position(r.URL.Query(), r.Header.Get("Last-Event-ID"))
	if err != nil {
		fail(w, http.StatusBadRequest, "%v", err)
		return
	}
	if !i.enter(w) {
		return
	}
	defer i.leave()
	s := &stream{Inspector: i, subscriber: i.subscribe(), w: w, patience: patience{http.NewResponseController(w)}}
	defer i.unsubscribe(s.subscriber)
	s.begin(after, all)
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	if r.Method == http.MethodHead {
		return
	}
	s.patience.listen()
	s.run(r.Context())
}

// position reads after which request the stream starts. Nil: with the next to
// come. With all it starts with the oldest kept one.
func position(q url.Values, lastEvent string) (after *uint64, all bool, err error) {
	for name := range q {
		if name != "after" {
			return nil, false, fmt.Errorf("unknown parameter %q: use after", clip(name))
		}
	}
	if lastEvent != "" {
		q = url.Values{"after": {lastEvent}}
	}
	if q.Get("after") == "" {
		return nil, false, nil
	}
	n, err := number(q, "after")
	return &n, n == 0, err
}

// begin sets the cursor. A client that missed requests which are kept no more,
// or that knows more of them than ever came here, must list again.
func (s *stream) begin(after *uint64, all bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.backlog, s.cursor = s.store.last, s.store.last
	switch {
	case all:
		s.cursor = s.store.evicted
	case after != nil && (*after > s.store.last || *after < s.store.evicted):
		s.lagged = true
	case after != nil:
		s.cursor = *after
	}
}

// run writes events as they come.
func (s *stream) run(ctx context.Context) {
	text := []byte("retry: 1000\n\n")
	alive := time.NewTimer(keepAlive)
	defer alive.Stop()
	for {
		fresh, more := s.collect(&text)
		if len(text) > 0 && !s.write(text) {
			return
		}
		text = text[:0]
		pause := gather
		if fresh == lagging {
			pause = lagPause
		}
		if more || fresh != idle {
			if !s.rest(ctx, pause, more) {
				return
			}
			continue
		}
		alive.Reset(keepAlive)
		select {
		case <-s.woken:
		case <-alive.C:
			text = append(text, ":\n\n"...)
		case <-ctx.Done():
			return
		case <-s.stopping.Done():
			return
		}
	}
}

// pace is what a collection of events says of the stream's speed.
type pace int

const (
	idle    pace = iota // there was nothing
	flowing             // there was something
	lagging             // there was too much
)

// rest waits a little for events to gather, or not at all if there are more.
func (s *stream) rest(ctx context.Context, d time.Duration, more bool) bool {
	if more {
		d = 0
	}
	pause := time.NewTimer(d)
	defer pause.Stop()
	select {
	case <-pause.C:
		return true
	case <-ctx.Done():
		return false
	case <-s.stopping.Done():
		return false
	}
}

// news is what happened since a stream last looked.
type news struct {
	requests       []*entry
	removed        []uint64
	cleared, rules bool
	rulesError     string
	lagged         bool
	oldest, last   uint64
}

// take moves the cursor over what is new.
func (s *stream) take() news {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := news{removed: s.removed, cleared: s.cleared, rules: s.rules, rulesError: s.rulesError, last: s.store.last}
	n.lagged = s.lagged || s.lost || s.store.evicted > s.cursor || s.cursor >= s.backlog && n.last-s.cursor > maxBehind
	s.removed, s.cleared, s.rules, s.lost, s.lagged = nil, false, false, false, false
	if n.lagged {
		s.cursor, n.oldest = n.last, s.store.oldest()
		return n
	}
	n.requests = s.store.newer(s.cursor, batch)
	if len(n.requests) == batch {
		s.cursor = n.requests[batch-1].id
	} else {
		s.cursor = n.last
	}
	return n
}

// collect appends what is new to text, and says whether there is more.
func (s *stream) collect(text *[]byte) (p pace, more bool) {
	n := s.take()
	b := bytes.NewBuffer(*text)
	if n.cleared {
		event(b, "removed", map[string]bool{"all": true})
	}
	if len(n.removed) > 0 {
		event(b, "removed", map[string][]uint64{"ids": n.removed})
	}
	if n.rules {
		count := 0
		if s.opts.Rules != nil {
			count = s.opts.Rules.Len()
		}
		event(b, "rules", map[string]any{"rules": count, "error": n.rulesError})
	}
	if n.lagged {
		fmt.Fprintf(b, "id: %d\n", n.last)
		event(b, "lagged", map[string]uint64{"oldest": n.oldest, "newest": n.last})
	}
	for _, e := range n.requests {
		fmt.Fprintf(b, "id: %d\nevent: request\ndata: ", e.id)
		b.Write(e.summaryJSON()) // JSON has no line breaks
		b.WriteString("\n\n")
	}
	happened := b.Len() > len(*text)
	*text = b.Bytes()
	switch {
	case n.lagged:
		return lagging, false
	case happened:
		return flowing, len(n.requests) == batch
	default:
		return idle, false
	}
}

// event appends an event.
func event(b *bytes.Buffer, name string, data any) {
	text, err := json.Marshal(data)
	if err != nil {
		return
	}
	fmt.Fprintf(b, "event: %s\ndata: %s\n\n", name, text)
}

// write sends the text at once, and reports whether the client took it.
func (s *stream) write(text []byte) bool {
	s.patience.extend(writePatience)
	if _, err := s.w.Write(text); err != nil {
		return false
	}
	return s.patience.Flush() == nil
}
