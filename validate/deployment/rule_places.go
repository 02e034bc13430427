package deployment

import (
	"path"
	"strings"

	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/webhooks"
)

var placeRules = []*rule{
	newRule("lint-file-not-mounted", validate.Error, sourceCompose, "a webhooks.yml beside the deployment that no container has", (*pass).notMounted),
	newRule("lint-mount-place", validate.Error, sourceCompose, "a webhooks.yml that is mounted where OpenIM does not look", (*pass).mountPlace),
	newRule("lint-mount-missing", validate.Warning, sourceCompose, "a mounted webhooks.yml that is not there", (*pass).mountMissing),
	newRule("lint-nothing-set", validate.Warning, sourceCompose, "no variable and no file that switches a callback on", (*pass).nothingSet),
	newRule("lint-image-version", validate.Note, sourceCompose, "an image whose tag does not tell the version", (*pass).imageVersion),
	newRule("lint-config-center", validate.Note, "open-im-server: pkg/common/cmd/root.go", "settings over which etcd's copy may win", (*pass).configCenter),
	newRule("lint-not-followed", validate.Note, "the Compose specification", "what imcb does not follow", (*pass).notFollowed),
}

func (p *pass) notMounted() {
	if !p.first {
		return
	}
	for _, b := range p.project.beside {
		hint := say("file-not-mounted.hint", "folder", p.configFolder(), "file", path.Base(b.at.Place.File))
		if p.cluster {
			hint = say("file-not-mounted.hint-cluster", "folder", p.configFolder())
		}
		f := p.report(b.at, say("file-not-mounted"), hint)
		if len(b.file.SwitchedOn(p.Server.Release)) == 0 {
			f.Severity = validate.Warning
		}
	}
}

func (p *pass) mountPlace() {
	for _, m := range p.mounts {
		target, folder := path.Clean(m.target), p.configFolder()
		base := strings.ToLower(path.Base(target))
		isFile := strings.HasPrefix(base, "webhook") && (strings.HasSuffix(base, ".yml") || strings.HasSuffix(base, ".yaml"))
		if isFile && target != path.Join(folder, webhooksFile) {
			p.report(m.from.at, say("mount-place", "target", target, "want", path.Join(folder, webhooksFile)), say("mount-place.hint", "want", path.Join(folder, webhooksFile)))
			continue
		}
		if _, there := m.file(webhooksFile); there && target != folder {
			p.report(m.from.at, say("mount-place", "target", path.Join(target, webhooksFile), "want", path.Join(folder, webhooksFile)), say("mount-place.hint", "want", folder))
		}
	}
}

func (p *pass) mountMissing() {
	switch {
	case p.notRead == nil:
	case p.cluster:
		p.report(p.notRead.from.at, say("mount-missing.cluster", "from", p.notRead.from.text, "server", p.Server), say("mount-missing.hint-cluster"))
	default:
		p.report(p.notRead.from.at, say("mount-missing", "from", p.notRead.from.text, "server", p.Server), say("mount-missing.hint"))
	}
}

// nothingSet tells how settings get into the container, when none is there.
func (p *pass) nothingSet() {
	for _, v := range p.variables {
		if aboutCallbacks(v.Name) {
			return
		}
	}
	if at := p.Webhooks.URLAt(); p.shipped && p.Server.Release.Config().Flat && !p.Server.IgnoresEnvironment() {
		p.report(at, say("nothing-set", "service", p.name), say("nothing-set.hint", "url", webhooks.EnvPrefix+"URL", "enable", webhooks.EnvPrefix+"BEFORESENDSINGLEMSG_ENABLE"))
	}
}

func (p *pass) imageVersion() {
	if at := p.Webhooks.URLAt(); !p.named {
		if !p.image.isZero() {
			at = p.image.at
		}
		p.report(at, say("image-version", "image", p.image.text, "server", p.Server), say("image-version.hint"))
	}
}

func (p *pass) configCenter() {
	if p.Server.Release.Config().Center && p.Server.Deployment == validate.Services {
		at := p.image.at
		if p.image.isZero() {
			at = p.at
		}
		p.report(at, say("config-center", "server", p.Server), say("config-center.hint"))
	}
}

func (p *pass) notFollowed() {
	if !p.first {
		return
	}
	for _, l := range p.project.skipped {
		p.report(l.at, say("not-followed", "what", l.text), say("not-followed.hint"))
	}
	for _, l := range p.project.absent {
		p.report(l.at, say("not-followed.absent", "file", l.text), say("not-followed.hint-absent"))
	}
}
