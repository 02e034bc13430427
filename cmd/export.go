package cmd

import (
	"github.com/imcb-dev/imcb/cmd/run"
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/simulator/rules"
	"github.com/imcb-dev/imcb/validate/suite"
	"github.com/spf13/cobra"
)

func newExport(a *shell.App) *cobra.Command {
	var of string
	c := &cobra.Command{
		Use:       "export jsonschema",
		Short:     "Write the contract in other tools' formats",
		Example:   "  imcb export jsonschema --of suite > " + suite.SchemaFile + "\n  imcb export jsonschema --of rules > " + rules.SchemaFile,
		ValidArgs: []string{"jsonschema"},
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) != 1 || args[0] != "jsonschema" {
				return shell.Usagef("export what? For example\n  imcb export jsonschema --of suite")
			}
			return a.Print(string(schemaOf(of, c.Root())))
		},
	}
	shell.AddChoice(c, &of, "of", "suite", "the schema of this `kind` of file: suite, rules, settings", "suite", "rules", "settings")
	return c
}

func schemaOf(kind string, root *cobra.Command) []byte {
	switch kind {
	case "suite":
		return suite.Schema(run.AllRules())
	case "rules":
		return rules.Schema()
	default:
		return shell.SettingsSchema(root)
	}
}
