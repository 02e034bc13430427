// Package serve is the command `imcb serve`: what a mock receiver needs of this
// machine. It opens the addresses and the journal's file, watches the rules'
// file and prints what arrives; package mock is the receiver.
package serve

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/imcb-dev/imcb/cmd/run"
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/simulator/inspector"
	"github.com/imcb-dev/imcb/simulator/mock"
	"github.com/imcb-dev/imcb/simulator/rules"
	"github.com/imcb-dev/imcb/validate"
	"github.com/spf13/cobra"
)

// options are the arguments of `imcb serve`.
type options struct {
	app       *shell.App
	receiver  mock.Options // what the mock is made of, filled in bit by bit
	server    validate.Server
	listen    listenFlags
	answers   rules.Flags
	rules     string
	checkOnly bool
	init      bool
	seed      *uint64
	timeout   time.Duration
	forward   string
	resendTo  string
	insecure  bool
	caCert    string
	record    string
	rotate    shell.Size
	durable   bool
	keepBytes shell.Size
	expected  []mock.Expectation
	howLong   time.Duration
	until     bool
	settling  time.Duration
	readyFile string
	tokenFile string
	logFormat string
	verbose   bool
	quiet     bool
}

// New makes the command `imcb serve`.
func New(a *shell.App) *cobra.Command {
	o := &options{app: a}
	c := &cobra.Command{
		Use:   "serve",
		Short: "Play the receiver: answer what OpenIM sends, and show it",
		Long: `Answer every callback so that OpenIM lets the operation proceed unchanged, and
print one line for each; the page at /__imcb/ shows them. The default address is
the one in OpenIM's own webhooks.yml, so a server with its default configuration
finds it. Flags and --rules make other answers, and faults:
` + faultTable(),
		Example: `  imcb serve
  imcb serve --refuse beforeAddFriend=5001:"not today" --delay afterSendSingleMsg=200ms..400ms
  imcb serve --fault beforeSendGroupMsg=timeout
  imcb serve --rules rules.yaml --journal journal.jsonl
  imcb serve --forward http://127.0.0.1:8080/callback
  imcb serve --expect beforeAddFriend --for 30s --until`,
		Args: shell.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	o.add(c)
	return c
}

func (o *options) add(c *cobra.Command) {
	run.AddServer(c, &o.server)
	o.listen.add(c)
	flags := c.Flags()
	flags.StringArrayVar(&o.answers.Refuse, "refuse", nil, "refuse a callback: `CALLBACK=CODE:MESSAGE` (repeatable)")
	flags.StringArrayVar(&o.answers.Delay, "delay", nil, "answer a callback late: `CALLBACK=200ms` or 200ms..400ms (repeatable)")
	flags.StringArrayVar(&o.answers.Fault, "fault", nil, "answer a callback wrongly: `CALLBACK=FAULT` (repeatable)")
	flags.StringVar(&o.rules, "rules", "", "answer by the rules in this YAML `file`; a change is taken within 50 ms")
	flags.BoolVar(&o.checkOnly, "check-rules", false, "check the rules, say what they do, and end")
	flags.BoolVar(&o.init, "init", false, "write example rules and their schema into the working directory, and end")
	shell.AddSeed(c, &o.seed, "make probabilities and ranges of delays repeatable, chosen by this `number`")
	shell.AddDuration(c, &o.timeout, "timeout", 0, "how long OpenIM waits, for the faults and the verdicts (default 5s, or that of the rules)")
	flags.StringVar(&o.forward, "forward", "", "pass on to the receiver at this `URL` what no rule answers, and its replies back")
	flags.StringVar(&o.resendTo, "resend-to", "", "let the page resend requests to this `URL` (default: that of --forward)")
	flags.BoolVarP(&o.insecure, "insecure", "k", false, "accept any TLS certificate of --forward and --resend-to")
	flags.StringVar(&o.caCert, "cacert", "", "trust the certificate authorities in this PEM `file` for --forward and --resend-to")
	flags.StringVar(&o.record, "journal", "", "append each exchange to this `file`, one JSON line each")
	flags.Var(&o.rotate, "journal-rotate", "begin a new journal file at this `size`; the full one gets a number")
	flags.BoolVar(&o.durable, "durable", false, "answer only when the exchange is on the disk of --journal")
	flags.IntVar(&o.receiver.Keep, "keep", inspector.DefaultKeep, "keep so many exchanges in memory for the page")
	o.keepBytes = inspector.DefaultKeepBytes
	flags.Var(&o.keepBytes, "keep-bytes", "keep no more than this `size` of them")
	flags.Func("expect", "expect `CALLBACK[=N|=N+]`: at least once, exactly N times, or at least N times; exit 1 if not (repeatable)", o.addExpectations)
	shell.CommaList(c, "delay", "fault", "expect")
	shell.AddDuration(c, &o.howLong, "for", 0, "stop after this `time`")
	flags.BoolVar(&o.until, "until", false, "stop when every --expect is met")
	shell.AddDuration(c, &o.settling, "settle", time.Second, "how long --until waits for one that is too many; 0: not at all")
	flags.StringVar(&o.readyFile, "ready-file", "", "write the address as JSON to this `file` when listening")
	flags.StringVar(&o.tokenFile, "token-file", "", "`file` with the token for /__imcb/ (default: none on the loopback, else a fresh one)")
	run.AddRule(c, &o.receiver.Severities)
	run.AddContract(c, &o.receiver.Contract)
	shell.AddChoice(c, &o.logFormat, "log-format", "text", "`format` of what is printed: text or json", "text", "json")
	flags.BoolVarP(&o.verbose, "verbose", "v", false, "show each request and reply, and why no rule matched")
	flags.BoolVarP(&o.quiet, "quiet", "q", false, "show only what is odd")
	shell.Exclusive(c, "quiet", "verbose")
	shell.Needs(c, "journal-rotate", "journal")
	shell.Needs(c, "durable", "journal")
	shell.Needs(c, "until", "expect")
	shell.Needs(c, "settle", "until")
	shell.Complete(c, shell.ValueFollows, run.AnswerWords, "refuse", "delay")
	shell.Complete(c, shell.ValueFollows, run.FaultWords, "fault")
	shell.Complete(c, shell.ValueFollows, run.CallbackWords, "expect")
}

func faultTable() string {
	var b strings.Builder
	for _, f := range simulator.Faults() {
		fmt.Fprintf(&b, "\n  %-16s %s", f.Name, f.About)
	}
	return b.String()
}

// serving is a receiver with all that is around it.
type serving struct {
	*options
	ruleFile *ruleFile // nil: there is none
	log      requestLog
	journal  *journalFile
	on       *listening
	mock     *mock.Mock
}

func (o *options) run(ctx context.Context) error {
	if o.init {
		return o.app.WriteExamples("serve --rules %s", shell.Example{Name: "imcb-rules.yaml", Text: rules.Example()}, shell.Example{Name: rules.SchemaFile, Text: rules.Schema()})
	}
	s, err := o.prepare()
	if err != nil {
		return err
	}
	if o.checkOnly {
		return s.reportRules()
	}
	if s.on, err = o.listen.open(); err != nil {
		return err
	}
	defer s.on.closeAll()
	if err := s.checkForward(ctx); err != nil {
		return err
	}
	if err := s.open(); err != nil {
		return err
	}
	if err := s.announce(); err != nil {
		return err
	}
	defer s.unannounce()
	return s.serve(ctx)
}

// checkForward rejects a --forward that leads back here.
func (s *serving) checkForward(ctx context.Context) error {
	if s.forward == "" {
		return nil
	}
	to, err := url.Parse(s.forward)
	if err == nil && s.on.has(ctx, to) {
		return shell.Usagef("--forward: %s is this receiver itself: give the url of the one behind it", s.forward)
	}
	return nil
}

func (o *options) prepare() (*serving, error) {
	s := &serving{options: o}
	if o.timeout < 0 || o.howLong < 0 || o.receiver.Keep < 1 {
		return nil, shell.Usagef("--timeout and --for must not be negative, --keep must be at least 1")
	}
	if err := o.checkUntil(); err != nil {
		return nil, err
	}
	if err := s.openRules(); err != nil {
		return nil, err
	}
	return s, s.openTargets()
}

// checkUntil rejects --until where it would end the run before anything came.
func (o *options) checkUntil() error {
	switch {
	case o.settling < 0:
		return shell.Usagef("--settle must not be negative: %s", o.settling)
	case !o.until:
		return nil
	}
	for _, e := range o.expected {
		if e.N == 0 {
			return shell.Usagef("--until would stop at once: no %s is what there is at the start; use --for", e.Callback)
		}
	}
	return nil
}

func (s *serving) openTargets() error {
	flags := run.TargetFlags{Insecure: s.insecure, CACert: s.caCert}
	o, err := flags.SenderOptions(s.app.Streams)
	if err != nil {
		return err
	}
	if s.forward != "" {
		to, err := simulator.NewTarget(s.forward, simulator.Path)
		if err == nil {
			s.receiver.Forward, err = simulator.NewForwarder(to, o)
		}
		if err != nil {
			return shell.Usagef("--forward: %w", err)
		}
	}
	s.resendTo = cmp.Or(s.resendTo, s.forward)
	if s.resendTo == "" {
		return nil
	}
	if s.receiver.ResendTo, err = simulator.NewTarget(s.resendTo, simulator.Path); err != nil {
		return shell.Usagef("--resend-to: %w", err)
	}
	s.receiver.Sender, err = simulator.NewSender(o)
	return err
}
