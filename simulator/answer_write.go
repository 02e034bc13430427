package simulator

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
)

// answer does what the answer says, and observes it.
func (x *transfer) answer(a Answer) {
	for _, h := range a.Headers {
		x.w.Header().Add(h[0], h[1])
	}
	if a.Status == 0 {
		a.Status = http.StatusOK
	}
	switch a.Break {
	case Hang:
		x.hang()
	case Close, Abort:
		x.fail(validate.Reset, x.closing(a.Break == Abort))
		x.hijack(nil, a.Break == Abort)
	case Garbage:
		x.fail(validate.Malformed, malformed(a.Body))
		x.hijack(a.Body, false)
	case Cut:
		x.cut(a.Status, a.Body)
	case Drip:
		x.drip(a)
	default:
		x.reply(a.Status, a.Body)
	}
}

// hang holds the request until the client goes away, or the receiver does.
func (x *transfer) hang() {
	x.extend(MaxWait)
	select {
	case <-x.req.Context().Done():
	case <-stopping(x.req.Context()):
	case <-time.After(MaxWait):
	}
	x.arrival.note(say("held", "time", x.age()))
	x.fail(validate.Timeout, "")
	panic(http.ErrAbortHandler)
}

// reply observes and writes a whole reply.
func (x *transfer) reply(status int, body []byte) {
	if status == http.StatusNoContent || status == http.StatusNotModified {
		body = nil // HTTP has none there
	} else {
		x.head(body)
	}
	x.arrival.Reply = validate.Reply{Status: status, Headers: sorted(x.w.Header()), Body: body}
	x.unpack(x.w.Header().Get("Content-Encoding"), DefaultMaxReply)
	x.tell(false)
	x.write(status, body)
}

// plainReply is the plain allow as most requests get it. It is shared.
var plainReply = validate.Reply{
	Status:  http.StatusOK,
	Headers: []validate.Header{{"Content-Length", strconv.Itoa(len(fixtures.PlainAllow))}, {"Content-Type", jsonType[0]}},
	Body:    []byte(fixtures.PlainAllow),
}

// allow answers so that nothing changes.
func (x *transfer) allow(body []byte) {
	if string(body) != fixtures.PlainAllow || len(x.w.Header()) > 0 {
		x.reply(http.StatusOK, body)
		return
	}
	x.arrival.Reply = plainReply
	x.tell(true)
	x.w.Header()["Content-Type"] = jsonType
	_, _ = x.w.Write(plainReply.Body) // net/http adds the length
}

func (x *transfer) head(body []byte) {
	h := x.w.Header()
	if h["Content-Type"] == nil {
		h["Content-Type"] = jsonType
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
}

var jsonType = []string{"application/json; charset=utf-8"}

func (x *transfer) write(status int, body []byte) {
	x.w.WriteHeader(status)
	_, _ = x.w.Write(body) // a client that went away has nothing to be told
}

// fail observes that there is no whole reply, and what OpenIM's client says of
// it: the reason, or what it usually is ("").
func (x *transfer) fail(f validate.Failure, reason string) {
	x.arrival.Reply.Failure = f
	x.arrival.Reply.Detail = x.arrival.ClientText(reason)
	x.tell(false)
}

// closing is what the client says of a connection without a reply, if it is
// reset; otherwise the usual.
func (x *transfer) closing(reset bool) string {
	local, ok := x.req.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !reset || !ok {
		return ""
	}
	return fmt.Sprintf("read tcp %s->%s: read: connection reset by peer", x.req.RemoteAddr, local)
}

// malformed is what the client says of bytes that are not HTTP.
func malformed(data []byte) string {
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(data)), nil)
	if err != nil {
		return "net/http: HTTP/1.x transport connection broken: " + err.Error()
	}
	resp.Body.Close()
	return ""
}

// hijack takes the connection over, writes data as it is and closes it, with a
// reset if so wanted.
func (x *transfer) hijack(data []byte, reset bool) {
	conn, _, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // closes it as well
	}
	defer conn.Close()
	_, _ = conn.Write(data)
	for {
		wrapped, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		conn = wrapped.NetConn()
		defer conn.Close()
	}
	if tcp, ok := conn.(*net.TCPConn); ok && reset {
		_ = tcp.SetLinger(0)
	}
}

// cut writes half of the body and closes the connection.
func (x *transfer) cut(status int, body []byte) {
	x.head(body)
	half := body[:len(body)/2]
	x.arrival.Reply = validate.Reply{Status: status, Headers: sorted(x.w.Header()), Body: half}
	x.fail(validate.Truncated, "")
	x.write(status, half)
	_ = http.NewResponseController(x.w).Flush()
	panic(http.ErrAbortHandler)
}

// The steps of a drip, and how long it takes unless told otherwise.
const (
	maxDrips    = 500
	defaultDrip = 3 * time.Second
)

// drip writes the body piece by piece, single bytes if it is short.
func (x *transfer) drip(a Answer) {
	x.head(a.Body)
	if a.Over <= 0 {
		a.Over = defaultDrip
	}
	size := max(1, (len(a.Body)+maxDrips-1)/maxDrips)
	pieces := max(1, (len(a.Body)+size-1)/size)
	each := min(a.Over, MaxWait) / time.Duration(pieces)
	x.extend(min(a.Over, MaxWait))
	x.w.WriteHeader(a.Status)
	x.arrival.Reply = validate.Reply{Status: a.Status, Headers: sorted(x.w.Header())}
	for rest := a.Body; len(rest) > 0; rest = rest[min(size, len(rest)):] {
		_ = http.NewResponseController(x.w).Flush()
		if !x.pause(each, each*time.Duration((len(rest)+size-1)/size)) {
			x.gone()
		}
		x.arrival.Reply.Body = a.Body[:len(a.Body)-len(rest)+min(size, len(rest))]
		if len(rest) <= size {
			x.tell(false)
		}
		_, _ = x.w.Write(rest[:min(size, len(rest))])
	}
}
