package simulator

import (
	"time"

	"github.com/imcb-dev/imcb/validate"
)

// Answer is what a receiver does with a request.
type Answer struct {
	// Rule names the rule or fault that made the answer. Empty: none did.
	Rule string
	// Delay is how long the receiver waits before it answers.
	Delay time.Duration
	// Status, Headers and Body are the reply. Status 0 is 200; without a
	// Content-Type among the headers it is OpenIM's JSON.
	Status  int
	Headers []validate.Header
	Body    []byte
	// Break is what happens to the connection meanwhile.
	Break Break
	// Over is the time that Drip takes. 0: 3 seconds.
	Over time.Duration
}

// Break is a way in which a receiver spoils its connection.
type Break string

// The breaks.
const (
	// Whole: nothing is spoilt.
	Whole Break = ""
	// Hang: nothing comes until the client goes away, MaxWait at most.
	Hang Break = "hang"
	// Close: the connection is closed without a byte.
	Close Break = "close"
	// Abort: the connection is reset (TCP RST) without a byte.
	Abort Break = "reset"
	// Cut: the connection is closed after half of the body.
	Cut Break = "truncated"
	// Garbage: the body is written without any HTTP around it.
	Garbage Break = "garbage"
	// Drip: the body is written byte by byte.
	Drip Break = "drip"
)

// Responder chooses the answer to a request. With false no rule answers, but
// the Delay that came with it still holds. It is called from many goroutines,
// and must neither change the arrival nor keep it, nor change headers and body
// of an answer that it gave.
type Responder func(*Arrival) (Answer, bool)
