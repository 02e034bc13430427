package run

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
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/simulator/mock"
	"github.com/imcb-dev/imcb/simulator/play"
	"github.com/imcb-dev/imcb/validate"
	"github.com/spf13/cobra"
)

// TargetFlags say where requests go and how.
type TargetFlags struct {
	URL, urlStyle string
	Mock          bool
	Timeout       time.Duration
	headers       []string
	Insecure      bool
	CACert        string
	own           CertificateFlags
	proxy         string
}

func (f *TargetFlags) add(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&f.URL, "url", "", "the receiver's `URL` as in OpenIM's webhooks.yml; the command is appended as OpenIM does")
	flags.BoolVar(&f.Mock, "mock", false, "use a built-in receiver instead of --url")
	flags.StringVar(&f.urlStyle, "url-style", string(simulator.Path), "where the command goes: `style` is "+strings.Join(simulator.URLStyles(), ", "))
	shell.AddDuration(c, &f.Timeout, "timeout", validate.DefaultTimeout, "how long OpenIM waits; over 15s has no effect, as in OpenIM")
	flags.StringArrayVarP(&f.headers, "header", "H", nil, "add a `header` \"Name: value\", or those of @file (repeatable)")
	flags.BoolVarP(&f.Insecure, "insecure", "k", false, "accept any TLS certificate; OpenIM does not")
	flags.StringVar(&f.CACert, "cacert", "", "trust the certificate authorities in this PEM `file`")
	f.own.Add(c, "identify with the TLS certificate in this PEM `file`")
	flags.StringVarP(&f.proxy, "proxy", "x", "", "send through the proxy at this `URL` (default none, as OpenIM)")
	shell.CompleteWords(c, "url-style", simulator.URLStyles()...)
	shell.Exclusive(c, "url", "mock")
}

// CertificateFlags name a certificate and its key.
type CertificateFlags struct{ cert, key string }

// Add adds --cert and --key; usage is that of --cert.
func (f *CertificateFlags) Add(c *cobra.Command, usage string) {
	c.Flags().StringVar(&f.cert, "cert", "", usage)
	c.Flags().StringVar(&f.key, "key", "", "the private key of --cert, a PEM `file`")
	shell.Needs(c, "cert", "key")
	shell.Needs(c, "key", "cert")
}

// Load returns the certificate, if one is named.
func (f *CertificateFlags) Load() ([]tls.Certificate, error) {
	if f.cert == "" && f.key == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return nil, shell.Usagef("--cert: %w", err)
	}
	return []tls.Certificate{pair}, nil
}

// Target is where requests go, and what sends them.
type Target struct {
	play.Player
	Name    string // for people
	Release func() // of what it holds
}

// Open prepares the target of a run that judges so. The warnings about its URL go to stderr.
func (f *TargetFlags) Open(ctx context.Context, s shell.Streams, judging *play.Judging) (*Target, error) {
	if f.URL == "" && !f.Mock {
		return nil, shell.Usagef("no target: give the receiver's --url, or --mock to try imcb with its own\n  for example --url http://127.0.0.1:8080/callback")
	}
	sender, err := f.Sender(s)
	if err != nil {
		return nil, err
	}
	t := &Target{Player: play.Player{Sender: sender, Judging: judging}, Name: f.URL, Release: sender.Close}
	base := f.URL
	if f.Mock {
		if base, err = t.startMock(ctx, judging.Server()); err != nil {
			return nil, err
		}
	}
	if t.Target, err = f.At(base); err != nil {
		t.Release()
		return nil, err
	}
	for _, warning := range t.Target.Warnings() {
		fmt.Fprintf(s.Err, "imcb: warning: %s\n", warning)
	}
	return t, nil
}

// At is the target with the given url, in the style of --url-style.
func (f *TargetFlags) At(base string) (simulator.Target, error) {
	return simulator.NewTarget(base, simulator.URLStyle(f.urlStyle))
}

// startMock serves imcb's own receiver on a free port until t is closed, and
// returns its url.
func (t *Target) startMock(ctx context.Context, server validate.Server) (base string, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", shell.Machinef("the built-in receiver can't listen: %w", err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = mock.New(mock.Options{Server: server, Keep: 1}).Serve(ctx, simulator.ServeOptions{}, listener)
	}()
	t.Name = "the built-in receiver"
	t.Release = func() { t.Close(); stop(); <-done }
	return "http://" + listener.Addr().String() + "/callbackExample", nil
}

// Sender is what sends as the flags say.
func (f *TargetFlags) Sender(s shell.Streams) (*simulator.Sender, error) {
	o, err := f.SenderOptions(s)
	if err != nil {
		return nil, err
	}
	return simulator.NewSender(o)
}

// SenderOptions are the options of such a sender. Errors are of usage.
func (f *TargetFlags) SenderOptions(s shell.Streams) (o simulator.SenderOptions, err error) {
	o.Insecure = f.Insecure
	if f.Timeout < 0 {
		return o, shell.Usagef("--timeout must not be negative: %s", f.Timeout)
	}
	if o.Headers, err = parseHeaders(f.headers, s); err != nil {
		return o, err
	}
	if f.proxy != "" {
		if o.Proxy, err = url.Parse(f.proxy); err != nil || o.Proxy.Host == "" {
			return o, shell.Usagef("--proxy %q is not a URL like http://127.0.0.1:3128", f.proxy)
		}
	}
	if f.CACert != "" {
		pem, err := s.ReadFile(f.CACert)
		if err != nil {
			return o, shell.Usagef("--cacert: %w", err)
		}
		o.RootCAs = x509.NewCertPool()
		if !o.RootCAs.AppendCertsFromPEM(pem) {
			return o, shell.Usagef("--cacert: %s holds no PEM certificate", f.CACert)
		}
	}
	o.Certificates, err = f.own.Load()
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
