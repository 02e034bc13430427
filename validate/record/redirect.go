package record

import (
	"iter"
	"slices"

	"github.com/imcb-dev/imcb/validate"
)

// maxDiverted is how many redirects wait for the request that follows them.
const maxDiverted = 1000

// diverted is a line whose reply sent the client on.
type diverted struct {
	line Line
	// last is the exchange that had the redirect: the line's, or that of a
	// request that followed it.
	last       validate.Exchange
	to, method string
}

// follow makes one line of a redirect and of the requests that follow it, which
// have lines of their own in a receiver's journal. It is what the sender of the
// callback would have recorded, and has the first line's number. Redirects whose
// next request is not there stay as they are and come last.
func follow(lines iter.Seq2[Line, error]) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		var waiting []diverted
		rest := func() bool {
			for _, d := range waiting {
				if !yield(d.line, nil) {
					return false
				}
			}
			waiting = nil
			return true
		}
		for line, err := range lines {
			ends := line.Number == 0
			if ends && !rest() {
				return
			}
			last := line.Exchange
			if err == nil {
				line, waiting = joined(line, waiting)
				d, more := divert(line, last)
				if more && len(waiting) < maxDiverted {
					waiting = append(waiting, d)
					continue
				}
				line = d.line
			}
			if !yield(line, err) || ends {
				return
			}
		}
		rest()
	}
}

// joined adds a line to the redirect that it follows, if any.
func joined(line Line, waiting []diverted) (Line, []diverted) {
	x := &line.Exchange
	i := slices.IndexFunc(waiting, func(d diverted) bool {
		return d.to == x.Request.URL && d.method == x.Request.Method && operationOf(d.last) == operationOf(*x)
	})
	if i < 0 {
		return line, waiting
	}
	first := waiting[i].line
	first.Exchange = first.Exchange.Then(x, waiting[i].method)
	return first, slices.Delete(waiting, i, i+1)
}

// divert reports whether the client goes on to another request. It gives up
// after as many as net/http makes.
func divert(line Line, last validate.Exchange) (diverted, bool) {
	to, method := last.Next()
	if to == "" {
		return diverted{line: line}, false
	}
	if reply := &line.Exchange.Reply; len(reply.Redirects) == validate.MaxRedirects-1 {
		reply.Failure = validate.Redirects
		at := validate.Exchange{Request: validate.Request{URL: reply.Header("Location")}, Reply: *reply}
		reply.Detail = at.ClientText("")
		return diverted{line: line}, false
	}
	return diverted{line, last, to, method}, true
}

func operationOf(x validate.Exchange) string {
	i := slices.IndexFunc(x.Request.Headers, func(h validate.Header) bool { return h[0] == "Operationid" })
	if i < 0 {
		return ""
	}
	return x.Request.Headers[i][1]
}
