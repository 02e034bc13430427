package validate

import (
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/tidwall/gjson"
)

// applyFields says which of the callback's own reply fields the server
// applies, ignores or lets erase the request's values, and whether that makes
// the operation crash or fail.
func (p *pass) applyFields() {
	if len(p.judge.table) == commonFields {
		return
	}
	p.scanMembers()
	if p.contentFails() { // looked at before what could crash
		p.verdict.Outcome, p.verdict.Client = Fail, p.judge.behavior.coded(codedError{1001, "ArgsError", "webhook msg modify content is not json, content=" + p.own(p.judge.handler.objectText).Str})
		return
	}
	p.applyEach()
	switch {
	case p.crashes():
		p.crash()
	case p.losesSubject():
		p.verdict.Outcome, p.verdict.Client = Fail, p.judge.behavior.notFound
		p.verdict.Applied, p.verdict.Changes = nil, nil
	}
}

func (p *pass) applyEach() {
	for i := commonFields; i < len(p.judge.table); i++ {
		p.applyField(i)
	}
	p.scanUsers()
}

// crash turns the verdict into that on a handler that panics. What it applies
// counts only if it may not panic after all.
func (p *pass) crash() {
	v := &p.verdict
	if unless := p.crashCause.unless; !unless.IsZero() {
		v.Unless = &Otherwise{If: unless, Outcome: v.Outcome, Applied: v.Applied, Ignored: v.Ignored}
	}
	v.Outcome, v.Client = Crash, p.judge.behavior.crash.client
	v.Applied, v.Ignored, v.Wiped, v.Changes = nil, nil, nil, nil
}

func (p *pass) applyField(i int) {
	f, v := &p.judge.table[i], &p.verdict
	switch {
	case p.cancelsAll() && f.Name != p.judge.handler.subject:
		p.cancel(i)
	case f.effect == fixtures.Overwrites && p.erases(i), p.dropsNew(i):
		v.Wiped = append(v.Wiped, f.pointer)
	case !p.body.has(i), f.effect == fixtures.Overwrites && p.noValue(i):
	case f.effect == fixtures.Ignored, f.effect == fixtures.AppliedNonEmpty && p.noValue(i), p.discardsReceivers(i):
		v.Ignored = append(v.Ignored, f.pointer)
	case f.Name == p.judge.handler.members:
		v.Applied, v.Ignored, v.Changes = p.members.applied, p.members.ignored, p.members.changes
	default:
		p.apply(f, p.asksFor(p.judge.handler.requestName(f.Name)), p.body.value(i))
	}
}

// noValue reports whether the server takes a reply field for absent. A pointer
// in its source tells "" from absent, a plain string does not.
func (p *pass) noValue(i int) bool {
	if f := &p.judge.table[i]; f.effect == fixtures.Overwrites && f.Nullable {
		return !p.body.has(i)
	}
	return !p.body.has(i) || isEmpty(p.body.value(i))
}

// erases reports whether a field that the server copies in any case takes away
// what the request asks for.
func (p *pass) erases(i int) bool {
	if !p.noValue(i) {
		return false
	}
	f := &p.judge.table[i]
	asked := p.asksFor(f.Name)
	switch {
	case f.Name == p.judge.handler.subject:
		return true
	case f.Nullable:
		return asked.Type != gjson.Null
	default:
		return !isEmpty(asked)
	}
}

// cancelsAll reports whether the reply has the empty text with which the server
// changes nothing at all.
func (p *pass) cancelsAll() bool {
	return p.judge.handler.cancels != "" && p.cancels(p.own(p.judge.handler.cancels))
}

// cancels reports whether with this text the server changes nothing at all.
func (p *pass) cancels(value gjson.Result) bool {
	text := value.Str
	if p.judge.behavior.trimsGroupName {
		text = strings.TrimSpace(text)
	}
	return value.Type == gjson.String && text == ""
}

// cancel notes a field of a reply that cancels every change, unless the request
// that it repeats does that itself.
func (p *pass) cancel(i int) {
	f, v := &p.judge.table[i], &p.verdict
	asked := !p.cancels(p.asksFor(p.judge.handler.cancels))
	switch {
	case asked && (f.Name == p.judge.handler.cancels || p.asksFor(f.Name).Type != gjson.Null):
		v.Wiped = append(v.Wiped, f.pointer)
	case p.body.has(i):
		v.Ignored = append(v.Ignored, f.pointer)
	}
}

// dropsNew reports whether the server keeps the stored value of a field instead
// of the user's new one, because the reply's is empty. What the request never
// shows may be new.
func (p *pass) dropsNew(i int) bool {
	name := p.judge.table[i].Name
	return p.judge.handler.keepsStored && p.body.has(i) && isEmpty(p.body.value(i)) && (!p.shows(name) || !isEmpty(p.asksFor(name)))
}

// shows reports whether requests have the field with the user's value.
func (p *pass) shows(name string) bool {
	return slices.ContainsFunc(p.judge.callback.Request, func(f fixtures.Field) bool { return f.Name == name && !f.Unfilled })
}

// discardsReceivers reports whether a field is the list of receivers in a chat
// for which this version throws it away.
func (p *pass) discardsReceivers(i int) bool {
	return p.judge.behavior.groupReceivers == receiversDiscarded && p.judge.table[i].Name == p.judge.handler.groupOnly && p.outsideGroup()
}

// outsideGroup reports whether the request is known to be about no group's
// message.
func (p *pass) outsideGroup() bool {
	const groupChat = "3"
	session := p.asksFor("sessionType").Raw
	return session != "" && session != groupChat
}

// apply notes a value that takes the place of the request's.
func (p *pass) apply(f *fieldSpec, asked, value gjson.Result) {
	p.verdict.Applied = append(p.verdict.Applied, f.pointer)
	if !sameValue(asked, value) {
		switch value.Type {
		case gjson.Number:
			p.look(f.Name, f.pointer, value.Raw)
		case gjson.String:
			p.measure(f.Name, f.pointer, value.Str)
		}
		p.verdict.Changes = append(p.verdict.Changes, Change{Path: f.pointer, Before: asked.Raw, After: f.stored(value.Raw)})
	}
}

// sameValue reports whether a reply repeats the request's value. A string may
// be escaped in another way.
func sameValue(asked, value gjson.Result) bool {
	return asked.Raw == value.Raw || asked.Type == gjson.String && value.Type == gjson.String && asked.Str == value.Str
}

// asksFor returns a value of the request's body; it does not exist when the
// request is not known.
func (p *pass) asksFor(name string) gjson.Result { return memberOf(p.request(), name) }

// memberOf returns an object's member as the decoder finds it: letter case
// does not matter and the last one counts.
func memberOf(object gjson.Result, name string) (found gjson.Result) {
	object.ForEach(func(key, value gjson.Result) bool {
		if strings.EqualFold(key.Str, name) {
			found = value
		}
		return true
	})
	return found
}

// field returns the place of a field in the table, or 0 (actionCode) when the
// version does not have it; callers ask for fields of a callback they know.
func (p *pass) field(name string) int {
	if i, exact := findField(name, p.judge.table); exact && i >= commonFields {
		return i
	}
	return 0
}

// own returns the value of one of the callback's own fields by name; it does
// not exist when the reply has none or null, nor for the name "".
func (p *pass) own(name string) gjson.Result {
	if i := p.field(name); i != 0 && p.body.has(i) {
		return p.body.value(i)
	}
	return gjson.Result{}
}

// requestName is the request's name for what a reply field replaces.
func (h *handler) requestName(reply string) string {
	for _, r := range h.renamed {
		if r.reply == reply {
			return r.request
		}
	}
	return reply
}

// isEmpty reports whether a value is absent, null, "" or [].
func isEmpty(v gjson.Result) bool {
	switch v.Type {
	case gjson.Null:
		return true
	case gjson.String:
		return v.Str == ""
	case gjson.JSON:
		return v.IsArray() && strings.TrimLeft(v.Raw[1:], " \t\r\n")[0] == ']'
	default:
		return false
	}
}

// losesSubject reports whether the reply erases the id of what to change, so
// that the server looks for "".
func (p *pass) losesSubject() bool {
	return slices.Contains(p.verdict.Wiped, "/"+p.judge.handler.subject)
}

// contentFails reports whether the content makes this version reject the
// message.
func (p *pass) contentFails() bool { return p.judge.behavior.objectContent && p.contentNotObject() }

// contentNotObject reports whether the content that replaces a message's is a
// text, but not that of a JSON object (or null).
func (p *pass) contentNotObject() bool {
	content := p.own(p.judge.handler.objectText)
	if content.Type != gjson.String {
		return false
	}
	held := gjson.Parse(content.Str)
	return !fixtures.ValidJSON(content.Str) || !(held.IsObject() || held.Type == gjson.Null)
}

func (p *pass) crashes() bool {
	for i := range p.judge.handler.crashes {
		cause := &p.judge.handler.crashes[i]
		if pointer := cause.find(p, cause.field); pointer != "" {
			p.crashAt, p.crashCause = pointer, cause
			return true
		}
	}
	return false
}
