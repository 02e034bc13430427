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
	inspector *Inspector
	news      *subscriber
	w         http.ResponseWriter
	limits    deadlines
	// cursor is the id of the last request that was sent, backlog the last that
	// was there when the client came: it may take its time for these.
	cursor, backlog uint64
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
	s := &stream{inspector: i, news: i.subscribe(), w: w, limits: deadlines{http.NewResponseController(w)}}
	defer i.unsubscribe(s.news)
	s.begin(after, all)
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	if r.Method == http.MethodHead {
		return
	}
	s.limits.listen()
	ctx, cancel := context.WithCancel(r.Context())
	defer context.AfterFunc(i.stopping, cancel)()
	s.run(ctx)
}

// position reads after which request the stream starts. Nil: with the next to
// come. With all it starts with the oldest kept one.
func position(q url.Values, lastEvent string) (after *uint64, all bool, err error) {
	if err := checkNames(q, eventParams); err != nil {
		return nil, false, err
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
	s.inspector.mu.Lock()
	defer s.inspector.mu.Unlock()
	store := &s.inspector.store
	s.backlog, s.cursor = store.last, store.last
	switch {
	case all:
		s.cursor = store.evicted
	case after != nil && (*after > store.last || *after < store.evicted):
		s.news.lost = true
	case after != nil:
		s.cursor = *after
	}
}

// run writes events as they come, until ctx is done.
func (s *stream) run(ctx context.Context) {
	var b bytes.Buffer
	b.WriteString("retry: 1000\n\n")
	timer := time.NewTimer(keepAlive)
	defer timer.Stop()
	for {
		pause := s.collect(&b)
		if b.Len() > 0 && !s.write(b.Bytes()) {
			return
		}
		b.Reset()
		woken := s.news.woken
		if pause < keepAlive {
			woken = nil // what comes now is gathered
		}
		timer.Reset(pause)
		select {
		case <-woken:
		case <-timer.C:
			if woken != nil {
				b.WriteString(":\n\n")
			}
		case <-ctx.Done():
			return
		}
	}
}

// happened is what happened since a stream last looked.
type happened struct {
	changes
	requests     []*entry
	oldest, last uint64
}

// take moves the cursor over what is new.
func (s *stream) take() happened {
	s.inspector.mu.Lock()
	defer s.inspector.mu.Unlock()
	store := &s.inspector.store
	h := happened{changes: s.news.changes, oldest: store.oldest(), last: store.last}
	h.lost = h.lost || store.evicted > s.cursor || s.cursor >= s.backlog && h.last-s.cursor > maxBehind
	s.news.changes = changes{}
	if !h.lost {
		h.requests = store.newer(s.cursor, batch)
	}
	s.cursor = h.last
	if len(h.requests) == batch {
		s.cursor = h.requests[batch-1].id
	}
	return h
}

// collect appends what is new, and says how long to rest before looking again:
// for keepAlive when nothing happened.
func (s *stream) collect(b *bytes.Buffer) time.Duration {
	h, before := s.take(), b.Len()
	if h.cleared {
		event(b, "removed", map[string]bool{"all": true})
	}
	if len(h.removed) > 0 {
		event(b, "removed", map[string][]uint64{"ids": h.removed})
	}
	if h.rules {
		event(b, "rules", map[string]any{"rules": s.inspector.ruleCount(), "error": h.rulesError})
	}
	if h.lost {
		fmt.Fprintf(b, "id: %d\n", h.last)
		event(b, "lagged", map[string]uint64{"oldest": h.oldest, "newest": h.last})
	}
	for _, e := range h.requests {
		fmt.Fprintf(b, "id: %d\n", e.id)
		event(b, "request", newSummary(e))
	}
	switch {
	case h.lost:
		return lagPause
	case len(h.requests) == batch:
		return 0
	case b.Len() > before:
		return gather
	default:
		return keepAlive
	}
}

func event(b *bytes.Buffer, name string, data any) {
	text, err := json.Marshal(data)
	if err != nil {
		return
	}
	fmt.Fprintf(b, "event: %s\ndata: %s\n\n", name, text) // JSON has no line breaks
}

// write sends the text at once, and reports whether the client took it.
func (s *stream) write(text []byte) bool {
	s.limits.extend(writeTimeout)
	if _, err := s.w.Write(text); err != nil {
		return false
	}
	return s.limits.Flush() == nil
}
