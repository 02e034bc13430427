package validate

import (
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/imcb-dev/imcb/fixtures/words"
)

// The rules of failures, but for what they say, which fail has.
var (
	ruleTimeout = Rule{
		ID: "timeout", Severity: Error, Contract: Both, Title: "no reply in time",
		Why:    "OpenIM waits for the callback's timeout, 15 s at most. After that a before operation fails with 90004, whatever failedContinue says since 3.7.",
		Source: sourceClient, when: failed, check: on(Timeout),
		Bad: failing(Timeout), Good: allowed,
	}
	ruleUnreachable = Rule{
		ID: "unreachable", Severity: Error, Contract: Both, Title: "nothing answers at the URL",
		Why:    "Without a connection a before operation fails with 90004 and an after event is lost.",
		Source: sourceClient, when: failed, check: on(ConnectionRefused, NoHost, BadURL, Network, Malformed, Redirects, Canceled),
		Bad: failing(ConnectionRefused), Good: allowed,
	}
	ruleReset = Rule{
		ID: "reset", Severity: Error, Contract: Both, Title: "the connection was closed without a reply",
		Why:    "A receiver that crashes or closes the connection gives OpenIM error 90004.",
		Source: sourceClient, when: failed, check: on(Reset),
		Bad: failing(Reset), Good: allowed,
	}
	ruleTruncated = Rule{
		ID: "truncated", Severity: Error, Contract: Both, Title: "the reply ends too early",
		Why:    "A body shorter than its Content-Length is a network error to OpenIM, even if its JSON is whole.",
		Source: sourceClient, when: failed, check: on(Truncated),
		Bad: cutShort(Truncated), Good: allowed,
	}
	ruleTLS = Rule{
		ID: "tls", Severity: Error, Contract: Both, Title: "TLS fails",
		Why:    "OpenIM checks certificates against the roots of its system. A self-signed or expired one fails every callback with 90004.",
		Source: sourceClient, when: failed, check: on(TLS),
		Bad: failing(TLS), Good: allowed,
	}
	ruleTooLarge = Rule{
		ID: "too-large", Severity: Error, Contract: Both, Title: "the reply is huge",
		Why:    "OpenIM reads replies of any size into memory; imcb stops at its limit.",
		Source: sourceClient, when: failed, check: on(TooLarge),
		Bad: cutShort(TooLarge), Good: allowed,
	}
)

// on is the check of a rule of failures.
func on(failures ...Failure) func(*pass) {
	return func(p *pass) {
		if slices.Contains(failures, p.reply.Failure) {
			p.fail()
		}
	}
}

// fail reports that no whole reply came, with what the client said.
func (p *pass) fail() {
	f := p.report("", shorten(p.reply.Detail), say("want.reply"), words.Text{}, p.reachHint())
	switch effect := p.consequence(); p.reply.Failure {
	case Timeout:
		f.Want, f.Message, f.Hint = say("timeout.want", "limit", p.timeout), say("timeout", "limit", p.timeout, "effect", effect), say("timeout.hint")
	case Reset:
		f.Message, f.Hint = say("reset", "effect", effect), say("reset.hint")
	case Truncated:
		f.Want, f.Message, f.Hint = say("truncated.want"), say("truncated", "effect", effect), say("truncated.hint")
	case TLS:
		f.Want, f.Message, f.Hint = say("tls.want"), say("tls", "effect", effect), say("tls.hint")
	case TooLarge:
		f.Want, f.Message, f.Hint = say("too-large.want"), say("too-large"), say("too-large.hint")
	case Encoding:
		f.Want, f.Message, f.Hint = say("want.encoding"), say("compressed-wrong", "effect", effect), say("compressed-wrong.hint")
	case ConnectionRefused:
		f.Message = p.orBehind(say("unreachable.refused", "effect", effect))
	case NoHost:
		f.Message = p.orBehind(say("unreachable.host", "effect", effect))
	case BadURL:
		f.Message = say("unreachable.url", "effect", effect)
	case Network:
		f.Message = p.orBehind(say("unreachable.network", "effect", effect))
	case Malformed:
		f.Message = say("unreachable.malformed", "effect", effect)
	case Redirects:
		f.Message = say("unreachable.redirects", "effect", effect)
	case Canceled:
		f.Message = say("unreachable.canceled", "effect", effect)
	}
	if p.exchange.Lacks(ReplyError) {
		f.Message = p.unlogged()
	}
}

// unlogged is what fail says where the log does not tell the cause.
func (p *pass) unlogged() words.Text {
	switch p.reply.Failure {
	case Timeout:
		return say("timeout.by-time", "limit", p.timeout, "effect", p.consequence())
	case Truncated:
		return say("truncated.unlogged", "effect", p.consequence())
	default:
		return say("unreachable.unlogged", "effect", p.consequence())
	}
}

// orBehind is the text, or that a forwarder did not reach the receiver behind.
func (p *pass) orBehind(text words.Text) words.Text {
	if p.reply.behind() {
		return say("unreachable.behind", "effect", p.consequence())
	}
	return text
}

func (p *pass) reachHint() words.Text {
	switch u := p.exchange.Request.URL; {
	case p.reply.behind():
		return say("unreachable.hint-behind", "said", shorten(p.reply.Detail))
	case u != "":
		return say("unreachable.hint-url", "url", plainURL(u))
	default:
		return say("unreachable.hint")
	}
}

var ruleCompressedWrong = Rule{
	ID: "compressed-wrong", Severity: Error, Contract: Both, Title: "the body is compressed in a way that OpenIM can't undo",
	Why:    "OpenIM asks for gzip and unpacks it. A body that is not gzip in spite of its header is a network error, and OpenIM takes any other encoding for the text itself.",
	Source: sourceClient, when: failed | broken,
	Bad: cutShort(Encoding), Good: allowed,
	check: func(p *pass) {
		if p.reply.Failure == Encoding {
			p.fail()
		}
		encoding := p.reply.Header("Content-Encoding")
		left := !slices.Contains([]string{"", "identity", "gzip"}, strings.ToLower(encoding)) // packed, by Go's HTTP client
		if p.reply.Failure == "" && left {
			p.report("", clip(encoding), say("want.encoding"),
				say("compressed-wrong.unknown", "encoding", clip(encoding), "effect", p.consequence()), say("compressed-wrong.hint-unknown"))
		}
	},
}

// bodyLost reports whether a redirect turned the callback into a GET: what
// answered never saw the callback.
func (p *pass) bodyLost() bool {
	return slices.ContainsFunc(p.reply.Redirects, func(hop Redirect) bool { return hop.Method == http.MethodGet })
}

var ruleRedirect = Rule{
	ID: "redirect", Severity: Error, Contract: Both, Title: "the receiver redirects",
	Why:    "OpenIM follows redirects. After 301, 302 and 303 it sends a GET without a body, and whatever answers that GET decides: often a login page.",
	Source: sourceRunning, when: diverted | broken | misfit | readable,
	Bad: allowing(Reply{Redirects: []Redirect{{http.StatusFound, "https://example.com/login", http.MethodGet}}}), Good: allowed,
	check: func(p *pass) {
		if p.elsewhere {
			p.leaves()
			return
		}
		if len(p.reply.Redirects) == 0 {
			return
		}
		first, last := p.reply.Redirects[0], p.reply.Redirects[len(p.reply.Redirects)-1]
		f := p.report("", fmt.Sprintf("%d to %s", first.Status, plainURL(first.Location)), say("redirect.want"),
			say("redirect", "status", first.Status, "effect", p.divertedEffect()), say("redirect.hint", "url", baseURL(last.Location)))
		if !p.bodyLost() {
			f.Severity, f.Contract, f.Message = Warning, Running, say("redirect.twice", "status", first.Status)
		}
	},
}

// baseURL is what webhooks.yml needs for OpenIM to come to the URL by itself: it
// lacks the command, which OpenIM appends.
func baseURL(location string) words.Text {
	path, _, _ := strings.Cut(location, "?")
	if end := strings.LastIndexByte(path, '/'); end > 0 && known(path[end+1:]) {
		return plainURL(path[:end])
	}
	return plainURL(location)
}

// leaves reports a redirect of which the record does not have what followed.
func (p *pass) leaves() {
	to, method := p.exchange.Next()
	message := say("redirect.unknown", "status", p.reply.Status)
	if method == http.MethodGet {
		message = say("redirect.unknown-get", "status", p.reply.Status)
	}
	p.report("", fmt.Sprintf("%d to %s", p.reply.Status, plainURL(to)), say("redirect.want"), message, say("redirect.hint", "url", baseURL(to)))
}

// divertedEffect says what OpenIM makes of an answer that is not the
// callback's.
func (p *pass) divertedEffect() words.Text {
	switch {
	case p.unusable(), !p.before():
		return p.consequence()
	case p.verdict.Outcome == Proceed:
		return say("redirect.goes-through", "operation", p.operation())
	default:
		return say("redirect.blocked", "operation", p.operation())
	}
}

var ruleSlow = Rule{
	ID: "slow", Severity: Warning, Contract: Running, Title: "the reply took most of the timeout",
	Why: "Over 80 % of the timeout on a quiet machine is too late on a busy one. Slow before callbacks hold their callers, 100 at most; " +
		"slow after callbacks fill a queue (2 at once, 100 waiting), and what does not fit is lost without a word.",
	Source: sourceLoad, when: diverted | broken | misfit | readable,
	Bad: allowing(Reply{Elapsed: 4500 * time.Millisecond}), Good: allowing(Reply{Elapsed: 40 * time.Millisecond}),
	check: func(p *pass) {
		soon := p.timeout * 8 / 10
		if p.reply.Elapsed <= soon {
			return
		}
		took := p.reply.Elapsed.Round(time.Millisecond)
		p.report("", took.String(), say("slow.want", "limit", soon), say("slow", "took", took, "limit", p.timeout), p.slowHint(took))
	},
}

var ruleContentType = Rule{
	ID: "content-type", Severity: Note, Contract: Documents, Title: "the reply does not call itself JSON",
	Why:    "OpenIM does not look at Content-Type. Proxies and other clients do.",
	Source: sourceRunning, when: readable,
	Bad:  allowing(Reply{Headers: []Header{{"Content-Type", "text/plain"}}}),
	Good: allowing(Reply{Headers: []Header{{"Content-Type", "application/json; charset=utf-8"}}}),
	check: func(p *pass) {
		given := p.reply.Header("Content-Type")
		if len(p.reply.Headers) == 0 || isJSON(given) {
			return
		}
		got, message := clip(given), say("content-type", "type", clip(given))
		if given == "" {
			got, message = "nothing", say("content-type.missing")
		}
		p.report("", got, words.Plain("application/json"), message, say("content-type.hint"))
	},
}

// plainURL is a URL without what may be secret: user, password and query.
func plainURL(raw string) words.Text {
	u, err := url.Parse(raw)
	if err != nil {
		return say("the-url")
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return words.Plain(shorten(u.String()))
}

// isJSON reports whether a Content-Type names JSON.
func isJSON(contentType string) bool {
	if strings.HasPrefix(contentType, "application/json") { // by far the most frequent
		rest := contentType[len("application/json"):]
		return rest == "" || rest[0] == ';' || rest[0] == ' '
	}
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (kind == "application/json" || strings.HasSuffix(kind, "+json"))
}
