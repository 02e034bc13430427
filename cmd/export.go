package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/imcb-dev/imcb/validate/suite"
	"github.com/spf13/cobra"
)

// schemas are what `imcb export jsonschema --of` knows.
var schemas = []string{"suite"}

func newExport(a *app) *cobra.Command {
	var of string
	c := &cobra.Command{
		Use:       "export jsonschema",
		Short:     "Write the contract in other tools' formats",
		Example:   "  imcb export jsonschema --of suite > " + suite.SchemaFile,
		ValidArgs: []string{"jsonschema"},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || args[0] != "jsonschema" {
				return usagef("export what? For example\n  imcb export jsonschema --of suite")
			}
			if of != "suite" {
				return usagef("--of is %s, not %q", strings.Join(schemas, ", "), of)
			}
			_, err := a.Out.Write(suite.Schema())
			return err
		},
	}
	c.Flags().StringVar(&of, "of", "suite", "the schema of this `kind` of file: "+strings.Join(schemas, ", "))
	completeWords(c, "of", schemas...)
	return c
}

// exampleFile is the suite that `imcb validate --init` writes.
const exampleFile = "imcb-suite.yaml"

// writeExample writes an example suite and its schema, and no file that is
// there already.
func writeExample(a *app) error {
	for _, f := range []struct {
		name string
		text []byte
	}{{exampleFile, suite.Example()}, {suite.SchemaFile, suite.Schema()}} {
		err := writeNew(f.name, f.text)
		if errors.Is(err, fs.ErrExist) {
			return usagef("%s is there already; move it away first", f.name)
		}
		if err != nil {
			return machineError(err)
		}
		fmt.Fprintf(a.Err, "wrote %s\n", f.name)
	}
	fmt.Fprintf(a.Err, "try it: imcb validate %s --mock\n", exampleFile)
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
