package run

import (
	"context"
	"fmt"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator/play"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/report"
)

// Run judges exchanges and reports them.
type Run struct {
	play.Runner
	Judging *play.Judging
	// Live: the exchanges come from a target, which may be out of reach.
	Live bool
	// Progress says what was done so far, for who waits. Nil: it counts results.
	Progress func() string

	app *shell.App
}

// New takes the options of a run from its flags.
func New(a *shell.App, server validate.Server, f JudgeFlags) *Run {
	return &Run{
		app: a, Runner: play.Runner{FailOn: f.FailOn},
		Judging: &play.Judging{Options: validate.Options{Server: server, ErrCodes: f.ErrCodes, Contract: f.Contract}, Severities: f.Severities},
	}
}

// NewRun takes the options of a run of send or validate.
func (f *Flags) NewRun() *Run {
	r := New(f.App, f.Payload.Server, f.Judging)
	r.Judging.Options.Timeout = validate.Configured(f.Target.Timeout)
	return r
}

// Do runs the jobs and reports their results. The error carries the exit code.
func (r *Run) Do(ctx context.Context, jobs play.Source, output OutputFlags, about report.Run) error {
	about.FailOn, about.Contract = r.FailOn, r.Judging.Options.Contract
	if len(about.Servers) == 0 {
		about.Servers = []validate.Server{r.Judging.Server()}
	}
	out, err := output.open(r.app, about)
	if err != nil {
		return err
	}
	var tallies report.Tallies
	progress := shell.StartProgress(r.app.Streams, r.Progress)
	sum, err := r.Runner.Run(ctx, jobs, func(result validate.Result) error {
		if about.Recorded && len(about.Servers) == 1 {
			tallies.Add(result)
		}
		return progress.Aside(func() error { return out.report(result) })
	})
	progress.Stop()
	if err != nil {
		return err
	}
	if sum.Stopped {
		fmt.Fprintf(r.app.Err, "imcb: stopped after %s\n", words.Count(sum.Failed, "failure"))
	}
	end := report.Summary{Summary: sum.Summary, Interrupted: sum.Interrupted, Callbacks: tallies.All()}
	if end.Interrupted {
		end.Planned = about.Planned
	}
	if err := out.finish(end); err != nil {
		return err
	}
	return r.exit(sum)
}

func (r *Run) exit(sum play.Summary) error {
	switch {
	case sum.Interrupted:
		return shell.Interrupted()
	case sum.Results == 0:
		return shell.Silent(shell.ExitNothing)
	case r.Live && sum.Reached == 0:
		return shell.Silent(shell.ExitUnreachable)
	case sum.Failed > 0:
		return shell.Silent(shell.ExitBroken)
	default:
		return nil
	}
}
