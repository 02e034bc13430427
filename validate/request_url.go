package validate

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/tidwall/gjson"
)

// version says that the version does not have the callback at all.
func (k *requestWalk) version() {
	switch {
	case k.check.callback.DocumentedOnly():
		hint := say("hint.omit")
		if instead := k.check.callback.Instead; instead != "" {
			hint = say("request-command.hint-instead", "callback", instead)
		}
		k.report(requestCommand, Warning, "", say("request-command.documented", "command", k.check.command), hint).Contract = Running
	case k.check.like != k.check.server:
		k.report(requestCommand, Warning, "", say("request-command.version", "server", k.check.server, "callback", k.check.callback.Key, "nearest", k.check.like), words.Text{}).Contract = Running
	}
}

// kindOfMessage says that the version sends the callback, but not for messages
// of this content type.
func (k *requestWalk) kindOfMessage() {
	c, t := k.check, k.inMessage
	if t.kind == 0 {
		return // members says that it is missing, or there is none
	}
	code, err := strconv.Atoi(string(k.scan.text[t.start:t.end]))
	if err != nil || c.callback.SentFor(code, c.like) || !c.callback.SentBy(c.server) || k.full(Warning) {
		return
	}
	k.report(requestCommand, Warning, "/contentType", say("request-command.message", "server", c.server, "callback", c.callback.Key, "code", code), words.Text{}).Contract = Running
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
	var message words.Text
	switch {
	case got == k.check.command:
		return true
	case k.check.callback.Has(got):
		message = say("request-command.renamed", "server", k.check.like, "command", k.check.command, "since", k.check.since(k.check.command), "got", got, "gotSince", k.check.since(got))
	case known(got):
		message = say("request-command.other", "got", clip(got), "command", k.check.command)
	default:
		message = say("request-command.unknown", "got", clip(got), "command", k.check.command)
	}
	f := k.report(requestCommand, Error, "/callbackCommand", message, say("hint.send", "value", k.check.command))
	if k.check.callback.Has(got) {
		f.Contract = Running // documents may have either name
	}
	return false
}

// since says which versions call the callback by that command.
func (c *RequestCheck) since(command string) words.Text {
	for _, name := range c.callback.Names {
		switch {
		case name.Command != command:
		case name.Old != "":
			return say("request-command.old", "versions", name.Old)
		default:
			return say("request-command.span", "versions", name.Span)
		}
	}
	return say("request-command.documents")
}

// known reports whether any version or document has the command.
func known(command string) bool {
	callback, ok := fixtures.Find(command)
	return ok && callback.Has(command)
}

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
		k.report(requestCommand, Error, "", say("request-command.url", "inURL", inURL, "command", k.check.command), say("request-command.hint-url", "ending", k.check.ending))
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
	hint := say("request-url.hint-path", "ending", k.check.ending)
	last := u.Path[strings.LastIndexByte(u.Path, '/')+1:]
	switch {
	case k.check.callback.Has(last) && strings.HasSuffix(u.Path, "//"+last):
		k.report(requestURL, Note, "", say("request-url.slash"), say("request-url.hint-slash"))
	case k.check.callback.Has(last):
	case k.check.swallowed(query):
		k.report(requestURL, Warning, "", say("request-url.swallowed"), say("request-url.hint-query"))
	case query.Has("command"):
		k.report(requestURL, Warning, "", say("request-url.old"), hint)
	default:
		k.report(requestURL, Warning, "", say("request-url.nameless", "ending", k.check.ending), hint)
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
	} else if senders := keySenders(k.check.callback); query.Has("key") && len(senders) > 0 {
		k.report(requestURL, Warning, "", say("request-url.key-of", "server", k.check.server, "versions", senders), words.Text{})
		query.Del("key")
	}
	query.Del("command")
	if len(query) > 0 && !k.check.swallowed(query) {
		names := slices.Sorted(maps.Keys(query))
		k.report(requestURL, Note, "", say("request-url.query", "server", k.check.server, "names", firstNames(names), "more", words.More(len(names)-mostNames)), words.Text{})
	}
}

// keySenders names the releases that send the callback with the query key.
func keySenders(c *fixtures.Callback) (names []string) {
	for _, v := range fixtures.Releases() {
		if c.SendsKey(v) {
			names = append(names, v.String())
		}
	}
	return names
}

// conversationKey checks main's "key": base64 of a JSON object that says who
// talks to whom.
func (k *requestWalk) conversationKey(query url.Values) {
	hint := say("request-url.hint-key")
	if !query.Has("key") {
		k.report(requestURL, Warning, "", say("request-url.no-key", "server", k.check.server), hint)
		return
	}
	if !k.isObject {
		return // nothing to compare it with
	}
	var key struct{ SendID, RecvID, GroupID string }
	text, err := base64.StdEncoding.DecodeString(query.Get("key"))
	in := gjson.GetManyBytes(k.scan.text, "sendID", "recvID", "groupID")
	other := func(i int, id string) bool { return in[i].String() != "" && in[i].String() != id }
	// A reply that moved the message to another chat leaves ids in the key that
	// the body has no more.
	if err != nil || json.Unmarshal(text, &key) != nil || other(0, key.SendID) || other(1, key.RecvID) || other(2, key.GroupID) {
		k.report(requestURL, Warning, "", say("request-url.key"), hint)
	}
}
