package simulator

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
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
	under    *underway
	handed   chan net.Conn
	failed   chan error
	stopped  chan struct{}

	mu    sync.Mutex
	conns map[*directConn]struct{}
	left  chan struct{} // has room for one: a connection ended
}

func newDirectListener(l net.Listener, r *Receiver, hosts *hostGuard, refused func(remote, why string), under *underway) *directListener {
	d := &directListener{
		Listener: l, receiver: r, hosts: hosts, refused: refused, under: under,
		handed: make(chan net.Conn), failed: make(chan error), stopped: make(chan struct{}), conns: make(map[*directConn]struct{}),
		left: make(chan struct{}, 1),
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
			continue
		}
		c := &directConn{Conn: conn, of: d}
		d.mu.Lock()
		d.conns[c] = struct{}{}
		d.mu.Unlock()
		d.under.Go(c.serve)
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
	select {
	case <-d.stopped:
		return nil
	default:
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

// drain waits until all connections ended.
func (d *directListener) drain(ctx context.Context) error {
	for d.busy() {
		select {
		case <-d.left:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (d *directListener) busy() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.conns) > 0
}

// cut closes the connections that are left.
func (d *directListener) cut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for c := range d.conns {
		_ = c.Close()
	}
}

// directConn is a connection on which nothing came yet that is for net/http.
type directConn struct {
	net.Conn
	of      *directListener
	request directRequest
	remote  string
	used    atomic.Bool
	renewed time.Time // when the deadlines were set
	date    int64     // the second that head was made in
	head    []byte
}

// The sizes and times of direct connections.
const (
	maxDirect  = 8 << 10 // bytes of a request
	renewAfter = 10 * time.Second
)

// serve answers requests until there is one for net/http.
func (c *directConn) serve() {
	defer c.forget()
	buffer := make([]byte, maxDirect)
	_ = c.SetReadDeadline(time.Now().Add(readHeaderTimeout))
	for {
		select {
		case <-c.of.stopped:
			if c.used.Load() {
				_ = c.Close()
				return
			}
		default:
		}
		n, err := c.Read(buffer)
		if err != nil {
			_ = c.Close()
			return
		}
		answered, err := c.answer(buffer[:n])
		if err != nil {
			_ = c.Close()
			return
		}
		if !answered {
			_ = c.SetDeadline(time.Time{})
			c.of.hand(&replayConn{Conn: c.Conn, rest: buffer[:n]})
			return
		}
		c.used.Store(true)
	}
}

// forget ends serve. Like net/http it survives a handler's panic.
func (c *directConn) forget() {
	if p := recover(); p != nil {
		_ = c.Close()
		c.of.refused(c.RemoteAddr().String(), fmt.Sprintf("panic serving a callback: %v", p))
	}
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	delete(c.of.conns, c)
	signal(c.of.left)
}

// answer answers a request, or reports that it is for net/http. The error says
// that the connection must end.
func (c *directConn) answer(data []byte) (answered bool, err error) {
	q, start := &c.request, time.Now()
	if !q.read(data) || !q.isCallback() || !c.of.hosts.allows(q.values[directHost]) {
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
	if c.remote == "" {
		c.remote = c.RemoteAddr().String()
	}
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
	if second := now.Unix(); second != c.date {
		c.date = second
		c.head = append(c.head[:0], "HTTP/1.1 200 OK\r\nContent-Type: "+jsonType[0]+"\r\nDate: "...)
		c.head = now.UTC().AppendFormat(c.head, http.TimeFormat)
		c.head = append(c.head, "\r\nContent-Length: "+plainReply.Header("Content-Length")+"\r\n\r\n"+fixtures.PlainAllow...)
	}
	return c.head
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
