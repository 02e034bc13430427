package validate

import "slices"

// Part is a part of an exchange.
type Part string

// The parts of an exchange that OpenIM's own log may lack.
const (
	// WhichCallback: the callback is one of several, the first of them.
	WhichCallback  Part = "callback"
	RequestHeaders Part = "request.headers"
	RequestBody    Part = "request.body"
	// WholeReply: the record ends before it.
	WholeReply   Part = "reply"
	ReplyStatus  Part = "reply.status"
	ReplyHeaders Part = "reply.headers"
	// ReplyBody: the body says what OpenIM logged of the reply, and may have had
	// more.
	ReplyBody Part = "reply.body"
	// ReplyError: there was no whole reply. Failure is what the time tells of the
	// reason, or Network.
	ReplyError Part = "reply.error"
)

// Lacks reports whether the part is not known, or not as a whole.
func (e *Exchange) Lacks(p Part) bool { return slices.Contains(e.Unknown, p) }

// KnownRequest is the request without headers if not all of them are known: as
// CheckRequest wants it.
func (e *Exchange) KnownRequest() Request {
	r := e.Request
	if e.Lacks(RequestHeaders) {
		r.Headers = nil
	}
	return r
}
