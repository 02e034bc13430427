package validate

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
)

// spoils says what one value of a wrong type does.
const spoils = "this fails the whole reply"

var ruleNotObject = Rule{
	ID: "not-object", Severity: Error, Title: "the body is JSON, but not an object",
	Why:    "The reply must be one JSON object. A list, string, number or boolean can't be read. Only null is taken, as an allow.",
	Source: sourceRunning,
	Bad:    Example{Reply: replied(http.StatusOK, `"ok"`)}, Good: allowed,
	when: misfit,
	check: func(p *pass) {
		if p.body.mismatch.pointer != "" || p.found("no-route") {
			return
		}
		p.report(Finding{
			Got: clip(p.body.root.Raw), Want: words.Plain("a JSON object"), Message: words.Plain(fmt.Sprintf("the body is %s, not an object: %s", withArticle(goKind(p.body.root)), p.consequence())),
			Hint: words.Plain("answer " + fixtures.PlainAllow),
		})
	},
}

var ruleIntRange = Rule{
	ID: "int-range", Severity: Error, Title: "a number is out of range",
	Why:    "The codes, and most other numbers, are 32-bit integers (int32). One that does not fit fails the whole reply.",
	Source: sourceRunning,
	Bad:    Example{Reply: replied(http.StatusOK, `{"actionCode":0,"errCode":3000000000,"errMsg":"no","errDlt":"","nextCode":1}`)}, Good: refused,
	when: misfit,
	check: func(p *pass) {
		m := p.body.mismatch
		if !m.overflow {
			return
		}
		name := lastName(m.pointer)
		p.report(Finding{
			Place: at(m.pointer), Got: clip(m.value.Raw), Want: words.Plain(string(m.want)),
			Message: words.Plain(fmt.Sprintf("%s %s is out of the range of %s; %s: %s", name, clip(m.value.Raw), m.want, spoils, p.consequence())),
			Hint:    words.Plain(rangeHint(name, m.want)),
		})
	},
}

func rangeHint(name string, want fixtures.Type) string {
	switch {
	case name == "errCode":
		return "use a code of 5000-9999"
	case want == fixtures.Int32:
		return fmt.Sprintf("write a number of at most %d", math.MaxInt32)
	default:
		return "write a number of at most 18 digits"
	}
}

var ruleWrappedValue = Rule{
	ID: "wrapped-value", Severity: Error, Title: `a value is wrapped in {"value": …}`,
	Why:    `Documents show some fields as {"value": …}. On the wire OpenIM wants the bare value; the object fails the whole reply.`,
	Source: "documents: setGroupInfoBefore; " + sourceRunning,
	Bad:    answered("beforeSetGroupInfoEx", `"groupName":{"value":"Hikers"}`), Good: allowed,
	when: misfit,
	check: func(p *pass) {
		m := p.body.mismatch
		if !m.value.IsObject() || !m.value.Get("value").Exists() || m.pointer == "" || m.want == fixtures.Object {
			return
		}
		name, bare := lastName(m.pointer), clip(m.value.Get("value").Raw)
		p.report(Finding{
			Place: at(m.pointer), Got: clip(m.value.Raw), Want: words.Plain(bare),
			Message: words.Plain(fmt.Sprintf("%s is wrapped in an object; %s: %s", name, spoils, p.consequence())),
			Hint:    words.Plain(fmt.Sprintf("write the bare value: %q:%s", name, bare)),
		})
	},
}

var ruleTypeMismatch = Rule{
	ID: "type-mismatch", Severity: Error, Title: "one of the five fields has the wrong type",
	Why:    `One value of a wrong type makes OpenIM fail the whole reply. Codes are JSON integers: "0", 1.0 and true are none. Some document pages quote nextCode; no server reads that.`,
	Source: sourceRunning,
	Bad:    Example{Reply: replied(http.StatusOK, `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":"0"}`)}, Good: allowed,
	when:  misfit,
	check: func(p *pass) { p.reportType(true) },
}

var ruleFieldType = Rule{
	ID: "field-type", Severity: Error, Title: "one of the callback's fields has the wrong type",
	Why:    "One value of a wrong type makes OpenIM fail the whole reply, also deep inside a list. Some document pages give other types; `imcb show` gives those of the server.",
	Source: sourceRunning,
	Bad:    answered("beforeMemberJoinGroup", `"memberCallbackList":[{"userID":"7340912658","roleLevel":"20"}]`), Good: goodMember,
	when:  misfit,
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
	p.report(Finding{
		Place: at(m.pointer), Got: value, Want: words.Plain(string(m.want)),
		Message: words.Plain(fmt.Sprintf("%s must be %s, not %s; %s: %s", clip(name), typeInWords(m.want), value, spoils, p.consequence())),
		Hint:    words.Plain(typeHint(clip(name), m)),
	})
}

// typeHint says what to write for a value of a wrong type.
func typeHint(name string, m *mismatch) string {
	number, err := strconv.ParseFloat(strings.Trim(m.value.Raw, `"`), 64)
	switch {
	case isInteger(m.want) && err == nil && number == float64(int32(number)):
		hint := fmt.Sprintf("write %q:%d", name, int32(number))
		if m.value.Raw[0] == '"' {
			hint += ", without quotes (some document pages show them)"
		}
		return hint
	case isInteger(m.want):
		return fmt.Sprintf("write %q as a whole number, for example %q:0", name, name)
	case m.want == fixtures.String && (m.value.IsObject() || m.value.IsArray()):
		return fmt.Sprintf("write %q as a string that holds the JSON text", name)
	case m.want == fixtures.String:
		return fmt.Sprintf("write %q:%q", name, clip(m.value.Raw))
	default:
		return fmt.Sprintf("write %s for %q, or leave it out", typeInWords(m.want), name)
	}
}

func isInteger(t fixtures.Type) bool {
	return t == fixtures.Int32 || t == fixtures.Int64 || t == fixtures.Uint32
}

// typeInWords says what JSON a type wants.
func typeInWords(t fixtures.Type) string {
	switch t {
	case fixtures.String:
		return "a string"
	case fixtures.Bool:
		return "true or false"
	case fixtures.Bytes:
		return "a base64 string"
	case fixtures.Strings:
		return "a list of strings"
	case fixtures.Int64s:
		return "a list of whole numbers"
	case fixtures.Objects:
		return "a list of objects"
	case fixtures.Object:
		return "an object"
	case fixtures.BoolMap:
		return "an object whose values are true or false"
	default:
		return "a whole number"
	}
}
