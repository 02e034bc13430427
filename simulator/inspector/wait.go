package inspector

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// The limits of waiting.
const (
	maxWaiting     = 64 // clients at once, those that listen to events too
	defaultTimeout = 10 * time.Second
	maxTimeout     = 5 * time.Minute
	writePatience  = 10 * time.Second // for one write to a client
)

var waitParams = []param{
	{"count", "how many requests to wait for; default 1", "integer"},
	{"timeout", "how long to wait, for example 30s; default 10s, 5m at most", "string"},
}

// patience sets deadlines of a connection where the server's are too short. A
// writer that has no deadlines has none to extend.
type patience struct{ *http.ResponseController }

// extend gives the next writes d.
func (p patience) extend(d time.Duration) { _ = p.SetWriteDeadline(time.Now().Add(d)) }

// listen lifts the deadline of reading: the server would take a client that
// says nothing for gone.
func (p patience) listen() { _ = p.SetReadDeadline(time.Time{}) }

// enter takes a place for a client that waits, or answers 503.
func (i *Inspector) enter(w http.ResponseWriter) bool {
	if i.stopping.Err() != nil {
		fail(w, http.StatusServiceUnavailable, "%v", ErrStopped)
		return false
	}
	select {
	case i.waiting <- struct{}{}:
		return true
	default:
		fail(w, http.StatusServiceUnavailable, "%d clients wait already", maxWaiting)
		return false
	}
}

func (i *Inspector) leave() { <-i.waiting }

// waitFor answers as soon as enough requests came.
func (i *Inspector) waitFor(w http.ResponseWriter, r *http.Request) {
	f, want, timeout, err := parseWait(r.URL.Query())
	if err != nil {
		fail(w, http.StatusBadRequest, "%v", err)
		return
	}
	if !i.enter(w) {
		return
	}
	defer i.leave()
	p := patience{http.NewResponseController(w)}
	p.listen()
	p.extend(timeout + writePatience)
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	count, chosen, err := i.await(ctx, &f, want)
	switch {
	case err == nil:
		answerWait(w, http.StatusOK, count, chosen)
	case errors.Is(err, ErrStopped):
		fail(w, http.StatusServiceUnavailable, "%v", err)
	case r.Context().Err() == nil:
		answerWait(w, http.StatusRequestTimeout, count, chosen)
	}
}

func parseWait(q url.Values) (f filter, want int, timeout time.Duration, err error) {
	if f, err = parseFilter(q, "count", "timeout"); err != nil {
		return
	}
	f.count()
	want, timeout = 1, defaultTimeout
	if s := q.Get("count"); s != "" {
		if want, err = strconv.Atoi(s); err != nil || want < 1 {
			return f, 0, 0, fmt.Errorf("count is a number from 1 on, not %q", clip(s))
		}
	}
	if s := q.Get("timeout"); s != "" {
		if timeout, err = time.ParseDuration(s); err != nil || timeout < 0 || timeout > maxTimeout {
			return f, 0, 0, fmt.Errorf("timeout is a duration up to %s, for example 30s, not %q", maxTimeout, clip(s))
		}
	}
	return f, want, timeout, nil
}

// await returns once at least want requests match, else with the count so far
// and why it ended.
func (i *Inspector) await(ctx context.Context, f *filter, want int) (count int, chosen []*entry, err error) {
	s := i.subscribe()
	defer i.unsubscribe(s)
	c := counter{filter: f}
	for err == nil {
		if count = i.count(s, &c); count >= want {
			break
		}
		err = s.wait(ctx, i.stopping.Done())
	}
	chosen, _ = choose(i.kept(), f)
	return count, chosen, err
}

// count is how many requests match by now. Where the counts can tell, it is
// exact even if requests were dropped; else it counts what is new to c, and
// all of it again after something was forgotten.
func (i *Inspector) count(s *subscriber, c *counter) int {
	i.mu.Lock()
	if c.filter.plain() {
		defer i.mu.Unlock()
		return i.counts.matching(c.filter.callback, c.filter.phase)
	}
	if s.cleared || s.lost || len(s.removed) > 0 {
		s.cleared, s.lost, s.removed = false, false, nil
		c.next, c.found = 0, 0
	}
	fresh := i.store.newer(max(c.next, c.filter.after), i.store.span)
	i.mu.Unlock()
	c.look(fresh)
	return c.found
}

// counter counts matching entries, each once.
type counter struct {
	filter *filter
	next   uint64 // the newest id that was looked at
	found  int
}

func (c *counter) look(fresh []*entry) {
	for _, e := range fresh {
		if c.next = e.id; c.filter.within(e.id) && c.filter.chooses(e) {
			c.found++
		}
	}
}

func answerWait(w http.ResponseWriter, status, count int, chosen []*entry) {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"ok":%t,"count":%d,"requests":`, status == http.StatusOK, count)
	writeSummaries(&b, chosen)
	b.WriteByte('}')
	answerJSON(w, status, b.Bytes())
}
