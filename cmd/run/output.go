package run

import (
	"cmp"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/report"
	"github.com/spf13/cobra"
)

// OutputFlags say how results are written, and where to.
type OutputFlags struct {
	Format         string
	reports        []string
	output         string
	Quiet, Verbose bool
	// Detail shows each request line, reply and effect.
	Detail bool
}

// AddFormats adds the flags of every command with results.
func (f *OutputFlags) AddFormats(c *cobra.Command) {
	c.Flags().StringVar(&f.Format, "format", "text", "the `format` of the results: "+strings.Join(report.Names(), ", "))
	c.Flags().StringArrayVar(&f.reports, "report", nil, "write a report besides: `format=file` (repeatable)")
	shell.CommaList(c, "report")
	shell.CompleteWords(c, "format", report.Names()...)
}

// AddFiles adds AddFormats' flags, where they are written and how much of it.
func (f *OutputFlags) AddFiles(c *cobra.Command) {
	f.AddFormats(c)
	flags := c.Flags()
	flags.StringVarP(&f.output, "output", "o", "", "write the results to this `file` instead of standard output")
	flags.BoolVarP(&f.Quiet, "quiet", "q", false, "show only what is broken, and the summary")
	flags.BoolVarP(&f.Verbose, "verbose", "v", false, "show each request and reply")
	shell.Exclusive(c, "quiet", "verbose")
}

// reporters writes each result in every format asked for.
type reporters struct {
	app   *shell.App
	all   []report.Reporter
	files []*os.File
}

// open opens the reports. A file that can't be written is this machine's fault.
func (f *OutputFlags) open(a *shell.App, run report.Run) (_ *reporters, err error) {
	r := &reporters{app: a}
	defer func() {
		if err != nil {
			_ = r.closeFiles()
		}
	}()
	color, err := a.Colors(a.OutIsTerminal && f.output == "")
	if err != nil {
		return nil, err
	}
	o := report.Options{Quiet: f.Quiet, Verbose: f.Verbose, Detail: f.Detail}
	if name := a.Getenv("GITHUB_STEP_SUMMARY"); name != "" {
		if o.StepSummary, err = r.openFile(name, os.O_APPEND); err != nil {
			return nil, err
		}
	}
	first := o
	first.Color = color
	if f.Format != "" {
		if err := r.open(f.Format, f.output, first); err != nil {
			return nil, err
		}
	}
	for _, given := range f.reports {
		format, file, ok := strings.Cut(given, "=")
		if !ok || file == "" || file == "-" {
			return nil, shell.Usagef("--report %q: want format=file, for example json=results.json", given)
		}
		if err := r.open(format, file, o); err != nil {
			return nil, err
		}
	}
	run.Target, run.Version, run.Rules = validate.MaskText(run.Target), r.app.Version, AllRules()
	return r, r.each(func(one report.Reporter) error { return one.Begin(run) })
}

func (r *reporters) open(format, file string, o report.Options) (err error) {
	if _, err := report.New(format, io.Discard, o); err != nil {
		return err // before a file is created
	}
	if slices.ContainsFunc(r.files, func(f *os.File) bool { return f.Name() == file }) {
		return shell.Usagef("two reports can't go to the same file, %s", file)
	}
	w := r.app.Out
	if file != "" && file != "-" {
		if w, err = r.openFile(file, os.O_TRUNC); err != nil {
			return err
		}
	}
	reporter, err := report.New(format, w, o)
	r.all = append(r.all, reporter)
	return err
}

func (r *reporters) openFile(name string, flag int) (io.Writer, error) {
	f, err := os.OpenFile(name, flag|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return nil, shell.Machine(err)
	}
	r.files = append(r.files, f)
	return f, nil
}

func (r *reporters) report(result validate.Result) error {
	return r.each(func(one report.Reporter) error { return one.Report(result) })
}

func (r *reporters) finish(s report.Summary) error {
	err := r.each(func(one report.Reporter) error { return one.End(s) })
	return cmp.Or(err, r.closeFiles())
}

func (r *reporters) each(write func(report.Reporter) error) error {
	for _, one := range r.all {
		if err := write(one); err != nil {
			return WriteError(err)
		}
	}
	return nil
}

func (r *reporters) closeFiles() error {
	var failed error
	for _, f := range r.files {
		if err := f.Close(); err != nil && failed == nil {
			failed = shell.Machine(err)
		}
	}
	return failed
}

// WriteError is an output that can't be written; a closed pipe stays itself.
func WriteError(err error) error {
	return shell.Machinef("the results can't be written: %w", err)
}
