package play

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/suite"
)

// explored is a callback whose requests are made by chance.
type explored struct {
	*coverer
	run      *explorer
	mixer    *fixtures.Mixer
	recorded []fixtures.Case
	covered  chan struct{} // closed: it was
	off      atomic.Bool   // it gets no more requests

	mu    sync.Mutex // of what follows, and of the coverer
	known []*difference
	// unsteady: it was told that the answers to one request differ.
	unsteady bool
}

// difference is what makes requests go another way: each of the variants does,
// all of the same fields.
type difference struct {
	way      way
	variants [][]fixtures.Difference
}

// The limits on the differences of a callback, which gets no more requests then,
// and on the variants of one: the fields alone explain a request then.
const (
	mostKnown    = 100
	mostVariants = 10
)

func newExplored(e *explorer, c *coverer) *explored {
	return &explored{coverer: c, run: e, mixer: c.ordinary.Callback.Mixer(c.ordinary.Server), covered: make(chan struct{})}
}

// sendCovering sends the requests that cover the callback; what made these go
// another way is known from then on.
func (c *explored) sendCovering(ctx context.Context) []validate.Result {
	defer close(c.covered)
	results := c.coverer.run(ctx)
	for _, found := range c.causes {
		c.learn(found.way, found.of.Differs)
		c.run.save(found.result, c.draft(found.of, found.result))
		for _, k := range c.space.all {
			if slices.Contains(found.names, k.Name) {
				c.learn(found.way, k.Differs)
			}
		}
	}
	failed := len(c.expected) == 1 && !c.usual.OK(validate.Error)
	c.off.Store(failed || !c.cover.Unsent.IsZero() || !c.usual.Exchange.Reply.Reached())
	return results
}

// takeRecorded keeps a request that was recorded, unless there is one like it.
func (c *explored) takeRecorded(body []byte) {
	k, err := c.ordinary.Callback.CaseOf(c.ordinary.Server, body)
	same := func(other fixtures.Case) bool { return other.Name == k.Name }
	if err == nil && len(c.recorded) < mostRecorded && !slices.ContainsFunc(c.recorded, same) {
		c.recorded = append(c.recorded, k)
	}
}

// next makes a request by chance, without what all requests of the run have.
func (c *explored) next(r *rand.Rand) fixtures.Case {
	base := c.space.base
	if len(c.recorded) > 0 {
		base = c.recorded[r.IntN(len(c.recorded))].Differs
	}
	k := c.mixer.Next(r, base)
	if len(c.space.base) == 0 {
		return k
	}
	kind := k.With(c.space.base)
	return k.With(slices.DeleteFunc(k.Differs, func(d fixtures.Difference) bool {
		return !kind.Fits(k.With([]fixtures.Difference{d}))
	}))
}

// request sends the request of a case, with ids of its own. There may be none
// such.
func (c *explored) request(ctx context.Context, k fixtures.Case) (r validate.Result, p *fixtures.Payload, ok bool) {
	opts := c.space.options
	if opts.Seed != nil {
		const from = 1 << 32 // beyond those of the covering requests
		opts.Seed = new(*opts.Seed + from + c.run.made.Add(1))
	}
	p, err := c.space.make(c.space.full(k), opts)
	if err != nil || c.space.sends != nil && !c.space.sends(p) {
		return r, p, false
	}
	c.run.sent.Add(1)
	return c.send(ctx, p), p, true
}

// try sends a request that was made by chance, perhaps twice.
func (c *explored) try(ctx context.Context, k fixtures.Case, again bool) []validate.Result {
	select {
	case <-c.covered:
	case <-ctx.Done():
	}
	if c.off.Load() || c.run.dead.Load() || ctx.Err() != nil {
		return nil
	}
	r, p, ok := c.request(ctx, k)
	if !ok || canceled(r) {
		return nil
	}
	if again {
		c.run.sent.Add(1)
		if second := c.send(ctx, p); !canceled(second) && differ(r, second) {
			return c.sentTwice(r, second)
		}
	}
	return c.judge(ctx, &tried{c, k, r})
}

// judge tells what is new in what came of a request.
func (c *explored) judge(ctx context.Context, t *tried) []validate.Result {
	w := wayOf(t.result)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !t.result.Exchange.Reply.Reached():
		return c.run.died(cmp.Or(c.run.last.Load(), t))
	case c.off.Load(), c.asExpected(t.result), c.explains(w, t.k.Differs):
		c.run.last.Store(t)
		return nil
	}
	if second, _, _ := c.request(ctx, t.k); second.Exchange.Reply.Reached() && wayOf(second) != w {
		return c.differently(t.result, second, c.draft(t.k, second))
	}
	again, _, _ := c.request(ctx, t.k.With(nil))
	switch {
	case canceled(again):
	case !again.Exchange.Reply.Reached():
		return c.run.died(t)
	case wayOf(again) == w:
		c.expected = append(c.expected, again)
		return c.differently(c.usual, again, c.draft(t.k.With(nil), again))
	}
	return c.cause(ctx, t.k, t.result)
}

// cause looks for the smallest request that goes the way of the result.
func (c *explored) cause(ctx context.Context, k fixtures.Case, r validate.Result) []validate.Result {
	w := wayOf(r)
	late := r.Exchange.Reply.Failure == validate.Timeout
	differs := shrink(k.Differs, func(fewer []fixtures.Difference) bool {
		if late && c.run.over() {
			return false // each takes seconds
		}
		smaller, _, ok := c.request(ctx, k.With(fewer))
		if ok && wayOf(smaller) == w {
			r = smaller
			return true
		}
		return false
	})
	if !c.learn(w, differs) {
		return nil
	}
	c.off.Store(len(c.known) >= mostKnown)
	of := c.space.named(k.With(differs))
	told := c.resultOf(&cause{way: w, of: of, result: r, names: []string{of.Name}})
	if len(told.Findings) == 0 {
		return nil // it is better than the ordinary one
	}
	return c.run.tell(told, c.draft(of, r))
}

// learn notes what makes requests go another way, and reports whether no other
// of the same fields does.
func (c *explored) learn(w way, differs []fixtures.Difference) bool {
	for _, d := range c.known {
		if d.way == w && slices.Equal(pathsOf(d.variants[0]), pathsOf(differs)) {
			if len(d.variants) < mostVariants {
				d.variants = append(d.variants, differs)
			}
			return false
		}
	}
	c.known = append(c.known, &difference{w, [][]fixtures.Difference{differs}})
	return true
}

// explains reports whether it is known what makes the request go that way.
func (c *explored) explains(w way, differs []fixtures.Difference) bool {
	return slices.ContainsFunc(c.known, func(d *difference) bool { return d.way == w && d.in(differs) })
}

func (d *difference) in(differs []fixtures.Difference) bool {
	if len(d.variants) == mostVariants && holdsAll(differs, d.variants[0], samePath) {
		return true
	}
	return slices.ContainsFunc(d.variants, func(variant []fixtures.Difference) bool {
		return holdsAll(differs, variant, sameDifference)
	})
}

// holdsAll reports whether some differences are all among others.
func holdsAll(all, some []fixtures.Difference, like func(a, b fixtures.Difference) bool) bool {
	return !slices.ContainsFunc(some, func(a fixtures.Difference) bool {
		return !slices.ContainsFunc(all, func(b fixtures.Difference) bool { return like(a, b) })
	})
}

func samePath(a, b fixtures.Difference) bool { return a.Path == b.Path }

func pathsOf(differs []fixtures.Difference) []string {
	paths := words.Names(differs, func(d fixtures.Difference) string { return d.Path })
	slices.Sort(paths)
	return paths
}

// sentTwice tells that the same request got two answers, byte for byte.
func (c *explored) sentTwice(first, second validate.Result) []validate.Result {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := c.draft(c.space.all[0], second)
	d.Name, d.Times, d.Body = c.ordinary.Callback.Key+" twice", 2, second.Exchange.Request.Body
	return c.differently(first, second, d)
}

// differently tells of a callback once that the answers to a request differ.
func (c *explored) differently(first, second validate.Result, d suite.Draft) []validate.Result {
	if c.unsteady || !differ(first, second) {
		return nil
	}
	c.unsteady = true
	second.Case = c.ordinary.Callback.Key + " again"
	c.findAgain(&second, first, second, words.Text{})
	return c.run.tell(second, d)
}

// draft is the case that goes well when it goes as the ordinary request does.
func (c *explored) draft(k fixtures.Case, r validate.Result) suite.Draft {
	d := suite.Draft{
		Name: c.ordinary.Callback.Key + " " + k.Name, Callback: c.ordinary.Callback, Differs: c.space.full(k).Differs,
		Outcome: c.usual.Outcome, ErrCode: c.usual.Client.ErrCode,
	}
	if c.space.edited {
		d.Body = r.Exchange.Request.Body
	}
	return d
}
