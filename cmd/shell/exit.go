package shell

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/imcb-dev/imcb/validate"
)

// The exit codes of imcb. 1 means that the receiver is wrong; more means that the run is.
const (
	ExitOK          = 0   // the contract is kept
	ExitBroken      = 1   // a finding at or above --fail-on
	ExitUsage       = 2   // wrong flags or arguments, unreadable or invalid input
	ExitUnreachable = 3   // the target can't be reached at all
	ExitMachine     = 4   // this machine: port taken, file not writable
	ExitNothing     = 5   // nothing was checked
	ExitInterrupted = 130 // interrupted; the partial report is written
)

// exitCodes are in the order of help and README.
var exitCodes = []struct {
	Code  int
	About string
}{
	{ExitOK, "the contract is kept"},
	{ExitBroken, "a finding at or above --fail-on"},
	{ExitUsage, "wrong flags or arguments, or an input file that can't be read"},
	{ExitUnreachable, "the target can't be reached at all"},
	{ExitMachine, "this machine: the port is taken, a file can't be written"},
	{ExitNothing, "nothing was checked"},
	{ExitInterrupted, "interrupted; what was done so far is reported"},
}

// ExitCodes is the table for help: the codes and their meanings, a line each.
func ExitCodes() string {
	table := "Exit codes:"
	for _, e := range exitCodes {
		table += fmt.Sprintf("\n  %-3d  %s", e.Code, e.About)
	}
	return table
}

// Error is an error with its exit code. A nil cause is silent: what was
// wrong has been reported.
type Error struct {
	Code  int
	cause error
}

// Error is the text of the cause.
func (e *Error) Error() string {
	if e.cause == nil {
		return fmt.Sprintf("exit code %d", e.Code)
	}
	return e.cause.Error()
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.cause }

// Usagef is an error of flags, arguments or input.
func Usagef(format string, args ...any) error {
	return &Error{ExitUsage, fmt.Errorf(format, args...)}
}

// Machine is an error of this machine.
func Machine(err error) error { return &Error{ExitMachine, err} }

// Machinef is an error of this machine.
func Machinef(format string, args ...any) error { return Machine(fmt.Errorf(format, args...)) }

// Unreachablef is an error of a target that nobody can reach.
func Unreachablef(format string, args ...any) error {
	return &Error{ExitUnreachable, fmt.Errorf(format, args...)}
}

// Nothingf is an error of input in which there is nothing to check.
func Nothingf(format string, args ...any) error {
	return &Error{ExitNothing, fmt.Errorf(format, args...)}
}

// Silent is an exit code without a message.
func Silent(code int) error {
	if code == ExitOK {
		return nil
	}
	return &Error{Code: code}
}

// Interrupted ends a run that a signal cut short.
func Interrupted() error { return &Error{ExitInterrupted, errors.New("interrupted")} }

// ExitCode prints the error, if it has something to say, with the secrets of
// URLs masked, and returns its code.
// One without a code speaks of the input, or of an output that can't be written.
func ExitCode(err error, w io.Writer) int {
	if err == nil {
		return ExitOK
	}
	exit, ok := errors.AsType[*Error](err)
	if !ok {
		exit = &Error{ExitUsage, err}
		if path, ok := errors.AsType[*fs.PathError](err); ok && path.Op == "write" {
			exit.Code = ExitMachine
		}
	}
	if exit.cause != nil {
		fmt.Fprintf(w, "imcb: %s\n", validate.MaskText(err.Error()))
	}
	return exit.Code
}
