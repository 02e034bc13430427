package validate

import (
	"cmp"
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
	Source: sourceHandler + ", run with these replies; " + sourceRunning,
	Bad:    answered("beforeMemberJoinGroup", `"memberCallbackList":[{"nickname":"Dave"}]`), Good: goodMember,
	when: effective,
	check: func(p *pass) {
		if name := p.judge.handler.groupOnly; p.crashesPush() {
			p.report(Finding{
				Place: at("/" + name), Got: clip(p.own(name).Raw),
				Message: words.Plain(name + " is set in a chat that is no group: " + p.server() + " crashes there, and the whole push service process dies"),
				Hint:    words.Plain("leave " + name + " out unless sessionType is 3"),
			})
		}
		if p.verdict.Outcome != Crash {
			return
		}
		p.report(Finding{
			Place: at(p.crashAt), Got: clip(valueAt(p.body.root, p.crashAt)),
			Message: words.Plain(fmt.Sprintf("%s: %s crashes there, and %s", p.crashCause.what, p.server(), p.judge.behavior.crash.effect)), Hint: words.Plain(p.crashCause.hint),
		})
	},
}

// server names the version that judges.
func (p *pass) server() string { return "OpenIM " + p.judge.opts.Server.String() }

var ruleFieldWiped = Rule{
	ID: "field-wiped", Severity: Error, Title: "the reply erases what the request asks for",
	Why:    "For some callbacks OpenIM copies reply fields even when they are missing. A plain allow then erases the group's id, and the call fails with 1004; other missing fields drop the change. Repeat the request's values.",
	Source: sourceHandler + "; " + sourceRunning,
	Bad:    Example{Callback: "beforeSetGroupInfo", Reply: allowed.Reply}, Good: goodEcho,
	when: effective,
	check: func(p *pass) {
		wiped := p.verdict.Wiped
		if len(wiped) == 0 || p.refuses() {
			return // no receiver repeats the request in a refusal, which 3.6 drops
		}
		p.report(Finding{
			Place: at(wiped[0]), Got: clip(valueAt(p.body.root, wiped[0])), Want: words.Plain(words.List(lastNames(wiped), "and") + " as in the request"),
			Message: words.Plain(p.wipedEffect(wiped)), Hint: words.Plain("repeat the request's values" + p.echo()),
		})
	},
}

// wipedEffect says which fields the reply erases, and what comes of it.
func (p *pass) wipedEffect(wiped []string) string {
	names := lastNames(wiped)
	switch {
	case p.losesSubject():
		others := ""
		if len(names) > 1 {
			others = fmt.Sprintf(" (nor %d others)", len(names)-1)
		}
		return fmt.Sprintf(`the reply does not repeat %s%s: %s then looks for group "", and the call fails with 1004`, p.judge.handler.subject, others, p.server())
	case p.cancelsAll():
		return fmt.Sprintf("%s is empty: %s then changes nothing at all, but reports success", p.judge.handler.cancels, p.server())
	default:
		effect := cmp.Or(p.judge.handler.loses, "drops the change, but reports success")
		return fmt.Sprintf("the reply does not repeat %s: %s then %s", words.List(names, "and"), p.server(), effect)
	}
}

// echoLength is how many characters of an echo a hint has room for.
const echoLength = 155

// echo is the part of the reply that repeats what would be erased, for a hint.
func (p *pass) echo() string {
	var pairs []string
	for _, name := range lastNames(p.verdict.Wiped) {
		if asked := p.asksFor(name); !isEmpty(asked) {
			pairs = append(pairs, fmt.Sprintf("%q:%s", name, clip(asked.Raw)))
		}
	}
	if len(pairs) == 0 {
		return ""
	}
	return ": " + words.Clip(strings.Join(pairs, ","), echoLength)
}

var ruleContentNotObject = Rule{
	ID: "content-not-object", Severity: Error, Title: "content is not the text of a JSON object",
	Why:    `A message's content is a string that holds a JSON object, for text {"content":"hi"}. Main rejects anything else with 1001; earlier versions store it, and clients can't show the message.`,
	Source: sourceRunning,
	Bad:    answered("beforeMsgModify", `"content":"***"`), Good: goodModify,
	when: effective,
	check: func(p *pass) {
		if !p.contentNotObject() || p.verdict.Outcome == Crash {
			return
		}
		effect := p.server() + " stores it, and clients can't show the message"
		if p.judge.behavior.objectContent {
			effect = "OpenIM rejects the message with 1001"
		}
		p.report(Finding{
			Place: at("/content"), Got: clip(p.own("content").Raw), Want: words.Plain("the text of a JSON object"),
			Message: words.Plain("content does not hold a JSON object: " + effect), Hint: words.Plain(`for a text message write "content":"{\"content\":\"…\"}"`),
		})
	},
}

var ruleFieldIgnored = Rule{
	ID: "field-ignored", Severity: Error, Title: "OpenIM throws a field away",
	Why:    "The documents list reply fields that no server applies: refusedMembersAccount still invites everybody, ownerUserID does not change a new group's owner, notification stays as requested.",
	Source: sourceHandler + "; " + sourceRunning,
	Bad:    answered("beforeInviteUserToGroup", `"refusedMembersAccount":["8127540396"]`), Good: allowed,
	when: effective,
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
				Place: at(f.pointer), Got: clip(p.body.value(i).Raw), Want: words.Plain("nothing"),
				Message: words.Plain(fmt.Sprintf("%s throws %s away: it changes nothing", p.server(), f.Name)),
				Hint:    words.Plain(cmp.Or(p.judge.handler.instead[f.Name], fmt.Sprintf("leave %q out", f.Name))),
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
	Source: sourceHandler + "; " + sourceRunning,
	Bad:    answered("beforeImportFriends", `"friendUserIDs":[]`), Good: allowed,
	when: effective,
	check: func(p *pass) {
		if p.verdict.Outcome == Crash {
			return
		}
		for i := commonFields; i < len(p.judge.table); i++ {
			if f := &p.judge.table[i]; f.effect == fixtures.AppliedNonEmpty && p.body.has(i) && isEmpty(p.body.value(i)) && !p.asksForNone(f.Name) {
				p.report(Finding{
					Place: at(f.pointer), Got: p.body.value(i).Raw, Want: words.Plain("values, or nothing"),
					Message: words.Plain(fmt.Sprintf("an empty %s counts as missing: OpenIM keeps the request's value", f.Name)),
					Hint:    words.Plain(`to let nothing through, refuse with "nextCode":1`),
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
	Source: sourceHandler,
	Bad:    answered("beforeMemberJoinGroup", `"memberCallbackList":[{"userID":"1028","nickname":"Lei"}]`), Good: goodMember,
	when: effective,
	check: func(p *pass) {
		unknown := &p.members.unknown
		if unknown.count == 0 || p.verdict.Outcome == Crash {
			return
		}
		p.report(Finding{
			Place: at(unknown.pointer), Got: clip(unknown.user), Want: words.Plain("a userID of the request's memberList"),
			Message: words.Plain(fmt.Sprintf("user %q is not among the joining members: OpenIM skips the entry", clip(unknown.user)) + words.AndMore(unknown.count-1)),
			Hint:    words.Plain("use the userIDs of the request's memberList"),
		})
	},
}
