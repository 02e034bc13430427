package record

import (
	"iter"
	"slices"

	"github.com/imcb-dev/imcb/validate"
)

// maxHeld is how many lines wait behind a redirect whose next request does not
// come.
const maxHeld = 1000

// held is a line that waits for its turn.
type held struct {
	line Line
	err  error
	// last is the exchange that had the redirect: the line's, or that of a
	// request that followed it.
	last validate.Exchange
	// to and method are the request that follows; to is empty when none does.
	to, method string
}

// follow makes one line of a redirect and of the requests that follow it, which
// have lines of their own in a receiver's journal. It is what the sender of the
// callback would have recorded, and stands where the redirect stood. A redirect
// whose next request is not there stays as it is.
func follow(lines iter.Seq2[Line, error]) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		var queue []held
		for line, err := range lines {
			if err != nil || !joins(&line.Exchange, queue) {
				queue = append(queue, hold(line, err))
			}
			for len(queue) > 0 && (line.Number == 0 || queue[0].ready(line.Exchange, len(queue))) {
				if !yield(queue[0].line, queue[0].err) {
					return
				}
				queue = queue[1:]
			}
		}
		for _, h := range queue {
			if !yield(h.line, h.err) {
				return
			}
		}
	}
}

// ready reports whether the line has all that belongs to it when x is the newest
// exchange: OpenIM's client waits MaxTimeout at most, with all redirects.
func (h held) ready(x validate.Exchange, waiting int) bool {
	return h.to == "" || waiting > maxHeld || x.Time.Sub(h.line.Exchange.Time) > validate.MaxTimeout
}

func joins(x *validate.Exchange, queue []held) bool {
	i := slices.IndexFunc(queue, func(h held) bool {
		return h.to != "" && h.to == x.Request.URL && h.method == x.Request.Method && operationOf(h.last) == operationOf(*x)
	})
	if i < 0 {
		return false
	}
	h := &queue[i]
	h.line.Exchange = h.line.Exchange.Then(x, h.method)
	h.last = *x
	h.divert()
	return true
}

func hold(line Line, err error) held {
	h := held{line: line, err: err, last: line.Exchange}
	if err == nil {
		h.divert()
	}
	return h
}

// divert finds out where the client goes next. It gives up after as many requests
// as net/http makes.
func (h *held) divert() {
	h.to, h.method = h.last.Next()
	if reply := &h.line.Exchange.Reply; h.to != "" && len(reply.Redirects) == validate.MaxRedirects-1 {
		reply.Failure = validate.Redirects
		at := validate.Exchange{Request: validate.Request{URL: reply.Header("Location")}, Reply: *reply}
		reply.Detail = at.ClientText("")
		h.to = ""
	}
}

func operationOf(x validate.Exchange) string {
	i := slices.IndexFunc(x.Request.Headers, func(h validate.Header) bool { return h[0] == "Operationid" })
	if i < 0 {
		return ""
	}
	return x.Request.Headers[i][1]
}
