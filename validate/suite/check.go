package suite

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

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

// miss notes a missed expectation.
func (k *checking) miss(p yamlfile.Place, f validate.Finding) {
	located := k.step.missed(p, f.Message.String())
	located.Place.Pointer, located.Got, located.Want, located.Hint = f.Place.Pointer, yamlfile.Shorten(f.Got), f.Want.Map(yamlfile.Shorten), f.Hint
	k.missed = append(k.missed, located)
}

// missed makes the finding of an expectation that stands at p.
func (s *Step) missed(p yamlfile.Place, message string) validate.Finding {
	return validate.Finding{
		Rule: ruleExpect.ID, Severity: ruleExpect.Severity, Message: words.Plain(message),
		Place:  validate.Place{File: s.suite.File, Line: p.Line, Column: p.Col},
		Source: fmt.Sprintf("suite %s:%d", s.suite.File, p.Line),
	}
}

// outcome checks what OpenIM does. What follows from a wrong outcome is no
// news.
func (k *checking) outcome() {
	e, r := &k.step.expect, k.result
	if w := e.outcome; w != nil && w.outcome != r.Outcome {
		k.miss(w.Place, validate.Finding{
			Got: string(r.Outcome), Want: words.Plain(string(w.outcome)),
			Message: words.Plain(fmt.Sprintf("outcome is %s, want %s", r.Outcome, w.outcome) + k.because()), Hint: words.Plain(outcomeHint(w.outcome, r.Outcome)),
		})
		return
	}
	if w := e.errCode; w != nil && !w.has(r.Client.ErrCode) {
		k.miss(w.Place, validate.Finding{
			Place: validate.Place{Pointer: "/errCode"}, Got: strconv.Itoa(r.Client.ErrCode), Want: words.Plain(w.String()),
			Message: words.Plain(fmt.Sprintf("the client sees errCode %d, want %s", r.Client.ErrCode, w)), Hint: words.Plain(k.unseen()),
		})
	}
	k.errMsg()
	k.applied()
}

// because says why there was no reply, if there was none.
func (k *checking) because() string {
	if f := k.result.Exchange.Reply.Failure; f != "" {
		return fmt.Sprintf(": there is no reply (%s)", f)
	}
	return ""
}

func outcomeHint(want, got validate.Outcome) string {
	switch {
	case want == validate.Refuse && got == validate.Proceed:
		return `to refuse, reply "actionCode":0 and "nextCode":1 with an errCode of 5000-9999`
	case want == validate.Proceed && got == validate.Refuse:
		return `to allow, reply "nextCode":0`
	default:
		return ""
	}
}

// unseen is the hint where no client is told of anything.
func (k *checking) unseen() string {
	if k.step.Callback.Unseen {
		return "no client is told of this callback's refusal: expect the reply's own value, reply: {errCode: 5001}"
	}
	return ""
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
			Place: validate.Place{Pointer: "/errMsg"}, Got: got, Want: words.Plain(want), Hint: words.Plain(k.unseen()),
			Message: words.Plain(fmt.Sprintf("the client sees errMsg %q, want %s", yamlfile.Shorten(got), w.describe(want))),
		})
	}
}

// missValue notes an expected value that has itself no value.
func (k *checking) missValue(p yamlfile.Place, path string, err error) {
	k.miss(p, validate.Finding{Place: validate.Place{Pointer: path}, Message: words.Plain("this expectation can't be checked: " + k.step.suite.Redact(err.Error()))})
}

func (k *checking) applied() {
	w, got := k.step.expect.applied, k.result.Applied
	if w == nil {
		return
	}
	list := strings.Join(got, ", ")
	if list == "" {
		list = "nothing"
	}
	if len(w.names) == 0 && len(got) > 0 {
		k.miss(w.Place, validate.Finding{Place: validate.Place{Pointer: got[0]}, Got: list, Want: words.Plain("none"), Message: words.Plain(fmt.Sprintf("OpenIM applies %s, want nothing", yamlfile.Shorten(list)))})
	}
	for _, name := range w.names {
		pointer := "/" + strings.TrimPrefix(name.Text, "/")
		if !slices.ContainsFunc(got, func(p string) bool { return p == pointer || strings.HasPrefix(p, pointer+"/") }) {
			k.miss(name.Place, validate.Finding{
				Place: validate.Place{Pointer: pointer}, Got: list, Want: words.Plain(pointer),
				Message: words.Plain(fmt.Sprintf("OpenIM does not apply %s: it applies %s", pointer, yamlfile.Shorten(list))),
			})
		}
	}
}

// reply checks the values of the reply's body.
func (k *checking) reply() {
	wants := k.step.expect.reply
	if len(wants) == 0 || k.result.Exchange.Reply.Failure != "" {
		return // the judge has told of it
	}
	body := k.result.Exchange.Reply.Body
	if !gjson.ValidBytes(body) {
		k.miss(wants[0].Place, validate.Finding{Got: string(body), Message: words.Plain(fmt.Sprintf("the reply is not JSON, so it has no %s", wants[0].path))})
		return
	}
	for _, w := range wants {
		k.replyValue(w, gjson.GetBytes(body, w.path))
	}
}

func (k *checking) replyValue(w valueWant, got gjson.Result) {
	want, ok, err := w.meets(got, k.captured)
	switch {
	case err != nil:
		k.missValue(w.Place, pointerOf(w.path), err)
	case ok:
	case !got.Exists():
		k.miss(w.Place, validate.Finding{
			Place: validate.Place{Pointer: pointerOf(w.path)}, Want: words.Plain(want), Message: words.Plain(fmt.Sprintf("the reply has no %s, want %s", w.path, yamlfile.Shorten(want))),
		})
	default:
		k.miss(w.Place, validate.Finding{
			Place: validate.Place{Pointer: pointerOf(w.path)}, Got: got.Raw, Want: words.Plain(want),
			Message: words.Plain(fmt.Sprintf("the reply's %s is %s, want %s", w.path, yamlfile.Shorten(got.Raw), yamlfile.Shorten(want))),
		})
	}
}

func (k *checking) status() {
	w, r := k.step.expect.status, k.result.Exchange.Reply
	if w != nil && r.Failure == "" && !w.has(r.Status) {
		k.miss(w.Place, validate.Finding{
			Got: strconv.Itoa(r.Status), Want: words.Plain(w.String()), Message: words.Plain(fmt.Sprintf("the HTTP status is %d, want %s", r.Status, w)),
		})
	}
}

func (k *checking) within() {
	w, r := k.step.expect.within, k.result.Exchange.Reply
	if w != nil && r.Failure == "" && r.Elapsed > w.limit {
		got := r.Elapsed.Round(100_000).String() // to a tenth of a millisecond
		k.miss(w.Place, validate.Finding{Got: got, Want: words.Plain(w.limit.String()), Message: words.Plain(fmt.Sprintf("the reply took %s, want %s at most", got, w.limit))})
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
		case has(e.allow, f.Rule), e.findings != nil && has(e.findings.names, f.Rule):
		case e.findings != nil && len(e.findings.names) == 0:
			f.Severity = validate.Error
			kept = append(kept, f)
		default:
			kept = append(kept, f)
		}
	}
	if e.findings == nil {
		return kept
	}
	for _, rule := range e.findings.names {
		if !fired[rule.Text] {
			k.miss(rule.Place, validate.Finding{Want: words.Plain(rule.Text), Message: words.Plain(fmt.Sprintf("the rule %s did not fire, though it is expected to", rule.Text))})
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

// has reports whether n lies in one of the ranges.
func (w *codesWant) has(n int) bool {
	return slices.ContainsFunc(w.ranges, func(r validate.Range) bool { return int(r.Low) <= n && n <= int(r.High) })
}

// String is what is wanted, for messages: "5001 or 5100-5199".
func (w *codesWant) String() string {
	var all []string
	for _, r := range w.ranges {
		if r.Low == r.High {
			all = append(all, strconv.Itoa(int(r.Low)))
		} else {
			all = append(all, r.String())
		}
	}
	return strings.Join(all, " or ")
}

// meets reports whether the text is the one that is wanted, and says which.
func (w *textWant) meets(got string, c *Captures) (want string, ok bool, err error) {
	if w.pattern != nil {
		return "/" + w.pattern.String() + "/", w.pattern.MatchString(got), nil
	}
	want, err = w.text.expand(c)
	return want, want == got, err
}

func (w *textWant) describe(want string) string {
	if w.pattern != nil {
		return "a match of " + want
	}
	return strconv.Quote(want)
}

// meets reports whether the value is the one that is wanted, and says which.
func (w *valueWant) meets(got gjson.Result, c *Captures) (want string, ok bool, err error) {
	if w.text != nil {
		want, ok, err = w.text.meets(got.String(), c)
		return "a match of " + want, ok && got.Exists(), err
	}
	raw, err := w.value.render(c)
	if err != nil {
		return "", false, err
	}
	if string(raw) == "null" {
		return "null or nothing", got.Type == gjson.Null, nil
	}
	return string(raw), got.Exists() && yamlfile.SameJSON(json.RawMessage(got.Raw), raw), nil
}
