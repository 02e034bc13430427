package webhooks

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// exampleURL is the url that OpenIM ships since 3.8.1.
const exampleURL = "http://127.0.0.1:10006/callbackExample"

// base returns the url setting's value and place; the place of the whole
// settings if there is none.
func (p *pass) base() (text string, at yamlfile.Place) {
	if m := p.file.urlSetting(p.v); m != nil {
		if m.value.kind == list || m.value.kind == mapping {
			return exampleURL, m.value.Place // value-type says it
		}
		if m.value.text == "" {
			return "", m.Place
		}
		return m.value.text, m.value.Place
	}
	return "", p.file.holder(p.v).Place
}

// parsed is the url if OpenIM can send to it, or nil.
func (p *pass) parsed() (u *url.URL, at yamlfile.Place) {
	text, at := p.base()
	if urlFault(text) != "" {
		return nil, at
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, at
	}
	return u, at
}

// urlFault says why OpenIM can't send to a url; empty if it can.
func urlFault(text string) string {
	u, err := url.Parse(text)
	switch {
	case strings.Contains(text, "${"):
		return "holds a placeholder, which OpenIM does not fill in"
	case text != strings.TrimSpace(text):
		return "has space around it"
	case err != nil:
		var parse *url.Error
		if errors.As(err, &parse) {
			err = parse.Err
		}
		return "is no URL: " + err.Error()
	case u.Scheme == "" || !strings.Contains(text, "://"):
		return "has no scheme"
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Sprintf("has the scheme %q", u.Scheme)
	case u.Hostname() == "":
		return "has no host"
	default:
		return ""
	}
}

var ruleURLMissing = rule{
	Rule: validate.Rule{ID: "lint-url-missing", About: validate.AboutFile, Severity: validate.Error, Source: sourceClient,
		Title: "no url, so that OpenIM can't send anything"},
	check: func(p *pass) {
		text, at := p.base()
		if text != "" {
			return
		}
		f := validate.Finding{
			Place: pointTo("url"), Message: words.Plain("there is no url: OpenIM sends to an address without a host, which fails"),
			Hint: words.Plain("write url: " + exampleURL + ", with your receiver's address"),
		}
		if len(p.wanted) == 0 {
			f.Severity = validate.Note
		}
		p.report(at, f)
	},
}

var ruleWebhookScheme = rule{
	Rule: validate.Rule{ID: "lint-webhook-scheme", About: validate.AboutFile, Severity: validate.Error, Source: sourceClient,
		Title: "the scheme webhook://, to which OpenIM itself can't send"},
	check: func(p *pass) {
		if text, at := p.base(); hasWebhookScheme(text) {
			p.report(at, validate.Finding{
				Place:   pointTo("url"),
				Message: words.Plain(`the scheme "webhook" is the default of 3.7 and 3.8.0, but OpenIM can't send to it: every before callback fails with errCode 90004`),
				Hint:    words.Plain("write an http or https URL, for example " + exampleURL),
			})
		}
	},
}

func hasWebhookScheme(text string) bool {
	return strings.HasPrefix(strings.ToLower(text), "webhook://")
}

var ruleURLInvalid = rule{
	Rule: validate.Rule{ID: "lint-url-invalid", About: validate.AboutFile, Severity: validate.Error, Source: sourceClient,
		Title: "a url to which OpenIM can't send"},
	check: func(p *pass) {
		text, at := p.base()
		fault := urlFault(text)
		if text == "" || fault == "" || hasWebhookScheme(text) {
			return
		}
		p.report(at, validate.Finding{
			Place: pointTo("url"), Message: words.Plain(fmt.Sprintf("the url %s: OpenIM can't send to it", fault)),
			Hint: words.Plain("write a whole http or https URL, for example " + exampleURL),
		})
	},
}

var ruleQueryInURL = rule{
	Rule: validate.Rule{ID: "lint-query-in-url", About: validate.AboutFile, Severity: validate.Error, Source: sourceClient,
		Title: "a query or fragment in the url, which swallows the command"},
	check: func(p *pass) {
		text, at := p.base()
		if u, _ := p.parsed(); u == nil {
			return
		}
		before, _, hasFragment := strings.Cut(text, "#")
		switch {
		case strings.Contains(before, "?"):
			p.report(at, validate.Finding{
				Place: pointTo("url"),
				Message: words.Plain(`OpenIM appends "/" and the command to the url as text, so the command ends up in the query: ` +
					"the receiver has to read it from the body"),
				Hint: words.Plain("move the query into the path; a secret works there, too"),
			})
		case hasFragment:
			p.report(at, validate.Finding{
				Place:   pointTo("url"),
				Message: words.Plain(`OpenIM appends the command after the "#", so it is never sent: the receiver has to read it from the body`),
				Hint:    words.Plain(`remove the "#" and what follows`),
			})
		}
	},
}

var ruleTrailingSlash = rule{
	Rule: validate.Rule{ID: "lint-trailing-slash", About: validate.AboutFile, Severity: validate.Warning, Source: sourceClient,
		Title: `a slash at the end of the url, which makes "//" before the command`},
	check: func(p *pass) {
		text, at := p.base()
		if u, _ := p.parsed(); u == nil || !strings.HasSuffix(text, "/") || strings.ContainsAny(text, "?#") {
			return
		}
		p.report(at, validate.Finding{
			Place:   pointTo("url"),
			Message: words.Plain(`OpenIM appends "/" and the command: the path has "//" in it, which many routers answer with 404 or a redirect that drops the body`),
			Hint:    words.Plain("remove the slash at the end"),
		})
	},
}

var ruleLoopbackURL = rule{
	Rule: validate.Rule{ID: "lint-loopback-url", About: validate.AboutFile, Severity: validate.Note, Source: sourceClient,
		Title: "a loopback address, which in a container is the container itself"},
	check: func(p *pass) {
		u, at := p.parsed()
		if u == nil || !isLoopback(u.Hostname()) {
			return
		}
		p.report(at, validate.Finding{
			Place:   pointTo("url"),
			Message: words.Plain(fmt.Sprintf("%s is the machine that OpenIM runs on; if it runs in a container, the container itself", u.Hostname())),
			Hint:    words.Plain("in Docker, write the receiver's service name, or host.docker.internal for a receiver on the host"),
		})
	},
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && (ip.IsLoopback() || ip.IsUnspecified())
}
