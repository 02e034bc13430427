package validate

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/tidwall/gjson"
)

var ruleNotObject = Rule{
	ID: "not-object", Severity: Error, Contract: Both, Title: "the body is JSON, but not an object",
	Why:    "The reply must be one JSON object. A list, string, number or boolean can't be read. Only null is taken, as an allow.",
	Source: sourceRunning, when: misfit,
	Bad: answer(`"ok"`), Good: allowed,
	check: func(p *pass) {
		if p.body.mismatch.pointer != "" || p.found("no-route") {
			return
		}
		p.report("", clip(p.body.root.Raw), say("want.object"), p.notObject(), answerPlain)
	},
}

func (p *pass) notObject() words.Text {
	switch root := p.body.root; {
	case root.IsArray():
		return say("not-object.array", "effect", p.consequence())
	case root.IsBool():
		return say("not-object.bool", "effect", p.consequence())
	case root.Type == gjson.String:
		return say("not-object.string", "effect", p.consequence())
	default:
		return say("not-object.number", "effect", p.consequence())
	}
}

var ruleIntRange = Rule{
	ID: "int-range", Severity: Error, Contract: Both, Title: "a number is out of range",
	Why:    "The codes, and most other numbers, are 32-bit integers (int32). One that does not fit fails the whole reply.",
	Source: sourceRunning, when: misfit,
	Bad: coded(0, 3000000000, "no", 1), Good: refused,
	check: func(p *pass) {
		m := p.body.mismatch
		if !m.overflow {
			return
		}
		name := lastName(m.pointer)
		p.report(m.pointer, clip(m.value.Raw), words.Plain(string(m.want)),
			say("int-range", "field", name, "value", clip(m.value.Raw), "type", m.want, "effect", p.consequence()), rangeHint(name, m.want))
	},
}

func rangeHint(name string, want fixtures.Type) words.Text {
	switch {
	case name == "errCode":
		return say("hint.code", "range", documentedErrCodes)
	case want == fixtures.Int32:
		return say("int-range.hint-max", "max", math.MaxInt32)
	default:
		return say("int-range.hint-digits")
	}
}

var ruleWrappedValue = Rule{
	ID: "wrapped-value", Severity: Error, Contract: Running, Title: `a value is wrapped in {"value": …}`,
	Why:    `Documents show some fields as {"value": …}. On the wire OpenIM wants the bare value; the object fails the whole reply.`,
	Source: "documents: setGroupInfoBefore; " + sourceRunning, when: misfit,
	Bad: answered("beforeSetGroupInfoEx", `"groupName":{"value":"Hikers"}`), Good: allowed,
	check: func(p *pass) {
		m := p.body.mismatch
		if !m.value.IsObject() || !m.value.Get("value").Exists() || m.pointer == "" || m.want == fixtures.Object {
			return
		}
		name, bare := lastName(m.pointer), clip(m.value.Get("value").Raw)
		p.report(m.pointer, clip(m.value.Raw), words.Plain(bare),
			say("wrapped-value", "field", name, "effect", p.consequence()), say("wrapped-value.hint", "field", name, "value", bare))
	},
}

var ruleTypeMismatch = Rule{
	ID: "type-mismatch", Severity: Error, Contract: Both, Title: "one of the five fields has the wrong type",
	Why:    `One value of a wrong type makes OpenIM fail the whole reply. Codes are JSON integers: "0", 1.0 and true are none. Some document pages quote nextCode; no server reads that.`,
	Source: sourceRunning, when: misfit,
	Bad: answer(`{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":"0"}`), Good: allowed,
	check: func(p *pass) { p.reportType(true) },
}

var ruleFieldType = Rule{
	ID: "field-type", Severity: Error, Contract: Both, Title: "one of the callback's fields has the wrong type",
	Why:    "One value of a wrong type makes OpenIM fail the whole reply, also deep inside a list. Some document pages give other types; `imcb show` gives those of the server.",
	Source: sourceRunning, when: misfit,
	Bad: answered("beforeMemberJoinGroup", `"memberCallbackList":[{"userID":"7340912658","roleLevel":"20"}]`), Good: goodMember,
	check: func(p *pass) { p.reportType(false) },
}

// reportType reports a value of a wrong type in one of the five common fields,
// or in one of the others, unless a more special rule has spoken.
func (p *pass) reportType(common bool) {
	m := p.body.mismatch
	if m.pointer == "" || p.found("int-range", "wrapped-value") || common != slices.Contains(commonNames, firstName(m.pointer)) {
		return
	}
	name, value := lastName(m.pointer), clip(m.value.Raw)
	f := p.report(m.pointer, value, words.Plain(string(m.want)),
		say("type-mismatch", "field", clip(name), "type", typeWords[m.want], "value", value, "effect", p.consequence()), typeHint(clip(name), m))
	switch {
	case p.byPages():
		f.Message = say("type-mismatch.documents", "field", clip(name), "type", typeWords[m.want], "value", value)
	case p.shownSo(m):
		f.Contract = Running
	}
}

func typeHint(name string, m *mismatch) words.Text {
	number, err := strconv.ParseFloat(strings.Trim(m.value.Raw, `"`), 64)
	switch {
	case isInteger(m.want) && (err != nil || number != float64(int32(number))):
		return say("type-mismatch.hint-whole", "field", name)
	case isInteger(m.want) && m.value.Raw[0] == '"':
		return say("type-mismatch.hint-bare", "field", name, "number", int32(number))
	case isInteger(m.want):
		return say("type-mismatch.hint-number", "field", name, "number", int32(number))
	case m.want == fixtures.String && (m.value.IsObject() || m.value.IsArray()):
		return say("type-mismatch.hint-json", "field", name)
	case m.want == fixtures.String:
		return say("type-mismatch.hint-text", "field", name, "text", clip(m.value.Raw))
	default:
		return say("type-mismatch.hint", "type", typeWords[m.want], "field", name)
	}
}

func isInteger(t fixtures.Type) bool {
	return t == fixtures.Int32 || t == fixtures.Int64 || t == fixtures.Uint32
}

// typeWords say what JSON a type wants.
var typeWords = map[fixtures.Type]words.Text{
	fixtures.String:  say("type.string"),
	fixtures.Bool:    say("type.bool"),
	fixtures.Int32:   say("type.number"),
	fixtures.Int64:   say("type.number"),
	fixtures.Uint32:  say("type.number"),
	fixtures.Bytes:   say("type.bytes"),
	fixtures.Strings: say("type.strings"),
	fixtures.Int64s:  say("type.numbers"),
	fixtures.Objects: say("type.objects"),
	fixtures.Object:  say("type.object"),
	fixtures.BoolMap: say("type.bool-map"),
}
