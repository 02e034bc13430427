package rules

import (
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/yamlfile"
	"github.com/tidwall/gjson"
)

// The kinds of answers; each is the name of its key.
const (
	allow  = "allow"
	refuse = "refuse"
	modify = "modify"
	raw    = "raw"
	fault  = "fault"
)

var answerNames = []string{allow, refuse, modify, raw, fault}

// answer is one answer of a rule.
type answer struct {
	yamlfile.Place
	kind string
	// kinds are all that the file has; more than one is a mistake.
	kinds []string
	// declared: it is wrong on purpose.
	declared bool
	delay    delayRange
	refusal  refusal
	fields   []member
	raw      rawReply
	fault    *simulator.Fault
}

type refusal struct {
	code            int32
	message, detail *template
}

type rawReply struct {
	status  int
	headers []rawHeader
	body    *template
}

type rawHeader struct {
	name  string
	value *template
}

// What a refusal has when the file or the flag does not say.
const (
	defaultCode    = 5001
	defaultMessage = "refused by imcb"
)

// delayRange is how long a rule waits; both are 0 when it does not.
type delayRange struct{ low, high time.Duration }

func (r delayRange) draw(random *rand.Rand) time.Duration {
	if r.high <= r.low {
		return r.low
	}
	return r.low + time.Duration(random.Int64N(int64(r.high-r.low)+1))
}

func (r delayRange) String() string {
	if r.high <= r.low {
		return r.low.String()
	}
	return r.low.String() + ".." + r.high.String()
}

// reply is the reply to a request, without delay and name.
func (a *answer) reply(t *turn, o *Options) simulator.Answer {
	switch a.kind {
	case refuse:
		return simulator.Answer{Body: fixtures.RefuseReply(a.refusal.code, t.expand(a.refusal.message), t.expand(a.refusal.detail))}
	case modify:
		return simulator.Answer{Body: a.modified(t, o.Server.Release)}
	case raw:
		return a.raw.reply(t)
	case fault:
		return a.fault.Answer(t.request.arrival, o.Server.Release, o.Timeout)
	default:
		return simulator.Answer{Body: t.request.allow(o.Server.Release)}
	}
}

func (r *request) allow(server fixtures.Release) []byte {
	return r.arrival.Callback.AllowReply(server, r.arrival.Request.Body)
}

// modified is the allow reply with the answer's fields.
func (a *answer) modified(t *turn, server fixtures.Release) []byte {
	b := []byte{'{'}
	gjson.ParseBytes(t.request.allow(server)).ForEach(func(key, v gjson.Result) bool {
		for _, f := range a.fields {
			if f.Name == key.Str {
				return true
			}
		}
		b = append(append(append(b, key.Raw...), ':'), v.Raw...)
		b = append(b, ',')
		return true
	})
	for _, f := range a.fields {
		b = append(append(b, fixtures.JSON(f.Name)...), ':')
		b, _ = f.Value.Append(b, t.appendText) // which has no errors
		b = append(b, ',')
	}
	b[len(b)-1] = '}' // the allow reply has members
	return b
}

func (r *rawReply) reply(t *turn) simulator.Answer {
	made := simulator.Answer{Status: r.status}
	if !bodiless(r.status) {
		made.Body = []byte(t.expand(r.body))
	}
	for _, h := range r.headers {
		made.Headers = append(made.Headers, validate.Header{http.CanonicalHeaderKey(h.name), oneLine(t.expand(h.value))})
	}
	return made
}

// bodiless reports whether HTTP lets no reply of the status have a body.
func bodiless(status int) bool {
	return status == http.StatusNoContent || status == http.StatusNotModified
}

// oneLine makes any text the value of a header: requests decide what is in it.
func oneLine(s string) string {
	if yamlfile.IsHeaderValue(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}

func (a *answer) does() words.Text {
	switch a.kind {
	case refuse:
		return say("does.refuse", "code", a.refusal.code)
	case modify:
		return say("does.modify", "fields", words.Names(a.fields, func(f member) string { return f.Name }))
	case raw:
		return say("does.raw", "status", a.raw.status)
	case fault:
		return say("does.fault", "fault", a.fault.Name)
	default:
		return say("does.allow")
	}
}

// maxNamed is how many answers or rules a text names.
const maxNamed = 3

func (r *rule) does() words.Text {
	var all []words.Text
	if r.delay.high > 0 || len(r.answers) == 0 {
		all = append(all, say("does.wait", "delay", r.delay))
	}
	for i, a := range r.answers {
		if i == maxNamed && len(r.answers) > maxNamed+1 {
			all = append(all, say("does.more", "n", len(r.answers)-i))
			break
		}
		does := a.does()
		if r.sequence && a.delay.high > 0 {
			does = say("does.after", "does", does, "delay", a.delay)
		}
		all = append(all, does)
	}
	var does words.Text
	for i, next := range all {
		if does = next; i > 0 {
			does = say("does.then", "first", all[i-1], "next", next)
			all[i] = does
		}
	}
	if len(r.shadows) > 0 {
		return say("does.shadowed", "does", does, "rules", words.FewOf(r.shadows, maxNamed))
	}
	return does
}
