package validate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
)

var byteOrderMark = []byte("\xef\xbb\xbf")

func (p *pass) bodyIsEmpty() bool { return len(bytes.TrimSpace(p.reply.Body)) == 0 }

var ruleEmptyBody = Rule{
	ID: "empty-body", Severity: Error, Title: "the body is empty",
	Why:    `An empty body, also that of a 204, is not JSON: a before operation fails with 90007. Answer with the five fields even when there is nothing to say.`,
	Source: sourceRunning,
	Bad:    Example{Reply: replied(http.StatusNoContent, "")}, Good: allowed,
	when: broken,
	check: func(p *pass) {
		if !p.bodyIsEmpty() {
			return
		}
		p.report(Finding{
			Got: "an empty body", Want: words.Plain("a JSON object"),
			Message: words.Plain(fmt.Sprintf("the body is empty%s: %s", p.onStatus(), p.consequence())), Hint: words.Plain("answer " + fixtures.PlainAllow),
		})
	},
}

// onStatus adds the status to a message when it is not 200.
func (p *pass) onStatus() string {
	if p.reply.Status == http.StatusOK || p.reply.Status == 0 {
		return ""
	}
	return " (status " + strconv.Itoa(p.reply.Status) + ")"
}

var ruleBOM = Rule{
	ID: "bom", Severity: Error, Title: "the body starts with a byte order mark",
	Why:    "OpenIM's JSON reader does not skip a byte order mark; the whole reply is unreadable.",
	Source: sourceRunning,
	Bad:    Example{Reply: replied(http.StatusOK, "\ufeff"+fixtures.PlainAllow)}, Good: allowed,
	when: broken,
	check: func(p *pass) {
		if bytes.HasPrefix(p.reply.Body, byteOrderMark) && !p.found("no-route", "compressed-wrong") {
			p.report(Finding{
				Got: "EF BB BF", Want: words.Plain("{"), Message: words.Plain("the body starts with a byte order mark, which is not JSON: " + p.consequence()),
				Hint: words.Plain("save the file or write the stream as UTF-8 without BOM"),
			})
		}
	},
}

var ruleTrailingData = Rule{
	ID: "trailing-data", Severity: Error, Title: "something follows the JSON",
	Why:    "The body must be one JSON document. A second one (from a handler that writes its answer twice) or any text after it makes all of it unreadable.",
	Source: sourceRunning,
	Bad:    Example{Reply: replied(http.StatusOK, fixtures.PlainAllow+fixtures.PlainAllow)}, Good: allowed,
	when: broken,
	check: func(p *pass) {
		syntax := p.syntaxError()
		if syntax == nil || !strings.HasSuffix(syntax.Error(), "after top-level value") || p.found("no-route", "compressed-wrong", "bom") {
			return
		}
		offset := int(syntax.Offset) - 1
		rest := p.reply.Body[offset:]
		what := "text follows the JSON"
		if rest[0] == '{' || rest[0] == '[' {
			what = "a second JSON document follows the first"
		}
		p.report(Finding{
			Got: clip(string(rest)), Want: words.Plain("the end of the body"),
			Message: words.Plain(fmt.Sprintf("%s at %s: %s", what, position(p.reply.Body, offset), p.consequence())),
			Hint:    words.Plain("write the reply once, and return after writing it"),
		})
	},
}

// syntaxError is the reader's error with its place in the body.
func (p *pass) syntaxError() *json.SyntaxError {
	var syntax *json.SyntaxError
	errors.As(p.body.syntax, &syntax)
	return syntax
}

var ruleNotJSON = Rule{
	ID: "not-json", Severity: Error, Title: "the body is not JSON",
	Why:    "HTML, text and broken JSON can't be read: a before operation fails with 90007, whatever the status was.",
	Source: sourceRunning,
	Bad:    Example{Reply: replied(http.StatusOK, "OK")}, Good: allowed,
	when: broken,
	check: func(p *pass) {
		if p.found("no-route", "compressed-wrong", "empty-body", "bom", "trailing-data") {
			return
		}
		offset := p.syntaxOffset()
		got := "the end of the body"
		if offset < len(p.reply.Body) {
			got = clip(string(p.reply.Body[offset:]))
		}
		p.report(Finding{
			Got: got, Want: words.Plain("a JSON object"),
			Message: words.Plain(fmt.Sprintf("the body%s is not JSON at %s (%s): %s", p.onStatus(), position(p.reply.Body, offset), p.body.syntax, p.consequence())),
			Hint:    words.Plain(p.notJSONHint(offset)),
		})
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
func (p *pass) notJSONHint(offset int) string {
	body := p.reply.Body
	before := bytes.TrimSpace(body[:min(offset, len(body))])
	text := bytes.ToLower(bytes.TrimSpace(body[:min(len(body), 200)]))
	switch {
	case bytes.Contains(text, []byte("<b>warning</b>")), bytes.Contains(text, []byte("<b>notice</b>")), bytes.HasPrefix(text, []byte("php ")):
		return "PHP prints its notices before the JSON: set display_errors to off"
	case len(text) > 0 && text[0] == '<':
		return "a page answered, not your handler; answer JSON, in errors too"
	case bytes.HasSuffix(before, []byte(",")) && offset < len(body) && (body[offset] == '}' || body[offset] == ']'):
		return "remove the comma before it, or let a JSON library write the reply"
	default:
		return "answer with a JSON object, in errors too: " + fixtures.PlainAllow
	}
}

var ruleDuplicateKey = Rule{
	ID: "duplicate-key", Severity: Warning, Title: "a field occurs twice",
	Why:    "The last one counts, also when they differ in letter case only. Other JSON readers may take the first.",
	Source: sourceDecoder,
	Bad:    Example{Reply: replied(http.StatusOK, `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":1,"nextCode":0}`)}, Good: allowed,
	when: readable,
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
		p.report(Finding{
			Place: at("/" + names[0]), Got: "twice: " + words.List(names, "and"), Want: words.Plain("once"),
			Message: words.Plain(names[0] + " occurs more than once; OpenIM takes the last" + words.AndMore(len(names)-1)), Hint: words.Plain("write each field once"),
		})
	},
}

var ruleInvalidUTF8 = Rule{
	ID: "invalid-utf8", Severity: Warning, Title: "the body is not UTF-8",
	Why:    "OpenIM replaces the bytes in question with U+FFFD, so that users see a question mark instead of the text.",
	Source: sourceRunning,
	Bad:    Example{Reply: replied(http.StatusOK, "{\"actionCode\":0,\"errCode\":5001,\"errMsg\":\"\xc4\xe3\",\"errDlt\":\"d\",\"nextCode\":1}")}, Good: refused,
	when: readable,
	check: func(p *pass) {
		if utf8.Valid(p.reply.Body) {
			return
		}
		offset := 0
		for r, n := utf8.DecodeRune(p.reply.Body); r != utf8.RuneError || n > 1; r, n = utf8.DecodeRune(p.reply.Body[offset:]) {
			offset += n
		}
		p.report(Finding{
			Got: fmt.Sprintf("byte %02X", p.reply.Body[offset]), Want: words.Plain("UTF-8"),
			Message: words.Plain(fmt.Sprintf("the text at %s is not UTF-8: OpenIM replaces it, and users see a question mark", position(p.reply.Body, offset))), Hint: words.Plain("write the reply in UTF-8"),
		})
	},
}
