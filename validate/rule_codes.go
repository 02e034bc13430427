package validate

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"

	"github.com/imcb-dev/imcb/fixtures/words"
)

var ruleErrCodeMissing = Rule{
	ID: "errcode-missing", Severity: Error, Title: "a refusal without a code",
	Why:    "With errCode 0 or none the refused client gets errCode 500 up to 3.8.3-patch.16. On main it gets errCode 0, which reads as success, though nothing was done.",
	Source: sourceRunning,
	Bad:    Example{Reply: replied(http.StatusOK, `{"actionCode":0,"errCode":0,"errMsg":"no","errDlt":"","nextCode":1}`)}, Good: refused,
	when: readable,
	check: func(p *pass) {
		if !p.asDocumented() || p.body.codes[errCode] != 0 {
			return
		}
		f := Finding{
			Place: at("/errCode"), Got: p.written(errCode), Want: words.Plain("5000-9999"),
			Message: words.Plain(p.uncodedEffect()), Hint: words.Plain(`to allow, write "nextCode":0; to refuse, add an errCode of 5000-9999`),
		}
		if p.judge.callback.Unseen {
			f.Severity = Warning
		}
		p.report(f)
	},
}

// uncodedEffect says what becomes of a refusal without a code.
func (p *pass) uncodedEffect() string {
	switch {
	case p.judge.behavior.dropsRefusal:
		return fmt.Sprintf("nextCode 1 without an errCode: %s refuses nothing, other versions tell the client 500 or success", p.server())
	case p.judge.callback.Unseen:
		return "nextCode 1 refuses, but there is no errCode for the log"
	case p.verdict.Client.ErrCode == 0:
		return "nextCode 1 refuses, but there is no errCode: the client gets errCode 0, which reads as success, though nothing was done"
	default:
		return fmt.Sprintf("nextCode 1 refuses, but there is no errCode: the client gets %d, and from OpenIM main a success", p.verdict.Client.ErrCode)
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
	ID: "errcode-reserved", Severity: Error, Title: "OpenIM uses this code itself",
	Why:    "Clients react to OpenIM's own codes: 1501 to 1507 log the user out. On main, codes below 100 are gRPC's and reach the client as 500.",
	Source: "open-im-server main: pkg/common/servererrs/code.go; " + sourceRunning,
	Bad:    Example{Reply: replied(http.StatusOK, `{"actionCode":0,"errCode":1501,"errMsg":"no","errDlt":"","nextCode":1}`)}, Good: refused,
	when: readable,
	check: func(p *pass) {
		code := p.body.codes[errCode]
		meaning, own := ownCodes[code]
		if !p.asDocumented() || code <= 0 || (!own && code >= firstOwnCode) {
			return
		}
		f := Finding{Place: at("/errCode"), Got: fmt.Sprint(code), Want: words.Plain("5000-9999"), Hint: words.Plain("use a code of 5000-9999")}
		if own {
			f.Message = words.Plain(fmt.Sprintf("errCode %d is OpenIM's own (%s): clients will take it for that", code, meaning))
		} else {
			f.Message = words.Plain(fmt.Sprintf("errCode %d is one of gRPC's: on main the client gets 500 instead", code))
		}
		if p.judge.opts.ErrCodes.Has(code) {
			f.Severity = Warning
		}
		p.report(f)
	},
}

var ruleErrCodeRange = Rule{
	ID: "errcode-range", Severity: Error, Title: "errCode is outside the documented range",
	Why:    "The callback pages give 5000-9999 for a refusal; the page on error codes gives 20001-29999, which counts as a warning. OpenIM passes any positive code on. --errcode-range sets your own range.",
	Source: "documents: the callback pages, and the page on error codes",
	Bad:    Example{Reply: replied(http.StatusOK, `{"actionCode":0,"errCode":4000,"errMsg":"no","errDlt":"","nextCode":1}`)}, Good: refused,
	when: readable,
	check: func(p *pass) {
		code, allowed := p.body.codes[errCode], p.errCodes()
		if !p.asDocumented() || code == 0 || allowed.Has(code) || p.found("errcode-reserved") {
			return
		}
		f := Finding{
			Place: at("/errCode"), Got: fmt.Sprint(code), Want: words.Plain(allowed.String()),
			Hint: words.Plain(fmt.Sprintf("use a code of %s, or allow yours with --errcode-range", allowed)),
		}
		switch {
		case code < 0:
			f.Message = words.Plain(fmt.Sprintf("errCode %d is negative: the client gets %d", code, p.judge.behavior.coded(codedError{code: code}).ErrCode))
		case allowed != documentedErrCodes:
			f.Message = words.Plain(fmt.Sprintf("errCode %d is outside %s, the range that you set", code, allowed))
		case siteWideErrCodes.Has(code):
			f.Severity = Warning
			f.Message = words.Plain(fmt.Sprintf("errCode %d is in %s, which the page on error codes gives; the callback pages give %s", code, siteWideErrCodes, allowed))
		default:
			f.Message = words.Plain(fmt.Sprintf("errCode %d is outside %s, the documented range; OpenIM passes it on", code, allowed))
		}
		p.report(f)
	},
}

// errCodes is the range for the code of a refusal.
func (p *pass) errCodes() Range { return cmp.Or(p.judge.opts.ErrCodes, documentedErrCodes) }

var ruleErrCodeOnAllow = Rule{
	ID: "errcode-on-allow", Severity: Warning, Title: "an allow with an errCode",
	Why:    "OpenIM ignores errCode without nextCode 1. An errCode like 200 beside \"success\" leaves readers guessing; the documents want 0.",
	Source: sourcePages,
	Bad:    Example{Reply: replied(http.StatusOK, `{"actionCode":0,"errCode":200,"errMsg":"success","errDlt":"","nextCode":0}`)}, Good: allowed,
	when: readable,
	check: func(p *pass) {
		code := p.body.codes[errCode]
		if code != 0 && p.body.codes[actionCode] == 0 && p.body.codes[nextCode] != 1 && p.claimsSuccess() {
			p.report(Finding{Place: at("/errCode"), Got: fmt.Sprint(code), Want: words.Plain("0"), Message: words.Plain(fmt.Sprintf("errCode %d on an allow; OpenIM ignores it, the documents want 0", code)), Hint: words.Plain(`write "errCode":0`)})
		}
	},
}

var ruleErrMsgMissing = Rule{
	ID: "errmsg-missing", Severity: Warning, Title: "a refusal without a message",
	Why:    "errMsg is what the end user is shown. Without one they get nothing, or the bare code (3.7 to 3.8.3-patch.16).",
	Source: sourceRunning,
	Bad:    Example{Reply: replied(http.StatusOK, `{"actionCode":0,"errCode":5001,"errMsg":"","errDlt":"","nextCode":1}`)}, Good: refused,
	when: readable,
	check: func(p *pass) {
		if p.asDocumented() && !p.judge.callback.Unseen && strings.TrimSpace(p.body.texts[errMsg]) == "" && !p.found("errcode-missing") {
			p.report(Finding{Place: at("/errMsg"), Got: `""`, Want: words.Plain("a message for the user"), Message: words.Plain("the refusal has no errMsg: the user is not told why"), Hint: words.Plain(`write a short "errMsg" for the end user`)})
		}
	},
}

// leaks are signs of text that was not written for end users.
var leaks = []struct{ sign, what string }{
	{"<html", "HTML"}, {"<!doctype", "HTML"}, {"<body", "HTML"}, {"<div", "HTML"}, {"<script", "HTML"}, {"<br", "HTML"},
	{"traceback (most recent", "a stack trace"}, {"goroutine ", "a stack trace"}, {"\n\tat ", "a stack trace"}, {"\n    at ", "a stack trace"},
	{".java:", "a stack trace"}, {".go:", "a stack trace"}, {".py\", line", "a stack trace"}, {"panic: ", "a stack trace"},
	{"nullpointerexception", "an exception"}, {"exception in thread", "an exception"}, {"runtime error:", "an exception"},
	{"select * from", "SQL"}, {"insert into ", "SQL"}, {"sqlstate", "a database error"}, {"sql: ", "a database error"}, {"duplicate entry '", "a database error"},
	{"duplicate key value", "a database error"}, {"ora-0", "a database error"}, {"prisma:", "a database error"}, {"prismaclient", "a database error"},
	{"mongo:", "a database error"}, {"mongodb", "a database error"}, {"mongoserver", "a database error"}, {"redis:", "a database error"},
	{"econnrefused", "a network error"}, {"connection refused", "a network error"}, {"dial tcp", "a network error"}, {"i/o timeout", "a network error"},
	{"/home/", "a file path"}, {"/usr/", "a file path"}, {"/var/", "a file path"}, {"c:\\", "a file path"},
}

var ruleErrMsgLeak = Rule{
	ID: "errmsg-leak", Severity: Warning, Title: "the message was not written for users",
	Why:    "OpenIM shows errMsg to end users word for word. Stack traces, SQL and addresses in it tell strangers about your servers.",
	Source: sourceRunning,
	Bad:    Example{Reply: replied(http.StatusOK, `{"actionCode":0,"errCode":5001,"errMsg":"dial tcp 10.0.0.5:3306: connection refused","errDlt":"","nextCode":1}`)}, Good: refused,
	when: readable,
	check: func(p *pass) {
		if !p.asDocumented() || p.judge.callback.Unseen || p.body.texts[errMsg] == "" {
			return
		}
		text := strings.ToLower(p.body.texts[errMsg])
		for _, leak := range leaks {
			if strings.Contains(text, leak.sign) {
				p.report(Finding{
					Place: at("/errMsg"), Got: clip(p.body.texts[errMsg]), Want: words.Plain("a message for the user"),
					Message: words.Plain("errMsg holds " + leak.what + ", and OpenIM shows it to the end user"), Hint: words.Plain(`log it, and write a short sentence into "errMsg"`),
				})
				return
			}
		}
	},
}
