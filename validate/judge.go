package validate

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/tidwall/gjson"
)

// Options choose what a Judge holds a reply against.
type Options struct {
	// Server is the OpenIM whose behavior the verdict predicts. The zero value is
	// fixtures.DefaultRelease as services.
	Server Server
	// Contract is what counts as a finding. The zero value is Both. The rest of
	// the verdict is the server's in any case.
	Contract Contract
	// StopOnFailure is failedContinue: false, which only 3.5 and 3.6 read.
	// The default is OpenIM's: go on.
	StopOnFailure bool
	// Timeout is the callback's timeout, for exchanges that don't say how long
	// their sender waited. 0: DefaultTimeout. OpenIM waits MaxTimeout at most.
	Timeout time.Duration
	// ErrCodes is the range for the errCode of a refusal. The zero value is
	// the documented 5000-9999, with a warning for the other documented range.
	ErrCodes Range
}

// Range is a range of numbers, both ends included.
type Range struct{ Low, High int32 }

// Has reports whether n lies in the range.
func (r Range) Has(n int32) bool { return r.Low <= n && n <= r.High }

// String is the range as users write it: "5000-9999", or "5001".
func (r Range) String() string {
	if r.Low == r.High {
		return strconv.Itoa(int(r.Low))
	}
	return fmt.Sprintf("%d-%d", r.Low, r.High)
}

// ParseRange reads a range as String writes it, of numbers from 0 on.
func ParseRange(text string) (Range, bool) {
	low, high, ok := strings.Cut(text, "-")
	if !ok {
		high = low
	}
	from, err1 := strconv.ParseInt(strings.TrimSpace(low), 10, 32)
	to, err2 := strconv.ParseInt(strings.TrimSpace(high), 10, 32)
	return Range{int32(from), int32(to)}, err1 == nil && err2 == nil && 0 <= from && from <= to
}

// The two ranges that documents give for a refusal's errCode: the callbacks'
// own pages, and the site-wide page on error codes.
var (
	documentedErrCodes = Range{5000, 9999}
	siteWideErrCodes   = Range{20001, 29999}
)

// Timeouts of OpenIM: the default of webhooks.yml, and the limit of its HTTP
// client, which no setting raises.
const (
	DefaultTimeout = 5 * time.Second
	MaxTimeout     = 15 * time.Second
)

// EffectiveTimeout is how long OpenIM waits when a callback's timeout is t:
// DefaultTimeout for 0 and less, and never more than MaxTimeout.
func EffectiveTimeout(t time.Duration) time.Duration {
	if t <= 0 {
		return DefaultTimeout
	}
	return min(t, MaxTimeout)
}

// Configured is the timeout that OpenIM takes from a webhooks.yml that says t:
// there, 0 and less leave only the client's limit, MaxTimeout.
func Configured(t time.Duration) time.Duration {
	if t <= 0 {
		return MaxTimeout
	}
	return EffectiveTimeout(t)
}

// Judge judges the replies to one callback. It may be used by several
// goroutines at once.
type Judge struct {
	callback *fixtures.Callback
	opts     Options
	behavior *behavior
	handler  handler
	table    []fieldSpec
	rules    []*Rule
	passes   sync.Pool
	// page is what the documents show of the callback; nil: nothing.
	page *fixtures.Page
	// documents finds what departs from the documents, where only that counts.
	documents *Judge
	// pages: it is such a one itself.
	pages bool
}

// NewJudge prepares to judge replies to a callback.
func NewJudge(c *fixtures.Callback, opts Options) *Judge {
	opts.Server, opts.Timeout = opts.Server.OrDefault(), EffectiveTimeout(opts.Timeout)
	j := &Judge{
		callback: c, opts: opts, behavior: opts.Server.behavior(), handler: handlers[c.Key],
		table: compileFields(c, opts.Server.Release, opts.Server.behavior().namesEmbedded), rules: rules, page: c.Page(),
	}
	j.passes.New = func() any { return new(pass) }
	if opts.Contract == Documents {
		j.rules, j.documents = nil, newPageJudge(j)
	}
	return j
}

// Options are those of the judge, with the defaults filled in.
func (j *Judge) Options() Options { return j.opts }

// pass is one judgement under way: what rules see of it.
type pass struct {
	judge    *Judge
	exchange *Exchange
	reply    *Reply
	timeout  time.Duration // how long OpenIM waits
	// elsewhere: the reply sends the client on, to an answer that is not known.
	elsewhere bool
	body      decoded
	asked     gjson.Result // the request's body; zero when it is not known
	verdict   Verdict
	members   memberScan
	users     userScan
	odd       []oddValue
	long      []longText
	// crashAt points at what the handler panics on, for crashCause.
	crashAt    string
	crashCause *crashCause
	// noticeTold: the verdict's Notice is lost, and its caller is told so.
	noticeTold bool
	rule       *Rule // the one that runs
}

// Judge returns the verdict on an exchange.
func (j *Judge) Judge(x *Exchange) Verdict {
	p := j.passes.Get().(*pass)
	x = j.ended(x)
	p.judge, p.exchange, p.timeout = j, x, EffectiveTimeout(cmp.Or(x.Timeout, j.opts.Timeout))
	p.reply = p.inTime(x)
	p.verdict = Verdict{Callback: j.callback, Server: j.opts.Server}
	to, _ := x.Next()
	p.elsewhere = to != "" && p.reply.Failure == ""
	if p.reply.Failure == "" && !p.elsewhere {
		p.body.decode(x.Reply.Body, j.table)
	}
	p.decide()
	p.applyRules()
	v := p.verdict
	*p = pass{}
	j.passes.Put(p)
	if j.documents != nil {
		v.Findings = j.documents.Judge(x).Findings
	}
	return v
}

// inTime is the reply, or that there was none in time: OpenIM had given up when
// one came that was recorded later. One in OpenIM's own log has been read.
func (p *pass) inTime(x *Exchange) *Reply {
	r := &x.Reply
	if r.Failure != "" || r.Elapsed <= p.timeout || x.Lacks(ReplyStatus) {
		return r
	}
	return &Reply{Failure: Timeout, Elapsed: r.Elapsed, Redirects: r.Redirects}
}

// before reports whether the callback waits for the reply.
func (p *pass) before() bool { return p.judge.callback.Phase == fixtures.Before }

// unusable reports whether OpenIM could make nothing of the reply.
func (p *pass) unusable() bool {
	return p.reply.Failure != "" || p.body.syntax != nil || p.body.mismatch != nil
}

// refuses reports whether the reply asks, in this version's reading, for the
// operation to be refused.
func (p *pass) refuses() bool {
	return !p.unusable() && !p.elsewhere && p.judge.behavior.refuses(p.body.codes[actionCode], p.body.codes[nextCode])
}

func (p *pass) decide() {
	v := &p.verdict
	v.Refuses, v.Unreadable = p.refuses(), p.reply.Failure == Unreadable || p.body.syntax != nil || p.body.mismatch != nil
	switch {
	case !p.before():
		v.Outcome = Nothing
		if p.tellsAfter() {
			v.Client = p.client()
		}
	case p.elsewhere, p.reply.Failure == Unexplained:
		v.Outcome = Unknown
	case p.reply.Failure == Panicked:
		v.Outcome, v.Client = Crash, p.judge.behavior.crash.client
	case p.unusable() && !p.goesOn():
		v.Outcome, v.Client = Fail, p.client()
	case p.refuses() && !p.judge.behavior.dropsRefusal:
		v.Outcome, v.Client = Refuse, p.client()
	default:
		// Also an unusable reply on which 3.5 and 3.6 go on: they use what the
		// decoder got out of it, if only nothing.
		v.Outcome = Proceed
		p.applyFields()
	}
	if v.Outcome == Refuse || v.Outcome == Fail {
		p.loseNotice()
	}
	if p.unseen() {
		v.Client = Client{}
	}
}

// goesOn reports whether the server goes on without a usable reply.
func (p *pass) goesOn() bool {
	return p.judge.behavior.readsFailedContinue && !p.judge.opts.StopOnFailure
}

// tellsAfter reports whether the client is told of a refusing or unusable
// reply to an after callback: by versions 3.5 and 3.6, which wait for it.
func (p *pass) tellsAfter() bool {
	switch {
	case p.judge.handler.onlyLogged:
		return false
	case p.unusable():
		return p.judge.behavior.afterFailure && !p.goesOn()
	default:
		return p.judge.behavior.afterRefusal && p.refuses()
	}
}

// client is what the IM client sees of a refusal or an unusable reply.
func (p *pass) client() Client {
	switch {
	case p.reply.Failure == Unreadable:
		return p.dataError(p.reply.Detail)
	case p.reply.Failure != "":
		return p.judge.behavior.network(networkError{p.exchange.Request.URL, p.cause(), p.reply.stage()})
	case p.body.syntax != nil:
		return p.dataError(p.body.syntax.Error())
	case p.body.mismatch != nil:
		return p.dataError(p.body.mismatch.text)
	default:
		return p.judge.behavior.coded(codedError{p.body.codes[errCode], p.body.texts[errMsg], p.body.texts[errDlt]})
	}
}

func (p *pass) dataError(text string) Client {
	return p.judge.behavior.coded(codedError{codeData, "DataError", text + p.judge.behavior.dataErrorGap + "response format error"})
}

// request returns the body that was sent, if the exchange has it and it is
// JSON.
func (p *pass) request() gjson.Result {
	if body := p.exchange.Request.Body; len(body) > 0 && !p.asked.Exists() && fixtures.ValidJSON(body) {
		p.asked = gjson.ParseBytes(body)
	}
	return p.asked
}
