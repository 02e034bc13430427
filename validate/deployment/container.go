package deployment

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/webhooks"
)

// container is one that the deployment runs.
type container struct {
	name string
	at   webhooks.Origin
	// image is as written, its placeholders filled in.
	image located
	// variables are those of the environment, each name once.
	variables []webhooks.Variable
	mounts    []mount
	// hostNetwork: it has the machine's network, and none of its own.
	hostNetwork bool
	// networks are those that it is in; names are what others there call it,
	// beside its own name.
	networks, names []string
	// hosts are the names of extra_hosts.
	hosts []string
	ports []port
	// cluster: it runs in Kubernetes.
	cluster bool
	// parts are the names of containers that are alike in all that counts.
	parts []string
}

// mount is a file or folder of the container that comes from outside. Files of a
// folder are read when they are wanted.
type mount struct {
	target string
	from   located
	// file reads one of the folder's files, or the file itself for "". Not ok: it is
	// not there. The origin is where the file's first line stands, if that is in
	// another file.
	file func(name string) (f mounted, ok bool)
}

// mounted is the text of a mounted file.
type mounted struct {
	File
	// lines and columns are where it begins within the file of that name.
	lines, columns int
	// inner is the text alone, if it is a part of the file.
	inner []byte
}

// port is a published one.
type port struct{ host, container string }

// set sets a variable, or replaces the one of its name.
func (c *container) set(v webhooks.Variable) {
	if i := slices.IndexFunc(c.variables, func(have webhooks.Variable) bool { return have.Name == v.Name }); i >= 0 {
		c.variables[i] = v
		return
	}
	c.variables = append(c.variables, v)
}

// value is the value of a variable; "" when there is none.
func (c *container) value(name string) string {
	for _, v := range c.variables {
		if v.Name == name {
			return v.Value
		}
	}
	return ""
}

// The programs that read webhooks.yml (open-im-server: pkg/common/cmd). The
// others of OpenIM's start without it.
var readers = []string{"openim-server", "openim-rpc-user", "openim-rpc-friend", "openim-rpc-group", "openim-rpc-msg", "openim-push", "openim-msggateway", "openim-msgtransfer"}

// program is what OpenIM calls the program in the container: by the image, by the
// name, or openim-server by the variables that only it has. "" is none of OpenIM's.
func (c *container) program() string {
	for _, name := range append([]string{imageName(c.image.text), c.name}, c.names...) {
		if strings.HasPrefix(name, "openim-") {
			return name
		}
	}
	if slices.ContainsFunc(c.variables, func(v webhooks.Variable) bool { return strings.HasPrefix(v.Name, "IMENV_MONGODB_") }) {
		return readers[0]
	}
	return ""
}

// reads reports whether the container runs something that reads webhooks.yml.
func (c *container) reads() bool { return slices.Contains(readers, c.program()) }

// imageName is the last part of an image's name, without tag and digest.
func imageName(image string) string {
	name, _, _ := strings.Cut(path.Base(image), "@")
	name, _, _ = strings.Cut(name, ":")
	return name
}

// releaseTag is what the makers' tags have around the version.
var releaseTag = regexp.MustCompile(`^(?:release-)?v?(.+?)(?:-(?:alpha|beta|rc)[.0-9]*)?$`)

// server is the OpenIM that an image's tag names. Not ok: it names none that imcb
// knows.
func (c *container) server() (s validate.Server, ok bool) {
	image, _, _ := strings.Cut(path.Base(c.image.text), "@")
	_, tag, _ := strings.Cut(image, ":")
	parts := releaseTag.FindStringSubmatch(tag)
	if parts == nil {
		return validate.Server{}, false
	}
	s, err := validate.ParseServer(parts[1])
	if err != nil || parts[1] == validate.NewestServer {
		return validate.Server{}, false
	}
	if c.program() != readers[0] { // one part of several
		s.Deployment = validate.Services
	}
	return s.OrDefault(), true
}

// reaches reports whether two containers share a network.
func (c *container) reaches(other *container) bool {
	return slices.ContainsFunc(c.networks, func(n string) bool { return slices.Contains(other.networks, n) })
}

// called reports whether the name is one of the container's.
func (c *container) called(name string) bool { return c.name == name || slices.Contains(c.names, name) }

// configFolder is where the container's OpenIM has its configuration.
func (c *container) configFolder() string {
	if folder := c.value("CONFIG_PATH"); folder != "" {
		return path.Clean(folder)
	}
	return "/openim-server/config"
}

const webhooksFile = "webhooks.yml"

// mountOf is the mount that the container's OpenIM reads webhooks.yml from.
func (c *container) mountOf() (m mount, name string, ok bool) {
	folder := c.configFolder()
	for _, m := range slices.Backward(c.mounts) {
		switch path.Clean(m.target) {
		case path.Join(folder, webhooksFile):
			return m, "", true
		case folder:
			return m, webhooksFile, true
		}
	}
	return mount{}, "", false
}
