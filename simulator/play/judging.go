package play

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/suite"
	"github.com/imcb-dev/imcb/validate/webhooks"
	"github.com/tidwall/gjson"
)

// Judging is how exchanges are judged. The zero value judges as
// validate.Options{} says. Several goroutines may use it at once, and its fields
// stay as they are from the first use on.
type Judging struct {
	// Options are those of every callback. What is unset is a suite's own, or
	// else the default.
	Options validate.Options
	// Severities change those of the rules. They win over a suite's.
	Severities validate.Overrides
	// Requests says that the requests of what was recorded are judged, too: see
	// Recorded.
	Requests bool

	mu      sync.Mutex
	judges  map[string]*validate.Judge // by the callback's key
	enabled map[string]webhooks.Enabled
	checks  map[string]*validate.RequestCheck
}

// Server is the OpenIM whose behavior is predicted.
func (j *Judging) Server() validate.Server { return j.Options.Server.OrDefault() }

// Timeout is how long OpenIM waits for a reply to the callback.
func (j *Judging) Timeout(c *fixtures.Callback) time.Duration { return j.judge(c).Options().Timeout }

// Judge judges an exchange of the callback.
func (j *Judging) Judge(c *fixtures.Callback, x validate.Exchange) validate.Result {
	verdict := j.judge(c).Judge(&x)
	verdict.Findings = j.Severities.Apply(verdict.Findings)
	return validate.Result{Verdict: verdict, Exchange: x}
}

// judgeRecorded is Judge for what was recorded: with the findings of the
// request, where they are asked for, behind those of the reply. A callback whose
// end is not in the log is skipped.
func (j *Judging) judgeRecorded(r Recorded) validate.Result {
	if r.Exchange.Lacks(validate.WholeReply) {
		return validate.Result{Verdict: validate.Verdict{Callback: r.Callback, Server: j.Server()}, Exchange: r.Exchange, Skipped: say("log-ends").String()}
	}
	result := j.Judge(r.Callback, r.Exchange)
	if j.Requests {
		result.Findings = slices.Concat(result.Findings, j.counted(j.check(r.Callback).Check(r.Exchange.KnownRequest())))
	}
	return result
}

// counted are the findings that count, in the severities that the user chose.
func (j *Judging) counted(findings []validate.Finding) []validate.Finding {
	return j.Severities.Apply(j.Options.Contract.Of(findings))
}

func (j *Judging) check(c *fixtures.Callback) *validate.RequestCheck {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.checks == nil {
		j.checks = make(map[string]*validate.RequestCheck)
	}
	if j.checks[c.Key] == nil {
		j.checks[c.Key] = validate.NewRequestCheck(c, j.Server().Release)
	}
	return j.checks[c.Key]
}

func (j *Judging) judge(c *fixtures.Callback) *validate.Judge {
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, ok := j.judges[c.Key]; !ok {
		j.keep(c, j.Options)
	}
	return j.judges[c.Key]
}

func (j *Judging) keep(c *fixtures.Callback, o validate.Options) {
	if j.judges == nil {
		j.judges = make(map[string]*validate.Judge)
	}
	j.judges[c.Key] = validate.NewJudge(c, o)
}

// With returns the judging of a suite: j, with the suite's settings where j has
// none.
func (j *Judging) With(s *suite.Suite) *Judging {
	own := &Judging{Options: j.Options, Severities: make(validate.Overrides)}
	o := &own.Options
	o.Server, o.Timeout = cmp.Or(o.Server, s.Server), cmp.Or(o.Timeout, s.Timeout)
	o.Contract, o.ErrCodes = cmp.Or(o.Contract, s.Contract), cmp.Or(o.ErrCodes, s.ErrCodes)
	maps.Copy(own.Severities, s.Severities)
	maps.Copy(own.Severities, j.Severities)
	return own
}

// As returns the judging as another server would.
func (j *Judging) As(server validate.Server) *Judging {
	own := &Judging{Options: j.Options, Severities: j.Severities, Requests: j.Requests}
	own.Options.Server = server
	return own
}

// Webhooks takes each callback's own timeout and failedContinue from OpenIM's
// configuration file. It returns the callbacks that the server sends with it,
// and those whose filters leave out the message of the given kind that imcb makes
// ("": text).
func (j *Judging) Webhooks(file *webhooks.File, message string) (sent, filtered []*fixtures.Callback) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range file.Enabled(j.Server().Release) {
		if !sendsExample(e, message) {
			filtered = append(filtered, e.Callback)
			continue
		}
		sent = append(sent, e.Callback)
		if j.enabled == nil {
			j.enabled = make(map[string]webhooks.Enabled)
		}
		j.enabled[e.Callback.Key] = e
		own := j.Options
		own.Timeout, own.StopOnFailure = e.Wait(), !e.FailedContinue
		j.keep(e.Callback, own)
	}
	return sent, filtered
}

// sendsExample reports whether OpenIM would send the callback for the message
// of imcb's own payload.
func sendsExample(e webhooks.Enabled, message string) bool {
	if !e.Callback.IsMessage() {
		message = ""
	}
	p, err := e.Callback.Payload(fixtures.PayloadOptions{Server: e.Server, Message: message})
	return err != nil || sends(e, p) // building the payload says what is wrong
}

func sends(e webhooks.Enabled, p *fixtures.Payload) bool {
	m := gjson.ParseBytes(p.Body)
	return e.Sends(int(m.Get("contentType").Int()), m.Get("sendID").String(), m.Get("recvID").String(), m.Get("groupID").String())
}

// filter reports of requests whether Webhooks' file lets them be sent. Nil: all
// are.
func (j *Judging) filter(c *fixtures.Callback) func(*fixtures.Payload) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if e, ok := j.enabled[c.Key]; ok && c.IsMessage() {
		return func(p *fixtures.Payload) bool { return sends(e, p) }
	}
	return nil
}
