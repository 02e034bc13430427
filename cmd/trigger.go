package cmd

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
	"time"

	"github.com/imcb-dev/imcb/cmd/run"
	"github.com/imcb-dev/imcb/cmd/serve"
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/simulator/mock"
	"github.com/imcb-dev/imcb/simulator/rules"
	"github.com/imcb-dev/imcb/simulator/trigger"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/report"
	"github.com/spf13/cobra"
)

// triggerOptions are the arguments of `imcb trigger`.
type triggerOptions struct {
	app        *shell.App
	api        apiFlags
	names      []string
	scenario   string
	all        bool
	server     validate.Server // unset: what the server says
	listen     string          // empty: where the server's url leads
	hosts      []string
	noReceiver bool
	forward    string
	answers    rules.Flags
	timeout    time.Duration
	wait       time.Duration
	yes        bool
	dryRun     bool
	print      string
	judging    run.JudgeFlags
	output     run.OutputFlags
}

func newTrigger(a *shell.App) *cobra.Command {
	o := &triggerOptions{app: a}
	c := &cobra.Command{
		Use:   "trigger CALLBACK...",
		Short: "Make a running OpenIM send callbacks, and see what its caller sees",
		Long: `Play the IM client towards a running OpenIM: do what fires the callback, listen
for it as the receiver, and compare what the caller saw with the verdict on the
reply. What did not come has the reason, from the server's own settings where it
shows them (main does).

It changes data: it registers users ` + trigger.Prefix + `a to d once, one more for some
operations, and groups that it dismisses again. Where the API is not on this
machine it asks before, or wants --yes.`,
		Example: `  imcb trigger beforeSendSingleMsg --secret @secret.txt
  imcb trigger --all --report junit=openim.xml
  imcb trigger beforeAddFriend --refuse beforeAddFriend=5001:"not today"
  imcb trigger --scenario send-message --forward http://127.0.0.1:8080/callback
  imcb trigger afterUserOnline --no-receiver
  imcb trigger beforeCreateGroup --dry-run --print curl`,
		RunE: func(c *cobra.Command, args []string) error {
			o.names = args
			return o.run(c.Context())
		},
	}
	o.api.add(c, trigger.DefaultAPI)
	flags := c.Flags()
	flags.StringVar(&o.api.socket, "ws", "", "`URL` of OpenIM's websocket gateway (default: what the server says, else the API's host at port 10001)")
	flags.StringVar(&o.scenario, "scenario", "", "do this operation, and watch for all of its callbacks: `name` is "+words.FewOf(trigger.Scenarios(), 3))
	flags.BoolVar(&o.all, "all", false, "fire every callback that the server sends")
	flags.Var(shell.TextFlag("", shell.Optional(run.ReadServer("server", &o.server))), "server", "the OpenIM `version` (default: what the server says, else "+fixtures.DefaultRelease.String()+"); "+run.ServersShown)
	flags.StringVar(&o.listen, "listen", "", "listen as the receiver on this `address` (default: where the server's url leads, else 127.0.0.1:10006)")
	flags.StringArrayVar(&o.hosts, "allow-host", nil, "answer requests for this host `name` too, for example host.docker.internal (repeatable)")
	flags.BoolVar(&o.noReceiver, "no-receiver", false, "do not listen: another receiver answers, and only the caller's side is seen")
	flags.StringVar(&o.forward, "forward", "", "pass on to the receiver at this `URL` what no flag answers, and its replies back")
	flags.StringArrayVar(&o.answers.Refuse, "refuse", nil, "refuse a callback: `CALLBACK=CODE:MESSAGE` (repeatable)")
	flags.StringArrayVar(&o.answers.Delay, "delay", nil, "answer a callback late: `CALLBACK=200ms` or 200ms..400ms (repeatable)")
	flags.StringArrayVar(&o.answers.Fault, "fault", nil, "answer a callback wrongly: `CALLBACK=FAULT` (repeatable)")
	shell.AddDuration(c, &o.timeout, "timeout", validate.DefaultTimeout, "how long OpenIM waits for the receiver, for --fault")
	shell.AddDuration(c, &o.wait, "wait", 5*time.Second, "how much `time` a callback may take after the call")
	flags.BoolVarP(&o.yes, "yes", "y", false, "change data on another machine without asking")
	flags.BoolVar(&o.dryRun, "dry-run", false, "call nothing; print the calls")
	shell.AddChoice(c, &o.print, "print", "curl", "what --dry-run prints: `form` is curl, http or json", printForms...)
	o.judging.Add(c)
	run.AddContract(c, &o.judging.Contract)
	o.output.AddFiles(c)
	shell.Needs(c, "print", "dry-run")
	shell.Exclusive(c, "scenario", "all")
	shell.Exclusive(c, "no-receiver", "listen", "forward", "refuse", "delay", "fault")
	shell.CompleteWords(c, "server", run.ServerNames()...)
	shell.CompleteWords(c, "scenario", trigger.Scenarios()...)
	shell.Complete(c, shell.SpaceFollows, run.CallbackWords)
	shell.Complete(c, shell.ValueFollows, run.AnswerWords, "refuse", "delay")
	shell.Complete(c, shell.ValueFollows, run.FaultWords, "fault")
	return c
}

func (o *triggerOptions) run(ctx context.Context) error {
	if o.dryRun {
		return o.printCalls()
	}
	if _, err := o.choose(cmp.Or(o.server.Release, fixtures.Newest())); err != nil { // before the server is asked which it is
		return err
	}
	api, err := o.api.open(o.app.Streams)
	if err != nil {
		return err
	}
	defer api.Sender.Close()
	if err := o.mayWrite(api); err != nil {
		return err
	}
	r := run.New(o.app, o.server, o.judging)
	s := &trigger.Session{API: api, Judging: r.Judging, Wait: o.wait}
	if err := s.Begin(ctx); err != nil {
		return accessError(err)
	}
	choices, err := o.choose(r.Judging.Server().Release)
	if err != nil {
		return err
	}
	stop, err := o.receive(ctx, s)
	if err != nil {
		return err
	}
	defer stop()
	defer s.Close()
	planned := 0
	for _, c := range choices {
		planned += len(c.Callbacks)
	}
	o.output.Detail = !o.output.Quiet && !o.all
	return r.Do(ctx, s.Source(choices), o.output, report.Run{Target: api.URL, Planned: planned, RequestsOff: true, RepliesOff: o.noReceiver})
}

// choose finds the operations that are asked for.
func (o *triggerOptions) choose(v fixtures.Release) ([]trigger.Choice, error) {
	switch {
	case len(o.names) > 0 && (o.all || o.scenario != ""):
		return nil, shell.Usagef("either name callbacks or use --all or --scenario")
	case o.all:
		return trigger.All(v), nil
	case o.scenario != "":
		choice, err := trigger.ChooseScenario(o.scenario, v)
		if err != nil {
			return nil, shell.Usagef("--scenario: %w", err)
		}
		return []trigger.Choice{choice}, nil
	case len(o.names) == 0:
		return nil, shell.Usagef("which callback? Name one or more, or use --scenario or --all\n  `imcb list` shows them")
	}
	var callbacks []*fixtures.Callback
	for _, name := range o.names {
		c, err := run.LookupCallback(name)
		if err != nil {
			return nil, err
		}
		callbacks = append(callbacks, c)
	}
	choices, left := trigger.Choose(callbacks, v)
	if len(left) > 0 {
		why := cmp.Or(run.Oddity(left[0], v.OrDefault()), "no operation of imcb fires it")
		return nil, shell.Usagef("%s can't be triggered: %s", left[0].Key, why)
	}
	return choices, nil
}

// mayWrite asks whether another machine's data may be changed.
func (o *triggerOptions) mayWrite(api *trigger.API) error {
	if o.yes || trigger.Local(api.URL) {
		return nil
	}
	if !o.app.InIsTerminal {
		return shell.Usagef("%s is not this machine, and trigger changes its data: add --yes if that is meant", api.URL)
	}
	question := validate.MaskText(api.URL) + " is not this machine. trigger registers users there, makes groups and sends messages. Go on?"
	if !o.app.Ask(words.Printable(question)) {
		return shell.Usagef("nothing was changed")
	}
	return nil
}

// receive listens as the receiver until stop is called.
func (o *triggerOptions) receive(ctx context.Context, s *trigger.Session) (stop func(), err error) {
	if o.noReceiver {
		return func() {}, nil
	}
	book, err := rules.New("", nil, rules.Options{Server: s.Judging.Server(), Timeout: o.timeout, Flags: o.answers})
	if err != nil {
		return nil, shell.Usagef("%w", err)
	}
	s.Arrivals = trigger.NewArrivals()
	receiver := mock.Options{Server: s.Judging.Server(), Rules: book, Severities: o.judging.Severities, Contract: o.judging.Contract, Observe: s.Arrivals.Observe, Keep: 1}
	if o.forward != "" {
		to, err := simulator.NewTarget(o.forward, simulator.Path)
		if err == nil {
			receiver.Forward, err = simulator.NewForwarder(to, simulator.SenderOptions{})
		}
		if err != nil {
			return nil, shell.Usagef("--forward: %w", err)
		}
	}
	listener, err := serve.Listen(o.address(s))
	if err != nil {
		return nil, fmt.Errorf("%w\n  if it is your receiver: --no-receiver leaves the callbacks to it, --listen and --forward stand between", err)
	}
	s.Listening = listener.Addr().String()
	return o.serve(ctx, mock.New(receiver), listener), nil
}

func (o *triggerOptions) serve(ctx context.Context, m *mock.Mock, l net.Listener) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = m.Serve(ctx, simulator.ServeOptions{Hosts: o.hosts, Refused: func(_ string, why words.Text) {
			fmt.Fprintf(o.app.Err, "imcb: a request was refused: %s\n", why)
		}}, l)
	}()
	return func() { cancel(); <-done; m.Close() }
}

// address is where to listen.
func (o *triggerOptions) address(s *trigger.Session) string {
	var configured string
	if s.Settings != nil {
		configured = s.Settings.ListenAddress()
	}
	return cmp.Or(o.listen, configured, "127.0.0.1:10006")
}

// printCalls prints what would be called. The secret and the tokens are variables
// of the shell.
func (o *triggerOptions) printCalls() error {
	choices, err := o.choose(o.server.Release)
	if err != nil {
		return err
	}
	api := trigger.NewAPI(trigger.API{URL: strings.TrimSuffix(o.api.url, "/"), Secret: "$IMCB_SECRET", Admin: o.api.admin})
	app := *o.app
	if o.print == "curl" {
		app.Out = expanding{o.app.Out}
	}
	for _, r := range api.Calls(choices, o.server.Release) {
		if err := printRequest(&app, o.print, validate.Exchange{Request: r}); err != nil {
			return err
		}
	}
	return nil
}

// expanding writes command lines whose variables the shell replaces within
// single quotes, too.
type expanding struct{ io.Writer }

var shellVariable = regexp.MustCompile(`\$(IMCB_SECRET|ADMIN_TOKEN|TOKEN_OF_\w+)`)

func (w expanding) Write(line []byte) (int, error) {
	_, err := w.Writer.Write(shellVariable.ReplaceAll(line, []byte(`'"$0"'`)))
	return len(line), err
}
