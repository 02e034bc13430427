package cmd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
	"github.com/spf13/cobra"
)

// serveOptions are the arguments of `imcb serve`.
type serveOptions struct {
	app     *app
	server  string
	listen  string
	hosts   []string
	journal string
	verbose bool
	quiet   bool
}

func newServe(a *app) *cobra.Command {
	o := &serveOptions{app: a}
	c := &cobra.Command{
		Use:   "serve",
		Short: "Play the receiver: answer what OpenIM sends, and show it",
		Long: `Answer every callback so that OpenIM lets the operation proceed unchanged, and
print one line for each. The default address is the one in OpenIM's own
webhooks.yml, so a server with its default configuration finds it.`,
		Example: `  imcb serve
  imcb serve --journal journal.jsonl
  imcb serve --listen 127.0.0.1:0 --server main`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runServe(c.Context(), o) },
	}
	addServerFlag(c, &o.server)
	flags := c.Flags()
	flags.StringVar(&o.listen, "listen", "127.0.0.1:10006", "listen on this `address`; port 0 takes a free one")
	flags.StringArrayVar(&o.hosts, "allow-host", nil, "answer requests for this host `name` too, for example host.docker.internal (repeatable)")
	flags.StringVar(&o.journal, "journal", "", "append each exchange to this `file`, one JSON line each")
	flags.BoolVarP(&o.verbose, "verbose", "v", false, "show each request and reply")
	flags.BoolVarP(&o.quiet, "quiet", "q", false, "show only what is odd")
	exclusive(c, "quiet", "verbose")
	return c
}

func runServe(ctx context.Context, o *serveOptions) error {
	server, err := parseServer(o.server)
	if err != nil {
		return err
	}
	address, err := listenAddress(o.listen)
	if err != nil {
		return err
	}
	log, err := newServeLog(o, server)
	if err != nil {
		return err
	}
	defer log.close()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return listenError(address, err)
	}
	url := "http://" + listener.Addr().String() + "/callbackExample"
	fmt.Fprintf(o.app.Err, "imcb plays the receiver for OpenIM %s at %s\nput that url into webhooks.yml and enable callbacks there; Ctrl-C stops\n", server, url)
	receiver := simulator.NewReceiver(simulator.ReceiverOptions{Server: server, Observe: log.observe})
	err = simulator.Serve(ctx, listener, receiver, o.hosts...)
	log.summary()
	if err != nil {
		return machineError(err)
	}
	return log.failed
}

// listenAddress completes ":port" and "host" to host:port on the loopback.
func listenAddress(text string) (string, error) {
	if !strings.Contains(text, ":") {
		text += ":10006"
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return "", usagef("--listen %q is not an address like 127.0.0.1:10006", text)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), nil
}

// listenError says why nothing can listen there: the address is wrong, or this
// machine has it in use.
func listenError(address string, err error) error {
	var unknown *net.DNSError
	var wrong *net.AddrError
	failed := fmt.Errorf("can't listen on %s: %w", address, reasonOf(err))
	switch {
	case errors.As(err, &unknown), errors.As(err, &wrong):
		return usageError(failed)
	case errors.Is(err, syscall.EADDRINUSE), runtime.GOOS == "windows":
		return machineError(fmt.Errorf("%w\n  another program may use the port: try --listen 127.0.0.1:0", failed))
	default:
		return machineError(failed)
	}
}

// reasonOf is the system's error without the address that the message has.
func reasonOf(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

// serveLog prints a line for each exchange and keeps the journal.
type serveLog struct {
	server  fixtures.Version
	opts    *serveOptions
	mu      sync.Mutex
	file    *os.File
	journal *simulator.JournalWriter
	total   int
	unknown int
	byKey   map[string]int
	failed  error
}

func newServeLog(o *serveOptions, server fixtures.Version) (*serveLog, error) {
	l := &serveLog{opts: o, server: server, byKey: make(map[string]int)}
	if o.journal == "" {
		return l, nil
	}
	f, err := os.OpenFile(o.journal, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, machineError(fmt.Errorf("the journal can't be written: %w", err))
	}
	if err := endLine(f); err != nil {
		return nil, machineError(fmt.Errorf("the journal can't be written: %w", err))
	}
	l.file, l.journal = f, simulator.NewJournalWriter(f)
	return l, nil
}

// endLine completes the last line of a journal that a crash tore.
func endLine(f *os.File) error {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 || !info.Mode().IsRegular() {
		return err
	}
	last := make([]byte, 1)
	if _, err := f.ReadAt(last, info.Size()-1); err != nil {
		return err
	}
	if last[0] != '\n' {
		_, err = f.Write([]byte{'\n'})
	}
	return err
}

// observe notes an exchange; the receiver calls it from many goroutines.
func (l *serveLog) observe(a simulator.Arrival) {
	if l.journal != nil {
		l.keep(a.Exchange)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total++
	if a.Callback == nil {
		l.unknown++
	} else {
		l.byKey[a.Callback.Key]++
	}
	differs := l.differs(a)
	if !l.opts.quiet || a.Note != "" || len(differs) > 0 {
		fmt.Fprint(l.opts.app.Out, arrivalText(a, l.opts.verbose)+differsText(differs, l.opts.verbose))
	}
}

// differs says how a request differs from what the server version sends.
func (l *serveLog) differs(a simulator.Arrival) []validate.Finding {
	if a.Callback == nil {
		return nil
	}
	return validate.CheckRequest(a.Callback, l.server, a.Request)
}

// differsText is the worst of what differs, or with -v all of it.
func differsText(findings []validate.Finding, verbose bool) string {
	var b strings.Builder
	for i, f := range findings {
		if !verbose && (f.Severity == validate.Advice || i > 0) {
			continue
		}
		fmt.Fprintf(&b, "              ! not as OpenIM sends it: %s%s [%s]\n", f.Message, moreText(len(findings)-1, verbose), f.Rule)
	}
	return b.String()
}

func moreText(n int, verbose bool) string {
	if verbose || n == 0 {
		return ""
	}
	return fmt.Sprintf(" (and %d more; -v shows all)", n)
}

// keep writes to the journal; its first failure ends the run with an error.
func (l *serveLog) keep(x validate.Exchange) {
	if err := l.journal.Write(x); err != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.failed == nil {
			l.failed = machineError(err)
			fmt.Fprintf(l.opts.app.Err, "imcb: %s\n", err)
		}
	}
}

// arrivalText is the line about one exchange, and what was odd about it.
func arrivalText(a simulator.Arrival, verbose bool) string {
	name, found := "(unknown)", "command not found"
	if a.Callback != nil {
		name, found = a.Callback.Key, "from "+a.FoundIn
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %-30s %d  %-9s %s\n", a.Time.Format("15:04:05.000"), name, a.Reply.Status, found, elapsedText(a.Reply.Elapsed))
	if a.Note != "" {
		fmt.Fprintf(&b, "              ! %s\n", validate.Printable(a.Note))
	}
	if verbose {
		fmt.Fprintf(&b, "              %s %s\n", a.Request.Method, validate.Printable(a.Request.URL))
		fmt.Fprintf(&b, "              > %s\n", validate.Printable(strings.TrimRight(string(a.Request.Body), "\n")))
		fmt.Fprintf(&b, "              < %s\n", validate.Printable(string(a.Reply.Body)))
	}
	return b.String()
}

func elapsedText(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", d.Seconds()*1000)
}

func (l *serveLog) summary() {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := plural(l.total, "request")
	if len(l.byKey) > 0 {
		text += fmt.Sprintf(" of %s", plural(len(l.byKey), "callback"))
	}
	if l.unknown > 0 {
		text += fmt.Sprintf(", %d unknown", l.unknown)
	}
	fmt.Fprintf(l.opts.app.Err, "answered %s\n", text)
}

func (l *serveLog) close() {
	if l.file != nil {
		l.file.Close()
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
