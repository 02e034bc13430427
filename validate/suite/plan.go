package suite

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
)

// Run is one case, once.
type Run struct {
	// Name is the case's; a case that repeats adds which time it is.
	Name string
	File string
	// Skipped is why the case is not run. Empty: it is.
	Skipped string
	Steps   []*Step

	root       *group
	repetition int
}

// Plan yields the runs of the selected cases, one after another: the
// repetitions of a case take no space before their turn. Skipped cases come
// once.
func (s *Suite) Plan(f Filter) iter.Seq[Run] {
	selects := f.selects()
	return func(yield func(Run) bool) {
		for _, c := range s.Cases {
			if !selects(c) {
				continue
			}
			for i := range c.runs() {
				if !yield(s.run(c, i)) {
					return
				}
			}
		}
	}
}

func (c *Case) runs() int {
	if c.Skip != "" {
		return 1
	}
	return c.Repeat
}

func (s *Suite) run(c *Case, repetition int) Run {
	r := Run{Name: c.Name, File: s.File, Skipped: c.Skip, Steps: c.Steps, root: &c.root, repetition: repetition}
	if n := c.runs(); n > 1 {
		r.Name = fmt.Sprintf("%s (%d of %d)", c.Name, repetition+1, n)
	}
	return r
}

// Order returns the steps that the server version of opts sends, in an order in
// which it may send them: unordered ones as the seed has it, that of opts or the
// file's, or else by chance.
func (r Run) Order(opts fixtures.PayloadOptions) []*Step {
	seed := rand.Uint64()
	if own := r.Steps[0].seed(opts.Seed, r.repetition); own != nil {
		seed = *own
	}
	return r.root.order(opts.Server.OrDefault(), rand.New(rand.NewPCG(seed, 0)))
}

// Unsent is why the case is skipped whose Order is empty.
func (r Run) Unsent(server fixtures.Release) string { return say("unsent", "server", server).String() }

// Captures returns the empty captures of this run.
func (r Run) Captures() *Captures { return &Captures{repetition: r.repetition} }

// Title is the name of a step in reports: the run's own when it has no other.
func (r Run) Title(s *Step) string {
	if len(r.Steps) == 1 && s.Name == "" {
		return r.Name
	}
	name := s.Name
	if name == "" {
		name = s.Callback.Key
	}
	return fmt.Sprintf("%s > %d %s", r.Name, s.Number, name)
}

// Result returns a result about a step without verdict and exchange: for one
// that is skipped or can't be sent, or to be completed.
func (r Run) Result(s *Step, server validate.Server) validate.Result {
	return validate.Result{
		Verdict: validate.Verdict{Callback: s.Callback, Server: server},
		Case:    r.Title(s), File: r.File, Line: s.Line, Skipped: r.Skipped,
	}
}

// AfterFailure is why the steps after a failed one are skipped.
func (r Run) AfterFailure(failed *Step) string {
	return say("after-failure", "step", failed.Number, "callback", failed.Callback.Key).String()
}

// Filter selects cases. Each of its lists is empty when it selects nothing in
// particular.
type Filter struct {
	// Only selects cases whose name matches one of these: a part of the name,
	// or the whole of it with * and ? for what is open. Letter case does not
	// matter.
	Only []string
	// Skip leaves out cases whose name matches one of these.
	Skip []string
	// Tags selects cases that have one of these tags.
	Tags []string
}

// selects returns what reports whether a case is selected.
func (f Filter) selects() func(*Case) bool {
	only, skip := patternsOf(f.Only), patternsOf(f.Skip)
	return func(c *Case) bool {
		matches := func(p *regexp.Regexp) bool { return p.MatchString(c.Name) }
		tagged := func(tag string) bool { return slices.Contains(c.Tags, tag) }
		return (len(only) == 0 || slices.ContainsFunc(only, matches)) && !slices.ContainsFunc(skip, matches) &&
			(len(f.Tags) == 0 || slices.ContainsFunc(f.Tags, tagged))
	}
}

// patternsOf are patterns with * and ?, or else parts of names.
func patternsOf(patterns []string) []*regexp.Regexp {
	all := make([]*regexp.Regexp, len(patterns))
	for i, p := range patterns {
		text := regexp.QuoteMeta(strings.ToValidUTF8(p, "\uFFFD"))
		if strings.ContainsAny(p, "*?") {
			text = "^" + strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(text) + "$"
		}
		all[i] = regexp.MustCompile("(?is)" + text)
	}
	return all
}
