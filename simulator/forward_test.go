package simulator_test

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// forwarding serves a receiver that forwards to base.
func forwarding(t *testing.T, base string) (url string, arrivals chan *simulator.Arrival) {
	t.Helper()
	f, err := simulator.NewForwarder(targetOf(t, base), simulator.SenderOptions{MaxReply: 1 << 16})
	require.NoError(t, err)
	t.Cleanup(f.Close)
	arrivals = make(chan *simulator.Arrival, 10)
	srv := httptest.NewUnstartedServer(simulator.NewReceiver(simulator.ReceiverOptions{
		Server: validate.On(fixtures.DefaultRelease), Forward: f, Observe: func(a *simulator.Arrival) { arrivals <- a },
	}))
	srv.Config.ErrorLog = quiet()
	srv.Start()
	t.Cleanup(srv.Close)
	return srv.URL, arrivals
}

// behind serves the receiver that is forwarded to.
func behind(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = quiet()
	srv.Start()
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestForwardPassesEverythingOn(t *testing.T) {
	var got *http.Request
	var body []byte
	target := behind(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		w.Header().Set("X-Real", "yes")
		w.Header().Add("Set-Cookie", "a=1")
		w.Header().Add("Set-Cookie", "b=2")
		w.Header()["Date"] = nil
		w.Header()["Content-Type"] = nil
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, refuse)
	})
	url, arrivals := forwarding(t, target+"/base")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/callbackExample/callbackBeforeAddFriendCommand?key=a%3D", strings.NewReader(`{"a":1}`+"\n"))
	require.NoError(t, err)
	req.Header.Set("Operationid", "42")
	resp, err := http.DefaultTransport.RoundTrip(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	reply, err := io.ReadAll(resp.Body)
	require.NoError(t, err)

	assert.Equal(t, "/base/callbackBeforeAddFriendCommand?key=a%3D", got.RequestURI)
	assert.Equal(t, `{"a":1}`+"\n", string(body))
	assert.Equal(t, "42", got.Header.Get("Operationid"))
	assert.Equal(t, http.Header{"X-Real": {"yes"}, "Set-Cookie": {"a=1", "b=2"}, "Content-Length": {fmt.Sprint(len(refuse))}}, resp.Header)
	assert.Equal(t, http.StatusAccepted, resp.StatusCode)
	assert.Equal(t, refuse, string(reply))
	a := <-arrivals
	assert.True(t, a.Forwarded)
	assert.Equal(t, validate.Refuse, a.Verdict.Outcome)
	assert.Equal(t, refuse, string(a.Reply.Body))
	assert.Equal(t, http.StatusAccepted, a.Reply.Status)
}

func TestForwardEndsALoop(t *testing.T) {
	var back string
	passes := 0
	other := behind(t, func(w http.ResponseWriter, r *http.Request) {
		passes++
		again, err := http.NewRequestWithContext(r.Context(), r.Method, back+r.URL.Path, r.Body)
		assert.NoError(t, err)
		again.Header = r.Header
		if resp, err := http.DefaultTransport.RoundTrip(again); err == nil {
			resp.Body.Close()
		}
		w.WriteHeader(http.StatusBadGateway)
	})
	base, arrivals := forwarding(t, other)
	back = base
	resp, err := http.Post(base+"/callbackBeforeAddFriendCommand", "application/json", strings.NewReader("{}"))
	require.NoError(t, err)
	resp.Body.Close()
	assert.Equal(t, 5, passes)
	assert.Contains(t, (<-arrivals).Note.String(), "it has passed imcb 5 times: what it forwards to leads back to it")
}

const refuse = `{"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":1}`

func TestForwardTargets(t *testing.T) {
	var uri string
	target := behind(t, func(w http.ResponseWriter, r *http.Request) {
		uri = r.RequestURI
		_, _ = io.WriteString(w, allow)
	})
	url, arrivals := forwarding(t, target+"/cb")
	for target, want := range map[string]string{
		"/callbackExample/callbackBeforeAddFriendCommand": "/cb/callbackBeforeAddFriendCommand",
		"//callbackBeforeAddFriendCommand/":               "/cb/callbackBeforeAddFriendCommand/",
		"/cb?command=callbackBeforeAddFriendCommand":      "/cb?command=callbackBeforeAddFriendCommand",
		"/somewhere/unknown":                              "/cb/unknown",
	} {
		resp, err := http.Post(url+target, "application/json", strings.NewReader("{}"))
		require.NoError(t, err)
		resp.Body.Close()
		<-arrivals
		assert.Equal(t, want, uri, target)
	}
}

func TestForwardGzip(t *testing.T) {
	target := behind(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, refuse)
		z.Close()
	})
	url, arrivals := forwarding(t, target)
	e := send(t, url+"/callbackBeforeAddFriendCommand", simulator.SenderOptions{})
	assert.Equal(t, refuse, string(e.Reply.Body), "unpacked by the sender")
	assert.Equal(t, refuse, string((<-arrivals).Reply.Body), "and for the journal")
}

func TestForwardGzipBomb(t *testing.T) {
	target := behind(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.Copy(z, io.LimitReader(zeros{}, 10<<20))
		z.Close()
	})
	url, arrivals := forwarding(t, target)
	_ = send(t, url+"/callbackBeforeAddFriendCommand", simulator.SenderOptions{})
	a := <-arrivals
	assert.Equal(t, validate.TooLarge, a.Reply.Failure)
	assert.LessOrEqual(t, len(a.Reply.Body), 1<<16)
}

// A reply that is too large goes through whole; what is kept of it is limited.
func TestForwardOfALargeReply(t *testing.T) {
	const limit = 64
	for size, want := range map[int]validate.Failure{limit: "", limit + 1: validate.TooLarge} {
		target := behind(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat("x", size)) })
		f, err := simulator.NewForwarder(targetOf(t, target), simulator.SenderOptions{MaxReply: limit})
		require.NoError(t, err)
		arrivals := make(chan *simulator.Arrival, 1)
		server := httptest.NewServer(simulator.NewReceiver(simulator.ReceiverOptions{Forward: f, Observe: func(a *simulator.Arrival) { arrivals <- a }}))
		e := send(t, server.URL+"/callbackBeforeAddFriendCommand", simulator.SenderOptions{})
		server.Close()
		assert.Len(t, e.Reply.Body, size)
		a := <-arrivals
		assert.Equal(t, want, a.Reply.Failure)
		assert.Len(t, a.Reply.Body, limit)
	}
}

// The findings of the verdict count in an arrival's size.
func TestArrivalSizeCountsFindings(t *testing.T) {
	small := simulator.Arrival{Verdict: &validate.Verdict{}}
	large := simulator.Arrival{Verdict: &validate.Verdict{Findings: []validate.Finding{{Got: strings.Repeat("x", 1000)}}}}
	assert.GreaterOrEqual(t, large.Size(), small.Size()+1000)
	assert.Equal(t, small.Size(), (&simulator.Arrival{}).Size())
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// TestForwardWhatGoesWrong compares what the sender meets through the receiver
// with what it meets at the real one.
func TestForwardWhatGoesWrong(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	tests := []struct {
		name, base          string
		through, remembered validate.Failure
	}{
		{"down", closed.URL, validate.Reset, validate.ConnectionRefused},
		{"closes", behind(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), validate.Reset, validate.Reset},
		{"cut", behind(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "{")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}), validate.Truncated, validate.Truncated},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			url, arrivals := forwarding(t, tt.base)
			e := send(t, url+"/callbackBeforeAddFriendCommand", simulator.SenderOptions{})
			assert.Equal(t, tt.through, e.Reply.Failure, e.Reply.Detail)
			a := <-arrivals
			assert.Equal(t, tt.remembered, a.Reply.Failure)
			assert.Equal(t, validate.Fail, a.Verdict.Outcome)
			if tt.name == "down" {
				assert.Contains(t, a.Note.String(), "the receiver behind gave no reply, so OpenIM reads EOF: ")
			}
		})
	}
}

func TestForwardTellsTheReceiverThatTheClientLeft(t *testing.T) {
	left := make(chan struct{})
	target := behind(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		<-r.Context().Done()
		close(left)
	})
	url, arrivals := forwarding(t, target)
	e := sendWithin(t, url+"/callbackBeforeAddFriendCommand", 50*time.Millisecond)
	assert.Equal(t, validate.Timeout, e.Reply.Failure)
	<-left
	a := <-arrivals
	assert.Equal(t, validate.Canceled, a.Reply.Failure, "long before OpenIM's timeout")
	assert.Equal(t, validate.Fail, a.Verdict.Outcome)
	assert.Contains(t, a.Note.String(), "the client went away after ")
}

// TestForwardKeepsTheTiming reads the first piece of a reply before the real
// receiver has sent the last.
func TestForwardKeepsTheTiming(t *testing.T) {
	more := make(chan struct{})
	target := behind(t, func(w http.ResponseWriter, _ *http.Request) {
		for i, piece := range []string{`{"actionCode"`, `:0`, `}`} {
			if i == 2 {
				<-more
			}
			_, _ = io.WriteString(w, piece)
			w.(http.Flusher).Flush()
		}
	})
	url, _ := forwarding(t, target)
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "POST /callbackBeforeAddFriendCommand HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
	require.NoError(t, err)
	var text strings.Builder
	one := make([]byte, 1)
	for !strings.Contains(text.String(), `"actionCode"`) {
		_, err := conn.Read(one)
		require.NoError(t, err, text.String())
		text.Write(one)
	}
	close(more)
	rest, err := io.ReadAll(conn)
	require.NoError(t, err)
	assert.Contains(t, string(rest), "}")
}

// TestForwardOddReplies: what HTTP has no body for, and what is no status.
func TestForwardOddReplies(t *testing.T) {
	for reply, want := range map[string]struct {
		failure validate.Failure
		status  int
	}{
		"HTTP/1.1 204 No Content\r\n\r\n":                        {"", 204},
		"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n": {"", 304},
		"HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n":          {validate.Network, 0},
	} {
		base, _ := rawReceiver(t, strings.Replace(reply, "\r\n", "\r\nConnection: close\r\n", 1))
		url, arrivals := forwarding(t, base)
		e := send(t, url+"/callbackBeforeAddFriendCommand", simulator.SenderOptions{})
		a := <-arrivals
		assert.Equal(t, want.failure, a.Reply.Failure, reply)
		assert.Equal(t, want.status, a.Reply.Status, reply)
		assert.Equal(t, want.status, e.Reply.Status, reply)
	}
}

// TestForwardStopsBesideAHangingReceiver: its exchange is observed before Serve
// returns.
func TestForwardStopsBesideAHangingReceiver(t *testing.T) {
	reached := make(chan struct{})
	target := behind(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		close(reached)
		<-r.Context().Done()
	})
	f, err := simulator.NewForwarder(targetOf(t, target), simulator.SenderOptions{})
	require.NoError(t, err)
	defer f.Close()
	var seen []*simulator.Arrival
	receiver := simulator.NewReceiver(simulator.ReceiverOptions{Forward: f, Observe: func(a *simulator.Arrival) { seen = append(seen, a) }})
	l := listen(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- simulator.Serve(ctx, l, receiver, simulator.ServeOptions{}) }()
	go func() {
		_ = send(t, "http://"+l.Addr().String()+"/callbackBeforeAddFriendCommand", simulator.SenderOptions{})
	}()
	<-reached
	stop()
	require.NoError(t, <-ended)
	require.Len(t, seen, 1)
	assert.Contains(t, seen[0].Note.String(), "the receiver was stopped after ")
}

func TestNewForwarderSaysWhatIsWrong(t *testing.T) {
	for _, base := range []string{"http://127.0.0.1/?a=b", "http://127.0.0.1/#a"} {
		_, err := simulator.NewForwarder(targetOf(t, base), simulator.SenderOptions{})
		assert.ErrorContains(t, err, "has a query or fragment", base)
	}
}
