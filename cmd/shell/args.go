package shell

import (
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/spf13/cobra"
)

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
