package simulator

import (
	"cmp"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

// URLStyle says where in the URL the command goes.
type URLStyle string

// The styles. Servers that imcb covers (3.5 and later) use Path only.
const (
	// Path appends "/" and the command, as OpenIM 3.5 and later do.
	Path URLStyle = "path"
	// Query appends "?command=" and the command, as OpenIM 3.0 to 3.4 do.
	Query URLStyle = "query"
	// Bare leaves the base unchanged, as OpenIM 2 does; the receiver finds the
	// command in the body.
	Bare URLStyle = "bare"
	// Documented appends "/", the command and "?contenttype=json" as the
	// documents show; no server ever sent that query.
	Documented URLStyle = "documented"
	// DocumentedQuery appends "?command=", the command and "&contenttype=json" as
	// older documents show.
	DocumentedQuery URLStyle = "documented-query"
)

// URLStyles returns the names of all styles, the usual one first.
func URLStyles() []string {
	return []string{string(Path), string(Query), string(Bare), string(Documented), string(DocumentedQuery)}
}

// Target is a receiver by the url that OpenIM's configuration has for it.
// NewTarget makes one; it knows every URL that comes of it.
type Target struct {
	base   string
	style  URLStyle
	parsed url.URL // base once more
}

// NewTarget returns the target with the url base. The error says what keeps
// OpenIM from posting there, or that the style is unknown.
func NewTarget(base string, style URLStyle) (Target, error) {
	if !slices.Contains(URLStyles(), string(style)) {
		return Target{}, words.Unknown("URL style", string(style), URLStyles())
	}
	u, err := parseBase(base)
	if err != nil {
		return Target{}, err
	}
	return Target{base, style, *u}, nil
}

// URL is where OpenIM posts the payload, of which it reads Command and Query.
//
// The command is appended as text, as OpenIM does it: a slash at the end of the
// base gives "//", and a query in the base swallows the command (see Warnings).
// Where the payload has a query of its own, the joined URL is parsed and its
// query encoded anew, as OpenIM main does.
func (t Target) URL(p *fixtures.Payload) string {
	joined := t.join(p.Command)
	if len(p.Query) == 0 {
		return joined
	}
	u, err := url.Parse(joined)
	if err != nil { // for a command that somebody made up; sending it says what is wrong
		return joined
	}
	query := u.Query()
	maps.Copy(query, p.Query)
	u.RawQuery = query.Encode()
	return u.String()
}

func (t Target) join(command string) string {
	switch t.style {
	case Query:
		return t.base + "?" + url.Values{"command": {command}}.Encode()
	case Bare:
		return t.base
	case Documented:
		return t.base + "/" + command + "?contenttype=json"
	case DocumentedQuery:
		return t.base + "?" + url.Values{"command": {command}}.Encode() + "&contenttype=json"
	default:
		return t.base + "/" + command
	}
}

// Again is where OpenIM would post a recorded request if this were its target:
// by the exchange's command, else that of its URL, with main's "key" in the
// query where the recorded URL has one.
func (t Target) Again(x validate.Exchange) string {
	p := fixtures.Payload{Command: cmp.Or(x.Command, x.Request.URLCommand())}
	if u, err := url.Parse(x.Request.URL); err == nil && u.Query().Has("key") {
		p.Query = url.Values{"key": {u.Query().Get("key")}}
	}
	return t.URL(&p)
}

// forward is where a proxy before the target passes a request on to: the
// command goes where it was found, and the query stays.
func (t Target) forward(from *url.URL, foundIn string) *url.URL {
	to := t.parsed
	if name := lastSegment(from); foundIn == "path" || foundIn == "" && name != "" {
		to.Path, to.RawPath = to.Path+"/"+name, ""
		if strings.HasSuffix(from.Path, "/") {
			to.Path += "/"
		}
	}
	to.RawQuery = from.RawQuery
	return &to
}

// parseBase parses base; the error says why OpenIM can't post to it.
func parseBase(base string) (*url.URL, error) {
	switch {
	case base == "":
		return nil, say("url.none", "example", validate.ExampleURL).Err()
	case base != strings.TrimSpace(base):
		return nil, say("url.space", "url", base).Err()
	case !strings.Contains(base, "://"):
		return nil, say("url.no-scheme", "url", base, "example", validate.ExampleURL).Err()
	}
	u, err := url.Parse(base)
	switch {
	case err != nil:
		return nil, say("url.broken", "url", base, "error", reason(err), "example", validate.ExampleURL).Err()
	case u.Scheme == "webhook":
		return nil, say("url.webhook", "url", base, "example", validate.ExampleURL).Err()
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, say("url.scheme", "url", base, "scheme", u.Scheme, "example", validate.ExampleURL).Err()
	case u.Hostname() == "":
		return nil, say("url.no-host", "url", base, "example", validate.ExampleURL).Err()
	}
	return u, nil
}

// reason is what url.Parse objects to, without the URL that it repeats.
func reason(err error) error {
	var parse *url.Error
	if errors.As(err, &parse) {
		return parse.Err
	}
	return err
}

// isCommand reports whether a name is a callback's, as it is on the wire.
func isCommand(name string) bool {
	c, known := fixtures.Find(name)
	return known && c.Key != name && c.Has(name)
}

// Warnings returns a sentence for each thing in the base that makes the style
// Path lead elsewhere than one would think.
func (t Target) Warnings() (warnings []words.Text) {
	if t.style != Path {
		return nil
	}
	if strings.ContainsAny(t.base, " \t\n") {
		warnings = append(warnings, say("base.space"))
	}
	rest, _, hasFragment := strings.Cut(t.base, "#")
	if strings.Contains(rest, "?") {
		warnings = append(warnings, say("base.query"))
	}
	if hasFragment {
		warnings = append(warnings, say("base.fragment"))
	}
	last := t.base[strings.LastIndexByte(t.base, '/')+1:]
	switch {
	case warnings != nil:
	case strings.HasSuffix(t.base, "/"):
		warnings = append(warnings, say("base.slash"))
	case isCommand(last):
		warnings = append(warnings, say("base.command", "command", last))
	}
	return warnings
}
