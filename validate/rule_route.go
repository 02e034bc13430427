package validate

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/tidwall/gjson"
)

var ruleNoRoute = Rule{
	ID: "no-route", Severity: Error, Contract: Both, Title: `the framework's own "not found" answers`,
	Why:    "No handler listens at the path to which OpenIM posts (url + \"/\" + command). OpenIM reads a JSON 404 as an allow and can't read a text one: the same wrong URL opens the gate on one framework and stops every message on another.",
	Source: sourceRunning, when: broken | misfit | readable,
	Bad: answerWith(http.StatusNotFound, `{"statusCode":404,"message":"Cannot POST /x"}`), Good: allowed,
	check: func(p *pass) {
		if !p.routeMissing() {
			return
		}
		hint := say("no-route.hint")
		if u := p.exchange.Request.URL; u != "" {
			hint = say("no-route.hint-url", "url", plainURL(u))
		}
		p.report("", clip(string(p.reply.Body)), say("no-route.want"),
			say("no-route", "effect", p.missingRouteEffect(), "route", say("no-route.route", "command", p.command())), hint)
	},
}

// maxCommand is a little more than the longest command has characters.
const maxCommand = 55

func (p *pass) command() string {
	if c := p.exchange.Command; c != "" {
		return words.Clip(c, maxCommand)
	}
	return p.judge.callback.Command(p.judge.opts.Server.Release)
}

func (p *pass) missingRouteEffect() words.Text {
	switch {
	case p.unusable():
		return p.consequence()
	case !p.before():
		return say("no-route.lost")
	case p.reply.Status == 0:
		return say("no-route.allowed", "operation", p.operation())
	default:
		return say("no-route.allowed-status", "status", p.reply.Status, "operation", p.operation())
	}
}

// routePhrases are how frameworks say that a path has no handler, or none for
// POST.
var routePhrases = [][]byte{
	[]byte("404 page not found"), []byte("404: not found"), []byte("404 not found"),
	[]byte("cannot post /"), []byte("route post:/"), []byte("no static resource"), []byte("no handler found for post"),
	[]byte("no route matches"), []byte("no route found"), []byte("route not found"), []byte("the requested url was not found"),
	[]byte("method is not supported for route"), []byte("request method 'post' not supported"), []byte("request method 'post' is not supported"),
}

// routeMissing recognises a framework's own 404 or 405, in JSON or text. A
// body that has the contract's fields is a handler's, whatever its status.
func (p *pass) routeMissing() bool {
	if p.bodyIsEmpty() || (p.body.syntax == nil && p.fromHandler()) {
		return false
	}
	return isMissing(p.reply.Status) || p.saysMissing()
}

// fromHandler reports whether a JSON body has the look of a handler's reply.
func (p *pass) fromHandler() bool {
	if p.body.mismatch != nil && p.body.mismatch.pointer == "" {
		return false
	}
	name, _ := p.wrapped()
	return p.body.mismatch != nil || p.body.seen != 0 || name != "" || len(p.body.strange) == 0
}

// saysMissing reports whether the body tells of a missing route whatever the
// status is: some frameworks answer 200 or 500 with it.
func (p *pass) saysMissing() bool {
	text := bytes.ToLower(p.reply.Body[:min(len(p.reply.Body), 4096)])
	return slices.ContainsFunc(routePhrases, func(phrase []byte) bool { return bytes.Contains(text, phrase) }) ||
		p.body.syntax == nil && isMissing(int(bodyStatus(p.body.root))) &&
			(bytes.Contains(text, []byte(`"not found"`)) || bytes.Contains(text, []byte(`"method not allowed"`)))
}

func isMissing(status int) bool {
	return status == http.StatusNotFound || status == http.StatusMethodNotAllowed
}

// bodyStatus is the status or code that an answer in a format of its own
// carries in the body; 0 when there is none.
func bodyStatus(root gjson.Result) int64 {
	for _, name := range []string{"statusCode", "status", "code", "errcode", "errno", "ret", "retcode"} {
		if v := memberOf(root, name); v.Type == gjson.Number || v.Type == gjson.String {
			if n := v.Int(); n != 0 {
				return n
			}
		}
	}
	return 0
}

var ruleHTTPStatus = Rule{
	ID: "http-status", Severity: Error, Contract: Running, Title: "the status says error, the body something else",
	Why:    "OpenIM never looks at the HTTP status; the body alone decides. A 401 or 500 whose JSON does not refuse is an allow.",
	Source: sourceRunning, when: readable,
	Bad: answerWith(http.StatusInternalServerError, fixtures.PlainAllow), Good: refused,
	check: func(p *pass) {
		if p.success() || p.found("no-route", "envelope", "refusal-ineffective", "refusal-on-after") || (p.found("misspelt-field") && !p.hasCommon()) {
			return
		}
		p.reportStatus()
	},
}

// success reports whether the status is a 2xx, or not known.
func (p *pass) success() bool { return p.reply.Status == 0 || p.reply.Status/100 == 2 }

func (p *pass) reportStatus() {
	status := p.reply.Status
	f := p.report("", fmt.Sprintf("status %d", status), say("http-status.want"),
		say("http-status", "status", status, "operation", p.operation()), say("http-status.hint"))
	switch {
	case !p.before() && p.hasCommon():
		f.Severity, f.Message, f.Hint = Warning, say("http-status.after", "status", status), say("http-status.hint-after")
	case !p.before():
		f.Message, f.Hint = say("http-status.lost", "status", status), say("http-status.hint-lost", "reply", fixtures.PlainAllow)
	case p.refuses():
		f.Severity, f.Message, f.Hint = Warning, say("http-status.refusal", "status", status), say("http-status.hint-same")
	}
}

var ruleNoContractField = Rule{
	ID: "no-contract-field", Severity: Error, Contract: Documents, Title: "none of the contract's fields is there",
	Why:    "OpenIM reads a JSON object without any of the five fields as an allow. An error in a format of one's own therefore lets everything through; a success works, but only by default.",
	Source: sourceRunning, when: readable,
	Bad: answer(`{"error":"quota exceeded"}`), Good: refused,
	check: func(p *pass) {
		if p.hasCommon() || p.ownFields() || p.found("envelope", "misspelt-field", "no-route", "http-status") {
			return
		}
		f := p.report("", clip(p.body.root.Raw), say("no-contract-field.want"), say("no-contract-field"), answerPlain)
		switch f.Severity = Warning; {
		case !p.before():
			f.Message = say("no-contract-field.after")
		case p.saysFailure():
			f.Severity, f.Contract = Error, Both
			f.Message, f.Hint = say("no-contract-field.error", "operation", p.operation()), say("hint.refuse")
		case p.byPages():
			f.Severity = Error
		}
	},
}

// saysFailure reports whether a reply in a format of its own tells of an
// error: by a name, a code or a flag.
func (p *pass) saysFailure() bool {
	for _, m := range p.body.strange {
		switch strings.ToLower(m.name) {
		case "error", "errors", "exception", "detail", "stack", "trace":
			if !isEmpty(m.value) && m.value.Type != gjson.False && m.value.Raw != "0" {
				return true
			}
		case "success", "ok", "succeed", "allow", "allowed":
			if m.value.Type == gjson.False {
				return true
			}
		case "status", "result":
			switch strings.ToLower(m.value.String()) {
			case "error", "fail", "failed", "failure", "false", "denied", "rejected":
				return true
			}
		}
	}
	code := bodyStatus(p.body.root)
	return code != 0 && code != 1 && (code < 200 || code > 299) && !success(p.says())
}

// says is what a reply in a format of its own has for a message.
func (p *pass) says() string {
	for _, name := range []string{"message", "msg", "errmsg", "info", "desc"} {
		if v := memberOf(p.body.root, name); v.Type == gjson.String {
			return v.Str
		}
	}
	return ""
}

// hasCommon reports whether the reply has any of the five fields.
func (p *pass) hasCommon() bool { return p.body.seen&allFive != 0 }

// ownFields reports whether the reply has fields of the callback's own.
func (p *pass) ownFields() bool { return p.body.seen>>commonFields != 0 }
