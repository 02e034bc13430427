package suite

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/yamlfile"
	"github.com/tidwall/gjson"
)

// ruleExpect is the rule of missed expectations.
var ruleExpect = validate.Rule{
	ID: "expect", Severity: validate.Error, Title: "a suite's expectation is missed",
	Why: "What a case expects is not what came. The finding says which line of the suite wants it.", Source: "the suite",
}

// Rules returns the rules of this package.
func Rules() []*validate.Rule { return []*validate.Rule{&ruleExpect} }

// known are the rules that a file may name, by default those of packages
// validate and suite.
func known(rules validate.Registry) validate.Registry {
	if rules == nil {
		return validate.NewRegistry(validate.Rules(), Rules())
	}
	return rules
}

// Check holds a result against what the step expects and returns the findings
// that count: a finding of the rule "expect" for each miss, then those of the
// result but for the ones that the step expects or allows. Severities are those
// of the run: the step looks at what they leave. The step's own exchange must be
// recorded in c.
func (s *Step) Check(result validate.Result, c *Captures, severities validate.Overrides) []validate.Finding {
	result.Findings = severities.Apply(result.Findings)
	k := &checking{step: s, result: &result, captured: c}
	k.outcome()
	k.reply()
	k.status()
	k.within()
	kept := k.findings()
	return append(severities.Apply(k.missed), kept...)
}

// checking is one result that is held against its expectations.
type checking struct {
	step     *Step
	result   *validate.Result
	captured *Captures
	missed   []validate.Finding
}

// maxQuoted is how much of a value a finding quotes, in characters.
const maxQuoted = 200

// miss notes a missed expectation, which stands at p.
func (k *checking) miss(p yamlfile.Place, f validate.Finding) {
	located := k.step.missed(p, f.Message.Short(maxQuoted))
	located.Place.Pointer, located.Got, located.Want, located.Hint = f.Place.Pointer, words.Shorten(f.Got, maxQuoted), f.Want.Short(maxQuoted), f.Hint
	k.missed = append(k.missed, located)
}

// missed makes the finding of an expectation that stands at p.
func (s *Step) missed(p yamlfile.Place, message words.Text) validate.Finding {
	return validate.Finding{
		Rule: ruleExpect.ID, Severity: ruleExpect.Severity, Message: message,
		Place:  validate.Place{File: s.suite.File, Line: p.Line, Column: p.Col},
		Source: fmt.Sprintf("suite %s:%d", s.suite.File, p.Line),
	}
}

// outcome checks what OpenIM does. What follows from a wrong outcome is no
// news.
func (k *checking) outcome() {
	e, r := &k.step.expect, k.result
	if w := e.outcome; w != nil && w.is != r.Outcome {
		k.miss(w.Place, validate.Finding{
			Got: string(r.Outcome), Want: words.Plain(string(w.is)), Hint: outcomeHint(w.is, r.Outcome),
			Message: say("expect.outcome", "got", string(r.Outcome), "want", string(w.is), "because", k.because()),
		})
		return
	}
	if w, got := e.errCode, r.Client.ErrCode; w != nil && !w.is.has(got) {
		k.miss(w.Place, validate.Finding{
			Place: validate.Place{Pointer: "/errCode"}, Got: strconv.Itoa(got), Want: w.is.text(),
			Message: say("expect.errcode", "got", got, "want", w.is.text()), Hint: k.unseen(),
		})
	}
	k.errMsg()
	k.applied()
}

// because says why there was no reply, if there was none.
func (k *checking) because() words.Text {
	if f := k.result.Exchange.Reply.Failure; f != "" {
		return say("expect.no-reply", "failure", f)
	}
	return words.Text{}
}

func outcomeHint(want, got validate.Outcome) words.Text {
	switch {
	case want == validate.Refuse && got == validate.Proceed:
		return say("expect.hint-refuse")
	case want == validate.Proceed && got == validate.Refuse:
		return say("expect.hint-allow")
	default:
		return words.Text{}
	}
}

// unseen is the hint where no client is told of anything.
func (k *checking) unseen() words.Text {
	if k.step.Callback.Unseen || k.result.Notice != "" {
		return say("expect.hint-unseen")
	}
	return words.Text{}
}

func (k *checking) errMsg() {
	w, got := k.step.expect.errMsg, k.result.Client.ErrMsg
	if w == nil {
		return
	}
	want, ok, err := w.meets(got, k.captured)
	if err != nil {
		k.missValue(w.Place, "/errMsg", err)
	} else if !ok {
		k.miss(w.Place, validate.Finding{
			Place: validate.Place{Pointer: "/errMsg"}, Got: got, Want: words.Plain(want),
			Message: say("expect.errmsg", "got", got, "want", w.describe(want)), Hint: k.unseen(),
		})
	}
}

// missValue notes an expected value that has itself no value.
func (k *checking) missValue(p yamlfile.Place, path string, err error) {
	k.miss(p, validate.Finding{Place: validate.Place{Pointer: path}, Message: say("expect.unchecked", "problem", words.Of(err).Map(k.step.suite.Redact))})
}

func (k *checking) applied() {
	w, got := k.step.expect.applied, k.result.Applied
	if w == nil {
		return
	}
	list := cmp.Or(strings.Join(got, ", "), "nothing")
	if len(w.is) == 0 && len(got) > 0 {
		k.miss(w.Place, validate.Finding{
			Place: validate.Place{Pointer: got[0]}, Got: list, Want: words.Plain("none"), Message: say("expect.none-applied", "fields", list),
		})
	}
	for _, name := range w.is {
		pointer := "/" + strings.TrimPrefix(name.Text, "/")
		if !slices.ContainsFunc(got, func(p string) bool { return p == pointer || strings.HasPrefix(p, pointer+"/") }) {
			k.miss(name.Place, validate.Finding{
				Place: validate.Place{Pointer: pointer}, Got: list, Want: words.Plain(pointer),
				Message: say("expect.applied", "field", pointer, "fields", list),
			})
		}
	}
}

func (k *checking) reply() {
	wants := k.step.expect.reply
	if len(wants) == 0 || k.result.Exchange.Reply.Failure != "" {
		return // the judge has told of it
	}
	body := k.result.Exchange.Reply.Body
	if !fixtures.ValidJSON(body) {
		k.miss(wants[0].Place, validate.Finding{Got: string(body), Message: say("expect.not-json", "path", wants[0].path)})
		return
	}
	for _, w := range wants {
		k.replyValue(w, gjson.GetBytes(body, w.path))
	}
}

func (k *checking) replyValue(w valueWant, got gjson.Result) {
	want, ok, err := w.meets(got, k.captured)
	f := validate.Finding{Place: validate.Place{Pointer: pointerOf(w.path)}, Got: got.Raw, Want: want}
	switch {
	case err != nil:
		k.missValue(w.Place, f.Place.Pointer, err)
		return
	case ok:
		return
	case !got.Exists():
		f.Message = say("expect.absent", "path", w.path, "want", want)
	default:
		f.Message = say("expect.value", "path", w.path, "got", got.Raw, "want", want)
	}
	k.miss(w.Place, f)
}

func (k *checking) status() {
	w, r := k.step.expect.status, k.result.Exchange.Reply
	if w != nil && r.Failure == "" && !w.is.has(r.Status) {
		k.miss(w.Place, validate.Finding{
			Got: strconv.Itoa(r.Status), Want: w.is.text(), Message: say("expect.status", "got", r.Status, "want", w.is.text()),
		})
	}
}

func (k *checking) within() {
	w, r := k.step.expect.within, k.result.Exchange.Reply
	if w != nil && r.Failure == "" && r.Elapsed > w.is {
		got, want := r.Elapsed.Round(100_000).String(), w.is.String() // to a tenth of a millisecond
		k.miss(w.Place, validate.Finding{Got: got, Want: words.Plain(want), Message: say("expect.within", "got", got, "want", want)})
	}
}

// findings returns the judge's findings that count, and notes the expected
// ones that are missing.
func (k *checking) findings() []validate.Finding {
	e := &k.step.expect
	var kept []validate.Finding
	fired := make(map[string]bool)
	for _, f := range k.result.Findings {
		fired[f.Rule] = true
		switch {
		case has(e.allow, f.Rule), e.findings != nil && has(e.findings.is, f.Rule):
		case e.findings != nil && len(e.findings.is) == 0:
			f.Severity = validate.Error
			kept = append(kept, f)
		default:
			kept = append(kept, f)
		}
	}
	if e.findings == nil {
		return kept
	}
	for _, rule := range e.findings.is {
		if !fired[rule.Text] {
			k.miss(rule.Place, validate.Finding{Want: words.Plain(rule.Text), Message: say("expect.rule", "rule", rule.Text)})
		}
	}
	return kept
}

// pointerOf turns a plain path into a JSON Pointer; "" for any other.
func pointerOf(path string) string {
	for _, r := range path {
		if !strings.ContainsRune("._-", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return ""
		}
	}
	return "/" + strings.ReplaceAll(path, ".", "/")
}

func (all ranges) has(n int) bool {
	return slices.ContainsFunc(all, func(r validate.Range) bool { return r.Has(int32(n)) })
}

// text is what is wanted: "5001 or 5100-5199".
func (all ranges) text() words.Text {
	return say("expect.codes", "codes", words.Names(all, validate.Range.String))
}

// meets reports whether the text is the one that is wanted, and says which.
func (w *textWant) meets(got string, c *Captures) (want string, ok bool, err error) {
	if w.pattern != nil {
		return "/" + w.pattern.String() + "/", w.pattern.MatchString(got), nil
	}
	want, err = c.expand(w.text)
	return want, want == got, err
}

func (w *textWant) describe(want string) words.Text {
	if w.pattern != nil {
		return say("expect.match", "pattern", want)
	}
	return say("expect.text", "text", want)
}

// meets reports whether the value is the one that is wanted, and says which.
func (w *valueWant) meets(got gjson.Result, c *Captures) (want words.Text, ok bool, err error) {
	if w.text != nil {
		pattern, ok, err := w.text.meets(got.String(), c)
		return w.text.describe(pattern), ok && got.Exists(), err
	}
	raw, err := c.render(w.value)
	switch {
	case err != nil:
		return words.Text{}, false, err
	case string(raw) == "null":
		return say("expect.null"), got.Type == gjson.Null, nil
	default:
		return words.Plain(string(raw)), got.Exists() && yamlfile.SameJSON(json.RawMessage(got.Raw), raw), nil
	}
}
