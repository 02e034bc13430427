package validate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/tidwall/gjson"
)

const allowHead = `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,`

var (
	versionMain = fixtures.Main
	goodMember  = Example{Callback: "beforeMemberJoinGroup", Reply: replied(200, allowHead+`"memberCallbackList":[{"userID":"8127540396","nickname":"Bob"}]}`)}
	goodModify  = Example{Callback: "beforeMsgModify", Reply: replied(200, allowHead+`"content":"{\"content\":\"***\"}"}`)}
)

var ruleCrashesServer = Rule{
	ID: "crashes-server", Severity: Error, Title: "the reply makes OpenIM's handler panic",
	Why:    "Some handlers use what the reply points at without looking. Up to 3.8.3 one such reply kills the whole service process; 3.8.3-patch.16 and main fail the request.",
	Source: "open-im-server: the handlers, run with these replies; " + sourceRunning,
	Bad:    Example{Callback: "beforeMemberJoinGroup", Reply: replied(200, allowHead+`"memberCallbackList":[{"nickname":"Bob"}]}`)}, Good: goodMember,
	stage: onFields,
	check: func(p *pass) {
		if p.verdict.Outcome != Crash {
			return
		}
		path := p.crashPath()
		what, hint := p.crashCause(path)
		p.report(Finding{
			Path: path, Got: clip(valueAt(p.root, path)), Want: hint,
			Message: fmt.Sprintf("%s: OpenIM %s panics and %s", what, p.opts.Server, p.behavior.crash.effect), Hint: hint,
		})
	},
}

// crashCause says what is wrong with the value on which the handler panics,
// and what to write.
func (p *pass) crashCause(path string) (what, hint string) {
	name := lastName(path)
	switch p.callback.Key {
	case "beforeMemberJoinGroup":
		if name == memberList {
			return "a null entry in " + memberList, "leave the entry out"
		}
		return "an entry of " + memberList + " without userID", "give each entry the userID of a joining member"
	case "beforeUserRegister":
		return "a null entry in users", "leave the entry out"
	case "beforeMsgModify":
		return "offlinePushInfo for a message that was sent without one", "leave offlinePushInfo out: the request does not show whether it is safe"
	default:
		return fmt.Sprintf("%s, which the client did not change", name), fmt.Sprintf("leave %q out unless the request has it", name)
	}
}

// valueAt returns the JSON text at a pointer, or "nothing".
func valueAt(root gjson.Result, pointer string) string {
	v := root
	for _, name := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		if i, err := strconv.Atoi(name); err == nil && v.IsArray() {
			v = v.Get(strconv.Itoa(i))
		} else {
			v = memberOf(v, name)
		}
	}
	if !v.Exists() {
		return "nothing"
	}
	return v.Raw
}

var ruleFieldWiped = Rule{
	ID: "field-wiped", Severity: Error, Title: "the reply erases what the request asked for",
	Why:    "For some callbacks OpenIM copies reply fields even when they are absent. A plain allow then erases the group's id, and the call fails with 1004; other missing fields drop the change. Repeat the request's values.",
	Source: sourceField + "; " + sourceRunning,
	Bad:    Example{Callback: "beforeSetGroupInfo", Reply: allowed.Reply},
	Good: Example{
		Callback: "beforeSetGroupInfo",
		Reply:    replied(200, allowHead+`"groupID":"3846201957","groupName":"Weekend Hikers","introduction":"Trails around the city","faceURL":"https://cdn.example.com/group/hikers.png"}`),
	},
	stage: onFields,
	check: func(p *pass) {
		wiped := p.verdict.Wiped
		if len(wiped) == 0 {
			return
		}
		f := Finding{Path: wiped[0], Got: "nothing", Want: "the request's values"}
		if p.losesGroupID() {
			f.Message = fmt.Sprintf("the reply does not repeat groupID: %s looks for group \"\" and the call fails with 1004", serverName(p.opts.Server))
		} else {
			f.Message = fmt.Sprintf("the reply erases %s of the request: the change is dropped", namesOf(wiped))
		}
		f.Hint = "repeat the request's values" + p.echo()
		p.report(f)
	},
}

// echo is the part of the reply that repeats what would be erased, for a hint.
func (p *pass) echo() string {
	var pairs []string
	for _, pointer := range p.verdict.Wiped {
		name := lastName(pointer)
		if asked := p.asksFor(name); asked.Exists() {
			pairs = append(pairs, fmt.Sprintf("%q:%s", name, clip(asked.Raw)))
		}
	}
	if len(pairs) == 0 {
		return ""
	}
	return ": " + shorten(strings.Join(pairs, ","))
}

func namesOf(pointers []string) string {
	names := make([]string, len(pointers))
	for i, p := range pointers {
		names[i] = lastName(p)
	}
	return strings.Join(names, ", ")
}

var ruleContentNotObject = Rule{
	ID: "content-not-object", Severity: Error, Title: "content is not the text of a JSON object",
	Why:    "A message's content is a string that holds a JSON object, {\"content\":\"hi\"} for text. Main rejects anything else with 1001; earlier versions store it, and clients can't show the message.",
	Source: sourceRunning,
	Bad:    Example{Callback: "beforeMsgModify", Reply: replied(200, allowHead+`"content":"***"}`)}, Good: goodModify,
	stage: onFields,
	check: func(p *pass) {
		if !p.is("beforeMsgModify") || !p.contentNotObject() || p.verdict.Outcome == Crash {
			return
		}
		text := p.own("content").Str
		effect := serverName(p.opts.Server) + " stores it, and clients can't show the message"
		if p.behavior.objectContent {
			effect = "OpenIM rejects the message with 1001"
		}
		p.report(Finding{
			Path: "/content", Got: clip(text), Want: "the text of a JSON object",
			Message: "content does not hold a JSON object: " + effect, Hint: `for a text message write "content":"{\"content\":\"…\"}"`,
		})
	},
}

var ruleFieldIgnored = Rule{
	ID: "field-ignored", Severity: Error, Title: "a field that OpenIM reads and throws away",
	Why:    "The documents list reply fields that no server applies: refusedMembersAccount still invites everybody, ownerUserID does not change a new group's owner, notification stays as requested.",
	Source: sourceField + "; " + sourceRunning,
	Bad:    Example{Callback: "beforeInviteUserToGroup", Reply: replied(200, allowHead+`"refusedMembersAccount":["8127540396"]}`)}, Good: allowed,
	stage: onFields,
	check: func(p *pass) {
		for i := commonFields; i < len(p.table); i++ {
			f := &p.table[i]
			if f.effect != fixtures.Ignored || !p.has(i) || isEmpty(p.value(i)) {
				continue
			}
			asked := p.asksFor(requestName(p.callback.Key, f.Name))
			if asked.Exists() && asked.String() == p.value(i).String() {
				continue // it repeats the request: no harm
			}
			finding := Finding{
				Path: f.pointer, Got: clip(p.value(i).Raw), Want: "nothing",
				Message: fmt.Sprintf("OpenIM reads %s and throws it away", f.Name), Hint: p.ignoredHint(f.Name),
			}
			if !p.request().Exists() {
				finding.Severity = Warning
			}
			p.report(finding)
		}
	},
}

func (p *pass) ignoredHint(name string) string {
	switch name {
	case "refusedMembersAccount":
		return `everybody is still invited; refuse the whole invitation with "nextCode":1`
	case "ownerUserID":
		return "the owner stays the requested one; refuse if that is wrong"
	case "userIDList":
		return `to stop the push, refuse with "nextCode":1`
	default:
		return fmt.Sprintf("leave %q out", name)
	}
}

var ruleEmptyList = Rule{
	ID: "empty-list-means-nothing", Severity: Warning, Title: "an empty value does not mean \"none\"",
	Why:    "An empty list or text counts as absent: the request's value stays. It can't mean \"nobody\".",
	Source: sourceField + "; " + sourceRunning,
	Bad:    Example{Callback: "beforeImportFriends", Reply: replied(200, allowHead+`"friendUserIDs":[]}`)}, Good: allowed,
	stage: onFields,
	check: func(p *pass) {
		for i := commonFields; i < len(p.table); i++ {
			if f := &p.table[i]; f.effect == fixtures.AppliedNonEmpty && p.has(i) && isEmpty(p.value(i)) {
				p.report(Finding{
					Path: f.pointer, Got: p.value(i).Raw, Want: "values, or nothing",
					Message: fmt.Sprintf("an empty %s counts as absent: the request's value stays", f.Name), Hint: `to let nothing through, refuse with "nextCode":1`,
				})
			}
		}
	},
}

var ruleMemberUnknown = Rule{
	ID: "member-unknown", Severity: Warning, Title: "an entry for a user who does not join",
	Why:    "OpenIM looks each entry of memberCallbackList up among the joining members and skips the others without a word.",
	Source: sourceField,
	Bad:    Example{Callback: "beforeMemberJoinGroup", Reply: replied(200, allowHead+`"memberCallbackList":[{"userID":"1028","nickname":"Lei"}]}`)}, Good: goodMember,
	stage: onFields,
	check: func(p *pass) {
		joining := p.joining()
		if !p.is("beforeMemberJoinGroup") || joining == nil || p.verdict.Outcome != Proceed {
			return
		}
		var unknown []string
		path := ""
		position := 0
		p.own(memberList).ForEach(func(_, entry gjson.Result) bool {
			if id := memberOf(entry, "userID").Str; !joining[id] {
				if path == "" {
					path = fmt.Sprintf("/%s/%d/userID", memberList, position)
				}
				unknown = append(unknown, clip(id))
			}
			position++
			return true
		})
		if len(unknown) > 0 {
			p.report(Finding{
				Path: path, Got: clip(strings.Join(unknown, ", ")), Want: "a userID of the request's memberList",
				Message: fmt.Sprintf("user %s is not among the joining members: OpenIM skips the entry", unknown[0]) + more(len(unknown)-1), Hint: "use the userIDs of the request's memberList",
			})
		}
	},
}

// allowedValues are the values that mean something, by field name.
var allowedValues = map[string][]int64{
	"roleLevel":         {20, 60, 100},
	"needVerification":  {0, 1, 2},
	"lookMemberInfo":    {0, 1},
	"applyMemberFriend": {0, 1},
	"recvMsgOpt":        {0, 1, 2},
	"groupType":         {2},
}

var ruleValueRange = Rule{
	ID: "value-range", Severity: Error, Title: "a value that OpenIM stores, but nobody understands",
	Why:    "OpenIM does not check the values of replies. roleLevel is 20 (member), 60 (admin) or 100 (owner, and a second one is no good); muteEndTime is in milliseconds, so seconds end in 1970.",
	Source: sourceField + "; documents: group/memberJoinGroupBefore",
	Bad:    Example{Callback: "beforeMemberJoinGroup", Reply: replied(200, allowHead+`"memberCallbackList":[{"userID":"8127540396","muteEndTime":1767603600}]}`)}, Good: goodMember,
	stage: onFields,
	check: func(p *pass) {
		if p.verdict.Outcome == Crash {
			return
		}
		for i := commonFields; i < len(p.table); i++ {
			if f := &p.table[i]; f.Name == memberList {
				position := 0
				p.own(memberList).ForEach(func(_, entry gjson.Result) bool {
					for k := range f.fields {
						p.checkRange(&f.fields[k], f.at(position)+"/"+f.fields[k].Name, memberOf(entry, f.fields[k].Name))
					}
					position++
					return true
				})
			} else if p.has(i) && f.effect != fixtures.Ignored {
				p.checkRange(f, f.pointer, p.value(i))
			}
		}
	},
}

func (p *pass) checkRange(f *fieldSpec, pointer string, v gjson.Result) {
	if v.Type != gjson.Number {
		return
	}
	n := v.Int()
	// A time in seconds that is not over yet is between these in milliseconds.
	const years1970to1973 = 100_000_000_000
	switch allowed := allowedValues[f.Name]; {
	case f.Name == "muteEndTime" && n > 0 && n < years1970to1973:
		p.report(Finding{
			Path: pointer, Got: v.Raw, Want: "milliseconds",
			Message: fmt.Sprintf("muteEndTime %d is in seconds; OpenIM takes milliseconds and unmutes at once", n), Hint: fmt.Sprintf(`write "muteEndTime":%d`, n*1000),
		})
	case f.Name == "roleLevel" && n == 100 && p.asksFor("roleLevel").Int() != 100:
		p.report(Finding{
			Path: pointer, Severity: Warning, Got: "100", Want: "20 or 60",
			Message: "roleLevel 100 makes another owner: OpenIM does not check it", Hint: `write 60 for an admin, 20 for a member`,
		})
	case allowed != nil && !slices.Contains(allowed, n):
		p.report(Finding{
			Path: pointer, Got: v.Raw, Want: numbers(allowed),
			Message: fmt.Sprintf("%s %d means nothing, and OpenIM stores it unchecked", f.Name, n), Hint: "write " + numbers(allowed),
		})
	}
}

func numbers(values []int64) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = strconv.FormatInt(v, 10)
	}
	if len(words) == 1 {
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// identities are reply fields that name what the operation is about.
var identities = map[string][]string{
	"beforeMsgModify":      {"recvID", "groupID", "clientMsgID", "serverMsgID", "sessionType"},
	"beforeSetGroupInfo":   {"groupID"},
	"beforeSetGroupInfoEx": {"groupID"},
}

var ruleIdentityChange = Rule{
	ID: "identity-change", Severity: Warning, Title: "the reply changes what the operation is about",
	Why:    "Another recvID or groupID sends the message or the change elsewhere, after the permission check; another clientMsgID makes the sender's client lose track of its message.",
	Source: sourceField,
	Bad:    Example{Callback: "beforeMsgModify", Reply: replied(200, allowHead+`"clientMsgID":"0"}`)}, Good: goodModify,
	stage: onFields,
	check: func(p *pass) {
		if p.verdict.Outcome == Crash {
			return
		}
		for _, name := range identities[p.callback.Key] {
			value, asked := p.own(name), p.asksFor(name)
			if isEmpty(value) || (asked.Exists() && asked.String() == value.String()) || (!asked.Exists() && p.callback.Group == "group") {
				continue
			}
			p.report(Finding{
				Path: "/" + name, Got: clip(value.Raw), Want: clip(asked.Raw),
				Message: fmt.Sprintf("the reply changes %s: %s", name, identityEffect(name)), Hint: fmt.Sprintf("leave %q out, or repeat the request's", name),
			})
		}
	},
}

func identityEffect(name string) string {
	switch name {
	case "clientMsgID", "serverMsgID":
		return "the sender's client can no longer match its message"
	case "sessionType":
		return "OpenIM does not check it, and the message may go nowhere"
	default:
		return "OpenIM acts on another conversation or group, unchecked"
	}
}
