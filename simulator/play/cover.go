package play

import (
	"context"
	"slices"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/tidwall/gjson"
)

// CoverOptions choose the requests that cover a callback. The zero value has
// each value of each field once, and one notification of a message.
type CoverOptions struct {
	// Cover says how much of the space of requests is sent. Empty: validate.CoverEach.
	Cover validate.Coverage
	// AllMessages adds the notifications of every kind.
	AllMessages bool
	// Edit changes each request but the first, which the caller has. One that it
	// returns an error for is not sent. Nil: none is changed.
	Edit func(*fixtures.Payload) error
}

// Cover sends for each callback its ordinary request, which is the one that is
// given, and then those that cover what servers send for it, one after another:
// see fixtures.Callback.Cases. A given kind of message other than text is that of
// all requests.
//
// A job has a result for the ordinary request, which counts them all, and one for
// each cause for which others went another way: their outcome, errCode or rules
// are not those of the ordinary one. Its request is the smallest that shows the
// cause. Where the ordinary request fails, the others are not sent.
//
// A failure may be the receiver's, not the callback's: why a request got no answer,
// or none in JSON, is measured by requests of its own, and the finding's hint says it.
func (p *Player) Cover(o CoverOptions, ordinary ...*fixtures.Payload) Source {
	explained := p.explainer()
	return jobs(slices.Values(ordinary), func(ctx context.Context, payload *fixtures.Payload) []validate.Result {
		return explained.coverer(o, payload).run(ctx)
	})
}

func (e *explainer) coverer(o CoverOptions, ordinary *fixtures.Payload) *coverer {
	return &coverer{
		judging: e.Judging, ordinary: ordinary, space: e.spaceOf(o, ordinary), alone: o.Cover == validate.CoverOne, send: e.sender(),
	}
}

// coverer covers one callback.
type coverer struct {
	judging  *Judging
	ordinary *fixtures.Payload
	space    *space
	// alone: there are no requests but the ordinary one.
	alone bool
	send  func(context.Context, *fixtures.Payload) validate.Result
	// title is what other results are called, before the name of the request. Nil:
	// as the ordinary one.
	title func(validate.Result) string

	usual  validate.Result // of the ordinary request
	cover  validate.Cover  // of all requests
	causes []*cause
	// ways are how requests went, by the names of their cases.
	ways map[string]way
	// expected are the results of the ordinary request: several, where it went
	// another way when it was sent again.
	expected []validate.Result
	well     []fixtures.Case // that went as expected
	last     *fixtures.Case  // that was sent and answered
	timeouts int             // in a row
}

// cause is what other requests have in common that went another way.
type cause struct {
	way    way
	of     fixtures.Case
	result validate.Result
	names  []string // of all its requests
}

// mostTimeouts in a row end a callback's requests: each takes seconds.
const mostTimeouts = 3

// mostReset is how many connections in a row have to end before a receiver is
// taken to be dead.
const mostReset = 5

func (c *coverer) run(ctx context.Context) []validate.Result {
	c.usual = c.send(ctx, c.ordinary)
	c.ways, c.expected, c.cover.Requests = make(map[string]way), []validate.Result{c.usual}, 1
	set := c.space.cases()
	switch {
	case c.alone, canceled(c.usual):
		return []validate.Result{c.usual}
	case !c.usual.Exchange.Reply.Reached(), !c.usual.OK(validate.Error):
		c.leave(len(set), say("cover.failed", "n", len(set)))
	default:
		c.cover.Well = 1
		if c.sendAll(ctx, set) && (!c.space.pairs || c.sendAll(ctx, c.space.pairsOf(c.well))) {
			c.sendAgain(ctx)
		}
	}
	return c.results()
}

// leave says why so many requests are not sent.
func (c *coverer) leave(n int, why words.Text) {
	if n > 0 {
		c.cover.Unsent = why
	}
}

// sendAll sends the requests of cases, and reports whether it came to their end.
func (c *coverer) sendAll(ctx context.Context, cases []fixtures.Case) bool {
	for i, k := range cases {
		r, ok := c.try(ctx, k)
		if !ok {
			continue
		}
		left := len(cases) - i - 1
		switch {
		case canceled(r):
			c.leave(left+1, say("cover.cut", "n", left+1))
			return false
		case !r.Exchange.Reply.Reached():
			c.died(left + 1)
			return false
		}
		c.cover.Requests++
		if c.timeouts == 0 { // else it may be because of the one before
			c.last = &k
		}
		if !c.judge(ctx, k, r) {
			c.died(left)
			return false
		}
		if c.timeouts >= mostTimeouts {
			c.tooLate(ctx, left)
			return false
		}
	}
	return true
}

// tooLate ends the requests after several without an answer, and looks whether
// there is none at all any more.
func (c *coverer) tooLate(ctx context.Context, left int) {
	if again := c.send(ctx, c.ordinary); again.Exchange.Reply.Failure != "" && !canceled(again) {
		c.died(left)
	}
	c.leave(left, say("cover.timeouts", "n", left, "timeouts", mostTimeouts))
}

// try sends the request of a case, unless there is none like that.
func (c *coverer) try(ctx context.Context, k fixtures.Case) (r validate.Result, ok bool) {
	payload, ok := c.space.payload(k)
	if !ok {
		return r, false
	}
	r = c.surely(ctx, payload)
	c.ways[k.Name] = wayOf(r)
	return r, true
}

// judge finds the cause of a result that is not as expected. It reports whether
// the receiver still answers.
func (c *coverer) judge(ctx context.Context, k fixtures.Case, r validate.Result) bool {
	w := c.ways[k.Name]
	late := r.Exchange.Reply.Failure == validate.Timeout
	c.timeouts++
	if !late {
		c.timeouts = 0
	}
	if c.asExpected(r) {
		c.cover.Well++
		c.well = append(c.well, k)
		return true
	}
	if known := c.causeOf(w); known != nil {
		known.names = append(known.names, k.Name)
		switch {
		case isNotification(known.of) && !isNotification(k):
			known.of, known.result = k, r
			c.shrink(ctx, known)
		case smaller(k, known.of) && isNotification(known.of) == isNotification(k):
			known.of, known.result = k, r
		}
		return true
	}
	if late { // to ask once more takes as long again, and it may still be busy
		c.causes = append(c.causes, &cause{way: w, of: k, result: r, names: []string{k.Name}})
		return true
	}
	return c.newCause(ctx, k, r)
}

func (c *coverer) causeOf(w way) *cause {
	for _, known := range c.causes {
		if known.way == w {
			return known
		}
	}
	return nil
}

// newCause makes sure that it is the request that makes the difference, and
// looks for the smallest one that does. It reports whether the receiver still
// answers.
func (c *coverer) newCause(ctx context.Context, k fixtures.Case, r validate.Result) bool {
	w := c.ways[k.Name]
	again := c.surely(ctx, c.ordinary)
	silent := again.Exchange.Reply.Failure != ""
	if wayOf(again) == w && !silent {
		c.changed(again)
		c.cover.Well++
		return true
	}
	found := &cause{way: w, of: k, result: r, names: []string{k.Name}}
	c.causes = append(c.causes, found)
	if silent {
		return canceled(again)
	}
	c.shrink(ctx, found)
	return true
}

// isNotification reports whether a request's kind of message changes more than
// the case says: a notification has its own sender, too.
func isNotification(k fixtures.Case) bool {
	return slices.ContainsFunc(k.Differs, func(d fixtures.Difference) bool {
		return d.Path == contentType && fixtures.IsNotification(int(gjson.ParseBytes(d.Value).Int()))
	})
}

// shrink looks for the smallest request that shows a cause.
func (c *coverer) shrink(ctx context.Context, found *cause) {
	k, w := found.of, found.way
	differs := shrink(k.Differs, func(fewer []fixtures.Difference) bool {
		less := c.space.named(k.With(fewer))
		if _, sent := c.ways[less.Name]; !sent && len(fewer) > 0 {
			if r, ok := c.try(ctx, less); ok && wayOf(r) == w {
				found.result = r
			}
		}
		return c.ways[less.Name] == w
	})
	if len(differs) < len(k.Differs) {
		found.of = c.space.named(k.With(differs))
	}
}

// surely sends a request. A connection may have ended with the request before,
// whose body was not read: then others are tried.
func (c *coverer) surely(ctx context.Context, payload *fixtures.Payload) (r validate.Result) {
	for range mostReset {
		r = c.send(ctx, payload)
		if r.Exchange.Reply.Failure != validate.Reset {
			break
		}
	}
	return r
}

// changed takes another answer to the ordinary request: it is no other request's
// fault.
func (c *coverer) changed(again validate.Result) {
	c.expected = append(c.expected, again)
	if !differ(c.usual, again) {
		return // but for milder rules: an answer that came late, for example
	}
	var after words.Text
	if c.cover.Well > 1 && c.last != nil { // others went well before
		after = say("cover-again.after", "when", validate.When(c.last.Differs))
	}
	c.findAgain(&c.usual, c.usual, again, after)
}

// findAgain adds that a request got two answers, the second one after what after
// says, if anything.
func (c *coverer) findAgain(r *validate.Result, first, second validate.Result, after words.Text) {
	severity := validate.Warning
	if !second.OK(validate.Error) {
		severity = validate.Error
	}
	message := say("cover-again", "first", wentText(first), "second", wentText(second), "after", after)
	c.find(r, &ruleCoverAgain, severity, message, say("cover-again.hint"))
}

// sendAgain sends the ordinary request once more, byte for byte, unless it is
// known that its answers differ.
func (c *coverer) sendAgain(ctx context.Context) {
	if len(c.expected) > 1 {
		return
	}
	again := c.surely(ctx, c.ordinary)
	switch {
	case canceled(again):
	case !again.Exchange.Reply.Reached():
		c.died(0)
	case !c.asExpected(again):
		c.changed(again)
	}
}

// died says after which request nothing answers any more.
func (c *coverer) died(left int) {
	c.leave(left, say("cover.cut", "n", left))
	c.findDied(&c.usual, c.last)
}

// findDied adds that nothing answers any more after a case; nil: it is not known
// after which.
func (c *coverer) findDied(r *validate.Result, after *fixtures.Case) {
	message := say("cover-died")
	if after != nil {
		message = say("cover-died.after", "when", validate.When(after.Differs))
	}
	c.find(r, &ruleCoverDied, validate.Error, message, say("dead.hint"))
}

func canceled(r validate.Result) bool { return r.Exchange.Reply.Failure == validate.Canceled }

// find adds a finding to a result.
func (c *coverer) find(r *validate.Result, rule *validate.Rule, severity validate.Severity, message, hint words.Text) {
	found := c.judging.finding(rule, severity, message, hint)
	r.Findings = slices.Concat(r.Findings, c.judging.counted([]validate.Finding{found}))
	validate.SortFindings(r.Findings)
}
