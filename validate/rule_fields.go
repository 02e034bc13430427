package validate

import (
	"slices"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/tidwall/gjson"
)

var (
	goodMember = answered("beforeMemberJoinGroup", `"memberCallbackList":[{"userID":"7340912658","nickname":"Dave (guest)"}]`)
	goodModify = answered("beforeMsgModify", `"content":"{\"content\":\"***\"}"`)
	quietEcho  = answered("beforeSetGroupInfo", `"groupID":"3846201957","groupName":"Weekend Hikers","ex":"","needVerification":0`).asked(
		`{"groupID":"3846201957","groupName":"Weekend Hikers","ex":"","needVerification":0}`)
	goodEcho = answered("beforeSetGroupInfo", `"groupID":"3846201957","groupName":"Weekend Hikers","introduction":"Trails around the city","faceURL":"https://cdn.example.com/group/hikers.png"`)
)

var ruleCrashesServer = Rule{
	ID: "crashes-server", Severity: Error, Contract: Running, Title: "the reply crashes OpenIM's handler",
	Why:    "Some handlers use parts of the reply without checking that they are there. Up to 3.8.3 one such reply ends the whole service process; 3.8.3-patch.16 and main fail the request.",
	Source: sourceHandler + ", run with these replies; " + sourceRunning, when: crashing,
	Bad: answered("beforeMemberJoinGroup", `"memberCallbackList":[{"nickname":"Dave"}]`), Good: goodMember,
	check: func(p *pass) {
		cause, effect := p.crashCause, p.judge.behavior.crash.effect
		f := p.report(p.crashAt, clip(valueAt(p.body.root, p.crashAt)), words.Text{},
			say("crashes-server", "cause", cause.what, "server", p.server(), "effect", effect), cause.hint)
		if !cause.unless.IsZero() {
			f.Message = say("crashes-server.unless", "cause", cause.what, "server", p.server(), "effect", effect, "unless", cause.unless)
		}
	},
}

func (p *pass) server() Server { return p.judge.opts.Server }

var ruleFieldWiped = Rule{
	ID: "field-wiped", Severity: Error, Contract: Running, Title: "the reply erases what the request asks for",
	Why:    "For some callbacks OpenIM copies reply fields even when they are missing. A plain allow then erases the group's id, and the call fails with 1004, on main as one process with 500; other missing fields drop the change. Repeat the request's values.",
	Source: sourceHandler + "; " + sourceRunning, when: effective,
	Bad: allowed.to("beforeSetGroupInfo"), Good: goodEcho,
	check: func(p *pass) {
		wiped := p.verdict.Wiped
		if len(wiped) == 0 || p.refuses() {
			return // no receiver repeats the request in a refusal, which 3.6 drops
		}
		names := lastNames(wiped)
		f := p.report(wiped[0], clip(valueAt(p.body.root, wiped[0])), say("field-wiped.want", "fields", names),
			p.wipedEffect(names), say("field-wiped.hint", "fields", words.FewOf(names, 4)))
		switch {
		case p.judge.handler.replaces != "":
			f.Hint, f.Fix = say("field-wiped.hint-replaced"), p.fixedUsers()
		case p.judge.handler.keepsStored:
			f.Want, f.Hint, f.Fix = say("field-wiped.want-kept"), say("field-wiped.hint-kept", "fields", names), p.fixed(valuesOf(gjson.Result{}, names))
		default:
			f.Fix = p.fixed(valuesOf(p.request(), names))
		}
	},
}

// wipedEffect says which fields the reply erases, and what comes of it.
func (p *pass) wipedEffect(names []string) words.Text {
	switch {
	case p.judge.handler.replaces != "":
		return say("field-wiped.replaced", "fields", names, "n", len(names), "server", p.server())
	case p.judge.handler.keepsStored && !slices.ContainsFunc(names, p.shows):
		return say("field-wiped.hidden", "fields", names, "n", len(names), "server", p.server())
	case p.judge.handler.keepsStored:
		return say("field-wiped.kept", "fields", names, "n", len(names), "server", p.server())
	case p.losesSubject():
		var others words.Text
		if len(names) > 1 {
			others = say("field-wiped.others", "n", len(names)-1)
		}
		return say("field-wiped.subject", "field", p.judge.handler.subject, "others", others, "server", p.server(), "code", p.judge.behavior.notFound.ErrCode)
	case p.cancelsAll():
		return say("field-wiped.cancels", "field", p.judge.handler.cancels, "server", p.server())
	case p.judge.handler.storesEmpty:
		return say("field-wiped.empty", "fields", names, "server", p.server())
	default:
		return say("field-wiped", "fields", names, "server", p.server())
	}
}

var ruleUnaskedValue = Rule{
	ID: "unasked-value", Severity: Error, Contract: Running, Title: "the reply sets what the request leaves as it is",
	Why:    `In a request of beforeSetGroupInfo an empty ex and a 0 mostly mean "not changed". In the reply they are values: who sends the request back erases the group's ex and resets its settings.`,
	Source: sourceHandler + "; " + sourceRunning, when: effective,
	Bad: quietEcho, Good: goodEcho,
	check: func(p *pass) {
		var names []string
		for _, name := range p.judge.handler.unchanged {
			if asked, value := p.asksFor(name), p.own(name); isUnset(asked) && isUnset(value) {
				names = append(names, name)
			}
		}
		if len(names) > 0 {
			p.report("/"+names[0], clip(p.own(names[0]).Raw), say("unasked-value.want"),
				say("unasked-value", "fields", names, "n", len(names), "server", p.server()), say("unasked-value.hint", "fields", names, "n", len(names)))
		}
	},
}

// isUnset reports whether a value is there, but "" or 0.
func isUnset(v gjson.Result) bool { return v.Raw == `""` || v.Type == gjson.Number && v.Num == 0 }

var ruleContentNotObject = Rule{
	ID: "content-not-object", Severity: Error, Contract: Running, Title: "content is not the text of a JSON object",
	Why:    `A message's content is a string that holds a JSON object, for text {"content":"hi"}. Main rejects anything else with 1001; earlier versions store it, and clients can't show the message.`,
	Source: sourceRunning, when: effective,
	Bad: answered("beforeMsgModify", `"content":"***"`), Good: goodModify,
	check: func(p *pass) {
		if !p.contentNotObject() {
			return
		}
		message := say("content-not-object", "server", p.server())
		if p.judge.behavior.objectContent {
			message = say("content-not-object.rejected")
		}
		p.report("/content", clip(p.own("content").Raw), say("content-not-object.want"), message, say("content-not-object.hint"))
	},
}

var ruleFieldIgnored = Rule{
	ID: "field-ignored", Severity: Error, Contract: Running, Title: "OpenIM throws a field away",
	Why:    "The documents list reply fields that no server applies: refusedMembersAccount still invites everybody, ownerUserID does not change a new group's owner, notification stays as requested.",
	Source: sourceHandler + "; " + sourceRunning, when: effective,
	Bad: answered("beforeInviteUserToGroup", `"refusedMembersAccount":["8127540396"]`), Good: allowed,
	check: func(p *pass) {
		for i := commonFields; i < len(p.judge.table); i++ {
			f := &p.judge.table[i]
			if f.effect != fixtures.Ignored && !p.discardsReceivers(i) || !p.body.has(i) || isEmpty(p.body.value(i)) || sameValue(p.asksFor(f.Name), p.body.value(i)) {
				continue // what repeats the request does no harm
			}
			hint, ok := p.judge.handler.instead[f.Name]
			if !ok {
				hint = say("hint.leave-out", "field", f.Name)
			}
			finding := p.report(f.pointer, clip(p.body.value(i).Raw), say("want.nothing"), say("field-ignored", "server", p.server(), "field", f.Name), hint)
			inRequest := func(r fixtures.Field) bool { return r.Name == f.Name }
			if !p.request().Exists() && slices.ContainsFunc(p.judge.callback.Request, inRequest) {
				finding.Severity = Warning // it may repeat the request
			}
		}
	},
}

var ruleEmptyList = Rule{
	ID: "empty-list-means-nothing", Severity: Warning, Contract: Running, Title: `an empty value does not mean "none"`,
	Why:    `In some fields, such as friendUserIDs, users and remark, OpenIM takes an empty list or text for a missing one: the request's value stays. It can't mean "nobody". Other fields take it; "imcb show" tells.`,
	Source: sourceHandler + "; " + sourceRunning, when: effective,
	Bad: answered("beforeImportFriends", `"friendUserIDs":[]`), Good: allowed,
	check: func(p *pass) {
		for i := commonFields; i < len(p.judge.table); i++ {
			f := &p.judge.table[i]
			if f.effect != fixtures.AppliedNonEmpty || !p.body.has(i) || !isEmpty(p.body.value(i)) {
				continue
			}
			if asked := p.asksFor(f.Name); !asked.Exists() || !isEmpty(asked) { // it does not ask for none itself
				p.report(f.pointer, p.body.value(i).Raw, say("empty-list-means-nothing.want"),
					say("empty-list-means-nothing", "field", f.Name), say("empty-list-means-nothing.hint"))
			}
		}
	},
}

var ruleMemberUnknown = Rule{
	ID: "member-unknown", Severity: Warning, Contract: Running, Title: "an entry for a user who does not join",
	Why:    "OpenIM looks each entry of memberCallbackList up among the joining members and skips the others without a word.",
	Source: sourceHandler, when: effective,
	Bad: answered("beforeMemberJoinGroup", `"memberCallbackList":[{"userID":"1028","nickname":"Lei"}]`), Good: goodMember,
	check: func(p *pass) {
		unknown := &p.members.unknown
		if unknown.count == 0 {
			return
		}
		p.report(unknown.pointer, clip(unknown.user), say("member-unknown.want"),
			say("member-unknown", "user", clip(unknown.user), "more", words.More(unknown.count-1)), say("member-unknown.hint"))
	},
}
