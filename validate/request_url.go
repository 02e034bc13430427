package validate

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/tidwall/gjson"
)

// version says that the version does not have the callback at all.
func (k *requestWalk) version() {
	switch {
	case k.check.callback.DocumentedOnly():
		hint := "leave it out"
		if k.check.callback.Instead != "" {
			hint = "OpenIM sends " + k.check.callback.Instead + " instead"
		}
		k.report(requestCommand, Warning, "", "no OpenIM sends "+k.check.command+": only documents name it", hint)
	case k.check.like != k.check.server:
		k.report(requestCommand, Warning, "", fmt.Sprintf("OpenIM %s has no %s; the nearest version that has it is %s", k.check.server, k.check.callback.Key, k.check.like), "")
	}
}

// commandInBody checks the command in the body and reports whether it is the
// expected one.
func (k *requestWalk) commandInBody() bool {
	if k.inBody.kind == 0 {
		return false // members says that it is missing
	}
	if t := k.inBody; t.plain && string(k.scan.text[t.start+1:t.end-1]) == k.check.command {
		return true
	}
	got := k.textOf(k.inBody)
	var message string
	switch {
	case got == k.check.command:
		return true
	case k.check.callback.Has(got):
		message = fmt.Sprintf("OpenIM %s calls it %s (%s), not %s (%s)", k.check.like, k.check.command, k.check.since(k.check.command), got, k.check.since(got))
	case known(got):
		message = fmt.Sprintf("callbackCommand is %s, but the request is for %s", clip(got), k.check.command)
	default:
		message = fmt.Sprintf("callbackCommand is %s, which is no command of OpenIM; the request is for %s", clip(got), k.check.command)
	}
	k.report(requestCommand, Error, "/callbackCommand", message, "send "+k.check.command)
	return false
}

// since says which versions call the callback by that command.
func (c *RequestCheck) since(command string) string {
	for _, name := range c.callback.Names {
		switch {
		case name.Command != command:
		case name.Old != "":
			return "OpenIM " + name.Old
		default:
			return name.Span.String()
		}
	}
	return "in documents only"
}

// known reports whether any version or document has the command.
func known(command string) bool { return commandIndex()[command] }

var commandIndex = sync.OnceValue(func() map[string]bool {
	index := make(map[string]bool)
	for _, name := range fixtures.CommandNames() {
		index[name] = true
	}
	return index
})

// url compares the form of the URL with OpenIM's. commandSent says that the
// body is for this callback.
func (k *requestWalk) checkURL(text string, commandSent bool) {
	if text == "" || k.check.isUsual(text) {
		return
	}
	u, err := url.Parse(text)
	if err != nil {
		return
	}
	query := u.Query()
	k.checkPath(u, query)
	if inURL := (Request{URL: text}).URLCommand(); commandSent && inURL != k.check.command && k.check.callback.Has(inURL) {
		k.report(requestCommand, Error, "", fmt.Sprintf("the URL says %s, the body %s", inURL, k.check.command), "end the URL in "+k.check.ending)
	}
	k.checkQuery(query)
}

// isUsual reports whether the URL is plainly as it should be: most are, and
// parsing one costs more than checking a body.
func (c *RequestCheck) isUsual(text string) bool {
	base, found := strings.CutSuffix(text, c.ending)
	return found && !c.keyed && !strings.HasSuffix(base, "/") && strings.IndexByte(base, '?') < 0
}

// path checks where the command is.
func (k *requestWalk) checkPath(u *url.URL, query url.Values) {
	hint := "end the URL's path in " + k.check.ending
	last := u.Path[strings.LastIndexByte(u.Path, '/')+1:]
	switch {
	case k.check.callback.Has(last) && strings.HasSuffix(u.Path, "//"+last):
		k.report(requestURL, Advice, "", "the URL has // before the command: the url in webhooks.yml ends in a slash", "leave out the slash at its end")
	case k.check.callback.Has(last):
	case k.check.swallowed(query):
		k.report(requestURL, Warning, "", "the command is inside the query: the url in webhooks.yml has a query, and OpenIM appends the command as text", "write the url without a query")
	case query.Has("command"):
		k.report(requestURL, Warning, "", "the command is in the query, where OpenIM 3.0 to 3.4 put it; from 3.5 on it ends the path", hint)
	default:
		k.report(requestURL, Warning, "", "the URL does not name the command: OpenIM appends "+k.check.ending+" to its url", hint)
	}
}

// swallowed reports whether a value of the query ends as the path should.
func (c *RequestCheck) swallowed(query url.Values) bool {
	for _, values := range query {
		for _, v := range values {
			if name := v[strings.LastIndexByte(v, '/')+1:]; len(name) < len(v) && c.callback.Has(name) {
				return true
			}
		}
	}
	return false
}

// query checks the parameters: main adds "key" to three callbacks, and nothing
// else is ever there. What path speaks of is left out.
func (k *requestWalk) checkQuery(query url.Values) {
	if k.check.keyed {
		k.conversationKey(query)
		query.Del("key")
	}
	query.Del("command")
	if len(query) > 0 && !k.check.swallowed(query) {
		k.report(requestURL, Advice, "", "OpenIM "+k.check.server.String()+" adds no "+quoteNames(slices.Sorted(maps.Keys(query)))+" to the URL", "")
	}
}

// conversationKey checks main's "key": base64 of a JSON object that says who
// talks to whom.
func (k *requestWalk) conversationKey(query url.Values) {
	const hint = `add ?key= with the base64 of {"sendID":…,"recvID":…,"groupID":…}, escaped for a URL`
	if !query.Has("key") {
		k.report(requestURL, Warning, "", "the query key is missing: OpenIM main sends it with this callback", hint)
		return
	}
	if k.scan.bad {
		return // nothing to compare it with
	}
	type ids struct{ SendID, RecvID, GroupID string }
	in := gjson.GetManyBytes(k.scan.text, "sendID", "recvID", "groupID")
	var got ids
	text, err := base64.StdEncoding.DecodeString(query.Get("key"))
	if err != nil || json.Unmarshal(text, &got) != nil || got != (ids{in[0].String(), in[1].String(), in[2].String()}) {
		k.report(requestURL, Warning, "", "the query key is not that of the body's sendID, recvID and groupID", hint)
	}
}
