package simulator

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
)

// DefaultMaxReply is the limit on a reply's decoded body, in bytes. OpenIM
// has none.
const DefaultMaxReply = 16 << 20

// SenderOptions say how to send. The zero value sends as OpenIM does with its
// default configuration.
type SenderOptions struct {
	// Headers are added to each request and replace those of the same name.
	Headers []validate.Header
	// Insecure accepts any TLS certificate.
	Insecure bool
	// RootCAs are the trusted certificate authorities. Nil: the system's.
	RootCAs *x509.CertPool
	// Certificates identify the sender in TLS.
	Certificates []tls.Certificate
	// Proxy is the HTTP proxy. Nil: none. The environment is ignored, as
	// OpenIM 3.7 and later do.
	Proxy *url.URL
	// MaxReply limits a reply's decoded body, in bytes. 0: DefaultMaxReply.
	MaxReply int64
}

// Sender sends callbacks as OpenIM's HTTP client does, but for one thing: it
// speaks HTTP/1.1 only, where OpenIM takes HTTP/2 from an https receiver that
// offers it. It is safe for concurrent use and keeps connections alive until
// Close.
type Sender struct {
	transport *http.Transport
	headers   http.Header // replace those of the request
	host      string      // replaces the Host header when not empty
	maxReply  int64
}

// NewSender returns a sender. The error says which option is out of range or
// which header can't be sent.
func NewSender(o SenderOptions) (*Sender, error) {
	if o.MaxReply < 0 {
		return nil, fmt.Errorf("reply limit %d is negative: use 0 for the default of %d bytes", o.MaxReply, int64(DefaultMaxReply))
	}
	s := &Sender{transport: newTransport(o), maxReply: DefaultMaxReply}
	if o.MaxReply > 0 {
		s.maxReply = o.MaxReply
	}
	return s, s.setHeaders(o.Headers)
}

func newTransport(o SenderOptions) *http.Transport {
	t := &http.Transport{
		MaxConnsPerHost: fixtures.Connections,
		Protocols:       new(http.Protocols),
		TLSClientConfig: &tls.Config{InsecureSkipVerify: o.Insecure, RootCAs: o.RootCAs, Certificates: o.Certificates},
	}
	t.Protocols.SetHTTP1(true)
	if o.Proxy != nil {
		t.Proxy = http.ProxyURL(o.Proxy)
	}
	return t
}

// Client is an HTTP client with the sender's connections, for what is no callback.
func (s *Sender) Client() *http.Client { return &http.Client{Transport: s.transport} }

// Close closes the idle connections.
func (s *Sender) Close() { s.transport.CloseIdleConnections() }

// Apart returns a sender like s with connections of its own, on which write puts
// the bytes of a request, in one or more calls; nil: as they come. A body that
// the receiver is asked for (Expect: 100-continue) waits a second for its answer.
func (s *Sender) Apart(write func(to io.Writer, text []byte) (int, error)) *Sender {
	own := *s
	own.transport = s.transport.Clone()
	own.transport.ExpectContinueTimeout = time.Second
	if write != nil {
		own.transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, address)
			return writing{conn, write}, err
		}
		own.transport.DialTLSContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := (&tls.Dialer{Config: s.transport.TLSClientConfig}).DialContext(ctx, network, address)
			return writing{conn, write}, err
		}
	}
	return &own
}

// writing is a connection on which write puts the bytes.
type writing struct {
	net.Conn
	write func(to io.Writer, text []byte) (int, error)
}

func (w writing) Write(text []byte) (int, error) { return w.write(w.Conn, text) }

// Request returns what Send would put on the wire, without sending it.
func (s *Sender) Request(to string, p *fixtures.Payload) validate.Request {
	plain := payloadRequest(to, p)
	r, err := s.httpRequest(context.Background(), plain)
	if err != nil {
		return plain
	}
	return onWire(r, plain)
}

// Send posts the payload to a URL (see Target.URL) and waits for the callback's
// timeout. 0: validate.DefaultTimeout; validate.MaxTimeout at most. Every way in
// which that can end is an exchange: where no whole reply came, its reply has a
// Failure. The exchange shares the payload's body.
func (s *Sender) Send(ctx context.Context, to string, p *fixtures.Payload, timeout time.Duration) validate.Exchange {
	return s.Do(ctx, validate.Exchange{Callback: p.Callback.Key, Command: p.Command, Request: payloadRequest(to, p), Timeout: timeout})
}

// Resend sends the recorded exchange's request again, byte for byte, to a URL
// (see Target.Again). Empty: to where it went before. The timeout is as in Send.
func (s *Sender) Resend(ctx context.Context, to string, recorded validate.Exchange, timeout time.Duration) validate.Exchange {
	if to != "" {
		recorded.Request.URL = to
		recorded.Request.Headers = without(recorded.Request.Headers, "Host") // it names the old receiver
	}
	recorded.Timeout = timeout
	return s.Do(ctx, recorded)
}
