package simulator

import (
	"net/url"
	"path"

	"github.com/tidwall/gjson"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
)

// finding is what a request says about its callback.
type finding struct {
	callback *fixtures.Callback // nil: unknown
	command  string             // as it was written
	in       string             // path, query, body; empty: unknown
	note     words.Text
	disputed bool // the body names another
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
			note := mismatch(c, p, inBody)
			return finding{callback: c, command: p.text, in: p.name, note: note, disputed: !note.IsZero()}
		}
	}
	return unknown(places[:])
}

// mismatch says that the body names another callback than the place where c
// was found.
func mismatch(c *fixtures.Callback, found place, inBody string) (note words.Text) {
	if inBody == "" || inBody == found.text {
		return note
	}
	other, err := fixtures.Lookup(words.Clip(inBody, maxName))
	switch {
	case err != nil:
		return say("other-command.none", "place", found.name, "command", found.text, "error", err)
	case other.Key != c.Key:
		return say("other-command", "place", found.name, "command", found.text, "other", inBody)
	}
	return note
}

// unknown takes the surest name there is: a path may be just the base URL's.
func unknown(places []place) finding {
	for i := len(places) - 1; i >= 0; i-- {
		name := places[i].text
		if name == "" {
			continue
		}
		if _, err := fixtures.Lookup(words.Clip(name, maxName)); err != nil {
			return finding{command: name, note: say("unknown-command", "error", err, "place", places[i].name)}
		}
	}
	return finding{note: say("no-command")}
}

// maxName is how many characters messages repeat of a name that somebody made
// up.
const maxName = 200

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
