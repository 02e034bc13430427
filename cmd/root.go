package cmd

import (
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/cmd/serve"
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/spf13/cobra"
)

func newRoot(a *shell.App) *cobra.Command {
	root := &cobra.Command{
		Use:   "imcb",
		Short: "Test and simulate OpenIM callbacks",
		Long: `imcb sends the callbacks (webhooks) that OpenIM Server sends, says what each
OpenIM version makes of the reply, and can play the receiver.`,
		Example:       rootExample,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          shell.NoArgs,

		SuggestionsMinimumDistance: 2,

		RunE: func(c *cobra.Command, _ []string) error {
			if shell.AsksVersion(c) {
				return printVersion(a.Out)
			}
			return c.Help()
		},
		PersistentPreRunE: func(c *cobra.Command, _ []string) error {
			if needsNoSettings(c) {
				return nil
			}
			return a.FillFlags(c)
		},
	}
	root.SetIn(a.In)
	root.SetOut(a.Out)
	root.SetErr(a.Err)
	root.SetFlagErrorFunc(shell.FlagError)
	root.PersistentFlags().StringVar(&a.Color, "color", "auto", "use colors: `when` is auto, always or never")
	// Cobra's own --version says more than imcb's, and changing that takes a
	// template: text/template makes the binary larger and its start slower.
	root.Flags().BoolP("version", "v", false, "version for imcb")
	root.AddGroup(
		&cobra.Group{ID: "play", Title: "Play OpenIM, play the receiver:"},
		&cobra.Group{ID: "know", Title: "Know the contract:"},
	)
	for _, one := range commands {
		c := one.create(a)
		c.GroupID = one.group
		root.AddCommand(c)
	}
	root.InitDefaultCompletionCmd()
	addHelp(root)
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			c.Args, c.RunE = shell.NoArgs, func(c *cobra.Command, _ []string) error { return c.Help() }
		}
	}
	return root
}

// needsNoSettings says that a command works also where imcb.yaml is wrong.
func needsNoSettings(c *cobra.Command) bool {
	return shell.AsksVersion(c) || slices.Contains([]string{"version", "help", "completion"}, c.Name()) || c.Parent() != nil && c.Parent().Name() == "completion"
}

// commands with their groups in the help.
var commands = []struct {
	group  string
	create func(*shell.App) *cobra.Command
}{
	{"play", newSend},
	{"play", newValidate},
	{"play", serve.New},
	{"play", newTrigger},
	{"know", newList},
	{"know", newShow},
	{"know", newRules},
	{"know", newLint},
	{"", newExport},
	{"", newVersion},
}

// unknownCommand rejects a misspelt command before its flags, or help for it,
// are asked of the root.
func unknownCommand(root *cobra.Command, args []string) error {
	if len(args) > 0 && args[0] == "help" {
		args = args[1:]
	}
	if len(args) == 0 || strings.HasPrefix(args[0], "-") || strings.HasPrefix(args[0], "__complete") {
		return nil
	}
	if slices.ContainsFunc(root.Commands(), func(c *cobra.Command) bool { return c.Name() == args[0] }) {
		return nil
	}
	return shell.NoArgs(root, args)
}
