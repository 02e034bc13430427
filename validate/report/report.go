// Package report writes results for people and machines: one file and one line
// in the table of formats for each form.
package report

import (
	"io"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

// Reporter writes the results of one run. Begin is called once and first,
// Report once for each result, in order, End once and last. Results and
// addresses come with their secrets masked: see validate.MaskResult.
type Reporter interface {
	Begin(Run) error
	Report(validate.Result) error
	End(Summary) error
}

// Run is what is known of a run before its first result.
type Run struct {
	// Servers are the OpenIMs that judge. Where they are several, each result
	// names its own.
	Servers []validate.Server
	// About is what the results are about: replies, or files.
	About validate.About
	// RequestsOff: the requests were recorded, and are not judged.
	RequestsOff bool
	// RepliesOff: another receiver replied, and nobody saw what.
	RepliesOff bool
	// Recorded: the results are of a record, which the end sums up by callback.
	Recorded bool
	// Target says in words where the replies came from, or which files.
	Target string
	// Planned is how many results there will be; 0: not known.
	Planned int
	// FailOn is the severity from which on a finding fails the run.
	FailOn validate.Severity
	// Version is imcb's own; SARIF and HTML name it. Empty: not known.
	Version string
	// Rules are those that findings may be of: SARIF describes those that occur.
	Rules validate.Registry
	// Contract is what counts as a finding; empty: validate.Both.
	Contract validate.Contract
	// Note is a line about the whole run, for the text format's end.
	Note string
}

// Summary is what is known of a run at its end.
type Summary struct {
	validate.Summary
	// Interrupted: somebody stopped the run before its end, after which there
	// would have been Planned results; 0: not known.
	Interrupted bool `json:"interrupted,omitempty"`
	Planned     int  `json:"planned,omitempty"`
	// Callbacks sum up a record by callback.
	Callbacks []*Tally `json:"callbacks,omitempty"`
}

// Options say what form a report takes.
type Options struct {
	// Color allows colors; only the text format has any.
	Color bool
	// For the text format: Quiet leaves out results without findings, Detail
	// shows each request line, reply and effect, Verbose the bodies too.
	Quiet, Detail, Verbose bool
	// StepSummary gets the github format's Markdown at the end: the file that
	// GITHUB_STEP_SUMMARY names, opened for appending. nil: none is written.
	StepSummary io.Writer
}

// form is what the reporters have in common.
type form struct {
	w    io.Writer
	opts Options
	run  Run
}

func (f *form) Begin(run Run) error {
	f.run = run
	return nil
}

// format is a form of report.
type format struct {
	name string
	open func(form) Reporter
}

func nameOf(f format) string { return f.name }

// formats is the one place where a form of report is named, the default first.
var formats = []format{
	{"text", newText},
	{"json", newJSON},
	{"jsonl", newJSONL}, // a result per line
	{"junit", newJUnit}, // for Jenkins, GitLab and others
	{"sarif", newSARIF}, // 2.1.0, for code scanning
	{"tap", newTAP},     // version 14
	{"github", newGitHub},
	{"html", newHTML},
}

// Names returns the names of the formats.
func Names() []string { return words.Names(formats, nameOf) }

// New returns a reporter that writes to w in the named format. The error names
// the formats.
func New(name string, w io.Writer, o Options) (Reporter, error) {
	f, err := words.Find("format", name, formats, nameOf)
	if err != nil {
		return nil, err
	}
	return f.open(form{w: w, opts: o}), nil
}
