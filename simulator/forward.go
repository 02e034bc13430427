package simulator

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
)

// Forwarder passes requests on to another receiver.
type Forwarder struct {
	to        Target
	transport *http.Transport
	maxReply  int64
}

// NewForwarder returns a forwarder to another receiver. Of the options it takes
// those for TLS, the proxy and MaxReply. The error says that the target's base
// has a part that could not be passed on.
func NewForwarder(to Target, o SenderOptions) (*Forwarder, error) {
	if to.parsed.RawQuery != "" || to.parsed.Fragment != "" {
		return nil, errors.New("the URL to forward to has a query or fragment, which would not reach the receiver: leave it out")
	}
	f := &Forwarder{to: to, transport: newTransport(o), maxReply: DefaultMaxReply}
	f.transport.DisableCompression = true // what the receiver sent goes back as it is
	f.transport.MaxConnsPerHost, f.transport.MaxIdleConnsPerHost = 0, fixtures.Connections
	if o.MaxReply > 0 {
		f.maxReply = o.MaxReply
	}
	return f, nil
}

// Close closes the idle connections.
func (f *Forwarder) Close() { f.transport.CloseIdleConnections() }

// hopByHop headers belong to one connection. Of the request also those that
// net/http writes itself.
var hopByHop = []string{"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade"}

func endToEnd(from http.Header) http.Header {
	to := maps.Clone(from)
	for _, name := range hopByHop {
		delete(to, name)
	}
	return to
}

// via marks what a forwarder passed on (RFC 9110, Via), so that a loop is seen.
const via = "1.1 imcb"

// mostHops is how often a request may pass a forwarder: each --forward in a row
// is one, and nobody has as many.
const mostHops = 5

// passes is how often the request has passed a forwarder.
func passes(h http.Header) (n int) {
	for _, line := range h["Via"] {
		n += strings.Count(line, via)
	}
	return n
}

// forward passes the request on, and the reply back as it comes.
func (x *transfer) forward() {
	x.arrival.Forwarded = true
	if n := passes(x.req.Header); n >= mostHops {
		x.notForwarded(say("loop", "times", n).Err())
	}
	x.extend(MaxWait)
	ctx, stop := x.whileServing()
	defer stop()
	resp, err := x.roundTrip(ctx)
	if err != nil {
		x.notForwarded(err)
		return
	}
	defer resp.Body.Close()
	if resp.StatusCode < 100 {
		x.notForwarded(fmt.Errorf("the status %03d is none of HTTP", resp.StatusCode))
	}
	h := x.w.Header()
	maps.Copy(h, endToEnd(resp.Header))
	for _, name := range []string{"Date", "Content-Type"} { // net/http would add its own
		if _, ok := h[name]; !ok {
			h[name] = nil
		}
	}
	x.arrival.Reply = validate.Reply{Status: resp.StatusCode, Headers: sorted(endToEnd(resp.Header))}
	x.w.WriteHeader(resp.StatusCode)
	x.pass(resp)
}

// whileServing is a context that ends with the request, soon after the server
// is to stop, and after MaxWait.
func (x *transfer) whileServing() (context.Context, func()) {
	ctx, cancel := context.WithTimeout(x.req.Context(), MaxWait)
	stop := stopping(ctx)
	go func() {
		select {
		case <-stop: // which waits for a while
			select {
			case <-time.After(stopTimeout / 2):
				cancel()
			case <-ctx.Done():
			}
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

func (x *transfer) roundTrip(ctx context.Context) (*http.Response, error) {
	to := x.receiver.Forward.to.forward(x.req.URL, x.arrival.FoundIn)
	out, err := http.NewRequestWithContext(ctx, x.req.Method, to.String(), bytes.NewReader(x.arrival.Request.Body))
	if err != nil {
		return nil, err
	}
	out.Header = endToEnd(x.req.Header)
	out.Header["Via"] = append(slices.Clone(out.Header["Via"]), via)
	if out.Header["User-Agent"] == nil {
		out.Header["User-Agent"] = []string{""} // none rather than net/http's
	}
	return x.receiver.Forward.transport.RoundTrip(out)
}

// notForwarded ends a request that got no reply: what OpenIM would have met at
// the receiver itself is a connection without an answer.
func (x *transfer) notForwarded(err error) {
	if errors.Is(err, context.Canceled) {
		x.gone()
	}
	failure := sendFailure(x.req.Context(), err, false)
	x.arrival.note(say("not-forwarded", "error", err))
	x.arrival.Reply.Failure, x.arrival.Reply.Detail = failure, err.Error()
	x.tell(false)
	panic(http.ErrAbortHandler)
}

// pass copies the body to the client while it arrives. Where its length is
// known the last piece waits until the exchange was observed; without a length
// the end that the server marks comes after that anyway.
func (x *transfer) pass(resp *http.Response) {
	var kept bytes.Buffer
	left := resp.ContentLength
	buffer := make([]byte, 32<<10)
	for {
		n, err := resp.Body.Read(buffer)
		if int64(kept.Len()) <= x.receiver.Forward.maxReply {
			kept.Write(buffer[:n])
		}
		left -= int64(n)
		if err == nil && left == 0 {
			err = io.EOF
		}
		if err != nil {
			x.passed(resp, kept.Bytes(), buffer[:n], err)
			return
		}
		x.send(buffer[:n])
	}
}

func (x *transfer) send(piece []byte) {
	_, _ = x.w.Write(piece)
	_ = http.NewResponseController(x.w).Flush()
}

// passed ends the copying: the body was read to its end, or to an error.
func (x *transfer) passed(resp *http.Response, body, last []byte, err error) {
	if !errors.Is(err, io.EOF) {
		if errors.Is(err, context.Canceled) {
			x.gone()
		}
		failure := bodyFailure(x.req.Context(), err)
		x.arrival.Reply.Body = body
		x.send(last)
		x.fail(failure, err.Error())
		panic(http.ErrAbortHandler)
	}
	x.decode(resp, body)
	x.tell(false)
	_, _ = x.w.Write(last)
}

// decode keeps the body that was passed on, decoded.
func (x *transfer) decode(resp *http.Response, body []byte) {
	limit := x.receiver.Forward.maxReply
	if int64(len(body)) > limit {
		x.arrival.Reply.Body, x.arrival.Reply.Failure, x.arrival.Reply.Detail = body[:limit], validate.TooLarge, tooLargeError(limit).Error()
		return
	}
	x.arrival.Reply.Body = body
	x.unpack(resp.Header.Get("Content-Encoding"), limit)
}

// unpack keeps a reply's body as OpenIM's client reads it.
func (x *transfer) unpack(encoding string, limit int64) {
	r := &x.arrival.Reply
	if len(r.Body) == 0 || !strings.EqualFold(encoding, "gzip") || !slices.Contains(x.req.Header["Accept-Encoding"], "gzip") {
		return
	}
	packed, err := gzip.NewReader(bytes.NewReader(r.Body))
	if err == nil {
		r.Body, err = readLimited(packed, limit)
	}
	if err != nil {
		r.Failure, r.Detail = bodyFailure(x.req.Context(), err), err.Error()
	}
}
