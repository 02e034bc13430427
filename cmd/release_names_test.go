package cmd_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// eachSource passes on every Go file of the module but tests, under its path
// from the module's root.
func eachSource(t *testing.T, each func(name string, file *ast.File)) {
	t.Helper()
	for _, files := range sourceFiles(t) {
		for path, file := range files {
			each(filepath.ToSlash(strings.TrimPrefix(path, ".."+string(filepath.Separator))), file)
		}
	}
}

var releaseName = regexp.MustCompile(`^(V3\d+\w*|Main)$`)

// TestOnlyTablesNameReleases: code asks a release for what sets it apart. Only
// the tables of package fixtures and validate name one, and spans.
func TestOnlyTablesNameReleases(t *testing.T) {
	tables := []string{"fixtures/release.go", "validate/server.go"}
	named := map[string]bool{}
	eachSource(t, func(name string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				of, ok := n.Type.(*ast.SelectorExpr)
				return !ok || of.Sel.Name != "Span"
			case *ast.SelectorExpr:
				if pkg, ok := n.X.(*ast.Ident); ok && pkg.Name == "fixtures" && releaseName.MatchString(n.Sel.Name) {
					named[name] = true
				}
			case *ast.Ident:
				if file.Name.Name == "fixtures" && releaseName.MatchString(n.Name) {
					named[name] = true
				}
			case *ast.BinaryExpr:
				for _, side := range []ast.Expr{n.X, n.Y} {
					text, _ := stringOf(side)
					assert.NotContains(t, releaseNames, text, "%s compares with a release's name", name)
				}
			}
			return true
		})
	})
	for _, name := range tables {
		assert.True(t, named[name], "%s has the table", name)
		delete(named, name)
	}
	assert.Empty(t, named)
}

func stringOf(e ast.Expr) (string, bool) {
	literal, ok := e.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(literal.Value)
	return text, err == nil
}

// openEnded are the words that may be wrong once there is another release.
var openEnded = func() *regexp.Regexp {
	const release = `(?:(?:OpenIM )?(?:[Mm]ain\b|3\.\d+(?:\.\d+)?(?:-patch\.\d+)?))`
	return regexp.MustCompile(`\b(?:` + strings.Join([]string{
		`(?:[Uu]p to|[Uu]ntil|[Ss]ince|[Ff]rom|[Bb]efore) ` + release + `(?: on\b)?`,
		release + ` (?:and later|to ` + release + `)`,
		`(?:OpenIM )?[Mm]ain\b`,
		`(?:[Ll]ater|[Ee]arlier|[Oo]ther|[Nn]o|[Nn]ewer|[Ee]very|[Aa]ll) (?:version|server|release)s?\b`,
	}, "|") + `)`)
}()

var releaseNames = words.Names(fixtures.Releases(), fixtures.Release.String)

// TestOpenEndedWords lists where people read of releases. Read it when one is
// added: what was true of the newest, or of all, may not be any more.
func TestOpenEndedWords(t *testing.T) {
	found := map[string]bool{"releases: " + strings.Join(releaseNames, ", "): true}
	look := func(name, text string) {
		for _, said := range openEnded.FindAllString(text, -1) {
			found[name+": "+said] = true
		}
	}
	eachSource(t, func(name string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			if e, ok := n.(ast.Expr); ok && name != "fixtures/release.go" {
				if text, ok := stringOf(e); ok && !strings.HasPrefix(text, "open-im-server") { // a source
					look(name, text)
				}
			}
			return true
		})
	})
	for _, c := range fixtures.All() {
		name := "fixtures/callbacks/" + c.Key + ".json"
		look(name, c.Summary)
		for _, n := range append(slices.Clone(c.Trigger), c.Pitfalls...) {
			look(name, n.Text)
		}
		for _, f := range append(slices.Clone(c.Request), c.Reply.Fields...) {
			lookAtField(f, name, look)
		}
	}
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	look("README.md", string(readme))

	var lines []string
	for line := range found {
		lines = append(lines, line)
	}
	slices.Sort(lines)
	got := fmt.Sprintln(strings.Join(lines, "\n"))
	const file = "testdata/open-ended.txt"
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

func lookAtField(f fixtures.Field, name string, look func(name, text string)) {
	look(name, f.Note)
	look(name, f.When)
	for _, change := range f.Changes {
		look(name, change.Note)
	}
	for _, member := range f.Fields {
		lookAtField(member, name, look)
	}
}
