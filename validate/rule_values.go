package validate

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/imcb-dev/imcb/fixtures/words"
)

var ruleValueRange = Rule{
	ID: "value-range", Severity: Error, Title: "OpenIM stores a value that means nothing",
	Why:    "OpenIM does not check the values of replies. roleLevel is 20 (member), 60 (admin) or 100 (owner, of whom there should be one); muteEndTime is in milliseconds, so that seconds end in 1970.",
	Source: sourceHandler + "; documents: group/memberJoinGroupBefore",
	Bad:    answered("beforeMemberJoinGroup", `"memberCallbackList":[{"userID":"7340912658","muteEndTime":1767603600}]`), Good: goodMember,
	when: effective,
	check: func(p *pass) {
		if p.verdict.Outcome == Crash {
			return
		}
		for _, o := range p.odd {
			f := o.finding()
			f.Message = words.Plain(f.Message.String() + words.AndMore(o.count-1))
			p.report(f)
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
	// secondOwner: the role of which a group has one already.
	secondOwner
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
	case f.owner != 0 && n == f.owner:
		return secondOwner
	case f.meaningful != nil && !slices.Contains(f.meaningful, n):
		return undefined
	default:
		return notOdd
	}
}

func (o oddValue) finding() Finding {
	f := Finding{Place: at(o.pointer), Got: strconv.FormatInt(o.number, 10)}
	switch o.kind {
	case inSeconds:
		f.Want = words.Plain("milliseconds")
		f.Message = words.Plain(fmt.Sprintf("muteEndTime %d is in seconds, but OpenIM takes milliseconds: the member is not muted at all", o.number))
		f.Hint = words.Plain(fmt.Sprintf(`write "muteEndTime":%d`, o.number*1000))
	case secondOwner:
		f.Severity = Warning
		f.Want = words.Plain("20 or 60")
		f.Message = words.Plain("roleLevel 100 makes the member an owner of the group; OpenIM does not check whether it has one")
		f.Hint = words.Plain(`write 60 for an admin or 20 for a member, unless this is the owner`)
	default:
		f.Want = words.Plain(numbers(o.field.meaningful))
		f.Message = words.Plain(fmt.Sprintf("%s %d means nothing, but OpenIM stores it unchecked", o.field.name, o.number))
		f.Hint = words.Plain("write " + f.Want.String())
	}
	return f
}

// numbers lists numbers for a sentence: "20, 60 or 100".
func numbers(values []int64) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = strconv.FormatInt(v, 10)
	}
	return words.List(texts, "or")
}

var ruleIdentityChange = Rule{
	ID: "identity-change", Severity: Warning, Title: "the reply changes what the operation is about",
	Why:    "Another recvID or groupID sends the message or the change elsewhere, after permissions were checked. Another clientMsgID makes the sender's client lose track of its message.",
	Source: sourceHandler,
	Bad:    answered("beforeMsgModify", `"clientMsgID":"0"`), Good: goodModify,
	when: effective,
	check: func(p *pass) {
		if p.verdict.Outcome == Crash {
			return
		}
		for _, id := range p.judge.handler.identities {
			name := id.field
			value, asked := p.own(name), p.asksFor(name)
			if isEmpty(value) || sameValue(asked, value) || name == p.judge.handler.subject && !asked.Exists() {
				continue
			}
			p.report(Finding{
				Place: at("/" + name), Got: clip(value.Raw), Want: words.Plain(clip(asked.Raw)),
				Message: words.Plain(fmt.Sprintf("the reply changes %s: %s", name, id.effect)), Hint: words.Plain(fmt.Sprintf("leave %q out, or repeat the request's", name)),
			})
		}
	},
}
