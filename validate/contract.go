package validate

import (
	"slices"
)

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
