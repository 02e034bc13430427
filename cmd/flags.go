package cmd

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// readFlag is a flag with a default whose text is read as soon as it is set, so
// that no command starts with a value that does not do. Flags without a default
// are pflag's Func.
type readFlag struct {
	text string
	read func(text string) error
}

func (*readFlag) Type() string     { return "string" }
func (f *readFlag) String() string { return f.text }

func (f *readFlag) Set(text string) error {
	f.text = text
	return f.read(text)
}

// addServerFlag adds --server.
func addServerFlag(c *cobra.Command, server *validate.Server) {
	*server = validate.On(fixtures.DefaultRelease)
	usage := "the OpenIM `version`: " + strings.Join(fixtures.ReleaseNames(), ", ")
	c.Flags().Var(&readFlag{fixtures.DefaultRelease.String(), readServer("server", server)}, "server", usage)
	completeWords(c, "server", fixtures.ReleaseNames()...)
}

// readServer reads the name of an OpenIM version.
func readServer(flag string, into *validate.Server) func(text string) error {
	return func(text string) (err error) {
		if *into, err = validate.ParseServer(text); err != nil {
			return usagef("--%s: %w", flag, err)
		}
		return nil
	}
}

// optional lets a flag be given with an empty text, as if it were not.
func optional(read func(text string) error) func(text string) error {
	return func(text string) error {
		if text == "" {
			return nil
		}
		return read(text)
	}
}

// addRuleFlag adds --rule. Rules that the command never uses may be named:
// imcb.yaml serves all commands.
func addRuleFlag(c *cobra.Command, severities *validate.Overrides) {
	var given []string
	c.Flags().Func("rule", "change a rule's severity: `name=severity`, of error, warning, note, off (repeatable)", func(text string) (err error) {
		given = append(given, text)
		if *severities, err = allRules().Overrides(given); err != nil {
			return usagef("--rule: %w", unknownRule(err))
		}
		return nil
	})
	complete(c, valueFollows, func([]string, string) []string { return ruleWords("=\t") }, "rule")
}

// addFailOnFlag adds --fail-on; never is Off.
func addFailOnFlag(c *cobra.Command, limit *validate.Severity) {
	allowed := []string{string(validate.Error), string(validate.Warning), "never"}
	*limit = validate.Error
	c.Flags().Var(&readFlag{string(validate.Error), func(text string) error {
		*limit = validate.Severity(text)
		switch {
		case text == "never":
			*limit = validate.Off
		case *limit != validate.Note && !slices.Contains(allowed, text):
			return notOneOf("fail-on", text, words.List(allowed, "or"))
		}
		return nil
	}}, "fail-on", "exit with 1 from this `severity` on: error, warning or never")
	completeWords(c, "fail-on", allowed...)
}

// addChoiceFlag adds a flag that takes one of a few words. Without a default, an
// empty text, it may also be left out.
func addChoiceFlag(c *cobra.Command, into *string, flag, standard, usage string, allowed ...string) {
	list := words.List(allowed, "or")
	if standard == "" {
		list = "one of " + strings.Join(allowed, ", ")
	}
	*into = standard
	c.Flags().Var(&readFlag{standard, func(text string) error {
		*into = text
		if text != standard && !slices.Contains(allowed, text) {
			return notOneOf(flag, text, list)
		}
		return nil
	}}, flag, usage)
	completeWords(c, flag, allowed...)
}

func notOneOf(flag, text, allowed string) error {
	return usagef("--%s is %s, not %q", flag, allowed, text)
}

// addSeedFlag adds --seed; nil is any.
func addSeedFlag(c *cobra.Command, seed **uint64, usage string) {
	c.Flags().Func("seed", usage, func(text string) error {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil || strconv.FormatUint(n, 10) != text {
			return errors.New("want a whole number of 0 or more")
		}
		*seed = &n
		return nil
	})
}

// sizeFlag is a number of bytes: 1048576, 512KB, 64MB, 1GB.
type sizeFlag int64

// sizeUnits are powers of 1024; KiB and its like are taken, too.
var sizeUnits = []struct {
	name  string
	bytes int64
}{{"G", 1 << 30}, {"M", 1 << 20}, {"K", 1 << 10}, {"", 1}}

func (*sizeFlag) Type() string { return "size" }

func (f *sizeFlag) String() string {
	for _, u := range sizeUnits {
		if n := int64(*f); n != 0 && n%u.bytes == 0 {
			return fmt.Sprintf("%d%sB", n/u.bytes, u.name)
		}
	}
	return ""
}

func (f *sizeFlag) Set(text string) error {
	number := strings.TrimSuffix(strings.TrimSuffix(strings.ToUpper(strings.TrimSpace(text)), "B"), "I")
	for _, u := range sizeUnits {
		if digits, ok := strings.CutSuffix(number, u.name); ok {
			n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
			if err != nil || n < 1 || n > math.MaxInt64/u.bytes {
				break
			}
			*f = sizeFlag(n * u.bytes)
			return nil
		}
	}
	return errors.New("want a size like 64MB, 512KB or 1048576")
}

// The annotations that name the flags that exclude a flag, and the one without
// which it means nothing.
const (
	exclusion   = "imcb_exclusive"
	partnership = "imcb_needs"
)

func annotate(c *cobra.Command, flag, annotation, other string) {
	f := c.Flags().Lookup(flag)
	_ = c.Flags().SetAnnotation(flag, annotation, append(f.Annotations[annotation], other)) // the flag is there
}

// exclusive says that a flag and each of the others exclude each other. One on
// the command line also keeps the other from being filled in.
func exclusive(c *cobra.Command, flag string, others ...string) {
	for _, other := range others {
		annotate(c, flag, exclusion, other)
		annotate(c, other, exclusion, flag)
	}
}

// needs says that a flag means nothing without another, so that it is not
// filled in alone.
func needs(c *cobra.Command, flag, other string) { annotate(c, flag, partnership, other) }

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
	i := slices.IndexFunc(f.Annotations[exclusion], func(other string) bool { return given[other] })
	if i < 0 {
		return ""
	}
	return f.Annotations[exclusion][i]
}
