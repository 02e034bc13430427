package main

import (
	"cmp"
	"go/ast"
	"go/constant"
	"go/types"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
)

// call is how the server sends one callback.
type call struct {
	constant, request, reply string   // names in package callbackstruct
	sent                     bool     // something calls the function that sends it
	query                    bool     // it adds a query to the URL
	sets                     []string // the fields that the function sets
}

// findCalls reads which types the server uses for each command: those that its
// function names beside the command.
func (s *source) findCalls() (map[string]call, error) {
	calls := map[string]call{}
	err := filepath.WalkDir(filepath.Join(s.folder, "internal"), func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		files, err := s.parse(name)
		for _, file := range files {
			for _, d := range file.Decls {
				f, ok := d.(*ast.FuncDecl)
				if !ok {
					continue
				}
				if command, found := s.callIn(file, f); command != "" {
					found.sent = called(files, f.Name.Name)
					calls[command] = found
				}
			}
		}
		return err
	})
	return calls, err
}

// callIn is the callback that a function sends; an empty command for none.
func (s *source) callIn(file *ast.File, f *ast.FuncDecl) (command string, found call) {
	local := importedAs(file, s.structs)
	if local == "" {
		return "", found
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok {
				found.sets = append(found.sets, key.Name)
			}
		case *ast.SelectorExpr:
			found.query = found.query || n.Sel.Name == "AsyncPostWithQuery"
			if x, ok := n.X.(*ast.Ident); ok && x.Name == local {
				command = cmp.Or(s.name(&found, n.Sel.Name), command)
			}
		}
		return true
	})
	return command, found
}

// name takes up a name of package callbackstruct; for a command, it returns
// what goes on the wire.
func (s *source) name(found *call, name string) (command string) {
	switch object := s.structs.Scope().Lookup(name).(type) {
	case *types.Const:
		if object.Val().Kind() == constant.String {
			found.constant = name
			return constant.StringVal(object.Val())
		}
	case *types.TypeName:
		if strings.HasSuffix(name, "Resp") {
			found.reply = name
		} else if found.request == "" && strings.HasSuffix(name, "Req") {
			found.request = name // the outer one; those within it follow
		}
	}
	return ""
}

// importedAs is the name that the file has for a package; empty for none.
func importedAs(file *ast.File, p *types.Package) string {
	for _, i := range file.Imports {
		if name, _ := strconv.Unquote(i.Path.Value); name == p.Path() {
			if i.Name != nil {
				return i.Name.Name
			}
			return p.Name()
		}
	}
	return ""
}

// called says whether the files call a function or method.
func called(files []*ast.File, name string) (found bool) {
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok {
				switch f := c.Fun.(type) {
				case *ast.Ident:
					found = found || f.Name == name
				case *ast.SelectorExpr:
					found = found || f.Sel.Name == name
				}
			}
			return !found
		})
	}
	return found
}
