package simulator

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
)

const (
	// DefaultMaxReply is the limit on a reply's decoded body, in bytes. OpenIM
	// has none.
	DefaultMaxReply = 16 << 20

	// maxConnections to one host, as in OpenIM.
	maxConnections = 100
)

// SenderOptions say how to send. The zero value sends as OpenIM does with its
// default configuration.
type SenderOptions struct {
	// Timeout is the callback's timeout. 0: validate.DefaultTimeout. Above validate.MaxTimeout
	// it has no effect.
	Timeout time.Duration
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
	timeout   time.Duration
	maxReply  int64
}

// NewSender returns a sender. The error says which option is out of range or
// which header can't be sent.
func NewSender(o SenderOptions) (*Sender, error) {
	if o.Timeout < 0 {
		return nil, fmt.Errorf("timeout %s is negative: use 0 for the default of %s, or up to %s", o.Timeout, validate.DefaultTimeout, validate.MaxTimeout)
	}
	if o.MaxReply < 0 {
		return nil, fmt.Errorf("reply limit %d is negative: use 0 for the default of %d bytes", o.MaxReply, int64(DefaultMaxReply))
	}
	s := &Sender{transport: newTransport(o), timeout: validate.DefaultTimeout, maxReply: DefaultMaxReply}
	if o.Timeout > 0 {
		s.timeout = o.Timeout
	}
	if o.MaxReply > 0 {
		s.maxReply = o.MaxReply
	}
	return s, s.setHeaders(o.Headers)
}

func newTransport(o SenderOptions) *http.Transport {
	t := &http.Transport{
		MaxConnsPerHost: maxConnections,
		Protocols:       new(http.Protocols),
		TLSClientConfig: &tls.Config{InsecureSkipVerify: o.Insecure, RootCAs: o.RootCAs, Certificates: o.Certificates},
	}
	t.Protocols.SetHTTP1(true)
	if o.Proxy != nil {
		t.Proxy = http.ProxyURL(o.Proxy)
	}
	return t
}

// Close closes the idle connections.
func (s *Sender) Close() { s.transport.CloseIdleConnections() }

// Request returns what Send would put on the wire, without sending it.
func (s *Sender) Request(url string, p *fixtures.Payload) validate.Request {
	plain := payloadRequest(url, p)
	r, err := s.httpRequest(context.Background(), plain)
	if err != nil {
		return plain
	}
	return onWire(r, plain)
}

// Send posts the payload to url (see URL). Every way in which that can end is
// an exchange: where no whole reply came, its reply has a Failure. The
// exchange shares the payload's body.
func (s *Sender) Send(ctx context.Context, url string, p *fixtures.Payload) validate.Exchange {
	return s.Do(ctx, p.Callback.Key, p.Command, payloadRequest(url, p))
}

// Resend sends the recorded exchange's request again, byte for byte, to url.
// Empty: to where it went before.
func (s *Sender) Resend(ctx context.Context, url string, recorded validate.Exchange) validate.Exchange {
	req := recorded.Request
	if url != "" {
		req.URL = url
		req.Headers = without(req.Headers, "Host") // it names the old receiver
	}
	return s.Do(ctx, recorded.Callback, recorded.Command, req)
}
