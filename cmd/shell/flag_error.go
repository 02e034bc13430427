package shell

import (
	"errors"
	"fmt"
	"strings"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// FlagError says what is wrong on a command line in the words of the other
// errors.
func FlagError(c *cobra.Command, err error) error {
	if whole, ok := errors.AsType[*Error](err); ok { // from a flag that is read as it is set
		return whole
	}
	text := err.Error()
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		text = unknownFlag(c.Flags(), unknown)
	} else if bare, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		text = "--" + bare.GetFlag().Name + " needs a value"
	} else if bad, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		text = notTaken(bad.GetFlag().Name, bad.GetValue(), bad.Unwrap())
	}
	return Usagef("%s\n  `%s --help` lists the flags", text, c.CommandPath())
}

func notTaken(flag, text string, why error) string {
	return fmt.Sprintf("%q does not do for --%s: %s", text, flag, why)
}

// unknownFlag names the flag that was meant. One that has a single dash is read
// as a row of short flags.
func unknownFlag(flags *pflag.FlagSet, err *pflag.NotExistError) string {
	row := err.GetSpecifiedShortnames()
	if row == "" {
		var names []string
		flags.VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
		return err.Error() + words.DidYouMean("--"+err.GetSpecifiedName(), names).String()
	}
	meant := ""
	flags.VisitAll(func(f *pflag.Flag) {
		typed, _, _ := strings.Cut(row, "=")
		if f.Name == typed || f.Shorthand+typed == f.Name {
			meant = f.Name
		}
	})
	if meant == "" {
		return err.Error()
	}
	return fmt.Sprintf("-%s has one dash: write --%s", meant, meant)
}
