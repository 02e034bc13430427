// Package suite reads suite files: cases that send callbacks to a receiver,
// with what is expected of its replies.
//
// The words:
//
//   - A suite is one file: settings for the run, variables, and cases.
//   - A case sends one callback, or a chain of them: its steps.
//   - An expectation is what a step wants of the verdict or the reply; one
//     that is missed is a finding of the rule "expect".
//   - A run is one case, once; a case that repeats has several.
//   - A scenario is a suite that comes with imcb.
//
// The way of a file through the code: package yamlfile turns its text into
// nodes that know their place, and walks them along the tables of keys_*.go,
// which also are the JSON Schema; plan.go gives out the runs;
// payload.go builds each request, and check.go holds the result against the
// expectations.
//
// The package does no I/O and knows no clock: the environment comes in as a
// function, and sending is the caller's.
package suite
