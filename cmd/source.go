package cmd

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/cmd/run"
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/suite"
	"github.com/imcb-dev/imcb/validate/webhooks"
	"github.com/tidwall/gjson"
)

// suiteRun is one suite against one target.
type suiteRun struct {
	run     *runner // with the settings of the suite
	suite   *suite.Suite
	to      simulator.Target
	sender  *simulator.Sender
	payload fixtures.PayloadOptions
}

// settle returns the run with the settings of the suite where the command line
// has none.
func (o *validateOptions) settle(s *suite.Suite, r *runner) *runner {
	own := &runner{app: r.app, judging: r.judging, severities: make(validate.Overrides), judges: make(map[string]*validate.Judge)}
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
func (o *validateOptions) suiteTasks(s *suite.Suite, r *runner, t *run.Target) (iter.Seq[task], error) {
	own := o.settle(s, r)
	sr := &suiteRun{run: own, suite: s, to: t.At, sender: t.Sender, payload: fixtures.PayloadOptions{
		Server: own.judging.Server.Release, OperationID: o.Payload.OperationID, Seed: o.Payload.Seed,
	}}
	if s.URL != "" && !o.Target.Mock && !o.given("url") { // each suite may have its own
		var err error
		if sr.to, err = o.Target.At(s.URL); err != nil {
			return nil, err
		}
	}
	if err := s.Verify(sr.payload); err != nil {
		return nil, err
	}
	return func(yield func(task) bool) {
		for one := range s.Plan(o.suites.Filter) {
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

// takeWebhooks reads OpenIM's configuration file and takes what it says for the
// run: the url, unless one is given, and each callback's own timeout and
// failedContinue. It returns the callbacks that the version sends with it.
func (o *validateOptions) takeWebhooks(r *runner) ([]*fixtures.Callback, error) {
	file, err := readWebhooks(o.App.Streams, o.webhooks)
	if err != nil {
		return nil, err
	}
	server := r.judging.Server.Release
	if !file.Reads(server) {
		return nil, shell.Usagef("OpenIM %s does not read %s: `imcb lint %s` says why", server, o.webhooks, o.webhooks)
	}
	if o.Target.URL == "" && !o.Target.Mock {
		o.Target.URL = file.URL()
	}
	var callbacks []*fixtures.Callback
	for _, e := range file.Enabled(server) {
		if !sendsExample(e, o.Payload.ContentType) {
			fmt.Fprintf(o.App.Err, "imcb: note: %s is on, but its filters leave out the message that imcb sends\n", e.Callback.Key)
			continue
		}
		callbacks = append(callbacks, e.Callback)
		judging := r.judging
		judging.Timeout, judging.StopOnFailure = e.Wait(), !e.FailedContinue
		r.judges[e.Callback.Key] = validate.NewJudge(e.Callback, judging)
	}
	if len(callbacks) == 0 {
		fmt.Fprintf(o.App.Err, "imcb: no callback is on in %s for OpenIM %s\n", o.webhooks, server)
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
