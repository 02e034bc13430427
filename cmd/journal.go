package cmd

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/record"
)

// journal is a file of recorded exchanges that a run reads line by line.
type journal struct {
	app    *shell.App
	name   string
	r      io.ReadCloser
	broken int   // lines that could not be used
	failed error // why reading ended early
	// needReply makes a line without a reply unusable.
	needReply bool
}

// openJournal opens a journal; "-" is standard input.
func openJournal(a *shell.App, file string) (*journal, error) {
	if file == "-" {
		return &journal{app: a, name: "standard input", r: io.NopCloser(a.In)}, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, shell.Usagef("%s is a folder, not a journal", file)
	}
	return &journal{app: a, name: file, r: f}, nil
}

// tasks makes a task of each line. Lines that can't be used are named on
// stderr and counted.
func (j *journal) tasks(taskOf func(validate.Exchange, *fixtures.Callback) task) iter.Seq[task] {
	return func(yield func(task) bool) {
		defer j.r.Close()
		for line, err := range record.Journal(j.r) {
			if line.Number == 0 {
				j.failed = err
				return
			}
			c, err := j.callback(line.Exchange, err)
			if err != nil {
				j.leaveOut(line.Number, err)
			} else if !yield(taskOf(line.Exchange, c)) {
				return
			}
		}
	}
}

// named is how many of the lines that can't be used are named one by one.
const named = 5

// leaveOut says why a line is not used. A callback that the catalog does not
// have is no fault of the journal: something else was posted to the receiver.
func (j *journal) leaveOut(line int, err error) {
	if _, unknown := errors.AsType[*words.UnknownError](err); unknown {
		fmt.Fprintf(j.app.Err, "imcb: note: %s: line %d is left out: %s\n", j.name, line, err)
		return
	}
	if j.broken++; j.broken <= named {
		fmt.Fprintf(j.app.Err, "imcb: %s: line %d: %s\n", j.name, line, words.Printable(err.Error()))
	}
}

// callback finds the callback of a line; the error says why the line can't be
// used.
func (j *journal) callback(x validate.Exchange, err error) (*fixtures.Callback, error) {
	switch {
	case err != nil:
		return nil, err
	case j.needReply && !x.Answered():
		return nil, errors.New("it has no reply to judge")
	default:
		return record.CallbackOf(x)
	}
}

// exit is the run's error, or that of the journal, which weighs more: what
// could not be read was not checked.
func (j *journal) exit(err error) error {
	switch {
	case j.failed != nil:
		return j.failed
	case j.broken > 0:
		return shell.Usagef("%s: %s could not be used", j.name, words.Count(j.broken, "line"))
	default:
		return err
	}
}
