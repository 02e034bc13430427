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
	case stage == sending && !strings.HasPrefix(said, `Post "`), strings.HasSuffix(said, "on purpose"):
		return clientText(p.reply, p.exchange.Request.URL, "")
	default:
		return cmp.Or(said, causes[p.reply.Failure])
	}
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
	case r.Status != 0 && r.Failure != Redirects:
		return reading
	case strings.HasPrefix(r.Detail, "parse "):
		return building
	default:
		return sending
	}
}
