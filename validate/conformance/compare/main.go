// Command compare holds imcb's catalog against the sources of an OpenIM Server
// and prints what differs: the callbacks and the types of their requests and
// replies, the keys and values of the configuration that it ships, the content
// types of messages.
//
//	go run ./compare FOLDER [VERSION]    the newest, if none is given
//	go run ./compare -calls FOLDER       the table in calls_table_test.go
//
// It runs in validate/conformance and reads the sources without building them.
// Lines that begin with "+" are in the sources only, with "-" in imcb only. It
// ends with 0 when there are none, with 1 when there are some, with 2 when it
// could not compare.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/imcb-dev/imcb/fixtures"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("compare", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.Usage = func() { fmt.Fprintln(errs, "usage: compare [-calls] FOLDER [VERSION]") }
	calls := flags.Bool("calls", false, "print the table in calls_table_test.go instead")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if n := flags.NArg(); n < 1 || n > 2 {
		flags.Usage()
		return 2
	}
	found, err := differences(flags.Arg(0), flags.Arg(1), *calls)
	if err != nil {
		fmt.Fprintln(errs, "compare:", err)
		return 2
	}
	for _, line := range found {
		fmt.Fprintln(out, line)
	}
	if len(found) > 0 && !*calls {
		return 1
	}
	return 0
}

// differences are the lines to print.
func differences(folder, version string, calls bool) ([]string, error) {
	v := fixtures.Newest()
	if version != "" {
		var err error
		if v, err = fixtures.ParseRelease(version); err != nil {
			return nil, err
		}
	}
	s, err := load(folder)
	if err != nil {
		return nil, err
	}
	if calls {
		return s.table(), nil
	}
	config, err := s.config(v)
	if err != nil {
		return nil, err
	}
	kinds, err := s.contentTypes()
	return slices.Concat(s.callbacks(v), config, kinds), err
}
