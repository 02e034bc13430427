package validate

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/tidwall/gjson"
)

// commonNames are the five fields of every reply.
var commonNames = []string{"actionCode", "errCode", "errMsg", "errDlt", "nextCode"}

// hasCommon reports whether the reply has any of the five fields.
func (p *pass) hasCommon() bool { return p.seen&(1<<commonFields-1) != 0 }

// contractMembers counts an object's members that are among the five fields.
func contractMembers(object gjson.Result) (n int) {
	for _, name := range commonNames {
		if memberOf(object, name).Exists() {
			n++
		}
	}
	return n
}

// wrapped returns the member that holds the contract's fields, if one does.
func (p *pass) wrapped() (name string, inner gjson.Result) {
	for _, m := range p.strange {
		if m.field < 0 && m.value.IsObject() && contractMembers(m.value) >= 2 {
			return m.name, m.value
		}
	}
	return "", gjson.Result{}
}

// innerRefuses reports whether a wrapped reply means to refuse.
func innerRefuses(inner gjson.Result) bool {
	for _, name := range []string{"actionCode", "errCode", "nextCode"} {
		if memberOf(inner, name).Int() != 0 {
			return true
		}
	}
	return false
}

var ruleEnvelope = Rule{
	ID: "envelope", Severity: Error, Title: "the contract's fields are wrapped",
	Why:    "OpenIM reads the top level only. In {code, message, data: {…}} it finds none of its fields and takes that for an allow: a refusal inside refuses nothing.",
	Source: sourceRunning,
	Bad:    Example{Reply: replied(http.StatusOK, `{"code":0,"message":"ok","data":{"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":1}}`)}, Good: refused,
	stage: onCodes,
	check: func(p *pass) {
		name, inner := p.wrapped()
		if name == "" || p.saw(nextCode) {
			return
		}
		message := fmt.Sprintf("the fields are inside %q: OpenIM reads the top level only and takes this for an allow", clip(name))
		if innerRefuses(inner) {
			message = fmt.Sprintf("this refusal is inside %q and refuses nothing: OpenIM reads the top level only", clip(name))
		}
		p.report(Finding{Path: "/" + escapePointer(name), Got: clip(inner.Raw), Want: "the five fields at the top level", Message: message, Hint: "answer without the wrapper: " + shorten(inner.Raw)})
	},
}

// shorten keeps a JSON text in a hint to a readable length.
func shorten(raw string) string {
	const limit = 90
	if raw = Printable(raw); len([]rune(raw)) > limit {
		return string([]rune(raw)[:limit]) + "…"
	}
	return raw
}

var ruleMisspeltField = Rule{
	ID: "misspelt-field", Severity: Error, Title: "a field's name is misspelt",
	Why:    "OpenIM skips names that it does not know, without a word. next_code or err_code does nothing; letter case alone does not matter.",
	Source: sourceDecoder,
	Bad:    Example{Reply: replied(http.StatusOK, `{"action_code":0,"err_code":5001,"err_msg":"no","err_dlt":"","next_code":1}`)}, Good: refused,
	stage: onCodes,
	check: func(p *pass) {
		for _, m := range p.strange {
			if meant := p.meant(m); meant != "" && !p.saw(p.place(meant)) {
				p.report(Finding{
					Path: "/" + escapePointer(m.name), Got: clip(m.name), Want: meant,
					Message: fmt.Sprintf("OpenIM does not know %q and skips it; the field is called %q", clip(m.name), meant), Hint: fmt.Sprintf("write %q:%s", meant, clip(m.value.Raw)),
				})
			}
		}
	},
}

// place returns a field's place in the table by its exact name.
func (p *pass) place(name string) int {
	i, _ := findField(name, p.table)
	return i
}

// meant returns the field that an unknown member most probably stands for.
func (p *pass) meant(m strangeMember) string {
	if m.field >= 0 {
		return ""
	}
	plain := plainName(m.name)
	for i := range p.table {
		if plainName(p.table[i].Name) == plain {
			return p.table[i].Name
		}
	}
	for _, other := range requestNames {
		if other.callback == p.callback.Key && strings.EqualFold(other.request, m.name) && p.field(other.reply) != 0 {
			return other.reply
		}
	}
	return ""
}

// requestNames are request fields that the reply calls otherwise.
var requestNames = []struct{ callback, request, reply string }{
	{"beforeMsgModify", "faceURL", "senderFaceURL"},
	{"beforeMsgModify", "atUserList", "atUserIDList"},
	{"beforeMemberJoinGroup", "memberList", memberList},
}

// plainName is a name without separators and letter case.
func plainName(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "", ".", "").Replace(name))
}

var ruleNoRoute = Rule{
	ID: "no-route", Severity: Error, Title: "the framework's own \"not found\" answered",
	Why:    "No handler listens at the path that OpenIM posts to (url + \"/\" + command). A JSON 404 is read as an allow, a text one blocks: the same wrong URL opens the gate on one framework and stops every message on another.",
	Source: sourceRunning,
	Bad:    Example{Reply: replied(http.StatusNotFound, `{"statusCode":404,"message":"Cannot POST /x"}`)}, Good: allowed,
	stage: onBody,
	check: func(p *pass) {
		if !p.routeMissing() {
			return
		}
		effect := p.consequence()
		if p.syntax == nil {
			effect = `OpenIM ignores the status, reads this JSON as "allow" and lets everything through`
			if p.callback.Phase == fixtures.After {
				effect = "the event is lost, and OpenIM does not notice"
			}
		}
		hint := "route POST …/" + p.callback.Command(p.opts.Server) + " to your handler"
		if p.exchange.Request.URL != "" {
			hint = "route POST " + shorten(p.exchange.Request.URL) + " to your handler"
		}
		p.report(Finding{Got: excerpt(p.reply.Body), Want: "an answer of your handler", Message: "no handler for this path: " + effect, Hint: hint})
	},
}

// routePhrases are how frameworks say that a path has no handler.
var routePhrases = []string{"404 page not found", "cannot post /", "404: not found", "no static resource", "no route", "route not found", "could not be found", "no handler found"}

// routeMissing recognises a framework's own 404 or 405, in JSON or text. A
// body that has the contract's fields is a handler's, whatever its status.
func (p *pass) routeMissing() bool {
	if p.reply.Failure != "" || p.bodyIsEmpty() || p.mismatch != nil {
		return false
	}
	if p.syntax == nil {
		if name, _ := p.wrapped(); p.hasCommon() || name != "" || len(p.strange) == 0 {
			return false
		}
	}
	status := p.reply.Status
	if p.syntax == nil {
		for _, name := range []string{"statusCode", "status", "code"} {
			if n := memberOf(p.root, name).Int(); n == http.StatusNotFound || n == http.StatusMethodNotAllowed {
				status = int(n)
			}
		}
	}
	if status == http.StatusNotFound || status == http.StatusMethodNotAllowed {
		return true
	}
	text := strings.ToLower(string(p.reply.Body[:min(len(p.reply.Body), 4096)]))
	for _, phrase := range routePhrases {
		if strings.Contains(text, phrase) {
			return p.syntax == nil || len(text) < 4096
		}
	}
	return false
}

var ruleNoContractField = Rule{
	ID: "no-contract-field", Severity: Error, Title: "none of the contract's fields is there",
	Why:    "A JSON object with none of the five fields is an allow by default. An error answer in a format of one's own therefore lets everything through.",
	Source: sourceRunning,
	Bad:    Example{Reply: replied(http.StatusOK, `{"error":"quota exceeded"}`)}, Good: refused,
	stage: onCodes,
	check: func(p *pass) {
		if p.hasCommon() || p.found("envelope", "misspelt-field", "no-route") || p.ownFields() {
			return
		}
		f := Finding{
			Got: clip(p.root.Raw), Want: "the five fields",
			Message: `none of OpenIM's fields is there: it reads this as "allow"`, Hint: "answer " + fixtures.PlainAllow,
		}
		switch {
		case len(p.strange) == 0:
			f.Severity = Warning
		case p.callback.Phase == fixtures.After:
			f.Message = "none of OpenIM's fields is there; after the event OpenIM does not look"
			if p.success() {
				f.Severity = Warning
			}
		}
		p.report(f)
	},
}

// ownFields reports whether the reply has fields of the callback's own.
func (p *pass) ownFields() bool { return p.seen>>commonFields != 0 }

// success reports whether the status is a 2xx, or not known.
func (p *pass) success() bool { return p.reply.Status == 0 || p.reply.Status/100 == 2 }

var ruleHTTPStatus = Rule{
	ID: "http-status", Severity: Error, Title: "the status says error, the body something else",
	Why:    "OpenIM never looks at the HTTP status; the body alone decides. A 401 or 500 whose JSON does not refuse is an allow.",
	Source: sourceRunning,
	Bad:    Example{Reply: replied(http.StatusInternalServerError, fixtures.PlainAllow)}, Good: refused,
	stage: onCodes,
	check: func(p *pass) {
		if p.success() || p.found("no-route") {
			return
		}
		status := fmt.Sprintf("status %d", p.reply.Status)
		f := Finding{Got: status, Want: "status 200"}
		switch {
		case p.callback.Phase == fixtures.After:
			f.Severity = Warning
			if !p.hasCommon() {
				f.Severity = Error
			}
			f.Message = status + " changes nothing: OpenIM does not look at it and does not retry"
			f.Hint = "answer 200, and keep what failed yourself"
		case p.refuses():
			f.Severity = Warning
			f.Message = status + " is ignored; the refusal in the body counts"
			f.Hint = "answer 200 with the same body"
		default:
			f.Message = fmt.Sprintf("OpenIM ignores %s and reads the body as \"allow\": %s goes through", status, p.operation())
			f.Hint = `to refuse, answer 200 with "actionCode":0, "errCode":5001 and "nextCode":1`
		}
		p.report(f)
	},
}

var ruleKeyCase = Rule{
	ID: "key-case", Severity: Warning, Title: "a field's name differs in letter case",
	Why:    "OpenIM matches names without regard to case, other servers and tools do not. Documents spell nickName with a capital N in some replies and nickname in others.",
	Source: sourceDecoder,
	Bad:    Example{Reply: replied(http.StatusOK, `{"ActionCode":0,"ErrCode":0,"ErrMsg":"","ErrDlt":"","NextCode":0}`)}, Good: allowed,
	stage: onCodes,
	check: func(p *pass) {
		var wrong, right []string
		for _, m := range p.strange {
			if m.field >= 0 {
				wrong, right = append(wrong, clip(m.name)), append(right, p.table[m.field].Name)
			}
		}
		if len(wrong) == 0 {
			return
		}
		p.report(Finding{
			Path: "/" + escapePointer(wrong[0]), Got: strings.Join(wrong, ", "), Want: strings.Join(right, ", "),
			Message: fmt.Sprintf("%s is spelt %s; OpenIM reads it all the same", right[0], wrong[0]) + more(len(wrong)-1), Hint: "write " + strings.Join(right, ", "),
		})
	},
}

// more says how many others a message stands for.
func more(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf(" (and %d more)", n)
}

var ruleUnknownField = Rule{
	ID: "unknown-field", Severity: Advice, Title: "OpenIM does not know a field",
	Why:    "OpenIM skips members that its version has no field for. They do no harm, but they do nothing either.",
	Source: sourceDecoder,
	Bad:    Example{Reply: replied(http.StatusOK, `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,"traceId":"7f"}`)}, Good: allowed,
	stage: onCodes,
	check: func(p *pass) {
		if !p.hasCommon() || p.found("envelope") {
			return
		}
		var unknown []string
		for _, m := range p.strange {
			if m.field < 0 && p.meant(m) == "" {
				unknown = append(unknown, clip(m.name))
			}
		}
		if len(unknown) == 0 {
			return
		}
		p.report(Finding{
			Path: "/" + escapePointer(unknown[0]), Got: strings.Join(unknown, ", "), Want: "fields of the contract",
			Message: fmt.Sprintf("%s has no field %q for this callback and skips it", serverName(p.opts.Server), unknown[0]) + more(len(unknown)-1),
			Hint:    "`imcb show " + p.callback.Key + "` lists the fields",
		})
	},
}

func serverName(v fixtures.Version) string { return "OpenIM " + v.String() }

var ruleMissingField = Rule{
	ID: "missing-field", Severity: Warning, Title: "one of the five fields is missing",
	Why:    "The documents show all five fields in every reply. OpenIM takes a missing number for 0 and a missing text for empty.",
	Source: sourcePages,
	Bad:    Example{Reply: replied(http.StatusOK, `{"errCode":0,"errMsg":"","errDlt":""}`)}, Good: allowed,
	stage: onCodes,
	check: func(p *pass) {
		if p.found("no-contract-field", "envelope", "no-route") {
			return
		}
		var missing []string
		for i, name := range commonNames {
			if !p.saw(i) && !p.misspelt(name) {
				missing = append(missing, name)
			}
		}
		if len(missing) == 0 || (len(missing) == len(commonNames) && !p.ownFields()) {
			return
		}
		p.report(Finding{
			Path: "/" + missing[0], Got: "nothing", Want: strings.Join(missing, ", "),
			Message: fmt.Sprintf("%s: OpenIM takes 0 and \"\" for what is missing", missingList(missing)), Hint: "send all five fields",
		})
	},
}

func missingList(names []string) string {
	if len(names) == 1 {
		return names[0] + " is missing"
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1] + " are missing"
}

// misspelt reports whether another rule has said that a field is there under a
// wrong name.
func (p *pass) misspelt(name string) bool {
	for _, m := range p.strange {
		if p.meant(m) == name {
			return true
		}
	}
	return false
}
