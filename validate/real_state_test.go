package validate_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/validate"
	"github.com/tidwall/gjson"
)

// stored says where the state that was recorded after an operation has what a
// reply's field replaces: what its path begins with, and the names that differ. "-" is never
// in it.
var stored = map[string]struct {
	prefix string
	names  map[string]string
}{
	"updateUserInfo":     {"", map[string]string{"nickName": "nickname"}},
	"updateUserInfoEx":   {"", map[string]string{"nickName": "nickname"}},
	"setFriendRemark":    {"0.", map[string]string{"remark": "1"}},
	"importFriends":      {"", map[string]string{"friendUserIDs": "#.0"}},
	"createGroup":        {"info.", nil},
	"setGroupInfo":       {"", nil},
	"setGroupInfoEx":     {"", nil},
	"setGroupMemberInfo": {"0.", map[string]string{"nickName": "nickname"}},
	"invite":             {"", map[string]string{"refusedMembersAccount": "-"}},
	"sendSingle":         {"0.", nil},
	"sendSingleWS":       {"0.", nil},
	"convSingle":         {"a.0.", nil},
	"convGroup":          {"a.0.", nil},
}

// outcomeProblems says where an operation was done that the verdict says was
// not, or the other way round.
func (r *realRow) outcomeProblems(v validate.Verdict) []string {
	done, known := r.done()
	if want := v.Outcome == validate.Proceed; known && done != want {
		return []string{fmt.Sprintf("done: %t, but the verdict is %s", done, v.Outcome)}
	}
	return nil
}

// done reports whether the state shows that the operation was done. What it
// makes is there then; what it changes has a value of the caller's, which begin
// with a C, or of the reply's, with an R.
func (r *realRow) done() (done, known bool) {
	state := string(r.State)
	switch r.Operation {
	case "addFriend", "importFriends", "createGroup", "invite", "joinDirect", "joinApply", "sendGroup", "sendSingleWS", "sendGroupWS":
		return state != "[]" && state != "null", true
	case "addBlack":
		return state != "0", true
	case "addFriendAgree":
		return !strings.Contains(state, ", 0, "), true
	case "convSingle", "convGroup":
		return state != `{"a": [], "b": []}`, true
	case "updateUserInfo", "updateUserInfoEx", "setFriendRemark", "setGroupInfo", "setGroupInfoEx", "setGroupMemberInfo":
		done = strings.Contains(state, `"C`) || strings.Contains(state, `"R`) || strings.Contains(state, `"caller"`) || strings.Contains(state, `"reply"`)
		return true, done
	default:
		return false, false
	}
}

// stateProblems holds the reply's fields, one by one, against the state.
func (r *realRow) stateProblems(v validate.Verdict) (problems []string) {
	if v.Outcome == validate.Refuse || r.Seen == nil {
		return nil
	}
	if r.Seen.ErrCode != 0 {
		if len(v.Applied) > 0 {
			problems = append(problems, "applied, though the operation failed: "+asJSON(v.Applied))
		}
		return problems
	}
	if v.Outcome == validate.Crash {
		return []string{"nothing crashed"}
	}
	for _, f := range v.Callback.ReplyFields(v.Server.Release) {
		problems = append(problems, r.fieldProblems(v, f.Name)...)
	}
	return problems
}

func (r *realRow) fieldProblems(v validate.Verdict, name string) []string {
	switch {
	case name == "memberCallbackList":
		return r.memberProblems(v)
	case name == "users":
		replaced := string(r.State) == "null" // the request's user does not exist
		return r.heldProblems(v, name, replaced || within(r.replied("users.0.nickname"), r.stored("nickname")))
	case name == "userIDList":
		return r.pushProblems(v)
	case name == "recvID" && v.Callback.Key == "beforeMsgModify":
		return r.heldProblems(v, name, string(r.State) == "null") // the request's receiver has no message
	}
	state := r.stored(name)
	replied, asked := r.replied(name), r.asked(v, name)
	is := func(list []string) bool { return slices.Contains(list, "/"+name) }
	switch {
	case string(r.State) == "null", !state.Exists(): // nothing shows the field
		return nil
	case is(v.Applied) && !within(changed(v, name, replied), state) && !sameOrEmpty(replied, asked, state) && !shownOtherwise(v, name, replied):
		return []string{name + " is not applied: " + state.Raw}
	case is(v.Ignored) && within(replied, state):
		return []string{name + " is not ignored: " + state.Raw}
	case is(v.Wiped) && !isZero(asked) && within(asked, state):
		return []string{name + " is not wiped: " + state.Raw}
	case !is(v.Applied) && !is(v.Wiped) && !isZero(asked) && !within(asked, state):
		return []string{name + " is not as asked for: " + state.Raw}
	case !is(v.Applied) && !isZero(replied) && within(replied, state) && replied.Raw != asked.Raw:
		return []string{name + " is applied: " + state.Raw}
	}
	return nil
}

// sameOrEmpty reports whether a reply repeats the request's value, for which the
// server may choose its own (a group's id), or its empty value is stored as null.
func sameOrEmpty(replied, asked, state gjson.Result) bool {
	return replied.Raw == asked.Raw || (isZero(replied) || replied.Raw == "[]") && isZero(state)
}

// changed is the value of the verdict's change, which is as it is stored; where
// nothing changes the reply's.
func changed(v validate.Verdict, name string, replied gjson.Result) gjson.Result {
	for _, c := range v.Changes {
		if c.Path == "/"+name {
			return gjson.Parse(c.After)
		}
	}
	return replied
}

// shownOtherwise: for a member without a name or picture the API shows the
// user's.
func shownOtherwise(v validate.Verdict, name string, value gjson.Result) bool {
	shown := strings.EqualFold(name, "nickname") || name == "faceURL"
	return shown && isZero(value) && (v.Callback.Key == "beforeMemberJoinGroup" || v.Callback.Key == "beforeSetGroupMemberInfo")
}

// heldProblems compares whether a field was applied with whether the verdict
// has it so.
func (r *realRow) heldProblems(v validate.Verdict, name string, applied bool) []string {
	if !r.replied(name).Exists() || slices.Contains(v.Applied, "/"+name) == applied {
		return nil
	}
	return []string{fmt.Sprintf("%s is applied: %t", name, applied)}
}

// pushProblems asks whether the receiver that is not in the reply's list got
// the message.
func (r *realRow) pushProblems(v validate.Verdict) []string {
	state := gjson.ParseBytes(r.State)
	for _, path := range []string{"pushes to the online receiver", "pushes to the online member"} {
		if pushes := state.Get(path); pushes.Exists() {
			return r.heldProblems(v, "userIDList", pushes.Int() == 0)
		}
	}
	return nil
}

// memberProblems holds each member's own fields against the members that
// joined.
func (r *realRow) memberProblems(v validate.Verdict) (problems []string) {
	r.replied("memberCallbackList").ForEach(func(at, entry gjson.Result) bool {
		member := gjson.GetBytes(r.State, `#(userID=="`+entry.Get("userID").Str+`")`)
		entry.ForEach(func(name, value gjson.Result) bool {
			applied := slices.Contains(v.Applied, "/memberCallbackList/"+at.String()+"/"+name.Str)
			if name.Str != "userID" && !shownOtherwise(v, name.Str, value) && applied != within(value, member.Get(name.Str)) {
				problems = append(problems, fmt.Sprintf("%s of member %s: %s", name.Str, at, member.Raw))
			}
			return true
		})
		return true
	})
	return problems
}

func (r *realRow) replied(name string) gjson.Result {
	name, rest, deeper := strings.Cut(name, ".")
	value := memberOf(r.Exchange.Reply.Body, name)
	if deeper {
		return value.Get(rest)
	}
	return value
}

// asked is the value of the request that the reply's field would replace.
func (r *realRow) asked(v validate.Verdict, name string) gjson.Result {
	for request, reply := range map[string]string{"faceURL": "senderFaceURL", "atUserList": "atUserIDList"} {
		if v.Callback.Key == "beforeMsgModify" && name == reply {
			name = request
		}
	}
	return memberOf(r.Exchange.Request.Body, name)
}

// memberOf is an object's member by name, in any letter case; the last of
// several.
func memberOf(body []byte, name string) (found gjson.Result) {
	gjson.ParseBytes(body).ForEach(func(key, value gjson.Result) bool {
		if strings.EqualFold(key.Str, name) {
			found = value
		}
		return true
	})
	return found
}

func (r *realRow) stored(name string) gjson.Result {
	place := stored[r.Operation]
	if other := place.names[name]; other != "" {
		name = other
	}
	return gjson.GetBytes(r.State, place.prefix+name)
}

// harmProblems says where a rule on what is lost speaks of harm that the state
// does not show, or is silent about what it shows.
func (r *realRow) harmProblems(v validate.Verdict) (problems []string) {
	done := v.Outcome == validate.Proceed && r.Seen != nil && r.Seen.ErrCode == 0
	owner := r.replied("memberCallbackList.0.roleLevel").Int() == 100 || r.replied("roleLevel").Int() == 100
	harm := map[string]bool{
		"owner-lost":    false, // whoever got another role was invited
		"owner-twice":   done && owner && gjson.GetBytes(r.State, "0.roleLevel").Int() == 100,
		"user-nameless": false,
		"user-dropped":  done && r.replied("users.0").Exists() && string(r.State) == "null", // the request's user does not exist
	}
	for rule, want := range harm {
		alarm := slices.ContainsFunc(v.Findings, func(f validate.Finding) bool { return f.Rule == rule && f.Severity != validate.Note })
		if alarm != want {
			problems = append(problems, fmt.Sprintf("%s: %t, but the state is %s", rule, alarm, r.State))
		}
	}
	return problems
}
