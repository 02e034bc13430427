package cmd

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"syscall"
	"time"

	"github.com/imcb-dev/imcb/cmd/run"
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator/probe"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/report"
	"github.com/imcb-dev/imcb/validate/suite"
)

// live sends callbacks and plays suites.
func (o *validateOptions) live(ctx context.Context, r *runner) error {
	suites, names, err := o.suites.Load(o.Names, o.App.Streams)
	if err != nil {
		return err
	}
	callbacks, note, err := o.callbacks(r, names, len(suites) > 0)
	if err != nil {
		return err
	}
	if err := o.checkUse(len(callbacks) > 0, len(suites) > 0); err != nil {
		return err
	}
	if len(suites) == 1 && len(callbacks) == 0 {
		only := o.settle(suites[0], r)
		r.judging, r.severities = only.judging, only.severities
	}
	if o.Target.URL == "" && !o.Target.Mock && len(suites) > 0 {
		o.Target.URL = suites[0].URL
	}
	t, err := o.Target.Open(ctx, o.App.Streams, r.judging.Server.Release)
	if err != nil {
		return err
	}
	defer t.Release()
	tasks, err := o.tasks(r, t, callbacks, suites)
	if err != nil {
		return err
	}
	planned := len(callbacks)
	if len(suites) > 0 || o.probe {
		planned = 0 // what they make depends on what comes back
	}
	r.live = true
	return o.around(ctx, func() error {
		return r.do(ctx, tasks, o.Output, report.Run{Servers: o.servers(r, callbacks, suites), Target: t.Name, Note: note, Planned: planned})
	})
}

// checkUse rejects flags on the command line that would do nothing in a run
// without callbacks of their own, or without suites.
func (o *validateOptions) checkUse(callbacks, suites bool) error {
	for _, flag := range run.MadeOnly {
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
func (o *validateOptions) callbacks(r *runner, names []string, suites bool) (callbacks []*fixtures.Callback, note string, err error) {
	server := r.judging.Server.Release
	if o.webhooks != "" {
		if len(names) > 0 || o.All {
			return nil, "", shell.Usagef("--webhooks says which callbacks to send; leave their names and --all out")
		}
		callbacks, err = o.takeWebhooks(r)
		return callbacks, "", err
	}
	if callbacks, err = run.SelectCallbacks(names, o.All, server, o.App.Streams); err != nil || len(callbacks) > 0 || suites {
		return callbacks, "", err
	}
	callbacks = fixtures.SentBy(server)
	return callbacks, fmt.Sprintf("%d more are not sent by OpenIM %s; --all checks them too", len(fixtures.Keys())-len(callbacks), server), nil
}

// tasks are the plain requests, the suites' cases and the probes, in this
// order.
func (o *validateOptions) tasks(r *runner, t *run.Target, callbacks []*fixtures.Callback, suites []*suite.Suite) (iter.Seq[task], error) {
	payloads, err := o.Payload.BuildAll(callbacks, o.App.Streams)
	if err != nil {
		return nil, err
	}
	all := []iter.Seq[task]{sends(t, r, payloads)}
	for _, s := range suites {
		cases, err := o.suiteTasks(s, r, t)
		if err != nil {
			return nil, err
		}
		all = append(all, cases)
	}
	if o.probe {
		all = append(all, probes(t, r, o.probed(callbacks, suites), o.Payload.Seed))
	}
	return func(yield func(task) bool) {
		for _, tasks := range all {
			for t := range tasks {
				if !yield(t) {
					return
				}
			}
		}
	}, nil
}

// servers names the OpenIMs for which the run sends and judges.
func (o *validateOptions) servers(r *runner, callbacks []*fixtures.Callback, suites []*suite.Suite) (names []string) {
	if len(callbacks) > 0 || o.probe {
		names = append(names, r.judging.Server.String())
	}
	for _, s := range suites {
		if name := o.settle(s, r).judging.Server.String(); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// probed are the callbacks to probe with: those that are sent, or else those of
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

// around starts the receiver and waits for it, as the flags say, and stops it
// after the run.
func (o *validateOptions) around(ctx context.Context, live func() error) error {
	var p *run.Process
	wait := o.wait
	if o.exec != "" {
		var err error
		if p, err = run.StartProcess(o.exec); err != nil {
			return err
		}
		defer p.Stop()
		if wait == 0 {
			wait = defaultExecWait
		}
	}
	err := error(nil)
	if wait > 0 && !o.Target.Mock {
		err = run.WaitFor(ctx, o.Target.URL, wait, p)
	}
	if err == nil {
		err = live()
	}
	if p != nil && err != nil && !errors.Is(err, syscall.EPIPE) {
		p.Stop()
		p.ShowOutput(o.App.Err)
	}
	return err
}

// defaultExecWait is how long --exec waits for the receiver.
const defaultExecWait = 30 * time.Second

// probes is one task: probes run one after the other.
func probes(t *run.Target, r *runner, callbacks []*fixtures.Callback, seed *uint64) iter.Seq[task] {
	o := probe.Options{Sender: t.Sender, Target: t.At, Callbacks: callbacks, Judge: r.judge}
	if seed != nil {
		o.Seed = *seed
	}
	return slices.Values([]task{func(ctx context.Context) (results []validate.Result) {
		probe.Run(ctx, o, func(result validate.Result) bool {
			result.Findings = r.severities.Apply(result.Findings)
			results = append(results, result)
			return true
		})
		return results
	}})
}
