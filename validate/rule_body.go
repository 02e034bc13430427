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
)

var byteOrderMark = []byte("\xef\xbb\xbf")

func (p *pass) bodyIsEmpty() bool { return len(bytes.TrimSpace(p.reply.Body)) == 0 }

var ruleEmptyBody = Rule{
	ID: "empty-body", Severity: Error, Title: "the body is empty",
	Why:    `An empty body, also that of a 204, is not JSON: a before operation fails with 90007. Answer with the five fields even when there is nothing to say.`,
	Source: sourceRunning,
	Bad:    Example{Reply: replied(http.StatusNoContent, "")}, Good: allowed,
	stage: onBody,
	check: func(p *pass) {
		if p.syntax == nil || !p.bodyIsEmpty() || p.found("compressed-wrong") {
			return
		}
		p.report(Finding{
			Got: "an empty body", Want: "a JSON object",
			Message: fmt.Sprintf("the body is empty%s: %s", p.onStatus(), p.consequence()), Hint: "answer " + fixtures.PlainAllow,
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
	Why:    "Go's JSON decoder does not skip a byte order mark; the whole reply is unreadable.",
	Source: sourceRunning,
	Bad:    Example{Reply: replied(http.StatusOK, "\ufeff"+fixtures.PlainAllow)}, Good: allowed,
	stage: onBody,
	check: func(p *pass) {
		if p.syntax != nil && bytes.HasPrefix(p.reply.Body, byteOrderMark) {
			p.report(Finding{Got: "EF BB BF", Want: "{", Message: "the body starts with a byte order mark: " + p.consequence(), Hint: "save the file or write the stream as UTF-8 without BOM"})
		}
	},
}

var ruleTrailingData = Rule{
	ID: "trailing-data", Severity: Error, Title: "something follows the JSON",
	Why:    "The body must be one JSON document. A second one (a handler that writes its answer twice) or any text after it makes all of it unreadable.",
	Source: sourceRunning,
	Bad:    Example{Reply: replied(http.StatusOK, fixtures.PlainAllow+fixtures.PlainAllow)}, Good: allowed,
	stage: onBody,
	check: func(p *pass) {
		offset, trailing := p.trailing()
		if !trailing || p.found("bom") {
			return
		}
		rest := p.reply.Body[offset:]
		what := "text follows the JSON"
		if rest[0] == '{' || rest[0] == '[' {
			what = "a second JSON document follows the first"
		}
		p.report(Finding{
			Got: excerpt(rest), Want: "the end of the body",
			Message: fmt.Sprintf("%s at %s: %s", what, position(p.reply.Body, offset), p.consequence()),
			Hint:    "write the reply once, and return after writing it",
		})
	},
}

// trailing returns where text begins that follows a whole JSON document.
func (p *pass) trailing() (offset int, ok bool) {
	var syntax *json.SyntaxError
	if !errors.As(p.syntax, &syntax) || !strings.HasSuffix(syntax.Error(), "after top-level value") {
		return 0, false
	}
	return int(syntax.Offset) - 1, true
}

var ruleNotJSON = Rule{
	ID: "not-json", Severity: Error, Title: "the body is not JSON",
	Why:    "HTML, text or broken JSON can't be read: a before operation fails with 90007, whatever the status was.",
	Source: sourceRunning,
	Bad:    Example{Reply: replied(http.StatusOK, "OK")}, Good: allowed,
	stage: onBody,
	check: func(p *pass) {
		var syntax *json.SyntaxError
		if !errors.As(p.syntax, &syntax) || p.bodyIsEmpty() || p.found("bom", "trailing-data", "compressed-wrong") || p.routeMissing() {
			return
		}
		offset := max(0, int(syntax.Offset)-1)
		p.report(Finding{
			Got: excerpt(p.reply.Body[min(offset, len(p.reply.Body)):]), Want: "a JSON object",
			Message: fmt.Sprintf("the body is not JSON%s: %s at %s: %s", p.onStatus(), syntax, position(p.reply.Body, offset), p.consequence()),
			Hint:    "answer with a JSON object, in errors too: " + fixtures.PlainAllow,
		})
	},
}

var ruleNotObject = Rule{
	ID: "not-object", Severity: Error, Title: "the body is JSON, but not an object",
	Why:    "The reply must be one JSON object. A list, string, number or boolean can't be read. Only null is taken, as an allow.",
	Source: sourceRunning,
	Bad:    Example{Reply: replied(http.StatusOK, `"ok"`)}, Good: allowed,
	stage: onBody,
	check: func(p *pass) {
		if m := p.mismatch; m != nil && m.pointer == "" && m.want == fixtures.Object {
			p.report(Finding{
				Got: clip(m.value.Raw), Want: "a JSON object", Message: "the body is " + withArticle(goKind(m.value)) + ", not an object: " + p.consequence(),
				Hint: "answer " + fixtures.PlainAllow,
			})
		}
	},
}

func withArticle(kind string) string {
	if strings.ContainsRune("aeiou", rune(kind[0])) {
		return "an " + kind
	}
	return "a " + kind
}

// spoiled reports whether a value of a wrong type below the top level spoils
// the reply, and no more special rule has said so.
func (p *pass) spoiled() bool {
	return p.mismatch != nil && p.mismatch.pointer != "" && !p.found("int-range", "wrapped-value")
}

var ruleIntRange = Rule{
	ID: "int-range", Severity: Error, Title: "a number does not fit",
	Why:    "The codes are 32-bit integers. A larger number makes OpenIM fail the whole reply.",
	Source: sourceRunning,
	Bad:    Example{Reply: replied(http.StatusOK, `{"actionCode":0,"errCode":3000000000,"errMsg":"no","errDlt":"","nextCode":1}`)}, Good: refused,
	stage: onBody,
	check: func(p *pass) {
		if m := p.mismatch; p.spoiled() && m.overflow {
			p.report(Finding{
				Path: m.pointer, Got: clip(m.value.Raw), Want: string(m.want),
				Message: fmt.Sprintf("%s %s does not fit into %s, which spoils the whole reply: %s", lastName(m.pointer), clip(m.value.Raw), m.want, p.consequence()),
				Hint:    "use a code of 5000-9999",
			})
		}
	},
}

var ruleWrappedValue = Rule{
	ID: "wrapped-value", Severity: Error, Title: `a value is wrapped in {"value": …}`,
	Why:    `Documents show some fields as {"value": …}. On the wire OpenIM wants the bare value; the object spoils the whole reply.`,
	Source: "documents: setGroupInfoBefore; " + sourceRunning,
	Bad: Example{
		Callback: "beforeSetGroupInfoEx",
		Reply:    replied(http.StatusOK, `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,"groupName":{"value":"Hikers"}}`),
	},
	Good:  allowed,
	stage: onBody,
	check: func(p *pass) {
		m := p.mismatch
		if !p.spoiled() || !m.value.IsObject() || !m.value.Get("value").Exists() || m.want == fixtures.Object {
			return
		}
		bare := clip(m.value.Get("value").Raw)
		p.report(Finding{
			Path: m.pointer, Got: clip(m.value.Raw), Want: bare,
			Message: fmt.Sprintf("%s is wrapped in an object, which spoils the whole reply: %s", lastName(m.pointer), p.consequence()),
			Hint:    fmt.Sprintf("write the bare value: %q:%s", lastName(m.pointer), bare),
		})
	},
}

var ruleTypeMismatch = Rule{
	ID: "type-mismatch", Severity: Error, Title: "a value has the wrong type",
	Why:    `One value of a wrong type makes OpenIM fail the whole reply. Codes are JSON integers: "0", 1.0 and true are none. Some document pages quote nextCode; no server reads that.`,
	Source: sourceRunning,
	Bad:    Example{Reply: replied(http.StatusOK, `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":"0"}`)}, Good: allowed,
	stage: onBody,
	check: func(p *pass) {
		if !p.spoiled() {
			return
		}
		m := p.mismatch
		name := lastName(m.pointer)
		f := Finding{
			Path: m.pointer, Got: clip(m.value.Raw), Want: string(m.want),
			Message: fmt.Sprintf("%s must be %s, but is %s: OpenIM fails the whole reply, so %s", name, typeInWords(m.want), clip(m.value.Raw), p.consequence()),
			Hint:    p.typeHint(m),
		}
		p.report(f)
	},
}

// typeHint says what to write for a value of a wrong type.
func (p *pass) typeHint(m *mismatch) string {
	name := lastName(m.pointer)
	number, err := strconv.ParseFloat(strings.Trim(m.value.Raw, `"`), 64)
	switch {
	case m.want == fixtures.Int32 && err == nil && number == float64(int32(number)):
		hint := fmt.Sprintf("write %q:%d", name, int32(number))
		if m.value.Raw[0] == '"' {
			hint += ", without quotes (some document pages show them)"
		}
		return hint
	case m.want == fixtures.Int32 || m.want == fixtures.Int64:
		return fmt.Sprintf("write %q as a whole number, for example %q:0", name, name)
	case m.want == fixtures.String && (m.value.IsObject() || m.value.IsArray()):
		return fmt.Sprintf("write %q as a string that holds the JSON text", name)
	case m.want == fixtures.String:
		return fmt.Sprintf("write %q:%q", name, m.value.String())
	default:
		return fmt.Sprintf("write %s for %q, or leave it out", typeInWords(m.want), name)
	}
}

// typeInWords says what JSON a type wants.
func typeInWords(t fixtures.Type) string {
	return map[fixtures.Type]string{
		fixtures.String: "a string", fixtures.Bool: "true or false", fixtures.Int32: "a whole number", fixtures.Int64: "a whole number",
		fixtures.Bytes: "a base64 string", fixtures.Object: "an object", fixtures.Strings: "a list of strings",
		fixtures.Objects: "a list of objects", fixtures.BoolMap: "an object of true and false",
	}[t]
}

var ruleDuplicateKey = Rule{
	ID: "duplicate-key", Severity: Warning, Title: "a field occurs twice",
	Why:    "The last one counts, also when they differ in letter case only. Other JSON readers may take the first.",
	Source: sourceDecoder,
	Bad:    Example{Reply: replied(http.StatusOK, `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":1,"nextCode":0}`)}, Good: allowed,
	stage: onBody,
	check: func(p *pass) {
		for i := range p.table {
			if p.repeated&(1<<i) != 0 {
				name := p.table[i].Name
				p.report(Finding{Path: p.table[i].pointer, Message: name + " occurs more than once; OpenIM takes the last", Hint: "write " + name + " once"})
			}
		}
	},
}

var ruleInvalidUTF8 = Rule{
	ID: "invalid-utf8", Severity: Warning, Title: "the body is not UTF-8",
	Why:    "OpenIM replaces the offending bytes with \ufffd, so end users see that instead of the text.",
	Source: sourceRunning,
	Bad:    Example{Reply: replied(http.StatusOK, "{\"actionCode\":0,\"errCode\":5001,\"errMsg\":\"\xc4\xe3\",\"errDlt\":\"d\",\"nextCode\":1}")}, Good: refused,
	stage: onBody,
	check: func(p *pass) {
		if p.syntax != nil || utf8.Valid(p.reply.Body) {
			return
		}
		offset := 0
		for r, n := utf8.DecodeRune(p.reply.Body); r != utf8.RuneError || n > 1; r, n = utf8.DecodeRune(p.reply.Body[offset:]) {
			offset += n
		}
		p.report(Finding{
			Got: fmt.Sprintf("byte %02X", p.reply.Body[offset]), Want: "UTF-8",
			Message: fmt.Sprintf("the text at %s is not UTF-8; OpenIM replaces it with \ufffd", position(p.reply.Body, offset)), Hint: "encode the reply as UTF-8",
		})
	},
}
