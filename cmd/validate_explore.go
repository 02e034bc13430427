package cmd

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/imcb-dev/imcb/cmd/run"
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator/play"
	"github.com/spf13/cobra"
)

// exploreFlags say how long requests are made by chance.
type exploreFlags struct {
	text     string
	duration time.Duration
	requests int
	save     string
	// of is the exploration of a run that has one.
	of *play.Exploration
}

func (f *exploreFlags) add(c *cobra.Command) {
	const explore = "also send requests made by chance, of all that servers send, for a `time` like 30s or a number " +
		"of them like 1000x; what goes another way is told by its smallest request"
	const save = "write what --explore finds to this new suite `file`: its cases fail until the receiver is mended"
	c.Flags().Func("explore", explore, shell.Optional(f.read))
	c.Flags().StringVar(&f.save, "save", "", save)
	shell.Needs(c, "save", "explore")
}

func (f *exploreFlags) read(text string) (err error) {
	if count, ok := strings.CutSuffix(text, "x"); ok {
		f.requests, err = strconv.Atoi(count)
	} else {
		f.duration, err = time.ParseDuration(text)
	}
	if f.text = text; err != nil || f.requests <= 0 && f.duration <= 0 {
		return shell.Usagef("--explore: %q is neither a time like 30s nor a number of requests like 1000x", text)
	}
	return nil
}

func (f *exploreFlags) on() bool { return f.text != "" }

// sent are the requests that cover the callbacks and, with --explore, others by
// chance; these are changes of those that --from has, where it is given.
func (o *validateOptions) sent(
	t *run.Target, cover play.CoverOptions, payloads []*fixtures.Payload,
) (play.Source, error) {
	if !o.explore.on() {
		return t.Cover(cover, payloads...), nil
	}
	x := &play.Exploration{For: o.explore.duration, Requests: o.explore.requests}
	o.explore.of = x
	if seed := o.Payload.Seed; seed != nil {
		x.Seed = *seed
	} else {
		x.Seed = rand.Uint64N(1_000_000) // people type it again
	}
	if len(o.From) == 0 {
		return t.Explore(x, cover, payloads...), nil
	}
	j, err := o.OpenRecorded()
	if err != nil {
		return nil, err
	}
	x.Recorded = j.Exchanges
	source := t.Explore(x, cover, payloads...)
	if err := j.Exit(nil); err != nil {
		return nil, err
	}
	if x.Callbacks() == 0 {
		return nil, shell.Usagef("%s holds no request of a callback that is checked", j.Name)
	}
	return source, nil
}

// exploring does a run, which may be one with --explore, and saves what that
// finds.
func (o *validateOptions) exploring(r *run.Run, do func() error) error {
	x := o.explore.of
	if x == nil {
		return do()
	}
	if o.explore.save == "" {
		return o.counting(r, do)
	}
	saved, err := newSavedSuite(o.explore.save, o.savedHead(r))
	if err != nil {
		return err
	}
	x.Found = saved.add
	return saved.close(o.App.Streams, o.counting(r, do))
}

// counting says what a run sends by chance, and the seed that chooses it.
func (o *validateOptions) counting(r *run.Run, do func() error) error {
	x := o.explore.of
	r.Progress = func() string {
		return fmt.Sprintf("%s made by chance, %d new", words.Count(x.Sent(), "request"), x.Told())
	}
	fmt.Fprintf(o.App.Err, "imcb: exploring for %s, seed %d: --seed %[2]d repeats it\n", o.explore.text, x.Seed)
	err := do()
	fmt.Fprintf(o.App.Err, "imcb: %s\n", r.Progress())
	return err
}

// savedHead is what stands before the cases of --save: what they need to fail.
func (o *validateOptions) savedHead(r *run.Run) string {
	head := fmt.Sprintf(`# What imcb validate --explore found, with seed %d. The cases fail until the
# receiver is mended; where a refusal is meant, write: outcome: refuse
server: %s
`, o.explore.of.Seed, r.Judging.Server())
	if o.App.Given["timeout"] {
		head += fmt.Sprintf("timeout: %s\n", o.Target.Timeout)
	}
	if o.App.Given["contract"] {
		head += fmt.Sprintf("contract: %s\n", o.Judging.Contract)
	}
	return head
}
