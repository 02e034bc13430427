package play

import (
	"context"
	"iter"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/suite"
)

// Exploration says what Player.Explore sends, and for how long; and tells, while
// it runs, what became of it.
type Exploration struct {
	// Seed chooses the requests. With a player that has a seed, too, and one job at
	// a time, they are the same in every run.
	Seed uint64
	// For is how long requests are made by chance, and Requests how many. 0: until
	// the context ends, or the other one is over.
	For      time.Duration
	Requests int
	// Recorded are requests to change in place of the ordinary ones; only callbacks
	// that are among them are explored. Nil: all are.
	Recorded iter.Seq[Recorded]
	// Found gets what was found as a case of a suite: it fails, and will not when
	// the receiver is mended. Calls come one at a time. Nil: nobody wants it.
	Found func(suite.Draft)

	callbacks   int
	sent, found atomic.Int64
	finding     sync.Mutex
}

// Callbacks is how many callbacks Explore explores.
func (x *Exploration) Callbacks() int { return x.callbacks }

// Sent is how many requests there were so far, beside those that cover the
// callbacks.
func (x *Exploration) Sent() int { return int(x.sent.Load()) }

// Told is how many results came of them so far.
func (x *Exploration) Told() int { return int(x.found.Load()) }

// Explore is Cover, and then sends requests made by chance: several values at
// once, texts that no case has, and every so often the same request again. What
// goes another way than all before is one more result, with the smallest request
// that shows it. A callback whose ordinary request fails is not explored.
//
// The recorded requests are read before it returns. An exploration is one run.
func (p *Player) Explore(x *Exploration, o CoverOptions, ordinary ...*fixtures.Payload) Source {
	e, explained := &explorer{Exploration: x}, p.explainer()
	var covering []Job
	for _, payload := range ordinary {
		c := newExplored(e, explained.coverer(o, payload))
		e.callbacks, covering = append(e.callbacks, c), append(covering, c.sendCovering)
	}
	e.takeRecorded()
	return Chain(slices.Values(covering), e.jobs)
}

// explorer makes requests of several callbacks by chance.
type explorer struct {
	*Exploration
	callbacks []*explored
	made      atomic.Uint64 // requests with ids of their own
	end       time.Time     // zero: there is none
	// last was answered; dead: nothing answers any more.
	last atomic.Pointer[tried]
	dead atomic.Bool
}

// tried is a request that was made by chance, and what came of it.
type tried struct {
	of     *explored
	k      fixtures.Case
	result validate.Result
}

// repeated is how many requests there are for each that is sent twice.
const repeated = 10

// jobs yields a job for each request.
func (e *explorer) jobs(yield func(Job) bool) {
	if e.For > 0 {
		e.end = time.Now().Add(e.For)
	}
	r := rand.New(rand.NewPCG(e.Seed, 0))
	for n := 1; e.Requests == 0 || n <= e.Requests; n++ {
		on := slices.DeleteFunc(slices.Clone(e.callbacks), func(c *explored) bool { return c.off.Load() })
		if len(on) == 0 || e.dead.Load() || e.over() {
			return
		}
		c := on[r.IntN(len(on))]
		k, again := c.next(r), n%repeated == 0
		if !yield(func(ctx context.Context) []validate.Result { return c.try(ctx, k, again) }) {
			return
		}
	}
}

func (e *explorer) over() bool { return !e.end.IsZero() && !time.Now().Before(e.end) }

// The most requests of a callback that are changed, of those that were recorded.
const mostRecorded = 100

// takeRecorded shares the recorded requests out among their callbacks.
func (e *explorer) takeRecorded() {
	defer func() { e.Exploration.callbacks = len(e.callbacks) }()
	if e.Recorded == nil {
		return
	}
	for r := range e.Recorded {
		for _, c := range e.callbacks {
			if c.ordinary.Callback == r.Callback {
				c.takeRecorded(r.Exchange.Request.Body)
			}
		}
	}
	e.callbacks = slices.DeleteFunc(e.callbacks, func(c *explored) bool { return len(c.recorded) == 0 })
}

// tell counts a result, and hands its case on.
func (e *explorer) tell(r validate.Result, d suite.Draft) []validate.Result {
	e.found.Add(1)
	e.save(r, d)
	return []validate.Result{r}
}

// save hands a case on that fails now.
func (e *explorer) save(r validate.Result, d suite.Draft) {
	fails := !r.OK(validate.Error) || r.Outcome != d.Outcome || r.Client.ErrCode != d.ErrCode
	if e.Found == nil || !fails {
		return
	}
	e.finding.Lock()
	defer e.finding.Unlock()
	e.Found(d)
}

// died tells that nothing answers any more after a request, once for all
// callbacks.
func (e *explorer) died(last *tried) []validate.Result {
	if !e.dead.CompareAndSwap(false, true) {
		return nil
	}
	r := last.result
	r.Case = last.of.ordinary.Callback.Key + " died"
	last.of.findDied(&r, &last.k)
	return e.tell(r, last.of.draft(last.k, r))
}
