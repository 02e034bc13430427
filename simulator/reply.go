package simulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/imcb-dev/imcb/validate"
)

var errTooManyRedirects = fmt.Errorf("stopped after %d redirects", validate.MaxRedirects)

// Do sends the request of e and returns the exchange with the time, the request
// as it went over the wire, and the reply. It waits for the timeout of e, as
// Send does, and notes how long that is. Callback and command may be empty.
// Like Send, it has a Failure for everything that can go wrong.
func (s *Sender) Do(ctx context.Context, e validate.Exchange) validate.Exchange {
	e.Time, e.Timeout, e.Reply, e.Unknown = time.Now(), validate.EffectiveTimeout(e.Timeout), validate.Reply{}, nil
	limited, cancel := context.WithTimeout(ctx, e.Timeout)
	defer cancel()
	r, err := s.httpRequest(limited, e.Request)
	if err != nil {
		e.Reply = validate.Reply{Failure: validate.BadURL, Detail: err.Error()}
		return e
	}
	e.Request = onWire(r, e.Request)
	e.Reply = s.reply(ctx, r)
	e.Reply.Elapsed = time.Since(e.Time)
	return e
}

// reply sends r and reads what comes back. parent is the context without the
// callback's timeout: when it is done, the run was interrupted.
func (s *Sender) reply(parent context.Context, r *http.Request) validate.Reply {
	var hops hops
	// The client's own limit caps the callback's timeout, as in OpenIM.
	client := http.Client{Transport: s.transport, Timeout: validate.MaxTimeout, CheckRedirect: hops.follow}
	resp, err := client.Do(r)
	reply := validate.Reply{Redirects: hops}
	if resp != nil { // also when a redirect was one too many
		defer resp.Body.Close()
		reply.Status, reply.Headers = resp.StatusCode, sorted(resp.Header)
	}
	if err != nil {
		reply.Failure, reply.Detail = sendFailure(parent, err, len(hops) > 0), err.Error()
		return reply
	}
	reply.Body, err = readLimited(resp.Body, s.maxReply)
	if err != nil {
		reply.Failure, reply.Detail = bodyFailure(parent, err), err.Error()
	}
	return reply
}

// hops are the redirects that were followed.
type hops []validate.Redirect

// follow is net/http's default policy with a memory.
func (h *hops) follow(next *http.Request, via []*http.Request) error {
	if len(via) >= validate.MaxRedirects {
		return errTooManyRedirects
	}
	*h = append(*h, validate.Redirect{
		Status:   next.Response.StatusCode,
		Location: next.Response.Header.Get("Location"),
		Method:   next.Method,
	})
	return nil
}

// tooLargeError is the error of readLimited; its value is the limit.
type tooLargeError int64

func (e tooLargeError) Error() string {
	return fmt.Sprintf("the reply is larger than %d bytes, imcb's limit", int64(e))
}

// readLimited reads at most limit bytes and never holds more than one beyond.
// What was read before an error is returned with it.
func readLimited(r io.Reader, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, limit+1))
	if int64(len(body)) > limit {
		return body[:limit], tooLargeError(limit)
	}
	return body, err
}

// interrupted reports whether err comes from parent and not from a timeout.
func interrupted(parent context.Context, err error) bool {
	if parent.Err() == nil {
		return false
	}
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Cause(parent))
}
