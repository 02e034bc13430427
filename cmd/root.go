package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// app is what all commands share: the streams and the flags of the root.
type app struct {
	Streams
	colorFlag string
	// typed are the flags of the command line, without those filled in.
	typed map[string]bool
}

const rootExample = `  imcb validate --mock                          try it: every callback against the built-in receiver
  imcb send beforeSendSingleMsg --url http://127.0.0.1:8080/callback
  imcb validate --url http://127.0.0.1:8080/callback
  imcb validate beforeAddFriend --reply reply.json
  imcb serve                                    play the receiver for a real OpenIM`

// newRoot builds the command tree.
func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "imcb",
		Short: "Test and simulate OpenIM callbacks",
		Long: `imcb sends the callbacks (webhooks) that OpenIM Server sends, says what each
OpenIM version makes of the reply, and can play the receiver.

Each flag can also be set as a variable (IMCB_URL for --url) or in imcb.yaml. Such a
setting holds for each command that has the flag and can use the value; below a
command's name in imcb.yaml it holds for that command alone.

` + exitCodeTable(),
		Example:       rootExample,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArgs,

		SuggestionsMinimumDistance: 2,

		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
		PersistentPreRunE: func(c *cobra.Command, _ []string) error {
			return fillFlags(c, a)
		},
	}
	root.SetIn(a.In)
	root.SetOut(a.Out)
	root.SetErr(a.Err)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return flagError(c, err) })
	root.PersistentFlags().StringVar(&a.colorFlag, "color", "auto", "use colors: `when` is auto, always or never")
	addVersionFlag(root)
	root.AddGroup(
		&cobra.Group{ID: "know", Title: "Know the contract:"},
		&cobra.Group{ID: "play", Title: "Play OpenIM, play the receiver:"},
	)
	for _, c := range commands {
		made := c.make(a)
		made.GroupID = c.group
		root.AddCommand(made)
	}
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			c.Args, c.RunE = noArgs, func(c *cobra.Command, _ []string) error { return c.Help() }
		}
	}
	return root
}

// commands in the order of the help.
var commands = []struct {
	group string
	make  func(*app) *cobra.Command
}{
	{"know", newList},
	{"know", newShow},
	{"know", newRules},
	{"know", newLint},
	{"play", newSend},
	{"play", newValidate},
	{"play", newServe},
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
	for _, c := range root.Commands() {
		if c.Name() == args[0] {
			return nil
		}
	}
	return noArgs(root, args)
}

// noArgs rejects arguments; where there are commands below, it catches unknown
// ones.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if c.HasSubCommands() {
		message := fmt.Sprintf("unknown command %q", args[0])
		if near := c.SuggestionsFor(args[0]); len(near) > 0 {
			message += ": did you mean " + strings.Join(near, " or ") + "?"
		}
		return usagef("%s\n  `%s --help` lists the commands", message, c.CommandPath())
	}
	return usagef("%s takes no arguments, but got %q", c.CommandPath(), args[0])
}

// flagError explains a wrong flag and names the nearest right ones.
func flagError(c *cobra.Command, err error) error {
	message := err.Error()
	if name, ok := strings.CutPrefix(message, "unknown flag: --"); ok {
		if near := nearFlags(c, name); near != "" {
			message += ": did you mean " + near + "?"
		}
	}
	return usagef("%s\n  `%s --help` lists the flags", message, c.CommandPath())
}

func nearFlags(c *cobra.Command, name string) string {
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	near := nearestOf(name, names)
	for i := range near {
		near[i] = "--" + near[i]
	}
	return strings.Join(near, " or ")
}

// nearestOf returns the names that are most like one.
func nearestOf(name string, names []string) []string {
	slices.Sort(names)
	return words.Nearest(name, slices.Compact(names))
}
