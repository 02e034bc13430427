package deployment

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/validate/webhooks"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// maxExtends is how far a service may extend another.
const maxExtends = 16

// composeReader reads the files of one Compose project.
type composeReader struct {
	options Options
	folder  string
	scope   *scope
	// services are in the order in which they first stand; envFiles are theirs.
	services []*container
	envFiles map[*container][]envFile
	// configs are the project's, by name.
	configs map[string]func() (mounted, bool)
	// skipped is what Compose follows and imcb does not, absent are files of env_file
	// that are not here.
	skipped, absent []located
}

// envFile is a file of a service's variables.
type envFile struct {
	located
	raw, optional bool
}

// readCompose reads the files, of which a later one adds to those before it.
func readCompose(files []File, o Options) (*composeReader, error) {
	r := &composeReader{
		options: o, folder: path.Dir(slash(files[0].Name)), scope: newScope(),
		envFiles: make(map[*container][]envFile), configs: make(map[string]func() (mounted, bool)),
	}
	if err := r.readScope(); err != nil {
		return nil, err
	}
	for _, f := range files {
		src := newSource(f)
		root, err := r.root(src, f)
		if err != nil {
			return nil, err
		}
		if err := r.project(src, root); err != nil {
			return nil, err
		}
	}
	return r, r.finish()
}

func slash(name string) string { return strings.ReplaceAll(name, `\`, "/") }

// readScope reads the files that fill in placeholders: .env beside the first file,
// unless others are named.
func (r *composeReader) readScope() error {
	for _, f := range r.options.EnvFiles {
		if err := r.scope.add(f); err != nil {
			return err
		}
	}
	if len(r.options.EnvFiles) > 0 {
		return nil
	}
	name := path.Join(r.folder, ".env")
	body, err := r.options.read(name)
	if err != nil {
		return nil // there is none
	}
	return r.scope.add(File{name, body})
}

// root reads a file. Tags are Compose's own: !reset and !override.
func (r *composeReader) root(src source, f File) (*yamlfile.Node, error) {
	root, problems := yamlfile.Read(f.Text, say("compose-file"))
	for _, p := range problems {
		if p.IsTag() {
			r.skipped = append(r.skipped, located{"!reset, !override", src.at(p.Place)})
		}
	}
	if err := src.failAll(slices.DeleteFunc(problems, yamlfile.Problem.IsTag)); err != nil {
		return nil, err
	}
	return root, nil
}

func (r *composeReader) project(src source, root *yamlfile.Node) error {
	if include := root.Get("include"); include != nil {
		r.skipped = append(r.skipped, located{"include", src.at(include.Place)})
	}
	for _, e := range entries(root.Get("configs")) {
		r.configs[e.Key.Text] = r.config(src, e.Value)
	}
	for _, e := range entries(root.Get("services")) {
		c := r.service(e.Key.Text)
		if c.at.Line == 0 {
			c.at = src.at(e.Key.Place)
		}
		if err := r.apply(src, root, c, e.Value, maxExtends); err != nil {
			return err
		}
	}
	return nil
}

func (r *composeReader) service(name string) *container {
	i := slices.IndexFunc(r.services, func(c *container) bool { return c.name == name })
	if i < 0 {
		i = len(r.services)
		r.services = append(r.services, &container{name: name})
	}
	return r.services[i]
}

// apply adds to a service what a file says of it.
func (r *composeReader) apply(src source, root *yamlfile.Node, c *container, n *yamlfile.Node, depth int) error {
	if n == nil || n.Kind != yamlfile.Mapping {
		return nil
	}
	if err := r.extend(src, root, c, n.Get("extends"), depth); err != nil {
		return err
	}
	if image := n.Get("image"); image != nil {
		name, err := r.fill(src, image)
		if err != nil {
			return err
		}
		c.image = located{name, src.at(image.Place)}
	}
	if mode := n.Get("network_mode"); mode != nil {
		c.hostNetwork = text(mode) == "host"
	}
	if name := n.Get("container_name"); name != nil {
		c.names = append(c.names, text(name))
	}
	for _, host := range items(n.Get("extra_hosts")) {
		c.hosts = append(c.hosts, hostNames(host)...)
	}
	r.networks(c, n.Get("networks"))
	for _, read := range []func() error{
		func() error { return r.environment(src, c, n.Get("environment")) },
		func() error { return r.readEnvFiles(src, c, n.Get("env_file")) },
		func() error { return r.ports(src, c, n.Get("ports")) },
		func() error { return r.volumes(src, c, n.Get("volumes")) },
	} {
		if err := read(); err != nil {
			return err
		}
	}
	r.mountConfigs(src, c, n.Get("configs"))
	return nil
}

// extend adds what the service says that this one extends, if it is in the same
// file.
func (r *composeReader) extend(src source, root *yamlfile.Node, c *container, n *yamlfile.Node, depth int) error {
	if n == nil {
		return nil
	}
	name, base := text(n), (*yamlfile.Node)(nil)
	if n.Kind == yamlfile.Mapping {
		name = text(n.Get("service"))
	}
	if n.Get("file") == nil && depth > 0 {
		base = get(root, "services", name)
	}
	if base == nil {
		r.skipped = append(r.skipped, located{"extends", src.at(n.Place)})
		return nil
	}
	return r.apply(src, root, c, base, depth-1)
}

// hostNames are the names of an entry of extra_hosts: "a:1.2.3.4", "a=1.2.3.4" or
// the keys of a mapping.
func hostNames(n *yamlfile.Node) (names []string) {
	for _, e := range n.Entries {
		names = append(names, e.Key.Text)
	}
	if i := strings.IndexAny(n.Text, "=:"); i > 0 {
		names = append(names, n.Text[:i])
	}
	return names
}

func (r *composeReader) networks(c *container, n *yamlfile.Node) {
	if n == nil {
		return
	}
	for _, e := range n.Entries {
		c.networks = append(c.networks, e.Key.Text)
		for _, alias := range items(get(e.Value, "aliases")) {
			c.names = append(c.names, text(alias))
		}
	}
	for _, item := range n.Items {
		c.networks = append(c.networks, text(item))
	}
}

// ports reads published ports: "8080:80", "127.0.0.1:8080:80/tcp", or a mapping.
func (r *composeReader) ports(src source, c *container, n *yamlfile.Node) error {
	for _, item := range items(n) {
		if item.Kind == yamlfile.Mapping {
			c.ports = append(c.ports, port{text(item.Get("published")), text(item.Get("target"))})
			continue
		}
		filled, err := r.fill(src, item)
		if err != nil {
			return err
		}
		parts := strings.Split(strings.TrimSuffix(filled, "/tcp"), ":")
		p := port{container: parts[len(parts)-1]}
		if len(parts) > 1 {
			p.host = parts[len(parts)-2]
		}
		c.ports = append(c.ports, p)
	}
	return nil
}

// volumes reads mounts: "./a:/b:ro", or a mapping with source and target.
func (r *composeReader) volumes(src source, c *container, n *yamlfile.Node) error {
	for _, item := range items(n) {
		from, target, err := r.volume(src, item)
		if err != nil {
			return err
		}
		if target == "" || !strings.HasPrefix(from, ".") && !strings.HasPrefix(from, "/") && !strings.HasPrefix(from, "~") {
			continue // a volume of Docker's own
		}
		r.mount(c, mount{target: target, from: located{from, src.at(item.Place)}, file: r.fileOf(from)})
	}
	return nil
}

func (r *composeReader) volume(src source, n *yamlfile.Node) (from, target string, err error) {
	if n.Kind != yamlfile.Mapping {
		filled, err := r.fill(src, n)
		parts := strings.Split(filled, ":")
		if len(parts) < 2 {
			return "", "", err
		}
		return parts[0], parts[1], err
	}
	for key, value := range map[string]*string{"source": &from, "target": &target} {
		if given := n.Get(key); given != nil {
			if *value, err = r.fill(src, given); err != nil {
				return "", "", err
			}
		}
	}
	return from, target, nil
}

// mount adds a mount, or replaces the one at its target.
func (r *composeReader) mount(c *container, m mount) {
	c.mounts = append(slices.DeleteFunc(c.mounts, func(have mount) bool { return have.target == m.target }), m)
}

// fileOf reads files of a folder, or a file, beside the project's first file.
func (r *composeReader) fileOf(from string) func(string) (mounted, bool) {
	return func(name string) (mounted, bool) {
		full := path.Join(from, name)
		if !path.IsAbs(from) {
			full = path.Join(r.folder, from, name)
		}
		body, err := r.options.read(full)
		return mounted{File: File{full, body}}, err == nil
	}
}

// config is a file of the project: beside it, or in it.
func (r *composeReader) config(src source, n *yamlfile.Node) func() (mounted, bool) {
	if content := get(n, "content"); content != nil {
		return func() (mounted, bool) { return inner(src, content), true }
	}
	return func() (mounted, bool) { return r.fileOf(text(get(n, "file")))("") }
}

// mountConfigs mounts the configs of a service.
func (r *composeReader) mountConfigs(src source, c *container, n *yamlfile.Node) {
	for _, item := range items(n) {
		name := cmp.Or(text(get(item, "source")), item.Text)
		target := cmp.Or(text(get(item, "target")), "/"+name)
		r.mount(c, mount{target: target, from: located{name, src.at(item.Place)}, file: func(file string) (mounted, bool) {
			read := r.configs[name]
			if read == nil || file != "" {
				return mounted{}, false
			}
			return read()
		}})
	}
}

func (r *composeReader) readEnvFiles(src source, c *container, n *yamlfile.Node) error {
	for _, item := range items(n) {
		name := item
		if item.Kind == yamlfile.Mapping {
			name = item.Get("path")
		}
		if name == nil {
			continue
		}
		filled, err := r.fill(src, name)
		if err != nil {
			return err
		}
		r.envFiles[c] = append(r.envFiles[c], envFile{
			located{filled, src.at(name.Place)}, text(item.Get("format")) == "raw", text(item.Get("required")) == "false",
		})
	}
	return nil
}

// finish puts the variables of env_file before those of environment, which win,
// and the services without a network into the default one.
func (r *composeReader) finish() error {
	for _, c := range r.services {
		if len(c.networks) == 0 && !c.hostNetwork {
			c.networks = []string{"default"}
		}
		own := c.variables
		c.variables = nil
		for _, f := range r.envFiles[c] {
			variables, err := r.fromFile(f, c)
			if err != nil {
				return err
			}
			for _, v := range variables {
				c.set(v)
			}
		}
		for _, v := range own {
			c.set(v)
		}
	}
	return nil
}

// fromFile reads a file of env_file, after those before it. One that is not here has none: it may be
// where OpenIM runs.
func (r *composeReader) fromFile(f envFile, c *container) ([]webhooks.Variable, error) {
	read, ok := r.fileOf(f.text)("")
	switch {
	case !ok && f.optional:
		return nil, nil
	case !ok:
		r.absent = append(r.absent, f.located)
		return nil, nil
	case f.raw:
		return rawVariables(read.File), nil
	default:
		return readVariables(read.File, func(name string) (string, bool) {
			if i := slices.IndexFunc(c.variables, func(v webhooks.Variable) bool { return v.Name == name }); i >= 0 {
				return c.variables[i].Value, true
			}
			return r.scope.lookup(name)
		})
	}
}

// rawVariables are the lines KEY=value of a file, taken as they are.
func rawVariables(f File) (all []webhooks.Variable) {
	src := newSource(f)
	for i, line := range src.lines {
		line = strings.TrimRight(line, "\r")
		if name, value, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(strings.TrimSpace(line), "#") {
			all = append(all, webhooks.Variable{Name: name, Value: value, Origin: src.at(yamlfile.Place{Line: i + 1, Col: 1})})
		}
	}
	return all
}

// inner is a text that is a value of the file: with its lines and columns there
// if it is a block.
func inner(src source, n *yamlfile.Node) mounted {
	m := mounted{File: File{src.name, []byte(strings.Join(src.lines, "\n"))}, inner: []byte(n.Text), lines: max(n.Line-1, 0)}
	if n.Line < 1 || n.Line >= len(src.lines) || !strings.ContainsAny(src.lines[n.Line-1], "|>") {
		return m
	}
	m.lines = n.Line
	for _, line := range src.lines[n.Line:] {
		if trimmed := strings.TrimLeft(line, " "); trimmed != "" {
			m.columns = len(line) - len(trimmed)
			break
		}
	}
	return m
}
