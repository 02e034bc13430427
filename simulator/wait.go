package simulator

import (
	"net/http"
	"time"

	"github.com/imcb-dev/imcb/validate"
)

// MaxWait is the longest that a request is held.
const MaxWait = 2 * time.Minute

// wait holds the request; false: nobody waits for the reply any more.
func (x *transfer) wait(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	d = min(d, MaxWait)
	x.extend(d)
	return x.pause(d, d)
}

// pause waits within the limits; false: the client went away, or the server
// stops, and will not wait for the time that is left of the request.
func (x *transfer) pause(d, left time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	stop, end := stopping(x.req.Context()), time.Now().Add(left)
	for {
		select {
		case <-timer.C:
			return true
		case <-x.req.Context().Done():
			return false
		case <-stop:
			if time.Until(end) > stopTimeout/2 {
				return false
			}
			stop = nil
		}
	}
}

// extend lets the request take d longer than the server's limits.
func (x *transfer) extend(d time.Duration) {
	c := http.NewResponseController(x.w)
	_ = c.SetReadDeadline(time.Time{}) // a passed one looks like a client that went away
	_ = c.SetWriteDeadline(time.Now().Add(d + writeTimeout))
}

// clockSlack is by how much two clocks may disagree about a timeout.
const clockSlack = 100 * time.Millisecond

// gone ends a request whose client, or whose server, did not wait for the
// reply.
func (x *transfer) gone() {
	why, failure := say("client-left", "time", x.age()), validate.Timeout
	switch {
	case x.req.Context().Err() == nil:
		why, failure = say("stopped", "time", x.age()), validate.Reset
	case time.Since(x.arrival.Time) < x.arrival.Timeout-clockSlack:
		failure = validate.Canceled // or the client's timeout is shorter
	}
	x.arrival.note(why)
	x.fail(failure, "")
	panic(http.ErrAbortHandler)
}

func (x *transfer) age() time.Duration { return time.Since(x.arrival.Time).Round(time.Millisecond) }
