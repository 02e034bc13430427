package inspector

import (
	"encoding/json"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/report"
	"github.com/tidwall/gjson"
)

// detail is a request with all that is known of it.
type detail struct {
	summary
	exchange
	Differs   []validate.Finding `json:"differs"`
	Words     []word             `json:"words"`
	Curl      string             `json:"curl"`
	SuiteCase string             `json:"suiteCase"`
}

// exchange is what went over the wire, as a journal has it but masked, and
// what OpenIM makes of it.
type exchange struct {
	Request json.RawMessage `json:"request"`
	Reply   json.RawMessage `json:"reply,omitempty"`
	Verdict *verdict        `json:"verdict"`
}

// verdict is the JSON form of a validate.Verdict.
type verdict struct {
	Outcome  validate.Outcome    `json:"outcome"`
	Client   validate.Client     `json:"client"`
	Applied  []string            `json:"applied"`
	Ignored  []string            `json:"ignored"`
	Wiped    []string            `json:"wiped"`
	Changes  []validate.Change   `json:"changes"`
	Findings []validate.Finding  `json:"findings"`
	Unless   *validate.Otherwise `json:"unless,omitempty"`
}

// word is what one version makes of the reply.
type word struct {
	Server  string           `json:"server"`
	Outcome validate.Outcome `json:"outcome"`
	Text    string           `json:"text"`
}

// maxCommandLine is the longest body that goes into a command line or a suite
// case, in bytes: Linux takes no longer argument.
const maxCommandLine = 128 << 10

func (i *Inspector) newDetail(e *entry) detail {
	a := e.arrival.Masked()
	d := detail{summary: newSummary(e), exchange: newExchange(a.Exchange, a.Verdict), Differs: list(a.Differs), Words: i.words(e.arrival)}
	if len(a.Request.Body) <= maxCommandLine {
		d.Curl = report.Curl(a.Request)
		d.SuiteCase = suiteCase(e, a.Request)
	}
	return d
}

// newExchange takes an exchange and a verdict that are masked.
func newExchange(x validate.Exchange, v *validate.Verdict) exchange {
	var out exchange
	text, err := json.Marshal(x)
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil { // only a time that JSON can't hold
		out.Request, _ = json.Marshal(err.Error())
	}
	if v.Callback != nil {
		out.Verdict = &verdict{v.Outcome, v.Client, list(v.Applied), list(v.Ignored), list(v.Wiped), list(v.Changes), list(v.Findings), v.Unless}
	}
	return out
}

// list makes no members an empty list: JSON's null is of no use to a reader.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

// words says in words what each version makes of the reply.
func (i *Inspector) words(a *simulator.Arrival) []word {
	all := []word{}
	if a.Callback == nil {
		return all
	}
	for _, s := range validate.Servers() {
		all = append(all, i.word(a, s))
	}
	return all
}

func (i *Inspector) word(a *simulator.Arrival, s validate.Server) word {
	contentType := gjson.GetBytes(a.Request.Body, "contentType")
	switch {
	case !a.Callback.SentBy(s.Release):
		return word{s.String(), "", "OpenIM " + s.String() + " does not send this callback"}
	case contentType.Exists() && !a.Callback.SentFor(int(contentType.Int()), s.Release):
		return word{s.String(), "", "OpenIM " + s.String() + " does not send this callback for such a message"}
	}
	result := *a.Verdict
	if s.String() != i.opts.Server.String() || result.Callback == nil {
		result = i.judge(a.Callback, s).Judge(&a.Exchange)
	}
	return word{s.String(), result.Outcome, validate.MaskText(report.Effect(result))}
}

func (i *Inspector) judge(c *fixtures.Callback, s validate.Server) *validate.Judge {
	return validate.NewJudge(c, validate.Options{Server: s, Contract: i.opts.Contract})
}
