package webhooks

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

var urlRules = []*rule{
	newRule("lint-url-missing", validate.Error, sourceClient, "no url, so that OpenIM can't send anything", (*pass).urlMissing),
	newRule("lint-webhook-scheme", validate.Error, sourceClient, "the scheme webhook://, to which OpenIM itself can't send", (*pass).webhookScheme),
	newRule("lint-url-invalid", validate.Error, sourceClient, "a url to which OpenIM can't send", (*pass).urlInvalid),
	newRule("lint-query-in-url", validate.Error, sourceClient, "a query or fragment in the url, which swallows the command", (*pass).queryInURL),
	newRule("lint-trailing-slash", validate.Warning, sourceClient, `a slash at the end of the url, which makes "//" before the command`, (*pass).trailingSlash),
	newRule("lint-url-no-path", validate.Warning, sourceClient, "a url without a path: what is posted to is never the url itself", (*pass).urlNoPath),
	newRule("lint-loopback-url", validate.Note, sourceClient, "a loopback address, which in a container is the container itself", (*pass).loopbackURL),
}

// base returns the url setting's text and place; the place of the whole
// settings if there is none.
func (p *pass) base() (text string, at place) {
	at = place{p.view.holder.Place, []string{"url"}}
	if p.view.url == nil {
		return "", at
	}
	x := p.view.url.value
	if at.Place = p.view.url.Place; x.text != "" || x.hasParts() {
		at.Place = x.Place
	}
	if x.hasParts() {
		return validate.ExampleURL, at // value-type says it
	}
	return x.text, at
}

// usable returns the url if OpenIM can send to it. Its text is empty otherwise.
func (p *pass) usable() (text string, u *url.URL, at place) {
	text, at = p.base()
	if !urlFault(text).IsZero() {
		return "", &url.URL{}, at
	}
	u, _ = url.Parse(text)
	return text, u, at
}

// urlFault says why OpenIM can't send to a url; no text if it can.
func urlFault(text string) words.Text {
	u, err := url.Parse(text)
	switch {
	case strings.Contains(text, "${"):
		return say("url-invalid.placeholder")
	case text != strings.TrimSpace(text):
		return say("url-invalid.space")
	case err != nil:
		var parse *url.Error
		if errors.As(err, &parse) {
			err = parse.Err
		}
		return say("url-invalid.syntax", "error", err)
	case u.Scheme == "" || !strings.Contains(text, "://"):
		return say("url-invalid.no-scheme")
	case u.Scheme != "http" && u.Scheme != "https":
		return say("url-invalid.scheme", "scheme", u.Scheme)
	case u.Hostname() == "":
		return say("url-invalid.host")
	default:
		return words.Text{}
	}
}

func (p *pass) urlMissing() {
	text, at := p.base()
	if text != "" {
		return
	}
	severity := validate.Error
	if len(p.wanted) == 0 {
		severity = validate.Note
	}
	p.report(at, say("url-missing"), say("url-missing.hint", "url", validate.ExampleURL)).Severity = severity
}

func (p *pass) webhookScheme() {
	if text, at := p.base(); hasWebhookScheme(text) {
		p.report(at, say("webhook-scheme"), say("webhook-scheme.hint", "url", validate.ExampleURL))
	}
}

func hasWebhookScheme(text string) bool {
	return strings.HasPrefix(strings.ToLower(text), "webhook://")
}

func (p *pass) urlInvalid() {
	text, at := p.base()
	if fault := urlFault(text); text != "" && !fault.IsZero() && !hasWebhookScheme(text) {
		p.report(at, say("url-invalid", "fault", fault), say("url-invalid.hint", "url", validate.ExampleURL))
	}
}

func (p *pass) queryInURL() {
	text, _, at := p.usable()
	address, _, hasFragment := strings.Cut(text, "#")
	switch {
	case strings.Contains(address, "?"):
		p.report(at, say("query-in-url"), say("query-in-url.hint"))
	case hasFragment:
		p.report(at, say("query-in-url.fragment"), say("query-in-url.hint-fragment"))
	}
}

func (p *pass) trailingSlash() {
	if text, _, at := p.usable(); strings.HasSuffix(text, "/") && !strings.ContainsAny(text, "?#") {
		p.report(at, say("trailing-slash"), say("trailing-slash.hint"))
	}
}

// urlNoPath tells of a url at whose root people wait for callbacks.
func (p *pass) urlNoPath() {
	text, u, at := p.usable()
	if text == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || len(p.wanted) == 0 {
		return
	}
	sent := strings.TrimSuffix(text, "/") + "/" + p.wanted[0].callback.Command(p.v)
	p.report(at, say("url-no-path", "url", text, "sent", sent), say("url-no-path.hint"))
}

func (p *pass) loopbackURL() {
	_, u, at := p.usable()
	switch host := u.Hostname(); {
	case !isLoopback(host), p.view.file.runs == OnHost:
	case p.view.file.runs == InContainer && (len(p.wanted) > 0 || at.Line < 0):
		p.report(at, say("loopback-url.container", "host", host), say("loopback-url.hint")).Severity = validate.Error
	default:
		p.report(at, say("loopback-url", "host", host), say("loopback-url.hint"))
	}
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && (ip.IsLoopback() || ip.IsUnspecified())
}
