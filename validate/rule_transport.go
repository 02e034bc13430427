package validate

import (
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
)

// Sources of rules.
const (
	sourceClient  = "open-im-server 3.7 and later: pkg/common/webhook/http_client.go"
	sourceParse   = "open-im-server 3.7 and later: pkg/callbackstruct/common.go, Parse"
	sourceDecoder = "open-im-server: replies are read with Go's encoding/json"
	sourceRunning = "seen on running servers, 3.8.3 and main"
	sourcePages   = "documents: the callback pages"
	sourceField   = "open-im-server: the callback's handler"
)

// Exchanges for the rules' examples.
var (
	allowed      = Example{Reply: replied(http.StatusOK, fixtures.PlainAllow)}
	refused      = Example{Reply: replied(http.StatusOK, `{"actionCode":0,"errCode":5001,"errMsg":"not today","errDlt":"quiet hours","nextCode":1}`)}
	acknowledged = Example{Callback: "afterSendSingleMsg", Reply: replied(http.StatusOK, fixtures.PlainAllow)}
)

func replied(status int, body string) Reply { return Reply{Status: status, Body: []byte(body)} }

// consequence says what an unusable reply leads to, for the end of a message.
func (p *pass) consequence() string {
	switch {
	case p.callback.Phase == fixtures.After:
		return "the event is lost: OpenIM does not retry"
	case p.verdict.Outcome == Proceed:
		return "OpenIM goes on all the same (failedContinue)"
	case p.callback.Unseen:
		return "OpenIM drops it and tells nobody"
	default:
		return "OpenIM blocks " + p.operation()
	}
}

// operation names what the callback decides on.
func (p *pass) operation() string {
	if p.is("beforeSendSingleMsg beforeSendGroupMsg beforeMsgModify") {
		return "the message"
	}
	if p.callback.Group == "push" {
		return "the push"
	}
	return "the operation"
}

var ruleTimeout = Rule{
	ID: "timeout", Severity: Error, Title: "no reply in time",
	Why:    "OpenIM waits for the callback's timeout, 15 s at most. After that a before operation fails with 90004, whatever failedContinue says since 3.7.",
	Source: sourceClient,
	Bad:    Example{Reply: Reply{Failure: Timeout}}, Good: allowed,
	stage: onTransport,
	check: func(p *pass) {
		if p.reply.Failure == Timeout {
			p.report(Finding{
				Got: p.reply.Detail, Want: "a reply within " + EffectiveTimeout(p.opts.Timeout).String(),
				Message: fmt.Sprintf("no reply within %s: %s", EffectiveTimeout(p.opts.Timeout), p.consequence()),
				Hint:    "answer first and do slow work afterwards; a timeout over 15 s has no effect",
			})
		}
	},
}

var ruleUnreachable = Rule{
	ID: "unreachable", Severity: Error, Title: "nothing answers at the URL",
	Why:    "Without a connection a before operation fails with 90004 and an after event is lost.",
	Source: sourceClient,
	Bad:    Example{Reply: Reply{Failure: Refused}}, Good: allowed,
	stage: onTransport,
	check: func(p *pass) {
		what := map[Failure]string{
			Refused: "nothing listens at the URL", NoHost: "the host name can't be resolved", BadURL: "the URL can't be requested",
			Network: "the network failed", Malformed: "what answers does not speak HTTP", Redirects: "the redirects don't end", Canceled: "the request was interrupted",
		}[p.reply.Failure]
		if what != "" {
			p.report(Finding{Got: p.reply.Detail, Message: what + ": " + p.consequence(), Hint: "check that the receiver runs and that the url is right: " + p.exchange.Request.URL})
		}
	},
}

var ruleReset = Rule{
	ID: "reset", Severity: Error, Title: "the connection was closed without a reply",
	Why:    "A receiver that crashes or closes the connection gives OpenIM error 90004.",
	Source: sourceClient,
	Bad:    Example{Reply: Reply{Failure: Reset}}, Good: allowed,
	stage: onTransport,
	check: func(p *pass) {
		if p.reply.Failure == Reset {
			p.report(Finding{Got: p.reply.Detail, Message: "the connection was closed without a reply: " + p.consequence(), Hint: "look for a crash in the receiver's log"})
		}
	},
}

var ruleTruncated = Rule{
	ID: "truncated", Severity: Error, Title: "the reply ends too early",
	Why:    "A body shorter than its Content-Length is a network error to OpenIM, even if its JSON is whole.",
	Source: sourceClient,
	Bad:    Example{Reply: Reply{Status: 200, Failure: Truncated}}, Good: allowed,
	stage: onTransport,
	check: func(p *pass) {
		if p.reply.Failure == Truncated {
			p.report(Finding{Got: p.reply.Detail, Message: "the connection was closed before the whole body had come: " + p.consequence(), Hint: "send as many bytes as Content-Length says"})
		}
	},
}

var ruleTLS = Rule{
	ID: "tls", Severity: Error, Title: "TLS fails",
	Why:    "OpenIM verifies certificates against the system's roots. A self-signed or expired one fails every callback with 90004.",
	Source: sourceClient,
	Bad:    Example{Reply: Reply{Failure: TLS}}, Good: allowed,
	stage: onTransport,
	check: func(p *pass) {
		if p.reply.Failure == TLS {
			p.report(Finding{Got: p.reply.Detail, Message: "the TLS connection failed: " + p.consequence(), Hint: "use a certificate that OpenIM's host trusts, or http://"})
		}
	},
}

var ruleTooLarge = Rule{
	ID: "too-large", Severity: Error, Title: "the reply is huge",
	Why:    "OpenIM reads replies of any size into memory; imcb stops at its limit.",
	Source: sourceClient,
	Bad:    Example{Reply: Reply{Status: 200, Failure: TooLarge}}, Good: allowed,
	stage: onTransport,
	check: func(p *pass) {
		if p.reply.Failure == TooLarge {
			p.report(Finding{Got: p.reply.Detail, Message: "the body is larger than imcb reads; OpenIM would hold all of it in memory", Hint: "send the contract's fields only"})
		}
	},
}

var ruleCompressedWrong = Rule{
	ID: "compressed-wrong", Severity: Error, Title: "the body is not the gzip it claims to be",
	Why:    "OpenIM asks for gzip and unpacks it; a body that is not gzip in spite of its header is a network error, and other encodings are not unpacked.",
	Source: sourceClient,
	Bad:    Example{Reply: Reply{Status: 200, Failure: Encoding}}, Good: allowed,
	stage: onTransport,
	check: func(p *pass) {
		encoding := p.reply.Header("Content-Encoding")
		switch {
		case p.reply.Failure == Encoding:
			p.report(Finding{Got: p.reply.Detail, Message: "the body can't be unpacked: " + p.consequence(), Hint: "send real gzip, or no Content-Encoding"})
		case p.syntax != nil && encoding != "" && encoding != "identity":
			p.report(Finding{Got: encoding, Want: "gzip or none", Message: fmt.Sprintf("OpenIM does not unpack Content-Encoding %s: %s", clip(encoding), p.consequence()), Hint: "send gzip, or no Content-Encoding"})
		}
	},
}

var ruleRedirect = Rule{
	ID: "redirect", Severity: Error, Title: "the receiver redirects",
	Why:    "OpenIM follows redirects. After 301, 302 and 303 it sends a GET without a body, and whatever answers that GET decides: often a login page.",
	Source: sourceRunning,
	Bad: Example{Reply: Reply{
		Status: 200, Body: []byte(fixtures.PlainAllow),
		Redirects: []Redirect{{Status: 302, Location: "https://example.com/login", Method: http.MethodGet}},
	}},
	Good: allowed, stage: onTransport,
	check: func(p *pass) {
		for _, hop := range p.reply.Redirects {
			f := Finding{Got: fmt.Sprintf("%d to %s", hop.Status, hop.Location), Hint: "put the final URL into webhooks.yml: " + clip(hop.Location)}
			if hop.Method == http.MethodGet {
				f.Message = fmt.Sprintf("a redirect (%d) turned the callback into a GET without body, and the answer to that decided", hop.Status)
			} else {
				f.Severity = Warning
				f.Message = fmt.Sprintf("a redirect (%d) makes OpenIM send each callback twice", hop.Status)
			}
			p.report(f)
			return
		}
	},
}

var ruleSlow = Rule{
	ID: "slow", Severity: Warning, Title: "the reply took most of the timeout",
	Why:    "A reply that needs over 80 % of the timeout on a quiet machine is too late on a busy one.",
	Source: sourceClient,
	Bad:    Example{Reply: Reply{Status: 200, Body: []byte(fixtures.PlainAllow), Elapsed: 4500 * time.Millisecond}},
	Good:   Example{Reply: Reply{Status: 200, Body: []byte(fixtures.PlainAllow), Elapsed: 40 * time.Millisecond}},
	stage:  onTransport,
	check: func(p *pass) {
		limit := EffectiveTimeout(p.opts.Timeout)
		if p.reply.Failure == "" && p.reply.Elapsed > limit*8/10 && p.reply.Elapsed > 0 {
			p.report(Finding{
				Got: p.reply.Elapsed.Round(time.Millisecond).String(), Want: "less than " + (limit * 8 / 10).String(),
				Message: fmt.Sprintf("the reply took %s of the %s that OpenIM waits", p.reply.Elapsed.Round(time.Millisecond), limit),
				Hint:    "answer first and do slow work afterwards",
			})
		}
	},
}

var ruleContentType = Rule{
	ID: "content-type", Severity: Advice, Title: "the reply does not call itself JSON",
	Why:    "OpenIM does not look at Content-Type. Proxies and other clients do.",
	Source: sourceRunning,
	Bad:    Example{Reply: Reply{Status: 200, Headers: []Header{{"Content-Type", "text/plain"}}, Body: []byte(fixtures.PlainAllow)}},
	Good:   Example{Reply: Reply{Status: 200, Headers: []Header{{"Content-Type", "application/json; charset=utf-8"}}, Body: []byte(fixtures.PlainAllow)}},
	stage:  onCodes,
	check: func(p *pass) {
		if len(p.reply.Headers) == 0 {
			return
		}
		given := p.reply.Header("Content-Type")
		kind, _, err := mime.ParseMediaType(given)
		if err == nil && (kind == "application/json" || strings.HasSuffix(kind, "+json")) {
			return
		}
		if given == "" {
			given = "none"
		}
		p.report(Finding{Got: given, Want: "application/json", Message: "Content-Type is " + clip(given) + "; OpenIM does not look at it", Hint: "send Content-Type: application/json"})
	},
}
