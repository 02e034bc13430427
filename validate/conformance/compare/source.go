package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// server is the module path of OpenIM Server.
const server = "github.com/openimsdk/open-im-server/v3"

// source is a folder with the sources of an OpenIM Server. Its packages are
// checked for types without those that they import from elsewhere: it needs no
// more than the folder and the module with OpenIM's protocol.
type source struct {
	folder string
	// protocol is where that module is, as its path and its folder.
	protocolPath, protocol string

	files    *token.FileSet
	packages map[string]*types.Package
	structs  *types.Package // of requests and replies
	calls    map[string]call
}

func load(folder string) (*source, error) {
	s := &source{folder: folder, files: token.NewFileSet(), packages: map[string]*types.Package{}}
	var err error
	if s.protocolPath, s.protocol, err = protocolOf(folder); err != nil {
		return nil, err
	}
	if s.structs, err = s.check(server+"/pkg/callbackstruct", filepath.Join(folder, "pkg", "callbackstruct")); err != nil {
		return nil, err
	}
	s.calls, err = s.findCalls()
	return s, err
}

// protocolOf brings the module with OpenIM's protocol in the version that the
// folder's go.mod names.
func protocolOf(folder string) (name, dir string, err error) {
	var mod struct {
		Module  struct{ Path string }
		Require []struct{ Path, Version string }
	}
	if err := goJSON(&mod, "mod", "edit", "-json", filepath.Join(folder, "go.mod")); err != nil {
		return "", "", err
	}
	if mod.Module.Path != server {
		return "", "", fmt.Errorf("%s holds the module %q, not %s", folder, mod.Module.Path, server)
	}
	for _, r := range mod.Require {
		if strings.EqualFold(r.Path, "github.com/openimsdk/protocol") {
			var brought struct{ Dir string }
			err := goJSON(&brought, "mod", "download", "-json", r.Path+"@"+r.Version)
			return r.Path, brought.Dir, err
		}
	}
	return "", "", fmt.Errorf("%s requires no openimsdk/protocol", filepath.Join(folder, "go.mod"))
}

// goJSON runs the go command outside any module and reads what it prints.
func goJSON(to any, args ...string) error {
	command := exec.Command("go", args...)
	command.Env = append(os.Environ(), "GO111MODULE=on", "GOWORK=off", "GOFLAGS=-mod=mod")
	var failure bytes.Buffer
	command.Stderr = &failure
	out, err := command.Output()
	if err != nil {
		return fmt.Errorf("go %s: %w\n%s%s", strings.Join(args, " "), err, failure.Bytes(), out)
	}
	return json.Unmarshal(out, to)
}

// check reads the package of a folder; what it lacks of others is left open.
func (s *source) check(name, folder string) (*types.Package, error) {
	files, err := s.parse(folder)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, errors.New("no Go files in " + folder)
	}
	config := types.Config{Importer: s, IgnoreFuncBodies: true, FakeImportC: true, Error: func(error) {}}
	checked, _ := config.Check(name, s.files, files, nil)
	s.packages[name] = checked
	return checked, nil
}

// Import gives a package of the server or of the protocol, and an empty one for
// any other.
func (s *source) Import(name string) (*types.Package, error) {
	if known := s.packages[name]; known != nil {
		return known, nil
	}
	for prefix, folder := range map[string]string{server: s.folder, s.protocolPath: s.protocol} {
		if under, ok := strings.CutPrefix(name, prefix+"/"); ok {
			return s.check(name, filepath.Join(folder, filepath.FromSlash(under)))
		}
	}
	empty := types.NewPackage(name, path.Base(name))
	empty.MarkComplete()
	s.packages[name] = empty
	return empty, nil
}

// parse reads the Go files of a folder but the tests.
func (s *source) parse(folder string) ([]*ast.File, error) {
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return nil, err
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(s.files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

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
