package validate

import (
	"slices"
	"strconv"

	"github.com/imcb-dev/imcb/fixtures/words"
)

var ruleValueRange = Rule{
	ID: "value-range", Severity: Error, Contract: Running, Title: "OpenIM stores a value that means nothing",
	Why:    "OpenIM does not check the values of replies. roleLevel is 20 (member), 60 (admin) or 100 (owner); muteEndTime is in milliseconds, so that seconds end in 1970.",
	Source: sourceHandler + "; documents: group/memberJoinGroupBefore", when: effective,
	Bad: answered("beforeMemberJoinGroup", `"memberCallbackList":[{"userID":"7340912658","muteEndTime":1767603600}]`), Good: goodMember,
	check: func(p *pass) {
		for _, o := range p.odd {
			p.reportOdd(o)
		}
	},
}

// oddValue is a value of a reply that OpenIM takes, but nobody understands, with
// the number of those that are as odd in the same field.
type oddValue struct {
	kind    oddKind
	field   *numberField
	pointer string
	number  int64
	count   int
}

// oddKind is a way in which a value is odd.
type oddKind int

const (
	notOdd oddKind = iota
	// inSeconds: a time that should be in milliseconds.
	inSeconds
	// undefined: a number without a meaning.
	undefined
)

// look notes a number that is odd in its field.
func (p *pass) look(name, pointer, number string) {
	numbers := p.judge.handler.numbers
	for i := range numbers {
		if numbers[i].name == name {
			n, _ := strconv.ParseInt(number, 10, 64) // the decoder has taken it
			p.noteOdd(&numbers[i], pointer, n)
			return
		}
	}
}

func (p *pass) noteOdd(f *numberField, pointer string, n int64) {
	kind := f.oddness(n)
	if kind == notOdd {
		return
	}
	for i := range p.odd {
		if known := &p.odd[i]; known.field == f && known.kind == kind {
			known.count++
			return
		}
	}
	p.odd = append(p.odd, oddValue{kind, f, pointer, n, 1})
}

func (f *numberField) oddness(n int64) oddKind {
	// A time in seconds that is not over yet means, as milliseconds, one of
	// the years 1970 to 1973.
	const latest = 100_000_000_000
	switch {
	case f.milliseconds && n > 0 && n < latest:
		return inSeconds
	case f.meaningful != nil && !slices.Contains(f.meaningful, n):
		return undefined
	default:
		return notOdd
	}
}

func (p *pass) reportOdd(o oddValue) {
	field, got, more := o.field.name, strconv.FormatInt(o.number, 10), words.More(o.count-1)
	switch o.kind {
	case inSeconds:
		p.report(o.pointer, got, say("value-range.want-seconds"),
			say("value-range.seconds", "field", field, "value", o.number, "more", more), say("value-range.hint-seconds", "field", field, "value", o.number*1000))
	default:
		values := words.Names(o.field.meaningful, func(n int64) string { return strconv.FormatInt(n, 10) })
		p.report(o.pointer, got, say("value-range.want", "values", values),
			say("value-range", "field", field, "value", o.number, "more", more), say("value-range.hint", "values", values))
	}
}

var ruleIdentityChange = Rule{
	ID: "identity-change", Severity: Warning, Contract: Running, Title: "the reply changes what the operation is about",
	Why:    "Another recvID or groupID sends the message or the change elsewhere, after permissions were checked. Another clientMsgID makes the sender's client lose track of its message.",
	Source: sourceHandler, when: effective,
	Bad: answered("beforeMsgModify", `"clientMsgID":"0"`), Good: goodModify,
	check: func(p *pass) {
		for _, id := range p.judge.handler.identities {
			name := id.field
			value, asked := p.own(name), p.asksFor(name)
			if isEmpty(value) || sameValue(asked, value) || !p.request().Exists() || name == p.judge.handler.subject && !asked.Exists() {
				continue
			}
			p.report("/"+name, clip(value.Raw), words.Plain(clip(asked.Raw)),
				say("identity-change", "field", name, "effect", id.effect), say("identity-change.hint", "field", name))
		}
	},
}
