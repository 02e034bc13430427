package suite

import (
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// condition says on what condition a server sends a step, or a group's steps.
type condition struct {
	fixtures.Span
	// when is what must be so; each is what it comes once for. They are for
	// people: such a step is sent, once.
	when, each string
}

// part is a step or a group of them.
type part interface {
	// order returns the steps that the release sends, in an order in which it
	// may send them.
	order(v fixtures.Release, chance *rand.Rand) []*Step
}

// group is steps that belong together: those of a case, or some of them.
type group struct {
	condition
	in *group
	// unordered: a server sends the parts at the same time.
	unordered bool
	parts     []part
	// offset is how many steps of the case come before it in the file.
	offset int
	// message is the kind of the one message that its message callbacks are about:
	// they have the same ids.
	message string
}

func (g *group) order(v fixtures.Release, chance *rand.Rand) []*Step {
	if !g.Has(v) {
		return nil
	}
	orders := make([][]*Step, 0, len(g.parts))
	for _, p := range g.parts {
		if steps := p.order(v, chance); len(steps) > 0 {
			orders = append(orders, steps)
		}
	}
	if g.unordered {
		return interleave(orders, chance)
	}
	return slices.Concat(orders...)
}

func (s *Step) order(v fixtures.Release, _ *rand.Rand) []*Step {
	if !s.Has(v) {
		return nil
	}
	return []*Step{s}
}

// interleave mixes lists; each keeps its order.
func interleave(lists [][]*Step, chance *rand.Rand) (mixed []*Step) {
	for len(lists) > 0 {
		i := chance.IntN(len(lists))
		mixed = append(mixed, lists[i][0])
		if lists[i] = lists[i][1:]; len(lists[i]) == 0 {
			lists = slices.Delete(lists, i, i+1)
		}
	}
	return mixed
}

// follows reports whether a server sends s after other, always.
func (s *Step) follows(other *Step) bool {
	for g := s.in; g != nil; g = g.in {
		if other.within(g) {
			return !g.unordered && other.Number < s.Number
		}
	}
	return false
}

func (s *Step) within(g *group) bool {
	for at := s.in; at != nil; at = at.in {
		if at == g {
			return true
		}
	}
	return false
}

// sent returns the steps that the release sends, as the file has them.
func (c *Case) sent(v fixtures.Release) []*Step {
	return slices.DeleteFunc(slices.Clone(c.Steps), func(s *Step) bool {
		left := !s.Has(v)
		for g := s.in; g != nil; g = g.in {
			left = left || !g.Has(v)
		}
		return left
	})
}

// about is the group of the steps that are about the same message; nil: there is
// none.
func (s *Step) about() *group {
	for g := s.in; g != nil; g = g.in {
		if g.message != "" {
			return g
		}
	}
	return nil
}

// groupKeys are the keys of a group within a case.
var groupKeys = sync.OnceValue(func() *table[group] {
	nothing := func(*decoder, *group, *yamlfile.Node) {}
	keys := []key[group]{
		yamlfile.NewKey("steps", "Steps, one after another.", partsSchema, nothing),
		yamlfile.NewKey("unordered", "Steps that a server sends at the same time: in any order, which the seed decides.", partsSchema, nothing),
		yamlfile.NewKey("message", "The kind of the one message that the steps are about: they have the same ids.", yamlfile.WordSchema, readGroupMessage),
	}
	conditions := yamlfile.Lift(conditionKeys(), func(g *group) *condition { return &g.condition })
	return yamlfile.NewTable(say("what.group"), append(keys, conditions...))
})

func readGroupMessage(d *decoder, g *group, n *yamlfile.Node) {
	g.message, _ = d.Word(n, "message")
}

// conditionKeys are the keys of a condition.
func conditionKeys() []key[condition] {
	return append(spanKeys(),
		yamlfile.NewKey("when", "What must be so that a server sends this. It is sent.", yamlfile.TextSchema, func(d *decoder, c *condition, n *yamlfile.Node) {
			c.when, _ = d.Word(n, "when")
		}),
		yamlfile.NewKey("each", "What a server sends this once for. It is sent once.", yamlfile.TextSchema, func(d *decoder, c *condition, n *yamlfile.Node) {
			c.each, _ = d.Word(n, "each")
		}))
}

// spanKeys are the keys of a range of versions.
func spanKeys() []key[condition] {
	return []key[condition]{
		yamlfile.NewKey("since", "The first OpenIM version that sends this; it is left out for earlier ones.", versionSchema(), readVersion(func(c *condition) **fixtures.Release { return &c.Since })),
		yamlfile.NewKey("until", "The last OpenIM version that sends this; it is left out for later ones.", versionSchema(), readVersion(func(c *condition) **fixtures.Release { return &c.Until })),
	}
}

func readVersion(end func(*condition) **fixtures.Release) func(*decoder, *condition, *yamlfile.Node) {
	return func(d *decoder, c *condition, n *yamlfile.Node) {
		server, err := validate.ParseServer(n.Written)
		if !d.Failed(n.Place, err) {
			*end(c) = &server.Release
		}
	}
}

// checkSpan rejects a range of versions that has none.
func (d *decoder) checkSpan(c condition, n *yamlfile.Node) {
	if c.Since != nil && c.Until != nil && *c.Since > *c.Until {
		d.Fail(n.Get("until").Place, say("span.empty", "since", *c.Since, "until", *c.Until))
	}
}

// isGroup reports whether an item of a list of steps is a group of them.
func isGroup(n *yamlfile.Node) bool { return n.Get("steps") != nil || n.Get("unordered") != nil }

// readParts reads the steps and groups of g.
func (d *decoder) readParts(draft *caseDraft, g *group, list *yamlfile.Node) {
	what := "steps"
	if g.unordered {
		what = "unordered"
	}
	if !d.Want(list, yamlfile.List, what) {
		return
	}
	for _, item := range list.Items {
		if !d.Want(item, yamlfile.Mapping, say("what.step")) {
			continue
		}
		if isGroup(item) {
			d.readGroup(draft, g, item)
		} else {
			d.readStep(draft, g, item)
		}
	}
	if n := len(draft.Steps); len(list.Items) == 0 {
		d.Fail(list.Place, say("step.count", "most", maxSteps, "n", 0))
	} else if n > maxSteps {
		d.Fail(list.Place, say("step.count", "most", maxSteps, "n", n))
	}
}

func (d *decoder) readGroup(draft *caseDraft, in *group, n *yamlfile.Node) {
	g := &group{in: in, offset: len(draft.Steps)}
	groupKeys().Read(d, g, n)
	d.checkSpan(g.condition, n)
	list := n.Get("steps")
	if unordered := n.Get("unordered"); unordered != nil {
		if list != nil {
			d.Fail(unordered.Place, say("group.both"))
		}
		g.unordered, list = true, unordered
	}
	d.readParts(draft, g, list)
	in.parts = append(in.parts, g)
}

func (d *decoder) readStep(draft *caseDraft, in *group, n *yamlfile.Node) {
	s := &Step{
		Number: len(draft.Steps) + 1, Line: n.Line, suite: d.suite, in: in,
		headers: draft.single.headers, operationID: draft.single.operationID,
	}
	d.step, d.before = s, draft.Steps
	stepKeys().Read(d, s, n)
	d.checkSpan(s.condition, n)
	d.finishStep(s, n)
	draft.Steps = append(draft.Steps, s)
	in.parts = append(in.parts, s)
}
