package simulator

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/imcb-dev/imcb/fixtures/words"
)

// The limits of Serve. A handler that needs longer sets its own deadlines with
// an http.ResponseController.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = 30 * time.Second
	idleTimeout       = 120 * time.Second
	stopTimeout       = 5 * time.Second
	unusedTimeout     = 500 * time.Millisecond
	cutTimeout        = time.Second
	maxHeaderBytes    = 64 << 10
)

// ServeOptions say how to serve. The zero value serves localhost and IP
// addresses.
type ServeOptions struct {
	// Hosts are further names under which requests may come (see GuardHost).
	Hosts []string
	// Refused is told, from many goroutines, why a request did not reach the
	// handler: its host is none of these, another web site sent it, it was no
	// HTTP, TLS failed; or that the handler panicked. Remote may be empty. Nil:
	// nobody is told.
	Refused func(remote string, why words.Text)
}

// Serve answers requests on l with h until ctx is done; then it closes l,
// waits up to 5 seconds for the requests under way and returns nil. The error
// says that l failed, or that requests had to be cut off. Connections on which
// no request has come yet are no reason to wait. No handler runs when it
// returns, unless one does not notice that its request is over.
//
// The whole of h is guarded against browsers: requests of other web sites are
// refused (http.CrossOriginProtection), and so are host names other than
// localhost and the options' (see GuardHost).
func Serve(ctx context.Context, l net.Listener, h http.Handler, o ServeOptions) error {
	if o.Refused == nil {
		o.Refused = func(string, words.Text) {}
	}
	origin := http.NewCrossOriginProtection()
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		why := say("refused-site")
		o.Refused(r.RemoteAddr, why)
		http.Error(w, why.String(), http.StatusForbidden)
	}))
	return serve(ctx, l, origin.Handler(h), o, stopTimeout)
}

// refusals are what http.Server says of connections that came to nothing.
type refusals func(remote string, why words.Text)

func (r refusals) Write(line []byte) (int, error) {
	r("", say("refused-by-net-http", "line", strings.TrimSpace(string(line))))
	return len(line), nil
}

func serve(ctx context.Context, l net.Listener, h http.Handler, o ServeOptions, wait time.Duration) error {
	var under underway
	srv := &http.Server{
		Handler:           under.count(guardHost(h, o.Hosts, o.Refused)),
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          log.New(refusals(o.Refused), "", 0),
	}
	defer under.wait(cutTimeout)
	defer srv.Close() // cuts off what is left
	srv.BaseContext = func(net.Listener) context.Context {
		return context.WithValue(context.Background(), stopKey{}, ctx.Done())
	}
	var unused unusedConns
	srv.ConnState = unused.note
	stopped := make(chan error, 1)
	forget := context.AfterFunc(ctx, func() {
		soon := time.AfterFunc(min(unusedTimeout, wait), unused.closeAll)
		defer soon.Stop()
		stopped <- shutDown(srv, wait)
	})
	if err := srv.Serve(l); forget() { // l failed before ctx was done
		return err
	}
	return <-stopped
}

// underway counts the requests that a handler works on.
type underway struct{ sync.WaitGroup }

func (u *underway) count(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u.Add(1)
		defer u.Done()
		h.ServeHTTP(w, r)
	})
}

// wait waits until they are done, but for limit at most.
func (u *underway) wait(limit time.Duration) {
	done := make(chan struct{})
	go func() {
		u.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(limit):
	}
}

// stopKey is that of the channel which closes when the server is to stop.
type stopKey struct{}

// stopping closes when the server that serves a request is to stop; requests
// that wait for nothing end then. Nil for other servers.
func stopping(request context.Context) <-chan struct{} {
	stop, _ := request.Value(stopKey{}).(<-chan struct{})
	return stop
}

// shutDown lets the requests under way finish, but for wait at most.
func shutDown(srv *http.Server, wait time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	if err := srv.Shutdown(ctx); err != nil {
		return fmt.Errorf("requests that were still under way %s after the stop were cut off: %w", wait, err)
	}
	return nil
}

// unusedConns are the connections whose first request has not come yet: a
// browser opens some in advance. A server that shuts down would wait for them.
type unusedConns struct {
	mu  sync.Mutex
	all map[net.Conn]struct{}
}

// note is an http.Server's ConnState.
func (u *unusedConns) note(c net.Conn, state http.ConnState) {
	if state == http.StateIdle {
		return // it was active before
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if state != http.StateNew {
		delete(u.all, c)
		return
	}
	if u.all == nil {
		u.all = make(map[net.Conn]struct{})
	}
	u.all[c] = struct{}{}
}

func (u *unusedConns) closeAll() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for c := range u.all {
		go c.Close() // with TLS it waits for who holds the connection
	}
}
