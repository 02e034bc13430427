package cmd

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/report"
	"github.com/spf13/cobra"
)

// judgeFlags say how strictly replies are judged.
type judgeFlags struct {
	failOn       string
	rules        []string
	errCodeRange string
}

func (f *judgeFlags) add(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&f.failOn, "fail-on", string(validate.Error), "exit with 1 from this `severity` on: error, warning or never")
	flags.StringVar(&f.errCodeRange, "errcode-range", "", "the `range` for a refusal's errCode, for example 5000-9999")
	completeWords(c, "fail-on", "error", "warning", "never")
	addRuleFlag(c, &f.rules)
}

// options are the judge's, from the flags.
func (f *judgeFlags) options(server validate.Server) (validate.Options, error) {
	o := validate.Options{Server: server}
	if f.errCodeRange != "" {
		var ok bool
		if o.ErrCodes, ok = validate.ParseRange(f.errCodeRange); !ok || o.ErrCodes.Low < 1 {
			return o, usagef("--errcode-range: %q is not a range like 5000-9999", f.errCodeRange)
		}
	}
	return o, nil
}

// limit is the severity from which on a run fails; Off: never.
func (f *judgeFlags) limit() (validate.Severity, error) {
	switch f.failOn {
	case "error", "warning", "note":
		return validate.Severity(f.failOn), nil
	case "never":
		return validate.Off, nil
	default:
		return "", usagef("--fail-on is error, warning or never, not %q", f.failOn)
	}
}

// outputFlags say how results are written, and where to.
type outputFlags struct {
	format         string
	reports        []string
	output         string
	quiet, verbose bool
	// detail shows each request line, reply and effect.
	detail bool
}

func (f *outputFlags) add(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&f.format, "format", "text", "the `format` of the results: "+strings.Join(report.Names(), ", "))
	flags.StringArrayVar(&f.reports, "report", nil, "write a report besides: `format=file` (repeatable)")
	flags.StringVarP(&f.output, "output", "o", "", "write the results to this `file` instead of standard output")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "show only results with findings, and the summary")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "show each request and reply")
	completeWords(c, "format", report.Names()...)
	exclusive(c, "quiet", "verbose")
}

// reporters writes each result in every format asked for.
type reporters struct {
	all   []report.Reporter
	files []*os.File
}

// open opens the reports. A file that can't be written is this machine's fault.
func (f *outputFlags) open(a *app, run report.Run) (*reporters, error) {
	color, err := a.color(a.colorFlag, a.OutIsTerminal && f.output == "")
	if err != nil {
		return nil, err
	}
	o := report.Options{Quiet: f.quiet, Verbose: f.verbose, Detail: f.detail}
	run.Target, run.Version, run.Rules = validate.MaskText(run.Target), version(), allRules()
	r := &reporters{}
	if o.StepSummary, err = r.stepSummary(a); err != nil {
		return nil, err
	}
	main := o
	main.Color = color
	if f.format != "" {
		if err := r.open(a, f.format, f.output, main); err != nil {
			_ = r.closeFiles()
			return nil, err
		}
	}
	for _, given := range f.reports {
		format, file, ok := strings.Cut(given, "=")
		if !ok || file == "" || file == "-" {
			_ = r.closeFiles()
			return nil, usagef("--report %q: want format=file, for example json=results.json", given)
		}
		if err := r.open(a, format, file, o); err != nil {
			_ = r.closeFiles()
			return nil, err
		}
	}
	if err := r.each(func(one report.Reporter) error { return one.Begin(run) }); err != nil {
		_ = r.closeFiles()
		return nil, err
	}
	return r, nil
}

// stepSummary is the file for the github format's summary, if a GitHub job
// names one.
func (r *reporters) stepSummary(a *app) (io.Writer, error) {
	name := a.Getenv("GITHUB_STEP_SUMMARY")
	if name == "" {
		return nil, nil
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, machineError(err)
	}
	r.files = append(r.files, f)
	return f, nil
}

func (r *reporters) open(a *app, format, file string, o report.Options) error {
	var w io.Writer = a.Out
	if _, err := report.New(format, io.Discard, o); err != nil {
		return usageError(err) // before a file is created
	}
	for _, f := range r.files {
		if f.Name() == file {
			return usagef("two reports can't go to the same file, %s", file)
		}
	}
	if file != "" && file != "-" {
		f, err := os.Create(file)
		if err != nil {
			return machineError(err)
		}
		r.files = append(r.files, f)
		w = f
	}
	reporter, err := report.New(format, w, o)
	r.all = append(r.all, reporter)
	return err
}

func (r *reporters) report(result validate.Result) error {
	return r.each(func(one report.Reporter) error { return one.Report(result) })
}

func (r *reporters) close(s report.Summary) error {
	err := r.each(func(one report.Reporter) error { return one.End(s) })
	return cmp.Or(err, r.closeFiles())
}

// each lets every reporter write.
func (r *reporters) each(write func(report.Reporter) error) error {
	for _, one := range r.all {
		if err := write(one); err != nil {
			return writeError(err)
		}
	}
	return nil
}

func (r *reporters) closeFiles() error {
	var failed error
	for _, f := range r.files {
		if err := f.Close(); err != nil && failed == nil {
			failed = machineError(err)
		}
	}
	return failed
}

// writeError is an output that can't be written; a closed pipe stays itself.
func writeError(err error) error {
	return machineError(fmt.Errorf("the results can't be written: %w", err))
}
