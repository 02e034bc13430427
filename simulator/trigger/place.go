package trigger

import (
	"net"
	"net/netip"
	"net/url"
	"slices"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

// Local reports whether the host of a URL is this machine.
func Local(address string) bool {
	u, err := url.Parse(address)
	return err == nil && localHost(u.Hostname())
}

func localHost(host string) bool {
	found, err := net.LookupHost(host)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(found, func(text string) bool {
		ip, err := netip.ParseAddr(text)
		return err == nil && (ip.IsLoopback() || ownAddress(ip))
	})
}

func ownAddress(ip netip.Addr) bool {
	all, _ := net.InterfaceAddrs()
	return slices.ContainsFunc(all, func(a net.Addr) bool {
		prefix, err := netip.ParsePrefix(a.String())
		return err == nil && prefix.Addr() == ip
	})
}

// ListenAddress is the host and port of the settings' url, if a receiver for it
// can listen on this machine; else "".
func (s *Settings) ListenAddress() string {
	u, err := url.Parse(s.Webhooks.URL())
	if err != nil || u.Scheme != "http" || u.Port() == "" || !localHost(u.Hostname()) {
		return ""
	}
	return u.Host
}

// unusableURL: OpenIM can't post there at all.
func (s *suspect) unusableURL() (validate.StepState, words.Text) {
	if s.Settings == nil {
		return no, words.Text{}
	}
	address := s.Settings.Webhooks.URL()
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return yes, say("reason.bad-url", "url", address)
	}
	return no, words.Text{}
}

// elsewhere asks whether the server's url leads to the receiver of this run.
func (s *suspect) elsewhere() (validate.StepState, words.Text) {
	switch {
	case s.Listening == "": // the receiver is somebody else's affair
		return no, words.Text{}
	case s.Settings == nil:
		return maybe, say("reason.url-unknown", "listening", s.Listening)
	}
	address := s.Settings.Webhooks.URL()
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return no, words.Text{}
	}
	_, listening, _ := net.SplitHostPort(s.Listening)
	loopback := u.Hostname() == "localhost" || isLoopback(u.Hostname())
	switch {
	case loopback && !Local(s.API.URL):
		return yes, say("reason.loopback", "url", address)
	case loopback && s.Settings.Contained():
		return yes, say("reason.container", "url", address)
	case !localHost(u.Hostname()):
		return yes, say("reason.host", "url", address, "host", u.Hostname())
	case u.Port() != listening:
		return yes, say("reason.port", "url", address, "listening", s.Listening)
	default:
		return no, say("reason.here", "url", address)
	}
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
