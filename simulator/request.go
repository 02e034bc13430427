package simulator

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
)

// payloadRequest gives the payload the headers that its server version sets
// itself; those of the HTTP client come in onWire.
func payloadRequest(to string, p *fixtures.Payload) validate.Request {
	headers := []validate.Header{{"Content-Type", "application/json; charset=utf-8"}}
	// OpenIM sets "operationID", which Go writes in its canonical form.
	if p.OperationID != "" || p.Server.Wire().EmptyOperationID {
		headers = append(headers, validate.Header{"Operationid", p.OperationID})
	}
	return validate.Request{Method: http.MethodPost, URL: to, Headers: headers, Body: p.Body}
}

// httpRequest builds the request for net/http. The error says why the URL or
// the method can't be requested.
func (s *Sender) httpRequest(ctx context.Context, req validate.Request) (*http.Request, error) {
	method := cmp.Or(req.Method, http.MethodPost)
	r, err := http.NewRequestWithContext(ctx, method, req.URL, bytes.NewReader(req.Body))
	if err != nil {
		return nil, err
	}
	for _, h := range req.Headers {
		addHeader(r, h)
	}
	maps.Copy(r.Header, s.headers)
	r.Host = cmp.Or(s.host, r.Host)
	if u := r.URL.User; u != nil && r.Header.Get("Authorization") == "" {
		// net/http would add it too, but too late for onWire to see.
		password, _ := u.Password()
		r.SetBasicAuth(u.Username(), password)
	}
	return r, nil
}

// addHeader adds a header of a recorded request, but for those that net/http
// writes itself.
func addHeader(r *http.Request, h validate.Header) {
	name, value := textproto.CanonicalMIMEHeaderKey(h[0]), h[1]
	switch {
	case name == "Host":
		r.Host = value
	case slices.Contains(unsettable, name):
	case name == "Accept-Encoding" && value == "gzip":
		// Set by hand it would move among the sorted headers, and net/http
		// would no longer decode the reply.
	default:
		r.Header.Add(name, value)
	}
}

// unsettable are headers that follow from the body; net/http ignores them.
var unsettable = []string{"Content-Length", "Transfer-Encoding", "Trailer"}

// onWire completes req with the headers as they go over the wire, in that
// order. It asks net/http, which reports each header line that it writes.
func onWire(r *http.Request, req validate.Request) validate.Request {
	req.Method = r.Method
	req.Headers = nil
	trace := &httptrace.ClientTrace{WroteHeaderField: func(name string, values []string) {
		for _, v := range values {
			req.Headers = append(req.Headers, validate.Header{name, v})
		}
	}}
	dry := r.WithContext(httptrace.WithClientTrace(context.Background(), trace))
	dry.Body, _ = r.GetBody() // a bytes.Reader's never fails
	if dry.Write(io.Discard) == nil && asksForGzip(r) {
		req.Headers = append(req.Headers, validate.Header{"Accept-Encoding", "gzip"})
	}
	return req
}

// asksForGzip reports whether the transport adds Accept-Encoding, by the rule
// in net/http's persistConn.roundTrip.
func asksForGzip(r *http.Request) bool {
	return r.Header.Get("Accept-Encoding") == "" && r.Header.Get("Range") == "" && r.Method != http.MethodHead
}

func (s *Sender) setHeaders(headers []validate.Header) error {
	s.headers = http.Header{}
	for _, h := range headers {
		if err := checkHeader(h); err != nil {
			return err
		}
		if name := textproto.CanonicalMIMEHeaderKey(h[0]); name == "Host" {
			s.host = h[1]
		} else {
			s.headers.Add(name, h[1])
		}
	}
	return nil
}

func checkHeader(h validate.Header) error {
	name := h[0]
	switch {
	case name == "" || strings.ContainsFunc(name, notInHeaderName):
		return fmt.Errorf("header name %q is not valid: use letters, digits and hyphens", name)
	case strings.ContainsFunc(h[1], func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }):
		return fmt.Errorf("header %s has a control character in its value: write it on one line", name)
	case slices.Contains(unsettable, textproto.CanonicalMIMEHeaderKey(name)):
		return fmt.Errorf("header %s can't be set: it follows from the body", name)
	}
	return nil
}

func notInHeaderName(c rune) bool {
	return c <= ' ' || c >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, c)
}

func without(headers []validate.Header, name string) []validate.Header {
	return slices.DeleteFunc(slices.Clone(headers), func(h validate.Header) bool { return strings.EqualFold(h[0], name) })
}

// sorted lists headers, and more of them, by name; net/http does not keep their
// order.
func sorted(headers http.Header, more ...validate.Header) []validate.Header {
	list := make([]validate.Header, 0, len(headers)+len(more))
	list = append(list, more...)
	for name, values := range headers {
		for _, value := range values {
			list = append(list, validate.Header{name, value})
		}
	}
	slices.SortStableFunc(list, func(a, b validate.Header) int { return strings.Compare(a[0], b[0]) })
	return list
}
