package run

import (
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator/play"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/record"
)

// Journal is what --from names: a journal, or OpenIM's own log, that a run reads
// line by line.
type Journal struct {
	Name string // for people
	// NeedReply makes a line without a reply unusable.
	NeedReply bool
	// NeedBody leaves out requests whose body the log does not have.
	NeedBody bool
	// Log is what is known of OpenIM's log; nil: it is a journal.
	Log *record.Log

	app      *shell.App
	lines    iter.Seq2[record.Line, error]
	broken   int   // lines that could not be used
	used     int   // lines that were
	bodiless int   // requests left out for NeedBody
	failed   error // why reading ended early
}

// OpenJournal opens the journal of --from, all of which is the run's.
func (f *Flags) OpenJournal() (*Journal, error) {
	if len(f.Names) > 0 || f.All || f.Every {
		return nil, shell.Usagef("--from takes what the journal holds; leave the callbacks, --all and --every out")
	}
	return f.OpenRecorded()
}

// OpenRecorded opens what --from names; "-" is standard input. Several files are
// read as one, which they were before they were rotated.
func (f *Flags) OpenRecorded() (*Journal, error) {
	names, err := f.recorded()
	if err != nil {
		return nil, err
	}
	var files []io.Reader
	for i, name := range names {
		if name == "-" {
			names[i] = "standard input"
			files = append(files, f.App.Stdin())
			continue
		}
		files = append(files, &lateFile{name: name})
	}
	name := words.FewOf(names, 3)
	source, err := record.Open(files...)
	if err != nil {
		return nil, shell.Usagef("%s: %w", name, err)
	}
	if source.Log != nil {
		f.noteServer(name, source.Log.Server)
	}
	return &Journal{app: f.App, Name: name, lines: source.Lines, Log: source.Log}, nil
}

// noteServer takes the OpenIM that wrote the log, unless another is asked for.
func (f *Flags) noteServer(name string, wrote validate.Server) {
	switch {
	case wrote == (validate.Server{}):
	case !f.App.Given["server"]:
		f.Payload.Server = wrote
	case f.Payload.Server.OrDefault() != wrote:
		fmt.Fprintf(f.App.Err, "imcb: note: OpenIM %s wrote %s, and it is judged as %s\n", wrote.Title(), name, f.Payload.Server.Title())
	}
}

// NamesServer reports whether it says itself which OpenIM it is of.
func (j *Journal) NamesServer() bool { return j.Log != nil && j.Log.Server != (validate.Server{}) }

// Exchanges yields the recorded exchanges. Lines that can't be used are named on
// stderr and counted.
func (j *Journal) Exchanges(yield func(play.Recorded) bool) {
	for line, err := range j.lines {
		if line.Number == 0 {
			j.failed = err
			return
		}
		c, err := j.callback(line.Exchange, err)
		if err != nil {
			j.leaveOut(line.Number, err)
			continue
		}
		if j.NeedBody && line.Exchange.Lacks(validate.RequestBody) {
			j.bodiless++
			continue
		}
		if j.used++; !yield(play.Recorded{Callback: c, Exchange: line.Exchange}) {
			return
		}
	}
}

// named is how many of the lines that can't be used are named one by one.
const named = 5

// leaveOut says why a line is not used. A callback that the catalog does not
// have is no fault of the journal: something else was posted to the receiver.
func (j *Journal) leaveOut(line int, err error) {
	if _, unknown := errors.AsType[*words.UnknownError](err); unknown {
		fmt.Fprintf(j.app.Err, "imcb: note: %s: line %d is left out: %s\n", j.Name, line, err)
		return
	}
	if j.broken++; j.broken <= named {
		fmt.Fprintf(j.app.Err, "imcb: %s: line %d: %s\n", j.Name, line, words.Printable(err.Error()))
	}
}

// callback finds the callback of a line; the error says why the line can't be
// used.
func (j *Journal) callback(x validate.Exchange, err error) (*fixtures.Callback, error) {
	switch {
	case err != nil:
		return nil, err
	case j.NeedReply && !x.Answered() && !x.Lacks(validate.WholeReply):
		return nil, errors.New("it has no reply to judge")
	default:
		return record.CallbackOf(x)
	}
}

// Exit is the run's error, or that of the journal, which weighs more: what
// could not be read was not checked.
func (j *Journal) Exit(err error) error {
	told, interrupted := errors.AsType[*shell.Error](j.failed)
	switch {
	case interrupted:
		return told
	case j.failed != nil:
		return fmt.Errorf("%s: %w", j.Name, j.failed)
	case j.broken > 0:
		return shell.Usagef("%s: %s could not be used", j.Name, words.Count(j.broken, "line"))
	default:
		return err
	}
}
