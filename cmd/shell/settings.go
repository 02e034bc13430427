package shell

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// setting is a value for a flag, and where it is from: IMCB_URL, or
// imcb.yaml:3:6.
type setting struct{ text, from string }

// settings are the values that one place has for the flags of a command.
type settings struct {
	place string
	of    func(flag string) []setting
}

// FillFlags gives the flags of a command that are not on the command line their
// values from the environment (IMCB_URL for --url), else from imcb.yaml. The
// command knows its root, and so which flags there are.
func (a *App) FillFlags(c *cobra.Command) error {
	given, err := givenFlags(c)
	if err != nil {
		return err
	}
	a.Typed = given
	a.warnOfMisspelt(c.Root())
	file, err := readSettings(c.Root(), a.Streams)
	if err != nil {
		return err
	}
	environment := func(flag string) []setting {
		return fromEnvironment(c.Flags().Lookup(flag), envName(flag), a.Getenv(envName(flag)))
	}
	inFile := func(flag string) []setting { return file.of(c, flag) }
	isSet := func(flag string) bool { return given[flag] || len(environment(flag))+len(inFile(flag)) > 0 }
	for _, s := range []settings{{"the environment", environment}, {settingsFile, inFile}} {
		if err := s.fill(c, isSet); err != nil {
			return err
		}
	}
	if a.Given, err = givenFlags(c); err != nil {
		return err
	}
	if _, err = a.Colors(false); err != nil {
		return err
	}
	return a.checkNeeds(c)
}

// fromEnvironment are the values of a variable for the flag.
func fromEnvironment(f *pflag.Flag, name, text string) (values []setting) {
	if text == "" {
		return nil
	}
	parts := []string{text}
	if f != nil && f.Annotations[commas] != nil {
		parts = strings.Split(text, ",")
	}
	for _, part := range parts {
		values = append(values, setting{strings.TrimSpace(part), name})
	}
	return values
}

// warnOfMisspelt names the variables of the environment that are those of no
// flag of any command.
func (a *App) warnOfMisspelt(root *cobra.Command) {
	if a.Environ == nil {
		return
	}
	var known []string
	for _, c := range append(root.Commands(), root) {
		c.LocalFlags().VisitAll(func(f *pflag.Flag) { known = append(known, envName(f.Name)) })
	}
	for _, variable := range a.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, "IMCB_") && !slices.Contains(known, name) {
			fmt.Fprintf(a.Err, "imcb: warning: %s sets nothing%s\n", words.Printable(name), words.DidYouMean(name, known))
		}
	}
}

// fill gives the flags their values that have none yet, that no other excludes,
// and whose partner is set somewhere.
func (s settings) fill(c *cobra.Command, isSet func(flag string) bool) error {
	given, err := givenFlags(c)
	if err != nil {
		return err
	}
	c.Flags().VisitAll(func(f *pflag.Flag) {
		values := s.of(f.Name)
		if err != nil || len(values) == 0 || given[f.Name] || !isSetting(f) || excludedBy(f, given) != "" {
			return
		}
		if partner := f.Annotations[partnership]; partner == nil || isSet(partner[0]) {
			err = setFlag(c, f, values)
		}
	})
	if err != nil {
		return err
	}
	if _, err := givenFlags(c); err != nil {
		return Usagef("%w, but %s sets both", err, s.place)
	}
	return nil
}

// isSetting reports whether a flag can be set elsewhere than on the command line.
func isSetting(f *pflag.Flag) bool { return f.Name != "help" && f.Name != "version" }

func envName(flag string) string {
	return "IMCB_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// setFlag sets a flag. Values that it can't take are meant for another command
// if one has a flag of the name that takes something else.
func setFlag(c *cobra.Command, f *pflag.Flag, values []setting) error {
	for _, v := range values {
		err := c.Flags().Set(f.Name, v.text)
		if err != nil && meansElse(c.Root(), f) {
			return nil
		}
		if whole, ok := errors.AsType[*Error](err); ok { // it names the flag and the value
			return Usagef("%s: %w", v.from, whole)
		}
		if err != nil {
			return Usagef("%s: %s", v.from, notTaken(f.Name, v.text, errors.Unwrap(err)))
		}
	}
	return nil
}

// meansElse reports whether a command has a flag of the same name and another
// type.
func meansElse(root *cobra.Command, f *pflag.Flag) bool {
	for _, c := range root.Commands() {
		if other := c.LocalFlags().Lookup(f.Name); other != nil && other.Value.Type() != f.Value.Type() {
			return true
		}
	}
	return false
}
