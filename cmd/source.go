package cmd

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/suite"
	"github.com/imcb-dev/imcb/validate/webhooks"
	"github.com/spf13/cobra"
	"github.com/tidwall/gjson"
)

// suiteFlags choose suites, and cases within them.
type suiteFlags struct {
	scenarios []string
	filter    suite.Filter
}

// caseFilters are the flags that choose among the cases of suites.
var caseFilters = []string{"only", "skip", "tag"}

func (f *suiteFlags) add(c *cobra.Command) {
	flags := c.Flags()
	flags.StringArrayVar(&f.scenarios, "scenario", nil, "play a built-in scenario by `name`; `imcb list --scenarios` shows them (repeatable)")
	flags.StringArrayVar(&f.filter.Only, "only", nil, "only cases whose name has this `text`; * and ? match a whole name (repeatable)")
	flags.StringArrayVar(&f.filter.Skip, "skip", nil, "leave out cases whose name has this `text` (repeatable)")
	flags.StringArrayVar(&f.filter.Tags, "tag", nil, "only cases with this `tag` (repeatable)")
	shell.Complete(c, shell.SpaceFollows, scenarioWords, "scenario")
}

// loadSuites reads the suite files among the arguments and the scenarios, and
// returns the other arguments.
func (f *suiteFlags) loadSuites(args []string, s shell.Streams) (suites []*suite.Suite, names []string, err error) {
	for _, arg := range args {
		extension := strings.ToLower(filepath.Ext(arg))
		if extension == "" {
			names = append(names, arg)
			continue
		}
		if !slices.Contains([]string{".yaml", ".yml", ".json"}, extension) {
			return nil, nil, shell.Usagef("%s is neither a callback nor a suite: suites end in .yaml, .yml or .json", arg)
		}
		text, err := s.ReadFile(arg)
		if err != nil {
			return nil, nil, err
		}
		one, err := suite.Parse(arg, text, s.Getenv, allRules())
		if err != nil {
			return nil, nil, err
		}
		suites = append(suites, one)
	}
	for _, name := range f.scenarios {
		one, err := suite.LoadScenario(name)
		if err != nil {
			return nil, nil, shell.Usagef("%w\n  `imcb list --scenarios` shows them", err)
		}
		suites = append(suites, one)
	}
	return suites, names, nil
}

// suiteRun is one suite against one target.
type suiteRun struct {
	run     *run // with the settings of the suite
	suite   *suite.Suite
	to      simulator.Target
	sender  *simulator.Sender
	payload fixtures.PayloadOptions
}

// settle returns the run with the settings of the suite where the command line
// has none.
func (o *validateOptions) settle(s *suite.Suite, r *run) *run {
	own := &run{app: r.app, judging: r.judging, severities: make(validate.Overrides), judges: make(map[string]*validate.Judge)}
	if s.Server != (validate.Server{}) && !o.given("server") {
		own.judging.Server = s.Server
	}
	if s.Timeout != 0 && !o.given("timeout") {
		own.judging.Timeout = s.Timeout
	}
	if own.judging.ErrCodes == (validate.Range{}) {
		own.judging.ErrCodes = s.ErrCodes
	}
	maps.Copy(own.severities, s.Severities)
	maps.Copy(own.severities, r.severities)
	return own
}

// suiteTasks are the runs of a suite's cases.
func (o *validateOptions) suiteTasks(s *suite.Suite, r *run, t *target) (iter.Seq[task], error) {
	own := o.settle(s, r)
	sr := &suiteRun{run: own, suite: s, to: t.at, sender: t.sender, payload: fixtures.PayloadOptions{
		Server: own.judging.Server.Release, OperationID: o.payload.operationID, Seed: o.payload.seed,
	}}
	if s.URL != "" && !o.target.mock && !o.given("url") { // each suite may have its own
		var err error
		if sr.to, err = o.target.at(s.URL); err != nil {
			return nil, err
		}
	}
	if err := s.Verify(sr.payload); err != nil {
		return nil, err
	}
	return func(yield func(task) bool) {
		for one := range s.Plan(o.suites.filter) {
			if !yield(func(ctx context.Context) []validate.Result { return sr.play(ctx, one) }) {
				return
			}
		}
	}, nil
}

// play sends the steps of one case in their order. After a failed step the
// others are skipped.
func (sr *suiteRun) play(ctx context.Context, one suite.Run) []validate.Result {
	captures := one.Captures()
	results := make([]validate.Result, 0, len(one.Steps))
	skipped := one.Skipped
	for _, step := range one.Steps {
		result := one.Result(step, sr.run.judging.Server)
		if result.Skipped = skipped; skipped == "" {
			sr.send(ctx, step, captures, &result)
			if result.Exchange.Reply.Failure == validate.Canceled && ctx.Err() != nil {
				return results
			}
			if !result.OK(validate.Error) {
				skipped = one.AfterFailure(step)
			}
		}
		results = append(results, sr.suite.RedactResult(result))
	}
	return results
}

// send sends one step and holds the result against its expectations.
func (sr *suiteRun) send(ctx context.Context, step *suite.Step, captures *suite.Captures, result *validate.Result) {
	payload, headers, err := step.Payload(sr.payload, captures)
	if err != nil {
		result.Findings = step.Unsent(err)
		return
	}
	judge := sr.run.judge(step.Callback)
	request := sr.sender.Request(sr.to.URL(payload), payload)
	request.Headers = withHeaders(request.Headers, headers)
	exchange := sr.sender.Do(ctx, validate.Exchange{
		Callback: payload.Callback.Key, Command: payload.Command, Request: request, Timeout: judge.Options().Timeout,
	})
	captures.Record(exchange)
	result.Verdict, result.Exchange = judge.Judge(&exchange), exchange
	result.Findings = step.Check(*result, captures, sr.run.severities)
}

// withHeaders adds headers, in place of those of the same name.
func withHeaders(all, added []validate.Header) []validate.Header {
	replaced := func(old validate.Header) bool {
		return slices.ContainsFunc(added, func(h validate.Header) bool { return strings.EqualFold(old[0], h[0]) })
	}
	return append(slices.DeleteFunc(slices.Clone(all), replaced), added...)
}

// lookup finds a callback that the user named.
func lookup(name string) (*fixtures.Callback, error) {
	c, err := fixtures.Lookup(name)
	if err != nil {
		return nil, shell.Usagef("%w\n  `imcb list` shows all callbacks", err)
	}
	return c, nil
}

// selectCallbacks finds the named callbacks, or all of them. It says on stderr
// what is odd about a callback that the version does not send.
func selectCallbacks(names []string, all bool, server fixtures.Release, s shell.Streams) ([]*fixtures.Callback, error) {
	if all {
		if len(names) > 0 {
			return nil, shell.Usagef("either name callbacks or use --all")
		}
		return fixtures.All(), nil
	}
	var callbacks []*fixtures.Callback
	for _, name := range names {
		c, err := lookup(name)
		if err != nil {
			return nil, err
		}
		if note := oddity(c, server); note != "" {
			fmt.Fprintf(s.Err, "imcb: note: %s\n", note)
		}
		callbacks = append(callbacks, c)
	}
	return callbacks, nil
}

// oddity says why the version does not send the callback; empty if it does.
func oddity(c *fixtures.Callback, server fixtures.Release) string {
	at, sent := c.At(server)
	switch {
	case c.DocumentedOnly() && c.Instead != "":
		instead, _ := fixtures.Find(c.Instead) // a test of the catalog says that it is there
		return fmt.Sprintf("%s is in documents only; servers send %s instead", c.Command(server), instead.Command(server))
	case c.DocumentedOnly():
		return fmt.Sprintf("%s is in documents only; no server sends it", c.Command(server))
	case sent:
		return ""
	case at != server:
		return fmt.Sprintf("OpenIM %s has no %s; this is the form of %s", server, c.Key, at)
	default:
		return fmt.Sprintf("OpenIM %s defines %s, but never sends it", server, c.Key)
	}
}

// takeWebhooks reads OpenIM's configuration file and takes what it says for the
// run: the url, unless one is given, and each callback's own timeout and
// failedContinue. It returns the callbacks that the version sends with it.
func (o *validateOptions) takeWebhooks(r *run) ([]*fixtures.Callback, error) {
	file, err := readWebhooks(o.app.Streams, o.webhooks)
	if err != nil {
		return nil, err
	}
	server := r.judging.Server.Release
	if !file.Reads(server) {
		return nil, shell.Usagef("OpenIM %s does not read %s: `imcb lint %s` says why", server, o.webhooks, o.webhooks)
	}
	if o.target.url == "" && !o.target.mock {
		o.target.url = file.URL()
	}
	var callbacks []*fixtures.Callback
	for _, e := range file.Enabled(server) {
		if !sendsExample(e, o.payload.contentType) {
			fmt.Fprintf(o.app.Err, "imcb: note: %s is on, but its filters leave out the message that imcb sends\n", e.Callback.Key)
			continue
		}
		callbacks = append(callbacks, e.Callback)
		judging := r.judging
		judging.Timeout, judging.StopOnFailure = e.Wait(), !e.FailedContinue
		r.judges[e.Callback.Key] = validate.NewJudge(e.Callback, judging)
	}
	if len(callbacks) == 0 {
		fmt.Fprintf(o.app.Err, "imcb: no callback is on in %s for OpenIM %s\n", o.webhooks, server)
	}
	return callbacks, nil
}

// sendsExample reports whether OpenIM would send the callback for the message
// of imcb's own payload.
func sendsExample(e webhooks.Enabled, contentType string) bool {
	if !e.Callback.IsMessage() {
		contentType = ""
	}
	p, err := e.Callback.Payload(fixtures.PayloadOptions{Server: e.Server, ContentType: contentType})
	if err != nil {
		return true // building the payload says what is wrong
	}
	m := gjson.ParseBytes(p.Body)
	return e.Sends(int(m.Get("contentType").Int()), m.Get("sendID").String(), m.Get("recvID").String(), m.Get("groupID").String())
}
