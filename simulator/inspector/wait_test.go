package inspector_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imcb-dev/imcb/simulator/inspector"
)

// asked is an answer that may not be there yet.
type asked struct {
	*httptest.ResponseRecorder
	done  chan struct{}
	leave context.CancelFunc
}

// askLater asks from a goroutine of its own.
func askLater(i *inspector.Inspector, path string) *asked {
	ctx, cancel := context.WithCancel(context.Background())
	a := &asked{httptest.NewRecorder(), make(chan struct{}), cancel}
	r := httptest.NewRequestWithContext(ctx, "GET", path, nil)
	go func() {
		defer close(a.done)
		i.Handler(receiver).ServeHTTP(a, r)
	}()
	return a
}

// The tests below run in bubbles: time is made up, and each ends only when no
// goroutine is left.

func TestWaitAnswersAsSoonAsEnoughCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newInspector()
		i.Record(arrival(t, "beforeAddFriend", "", ""))
		start := time.Now()
		plain := askLater(i, path("/wait?callback=beforeAddFriend&count=2"))
		where := askLater(i, path("/wait?where=fromUserID=7&count=2&timeout=1m"))
		synctest.Wait()
		i.Record(arrival(t, "afterAddFriend", "", ""))
		i.Record(arrival(t, "beforeAddFriend", `{"fromUserID":"7"}`, ""))
		<-plain.done
		i.Record(arrival(t, "beforeAddFriend", `{"fromUserID":"7"}`, ""))
		<-where.done
		assert.Zero(t, time.Since(start))
		answer := parse(t, plain.Body)
		assert.Equal(t, []any{200, true, 2.0}, []any{plain.Code, answer["ok"], answer["count"]})
		assert.Equal(t, []int{3, 1}, ids(answer["requests"])[len(ids(answer["requests"]))-2:])
		answer = parse(t, where.Body)
		assert.Equal(t, []any{true, 2.0, []int{4, 3}}, []any{answer["ok"], answer["count"], ids(answer["requests"])})
		checkHeaders(t, where.Header())
	})
}

func TestWaitTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newInspector()
		i.Record(arrival(t, "beforeAddFriend", "", ""))
		start := time.Now()
		a := askLater(i, path("/wait?count=2"))
		<-a.done
		assert.Equal(t, 10*time.Second, time.Since(start))
		answer := parse(t, a.Body)
		assert.Equal(t, []any{408, false, 1.0, []int{1}}, []any{a.Code, answer["ok"], answer["count"], ids(answer["requests"])})
		checkHeaders(t, a.Header())
	})
}

func TestWaitEndsWithItsClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newInspector()
		a := askLater(i, path("/wait"))
		synctest.Wait()
		a.leave()
		<-a.done
		assert.Empty(t, a.Body.String())
	})
}

func TestStopEndsWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newInspector()
		a := askLater(i, path("/wait"))
		failed := make(chan error)
		go func() { failed <- i.Wait(t.Context(), func() bool { return false }) }()
		synctest.Wait()
		i.Stop()
		<-a.done
		assert.Equal(t, 503, a.Code)
		assert.ErrorIs(t, <-failed, inspector.ErrStopped)
	})
}

func TestWaitStartsAnewAfterAReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newInspector()
		record := func() { i.Record(arrival(t, "beforeAddFriend", `{"fromUserID":"7"}`, "")) }
		record()
		a := askLater(i, path("/wait?where=fromUserID=7&count=2"))
		b := askLater(i, path("/wait?count=2"))
		synctest.Wait()
		ask(i, "POST", path("/reset?what=requests"), "")
		record()
		synctest.Wait()
		ask(i, "DELETE", path("/requests/2"), "")
		record()
		synctest.Wait()
		select {
		case <-a.done:
			t.Error("only one request is there")
		case <-b.done:
			t.Error("only one request is there")
		default:
		}
		record()
		<-a.done
		<-b.done
		assert.Equal(t, []int{200, 200}, []int{a.Code, b.Code})
	})
}

func TestWaitCountsWhatIsKeptNoMore(t *testing.T) {
	i := inspector.New(inspector.Options{Keep: 1})
	for range 5 {
		i.Record(arrival(t, "beforeAddFriend", "", ""))
	}
	answer := get(t, i, path("/wait?callback=beforeAddFriend&count=5"))
	assert.Equal(t, []any{5.0, []int{5}}, []any{answer["count"], ids(answer["requests"])})
	assert.Equal(t, 408, ask(i, "GET", path("/wait?where=toUserID=x&count=1&timeout=0s"), "").Code)
}

func TestWaitAfter(t *testing.T) {
	i := newInspector()
	for range 3 {
		i.Record(arrival(t, "beforeAddFriend", "", ""))
	}
	answer := get(t, i, path("/wait?after=1&count=2"))
	assert.Equal(t, []any{2.0, []int{3, 2}}, []any{answer["count"], ids(answer["requests"])})
	assert.Equal(t, 408, ask(i, "GET", path("/wait?after=3&timeout=0s"), "").Code)
}

func TestWaitRefuses(t *testing.T) {
	i := newInspector()
	for _, q := range []string{"count=0", "count=x", "count=-1", "timeout=6m", "timeout=10", "timeout=-1s", "counts=1", "callback=nope"} {
		assert.Equal(t, 400, ask(i, "GET", path("/wait?%s", q), "").Code, q)
	}
}

func TestOnlySoManyMayWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newInspector()
		var all []*asked
		for n := range 64 {
			all = append(all, askLater(i, path("%s", []string{"/wait", "/events"}[n%2])))
		}
		synctest.Wait()
		for _, p := range []string{"/wait", "/events"} {
			w := ask(i, "GET", api+p, "")
			assert.Equal(t, 503, w.Code)
			checkHeaders(t, w.Header())
		}
		all[0].leave()
		<-all[0].done
		again := askLater(i, path("/events"))
		synctest.Wait()
		i.Stop()
		for _, a := range append(all, again) {
			<-a.done
		}
		assert.Equal(t, 200, again.Code)
	})
}

func TestWaitForTheCommandLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newInspector()
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error)
		wait := func() {
			done <- i.Wait(ctx, func() bool { return i.Counts().ByCallback["beforeAddFriend"] >= 2 })
		}
		go wait()
		i.Record(arrival(t, "beforeAddFriend", "", ""))
		i.Record(foreign("/", ""))
		synctest.Wait()
		i.Record(arrival(t, "beforeAddFriend", "", ""))
		assert.NoError(t, <-done)
		assert.Equal(t, inspector.Counts{Total: 3, Unknown: 1, ByCallback: map[string]int{"beforeAddFriend": 2}}, i.Counts())
		ask(i, "DELETE", path("/requests"), "")
		go wait()
		synctest.Wait()
		cancel()
		assert.ErrorIs(t, <-done, context.Canceled)
	})
}

// TestWaitOutlastsTheServersDeadlines runs on a server whose limits are
// shorter than the wait.
func TestWaitOutlastsTheServersDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		resp := askBriefly(t, newInspector(), path("/wait?timeout=5m"))
		assert.Equal(t, 408, resp.StatusCode)
		assert.Equal(t, 0.0, parse(t, resp.Body)["count"])
	})
}

// TestNobodyIsLeftBehind sees the inspector of a real server forget clients
// that go away.
func TestNobodyIsLeftBehind(t *testing.T) {
	i := newInspector()
	address := serve(t, i)
	ctx, cancel := context.WithCancel(context.Background())
	for _, p := range []string{"/wait?timeout=5m", "/events"} {
		r, err := http.NewRequestWithContext(ctx, "GET", "http://"+address+api+p, nil)
		require.NoError(t, err)
		go func() {
			if resp, err := http.DefaultClient.Do(r); err == nil {
				_, _ = io.Copy(io.Discard, resp.Body) // until it is canceled
				resp.Body.Close()
			} else if !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}()
	}
	waiting := func(n string) func() bool {
		return func() bool {
			return metric(ask(i, "GET", "/__imcb/metrics", "").Body.String(), "imcb_waiting_clients") == n
		}
	}
	require.Eventually(t, waiting("2"), time.Minute, time.Millisecond)
	cancel()
	assert.Eventually(t, waiting("0"), time.Minute, time.Millisecond)
}
