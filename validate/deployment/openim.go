package deployment

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/webhooks"
)

// Options say what is beside the files of a deployment.
type Options struct {
	// Server is the OpenIM that runs; nil: the one that the image's tag names.
	Server *validate.Server
	// EnvFiles fill in placeholders, in this order. None: the .env beside the first
	// file does.
	EnvFiles []File
	// Read reads a file beside them; nil: there is none.
	Read func(name string) ([]byte, error)
}

func (o Options) read(name string) ([]byte, error) {
	if o.Read == nil {
		return nil, fs.ErrNotExist
	}
	return o.Read(name)
}

// OpenIM is one OpenIM of a deployment, or one part of it.
type OpenIM struct {
	// Name is the file, of a cluster the one that has the container, and the
	// containers: "compose.yaml (openim-server)".
	Name string
	// Server is what runs there.
	Server validate.Server
	// Webhooks is webhooks.yml as it reads it, its variables laid over.
	Webhooks *webhooks.File

	*container
	project *project
	// first: the findings about the whole deployment are told with it.
	first bool
	// named: the version was told, by the tag or the caller.
	named bool
	// ignored are variables that none of the file's settings takes; notRead is the
	// mount that could not be read.
	ignored []webhooks.Variable
	notRead *mount
	// shipped: the file is the release's own.
	shipped bool
}

// project is what the containers share.
type project struct {
	containers []*container
	// scope fills in placeholders; nil: there are none.
	scope *scope
	// typed, skipped, absent: see cluster and composeReader.
	typed, skipped, absent []located
	// beside are webhooks.yml that no container has mounted.
	beside []beside
}

// beside is a webhooks.yml that lies beside the deployment, or in a ConfigMap.
type beside struct {
	at   webhooks.Origin
	file *webhooks.File
}

// NoOpenIMError says that no container runs what reads webhooks.yml.
type NoOpenIMError struct {
	// File is the deployment's, Images are those of its containers.
	File, Images string
}

func (e *NoOpenIMError) Error() string {
	return say("no-openim", "file", e.File, "images", e.Images).String()
}

// Read reads a deployment: the files of one Compose project, in the order in which
// they add to each other, or Kubernetes manifests. The error is a *yamlfile.Error
// or yamlfile.Errors of a file that can't be used, or a *NoOpenIMError.
func Read(kind Kind, files []File, o Options) ([]*OpenIM, error) {
	p, err := readProject(kind, files, o)
	if err != nil {
		return nil, err
	}
	var all []*OpenIM
	for _, c := range p.containers {
		if !c.reads() {
			continue
		}
		one, err := p.openIM(c, o)
		if err != nil {
			return nil, err
		}
		names := c.parts
		if len(names) == 0 {
			names = []string{c.name}
		}
		name := files[0].Name
		if c.cluster {
			name = c.at.File
		}
		one.Name = name + " (" + words.FewOf(names, 3) + ")"
		one.first = len(all) == 0
		all = append(all, one)
	}
	if len(all) == 0 {
		return nil, &NoOpenIMError{files[0].Name, p.images()}
	}
	return all, nil
}

func readProject(kind Kind, files []File, o Options) (*project, error) {
	if kind == Manifests {
		k, err := readCluster(files)
		if err != nil {
			return nil, err
		}
		p := &project{containers: k.containers, typed: k.typed}
		for _, name := range k.unmounted() {
			read, _ := k.file(name, webhooksFile)
			p.lay(read)
		}
		return p, nil
	}
	r, err := readCompose(files, o)
	if err != nil {
		return nil, err
	}
	p := &project{containers: r.services, scope: r.scope, skipped: r.skipped, absent: r.absent}
	for _, name := range []string{webhooksFile, "webhook.yml", "config/" + webhooksFile} {
		if read, ok := r.fileOf(".")(name); ok && !p.mounts(read.Name) {
			p.lay(read)
		}
	}
	return p, nil
}

// lay notes a webhooks.yml that is not mounted, if it can be read.
func (p *project) lay(read mounted) {
	if file, err := read.webhooks(); err == nil {
		p.beside = append(p.beside, beside{file.URLAt(), file})
	}
}

// mounts reports whether a container has the file in its configuration.
func (p *project) mounts(name string) bool {
	return slices.ContainsFunc(p.containers, func(c *container) bool {
		m, file, ok := c.mountOf()
		if !ok {
			return false
		}
		read, ok := m.file(file)
		return ok && path.Clean(read.Name) == path.Clean(name)
	})
}

func (p *project) images() string {
	var names []string
	for _, c := range p.containers {
		if c.image.text != "" && !slices.Contains(names, c.image.text) {
			names = append(names, c.image.text)
		}
	}
	return words.FewOf(names, 5)
}

// webhooks reads a mounted webhooks.yml.
func (m mounted) webhooks() (*webhooks.File, error) {
	if m.inner == nil {
		return webhooks.Parse(m.Name, m.Text)
	}
	f, err := webhooks.Parse(m.Name+" ("+webhooksFile+")", m.inner)
	if err != nil {
		return nil, err
	}
	return f.In(m.Name, m.Text, m.lines, m.columns), nil
}

// openIM is what the container makes of its files and variables.
func (p *project) openIM(c *container, o Options) (*OpenIM, error) {
	one := &OpenIM{container: c, project: p}
	if one.Server, one.named = c.server(); o.Server != nil {
		one.Server, one.named = o.Server.OrDefault(), true
	}
	one.Server = one.Server.OrDefault()
	file, err := one.base()
	if err != nil {
		return nil, err
	}
	if !one.Server.IgnoresEnvironment() && one.Server.Release.Config().Flat {
		file, one.ignored = file.Under(c.variables)
	}
	one.Webhooks = file.On(webhooks.InContainer)
	if c.hostNetwork {
		one.Webhooks = file.On(webhooks.OnHost)
	}
	return one, nil
}

// base is the container's webhooks.yml, before its variables.
func (o *OpenIM) base() (*webhooks.File, error) {
	m, name, ok := o.mountOf()
	if ok {
		if read, ok := m.file(name); ok {
			return read.webhooks()
		}
		o.notRead = &m
	}
	o.shipped = true
	at := o.image.at
	if o.image.isZero() {
		at = o.at
	}
	return webhooks.Shipped(o.Server.Release, at), nil
}

// Variables are those of the container's environment, each name once.
func (o *OpenIM) Variables() []webhooks.Variable { return slices.Clone(o.variables) }

// Image is the container's, as the deployment names it.
func (o *OpenIM) Image() string { return o.image.text }

// on reports whether a callback is switched on.
func (o *OpenIM) on() bool { return len(o.Webhooks.SwitchedOn(o.Server.Release)) > 0 }

// unmounted are the ConfigMaps with a webhooks.yml that no container has mounted.
func (k *cluster) unmounted() (names []string) {
	for name := range k.configMaps {
		used := slices.ContainsFunc(k.containers, func(c *container) bool {
			m, _, ok := c.mountOf()
			return ok && m.from.text == name
		})
		if _, ok := k.file(name, webhooksFile); ok && !used {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// aboutCallbacks reports whether someone means a variable for webhooks.yml.
func aboutCallbacks(name string) bool {
	upper := strings.ToUpper(name)
	return strings.Contains(upper, "WEBHOOK") || strings.HasPrefix(upper, "IMENV_") && strings.Contains(upper, "CALLBACK")
}

// isLog reports whether a variable is one of log.yml's.
func isLog(name string) bool { return strings.HasPrefix(name, logPrefix) }
