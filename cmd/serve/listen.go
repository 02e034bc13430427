package serve

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/imcb-dev/imcb/cmd/run"
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/spf13/cobra"
)

// listenFlags say where the receiver listens, and who may look at it.
type listenFlags struct {
	addresses  []string
	hosts      []string
	selfSigned bool
	own        run.CertificateFlags
}

func (f *listenFlags) add(c *cobra.Command) {
	flags := c.Flags()
	flags.StringArrayVar(&f.addresses, "listen", []string{"127.0.0.1:10006"}, "listen on this `address`: host:port (port 0 takes a free one), unix:/path, or systemd (repeatable)")
	flags.StringArrayVar(&f.hosts, "allow-host", nil, "answer requests for this host `name` too, for example host.docker.internal (repeatable)")
	flags.BoolVar(&f.selfSigned, "tls-self-signed", false, "serve https with a certificate made for this run; OpenIM's own client does not trust it")
	f.own.Add(c, "serve https with the certificate in this PEM `file`")
	shell.CommaList(c, "listen", "allow-host")
	shell.Exclusive(c, "tls-self-signed", "cert", "key")
}

// listening is what a receiver listens on.
type listening struct {
	listeners []net.Listener
	// scheme is http or https; address is the first host:port that others can
	// use, empty if there are only sockets.
	scheme, address string
	// local says that only this machine can reach it.
	local bool
	// fingerprint is the SHA-256 of the certificate made for this run.
	fingerprint string
}

// open listens on all the addresses, or on none.
func (f *listenFlags) open() (*listening, error) {
	config, fingerprint, err := f.https()
	if err != nil {
		return nil, err
	}
	l := &listening{scheme: "http", local: true, fingerprint: fingerprint}
	if config != nil {
		l.scheme = "https"
	}
	for _, text := range f.addresses {
		opened, err := listen(text)
		for _, one := range opened {
			l.note(one.Addr())
			if config != nil {
				one = tls.NewListener(one, config)
			}
			l.listeners = append(l.listeners, one)
		}
		if err != nil {
			l.closeAll()
			return nil, err
		}
	}
	return l, nil
}

func (l *listening) closeAll() {
	for _, one := range l.listeners {
		one.Close()
	}
}

// note remembers what others need to know of an address.
func (l *listening) note(a net.Addr) {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return
	}
	l.local = l.local && tcp.IP.IsLoopback()
	if l.address == "" {
		host := tcp.IP.String()
		if tcp.IP.IsUnspecified() {
			host = ownAddress()
		}
		l.address = net.JoinHostPort(host, strconv.Itoa(tcp.Port))
	}
}

// has reports whether a URL leads to one of the listeners, through a name, too.
func (l *listening) has(ctx context.Context, target *url.URL) bool {
	port := cmp.Or(target.Port(), map[string]string{"http": "80", "https": "443"}[target.Scheme])
	addresses, _ := net.DefaultResolver.LookupNetIP(ctx, "ip", target.Hostname())
	return slices.ContainsFunc(l.listeners, func(one net.Listener) bool {
		own, ok := one.Addr().(*net.TCPAddr)
		return ok && strconv.Itoa(own.Port) == port && slices.ContainsFunc(addresses, func(a netip.Addr) bool { return reaches(own, a.Unmap()) })
	})
}

// reaches reports whether a connection to the address is one to the listener.
func reaches(own *net.TCPAddr, a netip.Addr) bool {
	listens := own.AddrPort().Addr().Unmap()
	switch {
	case !listens.IsUnspecified():
		return a == listens || a.IsUnspecified() && listens.IsLoopback()
	case a.IsLoopback() || a.IsUnspecified():
		return true
	}
	all, _ := net.InterfaceAddrs()
	return slices.ContainsFunc(all, func(own net.Addr) bool {
		ip, ok := own.(*net.IPNet)
		return ok && ip.IP.Equal(a.AsSlice())
	})
}

// ownAddress is an address under which other machines may reach this one.
func ownAddress() string {
	all, _ := net.InterfaceAddrs()
	for _, a := range all {
		if ip, ok := a.(*net.IPNet); ok && ip.IP.IsGlobalUnicast() && ip.IP.To4() != nil {
			return ip.IP.String()
		}
	}
	return "127.0.0.1"
}

// url is the address of a path; of the first socket when there is no other.
func (l *listening) url(path string) string {
	if l.address == "" {
		return l.listeners[0].Addr().String()
	}
	return l.scheme + "://" + l.address + path
}

// Listen opens one host:port, as --listen does.
func Listen(address string) (net.Listener, error) {
	all, err := listen(address)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// listen opens one address; systemd may hand over several.
func listen(text string) ([]net.Listener, error) {
	if text == "systemd" {
		return systemdListeners()
	}
	if path, ok := strings.CutPrefix(text, "unix:"); ok {
		return listenUnix(path)
	}
	address, err := listenAddress(text)
	if err != nil {
		return nil, err
	}
	one, err := net.Listen("tcp", address)
	if err != nil {
		return nil, listenError(address, err)
	}
	return []net.Listener{one}, nil
}

// listenUnix listens on a socket. One that a crash left behind is taken over;
// any other file stays.
func listenUnix(path string) ([]net.Listener, error) {
	if path == "" {
		return nil, shell.Usagef("--listen unix: needs a path: unix:/tmp/imcb.sock")
	}
	if info, err := os.Lstat(path); err == nil && info.Mode().Type() == fs.ModeSocket {
		if conn, err := net.DialTimeout("unix", path, time.Second); err == nil {
			conn.Close()
			return nil, shell.Machinef("can't listen on %s: something else does", path)
		}
		_ = os.Remove(path)
	}
	one, err := net.Listen("unix", path)
	if err != nil {
		return nil, listenError(path, err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		one.Close()
		return nil, shell.Machine(err)
	}
	return []net.Listener{one}, nil
}

// systemdListeners are the sockets that systemd opened: file descriptors from
// 3 on, as sd_listen_fds(3) describes.
func systemdListeners() ([]net.Listener, error) {
	n, err := strconv.Atoi(os.Getenv("LISTEN_FDS"))
	if err != nil || n < 1 || n > 100 || os.Getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) {
		return nil, shell.Usagef("--listen systemd: systemd passed no sockets to this process (see sd_listen_fds(3))")
	}
	var all []net.Listener
	for fd := 3; fd < 3+n; fd++ {
		f := os.NewFile(uintptr(fd), "socket "+strconv.Itoa(fd))
		one, err := net.FileListener(f)
		f.Close()
		if err != nil {
			return all, shell.Machinef("--listen systemd: socket %d: %w", fd, err)
		}
		all = append(all, one)
	}
	return all, nil
}

// listenAddress completes ":port" and "host" to host:port on the loopback.
func listenAddress(text string) (string, error) {
	if strings.Trim(text, "0123456789") == "" && text != "" {
		text = ":" + text
	}
	if !strings.Contains(text, ":") {
		text += ":10006"
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return "", shell.Usagef("--listen %q is not an address like 127.0.0.1:10006", text)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), nil
}

// listenError says why nothing can listen there: the address is wrong, or this
// machine has it in use.
func listenError(address string, err error) error {
	reason := err
	if op, ok := errors.AsType[*net.OpError](err); ok {
		reason = op.Err // without the address, which the message has
	}
	failed := fmt.Errorf("can't listen on %s: %w", address, reason)
	_, unknown := errors.AsType[*net.DNSError](err)
	_, wrong := errors.AsType[*net.AddrError](err)
	switch {
	case unknown, wrong:
		return failed
	case errors.Is(err, syscall.EADDRINUSE), runtime.GOOS == "windows":
		return shell.Machinef("%w\n  another program may use the port: try --listen 127.0.0.1:0", failed)
	default:
		return shell.Machine(failed)
	}
}
