package deployment

import (
	"slices"

	"github.com/imcb-dev/imcb/validate/webhooks"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// manifest is one document of a Kubernetes file.
type manifest struct {
	source
	*yamlfile.Node
}

// cluster is what manifests say.
type cluster struct {
	containers []*container
	configMaps map[string]manifest
	// typed are values of variables that are no text, which Kubernetes refuses.
	typed []located
}

func readCluster(files []File) (*cluster, error) {
	k := &cluster{configMaps: make(map[string]manifest)}
	var workloads []manifest
	for _, f := range files {
		src := newSource(f)
		documents, problems := yamlfile.ReadAll(f.Text)
		if err := src.failAll(problems); err != nil {
			return nil, err
		}
		for _, n := range documents {
			for _, m := range manifestsOf(src, n) {
				if text(m.Get("kind")) == "ConfigMap" {
					k.configMaps[text(get(m.Node, "metadata", "name"))] = m
				}
				workloads = append(workloads, m)
			}
		}
	}
	for _, m := range workloads {
		k.workload(m)
	}
	if len(k.containers) == 0 {
		k.alone()
	}
	return k, nil
}

// alone takes the ConfigMaps with a webhooks.yml for what OpenIM has: its workloads
// stand elsewhere.
func (k *cluster) alone() {
	for _, name := range k.unmounted() {
		m := k.configMaps[name]
		at := m.at(get(m.Node, "data", webhooksFile).Place)
		k.containers = append(k.containers, &container{
			name: readers[0], parts: []string{name}, at: at, cluster: true,
			mounts: []mount{{
				target: "/openim-server/config", from: located{name, at},
				file: func(file string) (mounted, bool) { return k.file(name, file) },
			}},
		})
	}
}

// manifestsOf is the document, or those in a List.
func manifestsOf(src source, n *yamlfile.Node) (all []manifest) {
	if text(n.Get("kind")) != "List" {
		return []manifest{{src, n}}
	}
	for _, item := range items(n.Get("items")) {
		all = append(all, manifestsOf(src, item)...)
	}
	return all
}

// podSpec is where kinds of workloads have their containers.
var podSpec = map[string][]string{
	"Pod": {"spec"}, "Deployment": {"spec", "template", "spec"}, "StatefulSet": {"spec", "template", "spec"},
	"DaemonSet": {"spec", "template", "spec"}, "ReplicaSet": {"spec", "template", "spec"}, "Job": {"spec", "template", "spec"},
}

func (k *cluster) workload(m manifest) {
	keys, ok := podSpec[text(m.Get("kind"))]
	if !ok {
		return
	}
	spec := get(m.Node, keys...)
	for _, n := range items(get(spec, "containers")) {
		image := n.Get("image")
		if image == nil {
			continue
		}
		c := &container{
			name: text(get(m.Node, "metadata", "name")), at: m.at(n.Place), cluster: true,
			image: located{text(image), m.at(image.Place)}, hostNetwork: text(get(spec, "hostNetwork")) == "true",
		}
		k.environment(m, c, n)
		k.mounts(m, c, n, spec)
		k.add(c)
	}
}

func (k *cluster) environment(m manifest, c *container, n *yamlfile.Node) {
	for _, from := range items(n.Get("envFrom")) {
		values := k.configMaps[text(get(from, "configMapRef", "name"))]
		for _, e := range entries(get(values.Node, "data")) {
			name := text(from.Get("prefix")) + e.Key.Written
			c.set(webhooks.Variable{Name: name, Value: e.Value.Text, Origin: values.at(e.Value.Place)})
		}
	}
	for _, e := range items(n.Get("env")) {
		value := k.valueOf(e)
		if value.Node == nil {
			continue
		}
		if value.name == "" {
			value.source = m.source
		}
		if value.Kind != yamlfile.Text && value.Kind != yamlfile.Null {
			k.typed = append(k.typed, located{text(e.Get("name")), value.at(value.Place)})
		}
		c.set(webhooks.Variable{Name: text(e.Get("name")), Value: value.Written, Origin: value.at(value.Place)})
	}
}

// valueOf is the value of a variable: its own, or a ConfigMap's. It has no source
// where that is the workload's.
func (k *cluster) valueOf(e *yamlfile.Node) manifest {
	if value := e.Get("value"); value != nil {
		return manifest{Node: value}
	}
	ref := get(e, "valueFrom", "configMapKeyRef")
	from := k.configMaps[text(get(ref, "name"))]
	return manifest{from.source, get(from.Node, "data", text(get(ref, "key")))}
}

// mounts are the volumes of ConfigMaps that the container has.
func (k *cluster) mounts(m manifest, c *container, n, spec *yamlfile.Node) {
	for _, v := range items(n.Get("volumeMounts")) {
		for _, volume := range items(get(spec, "volumes")) {
			name := get(volume, "configMap", "name")
			if name == nil || text(volume.Get("name")) != text(v.Get("name")) {
				continue
			}
			sub := text(v.Get("subPath"))
			c.mounts = append(c.mounts, mount{
				target: text(v.Get("mountPath")), from: located{text(name), m.at(v.Place)},
				file: func(file string) (mounted, bool) { return k.file(text(name), sub+file) },
			})
		}
	}
}

// file is a file of a ConfigMap.
func (k *cluster) file(configMap, name string) (mounted, bool) {
	m, ok := k.configMaps[configMap]
	n := get(m.Node, "data", name)
	if !ok || n == nil {
		return mounted{}, false
	}
	return inner(m.source, n), true
}

// add adds a container, or its name to those of one that is alike: OpenIM's
// services are workloads of their own with the same configuration.
func (k *cluster) add(c *container) {
	for _, have := range k.containers {
		if have.reads() && c.reads() && alike(have, c) {
			have.parts = append(have.parts, c.name)
			return
		}
	}
	c.parts = []string{c.name}
	k.containers = append(k.containers, c)
}

// alike reports whether two containers have the same version, files and
// variables for callbacks.
func alike(a, b *container) bool {
	va, _ := a.server()
	vb, _ := b.server()
	return va == vb && a.hostNetwork == b.hostNetwork && slices.Equal(settingsOf(a), settingsOf(b)) &&
		slices.EqualFunc(a.mounts, b.mounts, func(x, y mount) bool { return x.target == y.target && x.from.text == y.from.text })
}

// settingsOf are the container's variables that are about callbacks, sorted.
func settingsOf(c *container) (all []string) {
	for _, v := range c.variables {
		if aboutCallbacks(v.Name) || isLog(v.Name) {
			all = append(all, v.Name+"="+v.Value)
		}
	}
	slices.Sort(all)
	return all
}
