package cmd

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// buildVersion is set by the release build.
var buildVersion string

func version() string {
	if buildVersion != "" {
		return buildVersion
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "(built from source)"
}

// AnswerVersion answers a lone --version and reports whether it did. It needs
// neither signals nor the command tree, which take longer than the answer.
func AnswerVersion(args []string, s Streams) bool {
	if len(args) != 1 || args[0] != "--version" {
		return false
	}
	_ = printVersion(s.Out)
	return true
}

func printVersion(w io.Writer) error {
	_, err := fmt.Fprintf(w, "imcb %s\n", version())
	return err
}

// addVersionFlag gives the root the --version that cobra gives a command with
// a Version: it needs neither settings nor the right arguments. Cobra's own
// says more than imcb's, and changing that takes a template: text/template
// makes the binary larger and its start slower.
func addVersionFlag(root *cobra.Command) {
	const name = "version"
	asked := root.Flags().BoolP(name, "v", false, "version for imcb")
	_ = root.Flags().SetAnnotation(name, cobra.FlagSetByCobraAnnotation, []string{"true"})
	args, preRun, run := root.Args, root.PersistentPreRunE, root.RunE
	unlessAsked := func(do func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
		return func(c *cobra.Command, args []string) error {
			if *asked {
				return nil
			}
			return do(c, args)
		}
	}
	root.Args, root.PersistentPreRunE = unlessAsked(args), unlessAsked(preRun)
	root.RunE = func(c *cobra.Command, args []string) error {
		if *asked {
			return printVersion(c.OutOrStdout())
		}
		return run(c, args)
	}
}

func newVersion(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(a.Out, "imcb %s (%s, %s/%s)\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
