package cmd

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
	"github.com/spf13/cobra"
)

// targetFlags say where requests go and how.
type targetFlags struct {
	url, urlStyle string
	mock          bool
	timeout       time.Duration
	headers       []string
	insecure      bool
	caCert        string
	own           certificateFlags
	proxy         string
}

func (f *targetFlags) add(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&f.url, "url", "", "the receiver's `URL` as in OpenIM's webhooks.yml; the command is appended as OpenIM does")
	flags.BoolVar(&f.mock, "mock", false, "use a built-in receiver instead of --url")
	flags.StringVar(&f.urlStyle, "url-style", string(simulator.Path), "where the command goes: `style` is "+strings.Join(simulator.URLStyles(), ", "))
	flags.DurationVar(&f.timeout, "timeout", validate.DefaultTimeout, "how long OpenIM waits; over 15s has no effect, as in OpenIM")
	flags.StringArrayVarP(&f.headers, "header", "H", nil, "add a `header` \"Name: value\", or those of @file (repeatable)")
	flags.BoolVarP(&f.insecure, "insecure", "k", false, "accept any TLS certificate; OpenIM does not")
	flags.StringVar(&f.caCert, "cacert", "", "trust the certificate authorities in this PEM `file`")
	f.own.add(c, "identify with the TLS certificate in this PEM `file`")
	flags.StringVarP(&f.proxy, "proxy", "x", "", "send through the proxy at this `URL` (default none, as OpenIM)")
	shell.CompleteWords(c, "url-style", simulator.URLStyles()...)
	shell.Exclusive(c, "url", "mock")
}

// certificateFlags name a certificate and its key.
type certificateFlags struct{ cert, key string }

func (f *certificateFlags) add(c *cobra.Command, usage string) {
	c.Flags().StringVar(&f.cert, "cert", "", usage)
	c.Flags().StringVar(&f.key, "key", "", "the private key of --cert, a PEM `file`")
	shell.Needs(c, "cert", "key")
	shell.Needs(c, "key", "cert")
}

// load returns the certificate, if one is named.
func (f *certificateFlags) load() ([]tls.Certificate, error) {
	switch {
	case f.cert == "" && f.key == "":
		return nil, nil
	case f.cert == "" || f.key == "":
		return nil, shell.Usagef("--cert and --key belong together")
	}
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return nil, shell.Usagef("--cert: %w", err)
	}
	return []tls.Certificate{pair}, nil
}

// target is where requests go, and what sends them.
type target struct {
	at      simulator.Target
	name    string // for people
	sender  *simulator.Sender
	release func() // of what it holds
}

// open prepares the target. The warnings about its URL go to stderr.
func (f *targetFlags) open(ctx context.Context, s shell.Streams, server fixtures.Release) (*target, error) {
	if f.url == "" && !f.mock {
		return nil, shell.Usagef("no target: give the receiver's --url, or --mock to try imcb with its own\n  for example --url http://127.0.0.1:8080/callback")
	}
	sender, err := f.sender(s)
	if err != nil {
		return nil, err
	}
	t := &target{name: f.url, sender: sender, release: sender.Close}
	base := f.url
	if f.mock {
		if base, err = t.startMock(ctx, server); err != nil {
			return nil, err
		}
	}
	if t.at, err = f.at(base); err != nil {
		t.release()
		return nil, err
	}
	for _, warning := range t.at.Warnings() {
		fmt.Fprintf(s.Err, "imcb: warning: %s\n", warning)
	}
	return t, nil
}

// at is the target with the given url, in the style of --url-style.
func (f *targetFlags) at(base string) (simulator.Target, error) {
	return simulator.NewTarget(base, simulator.URLStyle(f.urlStyle))
}

// startMock serves imcb's own receiver on a free port until t is closed, and
// returns its url.
func (t *target) startMock(ctx context.Context, server fixtures.Release) (base string, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", shell.Machinef("the built-in receiver can't listen: %w", err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = simulator.Serve(ctx, listener, simulator.NewReceiver(simulator.ReceiverOptions{Server: server}), simulator.ServeOptions{})
	}()
	t.name = "the built-in receiver"
	t.release = func() { t.sender.Close(); stop(); <-done }
	return "http://" + listener.Addr().String() + "/callbackExample", nil
}

func (f *targetFlags) sender(s shell.Streams) (*simulator.Sender, error) {
	o, err := f.senderOptions(s)
	if err != nil {
		return nil, err
	}
	return simulator.NewSender(o)
}

func (f *targetFlags) senderOptions(s shell.Streams) (o simulator.SenderOptions, err error) {
	o.Insecure = f.insecure
	if f.timeout < 0 {
		return o, shell.Usagef("--timeout must not be negative: %s", f.timeout)
	}
	if o.Headers, err = parseHeaders(f.headers, s); err != nil {
		return o, err
	}
	if f.proxy != "" {
		if o.Proxy, err = url.Parse(f.proxy); err != nil || o.Proxy.Host == "" {
			return o, shell.Usagef("--proxy %q is not a URL like http://127.0.0.1:3128", f.proxy)
		}
	}
	if f.caCert != "" {
		pem, err := s.ReadFile(f.caCert)
		if err != nil {
			return o, shell.Usagef("--cacert: %w", err)
		}
		o.RootCAs = x509.NewCertPool()
		if !o.RootCAs.AppendCertsFromPEM(pem) {
			return o, shell.Usagef("--cacert: %s holds no PEM certificate", f.caCert)
		}
	}
	o.Certificates, err = f.own.load()
	return o, err
}

// parseHeaders reads "Name: value" lines, and files of them after "@".
func parseHeaders(given []string, s shell.Streams) ([]validate.Header, error) {
	var headers []validate.Header
	for _, line := range given {
		lines := []string{line}
		if file, ok := strings.CutPrefix(line, "@"); ok {
			text, err := s.ReadFile(file)
			if err != nil {
				return nil, shell.Usagef("--header: %w", err)
			}
			lines = strings.Split(strings.TrimSpace(string(text)), "\n")
		}
		for _, l := range lines {
			name, value, ok := strings.Cut(l, ":")
			if !ok || strings.TrimSpace(name) == "" {
				return nil, shell.Usagef("--header %q is not of the form \"Name: value\"", l)
			}
			headers = append(headers, validate.Header{strings.TrimSpace(name), strings.TrimSpace(value)})
		}
	}
	return headers, nil
}
