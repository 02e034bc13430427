package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"path"
	"path/filepath"
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
	s.structs, err = s.check(server+"/pkg/callbackstruct", filepath.Join(folder, "pkg", "callbackstruct"))
	if err != nil {
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
	file, err := filepath.Abs(filepath.Join(folder, "go.mod"))
	if err != nil {
		return "", "", err
	}
	if err := goJSON(&mod, os.TempDir(), "mod", "edit", "-json", file); err != nil {
		return "", "", err
	}
	if mod.Module.Path != server {
		return "", "", fmt.Errorf("%s holds the module %q, not %s", folder, mod.Module.Path, server)
	}
	for _, r := range mod.Require {
		if strings.EqualFold(r.Path, "github.com/openimsdk/protocol") {
			var brought struct{ Dir string }
			err := goJSON(&brought, os.TempDir(), "mod", "download", "-json", r.Path+"@"+r.Version)
			return r.Path, brought.Dir, err
		}
	}
	return "", "", fmt.Errorf("%s requires no openimsdk/protocol", file)
}

// goJSON runs the go command in a folder and reads what it prints. The flags of
// a caller's module are not for others.
func goJSON(to any, folder string, args ...string) error {
	command := exec.Command("go", args...)
	command.Dir = folder
	command.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
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
