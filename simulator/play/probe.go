package play

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

// probe is one thing that a receiver meets in real life beyond the requests of
// OpenIM that its callbacks' cases cover, and the rule of its findings: the title
// says what is sent, why who sends it and who suffers, the source how that is
// known, and for which callbacks it is made.
type probe struct {
	validate.Rule
	// run probes p.callback: one result, or none where there is nothing to send.
	run func(ctx context.Context, p *prober) []validate.Result
}

// prefix begins the id of each probe's rule.
const prefix = "probe-"

// For which callbacks a probe is made: what a handler gets wrong is tried with
// each, what an HTTP server does with one.
const (
	forEach   = "each callback"
	forBefore = "each before callback"
	forSpans  = "each callback whose fields are others in another version"
	forLists  = "each callback with a list that is never null"
	forTexts  = "each callback with a text or a number that is never empty"
	forOne    = "one callback, a message's if there is one"
)

// ProbeRules returns the rules of the probes, in the order in which they run.
func ProbeRules() []*validate.Rule {
	var all []*validate.Rule
	for i := range probes {
		all = append(all, &probes[i].Rule)
	}
	return all
}

// Probing chooses what is probed.
type Probing struct {
	// Callbacks are those to probe.
	Callbacks []*fixtures.Callback
	// After are the jobs that come first: nothing else is under way while a probe
	// is. A callback whose ordinary request failed in one, which is a result
	// without a case, is not probed. Nil: none.
	After Source
	// Apart gives each callback a result of its own, also where others got the
	// same.
	Apart bool
}

// Probes yields the jobs that come first, then one that sends the probes, one
// after another. Each of its results has the name of a probe as its case, and the
// callbacks that got it.
func (p *Player) Probes(o Probing) Source {
	return func(yield func(Job) bool) {
		before := &earlier{failed: make(map[string]words.Text), repeated: make(map[string]bool)}
		if o.After != nil {
			for job := range o.After {
				if !yield(before.watched(job)) {
					return
				}
			}
		}
		yield(func(ctx context.Context) []validate.Result {
			before.under.Wait()
			probes := &prober{Player: p, asked: o.Callbacks, earlier: before, apart: o.Apart}
			return probes.all(ctx)
		})
	}
}

// earlier is what is known of the jobs before the probes.
type earlier struct {
	under sync.WaitGroup
	mu    sync.Mutex
	// failed says what came of an ordinary request, by callback; repeated are those
	// that were covered, which sends one twice.
	failed   map[string]words.Text
	repeated map[string]bool
}

func (e *earlier) watched(job Job) Job {
	e.under.Add(1)
	return func(ctx context.Context) []validate.Result {
		defer e.under.Done()
		results := job(ctx)
		e.mu.Lock()
		defer e.mu.Unlock()
		for _, r := range results {
			if r.Case == "" && r.Verdict.Callback != nil {
				e.note(r.Verdict.Callback.Key, r)
			}
		}
		return results
	}
}

func (e *earlier) note(key string, r validate.Result) {
	if !usable(r) {
		e.failed[key] = got(r)
	}
	e.repeated[key] = r.Cover != nil && r.Cover.Unsent.IsZero()
}

// prober is a run of the probes.
type prober struct {
	*Player
	asked   []*fixtures.Callback
	earlier *earlier
	apart   bool

	usual  map[*fixtures.Callback]validate.Result // on the ordinary request
	late   words.Text                             // why no more ordinary requests are sent
	serves serving
	// dead: the receiver does not answer any more.
	dead bool
	// callback is the one that is probed, rule that of the probe.
	callback *fixtures.Callback
	rule     *validate.Rule
}

func (p *prober) all(ctx context.Context) []validate.Result {
	p.Sender.Close() // idle connections, of which some receivers serve one only
	results := p.ordinary(ctx)
	if ctx.Err() != nil {
		return nil
	}
	for i := range probes {
		if p.dead {
			return append(results, p.skipped("probes", p.answering(), say("skipped.dead", "probe", p.rule.ID)))
		}
		results = append(results, p.merged(p.each(ctx, &probes[i]))...)
		if ctx.Err() != nil {
			break
		}
	}
	return results
}

// ordinary sends the ordinary request of each callback: probes are compared with
// what comes back. Who gives no usable answer is skipped, in one result for each
// reason.
func (p *prober) ordinary(ctx context.Context) (results []validate.Result) {
	p.usual = make(map[*fixtures.Callback]validate.Result)
	failing := make(map[string][]*fixtures.Callback)
	var reasons []string
	for _, c := range p.asked {
		why := p.unanswered(ctx, c)
		if why.IsZero() {
			continue
		}
		reason := why.String()
		if failing[reason] == nil {
			reasons = append(reasons, reason)
		}
		failing[reason] = append(failing[reason], c)
	}
	for _, reason := range reasons {
		results = append(results, p.skipped("probes", failing[reason], words.Plain(reason)))
	}
	return results
}

// unanswered says why a callback can't be probed; zero: its ordinary request got
// a usable answer. After the first timeout nothing more is sent.
func (p *prober) unanswered(ctx context.Context, c *fixtures.Callback) words.Text {
	if failure := p.earlier.failed[c.Key]; !failure.IsZero() {
		return say("skipped.ordinary", "got", failure)
	}
	if !p.late.IsZero() {
		return p.late
	}
	r := p.Send(ctx, p.plain(c))
	if usable(r) {
		p.usual[c] = r
		return words.Text{}
	}
	if r.Exchange.Reply.Failure == validate.Timeout {
		p.late = say("skipped.late", "callback", c.Key)
	}
	return say("skipped.ordinary", "got", got(r))
}

func (p *prober) skipped(name string, callbacks []*fixtures.Callback, why words.Text) validate.Result {
	return validate.Result{
		Case: name, Skipped: why.String(), Callbacks: keysOf(callbacks),
		Verdict: validate.Verdict{Callback: callbacks[0], Server: p.Judging.Server()},
	}
}

func keysOf(callbacks []*fixtures.Callback) []string {
	return words.Names(callbacks, func(c *fixtures.Callback) string { return c.Key })
}

// answering are the callbacks that can be probed.
func (p *prober) answering() (callbacks []*fixtures.Callback) {
	for _, c := range p.asked {
		if _, ok := p.usual[c]; ok {
			callbacks = append(callbacks, c)
		}
	}
	return callbacks
}

// each runs a probe with the callbacks that it is made for. It ends with the
// first that gets no answer in time, as the others would take as long.
func (p *prober) each(ctx context.Context, one *probe) (results []validate.Result) {
	p.rule = &one.Rule
	callbacks := p.answering()
	switch p.rule.For {
	case forOne:
		callbacks = mostTelling(callbacks)
	case forBefore:
		callbacks = slices.DeleteFunc(callbacks, func(c *fixtures.Callback) bool { return c.Phase != fixtures.Before })
	}
	for _, p.callback = range callbacks {
		for _, r := range one.run(ctx, p) {
			if ctx.Err() != nil {
				return results
			}
			r.Case, r.Callbacks = "probe "+strings.TrimPrefix(p.rule.ID, prefix), []string{p.callback.Key}
			r.Findings = p.Judging.counted(r.Findings)
			results = append(results, r)
			if p.dead || r.Exchange.Reply.Failure == validate.Timeout {
				return results
			}
		}
	}
	return results
}

// preferred callbacks carry most and matter most.
var preferred = []string{"beforeSendSingleMsg", "beforeSendGroupMsg", "beforeAddFriend"}

// mostTelling is the one callback to probe a receiver with; none of none.
func mostTelling(callbacks []*fixtures.Callback) []*fixtures.Callback {
	rank := func(c *fixtures.Callback) int {
		named := slices.Index(preferred, c.Key)
		switch {
		case named >= 0:
			return named
		case c.Phase == fixtures.Before:
			return len(preferred)
		case c.IsMessage():
			return len(preferred) + 1
		default:
			return len(preferred) + 2
		}
	}
	if len(callbacks) == 0 {
		return nil
	}
	return []*fixtures.Callback{slices.MinFunc(callbacks, func(a, b *fixtures.Callback) int { return rank(a) - rank(b) })}
}

// merged tells the same result of many callbacks once.
func (p *prober) merged(results []validate.Result) []validate.Result {
	if p.apart {
		return results
	}
	var told []validate.Result
	first := make(map[string]int)
	for _, r := range results {
		same := fmt.Sprint(r.Skipped, r.Outcome, r.Findings)
		if i, known := first[same]; known {
			told[i].Callbacks = append(told[i].Callbacks, r.Callbacks...)
			continue
		}
		first[same] = len(told)
		told = append(told, r)
	}
	return told
}

// plain is an ordinary request of the callback, with fresh ids.
func (p *prober) plain(c *fixtures.Callback) *fixtures.Payload {
	payload, err := c.Payload(fixtures.PayloadOptions{Server: p.Judging.Server().Release})
	if err != nil {
		panic(err) // only a kind of message can be wrong
	}
	return payload
}

// try sends an ordinary request, changed by change if there is one.
func (p *prober) try(ctx context.Context, change func(*validate.Request)) validate.Result {
	return p.send(ctx, p.plain(p.callback), change)
}

func (p *prober) send(ctx context.Context, payload *fixtures.Payload, change func(*validate.Request)) validate.Result {
	return p.Judging.Judge(payload.Callback, p.exchange(ctx, payload, change))
}

// alive reports whether the receiver still answers.
func (p *prober) alive(ctx context.Context) bool {
	return p.try(ctx, nil).Exchange.Reply.Failure == "" || ctx.Err() != nil
}

// got says what came back, in the middle of a sentence.
func got(r validate.Result) words.Text {
	switch {
	case crashed(r):
		return say("got.nothing", "failure", r.Exchange.Reply.Failure)
	case unreadable(r):
		return say("got.unreadable")
	case r.Outcome == validate.Fail:
		return say("got.failure", "code", r.Client.ErrCode)
	case r.Outcome == validate.Nothing && r.Exchange.Reply.Status >= 500:
		return say("got.status", "status", r.Exchange.Reply.Status)
	case r.Outcome == validate.Refuse:
		return say("got.refusal", "code", r.Client.ErrCode)
	case r.Outcome == validate.Proceed:
		return say("got.allow")
	case r.Outcome == validate.Nothing:
		return say("got.answer")
	default:
		return say("got.outcome", "outcome", r.Outcome)
	}
}

// usable reports whether a reply came that OpenIM can use, or that says to an
// after callback that all is well.
func usable(r validate.Result) bool {
	failed := crashed(r) || unreadable(r) || r.Outcome == validate.Fail || r.Outcome == validate.Crash
	return !failed && (r.Outcome != validate.Nothing || r.Exchange.Reply.Status < 500)
}

// lets reports whether OpenIM would take a reply for an allow.
func lets(r validate.Result) bool {
	allowed := r.Outcome == validate.Proceed || r.Outcome == validate.Nothing
	return allowed && r.Exchange.Reply.Failure == "" && r.Exchange.Reply.Status/100 == 2
}

// crashed reports whether the receiver died or gave no answer at all.
func crashed(r validate.Result) bool {
	switch r.Exchange.Reply.Failure {
	case "", validate.TooLarge:
		return false
	}
	return true
}
