package validate

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path"
	"time"
	"unicode/utf8"
)

// Exchange is one request and its reply, or the failure to get one. Its JSON
// form is a line of a journal.
type Exchange struct {
	// Time is when the request was sent or received.
	Time time.Time
	// Callback is the callback's key, Command its name on the wire. Either may
	// be empty when it is not known.
	Callback string
	Command  string
	Request  Request
	Reply    Reply
	// Timeout is how long the sender waited for the reply, as EffectiveTimeout
	// takes it. 0: it is not known, and the judge's own holds. It is not part of
	// the JSON form: who judges a journal asks for a timeout of their own.
	Timeout time.Duration
	// Unknown are the parts that the source of the exchange does not have. None:
	// it was recorded on the wire.
	Unknown []Part
}

// Header is the name and value of one HTTP header line.
type Header [2]string

// Request is the HTTP request of an exchange.
type Request struct {
	Method  string
	URL     string
	Headers []Header
	Body    []byte
}

// URLCommand is the command that the URL names: its query's command (OpenIM
// 3.0 to 3.4), else the last part of its path; "" without either.
func (r Request) URLCommand() string {
	u, err := url.Parse(r.URL)
	if err != nil {
		return ""
	}
	if command := u.Query().Get("command"); command != "" {
		return command
	}
	if name := path.Base(u.Path); name != "." && name != "/" {
		return name
	}
	return ""
}

// Reply is the HTTP reply of an exchange.
type Reply struct {
	// Status is the HTTP status code; 0 when none was received.
	Status  int
	Headers []Header
	// Body is the decoded body: after gzip, without chunking.
	Body []byte
	// Elapsed is the time from sending the request to the reply's last byte.
	Elapsed time.Duration
	// Failure says why there is no usable reply. Empty: the reply is whole.
	Failure Failure
	// Detail is what the HTTP client said of the failure.
	Detail string
	// Redirects are the hops that led to this reply.
	Redirects []Redirect
}

// Redirect is a hop: a reply that sent the client elsewhere.
type Redirect struct {
	Status   int    `json:"status"`
	Location string `json:"location"`
	// Method of the request that followed; GET means that the body was lost.
	Method string `json:"method"`
}

// Failure is a way in which a request ends without a whole reply.
type Failure string

// The failures. In those that are seen on the wire OpenIM reports 90004
// (NetworkError), but for TooLarge: OpenIM has no limit there, imcb does.
const (
	Timeout           Failure = "timeout"   // no whole reply within the timeout
	ConnectionRefused Failure = "refused"   // nothing listens there
	Reset             Failure = "reset"     // the connection was closed before the reply
	Truncated         Failure = "truncated" // the connection was closed within the body
	TLS               Failure = "tls"       // the TLS handshake or certificate failed
	TooLarge          Failure = "too-large" // the decoded body exceeds imcb's limit
	BadURL            Failure = "bad-url"   // the URL can't be requested
	NoHost            Failure = "no-host"   // the host name can't be resolved
	Redirects         Failure = "redirects" // more than ten redirects, or one without a target
	Encoding          Failure = "encoding"  // the body is not the gzip or the chunks it claims to be
	Malformed         Failure = "malformed" // what came is not HTTP
	Canceled          Failure = "canceled"  // the run was interrupted, or the client left
	Network           Failure = "network"   // any other network error

	// Of what OpenIM's own log says. With the first OpenIM reports 90007.
	Unreadable  Failure = "unreadable"  // OpenIM could not read the reply; Detail is what its reader said
	Panicked    Failure = "panic"       // OpenIM's handler panicked with the reply
	Unexplained Failure = "unexplained" // a refusal, or no reply that OpenIM could read
)

// Reached reports whether something answered: even a broken reply proves that
// the target is there.
func (r Reply) Reached() bool {
	switch r.Failure {
	case ConnectionRefused, BadURL, NoHost, Canceled, Network:
		return len(r.Redirects) > 0
	}
	return true
}

// Header returns the value of the first header with the given name in
// canonical form, or "".
func (r Reply) Header(name string) string {
	for _, h := range r.Headers {
		if h[0] == name {
			return h[1]
		}
	}
	return ""
}

// Answered reports whether the exchange has a reply, or the failure to get one.
func (e Exchange) Answered() bool {
	return e.Reply.Status != 0 || e.Reply.Failure != "" || e.Lacks(ReplyStatus) && !e.Lacks(WholeReply)
}

// Size is the memory that the exchange takes, about, in bytes. It is for whoever
// bounds how many wait or are kept.
func (e *Exchange) Size() int {
	const fields = 256
	n := fields + len(e.Command) + len(e.Request.URL) + len(e.Request.Body) + len(e.Reply.Body) + len(e.Reply.Detail)
	for _, headers := range [...][]Header{e.Request.Headers, e.Reply.Headers} {
		for i := range headers {
			n += 32 + len(headers[i][0]) + len(headers[i][1])
		}
	}
	return n
}

type exchangeJSON struct {
	Time     *time.Time  `json:"time,omitempty"`
	Callback string      `json:"callback,omitempty"`
	Command  string      `json:"command,omitempty"`
	Request  requestJSON `json:"request"`
	Reply    *replyJSON  `json:"reply,omitempty"`
	Unknown  []Part      `json:"unknown,omitempty"`
}

type bodyJSON struct {
	Body       *string `json:"body,omitempty"`
	BodyBase64 []byte  `json:"bodyBase64,omitempty"`
}

type requestJSON struct {
	Method  string   `json:"method"`
	URL     string   `json:"url"`
	Headers []Header `json:"headers,omitempty"`
	bodyJSON
}

type replyJSON struct {
	Status    int        `json:"status,omitempty"`
	Headers   []Header   `json:"headers,omitempty"`
	Redirects []Redirect `json:"redirects,omitempty"`
	bodyJSON
	Error     Failure `json:"error,omitempty"`
	Detail    string  `json:"detail,omitempty"`
	ElapsedMS float64 `json:"elapsed_ms"`
}

// MarshalJSON writes the exchange as a journal line. A body that is not UTF-8
// goes into bodyBase64. The error is that of a time that RFC 3339 can't write.
func (e Exchange) MarshalJSON() ([]byte, error) {
	out := exchangeJSON{
		Callback: e.Callback, Command: e.Command,
		Request: requestJSON{e.Request.Method, e.Request.URL, e.Request.Headers, bodyOf(e.Request.Body)}, Unknown: e.Unknown,
	}
	if e.Lacks(RequestBody) {
		out.Request.bodyJSON = bodyJSON{}
	}
	if !e.Time.IsZero() {
		out.Time = &e.Time
	}
	if r := &e.Reply; e.Answered() {
		out.Reply = &replyJSON{
			Status: r.Status, Headers: r.Headers, Redirects: r.Redirects, Error: r.Failure, Detail: r.Detail,
			ElapsedMS: float64(r.Elapsed.Microseconds()) / 1000,
		}
		if r.Failure == "" || len(r.Body) > 0 {
			out.Reply.bodyJSON = bodyOf(r.Body)
		}
	}
	return json.Marshal(out)
}

func bodyOf(body []byte) bodyJSON {
	if !utf8.Valid(body) {
		return bodyJSON{BodyBase64: body}
	}
	text := string(body)
	return bodyJSON{Body: &text}
}

// UnmarshalJSON reads a journal line. A line without a reply is a request that
// was never answered, as `imcb send --print json` writes it.
func (e *Exchange) UnmarshalJSON(data []byte) error {
	var in exchangeJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*e = Exchange{Callback: in.Callback, Command: in.Command, Unknown: in.Unknown}
	if in.Time != nil {
		// Go reads offsets of 24 hours, but does not write them.
		if _, err := in.Time.MarshalText(); err != nil {
			return errors.New("time: its offset from UTC must be below 24 hours")
		}
		e.Time = *in.Time
	}
	body, err := in.Request.decodeBody()
	if err != nil {
		return fmt.Errorf("request: %w", err)
	}
	e.Request = Request{in.Request.Method, in.Request.URL, in.Request.Headers, body}
	if in.Reply == nil {
		return nil
	}
	r := *in.Reply
	if r.Status == 0 && r.Error == "" && !e.Lacks(ReplyStatus) {
		return errors.New("reply: neither a status nor an error")
	}
	if body, err = r.decodeBody(); err != nil {
		return fmt.Errorf("reply: %w", err)
	}
	e.Reply = Reply{
		Status: r.Status, Headers: r.Headers, Redirects: r.Redirects, Body: body, Failure: r.Error, Detail: r.Detail,
		Elapsed: time.Duration(r.ElapsedMS * float64(time.Millisecond)),
	}
	return nil
}

func (b bodyJSON) decodeBody() ([]byte, error) {
	switch {
	case b.Body != nil && b.BodyBase64 != nil:
		return nil, errors.New("both body and bodyBase64")
	case b.Body != nil:
		return []byte(*b.Body), nil
	default:
		return b.BodyBase64, nil
	}
}
