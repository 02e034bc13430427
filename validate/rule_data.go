package validate

import (
	"strconv"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/tidwall/gjson"
)

var (
	twoMembers = answered("beforeMemberJoinGroup", `"memberCallbackList":[{"userID":"2675098143","nickname":"Carol (new)"},{"userID":"7340912658","nickname":"Dave (new)"}]`)
	twoUsers   = answered("beforeUserRegister", `"users":[{"userID":"4930183725","nickname":"Alice A.","faceURL":"https://cdn.example.com/face/alice.png"},`+
		`{"userID":"8127540396","nickname":"Bob B.","faceURL":"https://cdn.example.com/face/bob.png"}]`)
)

var ruleOwnerLost = Rule{
	ID: "owner-lost", Severity: Error, Contract: Running, Title: "the reply takes a group from its owner",
	Why:    "beforeMemberJoinGroup comes for new groups, too, with the owner first, and its request shows no roles. Who gives every member the same role leaves the group without an owner: nobody can rename or dismiss it. OpenIM gives each member its role by itself.",
	Source: sourceHandler + "; internal/rpc/group/group.go, CreateGroup and DismissGroup; a running main", when: effective,
	Bad: answered("beforeMemberJoinGroup", `"memberCallbackList":[{"userID":"2675098143","roleLevel":20},{"userID":"7340912658","roleLevel":20}]`), Good: twoMembers,
	check: func(p *pass) {
		own, first := p.ownRole(), p.members.roles.lost()
		switch {
		case first.pointer != "":
			f := p.reportLost(first, say("owner-lost", "role", first.level, "rename", renaming(first)))
			f.Fix = p.fixed(p.withoutLevel(first.level))
		case !own.takes():
		case p.joinsEach():
			p.reportLost(own, say("owner-lost.each", "role", own.level, "rename", renaming(own))).Fix = p.fixed(withoutRole)
		case p.request().Exists() && p.asksFor(roleLevel.name).Type == gjson.Null:
			f := p.reportLost(own, say("owner-lost.set", "role", own.level))
			f.Fix = p.fixed(withoutRole)
			if own.level == member {
				f.Severity = Warning
			}
		}
	},
}

// renaming says what else a new group's creator can't do, who is no admin either.
func renaming(r role) words.Text {
	if r.level == admin {
		return words.Text{}
	}
	return say("owner-lost.rename")
}

// withoutRole leaves out the role of a reply about one member.
var withoutRole = map[string]string{roleLevel.name: ""}

// reportLost reports a role that takes a group from its owner. An admin's may be
// meant, for somebody who is invited.
func (p *pass) reportLost(r role, message words.Text) *Finding {
	f := p.report(r.pointer, strconv.FormatInt(r.level, 10), say("owner-lost.want"), message, say("owner-lost.hint"))
	if r.level == admin {
		f.Severity = Note
	}
	return f
}

var ruleOwnerTwice = Rule{
	ID: "owner-twice", Severity: Error, Contract: Running, Title: "the reply gives a group a second owner",
	Why:    "OpenIM does not look whether a group has an owner when a reply sets roleLevel 100. Of two owners it takes the one that the database finds first: the other can't dismiss or transfer the group.",
	Source: sourceHandler + "; " + sourceRunning, when: effective,
	Bad: answered("beforeSetGroupMemberInfo", `"roleLevel":100`), Good: answered("beforeSetGroupMemberInfo", `"roleLevel":60`),
	check: func(p *pass) {
		own, given := p.ownRole(), &p.members.roles
		switch {
		case len(given.owners) == 1 && (given.first.takes() || !p.request().Exists()):
			p.reportPerhaps(given.owners[0])
		case len(given.owners) > 0:
			f := p.report(given.owners[0], "100", say("owner-twice.want"), say("owner-twice", "more", words.More(len(given.owners)-1)), say("owner-twice.hint"))
			f.Fix = p.fixed(p.withoutLevel(owner))
		case given.first.level == owner:
			p.reportPerhaps(given.first.pointer)
		case own.level == owner && p.joinsEach():
			p.reportPerhaps(own.pointer)
		case own.level == owner && p.asksFor(roleLevel.name).Int() != owner:
			f := p.report(own.pointer, "100", say("owner-twice.want"), say("owner-twice", "more", words.Text{}), say("owner-twice.hint"))
			f.Fix = p.fixed(withoutRole)
		}
	},
}

// reportPerhaps reports an owner who may be that of a new group.
func (p *pass) reportPerhaps(pointer string) {
	p.report(pointer, "100", say("owner-twice.want"), say("owner-twice.perhaps"), say("owner-twice.hint")).Severity = Warning
}

var ruleUserNameless = Rule{
	ID: "user-nameless", Severity: Error, Contract: Running, Title: "a user without userID is registered",
	Why:    `OpenIM looks at userIDs before it asks, not at those of the reply: it stores a user whose id is "". The user whom the request asks for does not exist, though its caller sees errCode 0; from the second time on the database refuses the id.`,
	Source: sourceHandler + "; " + sourceRunning, when: effective,
	Bad:  answered("beforeUserRegister", `"users":[{"nickname":"Alice A."},{"userID":"8127540396","nickname":"Bob","faceURL":"https://cdn.example.com/face/bob.png"}]`),
	Good: twoUsers,
	check: func(p *pass) {
		if p.users.count > 0 {
			f := p.report(p.users.nameless, clip(valueAt(p.body.root, p.users.nameless)), say("user-nameless.want"),
				say("user-nameless", "more", words.More(p.users.count-1)), say("user-nameless.hint"))
			f.Fix = p.fixedUsers()
		}
	},
}

var ruleUserDropped = Rule{
	ID: "user-dropped", Severity: Warning, Contract: Running, Title: "a user of the request is not registered",
	Why:    "The reply's users take the place of the request's whole list: who is not in it is not registered, though the caller sees errCode 0. To refuse a user, refuse the call.",
	Source: sourceHandler + "; " + sourceRunning, when: effective,
	Bad: answered("beforeUserRegister", `"users":[{"userID":"4930183725","nickname":"Alice","faceURL":"https://cdn.example.com/face/alice.png"}]`), Good: twoUsers,
	check: func(p *pass) {
		if dropped := p.users.dropped; len(dropped) > 0 && !p.found(ruleUserNameless.ID) {
			f := p.report("/"+p.judge.handler.replaces, "", say("user-dropped.want"),
				say("user-dropped", "user", clip(dropped[0]), "more", words.More(len(dropped)-1)), say("user-dropped.hint"))
			f.Fix = p.fixedUsers()
		}
	},
}

func (p *pass) fixedUsers() string {
	return p.fixed(map[string]string{p.judge.handler.replaces: p.wholeUsers()})
}
