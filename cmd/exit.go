package cmd

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// The exit codes. 1 means that the receiver is wrong; more means that the run is.
const (
	exitOK          = 0   // the contract is kept
	exitBroken      = 1   // a finding at or above --fail-on
	exitUsage       = 2   // wrong flags or arguments, unreadable or invalid input
	exitUnreachable = 3   // the target can't be reached at all
	exitMachine     = 4   // this machine: port taken, file not writable
	exitNothing     = 5   // nothing was checked
	exitInterrupted = 130 // interrupted; the partial report is written
)

// exitCodes is the table for help and README.
var exitCodes = []struct {
	Code  int
	About string
}{
	{exitOK, "the contract is kept"},
	{exitBroken, "a finding at or above --fail-on"},
	{exitUsage, "wrong flags or arguments, or an input file that can't be read"},
	{exitUnreachable, "the target can't be reached at all"},
	{exitMachine, "this machine: the port is taken, a file can't be written"},
	{exitNothing, "nothing was checked"},
	{exitInterrupted, "interrupted; what was done so far is reported"},
}

// exitCodeTable is the codes and their meanings, a line each.
func exitCodeTable() string {
	table := "Exit codes:"
	for _, e := range exitCodes {
		table += fmt.Sprintf("\n  %-3d  %s", e.Code, e.About)
	}
	return table
}

// exitError is an error with its exit code. A nil cause is silent: what was
// wrong has been reported.
type exitError struct {
	code  int
	cause error
}

func (e *exitError) Error() string {
	if e.cause == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.cause.Error()
}

func (e *exitError) Unwrap() error { return e.cause }

func usagef(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}

func machineError(err error) error { return &exitError{exitMachine, err} }

func machinef(format string, args ...any) error { return machineError(fmt.Errorf(format, args...)) }

// silent is an exit code without a message.
func silent(code int) error {
	if code == exitOK {
		return nil
	}
	return &exitError{code: code}
}

// interrupted ends a run that a signal cut short.
func interrupted() error { return &exitError{exitInterrupted, errors.New("interrupted")} }

// exitCode prints the error, if it has something to say, and returns its code.
// One without a code speaks of the input, or of an output that can't be written.
func exitCode(err error, w io.Writer) int {
	if err == nil {
		return exitOK
	}
	exit, ok := errors.AsType[*exitError](err)
	if !ok {
		exit = &exitError{exitUsage, err}
		if path, ok := errors.AsType[*fs.PathError](err); ok && path.Op == "write" {
			exit.code = exitMachine
		}
	}
	if exit.cause != nil {
		fmt.Fprintf(w, "imcb: %s\n", err)
	}
	return exit.code
}
