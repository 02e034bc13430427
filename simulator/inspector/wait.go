package inspector

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/imcb-dev/imcb/fixtures/words"
)

// The limits of waiting.
const (
	maxWaiting     = 64 // clients at once, those that listen to events too
	defaultTimeout = 10 * time.Second
	maxTimeout     = 5 * time.Minute
	writeTimeout   = 10 * time.Second // for one write to a client
)

var waitParams = []param{
	{"count", "how many requests to wait for; default 1", "integer"},
	{"timeout", "how long to wait, for example 30s; default 10s, 5m at most", "string"},
}

// deadlines are a connection's, where the server's are too short. A writer that
// has no deadlines has none to extend.
type deadlines struct{ *http.ResponseController }

func (c deadlines) extend(d time.Duration) { _ = c.SetWriteDeadline(time.Now().Add(d)) }

// listen lifts the deadline of reading: the server would take a client that
// says nothing for gone.
func (c deadlines) listen() { _ = c.SetReadDeadline(time.Time{}) }

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
	limits := deadlines{http.NewResponseController(w)}
	limits.listen()
	limits.extend(timeout + writeTimeout)
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	count, err := i.await(ctx, &f, want)
	chosen, _ := choose(i.kept(), &f)
	switch {
	case err == nil:
		answer(w, http.StatusOK, waited{true, count, chosen})
	case errors.Is(err, ErrStopped):
		fail(w, http.StatusServiceUnavailable, "%v", err)
	case r.Context().Err() == nil:
		answer(w, http.StatusRequestTimeout, waited{false, count, chosen})
	}
}

func parseWait(q url.Values) (f filter, want Want, timeout time.Duration, err error) {
	if f, err = parseFilter(q, waitParams...); err != nil {
		return
	}
	f.count()
	want, timeout = Want{N: 1}, defaultTimeout
	if s := q.Get("count"); s != "" {
		if want.N, err = strconv.Atoi(s); err != nil || want.N < 1 {
			return f, want, 0, fmt.Errorf("count is a number from 1 on, not %q", words.Clip(s, maxQuoted))
		}
	}
	if s := q.Get("timeout"); s != "" {
		if timeout, err = time.ParseDuration(s); err != nil || timeout < 0 || timeout > maxTimeout {
			return f, want, 0, fmt.Errorf("timeout is a duration up to %s, for example 30s, not %q", maxTimeout, words.Clip(s, maxQuoted))
		}
	}
	return f, want, timeout, nil
}

// await returns once as many requests match as are wanted, else with the count
// so far and why it ended.
func (i *Inspector) await(ctx context.Context, f *filter, want Want) (count int, err error) {
	c := counter{filter: f}
	err = i.Wait(ctx, func() bool {
		count = i.count(&c)
		return want.Met(count)
	})
	return count, err
}

// counter counts matching requests, each once.
type counter struct {
	filter    *filter
	newest    uint64 // that was looked at
	found     int
	forgotten int // by then
}

// count is how many requests match by now. Where the counts can tell, it is
// exact even if requests were dropped; else it counts what is new to c, and
// all of it again after something was forgotten.
func (i *Inspector) count(c *counter) int {
	f := c.filter
	i.mu.Lock()
	if f.plain() {
		defer i.mu.Unlock()
		return i.counts.matching(f.callback, f.phase)
	}
	if c.forgotten != i.forgotten {
		c.newest, c.found, c.forgotten = 0, 0, i.forgotten
	}
	fresh := i.store.newer(max(c.newest, f.after), math.MaxInt)
	i.mu.Unlock()
	for _, e := range fresh {
		if c.newest = e.id; f.within(e.id) && f.chooses(e.arrival) {
			c.found++
		}
	}
	return c.found
}

// waited is the answer of wait.
type waited struct {
	OK       bool      `json:"ok"`
	Count    int       `json:"count"`
	Requests []summary `json:"requests"`
}
