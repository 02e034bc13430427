package cmd_test

import (
	"go/build"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/imcb-dev/imcb/"

// chain lists the packages so that each may import only those after it.
var chain = []string{
	"cmd/imcb", "cmd", "simulator/inspector", "simulator/probe", "simulator/rules", "simulator", "validate/record", "validate/report", "validate/suite", "validate/webhooks", "validate/yamlfile", "validate", "fixtures", "fixtures/words",
}

func TestImportsRunOneWay(t *testing.T) {
	for i, name := range chain {
		pkg, err := build.ImportDir(filepath.Join("..", name), 0)
		require.NoError(t, err)
		for _, imported := range pkg.Imports {
			if own, ok := strings.CutPrefix(imported, module); ok {
				assert.Contains(t, chain[i+1:], own, "%s must not import %s", name, own)
			}
		}
	}
}

func TestOnlyReportAndCmdKnowColors(t *testing.T) {
	for _, name := range []string{"simulator", "validate", "fixtures"} {
		pkg, err := build.ImportDir(filepath.Join("..", name), 0)
		require.NoError(t, err)
		for _, imported := range pkg.Imports {
			assert.NotContains(t, imported, "charmbracelet", name)
			assert.NotContains(t, imported, "spf13", name)
		}
	}
}

func TestTheLibraryNeitherExitsNorPrints(t *testing.T) {
	for _, name := range []string{"simulator", "validate", "validate/record", "validate/report", "fixtures"} {
		pkg, err := build.ImportDir(filepath.Join("..", name), 0)
		require.NoError(t, err)
		assert.NotContains(t, pkg.Imports, "os", name)
	}
}
