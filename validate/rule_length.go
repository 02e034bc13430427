package validate

import (
	"strings"
	"unicode/utf8"

	"github.com/imcb-dev/imcb/fixtures/words"
)

// textLimits are the most characters of a user's or member's texts, by the
// documents' page restapi/commonFields.
var textLimits = map[string]int{"nickname": shortText, "nickName": shortText, "faceURL": shortText, "ex": 1024}

const shortText = 255

// longText is a text of a reply that is over its limit, with the number of those
// in the same field.
type longText struct {
	field, pointer string
	length, count  int
}

// measure notes a text that is longer than the documents let it be.
func (p *pass) measure(field, pointer, text string) {
	if len(text) <= shortText || textLimits[field] == 0 || p.judge.callback.Group == "message" {
		return
	}
	length := utf8.RuneCountInString(text)
	if length <= textLimits[field] {
		return
	}
	for i := range p.long {
		if p.long[i].field == field {
			p.long[i].count++
			return
		}
	}
	p.long = append(p.long, longText{field, pointer, length, 1})
}

var ruleTextLength = Rule{
	ID: "text-length", Severity: Warning, Contract: Documents, Title: "a text is longer than the documents allow",
	Why:    "The documents give a nickname and a faceURL 255 characters and ex 1024. OpenIM stores any length unchecked, but clients and other systems may cut or refuse it; the inputs of OpenIM's own clients end at 16 to 20 characters.",
	Source: "documents: restapi/commonFields", when: effective,
	Bad:  answered("beforeUpdateUserInfo", `"nickName":"`+strings.Repeat("Alice ", 50)+`"`),
	Good: answered("beforeUpdateUserInfo", `"nickName":"Alice B."`),
	check: func(p *pass) {
		for _, t := range p.long {
			limit := textLimits[t.field]
			p.report(t.pointer, clip(valueAt(p.body.root, t.pointer)), say("text-length.want", "limit", limit),
				say("text-length", "field", t.field, "length", t.length, "limit", limit, "more", words.More(t.count-1)), say("text-length.hint"))
		}
	},
}
