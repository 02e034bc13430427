package cmd

import (
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/spf13/cobra"
)

// completeWords completes a flag with fixed words.
func completeWords(c *cobra.Command, flag string, words ...string) {
	_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

// completeCallbacks completes callbacks by key, with their summaries.
func completeCallbacks(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var words []string
	for _, c := range fixtures.All() {
		words = append(words, c.Key+"\t"+c.Summary)
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}

// completeFields completes --set with the field paths of the callback that is
// on the command line.
func completeFields(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	const directive = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	if len(args) == 0 {
		return nil, directive
	}
	c, err := fixtures.Lookup(args[0])
	if err != nil {
		return nil, directive
	}
	p, err := c.Payload(fixtures.PayloadOptions{Server: fixtures.DefaultRelease})
	if err != nil {
		return nil, directive
	}
	var words []string
	for _, path := range p.Paths() {
		words = append(words, path+"=")
	}
	return words, directive
}

// completeContentTypes completes --content-type; reading the names at start
// would slow every run.
func completeContentTypes(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return fixtures.ContentTypeNames(), cobra.ShellCompDirectiveNoFileComp
}

// completeAnswers completes the flags of serve that begin with a callback.
func completeAnswers(c *cobra.Command) {
	for _, flag := range []string{"refuse", "delay", "fault", "expect"} {
		_ = c.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			return answerWords(flag, typed), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		})
	}
}

// answerWords are callbacks, and after the "=" of --fault the faults.
func answerWords(flag, typed string) (words []string) {
	callback, _, faults := strings.Cut(typed, "=")
	if faults {
		for _, f := range simulator.Faults() {
			if flag == "fault" {
				words = append(words, callback+"="+f.Name+"\t"+f.About)
			}
		}
		return words
	}
	for _, c := range fixtures.All() {
		if flag == "expect" {
			words = append(words, c.Key+"\t"+c.Summary)
		} else {
			words = append(words, c.Key+"=\t"+c.Summary)
		}
	}
	return words
}
