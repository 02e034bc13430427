package validate

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
)

// success reports whether a text says that all is well.
func success(text string) bool {
	said := []string{"ok", "okay", "success", "succeed", "succeeded", "successful", "allow", "allowed", "成功", "操作成功"}
	return slices.Contains(said, strings.ToLower(strings.TrimSpace(text)))
}

// claimsSuccess reports whether the reply's own words say that all is well,
// in spite of a code that is not 0.
func (p *pass) claimsSuccess() bool {
	return success(p.body.texts[errMsg]) || (p.body.codes[errCode] == http.StatusOK && p.body.texts[errMsg] == "" && p.body.texts[errDlt] == "")
}

// allows reports whether the reply lets the operation go on, if only until
// something in it makes it fail.
func (p *pass) allows() bool { return p.before() && p.verdict.Outcome != Refuse }

// meansRefusal reports whether a reply that refuses nothing was meant to.
func (p *pass) meansRefusal() bool {
	action, code, next := p.body.codes[actionCode], p.body.codes[errCode], p.body.codes[nextCode]
	if p.claimsSuccess() && next != 1 {
		return false
	}
	return code != 0 || (action != 0 && next == 1)
}

var ruleRefusalIneffective = Rule{
	ID: "refusal-ineffective", Severity: Error, Contract: Both, Title: "a refusal that refuses nothing",
	Why:    "OpenIM 3.7 and later refuse on actionCode 0 together with nextCode 1, and on nothing else. actionCode 1 cancels the refusal, and an errCode alone is not looked at. 3.6 refuses nothing at all.",
	Source: sourceParse + "; issues #3049 and #2166", when: readable,
	Bad: coded(1, 5001, "no", 1), Good: refused,
	check: func(p *pass) {
		if !p.allows() || p.judge.behavior.dropsRefusal && p.asDocumented() || !p.meansRefusal() {
			return
		}
		action, code, next := p.body.codes[actionCode], p.body.codes[errCode], p.body.codes[nextCode]
		f := p.report("", "", say("want.refusal"), words.Text{}, say("hint.refuse"))
		switch {
		case p.judge.behavior.dropsRefusal:
			f.Contract = Running
			f.Message = say("refusal-ineffective.never", "operation", p.operation(), "server", p.server())
		case action != 0:
			f.Place, f.Got = at("/actionCode"), fmt.Sprint(action)
			f.Message = say("refusal-ineffective.action", "code", action, "operation", p.operation())
			if f.Contract = Running; next == 1 {
				f.Contract, f.Hint = Both, say("refusal-ineffective.hint-action")
			}
		default:
			f.Place, f.Got = at("/nextCode"), p.written(nextCode)
			f.Message = say("refusal-ineffective", "code", code, "operation", p.operation())
			f.Hint = say("refusal-ineffective.hint")
		}
		if p.byPages() {
			p.ineffectiveByPages(f)
		}
	},
}

// ineffectiveByPages says of a refusal that refuses nothing how it departs from
// the documents.
func (p *pass) ineffectiveByPages(f *Finding) {
	switch action, code := p.body.codes[actionCode], p.body.codes[errCode]; {
	case action != 0:
		f.Message = say("refusal-ineffective.next-action", "code", action)
	case p.judge.page != nil && p.judge.page.UnlessNextCode:
		f.Severity, f.Message = Warning, say("refusal-ineffective.slip", "code", code)
	default:
		f.Message = say("refusal-ineffective.documents", "code", code)
	}
}

// asDocumented reports whether the reply is a refusal as the documents define
// it, so that its code and texts are meant for the client.
func (p *pass) asDocumented() bool {
	return p.before() && zeroAndOne(p.body.codes[actionCode], p.body.codes[nextCode])
}

// written is a code as the reply has it.
func (p *pass) written(field int) string {
	if !p.body.saw(field) {
		return "nothing"
	}
	return fmt.Sprint(p.body.codes[field])
}

var ruleActionCodeValue = Rule{
	ID: "actioncode-value", Severity: Error, Contract: Both, Title: "actionCode is not 0",
	Why:    `The documents define 0 as "the callback ran correctly". Anything else means "go on" from 3.7 and "refuse" in 3.5.`,
	Source: sourceParse, when: readable,
	Bad: coded(1, 0, "", 0), Good: allowed,
	check: func(p *pass) {
		action := p.body.codes[actionCode]
		if action == 0 || !p.before() || p.found("refusal-ineffective") {
			return
		}
		f := p.report("/actionCode", fmt.Sprint(action), words.Plain("0"),
			say("actioncode-value", "code", action, "operation", p.operation()), say("actioncode-value.hint"))
		switch {
		case p.byPages() && p.body.codes[errCode] == 0:
			f.Contract, f.Message, f.Hint = Documents, say("actioncode-value.uncoded", "code", action), say("actioncode-value.hint-uncoded")
		case p.byPages():
			f.Severity, f.Contract, f.Message = Note, Documents, say("actioncode-value.failed", "code", action)
		case p.verdict.Outcome == Refuse:
			f.Contract, f.Message = Documents, say("actioncode-value.refuses", "code", action, "server", p.server())
		case p.claimsSuccess():
			f.Severity, f.Contract, f.Message = Warning, Documents, say("actioncode-value.success", "code", action)
		}
	},
}

var ruleNextCodeValue = Rule{
	ID: "nextcode-value", Severity: Warning, Strict: Error, Contract: Documents, Title: "nextCode is neither 0 nor 1",
	Why:    "1 refuses, but for 3.6, which refuses nothing. Every other value means go on, in every version.",
	Source: sourceParse, when: readable,
	Bad: coded(0, 0, "", 2), Good: allowed,
	check: func(p *pass) {
		next := p.body.codes[nextCode]
		if next == 0 || next == 1 || p.found("refusal-ineffective") {
			return
		}
		f := p.report("/nextCode", fmt.Sprint(next), say("nextcode-value.want"), say("nextcode-value", "code", next), say("nextcode-value.hint"))
		switch {
		case p.byPages():
			f.Message = say("nextcode-value.documents", "code", next)
		case p.judge.behavior.dropsRefusal:
			f.Message, f.Hint = say("nextcode-value.dropped", "code", next, "server", p.server()), say("nextcode-value.hint-dropped", "server", p.server())
		}
	},
}

var ruleRefusalOnAfter = Rule{
	ID: "refusal-on-after", Severity: Warning, Contract: Both, Title: "an after callback is answered with an error or a refusal",
	Why:    "After callbacks tell what has happened. From 3.7 on OpenIM throws the reply away: nothing is undone, sent again or logged. 3.5 reports the error to the client, although the change stays.",
	Source: sourceRunning, when: readable,
	Bad: coded(0, 5001, "no", 1).to("afterSendSingleMsg"), Good: allowed.to("afterSendSingleMsg"),
	check: func(p *pass) {
		isError := p.body.codes[nextCode] == 1 || ((p.body.codes[actionCode] != 0 || p.body.codes[errCode] != 0) && !p.claimsSuccess())
		if p.before() || !isError || p.byPages() && p.body.codes[actionCode] != 0 && p.judge.pageRange().Has(p.body.codes[errCode]) {
			return // some pages of after callbacks have a range for their errors
		}
		answer := say("refusal-on-after.error")
		if p.body.codes[nextCode] == 1 {
			answer = say("refusal-on-after.refusal")
		}
		message := say("refusal-on-after", "answer", answer, "status", p.onStatus())
		if p.verdict.Client.ErrCode != 0 {
			message = say("refusal-on-after.reported", "server", p.server(), "answer", answer, "status", p.onStatus())
		}
		p.report("", clip(p.body.root.Raw), say("refusal-on-after.want"),
			message, say("refusal-on-after.hint", "reply", fixtures.PlainAllow))
	},
}

var ruleRefusalUnseen = Rule{
	ID: "refusal-unseen", Severity: Note, Contract: Running, Title: "nobody sees this refusal",
	Why:    "Push and conversation callbacks run outside a client's call. A refusal drops the push or the conversation; errCode and errMsg reach nobody.",
	Source: sourceRunning, when: readable,
	Bad: refused.to("beforeOfflinePush"), Good: allowed,
	check: func(p *pass) {
		if p.judge.callback.Unseen && p.verdict.Outcome == Refuse {
			p.report("", "", words.Text{}, say("refusal-unseen", "operation", p.operation()), say("refusal-unseen.hint"))
		}
	},
}
