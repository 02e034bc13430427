package validate

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// causes are what Go's HTTP client, which OpenIM uses, says of failures. {host}
// and {name} are the receiver's, with and without the port.
var causes = map[Failure]string{
	Timeout:           "context deadline exceeded",
	Canceled:          "context deadline exceeded", // a shorter timeout than imcb knows of: OpenIM has no other reason to leave
	ConnectionRefused: "dial tcp {host}: connect: connection refused",
	Network:           "dial tcp {host}: connect: network is unreachable",
	NoHost:            "dial tcp: lookup {name}: no such host",
	Reset:             "EOF",
	Truncated:         "unexpected EOF",
	Encoding:          "gzip: invalid header",
	Malformed:         `net/http: HTTP/1.x transport connection broken: malformed HTTP status code "this"`, // of the fault garbage
	TLS:               "tls: failed to verify certificate: x509: certificate signed by unknown authority",
	BadURL:            `unsupported protocol scheme ""`,
	Redirects:         "stopped after 10 redirects",
}

type sign struct {
	text    string
	failure Failure
}

// signs are what Go's HTTP client says of failures, the more special ones first.
var signs = []sign{
	{"stopped after 10 redirects", Redirects}, {"failed to parse Location header", Redirects},
	{"unsupported protocol scheme", BadURL}, {"no Host in request URL", BadURL}, {"invalid port", BadURL}, {"first path segment in URL", BadURL},
	{"context deadline exceeded", Timeout}, {"Client.Timeout", Timeout}, {"i/o timeout", Timeout}, {"TLS handshake timeout", Timeout},
	{": no such host", NoHost}, {"dial tcp: lookup ", NoHost},
	{"connection refused", ConnectionRefused},
	{"server gave HTTP response to HTTPS client", TLS}, {"tls: ", TLS}, {"x509: ", TLS},
	{"malformed ", Malformed},
	{"gzip: ", Encoding}, {"invalid byte in chunk length", Encoding},
	{"unexpected EOF", Truncated},
	{"EOF", Reset}, {"connection reset by peer", Reset}, {"broken pipe", Reset}, {"server closed idle connection", Reset},
}

// FailureOf is the failure of which Go's HTTP client, which OpenIM uses, says
// so. What it does not know is Network.
func FailureOf(said string) Failure {
	_, reason, sending := SaidOf(said)
	if sending {
		said = reason // the URL may have any text
	}
	i := slices.IndexFunc(signs, func(s sign) bool { return strings.Contains(said, s.text) })
	switch {
	case i < 0:
		return Network
	case signs[i].failure == Truncated && sending:
		return Reset
	case signs[i].failure == Reset && !sending:
		return Truncated
	default:
		return signs[i].failure
	}
}

// SaidOf parts what Go's HTTP client says of a request that got no reply: where it
// went, with a GET after some redirects, and the reason. false: it is something
// else.
func SaidOf(text string) (to, reason string, ok bool) {
	rest, post := strings.CutPrefix(text, `Post "`)
	if !post {
		if rest, ok = strings.CutPrefix(text, `Get "`); !ok {
			return "", "", false
		}
	}
	return strings.Cut(rest, `": `)
}

// ClientText is what OpenIM's HTTP client says of the exchange's failure, as it
// ends up in errDlt. The reason is what it names, such as "EOF"; empty: the
// usual one of the failure.
func (e *Exchange) ClientText(reason string) string {
	return clientText(&e.Reply, e.Request.URL, reason)
}

func clientText(r *Reply, to, reason string) string {
	u, err := url.Parse(to)
	if err != nil {
		u = new(url.URL)
	}
	known := strings.NewReplacer("{host}", hostPort(u), "{name}", u.Hostname()).Replace(causes[r.Failure])
	if r.stage() == reading {
		return cmp.Or(reason, known)
	}
	return fmt.Sprintf("Post %q: %s", withoutPassword(u, to), cmp.Or(reason, known))
}

// hostPort is the host with the port, also the one that is not written.
func hostPort(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Host
	case u.Scheme == "https":
		return u.Host + ":443"
	default:
		return u.Host + ":80"
	}
}

// withoutPassword is the URL as net/http prints it.
func withoutPassword(u *url.URL, raw string) string {
	if _, set := u.User.Password(); !set {
		return raw
	}
	return strings.Replace(u.String(), u.User.String()+"@", u.User.Username()+":***@", 1)
}

// cause is what the HTTP client said of the failure, or would have said: a
// receiver that recorded it may have words of its own.
func (p *pass) cause() string {
	said, stage := p.reply.Detail, p.reply.stage()
	switch {
	case p.reply.behind():
		return clientText(p.reply, p.exchange.Request.URL, causes[Reset])
	case stage == sending && !saysWhere(said), strings.HasSuffix(said, "on purpose"):
		return clientText(p.reply, p.exchange.Request.URL, "")
	default:
		return cmp.Or(said, causes[p.reply.Failure])
	}
}

func saysWhere(said string) bool {
	_, _, ok := SaidOf(said)
	return ok
}

// behind reports whether a forwarding receiver says what it met. The client had
// a connection to it that was closed.
func (r *Reply) behind() bool {
	return r.stage() == sending && slices.ContainsFunc([]string{"dial ", "read ", "http: ", "net/http: ", "tls: "}, func(begin string) bool { return strings.HasPrefix(r.Detail, begin) })
}

// stage is how far the request came. A redirect that was one too many has a
// status, too.
func (r *Reply) stage() stage {
	switch {
	case r.Status != 0 && r.Failure != Redirects, r.Failure == Truncated, r.Failure == Encoding:
		return reading
	case strings.HasPrefix(r.Detail, "parse "):
		return building
	default:
		return sending
	}
}
