package shell

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// textFlag is read as it is set, so that no command starts with a value that
// does not do. Flags without a default are pflag's Func.
type textFlag struct {
	text string
	read func(text string) error
}

func (*textFlag) Type() string     { return "string" }
func (f *textFlag) String() string { return f.text }

func (f *textFlag) Set(text string) error {
	f.text = text
	return f.read(text)
}

// TextFlag is the value of a flag with a default, whose text is read as soon as
// it is set.
func TextFlag(standard string, read func(text string) error) pflag.Value {
	return &textFlag{standard, read}
}

// Optional lets a flag be given with an empty text, as if it were not.
func Optional(read func(text string) error) func(text string) error {
	return func(text string) error {
		if text == "" {
			return nil
		}
		return read(text)
	}
}

// AddChoice adds a flag that takes one of a few words. Without a default, an
// empty text, it may also be left out.
func AddChoice[T ~string](c *cobra.Command, into *T, flag string, standard T, usage string, allowed ...T) {
	names := words.Names(allowed, func(one T) string { return string(one) })
	list := words.List(names, "or")
	if standard == "" {
		list = "one of " + strings.Join(names, ", ")
	}
	*into = standard
	c.Flags().Var(TextFlag(string(standard), func(text string) error {
		*into = T(text)
		if *into != standard && !slices.Contains(allowed, *into) {
			return NotOneOf(flag, text, list)
		}
		return nil
	}), flag, usage)
	CompleteWords(c, flag, names...)
}

// NotOneOf says what a flag takes instead of a text.
func NotOneOf(flag, text, allowed string) error {
	return Usagef("--%s is %s, not %q", flag, allowed, text)
}

// AddSeed adds --seed; nil is any.
func AddSeed(c *cobra.Command, seed **uint64, usage string) {
	c.Flags().Func("seed", usage, func(text string) error {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil || strconv.FormatUint(n, 10) != text {
			return errors.New("want a whole number of 0 or more")
		}
		*seed = &n
		return nil
	})
}

// duration is a time: 30s, 1m30s, and 5 for 5 seconds, as in OpenIM's webhooks.yml.
type duration time.Duration

// AddDuration adds a flag that takes a time.
func AddDuration(c *cobra.Command, into *time.Duration, flag string, standard time.Duration, usage string) {
	*into = standard
	c.Flags().Var((*duration)(into), flag, usage)
}

func (*duration) Type() string { return "duration" }

func (d *duration) String() string {
	if *d == 0 {
		return "" // help has no default then
	}
	return time.Duration(*d).String()
}

func (d *duration) Set(text string) error {
	if n, err := strconv.ParseUint(text, 10, 31); err == nil {
		*d = duration(time.Duration(n) * time.Second)
		return nil
	}
	t, err := time.ParseDuration(text)
	if err != nil {
		return errors.New("want a time like 5s, 300ms or 1m30s")
	}
	*d = duration(t)
	return nil
}

// Size is a number of bytes: 1048576, 512KB, 64MB, 1GB.
type Size int64

// sizeUnits are powers of 1024; KiB and its like are taken, too.
var sizeUnits = []struct {
	name  string
	bytes int64
}{{"G", 1 << 30}, {"M", 1 << 20}, {"K", 1 << 10}, {"", 1}}

// Type is what pflag calls the value.
func (*Size) Type() string { return "size" }

// String is the size in the largest unit that fits; empty for 0.
func (f *Size) String() string {
	for _, u := range sizeUnits {
		if n := int64(*f); n != 0 && n%u.bytes == 0 {
			return fmt.Sprintf("%d%sB", n/u.bytes, u.name)
		}
	}
	return ""
}

// Set reads a size; pflag calls it.
func (f *Size) Set(text string) error {
	number := strings.TrimSuffix(strings.TrimSuffix(strings.ToUpper(strings.TrimSpace(text)), "B"), "I")
	for _, u := range sizeUnits {
		if digits, ok := strings.CutSuffix(number, u.name); ok {
			n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
			if err != nil || n < 1 || n > math.MaxInt64/u.bytes {
				break
			}
			*f = Size(n * u.bytes)
			return nil
		}
	}
	return errors.New("want a size like 64MB, 512KB or 1048576")
}

// The annotations that name the flags that exclude a flag, perhaps with the one
// that lets them be given together, after a space; and the one without
// which it means nothing; and the mark of CommaList.
const (
	exclusion   = "imcb_exclusive"
	partnership = "imcb_needs"
	commas      = "imcb_commas"
)

func annotate(c *cobra.Command, flag, annotation, other string) {
	f := c.Flags().Lookup(flag)
	_ = c.Flags().SetAnnotation(flag, annotation, append(f.Annotations[annotation], other)) // the flag is there
}

// Exclusive says that a flag and each of the others exclude each other. One on
// the command line also keeps the other from being filled in.
func Exclusive(c *cobra.Command, flag string, others ...string) {
	ExclusiveUnless(c, "", flag, others...)
}

// ExclusiveUnless is Exclusive where the flag unless is not given.
func ExclusiveUnless(c *cobra.Command, unless, flag string, others ...string) {
	for _, other := range others {
		annotate(c, flag, exclusion, other+" "+unless)
		annotate(c, other, exclusion, flag+" "+unless)
	}
}

// Needs says that a flag means nothing without another: it is an error on the
// command line, and not filled in, alone.
func Needs(c *cobra.Command, flag, other string) { annotate(c, flag, partnership, other) }

// CommaList says that a variable of the environment may hold several values of
// a flag, between commas.
func CommaList(c *cobra.Command, flags ...string) {
	for _, flag := range flags {
		annotate(c, flag, commas, "")
	}
}

// checkNeeds rejects a flag on the command line whose partner has no value.
func (a *App) checkNeeds(c *cobra.Command) (err error) {
	c.Flags().Visit(func(f *pflag.Flag) {
		if partner := f.Annotations[partnership]; err == nil && partner != nil && a.Typed[f.Name] && !a.Given[partner[0]] {
			err = Usagef("--%s belongs to --%s", f.Name, partner[0])
		}
	})
	return err
}

// givenFlags are the flags on the command line; the error says which of them
// exclude each other.
func givenFlags(c *cobra.Command) (map[string]bool, error) {
	given := make(map[string]bool)
	c.Flags().Visit(func(f *pflag.Flag) { given[f.Name] = true })
	var clash error
	c.Flags().Visit(func(f *pflag.Flag) {
		if other := excludedBy(f, given); other != "" && other < f.Name {
			clash = Usagef("--%s and --%s exclude each other", other, f.Name)
		}
	})
	return given, clash
}

// excludedBy returns a given flag that excludes f, or "".
func excludedBy(f *pflag.Flag, given map[string]bool) string {
	for _, excluding := range f.Annotations[exclusion] {
		if other, unless, _ := strings.Cut(excluding, " "); given[other] && !given[unless] {
			return other
		}
	}
	return ""
}

// What comes after a completed word.
const (
	SpaceFollows = cobra.ShellCompDirectiveNoFileComp
	ValueFollows = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	// OrFile: files complete as well.
	OrFile = cobra.ShellCompDirectiveDefault
)

// Complete completes flags, or the arguments when no flag is named. Offer gets
// the arguments so far and what is typed of the next; each word may end in "\t"
// and what it means.
func Complete(c *cobra.Command, after cobra.ShellCompDirective, offer func(args []string, typed string) []string, flags ...string) {
	completion := func(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		return offer(args, typed), after
	}
	if len(flags) == 0 {
		c.ValidArgsFunction = completion
	}
	for _, flag := range flags {
		_ = c.RegisterFlagCompletionFunc(flag, completion) // the flag is there
	}
}

// CompleteWords completes a flag with fixed words.
func CompleteWords(c *cobra.Command, flag string, offered ...string) {
	Complete(c, SpaceFollows, func([]string, string) []string { return offered }, flag)
}

// NoArgs rejects arguments; where there are commands below, it catches unknown
// ones.
func NoArgs(c *cobra.Command, args []string) error {
	if len(args) == 0 || AsksVersion(c) {
		return nil
	}
	if c.HasSubCommands() {
		unknown := &words.UnknownError{What: "command", Name: args[0], Near: c.SuggestionsFor(args[0])}
		return Usagef("%w\n  `%s --help` lists the commands", unknown, c.CommandPath())
	}
	return Usagef("%s takes no arguments, but got %q", c.CommandPath(), args[0])
}

// AsksVersion reports whether --version is given: that needs neither settings
// nor the right arguments.
func AsksVersion(c *cobra.Command) bool {
	asked, err := c.Flags().GetBool("version")
	return err == nil && asked // there is no such flag but in the root
}
