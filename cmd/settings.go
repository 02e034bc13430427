package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// settingsFile holds flags by name, read from the working directory.
const settingsFile = "imcb.yaml"

// fillFlags gives flags that are not on the command line their values from the
// environment (IMCB_URL for --url), else from imcb.yaml.
func fillFlags(c *cobra.Command, a *app) error {
	given, err := givenFlags(c)
	if err != nil {
		return err
	}
	a.typed = given
	if needsNoSettings(c) {
		return nil
	}
	settings, err := readSettings(a)
	if err != nil {
		return err
	}
	environment := func(flag string) (values []string, from string) {
		if value := a.Getenv(envName(flag)); value != "" {
			values = []string{value}
		}
		return values, envName(flag)
	}
	file := func(flag string) ([]string, string) { return settings[flag], settingsFile }
	if err := fillFrom(c, "the environment", environment); err != nil {
		return err
	}
	if err := fillFrom(c, settingsFile, file); err != nil {
		return err
	}
	_, err = a.color(a.colorFlag, false)
	return err
}

// needsNoSettings says that a command works also where imcb.yaml is wrong.
func needsNoSettings(c *cobra.Command) bool {
	return c.Name() == "version" || c.Name() == "completion" || c.Parent() != nil && c.Parent().Name() == "completion"
}

// fillFrom gives the flags that have no value yet, and that no other excludes,
// their values from one place.
func fillFrom(c *cobra.Command, place string, values func(flag string) (values []string, from string)) error {
	given, err := givenFlags(c)
	if err != nil {
		return err
	}
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if given[f.Name] || err != nil || f.Name == "help" || f.Name == "version" || excludedBy(f, given) != "" {
			return
		}
		if all, from := values(f.Name); len(all) > 0 {
			err = setFlag(c, f, all, from)
		}
	})
	if err != nil {
		return err
	}
	if _, err := givenFlags(c); err != nil {
		return usagef("%w, but %s sets both", err, place)
	}
	return nil
}

// exclusion is the annotation that names the flags that exclude a flag.
const exclusion = "imcb_exclusive"

// exclusive says that two flags exclude each other. One on the command line
// also keeps the other from being filled in.
func exclusive(c *cobra.Command, one, other string) {
	for name, excluded := range map[string]string{one: other, other: one} {
		f := c.Flags().Lookup(name)
		if f.Annotations == nil {
			f.Annotations = make(map[string][]string)
		}
		f.Annotations[exclusion] = append(f.Annotations[exclusion], excluded)
	}
}

// givenFlags are the flags on the command line; the error says which of them
// exclude each other.
func givenFlags(c *cobra.Command) (map[string]bool, error) {
	given := make(map[string]bool)
	var clash error
	c.Flags().Visit(func(f *pflag.Flag) {
		if other := excludedBy(f, given); other != "" {
			clash = usagef("--%s and --%s exclude each other", other, f.Name)
		}
		given[f.Name] = true
	})
	return given, clash
}

// excludedBy returns a given flag that excludes f, or "".
func excludedBy(f *pflag.Flag, given map[string]bool) string {
	for _, other := range f.Annotations[exclusion] {
		if given[other] {
			return other
		}
	}
	return ""
}

func envName(flag string) string {
	return "IMCB_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

func setFlag(c *cobra.Command, f *pflag.Flag, values []string, from string) error {
	for _, v := range values {
		if err := c.Flags().Set(f.Name, v); err != nil {
			if cause := errors.Unwrap(err); cause != nil {
				err = cause // without the flag and the value, which stand here
			}
			return usagef("%s: %q does not do for --%s: %w", from, v, f.Name, err)
		}
	}
	return nil
}

// readSettings reads imcb.yaml, if there is one: a mapping of flag names to
// values, or to lists for flags that may be repeated.
func readSettings(a *app) (map[string][]string, error) {
	text, err := a.ReadFile(settingsFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, usageError(err)
	}
	var raw map[string]any
	if err := yaml.Unmarshal(text, &raw); err != nil {
		return nil, usagef("%s: %s", settingsFile, yaml.FormatError(err, false, true))
	}
	known := flagNames(newRoot(a))
	settings := make(map[string][]string, len(raw))
	for name, value := range raw {
		if !slices.Contains(known, name) {
			return nil, usagef("%s: unknown setting %q%s", settingsFile, name, didYouMean(name, known))
		}
		list, ok := value.([]any)
		if !ok {
			list = []any{value}
		}
		for _, v := range list {
			if _, nested := v.(map[string]any); nested || v == nil {
				return nil, usagef("%s: %s needs a value, or a list of values", settingsFile, name)
			}
			settings[name] = append(settings[name], fmt.Sprint(v))
		}
	}
	return settings, nil
}

// flagNames are the flags of all commands.
func flagNames(root *cobra.Command) []string {
	var names []string
	for _, c := range append(root.Commands(), root) {
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Name != "help" && f.Name != "version" {
				names = append(names, f.Name)
			}
		})
	}
	return names
}

func nearestOf(name string, names []string) []string {
	slices.Sort(names)
	return words.Nearest(name, slices.Compact(names))
}

func didYouMean(name string, names []string) string {
	if near := nearestOf(name, names); len(near) > 0 {
		return ": did you mean " + strings.Join(near, " or ") + "?"
	}
	return ""
}
