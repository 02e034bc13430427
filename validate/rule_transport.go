package validate

import (
	"fmt"
	"mime"
	"net/http"
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
			p.report(Finding{
				Got: shorten(p.reply.Detail), Want: words.Plain("a reply within " + p.timeout.String()), Message: words.Plain(fmt.Sprintf("no reply within %s: %s", p.timeout, p.consequence())),
				Hint: words.Plain("answer first and do slow work afterwards; OpenIM never waits longer than 15s"),
			})
		}
	},
}

var ruleUnreachable = Rule{
	ID: "unreachable", Severity: Error, Title: "nothing answers at the URL",
	Why:    "Without a connection a before operation fails with 90004 and an after event is lost.",
	Source: sourceClient,
	Bad:    Example{Reply: Reply{Failure: Refused}}, Good: allowed,
	when: failed,
	check: func(p *pass) {
		what := unreachable(p.reply.Failure)
		if what == "" {
			return
		}
		hint := "check that the receiver runs and that the URL is right"
		if u := p.exchange.Request.URL; u != "" {
			hint += ": " + plainURL(u)
		}
		p.report(Finding{Got: shorten(p.reply.Detail), Want: words.Plain("a reply"), Message: words.Plain(what + ": " + p.consequence()), Hint: words.Plain(hint)})
	},
}

// unreachable says in words why nothing usable answers; "" for failures that
// have a rule of their own.
func unreachable(f Failure) string {
	switch f {
	case Refused:
		return "nothing listens at the URL"
	case NoHost:
		return "the host name can't be resolved"
	case BadURL:
		return "the URL can't be requested"
	case Network:
		return "the network failed"
	case Malformed:
		return "what answers does not speak HTTP"
	case Redirects:
		return "the redirects lead nowhere"
	case Canceled:
		return "the request was interrupted"
	default:
		return ""
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
			p.report(Finding{
				Got: shorten(p.reply.Detail), Want: words.Plain("a reply"), Message: words.Plain("the connection was closed without a reply: " + p.consequence()),
				Hint: words.Plain("look for a crash in the receiver's log"),
			})
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
			p.report(Finding{
				Got: shorten(p.reply.Detail), Want: words.Plain("the whole body"), Message: words.Plain("the connection was closed before the whole body had come: " + p.consequence()),
				Hint: words.Plain("send as many bytes as Content-Length says"),
			})
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
			p.report(Finding{
				Got: shorten(p.reply.Detail), Want: words.Plain("a valid certificate"), Message: words.Plain("the TLS connection failed: " + p.consequence()),
				Hint: words.Plain("use a certificate that OpenIM's host trusts, or http://"),
			})
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
			p.report(Finding{
				Got: shorten(p.reply.Detail), Want: words.Plain("a small reply"), Message: words.Plain("the body is larger than imcb reads; OpenIM would hold all of it in memory"),
				Hint: words.Plain("send the contract's fields only"),
			})
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
			p.report(Finding{
				Got: shorten(p.reply.Detail), Want: words.Plain("gzip or none"), Message: words.Plain("the body can't be unpacked: " + p.consequence()),
				Hint: words.Plain("send real gzip, or no Content-Encoding"),
			})
		case p.reply.Failure == "" && otherEncoding(encoding):
			p.report(Finding{
				Got: clip(encoding), Want: words.Plain("gzip or none"), Message: words.Plain(fmt.Sprintf("OpenIM does not unpack Content-Encoding %s: %s", clip(encoding), p.consequence())),
				Hint: words.Plain("send gzip, or no Content-Encoding"),
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
			Got: fmt.Sprintf("%d to %s", first.Status, plainURL(first.Location)), Want: words.Plain("an answer at the URL itself"),
			Hint: words.Plain("put the final URL into webhooks.yml: " + plainURL(last.Location)),
		}
		if p.bodyLost() {
			f.Message = words.Plain(fmt.Sprintf("a redirect (%d) turns the callback into a GET without a body, whose answer decides: %s", first.Status, p.divertedEffect()))
		} else {
			f.Severity = Warning
			f.Message = words.Plain(fmt.Sprintf("a redirect (%d) makes OpenIM send each callback twice", first.Status))
		}
		p.report(f)
	},
}

// divertedEffect says what OpenIM makes of an answer that is not the
// callback's.
func (p *pass) divertedEffect() string {
	switch {
	case p.unusable(), !p.before():
		return p.consequence()
	case p.verdict.Outcome == Proceed:
		return p.operation() + " goes through"
	default:
		return "OpenIM blocks " + p.operation()
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
			Got: took.String(), Want: words.Plain("less than " + soon.String()), Message: words.Plain(fmt.Sprintf("the reply took %s of the %s that OpenIM waits", took, p.timeout)),
			Hint: words.Plain("answer first and do slow work afterwards"),
		})
	},
}

var ruleContentType = Rule{
	ID: "content-type", Severity: Advice, Title: "the reply does not call itself JSON",
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
		f := Finding{Got: clip(given), Want: words.Plain("application/json"), Hint: words.Plain("send Content-Type: application/json")}
		f.Message = words.Plain(fmt.Sprintf("the reply calls itself %s; OpenIM does not look at Content-Type, others do", clip(given)))
		if given == "" {
			f.Got = "nothing"
			f.Message = words.Plain("the reply has no Content-Type; OpenIM does not look at it, others do")
		}
		p.report(f)
	},
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
