package validate

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
)

// MaxRedirects is how many requests OpenIM's client makes in a row before it
// gives up: the limit of net/http's own policy.
const MaxRedirects = 10

// Next is where the reply sends the client, and the method of the request
// there; "" and "": nowhere, the reply itself counts.
func (e *Exchange) Next() (to, method string) {
	method = http.MethodGet
	switch e.Reply.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther:
	case http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		method = cmp.Or(e.Request.Method, http.MethodPost)
	default:
		return "", ""
	}
	location := e.Reply.Header("Location")
	from, err := url.Parse(e.Request.URL)
	if location == "" || e.Reply.Failure != "" || err != nil {
		return "", ""
	}
	target, err := from.Parse(location)
	if err != nil {
		return "", ""
	}
	target.Fragment, target.RawFragment = "", ""
	return target.String(), method
}

// Then is the exchange with the reply that its client got when it had been sent
// on, with the given method: what the client would have recorded.
func (e Exchange) Then(next *Exchange, method string) Exchange {
	hops := append([]Redirect(nil), e.Reply.Redirects...)
	hops = append(hops, Redirect{Status: e.Reply.Status, Location: e.Reply.Header("Location"), Method: method})
	elapsed := e.Reply.Elapsed + next.Reply.Elapsed
	if !e.Time.IsZero() && next.Time.After(e.Time) {
		elapsed = next.Time.Add(next.Reply.Elapsed).Sub(e.Time)
	}
	e.Reply = next.Reply
	e.Reply.Redirects, e.Reply.Elapsed = append(hops, next.Reply.Redirects...), elapsed
	return e
}

// RedirectMark ends a URL to which imcb's own receiver redirects, for a fault. It
// allows a POST there, and answers a GET with status 405 and OnlyPost.
const (
	RedirectMark = "imcb=redirected"
	OnlyPost     = "this is imcb, a mock receiver of OpenIM callbacks: POST a callback's JSON, for example to /callbackBeforeAddFriendCommand\n"
)

// ended is the exchange with what came after a redirect that leads back to
// imcb's own receiver.
func (j *Judge) ended(x *Exchange) *Exchange {
	to, method := x.Next()
	if !strings.HasSuffix(to, RedirectMark) {
		return x
	}
	next := Exchange{Reply: Reply{Status: http.StatusMethodNotAllowed, Body: []byte(OnlyPost)}}
	if method == http.MethodPost {
		next.Reply = Reply{Status: http.StatusOK, Body: j.callback.AllowReply(j.opts.Server.Release, x.Request.Body)}
	}
	whole := x.Then(&next, method)
	return &whole
}
