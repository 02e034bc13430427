package shell

import (
	"github.com/spf13/cobra"
)

// What comes after a completed word.
const (
	SpaceFollows = cobra.ShellCompDirectiveNoFileComp
	ValueFollows = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	// OrFile: files complete as well.
	OrFile = cobra.ShellCompDirectiveDefault
)

// Complete completes flags, or the arguments when no flag is named. Words gets
// the arguments so far and what is typed of the next; each word may end in "\t"
// and what it means.
func Complete(c *cobra.Command, after cobra.ShellCompDirective, words func(args []string, typed string) []string, flags ...string) {
	completion := func(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		return words(args, typed), after
	}
	if len(flags) == 0 {
		c.ValidArgsFunction = completion
	}
	for _, flag := range flags {
		_ = c.RegisterFlagCompletionFunc(flag, completion) // the flag is there
	}
}

// CompleteWords completes a flag with fixed words.
func CompleteWords(c *cobra.Command, flag string, words ...string) {
	Complete(c, SpaceFollows, func([]string, string) []string { return words }, flag)
}
