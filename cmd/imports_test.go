package cmd_test

import (
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/imcb-dev/imcb/"

// chain lists the packages so that each may import only those after it.
var chain = []string{
	"cmd/imcb", "cmd", "cmd/serve", "cmd/run", "cmd/shell",
	"simulator/mock", "simulator/inspector", "simulator/trigger", "simulator/play", "simulator/rules", "simulator",
	"validate/record", "validate/report", "validate/suite", "validate/deployment", "validate/webhooks", "validate/yamlfile", "validate",
	"fixtures", "fixtures/words",
}

// printers are the packages that may color what they write, beside cmd.
var printers = []string{"validate/report"}

func TestImportsRunOneWay(t *testing.T) {
	for name, pkg := range packages(t) {
		place := slices.Index(chain, name)
		if !assert.GreaterOrEqual(t, place, 0, "%s has no place in the chain", name) {
			continue
		}
		for _, imported := range pkg.Imports {
			if own, ok := strings.CutPrefix(imported, module); ok {
				assert.Contains(t, chain[place+1:], own, "%s must not import %s", name, own)
			}
		}
	}
}

// The library below cmd knows no flags, neither exits nor prints, and leaves
// files and colors to others.
func TestTheLibraryNeitherExitsNorPrints(t *testing.T) {
	for name, pkg := range packages(t) {
		if name == "cmd" || strings.HasPrefix(name, "cmd/") {
			continue
		}
		assert.NotContains(t, pkg.Imports, "os", name)
		for _, imported := range pkg.Imports {
			assert.NotContains(t, imported, "spf13", name)
			if !slices.Contains(printers, name) {
				assert.NotContains(t, imported, "charmbracelet", name)
			}
		}
	}
}

// packages are those of this module by folder, without test data.
func packages(t *testing.T) map[string]*build.Package {
	found := make(map[string]*build.Package)
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() || path == root {
			return err
		}
		if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil || d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") {
			return filepath.SkipDir
		}
		pkg, err := build.ImportDir(path, 0)
		if err == nil && len(pkg.GoFiles) > 0 {
			name, _ := filepath.Rel(root, path)
			found[filepath.ToSlash(name)] = pkg
		}
		return nil
	}))
	require.Contains(t, found, "cmd")
	return found
}

// What CONTRIBUTING.md and the walk through the code say of folders and files.
func TestTheMapIsTrue(t *testing.T) {
	guide, err := os.ReadFile("../CONTRIBUTING.md")
	require.NoError(t, err)
	for _, name := range chain {
		assert.Contains(t, string(guide), "`"+name+"`", "its map has each folder")
	}
	walk, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	for _, file := range regexp.MustCompile(`\b[a-z_/]+\.go\b`).FindAllString(string(walk), -1) {
		assert.True(t, exists(file) || exists("../validate/webhooks/"+file), "doc.go speaks of %s", file)
	}
	for _, path := range regexp.MustCompile("`[a-z]+/[a-z_/]+(\\.[a-z]+)?`").FindAllString(string(guide), -1) {
		assert.True(t, exists("../"+strings.Trim(path, "`")), "CONTRIBUTING.md speaks of %s", path)
	}
}

// go test rejects -update where no test knows it, and takes what follows it for its
// value.
func TestTheGuideUpdatesEveryGolden(t *testing.T) {
	guide, err := os.ReadFile("../CONTRIBUTING.md")
	require.NoError(t, err)
	var want []string
	for name, pkg := range packages(t) {
		for _, file := range slices.Concat(pkg.TestGoFiles, pkg.XTestGoFiles) {
			text, err := os.ReadFile(filepath.Join("..", name, file))
			require.NoError(t, err)
			if strings.Contains(string(text), "update = flag.Bool(") {
				want = append(want, "./"+name)
			}
		}
	}
	slices.Sort(want)
	line := regexp.MustCompile(`go test .* -update`).FindString(string(guide))
	assert.Equal(t, "go test "+strings.Join(slices.Compact(want), " ")+" -update", line, "in CONTRIBUTING.md")
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
