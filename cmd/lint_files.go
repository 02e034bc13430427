package cmd

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/deployment"
	"github.com/imcb-dev/imcb/validate/webhooks"
)

// linted is one webhooks.yml, or one OpenIM of a deployment.
type linted struct {
	name   string
	server validate.Server
	file   *webhooks.File
	lint   func(webhooks.LintOptions) []validate.Finding
}

// lintFiles are what the arguments of lint name, by what they hold.
type lintFiles struct {
	*lintOptions
	// parts are the files of the one Compose project, and of the one cluster, that
	// the arguments name.
	parts map[deployment.Kind][]deployment.File
	found []linted
}

// targets reads the files. One that can't be read doesn't keep the others from
// being linted.
func (o *lintOptions) targets() []linted {
	l := &lintFiles{lintOptions: o, parts: make(map[deployment.Kind][]deployment.File)}
	for _, name := range o.files {
		if entries, err := os.ReadDir(name); err == nil {
			o.fail(l.folder(name, entries))
		} else {
			o.fail(l.file(name))
		}
	}
	for _, kind := range []deployment.Kind{deployment.Compose, deployment.Manifests} {
		if files := l.parts[kind]; len(files) > 0 {
			o.fail(l.deployment(kind, files))
		}
	}
	return l.found
}

func (o *lintOptions) fail(err error) {
	if err != nil {
		o.failed = append(o.failed, err)
	}
}

func (l *lintFiles) read(name string) (deployment.File, error) {
	body, name, err := readLinted(l.app.Streams, name)
	return deployment.File{Name: name, Text: body}, err
}

// file reads a file that was named.
func (l *lintFiles) file(name string) error {
	f, err := l.read(name)
	if err != nil {
		return err
	}
	kind, err := deployment.KindOf(f)
	switch {
	case err != nil:
		return shell.Usagef("%s", words.Lines(err.Error()))
	case kind != deployment.Webhooks:
		l.parts[kind] = append(l.parts[kind], f)
		return nil
	default:
		return l.webhooks(f)
	}
}

func (l *lintFiles) webhooks(f deployment.File) error {
	file, err := webhooks.Parse(f.Name, f.Text)
	if err != nil {
		return shell.Usagef("%s", words.Lines(err.Error()))
	}
	l.found = append(l.found, linted{name: file.Name, server: l.server, file: file, lint: file.Lint})
	return nil
}

// deployment reads the files of a Compose project or of a cluster.
func (l *lintFiles) deployment(kind deployment.Kind, files []deployment.File) error {
	o := deployment.Options{Read: l.beside}
	if l.app.Given["server"] {
		o.Server = &l.server
	}
	for _, name := range l.envFiles {
		f, err := l.read(name)
		if err != nil {
			return err
		}
		o.EnvFiles = append(o.EnvFiles, f)
	}
	all, err := deployment.Read(kind, files, o)
	if err != nil {
		return shell.Usagef("%w", err)
	}
	for _, one := range all {
		l.found = append(l.found, linted{name: one.Name, server: one.Server, file: one.Webhooks, lint: one.Lint})
	}
	return nil
}

// maxBeside is the size of what a deployment names, at most.
const maxBeside = 1 << 20

// beside reads a file that a deployment names: it may name anything.
func (l *lintFiles) beside(name string) ([]byte, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular() || info.Size() > maxBeside:
		return nil, fs.ErrInvalid
	default:
		return l.app.ReadFile(name)
	}
}

// composeNames are the files that Compose looks for in a folder, the first that is
// there, and what it adds to it.
var composeNames = [][]string{
	{"compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"},
	{"compose.override.yaml", "compose.override.yml", "docker-compose.override.yaml", "docker-compose.override.yml"},
}

// errNone: a folder has nothing of a kind.
var errNone = errors.New("none of this kind")

// folder reads what lies in a folder: a Compose project, manifests, or OpenIM's own
// configuration, also in its folder config.
func (l *lintFiles) folder(name string, entries []fs.DirEntry) error {
	var files []string
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); !e.IsDir() && (ext == ".yml" || ext == ".yaml") {
			files = append(files, e.Name())
		}
	}
	var noOpenIM *deployment.NoOpenIMError
	err := l.composeIn(name, files)
	if !errors.Is(err, errNone) && !errors.As(err, &noOpenIM) {
		return err
	}
	for _, read := range []func(string, []string) error{l.manifestsIn, l.configIn} {
		if other := read(name, files); !errors.Is(other, errNone) {
			return other
		}
	}
	if noOpenIM != nil {
		return err
	}
	return shell.Usagef("%s: there is no compose.yaml, no webhooks.yml and no Kubernetes manifest in this folder", name)
}

// composeIn reads the Compose project of a folder.
func (l *lintFiles) composeIn(folder string, files []string) error {
	var project []deployment.File
	for _, names := range composeNames {
		i := slices.IndexFunc(names, func(name string) bool { return slices.Contains(files, name) })
		if i < 0 {
			break
		}
		f, err := l.read(filepath.Join(folder, names[i]))
		if err != nil {
			return err
		}
		project = append(project, f)
	}
	if len(project) == 0 {
		return errNone
	}
	return l.deployment(deployment.Compose, project)
}

// manifestsIn reads the Kubernetes manifests of a folder.
func (l *lintFiles) manifestsIn(folder string, files []string) error {
	var manifests []deployment.File
	for _, name := range files {
		f, err := l.read(filepath.Join(folder, name))
		if err != nil {
			return err
		}
		if kind, err := deployment.KindOf(f); err == nil && kind == deployment.Manifests {
			manifests = append(manifests, f)
		}
	}
	if len(manifests) == 0 {
		return errNone
	}
	return l.deployment(deployment.Manifests, manifests)
}

// configIn reads OpenIM's own configuration.
func (l *lintFiles) configIn(folder string, _ []string) error {
	for _, name := range []string{"webhooks.yml", "config/webhooks.yml", "config.yaml", "config/config.yaml"} {
		f, err := l.read(filepath.Join(folder, strings.ReplaceAll(name, "/", string(filepath.Separator))))
		if err == nil {
			return l.webhooks(f)
		}
	}
	return errNone
}
