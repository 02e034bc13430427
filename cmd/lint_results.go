package cmd

import (
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
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
	out, err := flags.open(o.app, report.Run{Servers: []string{server.String()}, FailOn: limit, Target: "webhooks.yml", Rules: webhooks.Rules()})
	return &lintReports{out: out}, err
}

func (r *lintReports) add(l linted) error {
	if r == nil {
		return nil
	}
	for _, result := range l.results() {
		r.sum.Add(result)
		if err := r.out.report(validate.MaskResult(result)); err != nil {
			return err
		}
	}
	return nil
}

func (r *lintReports) close() error {
	if r == nil {
		return nil
	}
	return r.out.close(report.Summary{Summary: r.sum})
}

func (l linted) results() []validate.Result {
	var results []validate.Result
	found := make(map[string]bool)
	for _, f := range l.findings {
		name := strings.ReplaceAll(strings.TrimPrefix(f.Place.Pointer, "/"), "/", ".")
		if name == "" {
			name = f.Rule
		}
		found[name] = true
		f.Got, f.Excerpt = f.Excerpt, ""
		results = append(results, l.result(name, f.Place.Line, f))
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
