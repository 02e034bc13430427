package validate

import (
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
)

var ruleTimeout = Rule{
	ID: "timeout", Severity: Error, Title: "no reply in time",
	Why:    "OpenIM waits for the callback's timeout, 15 s at most. After that a before operation fails with 90004, whatever failedContinue says since 3.7.",
	Source: sourceClient,
	Bad:    Example{Reply: Reply{Failure: Timeout}}, Good: allowed,
	when: failed,
	check: func(p *pass) {
		if p.reply.Failure == Timeout {
			p.reportFailure(say("timeout.want", "limit", p.timeout), say("timeout", "limit", p.timeout, "effect", p.consequence()), say("timeout.hint"))
		}
	},
}

// reportFailure reports that no whole reply came, with what the client said.
func (p *pass) reportFailure(want, message, hint words.Text) {
	p.report(Finding{Got: shorten(p.reply.Detail), Want: want, Message: message, Hint: hint})
}

var ruleUnreachable = Rule{
	ID: "unreachable", Severity: Error, Title: "nothing answers at the URL",
	Why:    "Without a connection a before operation fails with 90004 and an after event is lost.",
	Source: sourceClient,
	Bad:    Example{Reply: Reply{Failure: ConnectionRefused}}, Good: allowed,
	when: failed,
	check: func(p *pass) {
		message := unreachable(p.reply.Failure, p.consequence())
		if message.IsZero() {
			return
		}
		hint := say("unreachable.hint")
		if u := p.exchange.Request.URL; u != "" {
			hint = say("unreachable.hint-url", "url", plainURL(u))
		}
		p.reportFailure(say("want.reply"), message, hint)
	},
}

// unreachable says why nothing usable answers; no text for failures that have
// a rule of their own.
func unreachable(f Failure, effect words.Text) words.Text {
	switch f {
	case ConnectionRefused:
		return say("unreachable.refused", "effect", effect)
	case NoHost:
		return say("unreachable.host", "effect", effect)
	case BadURL:
		return say("unreachable.url", "effect", effect)
	case Network:
		return say("unreachable.network", "effect", effect)
	case Malformed:
		return say("unreachable.malformed", "effect", effect)
	case Redirects:
		return say("unreachable.redirects", "effect", effect)
	case Canceled:
		return say("unreachable.canceled", "effect", effect)
	default:
		return words.Text{}
	}
}

var ruleReset = Rule{
	ID: "reset", Severity: Error, Title: "the connection was closed without a reply",
	Why:    "A receiver that crashes or closes the connection gives OpenIM error 90004.",
	Source: sourceClient,
	Bad:    Example{Reply: Reply{Failure: Reset}}, Good: allowed,
	when: failed,
	check: func(p *pass) {
		if p.reply.Failure == Reset {
			p.reportFailure(say("want.reply"), say("reset", "effect", p.consequence()), say("reset.hint"))
		}
	},
}

var ruleTruncated = Rule{
	ID: "truncated", Severity: Error, Title: "the reply ends too early",
	Why:    "A body shorter than its Content-Length is a network error to OpenIM, even if its JSON is whole.",
	Source: sourceClient,
	Bad:    Example{Reply: Reply{Status: http.StatusOK, Failure: Truncated}}, Good: allowed,
	when: failed,
	check: func(p *pass) {
		if p.reply.Failure == Truncated {
			p.reportFailure(say("truncated.want"), say("truncated", "effect", p.consequence()), say("truncated.hint"))
		}
	},
}

var ruleTLS = Rule{
	ID: "tls", Severity: Error, Title: "TLS fails",
	Why:    "OpenIM checks certificates against the roots of its system. A self-signed or expired one fails every callback with 90004.",
	Source: sourceClient,
	Bad:    Example{Reply: Reply{Failure: TLS}}, Good: allowed,
	when: failed,
	check: func(p *pass) {
		if p.reply.Failure == TLS {
			p.reportFailure(say("tls.want"), say("tls", "effect", p.consequence()), say("tls.hint"))
		}
	},
}

var ruleTooLarge = Rule{
	ID: "too-large", Severity: Error, Title: "the reply is huge",
	Why:    "OpenIM reads replies of any size into memory; imcb stops at its limit.",
	Source: sourceClient,
	Bad:    Example{Reply: Reply{Status: http.StatusOK, Failure: TooLarge}}, Good: allowed,
	when: failed,
	check: func(p *pass) {
		if p.reply.Failure == TooLarge {
			p.reportFailure(say("too-large.want"), say("too-large"), say("too-large.hint"))
		}
	},
}

var ruleCompressedWrong = Rule{
	ID: "compressed-wrong", Severity: Error, Title: "the body is compressed in a way that OpenIM can't undo",
	Why:    "OpenIM asks for gzip and unpacks it. A body that is not gzip in spite of its header is a network error, and OpenIM takes any other encoding for the text itself.",
	Source: sourceClient,
	Bad:    Example{Reply: Reply{Status: http.StatusOK, Failure: Encoding}}, Good: allowed,
	when: failed | broken,
	check: func(p *pass) {
		encoding := p.reply.Header("Content-Encoding")
		switch {
		case p.reply.Failure == Encoding:
			p.reportFailure(say("want.encoding"), say("compressed-wrong", "effect", p.consequence()), say("compressed-wrong.hint"))
		case p.reply.Failure == "" && otherEncoding(encoding):
			p.report(Finding{
				Got: clip(encoding), Want: say("want.encoding"),
				Message: say("compressed-wrong.unknown", "encoding", clip(encoding), "effect", p.consequence()), Hint: say("compressed-wrong.hint-unknown"),
			})
		}
	},
}

// otherEncoding reports whether a Content-Encoding is one that Go's HTTP
// client leaves packed.
func otherEncoding(name string) bool {
	switch strings.ToLower(name) {
	case "", "identity", "gzip":
		return false
	default:
		return true
	}
}

// bodyLost reports whether a redirect turned the callback into a GET: what
// answered never saw the callback.
func (p *pass) bodyLost() bool {
	for _, hop := range p.reply.Redirects {
		if hop.Method == http.MethodGet {
			return true
		}
	}
	return false
}

var ruleRedirect = Rule{
	ID: "redirect", Severity: Error, Title: "the receiver redirects",
	Why:    "OpenIM follows redirects. After 301, 302 and 303 it sends a GET without a body, and whatever answers that GET decides: often a login page.",
	Source: sourceRunning,
	Bad: Example{Reply: Reply{
		Status: http.StatusOK, Body: []byte(fixtures.PlainAllow),
		Redirects: []Redirect{{Status: http.StatusFound, Location: "https://example.com/login", Method: http.MethodGet}},
	}},
	Good: allowed, when: diverted | broken | misfit | readable,
	check: func(p *pass) {
		if len(p.reply.Redirects) == 0 {
			return
		}
		first, last := p.reply.Redirects[0], p.reply.Redirects[len(p.reply.Redirects)-1]
		f := Finding{
			Got: fmt.Sprintf("%d to %s", first.Status, plainURL(first.Location)), Want: say("redirect.want"),
			Hint: say("redirect.hint", "url", plainURL(last.Location)),
		}
		if p.bodyLost() {
			f.Message = say("redirect", "status", first.Status, "effect", p.divertedEffect())
		} else {
			f.Severity = Warning
			f.Message = say("redirect.twice", "status", first.Status)
		}
		p.report(f)
	},
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
	ID: "slow", Severity: Warning, Title: "the reply took most of the timeout",
	Why:    "A reply that needs over 80 % of the timeout on a quiet machine is too late on a busy one.",
	Source: sourceClient,
	Bad:    Example{Reply: Reply{Status: http.StatusOK, Body: []byte(fixtures.PlainAllow), Elapsed: 4500 * time.Millisecond}},
	Good:   Example{Reply: Reply{Status: http.StatusOK, Body: []byte(fixtures.PlainAllow), Elapsed: 40 * time.Millisecond}},
	when:   diverted | broken | misfit | readable,
	check: func(p *pass) {
		soon := p.timeout * 8 / 10
		if p.reply.Elapsed <= soon {
			return
		}
		took := p.reply.Elapsed.Round(time.Millisecond)
		p.report(Finding{
			Got: took.String(), Want: say("slow.want", "limit", soon),
			Message: say("slow", "took", took, "limit", p.timeout), Hint: say("hint.slow"),
		})
	},
}

var ruleContentType = Rule{
	ID: "content-type", Severity: Note, Title: "the reply does not call itself JSON",
	Why:    "OpenIM does not look at Content-Type. Proxies and other clients do.",
	Source: sourceRunning,
	Bad:    Example{Reply: Reply{Status: http.StatusOK, Headers: []Header{{"Content-Type", "text/plain"}}, Body: []byte(fixtures.PlainAllow)}},
	Good:   Example{Reply: Reply{Status: http.StatusOK, Headers: []Header{{"Content-Type", "application/json; charset=utf-8"}}, Body: []byte(fixtures.PlainAllow)}},
	when:   readable,
	check: func(p *pass) {
		if len(p.reply.Headers) == 0 {
			return
		}
		given := p.reply.Header("Content-Type")
		if isJSON(given) {
			return
		}
		f := Finding{Got: clip(given), Want: words.Plain("application/json"), Hint: say("content-type.hint")}
		f.Message = say("content-type", "type", clip(given))
		if given == "" {
			f.Got = "nothing"
			f.Message = say("content-type.missing")
		}
		p.report(f)
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
