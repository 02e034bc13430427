package simulator

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"
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
	maxHeaderBytes    = 64 << 10
)

// Serve answers requests on l with h until ctx is done; then it closes l,
// waits up to 5 seconds for the requests under way and returns nil. The error
// says that l failed, or that requests had to be cut off. Connections on which
// no request has come yet are no reason to wait.
//
// The whole of h is guarded against browsers: requests of other web sites are
// refused (http.CrossOriginProtection), and so are host names other than
// localhost and hosts (see GuardHost).
func Serve(ctx context.Context, l net.Listener, h http.Handler, hosts ...string) error {
	return serve(ctx, l, GuardHost(http.NewCrossOriginProtection().Handler(h), hosts...), stopTimeout)
}

func serve(ctx context.Context, l net.Listener, h http.Handler, wait time.Duration) error {
	srv := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	srv.BaseContext = func(net.Listener) context.Context {
		return context.WithValue(context.Background(), stopKey{}, ctx.Done())
	}
	var unused unusedConns
	srv.ConnState = unused.note
	stopped := make(chan error, 1)
	forget := context.AfterFunc(ctx, func() {
		soon := time.AfterFunc(min(unusedTimeout, wait), unused.close)
		defer soon.Stop()
		stopped <- shutDown(srv, wait)
	})
	if err := srv.Serve(l); forget() { // l failed before ctx was done
		_ = srv.Close()
		return err
	}
	return <-stopped
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
		_ = srv.Close()
		return fmt.Errorf("requests that were still under way %s after the stop were cut off: %w", wait, err)
	}
	return nil
}
