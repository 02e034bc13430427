package simulator

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/imcb-dev/imcb/validate"
)

// directListener answers what OpenIM's client sends and no rule is for by
// itself, in half of the time that net/http takes. A connection on which
// anything else comes, also a request in two pieces, goes on to net/http with
// what was read of it, and stays there.
type directListener struct {
	net.Listener
	receiver *Receiver
	hosts    *hostGuard
	refused  func(remote, why string)
	handed   chan net.Conn
	failed   chan error
	stopped  chan struct{}

	under underway // the connections
	mu    sync.Mutex
	conns map[*directConn]struct{}
}

func newDirectListener(l net.Listener, r *Receiver, hosts *hostGuard, refused func(remote, why string)) *directListener {
	d := &directListener{
		Listener: l, receiver: r, hosts: hosts, refused: refused,
		handed: make(chan net.Conn), failed: make(chan error), stopped: make(chan struct{}), conns: make(map[*directConn]struct{}),
	}
	go d.accept()
	return d
}

// accept takes connections until the listener fails for good.
func (d *directListener) accept() {
	for {
		conn, err := d.Listener.Accept()
		if err != nil {
			select {
			case d.failed <- err: // net/http decides whether to go on
			case <-d.stopped:
				return
			}
			continue
		}
		if _, secure := conn.(*tls.Conn); secure {
			d.hand(conn)
		} else {
			d.begin(conn)
		}
	}
}

// begin serves a connection, unless Close was called.
func (d *directListener) begin(conn net.Conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.isStopped() {
		_ = conn.Close()
		return
	}
	c := &directConn{Conn: conn, of: d}
	_ = c.SetReadDeadline(time.Now().Add(readHeaderTimeout)) // Close sets another
	d.conns[c] = struct{}{}
	d.under.Go(c.serve)
}

func (d *directListener) isStopped() bool {
	select {
	case <-d.stopped:
		return true
	default:
		return false
	}
}

// Accept returns the next connection that is for net/http.
func (d *directListener) Accept() (net.Conn, error) {
	select {
	case conn := <-d.handed:
		return conn, nil
	case err := <-d.failed:
		return nil, err
	case <-d.stopped:
		return nil, net.ErrClosed
	}
}

func (d *directListener) hand(conn net.Conn) {
	select {
	case d.handed <- conn:
	case <-d.stopped:
		_ = conn.Close()
	}
}

// Close ends the connections that wait for a request; those on which none came
// yet soon, and the others when theirs is answered.
func (d *directListener) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.isStopped() {
		return nil
	}
	close(d.stopped)
	for c := range d.conns {
		wait := time.Duration(0)
		if !c.used.Load() {
			wait = unusedTimeout
		}
		_ = c.SetReadDeadline(time.Now().Add(wait))
	}
	return d.Listener.Close()
}

// cut closes the connections that are left, and waits a little until they end.
func (d *directListener) cut() {
	d.mu.Lock()
	for c := range d.conns {
		_ = c.Close()
	}
	d.mu.Unlock()
	d.under.wait(cutTimeout)
}

// directConn is a connection on which nothing came yet that is for net/http.
type directConn struct {
	net.Conn
	of      *directListener
	request directRequest
	remote  string
	used    atomic.Bool // a request was answered
	rest    []byte      // what is for net/http
	renewed time.Time   // when the deadlines were set
	made    int64       // the second that ready was made in
	ready   []byte      // the reply
}

// The sizes and times of direct connections.
const (
	maxDirect  = 8 << 10 // bytes of a request
	renewAfter = 10 * time.Second
)

// serve answers requests until there is one for net/http.
func (c *directConn) serve() {
	defer c.end()
	if remote := c.RemoteAddr(); remote != nil {
		c.remote = remote.String()
	}
	buffer := make([]byte, maxDirect)
	for !c.used.Load() || !c.of.isStopped() {
		n, err := c.Read(buffer)
		if err != nil {
			return
		}
		answered, err := c.answer(buffer[:n])
		if err != nil {
			return
		}
		if !answered {
			_ = c.SetDeadline(time.Time{})
			c.rest = buffer[:n]
			return
		}
		c.used.Store(true)
	}
}

// end hands the connection over if there is a rest, and closes it else. Like
// net/http it survives a handler's panic.
func (c *directConn) end() {
	p := recover()
	if p != nil && p != http.ErrAbortHandler {
		c.of.refused(c.remote, fmt.Sprintf("panic serving a callback: %v\n%s", p, debug.Stack()))
	}
	c.of.mu.Lock()
	delete(c.of.conns, c)
	c.of.mu.Unlock()
	if c.rest == nil {
		_ = c.Close()
		return
	}
	c.of.hand(&replayConn{Conn: c.Conn, rest: c.rest})
}

// answer answers a request, or reports that it is for net/http. The error says
// that the connection must end.
func (c *directConn) answer(data []byte) (answered bool, err error) {
	q, start := &c.request, time.Now()
	if !q.read(data) || strings.Contains(q.path, "/_") || !c.of.hosts.allows(q.values[directHost]) {
		return false, nil
	}
	a := c.arrival(start)
	if a.Callback == nil || !c.of.receiver.allowsPlainly(a) {
		return false, nil
	}
	if start.Sub(c.renewed) >= renewAfter {
		c.renewed = start
		_ = c.SetReadDeadline(start.Add(idleTimeout))
		_ = c.SetWriteDeadline(start.Add(writeTimeout))
	}
	a.Reply = plainReply
	if err := c.of.receiver.observe(a, true); err != nil {
		return true, err
	}
	_, err = c.Write(c.reply(start))
	return true, err
}

// arrival describes the request as newArrival does.
func (c *directConn) arrival(start time.Time) *Arrival {
	q := &c.request
	r := validate.Request{
		Method: http.MethodPost, URL: "http://" + q.values[directHost] + q.path,
		Headers: make([]validate.Header, 0, len(directHeaders)), Body: bytes.Clone(q.body),
	}
	for i, name := range directHeaders {
		if q.values[i] != "" {
			r.Headers = append(r.Headers, validate.Header{name, q.values[i]})
		}
	}
	return arrivalOf(start, &url.URL{Path: q.path}, c.remote, r)
}

// reply is the plain allow as net/http writes it.
func (c *directConn) reply(now time.Time) []byte {
	if c.of.isStopped() {
		return appendPlainReply(nil, now, "Connection: close\r\n")
	}
	if second := now.Unix(); second != c.made {
		c.made, c.ready = second, appendPlainReply(c.ready[:0], now, "")
	}
	return c.ready
}

func appendPlainReply(dst []byte, now time.Time, more string) []byte {
	dst = append(dst, "HTTP/1.1 200 OK\r\nContent-Type: "+jsonType[0]+"\r\nDate: "...)
	dst = now.UTC().AppendFormat(dst, http.TimeFormat)
	dst = append(dst, "\r\nContent-Length: "+plainReply.Header("Content-Length")+"\r\n"+more+"\r\n"...)
	return append(dst, plainReply.Body...)
}

// replayConn is a connection of which something was read already.
type replayConn struct {
	net.Conn
	rest []byte
}

// Read returns what was read already before it reads more.
func (c *replayConn) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		return c.Conn.Read(p)
	}
	n := copy(p, c.rest)
	if c.rest = c.rest[n:]; len(c.rest) == 0 {
		c.rest = nil
	}
	return n, nil
}

// NetConn is the connection itself.
func (c *replayConn) NetConn() net.Conn { return c.Conn }

// CloseWrite tells the client that nothing more comes; net/http does so before
// it closes a connection whose request it did not read to the end.
func (c *replayConn) CloseWrite() error {
	if conn, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return conn.CloseWrite()
	}
	return errors.ErrUnsupported
}
