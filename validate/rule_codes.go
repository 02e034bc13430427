package validate

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
)

// before reports whether the callback waits for the reply.
func (p *pass) before() bool { return p.callback.Phase == fixtures.Before }

// refusalForm is how a refusal is written.
const refusalForm = `"actionCode":0, "errCode":5001 and "nextCode":1`

// claimsSuccess reports whether the reply's own words say that all is well,
// in spite of an errCode that is not 0.
func (p *pass) claimsSuccess() bool {
	switch strings.ToLower(strings.TrimSpace(p.texts[errMsg])) {
	case "ok", "success", "succeed", "succeeded", "successful", "成功":
		return true
	case "":
		return p.codes[errCode] == http.StatusOK && p.texts[errDlt] == ""
	}
	return false
}

// meansRefusal reports whether a reply that refuses nothing was meant to.
func (p *pass) meansRefusal() bool {
	action, code, next := p.codes[actionCode], p.codes[errCode], p.codes[nextCode]
	return (action != 0 && (next == 1 || code != 0)) || (code != 0 && next != 1 && !p.claimsSuccess())
}

var ruleRefusalIneffective = Rule{
	ID: "refusal-ineffective", Severity: Error, Title: "a refusal that refuses nothing",
	Why:    "OpenIM 3.7 and later refuse on actionCode 0 together with nextCode 1, and on nothing else. actionCode 1 cancels the refusal, and an errCode alone is not looked at.",
	Source: sourceParse + "; issues #3049 and #2166",
	Bad:    Example{Reply: replied(http.StatusOK, `{"actionCode":1,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":1}`)}, Good: refused,
	stage: onCodes,
	check: func(p *pass) {
		if !p.before() || p.refuses() || !p.meansRefusal() {
			return
		}
		f := Finding{Want: refusalForm, Hint: "to refuse, write " + refusalForm}
		switch {
		case p.codes[actionCode] != 0:
			f.Path, f.Got = "/actionCode", fmt.Sprint(p.codes[actionCode])
			f.Message = fmt.Sprintf("this refusal refuses nothing: actionCode %d cancels it, and %s goes through", p.codes[actionCode], p.operation())
			if p.codes[nextCode] == 1 {
				f.Hint = `set "actionCode":0; with "nextCode":1 that refuses`
			}
		default:
			f.Path, f.Got = "/nextCode", p.written(nextCode)
			f.Message = fmt.Sprintf("errCode %d refuses nothing without nextCode 1: %s goes through", p.codes[errCode], p.operation())
			f.Hint = `add "nextCode":1 to refuse, or set "errCode":0 to allow`
		}
		p.report(f)
	},
}

// written is a code as the reply has it.
func (p *pass) written(field int) string {
	if !p.saw(field) {
		return "nothing"
	}
	return fmt.Sprint(p.codes[field])
}

var ruleActionCodeValue = Rule{
	ID: "actioncode-value", Severity: Error, Title: "actionCode is not 0",
	Why:    "The documents define 0 as \"the callback ran correctly\". Anything else means \"go on\" from 3.7 and \"refuse\" to 3.5.",
	Source: sourceParse,
	Bad:    Example{Reply: replied(http.StatusOK, `{"actionCode":1,"errCode":0,"errMsg":"","errDlt":"","nextCode":0}`)}, Good: allowed,
	stage: onCodes,
	check: func(p *pass) {
		action := p.codes[actionCode]
		if action == 0 || !p.before() || p.found("refusal-ineffective") {
			return
		}
		f := Finding{Path: "/actionCode", Got: fmt.Sprint(action), Want: "0", Hint: `write "actionCode":0; to refuse, add "nextCode":1 and an errCode`}
		if p.verdict.Outcome == Refuse {
			f.Message = fmt.Sprintf("actionCode %d refuses in %s only; from 3.7 on it means go on", action, p.opts.Server)
		} else {
			f.Message = fmt.Sprintf("actionCode %d means go on to OpenIM: %s goes through", action, p.operation())
		}
		p.report(f)
	},
}

var ruleNextCodeValue = Rule{
	ID: "nextcode-value", Severity: Warning, Title: "nextCode is neither 0 nor 1",
	Why:    "1 refuses. Every other value means go on, in every version.",
	Source: sourceParse,
	Bad:    Example{Reply: replied(http.StatusOK, `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":2}`)}, Good: allowed,
	stage: onCodes,
	check: func(p *pass) {
		if next := p.codes[nextCode]; next != 0 && next != 1 && !p.found("refusal-ineffective") {
			p.report(Finding{Path: "/nextCode", Got: fmt.Sprint(next), Want: "0 or 1", Message: fmt.Sprintf("nextCode %d means go on, like 0", next), Hint: "write 0 to allow, 1 to refuse"})
		}
	},
}

// refusalShown reports whether the reply is a refusal as the documents define
// it, so that its code and texts are meant for the client.
func (p *pass) refusalShown() bool {
	return p.before() && zeroAndOne(p.codes[actionCode], p.codes[nextCode])
}

var ruleErrCodeMissing = Rule{
	ID: "errcode-missing", Severity: Error, Title: "a refusal without a code",
	Why:    "With errCode 0 or none the refused client gets errCode 500 up to 3.8.3-patch.16. On main it gets errCode 0, which reads as success, though nothing was done.",
	Source: sourceRunning,
	Bad:    Example{Reply: replied(http.StatusOK, `{"actionCode":0,"errCode":0,"errMsg":"no","errDlt":"","nextCode":1}`)}, Good: refused,
	stage: onCodes,
	check: func(p *pass) {
		if !p.refusalShown() || p.codes[errCode] != 0 {
			return
		}
		effect := "the client gets 500 (success on main)"
		switch {
		case p.callback.Unseen:
			effect = "nobody learns why"
		case p.opts.Server == fixtures.Main:
			effect = "the client gets errCode 0, which reads as success, though nothing was done"
		case p.behavior.dropsRefusal:
			effect = "and " + p.opts.Server.String() + " refuses nothing at all"
		}
		p.report(Finding{
			Path: "/errCode", Got: p.written(errCode), Want: "5000-9999",
			Message: "nextCode 1 refuses, but there is no errCode: " + effect, Hint: `to allow, write "nextCode":0; to refuse, add an errCode of 5000-9999`,
		})
	},
}

// ownCodes are codes with which OpenIM and its clients mean something else.
// Source: open-im-server main, pkg/common/servererrs/code.go.
var ownCodes = map[int32]string{
	500: "server error", 1001: "bad argument", 1002: "no permission", 1003: "duplicate key", 1004: "record not found", 1050: "secret not changed",
	1101: "no such user", 1102: "already registered", 1201: "no such group", 1202: "group exists", 1203: "not in the group", 1204: "group dismissed",
	1205: "group type", 1206: "request handled", 1301: "can't add yourself", 1302: "blocked by the peer", 1303: "not the peer's friend",
	1304: "already friends", 1305: "request handled", 1401: "read receipts off", 1402: "muted in the group", 1403: "group muted", 1404: "already revoked",
	1501: "token expired", 1502: "token invalid", 1503: "token malformed", 1504: "token not valid yet", 1505: "token unknown", 1506: "token kicked",
	1507: "no token", 1520: "no permission", 1601: "too many connections", 1602: "connection arguments", 1603: "push failed", 1604: "iOS background push",
	1701: "upload expired", 80000: "callback error", 90002: "database error", codeNetwork: "network error", codeData: "data error",
}

var ruleErrCodeReserved = Rule{
	ID: "errcode-reserved", Severity: Error, Title: "OpenIM uses this code itself",
	Why:    "Clients react to OpenIM's own codes: 1501 to 1507 log the user out. On main, codes below 100 are gRPC's and reach the client as 500.",
	Source: "open-im-server main: pkg/common/servererrs/code.go; " + sourceRunning,
	Bad:    Example{Reply: replied(http.StatusOK, `{"actionCode":0,"errCode":1501,"errMsg":"no","errDlt":"","nextCode":1}`)}, Good: refused,
	stage: onCodes,
	check: func(p *pass) {
		code := p.codes[errCode]
		meaning, own := ownCodes[code]
		if !p.refusalShown() || code <= 0 || (!own && code >= 100) {
			return
		}
		f := Finding{Path: "/errCode", Got: fmt.Sprint(code), Want: "5000-9999", Hint: "use a code of 5000-9999"}
		if own {
			f.Message = fmt.Sprintf("errCode %d is OpenIM's own (%s): clients will take it for that", code, meaning)
		} else {
			f.Message = fmt.Sprintf("errCode %d is one of gRPC's: on main the client gets 500 instead", code)
		}
		if (p.opts.ErrCodes != Range{}) && p.opts.ErrCodes.Has(code) {
			f.Severity = Warning
		}
		p.report(f)
	},
}

var ruleErrCodeRange = Rule{
	ID: "errcode-range", Severity: Error, Title: "errCode is outside the documented range",
	Why:    "The callback pages give 5000-9999 for a refusal's errCode; the site-wide page on error codes gives 20001-29999, which counts as a warning. OpenIM passes any positive code on. --errcode-range sets your own range.",
	Source: "documents: the callback pages, and the page on error codes",
	Bad:    Example{Reply: replied(http.StatusOK, `{"actionCode":0,"errCode":4000,"errMsg":"no","errDlt":"","nextCode":1}`)}, Good: refused,
	stage: onCodes,
	check: func(p *pass) {
		code := p.codes[errCode]
		if !p.refusalShown() || code == 0 || p.found("errcode-reserved") {
			return
		}
		if own := p.opts.ErrCodes; own != (Range{}) {
			if !own.Has(code) {
				want := fmt.Sprintf("%d-%d", own.Low, own.High)
				p.report(Finding{Path: "/errCode", Got: fmt.Sprint(code), Want: want, Message: fmt.Sprintf("errCode %d is outside %s, the range you set", code, want), Hint: "use a code of " + want})
			}
			return
		}
		f := Finding{Path: "/errCode", Got: fmt.Sprint(code), Want: "5000-9999", Hint: "use a code of 5000-9999, or allow yours with --errcode-range"}
		switch {
		case documentedErrCodes.Has(code):
			return
		case siteWideErrCodes.Has(code):
			f.Severity = Warning
			f.Message = fmt.Sprintf("errCode %d is in 20001-29999, the site-wide range; the callback pages say 5000-9999", code)
		case code < 0:
			f.Message = fmt.Sprintf("errCode %d is negative: the client gets 500", code)
		default:
			f.Message = fmt.Sprintf("errCode %d is outside the documented 5000-9999; OpenIM passes it on", code)
		}
		p.report(f)
	},
}

var ruleErrCodeOnAllow = Rule{
	ID: "errcode-on-allow", Severity: Warning, Title: "an allow with an errCode",
	Why:    "OpenIM ignores errCode without nextCode 1. An errCode like 200 beside \"success\" leaves readers guessing; the documents want 0.",
	Source: sourcePages,
	Bad:    Example{Reply: replied(http.StatusOK, `{"actionCode":0,"errCode":200,"errMsg":"success","errDlt":"","nextCode":0}`)}, Good: allowed,
	stage: onCodes,
	check: func(p *pass) {
		code := p.codes[errCode]
		if p.before() && code != 0 && p.codes[actionCode] == 0 && p.codes[nextCode] != 1 && p.claimsSuccess() {
			p.report(Finding{Path: "/errCode", Got: fmt.Sprint(code), Want: "0", Message: fmt.Sprintf("errCode %d on an allow; OpenIM ignores it, the documents want 0", code), Hint: `write "errCode":0`})
		}
	},
}

var ruleErrMsgMissing = Rule{
	ID: "errmsg-missing", Severity: Warning, Title: "a refusal without a message",
	Why:    "errMsg is what the end user is shown. Without one they get nothing, or the bare code (3.7 to 3.8.3-patch.16).",
	Source: sourceRunning,
	Bad:    Example{Reply: replied(http.StatusOK, `{"actionCode":0,"errCode":5001,"errMsg":"","errDlt":"","nextCode":1}`)}, Good: refused,
	stage: onCodes,
	check: func(p *pass) {
		if p.refusalShown() && !p.callback.Unseen && strings.TrimSpace(p.texts[errMsg]) == "" && !p.found("errcode-missing") {
			p.report(Finding{Path: "/errMsg", Got: `""`, Want: "a message for the user", Message: "the refusal has no errMsg: the user is not told why", Hint: `write a short "errMsg" for the end user`})
		}
	},
}

// leaks are signs of text that was not written for end users.
var leaks = []struct{ sign, what string }{
	{"<html", "HTML"}, {"<!doctype", "HTML"}, {"<body", "HTML"}, {"<div", "HTML"}, {"<script", "HTML"},
	{"traceback (most recent", "a stack trace"}, {"goroutine ", "a stack trace"}, {"\n\tat ", "a stack trace"}, {"\n    at ", "a stack trace"}, {".java:", "a stack trace"},
	{".go:", "a stack trace"}, {".py\", line", "a stack trace"}, {"panic:", "a stack trace"}, {"nullpointerexception", "an exception"}, {"exception in thread", "an exception"},
	{"select * from", "SQL"}, {"insert into ", "SQL"}, {"sqlstate", "an SQL error"}, {"sql: ", "an SQL error"}, {"duplicate entry '", "an SQL error"}, {"ora-0", "an SQL error"},
	{"prisma", "a database error"}, {"mongo", "a database error"}, {"econnrefused", "a network error"}, {"connection refused", "a network error"},
	{"dial tcp", "a network error"}, {"/home/", "a file path"}, {"/usr/", "a file path"}, {"c:\\", "a file path"},
}

var ruleErrMsgLeak = Rule{
	ID: "errmsg-leak", Severity: Warning, Title: "the message was not written for users",
	Why:    "OpenIM shows errMsg to end users word for word. Stack traces, SQL and addresses in it tell strangers about your servers.",
	Source: sourceRunning,
	Bad:    Example{Reply: replied(http.StatusOK, `{"actionCode":0,"errCode":5001,"errMsg":"dial tcp 10.0.0.5:3306: connection refused","errDlt":"","nextCode":1}`)}, Good: refused,
	stage: onCodes,
	check: func(p *pass) {
		if !p.refusalShown() || p.callback.Unseen || p.texts[errMsg] == "" {
			return
		}
		text := strings.ToLower(p.texts[errMsg])
		for _, leak := range leaks {
			if strings.Contains(text, leak.sign) {
				p.report(Finding{
					Path: "/errMsg", Got: clip(p.texts[errMsg]), Want: "a message for the user",
					Message: "errMsg holds " + leak.what + ", and OpenIM shows it to the end user", Hint: `log it, and write a short sentence into "errMsg"`,
				})
				return
			}
		}
	},
}

var ruleRefusalOnAfter = Rule{
	ID: "refusal-on-after", Severity: Warning, Title: "an after callback is answered with an error",
	Why:    "After callbacks tell what has happened. From 3.7 on OpenIM throws the reply away: nothing is undone, retried or logged. Version 3.5 reports the error to the client, although the change stays.",
	Source: sourceRunning,
	Bad:    Example{Callback: "afterSendSingleMsg", Reply: replied(http.StatusOK, `{"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":1}`)}, Good: acknowledged,
	stage: onCodes,
	check: func(p *pass) {
		codes := p.codes[actionCode] != 0 || p.codes[nextCode] == 1 || (p.codes[errCode] != 0 && !p.claimsSuccess())
		if p.before() || !codes {
			return
		}
		message := "an error in reply to an after callback changes nothing: it has already happened"
		if p.verdict.Client.ErrCode != 0 {
			message = fmt.Sprintf("OpenIM %s reports this error to the client, although the change stays", p.opts.Server)
		}
		p.report(Finding{Got: clip(p.root.Raw), Want: "all codes 0", Message: message, Hint: "answer " + fixtures.PlainAllow + ", and handle the error yourself"})
	},
}

var ruleRefusalUnseen = Rule{
	ID: "refusal-unseen", Severity: Advice, Title: "nobody sees this refusal",
	Why:    "Push and conversation callbacks run outside a client's call. A refusal drops the push or the conversation; errCode and errMsg reach nobody.",
	Source: sourceRunning,
	Bad:    Example{Callback: "beforeOfflinePush", Reply: refused.Reply}, Good: allowed,
	stage: onCodes,
	check: func(p *pass) {
		if p.callback.Unseen && p.refuses() && !p.behavior.dropsRefusal {
			p.report(Finding{Message: "the refusal works, but nobody sees its errCode and errMsg: no client waits for this callback", Hint: "tell the user in another way, if they should know"})
		}
	},
}
