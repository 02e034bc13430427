package validate

import (
	"strconv"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/tidwall/gjson"
)

// applyFields says which of the callback's own reply fields the server
// applies, ignores or lets erase the request's values, and whether that makes
// the operation crash or fail.
func (p *pass) applyFields() {
	if crash := p.crashPath(); crash != "" {
		p.verdict.Outcome, p.verdict.Client = Crash, p.behavior.crash.client
		return
	}
	if p.contentFails() {
		content := p.value(p.field("content")).String()
		p.verdict.Outcome = Fail
		p.verdict.Client = p.behavior.coded(codedError{1001, "ArgsError", "webhook msg modify content is not json, content=" + content})
		return
	}
	for i := commonFields; i < len(p.table); i++ {
		p.applyField(i)
	}
	if p.losesGroupID() {
		p.verdict.Outcome = Fail
		p.verdict.Client = p.behavior.coded(codedError{1004, "RecordNotFoundError", ""})
	}
}

func (p *pass) applyField(i int) {
	f, value := &p.table[i], p.value(i)
	v := &p.verdict
	switch {
	case f.effect == fixtures.Overwrites && isEmpty(value):
		if asked := p.asksFor(f.Name); !isEmpty(asked) || f.Name == "groupID" {
			v.Wiped = append(v.Wiped, f.pointer)
		}
	case !p.has(i):
	case f.effect == fixtures.Ignored, f.effect == fixtures.AppliedNonEmpty && isEmpty(value):
		v.Ignored = append(v.Ignored, f.pointer)
	case f.Name == memberList:
		p.applyMembers(f, value)
	default:
		p.apply(f.pointer, p.asksFor(requestName(p.callback.Key, f.Name)), value)
	}
}

// apply notes a value that takes the place of the request's.
func (p *pass) apply(pointer string, asked, value gjson.Result) {
	p.verdict.Applied = append(p.verdict.Applied, pointer)
	if asked.Raw != value.Raw && !(asked.Type == gjson.String && asked.Str == value.Str) {
		p.verdict.Changes = append(p.verdict.Changes, Change{Path: pointer, Before: asked.Raw, After: value.Raw})
	}
}

// memberList is beforeMemberJoinGroup's list of members to change.
const memberList = "memberCallbackList"

// applyMembers applies the list's entries for users who are about to join and
// skips the others.
func (p *pass) applyMembers(f *fieldSpec, list gjson.Result) {
	joining := p.joining()
	position := 0
	list.ForEach(func(_, entry gjson.Result) bool {
		pointer := f.at(position)
		position++
		if user := memberOf(entry, "userID"); joining != nil && !joining[user.Str] {
			p.verdict.Ignored = append(p.verdict.Ignored, pointer)
			return true
		}
		for _, member := range f.fields {
			if value := memberOf(entry, member.Name); member.Name != "userID" && value.Exists() && value.Type != gjson.Null {
				p.apply(pointer+"/"+member.Name, gjson.Result{}, value)
			}
		}
		return true
	})
}

// joining are the ids of the users about to join, nil when the request is not
// known.
func (p *pass) joining() map[string]bool {
	members := p.asksFor("memberList")
	if !members.IsArray() {
		return nil
	}
	ids := make(map[string]bool)
	for _, id := range members.Get("#.userID").Array() {
		ids[id.Str] = true
	}
	return ids
}

// asksFor returns a value of the request's body; it does not exist when the
// request is not known.
func (p *pass) asksFor(name string) gjson.Result { return memberOf(p.request(), name) }

// memberOf returns an object's member as the decoder finds it: letter case
// does not matter and the last one counts.
func memberOf(object gjson.Result, name string) (found gjson.Result) {
	spec := []fieldSpec{{Field: fixtures.Field{Name: name}}}
	object.ForEach(func(key, value gjson.Result) bool {
		if i, _ := findField(key.Str, spec); i == 0 {
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

// requestName is the request's name for what a reply field replaces: some
// differ.
func requestName(key, replyName string) string {
	if key == "beforeMsgModify" {
		switch replyName {
		case "senderFaceURL":
			return "faceURL"
		case "atUserIDList":
			return "atUserList"
		}
	}
	return replyName
}

func isEmpty(v gjson.Result) bool {
	switch v.Type {
	case gjson.Null:
		return true
	case gjson.String:
		return v.Str == ""
	case gjson.JSON:
		return v.Get("#").Int() == 0 && v.IsArray()
	default:
		return false
	}
}

// losesGroupID reports whether the reply erases the id of the group to change,
// so that the server looks for group "".
func (p *pass) losesGroupID() bool {
	for _, pointer := range p.verdict.Wiped {
		if pointer == "/groupID" {
			return true
		}
	}
	return false
}

// contentFails reports whether beforeMsgModify's content makes this version
// reject the message.
func (p *pass) contentFails() bool {
	return p.behavior.objectContent && p.callback.Key == "beforeMsgModify" && p.contentNotObject()
}

// contentNotObject reports whether the reply's content is a text that is not
// that of a JSON object (or null).
func (p *pass) contentNotObject() bool {
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
		return p.nullEntry(memberList, "userID")
	case "beforeUserRegister":
		return p.nullEntry("users", "")
	case "beforeMsgModify":
		if p.own("offlinePushInfo").Exists() {
			return "/offlinePushInfo"
		}
	case "beforeUpdateUserInfoEx":
		for _, name := range []string{"nickName", "faceURL", "ex"} {
			if p.own(name).Exists() && p.request().Exists() && p.asksFor(name).Type == gjson.Null {
				return "/" + name
			}
		}
	}
	return ""
}

// nullEntry finds a list's first entry that is null or lacks a required member.
func (p *pass) nullEntry(list, required string) (pointer string) {
	position := 0
	p.own(list).ForEach(func(_, entry gjson.Result) bool {
		switch {
		case entry.Type == gjson.Null:
			pointer = "/" + list + "/" + strconv.Itoa(position)
		case required != "" && memberOf(entry, required).Type == gjson.Null:
			pointer = "/" + list + "/" + strconv.Itoa(position) + "/" + required
		}
		position++
		return pointer == ""
	})
	return pointer
}
