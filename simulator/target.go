package simulator

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
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
	// Documented appends "/", the command and "?contenttype=json" as OpenIM's
	// documents show; no server ever sent that query.
	Documented URLStyle = "documented"
)

// exampleURL is the default url of OpenIM 3.8.1 and later.
const exampleURL = "http://127.0.0.1:10006/callbackExample"

// URLStyles returns the names of all styles, the usual one first.
func URLStyles() []string {
	return []string{string(Path), string(Query), string(Bare), string(Documented)}
}

// ParseURLStyle reads the name of a style. The error lists the names.
func ParseURLStyle(name string) (URLStyle, error) {
	for _, known := range URLStyles() {
		if name == known {
			return URLStyle(name), nil
		}
	}
	return "", fmt.Errorf("unknown URL style %q: use one of %s", name, strings.Join(URLStyles(), ", "))
}

// URL returns the address to which OpenIM posts the payload when base is the
// url of its configuration. Only p.Command and p.Query are read.
//
// The command is appended as text, as OpenIM does it: a slash at the end of
// base gives "//", and a query in base swallows the command (see URLWarnings).
// Where the payload has a query of its own, the joined URL is parsed and its
// query encoded anew, as OpenIM main does.
//
// The error says what keeps base from being an absolute http or https URL, or
// that the style is unknown.
func URL(base string, style URLStyle, p *fixtures.Payload) (string, error) {
	if err := checkBase(base); err != nil {
		return "", err
	}
	joined, err := join(base, style, p.Command)
	if err != nil || len(p.Query) == 0 {
		return joined, err
	}
	u, err := url.Parse(joined)
	if err != nil {
		return "", fmt.Errorf("URL %q: %w", joined, reason(err))
	}
	query := u.Query()
	for name, values := range p.Query {
		query[name] = values
	}
	u.RawQuery = query.Encode()
	return u.String(), nil
}

func join(base string, style URLStyle, command string) (string, error) {
	switch style {
	case Path:
		return base + "/" + command, nil
	case Query:
		return base + "?" + url.Values{"command": {command}}.Encode(), nil
	case Bare:
		return base, nil
	case Documented:
		return base + "/" + command + "?contenttype=json", nil
	}
	_, err := ParseURLStyle(string(style))
	return "", err
}

// checkBase explains why OpenIM can't post to base. Nil: it can.
func checkBase(base string) error {
	switch {
	case base == "":
		return fmt.Errorf("no URL given: write one like %s", exampleURL)
	case base != strings.TrimSpace(base):
		return fmt.Errorf("URL %q has space around it: remove it", base)
	case !strings.Contains(base, "://"):
		return fmt.Errorf(`URL %q has no scheme: write "http://" in front of it, as in %s`, base, exampleURL)
	}
	u, err := url.Parse(base)
	switch {
	case err != nil:
		return fmt.Errorf("URL %q: %w: write one like %s", base, reason(err), exampleURL)
	case u.Scheme == "webhook":
		return fmt.Errorf("URL %q has the scheme \"webhook\", the default of OpenIM 3.7 and 3.8.0, to which OpenIM itself can't send: "+
			"write an http or https URL like %s", base, exampleURL)
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("URL %q has the scheme %q: write an http or https URL like %s", base, u.Scheme, exampleURL)
	case u.Hostname() == "":
		return fmt.Errorf("URL %q has no host: write one like %s", base, exampleURL)
	}
	return nil
}

// reason is what url.Parse objects to, without the URL that it repeats.
func reason(err error) error {
	var parse *url.Error
	if errors.As(err, &parse) {
		return parse.Err
	}
	return err
}

// URLWarnings returns a sentence for each thing in base that makes the style
// Path lead elsewhere than one would think. It says nothing of a base that
// URL rejects.
func URLWarnings(base string) []string {
	if checkBase(base) != nil {
		return nil
	}
	var warnings []string
	if strings.ContainsAny(base, " \t\n") {
		warnings = append(warnings, "the URL has a space in it, which is sent as %20; remove it if the receiver has none in its path")
	}
	rest, _, hasFragment := strings.Cut(base, "#")
	if strings.Contains(rest, "?") {
		warnings = append(warnings, `the URL has a query: OpenIM appends "/" and the command to it as text, so the command ends up in the query `+
			"and the receiver has to read it from the body; move the query into the path")
	}
	if hasFragment {
		warnings = append(warnings, `the URL has a fragment: OpenIM appends the command after the "#", so it is never sent; remove the fragment`)
	}
	if warnings == nil && strings.HasSuffix(base, "/") {
		warnings = append(warnings, `the URL ends in "/": OpenIM appends another one, so the path has "//" before the command; remove the slash`)
	}
	return warnings
}
