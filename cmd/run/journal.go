package run

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator/play"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/record"
)

// Journal is a file of recorded exchanges that a run reads line by line.
type Journal struct {
	Name string // for people
	// NeedReply makes a line without a reply unusable.
	NeedReply bool

	app    *shell.App
	r      io.ReadCloser
	broken int   // lines that could not be used
	failed error // why reading ended early
}

// OpenJournal opens the journal of --from; "-" is standard input.
func (f *Flags) OpenJournal() (*Journal, error) {
	if len(f.Names) > 0 || f.All {
		return nil, shell.Usagef("--from takes what the journal holds; leave the callbacks and --all out")
	}
	if f.From == "-" {
		return &Journal{app: f.App, Name: "standard input", r: io.NopCloser(f.App.Stdin())}, nil
	}
	file, err := os.Open(f.From)
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err == nil && info.IsDir() {
		file.Close()
		return nil, shell.Usagef("%s is a folder, not a journal", f.From)
	}
	return &Journal{app: f.App, Name: f.From, r: file}, nil
}

// Exchanges yields the recorded exchanges. Lines that can't be used are named on
// stderr and counted.
func (j *Journal) Exchanges(yield func(play.Recorded) bool) {
	defer j.r.Close()
	for line, err := range record.Journal(j.r) {
		if line.Number == 0 {
			j.failed = err
			return
		}
		c, err := j.callback(line.Exchange, err)
		if err != nil {
			j.leaveOut(line.Number, err)
		} else if !yield(play.Recorded{Callback: c, Exchange: line.Exchange}) {
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
	case j.NeedReply && !x.Answered():
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
		return j.failed
	case j.broken > 0:
		return shell.Usagef("%s: %s could not be used", j.Name, words.Count(j.broken, "line"))
	default:
		return err
	}
}
