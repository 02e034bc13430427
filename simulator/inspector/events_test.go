package inspector_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imcb-dev/imcb/simulator/inspector"
)

func quote(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}

// sse is one event as a line: its name, id and data, the latter shortened for
// requests.
func sse(text string) []string {
	found := []string{}
	for block := range strings.SplitSeq(text, "\n\n") {
		name, id, data := "", "", ""
		for line := range strings.SplitSeq(block, "\n") {
			field, value, _ := strings.Cut(line, ": ")
			switch field {
			case "event":
				name = value
			case "id":
				id = value
			case "data":
				data = value
			case ":", "retry", "":
			default:
				return []string{"odd line " + line}
			}
		}
		if name == "request" {
			var s struct{ ID int }
			if json.Unmarshal([]byte(data), &s) != nil || strconv.Itoa(s.ID) != id {
				return []string{"odd data " + data}
			}
			data = ""
		}
		if name != "" {
			found = append(found, strings.TrimSpace(fmt.Sprintf("%s %s %s", id, name, data)))
		}
	}
	return found
}

// pass lets the made-up time of a synctest bubble go by: nobody waits for it.
func pass(d time.Duration) { time.Sleep(d) }

// listen streams events in a bubble until the test stops the inspector.
func listen(i *inspector.Inspector, query string) *asked {
	return askLater(i, path("/events%s", query))
}

func (a *asked) all(i *inspector.Inspector) []string {
	pass(time.Second) // what is gathered goes out
	synctest.Wait()
	i.Stop()
	<-a.done
	return sse(a.Body.String())
}

func TestEventsComeInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i, _ := full(t, "")
		a := listen(i, "")
		synctest.Wait()
		i.Record(foreign("/x", ""))
		i.Record(foreign("/x", ""))
		synctest.Wait()
		ask(i, "DELETE", path("/requests/1"), "")
		ask(i, "PUT", path("/rules"), "rules: [{allow: true}]", "Content-Type", "text/yaml")
		pass(time.Second)
		i.RulesChanged(errors.New("line 1: \"bad\"\nnews"))
		pass(time.Second)
		ask(i, "POST", path("/reset?what=requests"), "")
		i.Record(foreign("/x", ""))
		assert.Equal(t, []string{
			"2 request", "3 request", `removed {"ids":[1]}`, `rules {"error":"","rules":1}`, `rules {"error":"line 1: \"bad\"\nnews","rules":1}`, `removed {"all":true}`, "4 request",
		}, a.all(i))
		checkHeaders(t, a.Header())
		assert.Equal(t, []any{"text/event-stream; charset=utf-8", true}, []any{a.Header().Get("Content-Type"), a.Flushed})
		assert.True(t, strings.HasPrefix(a.Body.String(), "retry: 1000\n\n"))
	})
}

func TestEventsResume(t *testing.T) {
	for _, c := range []struct {
		query, last string
		want        []string
	}{
		{"", "", []string{"5 request"}},
		{"?after=2", "", []string{"3 request", "4 request", "5 request"}},
		{"?after=1", "3", []string{"4 request", "5 request"}},
		{"?after=4", "", []string{"5 request"}},
		{"?after=0", "", []string{"2 request", "3 request", "4 request", "5 request"}},
		{"", "1", []string{"2 request", "3 request", "4 request", "5 request"}},
		{"", "900", []string{`4 lagged {"newest":4,"oldest":2}`, "5 request"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			i := inspector.New(inspector.Options{Keep: 3})
			for range 4 {
				i.Record(foreign("/x", ""))
			}
			ctx, cancel := context.WithCancel(context.Background())
			a := &asked{httptest.NewRecorder(), make(chan struct{}), cancel}
			r := httptest.NewRequestWithContext(ctx, "GET", path("/events%s", c.query), nil)
			r.Header.Set("Last-Event-ID", c.last)
			go func() {
				defer close(a.done)
				i.Handler(receiver).ServeHTTP(a, r)
			}()
			pass(time.Second)
			i.Record(foreign("/x", ""))
			assert.Equal(t, c.want, a.all(i), "%s %s", c.query, c.last)
		})
	}
}

func TestEventsAfterWhatWasDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := inspector.New(inspector.Options{Keep: 3})
		for range 9 {
			i.Record(foreign("/x", ""))
		}
		assert.Equal(t, []string{`9 lagged {"newest":9,"oldest":7}`}, listen(i, "?after=5").all(i))
	})
}

func TestEventsRefuse(t *testing.T) {
	i := newInspector()
	for _, q := range []string{"?after=x", "?callback=beforeAddFriend"} {
		assert.Equal(t, 400, ask(i, "GET", path("/events%s", q), "").Code, q)
	}
	assert.Equal(t, 400, ask(i, "GET", path("/events"), "", "Last-Event-ID", "-1").Code)
	assert.Equal(t, 200, ask(i, "HEAD", path("/events"), "").Code, "it does not hang")
}

func TestStreamStaysAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newInspector()
		a := listen(i, "")
		pass(46 * time.Second)
		i.Stop()
		<-a.done
		assert.Equal(t, "retry: 1000\n\n:\n\n:\n\n:\n\n", a.Body.String())
	})
}

func TestStreamEndsWithItsClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newInspector()
		a := listen(i, "")
		synctest.Wait()
		a.leave()
		<-a.done
	})
}

// stuck is a client whose connection takes nothing until it is freed.
type stuck struct {
	http.ResponseWriter
	free chan struct{}
}

func (s *stuck) Write(b []byte) (int, error) {
	<-s.free
	return s.ResponseWriter.Write(b)
}

func (s *stuck) Unwrap() http.ResponseWriter { return s.ResponseWriter }

func TestSlowClientMustListAgain(t *testing.T) {
	for _, c := range []struct {
		keep, n int
		want    []string
	}{
		{10000, 1000, nil}, // late, but not too much
		{10000, 1002, []string{`1002 lagged {"newest":1002,"oldest":1}`}},
		{10, 30, []string{`30 lagged {"newest":30,"oldest":21}`}},
	} {
		synctest.Test(t, func(t *testing.T) {
			i := inspector.New(inspector.Options{Keep: c.keep})
			w := httptest.NewRecorder()
			slow := &stuck{w, make(chan struct{})}
			done := make(chan struct{})
			go func() {
				defer close(done)
				i.Handler(receiver).ServeHTTP(slow, httptest.NewRequest("GET", path("/events"), nil))
			}()
			synctest.Wait()
			for range c.n {
				i.Record(foreign("/x", ""))
			}
			close(slow.free)
			pass(10 * time.Second)
			i.Record(foreign("/x", ""))
			pass(time.Second)
			i.Stop()
			<-done
			got := sse(w.Body.String())
			if c.want == nil {
				assert.Len(t, got, c.n+1)
				return
			}
			assert.Equal(t, append(c.want, fmt.Sprintf("%d request", c.n+1)), got)
		})
	}
}

func TestTooManyRemovals(t *testing.T) {
	for _, c := range []struct{ keep, remove int }{{300, 256}, {300, 257}} {
		synctest.Test(t, func(t *testing.T) {
			i := newInspector()
			for range c.keep {
				i.Record(foreign("/x", ""))
			}
			w := httptest.NewRecorder()
			slow := &stuck{w, make(chan struct{})}
			done := make(chan struct{})
			go func() {
				defer close(done)
				i.Handler(receiver).ServeHTTP(slow, httptest.NewRequest("GET", path("/events"), nil))
			}()
			synctest.Wait()
			for id := 1; id <= c.remove; id++ {
				require.Equal(t, 204, ask(i, "DELETE", path("/requests/%d", id), "").Code)
			}
			close(slow.free)
			pass(time.Second)
			i.Stop()
			<-done
			got := sse(w.Body.String())
			if c.remove > 256 {
				assert.Equal(t, []string{`removed {"ids":[257]}`, `300 lagged {"newest":300,"oldest":258}`}, got)
				return
			}
			require.Len(t, got, 1)
			assert.Equal(t, 255, strings.Count(got[0], ","))
		})
	}
}

// broken is a connection that fails at its second write, and notes how its
// deadlines were set.
type broken struct {
	http.ResponseWriter
	writes, deadlines int
	unlimited         bool
}

func (b *broken) Write(text []byte) (int, error) {
	b.writes++
	if b.deadlines != b.writes {
		return 0, errors.New("no deadline was set")
	}
	if b.writes == 2 {
		return 0, errors.New("broken")
	}
	return b.ResponseWriter.Write(text)
}

func (b *broken) SetWriteDeadline(t time.Time) error {
	if time.Until(t) == 10*time.Second {
		b.deadlines++
	}
	return nil
}

func (b *broken) SetReadDeadline(t time.Time) error {
	b.unlimited = t.IsZero()
	return nil
}

func (b *broken) Unwrap() http.ResponseWriter { return b.ResponseWriter }

func TestStreamEndsWithItsConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newInspector()
		b := &broken{ResponseWriter: httptest.NewRecorder()}
		done := make(chan struct{})
		go func() {
			defer close(done)
			i.Handler(receiver).ServeHTTP(b, httptest.NewRequest("GET", path("/events"), nil))
		}()
		synctest.Wait()
		i.Record(foreign("/x", ""))
		<-done
		assert.Equal(t, []any{2, 2, true}, []any{b.writes, b.deadlines, b.unlimited})
	})
}

// TestStreamOutlastsTheServersDeadlines reads a stream for longer than the
// server's limits on a connection.
func TestStreamOutlastsTheServersDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newInspector()
		defer i.Stop()
		resp := askBriefly(t, i, path("/events"))
		time.AfterFunc(time.Hour, func() { i.Record(foreign("/x", "")) })
		lines := bufio.NewScanner(resp.Body)
		for lines.Scan() && lines.Text() != "event: request" {
		}
		assert.Equal(t, "event: request", lines.Text(), lines.Err())
	})
}

// TestShutdownIsNotHeldUp stops a server that streams.
func TestShutdownIsNotHeldUp(t *testing.T) {
	i := newInspector()
	server := httptest.NewServer(i.Handler(receiver))
	resp, err := http.Get(server.URL + path("/events"))
	require.NoError(t, err)
	defer resp.Body.Close()
	i.Stop()
	require.NoError(t, server.Config.Shutdown(t.Context()), "it waits until the streams have ended")
	_, err = io.ReadAll(resp.Body)
	assert.NoError(t, err, "the stream has an end")
	server.Close()
}
