package cmd

import (
	"slices"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/report"
	"github.com/imcb-dev/imcb/validate/webhooks"
)

// lintReports writes what was found in the formats of the other commands: a
// result for each finding, and one for each callback that is on and has none.
type lintReports struct {
	out *reporters
	sum validate.Summary
}

// reports opens the reports that --format and --report ask for; nil: none.
func (o *lintOptions) reports(server fixtures.Release, limit validate.Severity) (*lintReports, error) {
	flags := outputFlags{format: o.format, reports: o.reportFiles}
	if slices.Contains(lintFormats, o.format) {
		if len(o.reportFiles) == 0 {
			return nil, nil
		}
		flags.format = "" // lint writes that itself
	}
	out, err := flags.open(o.app, report.Options{Servers: []string{server.String()}, FailOn: limit, Target: "webhooks.yml", Rules: lintRules()})
	return &lintReports{out: out}, err
}

// lintRules are the rules of lint, for reports that explain them.
func lintRules() []*validate.Rule {
	var rules []*validate.Rule
	for _, r := range webhooks.Rules() {
		rules = append(rules, &validate.Rule{ID: r.ID, Severity: validate.Severity(r.Severity), Title: r.Title, Source: r.Source})
	}
	return rules
}

func (r *lintReports) add(l linted) error {
	if r == nil {
		return nil
	}
	for _, result := range l.results() {
		r.sum.Add(result)
		if err := r.out.report(result); err != nil {
			return err
		}
	}
	return nil
}

func (r *lintReports) close() error {
	if r == nil {
		return nil
	}
	return r.out.close(r.sum)
}

func (l linted) results() []validate.Result {
	var results []validate.Result
	found := make(map[string]bool)
	for _, f := range l.findings {
		name := f.Path
		if name == "" {
			name = f.Rule
		}
		found[name] = true
		results = append(results, l.result(name, f.Line, validate.Finding{
			Rule: f.Rule, Severity: validate.Severity(f.Severity), Got: f.Excerpt, Message: words.Plain(f.Message), Hint: words.Plain(f.Hint), Source: f.Source,
		}))
	}
	for _, on := range l.callbacks() {
		if !found[on.Key] {
			results = append(results, l.result(on.Key, on.Line))
		}
	}
	return results
}

func (l linted) result(name string, line int, findings ...validate.Finding) validate.Result {
	return validate.Result{
		Verdict: validate.Verdict{Server: validate.Server{Release: l.server.Release, Asked: l.server.Asked}, Findings: findings},
		Case:    name, File: l.file.Name, Line: line,
	}
}
