package cmd

import (
	"context"
	"iter"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/suite"
	"github.com/spf13/cobra"
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
	complete(c, spaceFollows, scenarioWords, "scenario")
}

// loadSuites reads the suite files among the arguments and the scenarios, and
// returns the other arguments.
func (f *suiteFlags) loadSuites(args []string, s Streams) (suites []*suite.Suite, names []string, err error) {
	for _, arg := range args {
		extension := strings.ToLower(filepath.Ext(arg))
		if extension == "" {
			names = append(names, arg)
			continue
		}
		if !slices.Contains([]string{".yaml", ".yml", ".json"}, extension) {
			return nil, nil, usagef("%s is neither a callback nor a suite: suites end in .yaml, .yml or .json", arg)
		}
		text, err := s.ReadFile(arg)
		if err != nil {
			return nil, nil, usageError(err)
		}
		one, err := suite.Parse(arg, text, s.Getenv, allRules())
		if err != nil {
			return nil, nil, usageError(err)
		}
		suites = append(suites, one)
	}
	for _, name := range f.scenarios {
		one, err := suite.LoadScenario(name)
		if err != nil {
			return nil, nil, usagef("%w\n  `imcb list --scenarios` shows them", err)
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
		return nil, usageError(err)
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
