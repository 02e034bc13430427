package validate

import (
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/tidwall/gjson"
)

// commonNames are the five fields of every reply.
var commonNames = fixtures.FieldNames(fixtures.CommonFields())

var ruleEnvelope = Rule{
	ID: "envelope", Severity: Error, Contract: Both, Title: "the contract's fields are wrapped",
	Why:    "OpenIM reads the top level only. In {code, message, data: {…}} it finds none of its fields and takes that for an allow: a refusal inside refuses nothing.",
	Source: sourceRunning, when: readable,
	Bad: answer(`{"code":0,"message":"ok","data":{"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":1}}`), Good: refused,
	check: func(p *pass) {
		name, inner := p.wrapped()
		if name == "" || p.body.saw(nextCode) {
			return
		}
		f := p.report(Pointer(name), clip(inner.Raw), say("envelope.want"),
			say("envelope", "member", clip(name)), say("envelope.hint", "reply", shorten(inner.Raw)))
		if !p.before() {
			f.Severity, f.Message = Warning, say("envelope.after", "member", clip(name))
		} else if innerRefuses(inner) {
			f.Message = say("envelope.refusal", "member", clip(name), "operation", p.operation())
		} else if contractMembers(inner) == len(inner.Map()) {
			f.Contract = Documents // an allow, which is what OpenIM takes it for
		}
	},
}

// wrapped returns the member that holds the contract's fields, if one does.
func (p *pass) wrapped() (name string, inner gjson.Result) {
	for _, m := range p.body.strange {
		if m.field < 0 && m.value.IsObject() && contractMembers(m.value) >= 2 {
			return m.name, m.value
		}
	}
	return "", gjson.Result{}
}

func contractMembers(object gjson.Result) (n int) {
	for _, name := range commonNames {
		if memberOf(object, name).Exists() {
			n++
		}
	}
	return n
}

func innerRefuses(inner gjson.Result) bool {
	return memberOf(inner, "actionCode").Int() != 0 || memberOf(inner, "errCode").Int() != 0 || memberOf(inner, "nextCode").Int() != 0
}

var ruleMisspeltField = Rule{
	ID: "misspelt-field", Severity: Error, Contract: Both, Title: "a field's name is misspelt",
	Why:    "OpenIM skips names that it does not know, without a word: next_code and err_code do nothing. Letter case alone does not matter.",
	Source: sourceDecoder, when: readable,
	Bad: answer(`{"action_code":0,"err_code":5001,"err_msg":"no","err_dlt":"","next_code":1}`), Good: refused,
	check: func(p *pass) {
		var wrong, right []string
		for _, m := range p.body.strange {
			if meant := p.meant(m); meant != "" {
				wrong, right = append(wrong, m.name), append(right, meant)
			}
		}
		if len(right) == 0 {
			return
		}
		f := p.report(Pointer(wrong[0]), clip(wrong[0]), say("names.want", "names", right),
			say("misspelt-field", "member", clip(wrong[0]), "field", right[0], "more", words.More(len(right)-1)), say("hint.write-names", "names", right))
		if !p.before() {
			f.Severity = Warning
		}
		if !slices.ContainsFunc(p.body.strange, func(m strangeMember) bool { return p.meant(m) != "" && !isZero(m.value) }) {
			f.Contract = Documents // OpenIM takes the fields for 0 and "", as they are
		}
	},
}

// isZero reports whether a value is what OpenIM takes for one that is missing.
func isZero(v gjson.Result) bool { return isEmpty(v) || v.Type == gjson.Number && v.Num == 0 }

// meant returns the field that an unknown member most probably stands for, if
// the reply does not have that field as well.
func (p *pass) meant(m strangeMember) string {
	if m.field >= 0 {
		return ""
	}
	plain := plainName(m.name)
	for i := range p.judge.table {
		if plainName(p.judge.table[i].Name) == plain && !p.body.saw(i) {
			return p.judge.table[i].Name
		}
	}
	for _, r := range p.judge.handler.renamed {
		if strings.EqualFold(r.request, m.name) {
			if i := p.field(r.reply); i != 0 && !p.body.saw(i) {
				return r.reply
			}
		}
	}
	return ""
}

// plainName is a name without separators and letter case.
func plainName(name string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if strings.ContainsRune("_- .", r) {
			return -1
		}
		return r
	}, name))
}

var ruleKeyCase = Rule{
	ID: "key-case", Severity: Warning, Strict: Error, Contract: Documents, Title: "a field's name differs in letter case",
	Why:    "OpenIM matches names without regard to case, other servers and tools do not. Some replies have nickName with a capital N, others nickname.",
	Source: sourceDecoder, when: readable,
	Bad: answer(`{"ActionCode":0,"ErrCode":0,"ErrMsg":"","ErrDlt":"","NextCode":0}`), Good: allowed,
	check: func(p *pass) {
		var wrong, right []string
		for _, m := range p.body.strange {
			if m.field >= 0 {
				wrong = append(wrong, clip(m.name))
				if name := p.judge.table[m.field].Name; !slices.Contains(right, name) {
					right = append(right, name)
				}
			}
		}
		if len(wrong) == 0 {
			return
		}
		message := say("key-case", "field", right[0], "member", wrong[0], "more", words.More(len(wrong)-1))
		if p.byPages() {
			message = say("key-case.documents", "field", right[0], "member", wrong[0], "more", words.More(len(wrong)-1))
		}
		p.report(Pointer(wrong[0]), shorten(words.List(wrong, "and")), say("names.want", "names", right), message, say("hint.write-names", "names", right))
	},
}

var ruleUnknownField = Rule{
	ID: "unknown-field", Severity: Note, Contract: Documents, Title: "OpenIM does not know a field",
	Why:    "OpenIM skips members that its version has no field for. They do no harm, but they do nothing either. A field that another version reads is a warning.",
	Source: sourceDecoder, when: readable,
	Bad: answer(`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,"traceId":"7f"}`), Good: allowed,
	check: func(p *pass) {
		if !p.hasCommon() && !p.ownFields() || p.found("envelope") {
			return
		}
		var unknown []string
		for _, m := range p.body.strange {
			switch {
			case m.field >= 0 || m.value.Type == gjson.Null || p.meant(m) != "":
			case p.before() && !p.byPages() && p.otherVersion(m.name) != nil:
				p.reportOtherVersion(m.name)
			default:
				unknown = append(unknown, clip(m.name))
			}
		}
		if len(unknown) == 0 {
			return
		}
		f := p.report(Pointer(unknown[0]), shorten(words.List(unknown, "and")), say("unknown-field.want"),
			say("unknown-field", "server", p.server(), "member", unknown[0], "more", words.More(len(unknown)-1)), say("unknown-field.hint", "callback", p.judge.callback.Key))
		switch {
		case p.byPages():
			f.Message = say("unknown-field.documents", "member", unknown[0], "more", words.More(len(unknown)-1))
		case p.judge.onPage(unknown):
			f.Contract = Running
		}
	},
}

// otherVersion returns the callback's reply field of that name which other
// versions read, but not this one.
func (p *pass) otherVersion(name string) *fixtures.Field {
	for i := range p.judge.callback.Reply.Fields {
		if f := &p.judge.callback.Reply.Fields[i]; strings.EqualFold(f.Name, name) && p.field(f.Name) == 0 {
			return f
		}
	}
	return nil
}

func (p *pass) reportOtherVersion(name string) {
	f := p.otherVersion(name)
	finding := p.report(Pointer(name), f.Name, say("unknown-field.want-version"),
		say("unknown-field.version", "server", p.server(), "field", f.Name, "versions", f.Span),
		say("unknown-field.hint-version", "callback", p.judge.callback.Key, "server", p.server().Release))
	finding.Severity, finding.Contract = Warning, Running
}

var ruleMissingField = Rule{
	ID: "missing-field", Severity: Warning, Strict: Error, Contract: Documents, Title: "one of the five fields is missing",
	Why:    "The documents show all five fields in every reply. OpenIM takes a missing number for 0 and a missing text for empty.",
	Source: sourcePages, when: readable,
	Bad: answer(`{"errCode":0,"errMsg":"","errDlt":""}`), Good: allowed,
	check: func(p *pass) {
		if p.explained() {
			return
		}
		if p.body.seen&allFive == allFive {
			p.reportNoDetail()
			return
		}
		var missing []string
		for i, name := range commonNames {
			if !p.body.saw(i) {
				missing = append(missing, name)
			}
		}
		message := say("missing-field", "fields", missing, "n", len(missing))
		if p.byPages() {
			message = say("missing-field.documents", "fields", missing, "n", len(missing))
		}
		p.report("/"+missing[0], "nothing", say("names.want", "names", missing), message, say("missing-field.hint"))
	},
}

// reportNoDetail reports a code without the detail that the documents give with
// it. No server needs one.
func (p *pass) reportNoDetail() {
	if p.byPages() && p.body.codes[errCode] != 0 && !p.claimsSuccess() && strings.TrimSpace(p.body.texts[errDlt]) == "" {
		p.report("/errDlt", `""`, say("missing-field.want-detail"), say("missing-field.detail"), say("missing-field.hint-detail")).Severity = Warning
	}
}

// explained reports whether another finding already asks for the fields that
// are missing.
func (p *pass) explained() bool {
	return p.found("no-contract-field", "envelope", "no-route", "misspelt-field", "refusal-ineffective", "refusal-on-after") ||
		(!p.hasCommon() && p.found("http-status"))
}
