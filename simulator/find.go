package simulator

import (
	"fmt"
	"net/url"
	"path"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/imcb-dev/imcb/fixtures"
)

// finding is what a request says about its callback.
type finding struct {
	callback *fixtures.Callback // nil: unknown
	command  string             // as it was written
	in       string             // path, query, body; empty: unknown
	note     string
}

// place is where a command may be, and what is written there.
type place struct{ name, text string }

// find looks for a command where the server versions put it: the last segment
// of the path (3.5 and later), the query (3.0 to 3.4), the body (all).
func find(u *url.URL, body []byte) finding {
	inBody := bodyCommand(body)
	places := [...]place{{"path", lastSegment(u)}, {"query", queryCommand(u)}, {"body", inBody}}
	for _, p := range places {
		if c, ok := fixtures.Find(p.text); ok {
			return finding{callback: c, command: p.text, in: p.name, note: mismatch(c, p, inBody)}
		}
	}
	return unknown(places[:])
}

// mismatch says that the body names another callback than the place where c
// was found.
func mismatch(c *fixtures.Callback, found place, inBody string) string {
	if inBody == "" || inBody == found.text {
		return ""
	}
	other, err := fixtures.Lookup(clip(inBody))
	switch {
	case err != nil:
		return fmt.Sprintf("the %s says %s, but the body's callbackCommand is an %v", found.name, found.text, err)
	case other.Key != c.Key:
		return fmt.Sprintf("the %s says %s, but the body's callbackCommand is %s", found.name, found.text, inBody)
	}
	return ""
}

// unknown takes the surest name there is: a path may be just the base URL's.
func unknown(places []place) finding {
	for i := len(places) - 1; i >= 0; i-- {
		name := places[i].text
		if name == "" {
			continue
		}
		if _, err := fixtures.Lookup(clip(name)); err != nil {
			return finding{command: name, note: fmt.Sprintf("%v (found in the %s)", err, places[i].name)}
		}
	}
	return finding{note: "no command in the path, the query or the body"}
}

// clip cuts a name that somebody made up: messages repeat it.
func clip(name string) string {
	const most = 200
	if len(name) > most {
		return strings.ToValidUTF8(name[:most], "") + "…"
	}
	return name
}

func lastSegment(u *url.URL) string {
	if name := path.Base(u.Path); name != "." && name != "/" {
		return name
	}
	return ""
}

func queryCommand(u *url.URL) string {
	if u.RawQuery == "" {
		return ""
	}
	return u.Query().Get("command")
}

// bodyCommand reads what it can from a body that may be no JSON at all.
func bodyCommand(body []byte) string {
	if v := gjson.GetBytes(body, "callbackCommand"); v.Type == gjson.String {
		return v.String()
	}
	return ""
}
