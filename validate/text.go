package validate

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/tidwall/gjson"
)

// position says where an offset is, counted in characters from 1.
func position(body []byte, offset int) words.Text {
	before := body[:min(offset, len(body))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return say("position", "line", line, "column", column)
}

// lastName is the last name in a JSON Pointer that is not a list position:
// "roleLevel" of "/memberCallbackList/0/roleLevel"; "" of the whole body.
func lastName(pointer string) string {
	parts := strings.Split(pointer, "/")
	for i := len(parts) - 1; i > 0; i-- {
		if _, err := strconv.ParseUint(parts[i], 10, 64); err != nil {
			return parts[i]
		}
	}
	return ""
}

// firstName is the top-level member that a JSON Pointer goes through.
func firstName(pointer string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	return name
}

// lastNames are the last names in JSON Pointers, each once.
func lastNames(pointers []string) []string {
	var names []string
	for _, p := range pointers {
		if name := lastName(p); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// valueAt returns the JSON text at a pointer, or "nothing".
func valueAt(root gjson.Result, pointer string) string {
	v := root
	for _, name := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		if v.IsArray() {
			v = v.Get(name)
		} else {
			v = memberOf(v, name)
		}
	}
	if !v.Exists() {
		return "nothing"
	}
	return v.Raw
}

// escapePointer writes a name as a part of a JSON Pointer (RFC 6901).
func escapePointer(name string) string { return pointerEscapes.Replace(name) }

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// consequence says what an unusable reply leads to, for the end of a message.
func (p *pass) consequence() words.Text {
	code := p.verdict.Client.ErrCode
	switch {
	case p.byPages():
		return say("consequence.documents")
	case !p.before() && code != 0:
		return say("consequence.reported", "server", p.server(), "code", code)
	case !p.before() && p.reply.Failure == "" && p.success():
		return say("consequence.unread")
	case !p.before():
		return say("consequence.lost")
	case p.verdict.Outcome == Proceed:
		return say("consequence.goes-on", "server", p.server())
	case p.verdict.Notice != "" && code == 0:
		return say("consequence.notice", "notice", p.verdict.Notice)
	case p.verdict.Notice != "":
		return say("consequence.notice-told", "notice", p.verdict.Notice, "code", code)
	case p.unseen():
		return say("consequence.dropped", "operation", p.operation())
	default:
		return say("consequence.blocked", "operation", p.operation(), "code", code)
	}
}

// operation names what the callback decides on.
func (p *pass) operation() words.Text {
	switch p.judge.callback.Group {
	case "message":
		if p.verdict.Notice != "" {
			return say("operation.notice")
		}
		return say("operation.message")
	case "push":
		return say("operation.push")
	case "conversation":
		return say("operation.chat")
	default:
		return say("operation")
	}
}
