package validate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures/words"
)

// Severity says how bad a finding is.
type Severity string

// The severities. Off silences a rule.
const (
	// Error: the documented contract is broken, or OpenIM will not do what is
	// meant.
	Error Severity = "error"
	// Warning: it works, but departs from the documents or relies on defaults.
	Warning Severity = "warning"
	// Note: worth knowing.
	Note Severity = "note"
	Off  Severity = "off"
)

// Severities returns the severities from worst to none.
func Severities() []Severity { return []Severity{Error, Warning, Note, Off} }

// AtLeast reports whether s is as bad as limit or worse.
func (s Severity) AtLeast(limit Severity) bool {
	all := Severities()
	return slices.Index(all, s) <= slices.Index(all, limit)
}

// ParseSeverity reads the name of a severity. The error lists the names.
func ParseSeverity(name string) (Severity, error) {
	return words.Find("severity", name, Severities(), func(s Severity) string { return string(s) })
}

// About is what a rule or finding speaks of.
type About string

// What can be wrong. The zero value of an About is a reply's.
const (
	AboutReply   About = ""
	AboutRequest About = "request"
	AboutFile    About = "file"
	AboutTarget  About = "target"
)

// Place is where a finding was made.
type Place struct {
	// File is a suite or configuration file; Line and Column count from 1, the
	// column in characters. Empty and 0 where no file is at fault.
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	// Pointer is a JSON Pointer (RFC 6901) into the body or the file; empty
	// when the finding is about all of it.
	Pointer string `json:"path,omitempty"`
}

// Pointer is the JSON Pointer that the keys make, from the outermost on.
func Pointer(keys ...string) string {
	var b strings.Builder
	for _, key := range keys {
		b.WriteString("/" + escapePointer(key))
	}
	return b.String()
}

// at is the place of a pointer into the body.
func at(pointer string) Place { return Place{Pointer: pointer} }

// Finding is one breach of a rule. Its JSON form is that of reports and the
// API, with its texts in English.
type Finding struct {
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	// Contract is what the finding rests on; empty: on what the user expects.
	Contract Contract `json:"contract,omitempty"`
	// About is what is at fault.
	About About `json:"about,omitempty"`
	Place
	// Got is what stands there, as text or JSON; Want what should.
	Got  string     `json:"got,omitempty"`
	Want words.Text `json:"want,omitzero"`
	// Message says what is wrong and what OpenIM does with it.
	Message words.Text `json:"message"`
	// Hint says what to write instead.
	Hint words.Text `json:"hint,omitzero"`
	// Fix is the whole reply that would be right, as JSON, where the request tells.
	Fix string `json:"fix,omitempty"`
	// Excerpt is the line of the file.
	Excerpt string `json:"excerpt,omitempty"`
	// Source is the document page or server version that the rule rests on.
	Source string `json:"source"`
	// Fatal: OpenIM doesn't start with the file.
	Fatal bool `json:"fatal,omitempty"`
	// Known: a baseline has the finding, so that it fails no run.
	Known bool `json:"known,omitempty"`
}

// String is the finding as one line.
func (f Finding) String() string {
	return fmt.Sprintf("%s: %s %s", f.Severity, f.Message, f.Basis())
}

// Basis is the rule and what the finding rests on: "[errcode-range] documents".
func (f Finding) Basis() string {
	return strings.TrimSpace("[" + f.Rule + "] " + f.RestsOn())
}

// RestsOn is what the finding rests on, in words. A file's findings have none: all
// rest on the server that reads it.
func (f Finding) RestsOn() string {
	switch {
	case f.About == AboutFile:
		return ""
	case f.Contract == Both:
		return "documents, server"
	default:
		return string(f.Contract)
	}
}

// Overrides change the severity of rules by id; Off silences one.
type Overrides map[string]Severity

// Apply returns the findings with their changed severities, in the order of
// SortFindings and without those that are off. The findings that it is given
// stay as they are.
func (o Overrides) Apply(findings []Finding) []Finding {
	if !slices.ContainsFunc(findings, func(f Finding) bool { _, changed := o[f.Rule]; return changed }) {
		return findings
	}
	var kept []Finding
	for _, f := range findings {
		if s, ok := o[f.Rule]; ok {
			f.Severity = s
		}
		if f.Severity != Off {
			kept = append(kept, f)
		}
	}
	SortFindings(kept)
	return kept
}

// SortFindings puts the worst first, then orders by place and rule. A request's
// command comes before its fields, which differ in another version, too.
func SortFindings(findings []Finding) {
	all := Severities()
	slices.SortStableFunc(findings, func(a, b Finding) int {
		switch {
		case a.Severity != b.Severity:
			return cmp.Compare(slices.Index(all, a.Severity), slices.Index(all, b.Severity))
		case a.About == AboutFile && b.About == AboutFile:
			return cmp.Or(strings.Compare(a.Place.File, b.Place.File), cmp.Compare(a.Place.Line, b.Place.Line), cmp.Compare(a.Place.Column, b.Place.Column))
		case a.Rule != b.Rule && a.Rule == requestCommand.ID:
			return -1
		case a.Rule != b.Rule && b.Rule == requestCommand.ID:
			return 1
		case a.Place.Pointer != b.Place.Pointer:
			return strings.Compare(a.Place.Pointer, b.Place.Pointer)
		default:
			return strings.Compare(a.Rule, b.Rule)
		}
	})
}

// Contract is what is held against exchanges, and what a finding rests on.
type Contract string

// The contracts. The zero value stands for Both where one is chosen; a finding
// that has it rests on neither, but on what the user expects.
const (
	// Documents: the callback pages, whatever servers do.
	Documents Contract = "documents"
	// Running is the OpenIM that is asked for: there is no finding where it does
	// what is meant.
	Running Contract = "server"
	// Both counts what breaks either.
	Both Contract = "both"
)

// Contracts returns the contracts, the default last.
func Contracts() []Contract { return []Contract{Documents, Running, Both} }

// Counts reports whether a finding that rests on the other contract is one under
// this one.
func (c Contract) Counts(on Contract) bool {
	return c == "" || c == Both || on == "" || on == Both || on == c
}

// Of returns the findings that count. Those that it is given stay as they are.
func (c Contract) Of(findings []Finding) []Finding {
	if !slices.ContainsFunc(findings, func(f Finding) bool { return !c.Counts(f.Contract) }) {
		return findings
	}
	var counted []Finding
	for _, f := range findings {
		if c.Counts(f.Contract) {
			counted = append(counted, f)
		}
	}
	return counted
}
