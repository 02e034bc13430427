package simulator

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures/words"
)

// GuardHost answers 421 to requests for a host that is neither an IP address,
// nor localhost, nor one of allowed (host names without a port). It keeps a
// web site that points its own name to this machine (DNS rebinding) from
// reaching h through a visitor's browser.
func GuardHost(h http.Handler, allowed ...string) http.Handler {
	return guardHost(h, allowed, func(string, words.Text) {})
}

func guardHost(h http.Handler, allowed []string, refused func(remote string, why words.Text)) http.Handler {
	names := append(words.Names(allowed, hostName), "localhost")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := hostName(r.Host)
		if _, err := netip.ParseAddr(name); err != nil && !slices.Contains(names, name) {
			why := say("refused-host", "host", words.Clip(name, maxName))
			refused(r.RemoteAddr, why)
			http.Error(w, why.String(), http.StatusMisdirectedRequest)
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
