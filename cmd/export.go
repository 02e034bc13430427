package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/simulator/rules"
	"github.com/imcb-dev/imcb/validate/suite"
	"github.com/spf13/cobra"
)

// schemas are what `imcb export jsonschema --of` knows.
var schemas = []struct {
	kind string
	text func(root *cobra.Command) []byte
}{
	{"suite", func(*cobra.Command) []byte { return suite.Schema(allRules()) }},
	{"rules", func(*cobra.Command) []byte { return rules.Schema() }},
	{"settings", settingsSchema},
}

func newExport(a *app) *cobra.Command {
	var of string
	var kinds []string
	for _, s := range schemas {
		kinds = append(kinds, s.kind)
	}
	c := &cobra.Command{
		Use:       "export jsonschema",
		Short:     "Write the contract in other tools' formats",
		Example:   "  imcb export jsonschema --of suite > " + suite.SchemaFile + "\n  imcb export jsonschema --of rules > " + rules.SchemaFile,
		ValidArgs: []string{"jsonschema"},
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) != 1 || args[0] != "jsonschema" {
				return usagef("export what? For example\n  imcb export jsonschema --of suite")
			}
			i := slices.Index(kinds, of)
			if i < 0 {
				return usagef("--of is %s, not %q", strings.Join(kinds, " or "), of)
			}
			_, err := a.Out.Write(schemas[i].text(c.Root()))
			return err
		},
	}
	c.Flags().StringVar(&of, "of", "suite", "the schema of this `kind` of file: "+strings.Join(kinds, ", "))
	completeWords(c, "of", kinds...)
	return c
}

// exampleFile is a file that --init writes.
type exampleFile struct {
	name string
	text []byte
}

// The files that `imcb validate --init` and `imcb serve --init` write: an
// example, and its schema.
func suiteExample() []exampleFile {
	return []exampleFile{{"imcb-suite.yaml", suite.Example()}, {suite.SchemaFile, suite.Schema(allRules())}}
}

func rulesExample() []exampleFile {
	return []exampleFile{{"imcb-rules.yaml", rules.Example()}, {rules.SchemaFile, rules.Schema()}}
}

// writeExample writes the files, but none that is there already, and says how
// to try the first.
func writeExample(a *app, files []exampleFile, try string) error {
	for _, f := range files {
		err := writeNew(f.name, f.text)
		if errors.Is(err, fs.ErrExist) {
			return usagef("%s is there already; move it away first", f.name)
		}
		if err != nil {
			return machineError(err)
		}
		fmt.Fprintf(a.Err, "wrote %s\n", f.name)
	}
	fmt.Fprintf(a.Err, "try it: imcb "+try+"\n", files[0].name)
	return nil
}

func writeNew(name string, text []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}
