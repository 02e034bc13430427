package simulator

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
)

// GuardHost answers 421 to requests for a host that is neither an IP address,
// nor localhost, nor one of allowed (host names without a port). It keeps a
// web site that points its own name to this machine (DNS rebinding) from
// reaching h through a visitor's browser.
func GuardHost(h http.Handler, allowed ...string) http.Handler {
	return newHostGuard(allowed).guard(h, func(_, _ string) {})
}

// hostGuard knows the hosts for which requests may come.
type hostGuard struct {
	names []string
	last  atomic.Pointer[string] // the last that was allowed: most requests are for one
}

func newHostGuard(allowed []string) *hostGuard {
	g := &hostGuard{names: []string{"localhost"}}
	for _, name := range allowed {
		g.names = append(g.names, hostName(name))
	}
	return g
}

// allows reports whether a request with this Host header may pass.
func (g *hostGuard) allows(host string) bool {
	if last := g.last.Load(); last != nil && *last == host {
		return true
	}
	name := hostName(host)
	if _, err := netip.ParseAddr(name); err != nil && !slices.Contains(g.names, name) {
		return false
	}
	allowed := host // else every call would allocate
	g.last.Store(&allowed)
	return true
}

func (g *hostGuard) guard(h http.Handler, refused func(remote, why string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !g.allows(r.Host) {
			why := fmt.Sprintf("host %q is not served here: use an IP address or localhost, or allow the name", clip(hostName(r.Host)))
			refused(r.RemoteAddr, why)
			http.Error(w, why, http.StatusMisdirectedRequest)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// hostName takes the name or address out of a Host header, in lower case.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.TrimSuffix(strings.ToLower(host), ".")
}
