package validate

import (
	"encoding/json"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
)

// Outcome is what OpenIM does after it got a reply, or none.
type Outcome string

// The outcomes.
const (
	// Proceed: the operation goes on, perhaps changed by the reply.
	Proceed Outcome = "proceed"
	// Refuse: the operation is refused, as the reply says.
	Refuse Outcome = "refuse"
	// Fail: the reply can't be used or was never received, or it makes the
	// operation fail. The operation is not done.
	Fail Outcome = "fail"
	// Crash: the reply makes OpenIM's handler panic.
	Crash Outcome = "crash"
	// Nothing: the callback came after the operation; no reply changes it.
	Nothing Outcome = "ignored"
	// Unknown: what decides is not part of the exchange. The reply sends the client
	// elsewhere, or OpenIM's log does not tell. No summary counts it.
	Unknown Outcome = "unknown"
)

// Outcomes returns the outcomes that are known, in the order in which summaries
// count them.
func Outcomes() []Outcome { return []Outcome{Proceed, Refuse, Fail, Crash, Nothing} }

// Client is what the IM client sees of an operation through OpenIM's API.
// ErrCode 0 is success.
type Client struct {
	ErrCode int    `json:"errCode"`
	ErrMsg  string `json:"errMsg"`
	ErrDlt  string `json:"errDlt"`
}

// Verdict is what one OpenIM does with a reply, and how the reply
// departs from the contract.
type Verdict struct {
	Callback *fixtures.Callback `json:"-"`
	Server   Server             `json:"server"`
	Outcome  Outcome            `json:"outcome"`
	Client   Client             `json:"client"`
	// Applied, Ignored and Wiped are JSON Pointers: reply fields that change
	// the operation, reply fields that are read and thrown away, and request
	// values that the reply erases.
	Applied []string `json:"applied"`
	Ignored []string `json:"ignored,omitempty"`
	Wiped   []string `json:"wiped,omitempty"`
	// Unless says what keeps the reply from crashing OpenIM, where the request
	// does not show it. Nil: nothing does, or it does not crash.
	Unless *Otherwise `json:"unless,omitempty"`
	// Notice is the kind of notification that is lost with this outcome, by
	// name or content type: the operation itself was done before. Empty: none.
	Notice string `json:"notice,omitempty"`
	// Changes are the values of the operation that the reply replaces.
	Changes  []Change  `json:"changes,omitempty"`
	Findings []Finding `json:"findings"`
	// Refuses and Unreadable say what the reply is, also where that changes
	// nothing: a refusal, or nothing that OpenIM can read.
	Refuses    bool `json:"-"`
	Unreadable bool `json:"-"`
}

// Otherwise is what OpenIM does with a reply if a condition holds on which the
// request is silent.
type Otherwise struct {
	// If is the condition, a clause for the middle of a sentence.
	If      words.Text `json:"if"`
	Outcome Outcome    `json:"outcome"`
	// Applied and Ignored are as in Verdict.
	Applied []string `json:"applied"`
	Ignored []string `json:"ignored,omitempty"`
}

// Change is one value of the operation before and after the reply. Both are
// JSON texts; Before is empty when the request does not show the value, After is
// what OpenIM makes of the reply's.
type Change struct {
	Path   string `json:"path"`
	Before string `json:"before,omitempty"`
	After  string `json:"after"`
}

// Worst returns the worst severity among the findings; Off when there is none.
func (v Verdict) Worst() Severity {
	worst := Off
	for _, f := range v.Findings {
		if f.Severity.AtLeast(worst) {
			worst = f.Severity
		}
	}
	return worst
}

// OK reports whether no finding is as bad as limit or worse.
func (v Verdict) OK(limit Severity) bool {
	return limit == Off || !v.Worst().AtLeast(limit)
}

// Result is a verdict together with the exchange that it judges.
type Result struct {
	Verdict
	// Case is the name of the suite's case; empty outside a suite. File and
	// Line say where it stands.
	Case string
	File string
	Line int
	// Callbacks are the keys of those that a probe was made for with this result,
	// the verdict's first. None: the result is no probe's.
	Callbacks []string
	// Skipped is why the case was not run; empty: it was.
	Skipped  string
	Exchange Exchange
	// Was is the recorded exchange's verdict, of a request that was sent again
	// and got another one.
	Was *Verdict
	// Cover is what became of the requests that cover the callback. Nil: the result
	// is about the exchange alone.
	Cover *Cover
	// Config is what the file holds that the result is about; nil: it is about
	// an exchange.
	Config *Config
	// Steps are what led to the result, where that is more than the exchange.
	Steps []Step
}

// Step is one thing that was done, or looked at, on the way to a result.
type Step struct {
	// Name says in a word what kind of thing.
	Name  string     `json:"step"`
	Text  words.Text `json:"text"`
	State StepState  `json:"state,omitempty"`
}

// StepState is how a step came out; empty: well.
type StepState string

// The other states.
const (
	StepFailed StepState = "failed"
	// StepOpen: nobody could tell, and a person has to look.
	StepOpen StepState = "open"
)

// Mark is a character that stands for the state.
func (s StepState) Mark() string {
	switch s {
	case StepFailed:
		return "✗"
	case StepOpen:
		return "?"
	default:
		return "✓"
	}
}

// MarshalJSON writes the result as reports show it.
func (r Result) MarshalJSON() ([]byte, error) {
	type was struct {
		Outcome Outcome `json:"outcome"`
		Client  Client  `json:"client"`
	}
	out := struct {
		Callback string         `json:"callback"`
		Command  string         `json:"command"`
		Phase    fixtures.Phase `json:"phase"`
		Server   Server         `json:"server"` // before the verdict's other fields
		Case     string         `json:"case"`
		For      []string       `json:"callbacks,omitempty"`
		File     string         `json:"file,omitempty"`
		Line     int            `json:"line,omitempty"`
		Skipped  string         `json:"skipped,omitempty"`
		*Cover
		Verdict
		Was      *was     `json:"was,omitempty"`
		Config   *Config  `json:"config,omitempty"`
		Steps    []Step   `json:"steps,omitempty"`
		Exchange Exchange `json:"exchange"`
	}{r.Exchange.Callback, r.Exchange.Command, "", r.Server, r.Case, r.Callbacks, r.File, r.Line, r.Skipped, r.Cover, r.Verdict, nil, r.Config, r.Steps, r.Exchange}
	if c := r.Verdict.Callback; c != nil {
		out.Callback, out.Phase = c.Key, c.Phase
		if out.Command == "" {
			out.Command = c.Command(r.Server.Release)
		}
	}
	if r.Was != nil {
		out.Was = &was{r.Was.Outcome, r.Was.Client}
	}
	// Lists that are always there.
	out.Applied, out.Findings = append([]string{}, r.Applied...), append([]Finding{}, r.Findings...)
	return json.Marshal(out)
}

// Summary counts results.
type Summary struct {
	Results  int `json:"results"`
	Proceed  int `json:"proceed"`
	Refuse   int `json:"refuse"`
	Fail     int `json:"fail"`
	Crash    int `json:"crash"`
	Ignored  int `json:"ignored"`
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	Notes    int `json:"notes"`
	// Known counts the notes that a baseline has.
	Known int `json:"known,omitempty"`
	// Skipped counts the suite's cases and steps that were not run; they are no
	// results.
	Skipped int `json:"skipped"`
	// Requests counts those that were judged: a result may stand for many.
	Requests int `json:"requests"`
	// Causes counts the results that are about other requests than the ordinary one
	// of their callback, Cases the others that have a case's name.
	Causes int `json:"-"`
	Cases  int `json:"-"`
	// Reached counts the results whose target answered anything.
	Reached int `json:"-"`
}

func (s *Summary) countRequests(r Result) {
	switch {
	case r.IsCause(), !r.Exchange.Answered(): // the ordinary one's result counts them
	case r.Cover != nil:
		s.Requests += r.Cover.Requests
	default:
		s.Requests++
	}
}

// Add counts one result.
func (s *Summary) Add(r Result) {
	if r.Skipped != "" {
		s.Skipped++
		return
	}
	s.Results++
	switch {
	case r.IsCause():
		s.Causes++
	case r.Case != "":
		s.Cases++
	}
	s.countRequests(r)
	switch r.Outcome {
	case Proceed:
		s.Proceed++
	case Refuse:
		s.Refuse++
	case Fail:
		s.Fail++
	case Crash:
		s.Crash++
	case Nothing:
		s.Ignored++
	}
	for _, f := range r.Findings {
		switch f.Severity {
		case Error:
			s.Errors++
		case Warning:
			s.Warnings++
		case Note:
			s.Notes++
		}
		if f.Known {
			s.Known++
		}
	}
	if r.Exchange.Reply.Reached() {
		s.Reached++
	}
}
