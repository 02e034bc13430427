package trigger

import (
	"slices"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/webhooks"
	"github.com/tidwall/gjson"
)

// Codes with which OpenIM says that it called a receiver in vain.
const codeNetwork, codeData = 90004, 90007

// suspect is a callback that did not come.
type suspect struct {
	*attempt
	outcome
	expected
	// others are those of the callback that came, but are of other operations.
	others int
	// on is what the server's settings say of it; nil: it is off, or nobody knows.
	on *webhooks.Enabled
}

// What a look at a reason says: it is not the reason, it is, or nobody can tell.
const (
	no    = validate.StepState("")
	yes   = validate.StepFailed
	maybe = validate.StepOpen
)

// reasons are why a callback does not come, in the order in which to look, and what
// to do about each. A new reason is one line here.
var reasons = []struct {
	look func(*suspect) (validate.StepState, words.Text)
	hint func(*suspect) words.Text
}{
	{(*suspect).switchedOff, always(say("hint.off"))},
	{(*suspect).neverSent, always(say("hint.never"))},
	{(*suspect).unusableURL, always(say("hint.url"))},
	{(*suspect).elsewhere, always(say("hint.url"))},
	{(*suspect).operationFailed, func(s *suspect) words.Text { return hint(s.outcome.call, s.answer) }},
	{(*suspect).otherOperation, nothingToDo},
	{(*suspect).filtered, always(say("hint.filter"))},
	{(*suspect).notForAdmins, nothingToDo},
	{(*suspect).receiverOnline, nothingToDo},
	{(*suspect).queueFull, always(say("hint.queue"))},
	{(*suspect).notRestarted, nothingToDo},
}

func always(text words.Text) func(*suspect) words.Text {
	return func(*suspect) words.Text { return text }
}

// nothingToDo belongs to reasons that are never sure.
func nothingToDo(*suspect) words.Text { return say("trigger-silent.hint") }

// look looks at all the reasons. Found is the first that holds; no text: none does.
func (s *suspect) look() (steps []validate.Step, found, hint words.Text) {
	hint = say("trigger-silent.hint")
	for _, r := range reasons {
		state, text := r.look(s)
		if text.IsZero() {
			continue
		}
		if state == yes && found.IsZero() {
			found, hint = text, r.hint(s)
		}
		steps = append(steps, validate.Step{Name: "reason", Text: text, State: state})
	}
	return steps, found, hint
}

func (a *attempt) suspect(o outcome, f expected, others int) *suspect {
	s := &suspect{attempt: a, outcome: o, expected: f, others: others}
	if a.Settings != nil {
		s.on = a.Settings.of(f.callback, a.Judging.Server().Release)
	}
	return s
}

// silent is the result of a callback that did not come: with all the reasons that
// were looked at, and the first that holds as what is wrong.
func (a *attempt) silent(o outcome, f expected, others int) validate.Result {
	steps, found, hint := a.suspect(o, f, others).look()
	message := say("trigger-silent", "callback", f.callback.Key, "time", a.Wait, "reason", found)
	if found.IsZero() {
		message = say("trigger-silent.unknown", "callback", f.callback.Key, "time", a.Wait)
	}
	return validate.Result{Verdict: a.verdict(f.callback, ruleSilent, message, hint), Steps: steps}
}

// unwatched is the result of a callback that only its caller tells of.
func (a *attempt) unwatched(o outcome, f expected) validate.Result {
	if !o.ok() {
		return validate.Result{Verdict: a.verdict(f.callback, ruleOperation, say("trigger-operation", "what", o.what(), "answer", a.API.told(o.answer)), hint(o.call, o.answer))}
	}
	steps, found, hint := a.suspect(o, f, 0).look()
	r := validate.Result{Verdict: validate.Verdict{Callback: f.callback, Server: a.Judging.Server()}, Steps: steps}
	if !found.IsZero() {
		r.Verdict = a.verdict(f.callback, ruleSilent, say("trigger-silent.unsent", "callback", f.callback.Key, "reason", found), hint)
	}
	return r
}

// mayCome reports whether it is worth to wait for the callback.
func (s *Session) mayCome(c *fixtures.Callback) bool {
	if s.Settings == nil {
		return true
	}
	on := s.Settings.of(c, s.Judging.Server().Release)
	return on != nil && on.Never.IsZero()
}

// of is what the settings say of a callback; nil: it is off.
func (s *Settings) of(c *fixtures.Callback, v fixtures.Release) *webhooks.Enabled {
	on := s.Webhooks.SwitchedOn(v)
	if i := slices.IndexFunc(on, func(e webhooks.Enabled) bool { return e.Callback == c }); i >= 0 {
		return &on[i]
	}
	return nil
}

func (s *suspect) operationFailed() (validate.StepState, words.Text) {
	switch {
	case s.ok():
		return no, words.Text{}
	case s.ErrCode == codeNetwork || s.ErrCode == codeData:
		return yes, say("reason.receiver", "answer", s.API.told(s.outcome.answer))
	default:
		return yes, say("reason.failed", "answer", s.API.told(s.outcome.answer))
	}
}

func (s *suspect) otherOperation() (validate.StepState, words.Text) {
	if s.others == 0 {
		return no, words.Text{}
	}
	return maybe, say("reason.others", "n", s.others, "callback", s.callback.Key)
}

func (s *suspect) switchedOff() (validate.StepState, words.Text) {
	switch {
	case s.Settings == nil:
		return maybe, say("reason.on-unknown", "callback", s.callback.Key)
	case s.on == nil:
		return yes, say("reason.off", "callback", s.callback.Key)
	default:
		return no, say("reason.on", "callback", s.callback.Key)
	}
}

func (s *suspect) neverSent() (validate.StepState, words.Text) {
	if s.on == nil || s.on.Never.IsZero() {
		return no, words.Text{}
	}
	return yes, say("reason.never", "why", s.on.Never)
}

// filtered asks the server's lists about the message that imcb sent.
func (s *suspect) filtered() (validate.StepState, words.Text) {
	m := gjson.Parse(s.Body)
	switch {
	case !s.callback.IsMessage() || s.Path != sendPath:
		return no, words.Text{}
	case s.Settings == nil:
		return maybe, say("reason.filter-unknown")
	case s.on == nil || s.on.Sends(int(m.Get("contentType").Int()), m.Get("sendID").String(), m.Get("recvID").String(), m.Get("groupID").String()):
		return no, say("reason.unfiltered")
	case len(s.on.AttentionIDs) > 0:
		return yes, say("reason.attention", "ids", s.on.AttentionIDs, "user", m.Get("recvID").String())
	default:
		return yes, say("reason.types", "type", m.Get("contentType").Int(), "denied", s.on.DeniedTypes, "allowed", s.on.AllowedTypes)
	}
}

const sendPath = "/msg/send_msg"

// notForAdmins speaks of the user's own tests: imcb sends texts of plain users.
func (s *suspect) notForAdmins() (validate.StepState, words.Text) {
	if !s.callback.IsMessage() || s.callback.Phase != fixtures.Before || s.Path != sendPath {
		return no, words.Text{}
	}
	return no, say("reason.plain-user")
}

func (s *suspect) receiverOnline() (validate.StepState, words.Text) {
	if s.callback.Key != "beforeOfflinePush" {
		return no, words.Text{}
	}
	return no, say("reason.offline", "user", s.values["b"])
}

// queueWait is how long a call takes at least whose after callback found the
// queue full; the servers that drop it sooner don't show it.
const queueWait = 2900 * time.Millisecond

func (s *suspect) queueFull() (validate.StepState, words.Text) {
	switch {
	case s.callback.Phase != fixtures.After:
		return no, words.Text{}
	case s.elapsed >= queueWait:
		return yes, say("reason.queue", "time", s.elapsed.Round(10*time.Millisecond))
	default:
		return no, say("reason.no-queue", "time", s.elapsed.Round(time.Millisecond))
	}
}

func (s *suspect) notRestarted() (validate.StepState, words.Text) {
	if s.Settings != nil {
		return no, say("reason.running")
	}
	return maybe, say("reason.restart")
}

// hint says what to do about an answer that is none of what was meant.
func hint(c call, got answer) words.Text {
	switch {
	case c.Socket != "":
		return say("hint.socket")
	case got.failure != "":
		return say("hint.api")
	case got.ErrCode == codeNetwork:
		return say("hint.network")
	case got.ErrCode == codeData:
		return say("hint.data")
	default:
		return say("hint.refused")
	}
}
