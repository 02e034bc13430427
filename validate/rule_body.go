package validate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
)

func (p *pass) bodyIsEmpty() bool { return len(bytes.TrimSpace(p.reply.Body)) == 0 }

var ruleEmptyBody = Rule{
	ID: "empty-body", Severity: Error, Contract: Both, Title: "the body is empty",
	Why:    `An empty body, also that of a 204, is not JSON: a before operation fails with 90007. After the event nobody notices. Answer with the five fields even when there is nothing to say.`,
	Source: sourceRunning, when: broken,
	Bad: answerWith(http.StatusNoContent, ""), Good: allowed,
	check: func(p *pass) {
		if !p.bodyIsEmpty() {
			return
		}
		f := p.report("", "an empty body", say("want.object"), say("empty-body", "status", p.onStatus(), "effect", p.consequence()), answerPlain)
		if !p.before() && p.success() && p.verdict.Client.ErrCode == 0 {
			f.Severity, f.Message = Note, say("empty-body.after", "status", p.onStatus())
		}
	},
}

// onStatus adds the status to a message when it is not 200.
func (p *pass) onStatus() words.Text {
	if p.reply.Status == http.StatusOK || p.reply.Status == 0 {
		return words.Text{}
	}
	return say("on-status", "status", p.reply.Status)
}

var ruleBOM = Rule{
	ID: "bom", Severity: Error, Contract: Both, Title: "the body starts with a byte order mark",
	Why:    "OpenIM's JSON reader does not skip a byte order mark; the whole reply is unreadable.",
	Source: sourceRunning, when: broken,
	Bad: answer("\ufeff" + fixtures.PlainAllow), Good: allowed,
	check: func(p *pass) {
		for _, mark := range []string{"\ufeff", "\xff\xfe", "\xfe\xff"} { // of UTF-8 and UTF-16
			if bytes.HasPrefix(p.reply.Body, []byte(mark)) && !p.found("no-route", "compressed-wrong") {
				p.report("", fmt.Sprintf("% X", mark), words.Plain("{"), say("bom", "effect", p.consequence()), say("bom.hint"))
			}
		}
	},
}

var ruleTrailingData = Rule{
	ID: "trailing-data", Severity: Error, Contract: Both, Title: "something follows the JSON",
	Why:    "The body must be one JSON document. A second one (from a handler that writes its answer twice) or any text after it makes all of it unreadable.",
	Source: sourceRunning, when: broken,
	Bad: answer(fixtures.PlainAllow + fixtures.PlainAllow), Good: allowed,
	check: func(p *pass) {
		syntax := p.syntaxError()
		if syntax == nil || !strings.HasSuffix(syntax.Error(), "after top-level value") || !p.opensDocument() || p.found("no-route", "compressed-wrong", "bom") {
			return
		}
		offset := int(syntax.Offset) - 1
		rest := p.reply.Body[offset:]
		message := say("trailing-data", "position", position(p.reply.Body, offset), "effect", p.consequence())
		if rest[0] == '{' || rest[0] == '[' {
			message = say("trailing-data.second", "position", position(p.reply.Body, offset), "effect", p.consequence())
		}
		p.report("", clip(string(rest)), say("trailing-data.want"), message, say("trailing-data.hint"))
	},
}

// opensDocument reports whether the body begins like a JSON document. A text
// that begins with a number ("500 Internal Server Error") is none, although
// the number is.
func (p *pass) opensDocument() bool {
	text := bytes.TrimSpace(p.reply.Body)
	return len(text) > 0 && (text[0] == '{' || text[0] == '[')
}

// syntaxError is the reader's error with its place in the body.
func (p *pass) syntaxError() *json.SyntaxError {
	var syntax *json.SyntaxError
	errors.As(p.body.syntax, &syntax)
	return syntax
}

var ruleNotJSON = Rule{
	ID: "not-json", Severity: Error, Contract: Both, Title: "the body is not JSON",
	Why:    "HTML, text and broken JSON can't be read: a before operation fails with 90007, whatever the status was.",
	Source: sourceRunning, when: broken,
	Bad: answer("OK"), Good: allowed,
	check: func(p *pass) {
		if p.found("no-route", "compressed-wrong", "empty-body", "bom", "trailing-data") {
			return
		}
		offset := p.syntaxOffset()
		got := "the end of the body"
		switch {
		case !p.opensDocument():
			got = clip(string(p.reply.Body))
		case offset < len(p.reply.Body):
			got = clip(string(p.reply.Body[offset:]))
		}
		p.report("", got, say("want.object"),
			say("not-json", "status", p.onStatus(), "position", position(p.reply.Body, offset), "error", p.body.syntax, "effect", p.consequence()), p.notJSONHint(offset))
	},
}

// syntaxOffset is where the body stops being JSON.
func (p *pass) syntaxOffset() int {
	syntax := p.syntaxError()
	if syntax == nil || strings.HasPrefix(syntax.Error(), "unexpected end") {
		return len(p.reply.Body)
	}
	return max(0, int(syntax.Offset)-1)
}

// notJSONHint says how the body probably came about.
func (p *pass) notJSONHint(offset int) words.Text {
	body := p.reply.Body
	before := bytes.TrimSpace(body[:min(offset, len(body))])
	text := bytes.ToLower(bytes.TrimSpace(body[:min(len(body), 200)]))
	switch {
	case bytes.Contains(text, []byte("<b>warning</b>")), bytes.Contains(text, []byte("<b>notice</b>")), bytes.HasPrefix(text, []byte("php ")):
		return say("not-json.hint-php")
	case len(text) > 0 && text[0] == '<':
		return say("not-json.hint-page")
	case bytes.HasSuffix(before, []byte(",")) && offset < len(body) && (body[offset] == '}' || body[offset] == ']'):
		return say("not-json.hint-comma")
	case len(text) > 0 && text[0] == '"' && fixtures.ValidJSON(withBraces(body)):
		return say("not-json.hint-braces", "reply", shorten(string(withBraces(body))))
	default:
		return say("not-json.hint", "reply", fixtures.PlainAllow)
	}
}

// withBraces makes an object of members that stand alone, as the documents
// print them, on one line.
func withBraces(body []byte) []byte {
	members := bytes.TrimRight(bytes.Join(bytes.Fields(body), []byte(" ")), ",")
	return slices.Concat([]byte("{"), members, []byte("}"))
}

var ruleDuplicateKey = Rule{
	ID: "duplicate-key", Severity: Warning, Contract: Both, Title: "a field occurs twice",
	Why:    "The last one counts, also when they differ in letter case only. Other JSON readers may take the first.",
	Source: sourceDecoder, when: readable,
	Bad: answer(`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":1,"nextCode":0}`), Good: allowed,
	check: func(p *pass) {
		if p.body.repeated == 0 {
			return
		}
		var names []string
		for i := range p.judge.table {
			if p.body.repeated&(1<<i) != 0 {
				names = append(names, p.judge.table[i].Name)
			}
		}
		p.report("/"+names[0], "twice: "+words.List(names, "and"), say("duplicate-key.want"),
			say("duplicate-key", "field", names[0], "more", words.More(len(names)-1)), say("duplicate-key.hint"))
	},
}

var ruleInvalidUTF8 = Rule{
	ID: "invalid-utf8", Severity: Warning, Contract: Running, Title: "the body is not UTF-8",
	Why:    "OpenIM replaces the bytes in question with U+FFFD, so that users see a question mark instead of the text.",
	Source: sourceRunning, when: readable,
	Bad: answer("{\"actionCode\":0,\"errCode\":5001,\"errMsg\":\"\xc4\xe3\",\"errDlt\":\"d\",\"nextCode\":1}"), Good: refused,
	check: func(p *pass) {
		if utf8.Valid(p.reply.Body) {
			return
		}
		offset := 0
		for r, n := utf8.DecodeRune(p.reply.Body); r != utf8.RuneError || n > 1; r, n = utf8.DecodeRune(p.reply.Body[offset:]) {
			offset += n
		}
		p.report("", fmt.Sprintf("byte %02X", p.reply.Body[offset]), words.Plain("UTF-8"),
			say("invalid-utf8", "position", position(p.reply.Body, offset)), say("invalid-utf8.hint"))
	},
}
