package report

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

// Limits on what one remote text takes of a report, in characters.
const (
	bodyBound  = 64 << 10 // of a body
	textBound  = 4 << 10  // of a message, a header or a value
	labelBound = 200      // of a name
)

// nameOf is what reports call a result: its case, or its callback's key, with
// the server where others judge, too.
func (run Run) nameOf(r validate.Result) string {
	name := clean(cmp.Or(r.Case, keyOf(r), configFile(r), "unknown callback"), labelBound)
	if len(r.Callbacks) > 0 {
		name += ": " + clean(words.FewOf(r.Callbacks, 1), labelBound)
	}
	if len(run.Servers) > 1 {
		name += " (OpenIM " + clean(r.Server.Title(), labelBound) + ")"
	}
	return name
}

// callbacksText names the callbacks of a result where its name does not.
func callbacksText(r validate.Result) string {
	if len(r.Callbacks) < 3 {
		return ""
	}
	return clean(words.List(r.Callbacks, "and"), textBound)
}

func configFile(r validate.Result) string {
	if r.Config == nil {
		return ""
	}
	return r.File
}

// findingPlace is the file and the line that a finding is about; those of the
// suite's case where it is about none of its own.
func findingPlace(r validate.Result, f validate.Finding) validate.Place {
	if f.About == validate.AboutFile {
		return f.Place
	}
	return validate.Place{File: r.File, Line: r.Line}
}

// named is a finding's text for lists without its result: with the result's
// name, unless the finding has a place of its own.
func (run Run) named(r validate.Result, f validate.Finding) string {
	if f.About == validate.AboutFile {
		return findingText(f)
	}
	return run.nameOf(r) + ": " + findingText(f)
}

func (run Run) servers() string {
	return clean(strings.Join(words.Names(run.Servers, validate.Server.Title), ", "), textBound)
}

// standIn reports whether a server judges as another than was asked for.
func (run Run) standIn() bool {
	return slices.ContainsFunc(run.Servers, func(s validate.Server) bool { return s.Asked != "" })
}

// contract is what counts as a finding, where that is not both.
func (run Run) contract() string {
	if run.Contract == "" || run.Contract == validate.Both {
		return ""
	}
	return say("contract", "contract", run.Contract).String()
}

// groupOf is the part of OpenIM that sends the callback; "" when unknown.
func groupOf(r validate.Result) string {
	if r.Verdict.Callback != nil {
		return r.Verdict.Callback.Group
	}
	return ""
}

// fileOf is the file of a suite's case with forward slashes, as the readers of
// reports compare it with paths in a repository.
func fileOf(r validate.Result) string { return slashed(r.File) }

func slashed(file string) string { return filepath.ToSlash(clean(file, textBound)) }

// state is what becomes of a result.
type state int

const (
	passed state = iota
	warned       // it passed, with a warning
	failed
	skipped
)

func (run Run) state(r validate.Result) state {
	switch {
	case r.Skipped != "":
		return skipped
	case !r.OK(run.FailOn):
		return failed
	case r.Worst().AtLeast(validate.Warning):
		return warned
	default:
		return passed
	}
}

// fails reports whether the finding is as bad as the run's limit.
func (run Run) fails(f validate.Finding) bool {
	return run.FailOn != validate.Off && f.Severity.AtLeast(run.FailOn)
}

func (run Run) target() string { return clean(run.Target, textBound) }

// clean makes a remote text fit for every form of report: one printable line,
// and how long the text was if it had to be cut.
func clean(s string, limit int) string { return words.Bound(s, limit) }

// cleanBlock is clean for forms that show several lines.
func cleanBlock(s string, limit int) string {
	short := words.FirstRunes(s, limit)
	return words.Lines(short) + words.LeftOut(s, short)
}

// findingText is a finding's message, cleaned: rules clip what they quote, but
// findings may come from elsewhere. One about the request says so.
func findingText(f validate.Finding) string {
	text := clean(f.Message.String(), textBound)
	if f.About == validate.AboutRequest {
		text = "request: " + text
	}
	if f.Known {
		text += " (in the baseline)"
	}
	return text
}

// stepLines are what led to the result, a line each.
func stepLines(r validate.Result) []string {
	return words.Names(r.Steps, func(s validate.Step) string {
		return fmt.Sprintf("%s %s: %s", s.State.Mark(), clean(s.Name, labelBound), clean(s.Text.String(), textBound))
	})
}

// worstFinding is the first of the worst findings. There is one.
func worstFinding(r validate.Result) validate.Finding {
	worst := r.Worst()
	return r.Findings[slices.IndexFunc(r.Findings, func(f validate.Finding) bool { return f.Severity == worst })]
}

func hintText(f validate.Finding) string { return clean(f.Hint.String(), textBound) }

// wasText says how the verdict of a request that was sent again changed.
func wasText(r validate.Result) string {
	if r.Was == nil {
		return ""
	}
	return fmt.Sprintf("was %s, is %s", Outcome(*r.Was), Outcome(r.Verdict))
}

// requestsText says of the ordinary request's result how many there were.
func requestsText(r validate.Result) string {
	switch {
	case r.Cover == nil, r.IsCause(), r.Cover.Well == 0: // alone, and failed
		return ""
	case r.Cover.Well == r.Cover.Requests:
		return say("requests.all", "n", r.Cover.Requests).String()
	default:
		return say("requests", "n", r.Cover.Requests, "well", r.Cover.Well).String()
	}
}

// unsentText says which requests were not sent.
func unsentText(r validate.Result) string {
	if r.Cover == nil {
		return ""
	}
	return clean(r.Cover.Unsent.String(), textBound)
}

// mostAlso is how many names of other requests a line has.
const mostAlso = 5

// whenText says of requests that went another way what differs in them.
func whenText(r validate.Result) string {
	if !r.IsCause() {
		return ""
	}
	var also words.Text
	if n := len(r.Cover.Also); n > 0 {
		also = say("when.also", "n", n, "names", words.FewOf(r.Cover.Also, mostAlso))
	}
	return clean(say("when", "differs", validate.When(r.Cover.Differs), "also", also).String(), textBound)
}

// namedText is a field of a report.
type namedText struct{ name, text string }

// coverFields are what is said of the requests that a result stands for.
func coverFields(r validate.Result) (fields []namedText) {
	for _, f := range []namedText{{"requests", requestsText(r)}, {"when", whenText(r)}, {"unsent", unsentText(r)}} {
		if f.text != "" {
			fields = append(fields, f)
		}
	}
	return fields
}

// outcomeText is the outcome, or that there is none.
func outcomeText(r validate.Result) string {
	if r.Skipped != "" {
		return "skipped"
	}
	return Outcome(r.Verdict)
}

// worstOf is the worst severity that a run counts. A run without results is
// no success.
func worstOf(s Summary) validate.Severity {
	switch {
	case s.Errors > 0 || s.Results == 0:
		return validate.Error
	case s.Warnings > 0:
		return validate.Warning
	default:
		return validate.Off
	}
}

// effectText is Effect of a result whose case was run.
func effectText(r validate.Result) string {
	if r.Skipped != "" || r.Outcome == "" {
		return ""
	}
	return clean(Effect(r.Verdict), textBound)
}

// sendCommand is imcb's own command that sends a request of a covering set; ""
// where it takes more than that.
func sendCommand(r validate.Result) string {
	base, ok := strings.CutSuffix(r.Exchange.Request.URL, "/"+r.Exchange.Command)
	if r.Cover == nil || len(r.Cover.Args) == 0 || !ok {
		return ""
	}
	args := slices.Concat([]string{"imcb", "send", keyOf(r)}, r.Cover.Args, []string{"--url", base})
	if r.Server != (validate.Server{}).OrDefault() {
		args = append(args, "--server", r.Server.String())
	}
	for _, h := range r.Exchange.Request.Headers {
		if h[0] != "Content-Type" && h[0] != "Operationid" && !slices.Contains(derived, h[0]) {
			args = append(args, "-H", h[0]+": "+h[1])
		}
	}
	for i := range args {
		args[i] = shellQuote(args[i])
	}
	return strings.Join(args, " ")
}

// againText is the line that sends the masked request again, or why there is
// none; "" where the request is not known.
func againText(of validate.Result) string {
	r := of.Exchange.Request
	if r.URL == "" || of.Exchange.Lacks(validate.RequestBody) {
		return ""
	}
	if command := sendCommand(of); command != "" {
		return clean(command, 4*bodyBound)
	}
	if len(r.Body) > bodyBound {
		return fmt.Sprintf("the request's body is too long for a command line: %d bytes", len(r.Body))
	}
	return clean(Curl(r), 4*bodyBound)
}

// seconds is a duration as machines read it.
func seconds(d time.Duration) string { return fmt.Sprintf("%.6f", max(d, 0).Seconds()) }
