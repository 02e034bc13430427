package validate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures/words"
)

var ruleErrCodeMissing = Rule{
	ID: "errcode-missing", Severity: Error, Contract: Documents, Title: "a refusal without a code",
	Why:    "With errCode 0 or none the refused client gets errCode 500 up to 3.8.3-patch.16; 3.6 refuses nothing. On main it gets errCode 0, which reads as success, though nothing was done.",
	Source: sourceRunning, when: readable,
	Bad: coded(0, 0, "no", 1), Good: refused,
	check: func(p *pass) {
		if !p.asDocumented() || p.body.codes[errCode] != 0 {
			return
		}
		f := p.report("/errCode", p.written(errCode), words.Plain("5000-9999"), p.uncodedEffect(), say("errcode-missing.hint"))
		switch {
		case p.byPages() && p.judge.pageRange() == (Range{}):
			f.Severity, f.Message = Warning, say("errcode-missing.contradicts")
		case p.byPages():
			f.Message = say("errcode-missing.documents")
		case p.unseen():
			f.Severity = Warning
		case p.verdict.Outcome == Refuse && p.verdict.Client.ErrCode == 0:
			f.Contract = Both
		}
	},
}

// uncodedEffect says what becomes of a refusal without a code.
func (p *pass) uncodedEffect() words.Text {
	switch {
	case p.judge.behavior.dropsRefusal:
		return say("errcode-missing.dropped", "server", p.server())
	case p.unseen():
		return say("errcode-missing.unseen")
	case p.verdict.Client.ErrCode == 0:
		return say("errcode-missing.success")
	default:
		return say("errcode-missing", "code", p.verdict.Client.ErrCode)
	}
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
	ID: "errcode-reserved", Severity: Error, Contract: Running, Title: "OpenIM uses this code itself",
	Why:    "Clients react to OpenIM's own codes: 1501 to 1507 log the user out. With main-services, codes below 100 are gRPC's and reach the client as 500.",
	Source: "open-im-server main: pkg/common/servererrs/code.go; " + sourceRunning, when: readable,
	Bad: coded(0, 1501, "no", 1), Good: refused,
	check: func(p *pass) {
		code := p.body.codes[errCode]
		meaning, own := ownCodes[code]
		if !p.asDocumented() || code <= 0 || (!own && code >= firstOwnCode) {
			return
		}
		message := say("errcode-reserved", "code", code, "meaning", meaning)
		if !own {
			message = say("errcode-reserved.grpc", "code", code)
		}
		f := p.report("/errCode", fmt.Sprint(code), words.Plain("5000-9999"), message, say("hint.code", "range", documentedErrCodes))
		if p.judge.opts.ErrCodes.Has(code) {
			f.Severity = Warning
		}
	},
}

var ruleErrCodeRange = Rule{
	ID: "errcode-range", Severity: Error, Contract: Documents, Title: "errCode is outside the documented range",
	Why:    "The callback pages give 5000-9999 for a refusal; the page on error codes gives 20001-29999, which counts as a warning. OpenIM passes any positive code on. --errcode-range sets your own range.",
	Source: "documents: the callback pages, and the page on error codes", when: readable,
	Bad: coded(0, 4000, "no", 1), Good: refused,
	check: func(p *pass) {
		code, allowed := p.body.codes[errCode], cmp.Or(p.judge.opts.ErrCodes, documentedErrCodes)
		if !p.coded() || code == 0 || allowed.Has(code) || p.found("errcode-reserved") {
			return
		}
		f := p.report("/errCode", fmt.Sprint(code), words.Plain(allowed.String()),
			say("errcode-range", "code", code, "range", allowed), say("errcode-range.hint", "range", allowed, "option", say("errcode-range.option")))
		switch {
		case code < 0 && !p.byPages():
			told := p.judge.behavior.coded(codedError{code: code}).ErrCode
			f.Message = say("errcode-range.negative", "code", code, "told", told)
			if told != int(code) {
				f.Contract = Both
			}
		case allowed != documentedErrCodes:
			f.Contract, f.Message = "", say("errcode-range.own", "code", code, "range", allowed)
		case siteWideErrCodes.Has(code):
			f.Message = say("errcode-range.site", "code", code, "site", siteWideErrCodes, "range", allowed)
			if !p.byPages() {
				f.Severity = Warning
			}
		case p.byPages():
			f.Message = say("errcode-range.documents", "code", code, "range", allowed)
		}
	},
}

// coded reports whether errCode is meant for the client: in a refusal, and by
// the documents in every reply that says that the callback failed.
func (p *pass) coded() bool {
	return p.asDocumented() || p.byPages() && p.before() && p.body.codes[actionCode] != 0
}

var ruleErrCodeOnAllow = Rule{
	ID: "errcode-on-allow", Severity: Warning, Strict: Error, Contract: Documents, Title: "an allow with an errCode",
	Why:    "OpenIM ignores errCode without nextCode 1. An errCode like 200 beside \"success\" leaves readers guessing; the documents want 0.",
	Source: sourcePages, when: readable,
	Bad: coded(0, 200, "success", 0), Good: allowed,
	check: func(p *pass) {
		code := p.body.codes[errCode]
		if code != 0 && p.body.codes[actionCode] == 0 && p.body.codes[nextCode] != 1 && p.claimsSuccess() {
			p.report("/errCode", fmt.Sprint(code), words.Plain("0"), say("errcode-on-allow", "code", code), say("errcode-on-allow.hint"))
		}
	},
}

var ruleErrMsgMissing = Rule{
	ID: "errmsg-missing", Severity: Warning, Contract: Both, Title: "a refusal without a message",
	Why:    "errMsg is what the end user is shown. Without one they get nothing, or the bare code (3.7 to 3.8.3-patch.16).",
	Source: sourceRunning, when: readable,
	Bad: coded(0, 5001, "", 1), Good: refused,
	check: func(p *pass) {
		if p.asDocumented() && !p.unseen() && strings.TrimSpace(p.body.texts[errMsg]) == "" && !p.found("errcode-missing") {
			p.report("/errMsg", `""`, say("want.user-message"), say("errmsg-missing"), say("errmsg-missing.hint"))
		}
	},
}

// leaks are signs of text that was not written for end users, in lower case.
var leaks = []struct {
	what  words.Text
	signs []string
}{
	{say("errmsg-leak.html"), []string{"<html", "<!doctype", "<body", "<div", "<script", "<br"}},
	{say("errmsg-leak.stack"), []string{"traceback (most recent", "goroutine ", "\n\tat ", "\n    at ", ".java:", ".go:", ".py\", line", "panic: "}},
	{say("errmsg-leak.exception"), []string{"nullpointerexception", "exception in thread", "runtime error:"}},
	{say("errmsg-leak.sql"), []string{"select * from", "insert into "}},
	{say("errmsg-leak.database"), []string{
		"sqlstate", "sql: ", "duplicate entry '", "duplicate key value", "ora-0", "prisma:", "prismaclient", "mongo:", "mongodb", "mongoserver", "redis:",
	}},
	{say("errmsg-leak.network"), []string{"econnrefused", "connection refused", "dial tcp", "i/o timeout"}},
	{say("errmsg-leak.path"), []string{"/home/", "/usr/", "/var/", "c:\\"}},
}

var ruleErrMsgLeak = Rule{
	ID: "errmsg-leak", Severity: Warning, Contract: Both, Title: "the message was not written for users",
	Why:    "OpenIM shows errMsg to end users word for word. Stack traces, SQL and addresses in it tell strangers about your servers.",
	Source: sourceRunning, when: readable,
	Bad: coded(0, 5001, "dial tcp 10.0.0.5:3306: connection refused", 1), Good: refused,
	check: func(p *pass) {
		if !p.asDocumented() || p.unseen() || p.body.texts[errMsg] == "" {
			return
		}
		text := strings.ToLower(p.body.texts[errMsg])
		for _, leak := range leaks {
			if slices.ContainsFunc(leak.signs, func(sign string) bool { return strings.Contains(text, sign) }) {
				p.report("/errMsg", clip(p.body.texts[errMsg]), say("want.user-message"),
					say("errmsg-leak", "what", leak.what), say("errmsg-leak.hint"))
				return
			}
		}
	},
}

// IsOwnCode reports whether OpenIM itself means something with an errCode: no
// refusal has it that keeps the contract.
func IsOwnCode(code int64) bool {
	_, own := ownCodes[int32(code)]
	return own && int64(int32(code)) == code
}
