package cmd

import (
	"context"
	"fmt"
	"slices"

	"github.com/imcb-dev/imcb/cmd/run"
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator/play"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/report"
	"github.com/imcb-dev/imcb/validate/suite"
)

func (o *validateOptions) live(ctx context.Context, r *run.Run) error {
	cover, err := o.Payload.TakeCover()
	if err != nil {
		return err
	}
	if o.App.Given["cover"] {
		o.suites.Cover = cover.Cover
	}
	suites, names, err := o.suites.Load(o.Names, o.App.Streams)
	if err != nil {
		return err
	}
	plans, note, err := o.plans(r, names, suites)
	if err != nil {
		return err
	}
	r.Judging = plans[0].judging
	if o.Target.URL == "" && !o.Target.Mock && len(suites) > 0 {
		o.Target.URL = suites[0].URL
	}
	t, err := o.Target.Open(ctx, o.App.Streams, r.Judging)
	if err != nil {
		return err
	}
	defer t.Release()
	jobs, err := o.jobsOf(t, plans, cover, suites)
	if err != nil {
		return err
	}
	planned := 0
	for _, one := range plans {
		planned += len(one.callbacks)
	}
	if len(suites) > 0 || o.probe || o.explore.on() {
		planned = 0 // what they make depends on what comes back
	}
	r.Live = true
	base := o.Target.URL
	if o.Target.Mock {
		base = "" // it is there
	}
	return o.exploring(r, func() error {
		return o.process.Around(ctx, base, o.App.Streams, func(ctx context.Context) error {
			return r.Do(ctx, jobs, o.Output, report.Run{Servers: o.servers(plans, suites), Target: t.Name, Note: note, Planned: planned})
		})
	})
}

// checkUse rejects flags on the command line that would do nothing in a run
// without callbacks of their own, or without suites.
func (o *validateOptions) checkUse(callbacks, suites bool) error {
	flags := run.MadeOnly
	if !o.suites.Scenarios() {
		flags = append([]string{"cover"}, flags...)
	}
	for _, flag := range flags {
		if !callbacks && o.App.Typed[flag] {
			return shell.Usagef("--%s changes the callbacks that are named; a suite says in its file what it sends", flag)
		}
	}
	for _, flag := range run.CaseFilters {
		if !suites && o.App.Typed[flag] {
			return shell.Usagef("--%s chooses among the cases of a suite: name a SUITE.yaml or a --scenario", flag)
		}
	}
	return nil
}

// callbacks are those to send: the named ones, those of webhooks.yml or, unless
// there are suites, all that the version sends.
func (o *validateOptions) callbacks(judging *play.Judging, names []string, suites bool) (callbacks []*fixtures.Callback, note string, err error) {
	server := judging.Server().Release
	if o.webhooks != "" {
		if len(names) > 0 || o.All || o.Every {
			return nil, "", shell.Usagef("--webhooks says which callbacks to send; leave their names, --all and --every out")
		}
		callbacks, err = o.takeWebhooks(judging)
		return callbacks, "", err
	}
	own := o.Flags
	own.Payload.Server = judging.Server()
	if callbacks, err = own.SelectCallbacks(names); err != nil || len(callbacks) > 0 || suites {
		return callbacks, "", err
	}
	if o.Payload.Message != "" {
		return nil, "", shell.Usagef("--message needs callbacks that carry a message: name them, for example beforeSendGroupMsg")
	}
	callbacks = fixtures.SentBy(server)
	return callbacks, fmt.Sprintf("%d more are not sent by OpenIM %s; --every checks them too", len(fixtures.Keys())-len(callbacks), server), nil
}

// takeWebhooks reads OpenIM's configuration file and takes what it says for the
// run: the url, unless one is given, and each callback's own timeout and
// failedContinue. It returns the callbacks that the version sends with it.
func (o *validateOptions) takeWebhooks(judging *play.Judging) ([]*fixtures.Callback, error) {
	file, err := readWebhooks(o.App.Streams, o.webhooks)
	if err != nil {
		return nil, err
	}
	server := judging.Server().Release
	if !file.Reads(server) {
		return nil, shell.Usagef("OpenIM %s does not read %s: `imcb lint %s` says why", server, o.webhooks, o.webhooks)
	}
	if o.Target.URL == "" && !o.Target.Mock {
		o.Target.URL = file.URL()
	}
	sent, filtered := judging.Webhooks(file, o.Payload.Message)
	for _, c := range filtered {
		fmt.Fprintf(o.App.Err, "imcb: note: %s is on, but its filters leave out the message that imcb sends\n", c.Key)
	}
	if len(sent) == 0 {
		fmt.Fprintf(o.App.Err, "imcb: no callback is on in %s for OpenIM %s\n", o.webhooks, server)
	}
	return sent, nil
}

// jobsOf are the requests that cover the callbacks, the suites' cases and the
// probes, in this order. The probes are made once, as the first version.
func (o *validateOptions) jobsOf(t *run.Target, plans []plan, cover play.CoverOptions, suites []*suite.Suite) (play.Source, error) {
	t.OperationID, t.Seed = o.Payload.OperationID, o.Payload.Seed
	var all []play.Source
	for _, one := range plans {
		own := *t
		own.Judging = one.judging
		sent, err := o.sentBy(own, one, cover)
		if err != nil {
			return nil, err
		}
		all = append(all, sent)
		for _, s := range suites {
			cases, err := o.cases(s, own.Player)
			if err != nil {
				return nil, err
			}
			all = append(all, cases)
		}
	}
	jobs := play.Chain(all...)
	if o.probe {
		jobs = t.Probes(play.Probing{Callbacks: o.probed(plans[0].callbacks, suites), After: jobs, Apart: o.Output.Verbose})
	}
	return jobs, nil
}

// sentBy are the requests of a version. Where there are others, its values are
// theirs, too: what is the same is sent once.
func (o *validateOptions) sentBy(t run.Target, one plan, cover play.CoverOptions) (play.Source, error) {
	payload := o.Payload
	if o.together != nil {
		payload.Server = one.judging.Server()
		payload.Seed, payload.Time = o.together.Seed, o.together.Time
		t.Seed, t.Time, t.Together = payload.Seed, payload.Time, &o.together.Together
	}
	payloads, err := payload.BuildAll(one.callbacks, o.App.Streams)
	if err != nil {
		return nil, err
	}
	return o.sent(&t, cover, payloads)
}

// cases are the runs of a suite's cases. Each suite may have a url of its own.
func (o *validateOptions) cases(s *suite.Suite, p play.Player) (cases play.Source, err error) {
	if s.URL != "" && !o.Target.Mock && !o.App.Given["url"] {
		if p.Target, err = o.Target.At(s.URL); err != nil {
			return nil, err
		}
	}
	return p.Suite(s, o.suites.Filter), p.Verify(s)
}

func (o *validateOptions) servers(plans []plan, suites []*suite.Suite) (servers []validate.Server) {
	for _, one := range plans {
		if len(one.callbacks) > 0 || o.probe || len(plans) > 1 {
			servers = append(servers, one.judging.Server())
		}
		for _, s := range suites {
			if server := one.judging.With(s).Server(); !slices.Contains(servers, server) {
				servers = append(servers, server)
			}
		}
	}
	return servers
}

// probed are the callbacks to probe or to explore: those that are sent, or else those of
// the suites' cases.
func (o *validateOptions) probed(callbacks []*fixtures.Callback, suites []*suite.Suite) []*fixtures.Callback {
	if len(callbacks) > 0 {
		return callbacks
	}
	for _, s := range suites {
		for one := range s.Plan(o.suites.Filter) {
			for _, step := range one.Steps {
				if !slices.Contains(callbacks, step.Callback) {
					callbacks = append(callbacks, step.Callback)
				}
			}
		}
	}
	return callbacks
}
