package validate

import (
	"cmp"
	"fmt"
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
	to, method, err := e.next()
	if err != nil {
		return "", ""
	}
	return to, method
}

// next is Next. The error is the client's, which can't read where to go.
func (e *Exchange) next() (to, method string, err error) {
	method = http.MethodGet
	switch e.Reply.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther:
	case http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		method = cmp.Or(e.Request.Method, http.MethodPost)
	default:
		return "", "", nil
	}
	location := e.Reply.Header("Location")
	from, err := url.Parse(e.Request.URL)
	if location == "" || e.Reply.Failure != "" || err != nil {
		return "", "", nil
	}
	target, err := from.Parse(location)
	if err != nil {
		return "", "", fmt.Errorf("failed to parse Location header %q: %w", location, err)
	}
	target.Fragment, target.RawFragment = "", ""
	return target.String(), method, nil
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

// ended is the exchange with what came after a redirect, if that is sure: it
// leads back to imcb's own receiver, or nowhere.
func (j *Judge) ended(x *Exchange) *Exchange {
	to, method, err := x.next()
	if to == "" && err == nil {
		return x
	}
	scheme, _, _ := strings.Cut(to, ":")
	var then Exchange
	switch {
	case err != nil:
		then = x.failed(err.Error())
	case scheme != "http" && scheme != "https":
		next := Exchange{Request: Request{URL: to}}
		failed := next.failed(fmt.Sprintf("unsupported protocol scheme %q", scheme))
		then = x.Then(&failed, method)
	case strings.HasSuffix(to, RedirectMark):
		then = x.Then(&Exchange{Reply: j.marked(x, method)}, method)
	default:
		return x
	}
	return &then
}

// failed is the exchange if its client had given up, saying the reason.
func (e Exchange) failed(reason string) Exchange {
	e.Reply.Failure = Redirects
	e.Reply.Detail = e.ClientText(reason)
	return e
}

// marked is what imcb's own receiver answers where it redirected to.
func (j *Judge) marked(x *Exchange, method string) Reply {
	if method != http.MethodPost {
		return Reply{Status: http.StatusMethodNotAllowed, Body: []byte(OnlyPost)}
	}
	return Reply{Status: http.StatusOK, Body: j.callback.AllowReply(j.opts.Server.Release, x.Request.Body)}
}
