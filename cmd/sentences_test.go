package cmd_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSentencesAreSaid: every sentence of a package's table is said somewhere
// in the package, every id that is said has a sentence, and the arguments are
// those that the sentence has room for.
func TestSentencesAreSaid(t *testing.T) {
	for folder, files := range sourceFiles(t) {
		table, said := make(map[string]string), make(map[string]bool)
		for _, file := range files {
			ast.Inspect(file, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok && called(call) == "NewTable" && len(call.Args) == 1 {
					readTable(t, call.Args[0], table)
				}
				return true
			})
		}
		if len(table) == 0 {
			continue
		}
		for _, file := range files {
			ast.Inspect(file, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok && strings.EqualFold(called(call), "say") && len(call.Args) > 0 && call.Ellipsis == 0 {
					id := checkSaid(t, folder, call, table)
					said[id] = true
				}
				return true
			})
		}
		for id := range table {
			assert.True(t, said[id], "%s: nobody says %q", folder, id)
		}
	}
}

// sourceFiles parses the files of each package, by folder and path, tests left
// out.
func sourceFiles(t *testing.T) map[string]map[string]*ast.File {
	packages := make(map[string]map[string]*ast.File)
	set := token.NewFileSet()
	for _, root := range []string{"../fixtures", "../validate", "../simulator", "../cmd"} {
		require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
				folder := filepath.Dir(path)
				if packages[folder] == nil {
					packages[folder] = make(map[string]*ast.File)
				}
				packages[folder][path], err = parser.ParseFile(set, path, nil, 0)
			}
			return err
		}))
	}
	return packages
}

// called is the last name of what a call calls.
func called(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		return f.Sel.Name
	case *ast.Ident:
		return f.Name
	}
	return ""
}

func readTable(t *testing.T, literal ast.Expr, table map[string]string) {
	entries, ok := literal.(*ast.CompositeLit)
	if !ok {
		return
	}
	for _, e := range entries.Elts {
		pair := e.(*ast.KeyValueExpr)
		id, sentence := textOf(pair.Key), textOf(pair.Value)
		assert.NotEmpty(t, sentence, "the sentence %q is one literal", id)
		table[id] = sentence
	}
}

var argument = regexp.MustCompile(`\{([A-Za-z]+)(?::[a-z]+|\|[^{}|]*\|[^{}|]*)?\}`)

// checkSaid compares the arguments of a call with those of its sentence.
func checkSaid(t *testing.T, folder string, call *ast.CallExpr, table map[string]string) string {
	id := textOf(call.Args[0])
	sentence, ok := table[id]
	if !assert.True(t, ok, "%s: %q has no sentence: ids are literals", folder, id) {
		return id
	}
	var wanted, given []string
	for _, match := range argument.FindAllStringSubmatch(sentence, -1) {
		wanted = append(wanted, match[1])
	}
	for i := 1; i < len(call.Args); i += 2 {
		given = append(given, textOf(call.Args[i]))
	}
	slices.Sort(wanted)
	slices.Sort(given)
	assert.Equal(t, slices.Compact(wanted), given, "%s: the arguments of %q", folder, id)
	return id
}

// textOf is the value of a string literal, also of several joined by "+".
func textOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(e.Value)
		return text
	case *ast.BinaryExpr:
		return textOf(e.X) + textOf(e.Y)
	}
	return ""
}
