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
	if len(p.table) == commonFields {
		return
	}
	p.scanMembers()
	if p.contentFails() { // looked at before what could crash
		p.verdict.Outcome, p.verdict.Client = Fail, p.behavior.coded(codedError{1001, "ArgsError", "webhook msg modify content is not json, content=" + p.own("content").Str})
		return
	}
	if p.crashPath() != "" {
		p.verdict.Outcome, p.verdict.Client = Crash, p.behavior.crash.client
		return
	}
	for i := commonFields; i < len(p.table); i++ {
		p.applyField(i)
	}
	if p.losesGroupID() {
		p.verdict.Outcome, p.verdict.Client = Fail, p.behavior.notFound
	}
}

func (p *pass) applyField(i int) {
	f, v := &p.table[i], &p.verdict
	switch {
	case p.cancelsAll() && f.Name != "groupID":
		p.cancel(i)
	case f.effect == fixtures.Overwrites && p.erases(i), p.emptiesProfile(i):
		v.Wiped = append(v.Wiped, f.pointer)
	case !p.has(i), f.effect == fixtures.Overwrites && p.noValue(i):
	case f.effect == fixtures.Ignored, f.effect == fixtures.AppliedNonEmpty && p.noValue(i), p.discardsReceivers(i):
		v.Ignored = append(v.Ignored, f.pointer)
	case f.Name == memberList:
		v.Applied, v.Ignored, v.Changes = p.members.applied, p.members.ignored, p.members.changes
	default:
		p.apply(f.pointer, p.asksFor(requestName(p.callback.Key, f.Name)), p.value(i))
	}
}

// noValue reports whether the server takes a reply field for absent. A pointer
// in its source tells "" from absent, a plain string does not.
func (p *pass) noValue(i int) bool {
	if f := &p.table[i]; f.effect == fixtures.Overwrites && f.Nullable {
		return !p.has(i)
	}
	return !p.has(i) || isEmpty(p.value(i))
}

// erases reports whether a field that the server copies in any case takes away
// what the request asks for.
func (p *pass) erases(i int) bool {
	if !p.noValue(i) {
		return false
	}
	f := &p.table[i]
	asked := p.asksFor(f.Name)
	switch {
	case f.Name == "groupID":
		return true
	case f.Nullable:
		return asked.Type != gjson.Null
	default:
		return !isEmpty(asked)
	}
}

// cancelsAll reports whether the reply has beforeSetGroupInfoEx's empty
// groupName: with it the server changes nothing at all.
func (p *pass) cancelsAll() bool {
	if p.callback.Key != "beforeSetGroupInfoEx" {
		return false
	}
	name := p.own("groupName")
	if p.behavior.trimsGroupName {
		return name.Type == gjson.String && strings.TrimSpace(name.Str) == ""
	}
	return name.Type == gjson.String && name.Str == ""
}

// cancel notes a field of a reply that cancels every change.
func (p *pass) cancel(i int) {
	f, v := &p.table[i], &p.verdict
	switch {
	case f.Name == "groupName", p.asksFor(f.Name).Type != gjson.Null:
		v.Wiped = append(v.Wiped, f.pointer)
	case p.has(i):
		v.Ignored = append(v.Ignored, f.pointer)
	}
}

// emptiesProfile reports whether a field is beforeUpdateUserInfo's and empty,
// although the user gives a new value: the server then keeps the stored one.
// The request never shows ex.
func (p *pass) emptiesProfile(i int) bool {
	return p.callback.Key == "beforeUpdateUserInfo" && p.has(i) && isEmpty(p.value(i)) && !isEmpty(p.asksFor(p.table[i].Name))
}

// discardsReceivers reports whether a field is beforeOfflinePush's list of
// receivers in a chat for which this version throws it away.
func (p *pass) discardsReceivers(i int) bool {
	return p.behavior.groupReceivers == receiversDiscarded && p.table[i].Name == "userIDList" && p.pushesOutsideGroup()
}

// crashesPush reports whether beforeOfflinePush's list of receivers crashes the
// push service. The handler takes the list, so the verdict does too; its
// caller has passed no place for it.
func (p *pass) crashesPush() bool {
	return p.behavior.groupReceivers == receiversCrash && p.pushesOutsideGroup() && !isEmpty(p.own("userIDList"))
}

// pushesOutsideGroup reports whether the callback is beforeOfflinePush for a
// message that went to no group.
func (p *pass) pushesOutsideGroup() bool {
	const groupChat = "3"
	if p.callback.Key != "beforeOfflinePush" {
		return false
	}
	session := p.asksFor("sessionType").Raw
	return session != "" && session != groupChat
}

// apply notes a value that takes the place of the request's.
func (p *pass) apply(pointer string, asked, value gjson.Result) {
	p.verdict.Applied = append(p.verdict.Applied, pointer)
	if !sameValue(asked, value) {
		if value.Type == gjson.Number {
			p.odd.look(lastName(pointer), pointer, value.Raw)
		}
		p.verdict.Changes = append(p.verdict.Changes, Change{Path: pointer, Before: asked.Raw, After: value.Raw})
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
	for i := commonFields; i < len(p.table); i++ {
		if p.table[i].Name == name {
			return i
		}
	}
	return 0
}

// own returns the value of one of the callback's own fields by name; it does
// not exist when the reply has none or null.
func (p *pass) own(name string) gjson.Result {
	if i := p.field(name); i != 0 && p.has(i) {
		return p.value(i)
	}
	return gjson.Result{}
}

// renamed are the request fields that the reply calls otherwise.
var renamed = []struct{ callback, request, reply string }{
	{"beforeMsgModify", "faceURL", "senderFaceURL"},
	{"beforeMsgModify", "atUserList", "atUserIDList"},
	{"beforeMemberJoinGroup", "memberList", memberList},
}

// requestName is the request's name for what a reply field replaces.
func requestName(callback, reply string) string {
	for _, r := range renamed {
		if r.callback == callback && r.reply == reply {
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

// losesGroupID reports whether the reply erases the id of the group to change,
// so that the server looks for group "".
func (p *pass) losesGroupID() bool { return slices.Contains(p.verdict.Wiped, "/groupID") }

// contentFails reports whether beforeMsgModify's content makes this version
// reject the message.
func (p *pass) contentFails() bool { return p.behavior.objectContent && p.contentNotObject() }

// contentNotObject reports whether the content with which beforeMsgModify
// replaces a message's is a text, but not that of a JSON object (or null).
func (p *pass) contentNotObject() bool {
	if p.callback.Key != "beforeMsgModify" {
		return false
	}
	content := p.own("content")
	if content.Type != gjson.String {
		return false
	}
	held := gjson.Parse(content.Str)
	return !gjson.Valid(content.Str) || !(held.IsObject() || held.Type == gjson.Null)
}

// crashPath returns the pointer of the value on which OpenIM's handler panics,
// or "". The request does not show everything: a message's push info and a
// user's ex are never in it, so a reply that sets them counts as a crash,
// which it is unless the client had set them too.
func (p *pass) crashPath() string {
	switch p.callback.Key {
	case "beforeMemberJoinGroup":
		return p.members.crash
	case "beforeUserRegister":
		return p.nullUser()
	case "beforeMsgModify":
		if p.own("offlinePushInfo").Exists() {
			return "/offlinePushInfo"
		}
	case "beforeUpdateUserInfoEx":
		return p.unchangedByClient()
	}
	return ""
}

// nullUser finds the first null in beforeUserRegister's list.
func (p *pass) nullUser() (pointer string) {
	f := p.field("users")
	position := 0
	p.own("users").ForEach(func(_, user gjson.Result) bool {
		if user.Type == gjson.Null {
			pointer = p.table[f].at(position)
		}
		position++
		return pointer == ""
	})
	return pointer
}

// unchangedByClient finds the first field of beforeUpdateUserInfoEx that the
// reply sets, but the client did not.
func (p *pass) unchangedByClient() string {
	for _, name := range []string{"nickName", "faceURL", "ex"} {
		if p.own(name).Exists() && p.request().Exists() && p.asksFor(name).Type == gjson.Null {
			return "/" + name
		}
	}
	return ""
}
