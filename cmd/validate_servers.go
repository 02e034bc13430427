package cmd

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/imcb-dev/imcb/cmd/run"
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator/play"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/suite"
)

// plan is what one of the versions of a run sends, and how it judges.
type plan struct {
	judging   *play.Judging
	callbacks []*fixtures.Callback
}

// together is what the versions of a run share.
type together struct {
	play.Together
	Seed *uint64
	Time time.Time
}

// judgings are those of the versions that were asked for.
func (o *validateOptions) judgings(r *run.Run) (all []*play.Judging) {
	if len(o.Payload.Servers) < 2 {
		return []*play.Judging{r.Judging}
	}
	for _, server := range o.Payload.Servers {
		all = append(all, r.Judging.As(server))
	}
	return all
}

func serversOf(all []*play.Judging) (servers []validate.Server) {
	for _, judging := range all {
		servers = append(servers, judging.Server())
	}
	return servers
}

// plans are those of the versions. Of several, each sends the named callbacks
// that it has.
func (o *validateOptions) plans(r *run.Run, names []string, suites []*suite.Suite) (plans []plan, note string, err error) {
	several := len(o.Payload.Servers) > 1
	if several && o.explore.on() {
		return nil, "", shell.Usagef("--explore plays one version: name one in --server")
	}
	some := false
	for _, judging := range o.judgings(r) {
		own := plan{judging: judging}
		if known := sentNames(names, judging.Server().Release); several && len(names) > 0 {
			own.callbacks, _, err = o.callbacks(judging, known, len(suites) > 0 || len(known) == 0)
		} else {
			own.callbacks, note, err = o.callbacks(judging, names, len(suites) > 0)
		}
		if err != nil {
			return nil, "", err
		}
		some = some || len(own.callbacks) > 0
		plans = append(plans, own)
	}
	if several {
		note = ""
		o.together = &together{Seed: o.Payload.Seed, Time: fixtures.StoryTime}
		if o.Payload.Seed == nil {
			o.together.Seed, o.together.Time = new(rand.Uint64()), time.Now()
		}
	}
	if several && !some && len(names) > 0 {
		return nil, "", shell.Usagef("none of these versions sends %s", strings.Join(names, ", "))
	}
	if err := o.checkUse(some, len(suites) > 0); err != nil {
		return nil, "", err
	}
	for i := range plans {
		if len(suites) == 1 && !some {
			plans[i].judging = plans[i].judging.With(suites[0])
		}
		if o.explore.on() {
			plans[i].callbacks = o.probed(plans[i].callbacks, suites)
		}
	}
	return plans, note, nil
}

// sentNames leaves out the callbacks that the version does not send. What is no
// callback stays: it is an error.
func sentNames(names []string, server fixtures.Release) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		c, known := fixtures.Find(name)
		if !known {
			return false
		}
		_, sent := c.At(server)
		return !sent
	})
}
