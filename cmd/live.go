package cmd

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"syscall"
	"time"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator/probe"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/report"
	"github.com/imcb-dev/imcb/validate/suite"
)

// live sends callbacks and plays suites.
func (o *validateOptions) live(ctx context.Context, r *run) error {
	suites, names, err := o.suites.loadSuites(o.names, o.app.Streams)
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
	if o.target.url == "" && !o.target.mock && len(suites) > 0 {
		o.target.url = suites[0].URL
	}
	t, err := o.target.open(ctx, o.app.Streams, r.judging.Server.Release)
	if err != nil {
		return err
	}
	defer t.release()
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
		return r.do(ctx, tasks, o.output, report.Run{Servers: o.servers(r, callbacks, suites), Target: t.name, Note: note, Planned: planned})
	})
}

// checkUse rejects flags on the command line that would do nothing in a run
// without callbacks of their own, or without suites.
func (o *validateOptions) checkUse(callbacks, suites bool) error {
	for _, flag := range madeOnly {
		if !callbacks && o.app.Typed[flag] {
			return shell.Usagef("--%s changes the callbacks that are named; a suite says in its file what it sends", flag)
		}
	}
	for _, flag := range caseFilters {
		if !suites && o.app.Typed[flag] {
			return shell.Usagef("--%s chooses among the cases of a suite: name a SUITE.yaml or a --scenario", flag)
		}
	}
	return nil
}

// callbacks are those to send: the named ones, those of webhooks.yml or, unless
// there are suites, all that the version sends.
func (o *validateOptions) callbacks(r *run, names []string, suites bool) (callbacks []*fixtures.Callback, note string, err error) {
	server := r.judging.Server.Release
	if o.webhooks != "" {
		if len(names) > 0 || o.all {
			return nil, "", shell.Usagef("--webhooks says which callbacks to send; leave their names and --all out")
		}
		callbacks, err = o.takeWebhooks(r)
		return callbacks, "", err
	}
	if callbacks, err = selectCallbacks(names, o.all, server, o.app.Streams); err != nil || len(callbacks) > 0 || suites {
		return callbacks, "", err
	}
	callbacks = fixtures.SentBy(server)
	return callbacks, fmt.Sprintf("%d more are not sent by OpenIM %s; --all checks them too", len(fixtures.Keys())-len(callbacks), server), nil
}

// tasks are the plain requests, the suites' cases and the probes, in this
// order.
func (o *validateOptions) tasks(r *run, t *target, callbacks []*fixtures.Callback, suites []*suite.Suite) (iter.Seq[task], error) {
	payloads, err := o.payload.buildAll(callbacks, o.app.Streams)
	if err != nil {
		return nil, err
	}
	all := []iter.Seq[task]{t.tasks(r, payloads)}
	for _, s := range suites {
		cases, err := o.suiteTasks(s, r, t)
		if err != nil {
			return nil, err
		}
		all = append(all, cases)
	}
	if o.probe {
		all = append(all, t.probes(r, o.probed(callbacks, suites), o.payload.seed))
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
func (o *validateOptions) servers(r *run, callbacks []*fixtures.Callback, suites []*suite.Suite) (names []string) {
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
		for one := range s.Plan(o.suites.filter) {
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
	var p *process
	wait := o.wait
	if o.exec != "" {
		var err error
		if p, err = startProcess(o.exec); err != nil {
			return err
		}
		defer p.stop()
		if wait == 0 {
			wait = defaultExecWait
		}
	}
	err := error(nil)
	if wait > 0 && !o.target.mock {
		err = waitFor(ctx, o.target.url, wait, p)
	}
	if err == nil {
		err = live()
	}
	if p != nil && err != nil && !errors.Is(err, syscall.EPIPE) {
		p.stop()
		p.showOutput(o.app.Err)
	}
	return err
}

// defaultExecWait is how long --exec waits for the receiver.
const defaultExecWait = 30 * time.Second

// probes is one task: probes run one after the other.
func (t *target) probes(r *run, callbacks []*fixtures.Callback, seed *uint64) iter.Seq[task] {
	o := probe.Options{Sender: t.sender, Target: t.at, Callbacks: callbacks, Judge: r.judge}
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
