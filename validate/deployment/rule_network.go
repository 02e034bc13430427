package deployment

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/webhooks"
)

var networkRules = []*rule{
	newRule("lint-url-default", validate.Error, sourceServers, "callbacks that are on, and no url but that of OpenIM's own file", (*pass).urlDefault),
	newRule("lint-host-network", validate.Error, sourceCompose, "a receiver in a network that OpenIM is not in", (*pass).hostNetworks),
	newRule("lint-host-port", validate.Warning, sourceCompose, "a port that the receiver has on the host only", (*pass).hostPort),
	newRule("lint-host-unknown", validate.Warning, sourceCompose, "a host that no service is called", (*pass).hostUnknown),
	newRule("lint-host-gateway", validate.Warning, sourceCompose, "host.docker.internal without extra_hosts", (*pass).hostGateway),
	newRule("lint-external-ip", validate.Error, sourceCompose, "external_ip, a placeholder of openim-docker's .env", (*pass).externalIP),
}

// host is the url's, "" if there is none that counts: nothing is on, or the file
// is the release's own.
func (p *pass) host() (name, port string, at webhooks.Origin) {
	at = p.Webhooks.URLAt()
	u, err := url.Parse(strings.Trim(p.Webhooks.URL(), `"' `))
	if err != nil || p.Webhooks.OwnURL() {
		return "", "", at
	}
	return u.Hostname(), u.Port(), at
}

func (p *pass) urlDefault() {
	if p.on() && p.Webhooks.OwnURL() && !p.hostNetwork {
		p.report(p.Webhooks.URLAt(), say("url-default", "url", p.Webhooks.URL()), say("url-default.hint", "name", webhooks.EnvPrefix+"URL"))
	}
}

// receiver is the container that the url names.
func (p *pass) receiver() (c *container, port string, at webhooks.Origin) {
	name, port, at := p.host()
	i := slices.IndexFunc(p.project.containers, func(c *container) bool { return c.called(name) })
	if i < 0 || p.cluster {
		return nil, "", at
	}
	return p.project.containers[i], port, at
}

func (p *pass) hostNetworks() {
	c, _, at := p.receiver()
	switch {
	case c == nil || c == p.container || p.reaches(c):
	case p.hostNetwork:
		p.report(at, say("host-network.host", "service", p.name, "receiver", c.name), say("host-network.hint-host"))
	default:
		p.report(at, say("host-network", "service", p.name, "receiver", c.name), say("host-network.hint"))
	}
}

func (p *pass) hostPort() {
	c, number, at := p.receiver()
	if c == nil || !p.reaches(c) || number == "" {
		return
	}
	inside := func(o port) bool { return o.container == number }
	i := slices.IndexFunc(c.ports, func(o port) bool { return o.host == number })
	if i >= 0 && !slices.ContainsFunc(c.ports, inside) {
		p.report(at, say("host-port", "port", number, "receiver", c.name, "want", c.ports[i].container), say("host-port.hint", "receiver", c.name, "want", c.ports[i].container))
	}
}

func (p *pass) hostUnknown() {
	name, _, at := p.host()
	c, _, _ := p.receiver()
	_, noIP := netip.ParseAddr(name)
	if name == "" || c != nil || noIP == nil || p.cluster || strings.ContainsAny(name, ".") || name == "localhost" || name == externalIP || slices.Contains(p.hosts, name) {
		return
	}
	p.report(at, say("host-unknown", "host", name), say("host-unknown.hint"))
}

const gateway = "host.docker.internal"

func (p *pass) hostGateway() {
	if name, _, at := p.host(); name == gateway && !p.cluster && !slices.Contains(p.hosts, gateway) {
		p.report(at, say("host-gateway"), say("host-gateway.hint", "service", p.name))
	}
}

// externalIP is what openim-docker's .env has for the machine's address.
const externalIP = "external_ip"

func (p *pass) externalIP() {
	if name, _, at := p.host(); name == externalIP {
		p.report(at, say("external-ip"), say("external-ip.hint"))
	}
	for _, v := range p.variables {
		if strings.Contains(v.Value, "//"+externalIP) && v.Name == "IMENV_MINIO_EXTERNALADDRESS" {
			p.report(v.Origin, say("external-ip.files", "name", v.Name), say("external-ip.hint")).Severity = validate.Note
		}
	}
}
