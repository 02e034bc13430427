package validate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
)

var (
	goodMember = answered("beforeMemberJoinGroup", `"memberCallbackList":[{"userID":"7340912658","nickname":"Dave (guest)"}]`)
	goodModify = answered("beforeMsgModify", `"content":"{\"content\":\"***\"}"`)
	goodEcho   = answered("beforeSetGroupInfo", `"groupID":"3846201957","groupName":"Weekend Hikers","introduction":"Trails around the city","faceURL":"https://cdn.example.com/group/hikers.png"`)
)

var ruleCrashesServer = Rule{
	ID: "crashes-server", Severity: Error, Title: "the reply crashes OpenIM's handler",
	Why:    "Some handlers use parts of the reply without checking that they are there. Up to 3.8.3 one such reply ends the whole service process; 3.8.3-patch.16 and main fail the request.",
	Source: sourceHandler + ", run with these replies; " + sourceRunning, when: effective,
	Bad: answered("beforeMemberJoinGroup", `"memberCallbackList":[{"nickname":"Dave"}]`), Good: goodMember,
	check: func(p *pass) {
		if name := p.judge.handler.groupOnly; p.crashesPush() {
			p.report(Finding{
				Place: at("/" + name), Got: clip(p.own(name).Raw),
				Message: say("crashes-server.push", "field", name, "server", p.server()),
				Hint:    say("crashes-server.hint-push", "field", name),
			})
		}
		if p.verdict.Outcome != Crash {
			return
		}
		p.report(Finding{
			Place: at(p.crashAt), Got: clip(valueAt(p.body.root, p.crashAt)),
			Message: say("crashes-server", "cause", p.crashCause.what, "server", p.server(), "effect", p.judge.behavior.crash.effect), Hint: p.crashCause.hint,
		})
	},
}

// server is the version that judges.
func (p *pass) server() Server { return p.judge.opts.Server }

var ruleFieldWiped = Rule{
	ID: "field-wiped", Severity: Error, Title: "the reply erases what the request asks for",
	Why:    "For some callbacks OpenIM copies reply fields even when they are missing. A plain allow then erases the group's id, and the call fails with 1004; other missing fields drop the change. Repeat the request's values.",
	Source: sourceHandler + "; " + sourceRunning, when: effective,
	Bad: allowed.to("beforeSetGroupInfo"), Good: goodEcho,
	check: func(p *pass) {
		wiped := p.verdict.Wiped
		if len(wiped) == 0 || p.refuses() {
			return // no receiver repeats the request in a refusal, which 3.6 drops
		}
		p.report(Finding{
			Place: at(wiped[0]), Got: clip(valueAt(p.body.root, wiped[0])), Want: say("field-wiped.want", "fields", lastNames(wiped)),
			Message: p.wipedEffect(lastNames(wiped)), Hint: p.wipedHint(),
		})
	},
}

// wipedEffect says which fields the reply erases, and what comes of it.
func (p *pass) wipedEffect(names []string) words.Text {
	switch {
	case p.losesSubject():
		var others words.Text
		if len(names) > 1 {
			others = say("field-wiped.others", "n", len(names)-1)
		}
		return say("field-wiped.subject", "field", p.judge.handler.subject, "others", others, "server", p.server())
	case p.cancelsAll():
		return say("field-wiped.cancels", "field", p.judge.handler.cancels, "server", p.server())
	case p.judge.handler.storesEmpty:
		return say("field-wiped.empty", "fields", names, "server", p.server())
	default:
		return say("field-wiped", "fields", names, "server", p.server())
	}
}

// echoLength is how many characters of an echo a hint has room for.
const echoLength = 155

// wipedHint shows the part of the reply that repeats what would be erased.
func (p *pass) wipedHint() words.Text {
	var pairs []string
	for _, name := range lastNames(p.verdict.Wiped) {
		if asked := p.asksFor(name); !isEmpty(asked) {
			pairs = append(pairs, fmt.Sprintf("%q:%s", name, clip(asked.Raw)))
		}
	}
	if len(pairs) == 0 {
		return say("field-wiped.hint")
	}
	return say("field-wiped.hint-values", "values", words.Clip(strings.Join(pairs, ","), echoLength))
}

var ruleContentNotObject = Rule{
	ID: "content-not-object", Severity: Error, Title: "content is not the text of a JSON object",
	Why:    `A message's content is a string that holds a JSON object, for text {"content":"hi"}. Main rejects anything else with 1001; earlier versions store it, and clients can't show the message.`,
	Source: sourceRunning, when: effective,
	Bad: answered("beforeMsgModify", `"content":"***"`), Good: goodModify,
	check: func(p *pass) {
		if !p.contentNotObject() || p.verdict.Outcome == Crash {
			return
		}
		message := say("content-not-object", "server", p.server())
		if p.judge.behavior.objectContent {
			message = say("content-not-object.rejected")
		}
		p.report(Finding{
			Place: at("/content"), Got: clip(p.own("content").Raw), Want: say("content-not-object.want"),
			Message: message, Hint: say("content-not-object.hint"),
		})
	},
}

var ruleFieldIgnored = Rule{
	ID: "field-ignored", Severity: Error, Title: "OpenIM throws a field away",
	Why:    "The documents list reply fields that no server applies: refusedMembersAccount still invites everybody, ownerUserID does not change a new group's owner, notification stays as requested.",
	Source: sourceHandler + "; " + sourceRunning, when: effective,
	Bad: answered("beforeInviteUserToGroup", `"refusedMembersAccount":["8127540396"]`), Good: allowed,
	check: func(p *pass) {
		if p.verdict.Outcome == Crash {
			return
		}
		for i := commonFields; i < len(p.judge.table); i++ {
			f := &p.judge.table[i]
			if f.effect != fixtures.Ignored || !p.body.has(i) || isEmpty(p.body.value(i)) || sameValue(p.asksFor(f.Name), p.body.value(i)) {
				continue // what repeats the request does no harm
			}
			finding := Finding{
				Place: at(f.pointer), Got: clip(p.body.value(i).Raw), Want: say("want.nothing"),
				Message: say("field-ignored", "server", p.server(), "field", f.Name), Hint: p.judge.handler.instead[f.Name],
			}
			if finding.Hint.IsZero() {
				finding.Hint = say("hint.leave-out", "field", f.Name)
			}
			if !p.request().Exists() && p.inRequest(f.Name) {
				finding.Severity = Warning // it may repeat the request
			}
			p.report(finding)
		}
	},
}

// inRequest reports whether the callback's request has a field of that name.
func (p *pass) inRequest(name string) bool {
	return slices.ContainsFunc(p.judge.callback.Request, func(f fixtures.Field) bool { return f.Name == name })
}

var ruleEmptyList = Rule{
	ID: "empty-list-means-nothing", Severity: Warning, Title: `an empty value does not mean "none"`,
	Why:    `OpenIM takes an empty list or text for a missing one: the request's value stays. It can't mean "nobody".`,
	Source: sourceHandler + "; " + sourceRunning, when: effective,
	Bad: answered("beforeImportFriends", `"friendUserIDs":[]`), Good: allowed,
	check: func(p *pass) {
		if p.verdict.Outcome == Crash {
			return
		}
		for i := commonFields; i < len(p.judge.table); i++ {
			if f := &p.judge.table[i]; f.effect == fixtures.AppliedNonEmpty && p.body.has(i) && isEmpty(p.body.value(i)) && !p.asksForNone(f.Name) {
				p.report(Finding{
					Place: at(f.pointer), Got: p.body.value(i).Raw, Want: say("empty-list-means-nothing.want"),
					Message: say("empty-list-means-nothing", "field", f.Name), Hint: say("empty-list-means-nothing.hint"),
				})
			}
		}
	},
}

// asksForNone reports whether the request, too, leaves a field empty.
func (p *pass) asksForNone(name string) bool {
	asked := p.asksFor(name)
	return asked.Exists() && isEmpty(asked)
}

var ruleMemberUnknown = Rule{
	ID: "member-unknown", Severity: Warning, Title: "an entry for a user who does not join",
	Why:    "OpenIM looks each entry of memberCallbackList up among the joining members and skips the others without a word.",
	Source: sourceHandler, when: effective,
	Bad: answered("beforeMemberJoinGroup", `"memberCallbackList":[{"userID":"1028","nickname":"Lei"}]`), Good: goodMember,
	check: func(p *pass) {
		unknown := &p.members.unknown
		if unknown.count == 0 || p.verdict.Outcome == Crash {
			return
		}
		p.report(Finding{
			Place: at(unknown.pointer), Got: clip(unknown.user), Want: say("member-unknown.want"),
			Message: say("member-unknown", "user", clip(unknown.user), "more", words.More(unknown.count-1)), Hint: say("member-unknown.hint"),
		})
	},
}
