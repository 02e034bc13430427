package validate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
)

// Rule is one thing that can be wrong with a reply.
type Rule struct {
	ID string
	// Severity is the default; a finding can be milder than its rule.
	Severity Severity
	Title    string
	// Why says what OpenIM does and why that hurts.
	Why string
	// Source is the document page or server version that the rule rests on.
	Source string
	// Bad breaks this rule and no other; Good breaks none. They are the rule's
	// documentation and its test.
	Bad, Good Example

	stage stage
	check func(*pass)
}

// Example is an exchange that shows a rule.
type Example struct {
	// Callback is a key; empty: beforeSendSingleMsg.
	Callback string
	// Server is the version that judges; zero: the default version.
	Server *fixtures.Version
	// Request replaces the catalog's request body.
	Request string
	Reply   Reply
}

// stage says what a rule needs of the reply. Rules of a stage run only when no
// earlier stage has spoiled the reply, so that one cause gives one finding.
type stage int

const (
	// onTransport: how the reply arrived, or did not.
	onTransport stage = iota
	// onBody: the body as text and JSON.
	onBody
	// onCodes: the five common fields of a reply that OpenIM can read.
	onCodes
	// onFields: the callback's own fields of a reply that lets it proceed.
	onFields
)

// rules in the order in which they run. A new rule is one value and its name
// here.
var rules = []*Rule{
	&ruleTimeout, &ruleUnreachable, &ruleReset, &ruleTruncated, &ruleTLS, &ruleTooLarge, &ruleCompressedWrong,
	&ruleRedirect, &ruleSlow, &ruleContentType,
	&ruleEmptyBody, &ruleBOM, &ruleTrailingData, &ruleNotJSON, &ruleNotObject, &ruleIntRange, &ruleWrappedValue, &ruleTypeMismatch,
	&ruleDuplicateKey, &ruleInvalidUTF8,
	&ruleEnvelope, &ruleMisspeltField, &ruleNoRoute, &ruleNoContractField, &ruleHTTPStatus, &ruleKeyCase, &ruleUnknownField, &ruleMissingField,
	&ruleRefusalIneffective, &ruleActionCodeValue, &ruleNextCodeValue, &ruleErrCodeMissing, &ruleErrCodeReserved, &ruleErrCodeRange, &ruleErrCodeOnAllow,
	&ruleErrMsgMissing, &ruleErrMsgLeak, &ruleRefusalOnAfter, &ruleRefusalUnseen,
	&ruleCrashesServer, &ruleFieldWiped, &ruleContentNotObject, &ruleFieldIgnored, &ruleEmptyList, &ruleMemberUnknown, &ruleValueRange, &ruleIdentityChange,
}

// Rules returns all rules in the order in which they run.
func Rules() []*Rule { return slices.Clone(rules) }

// LookupRule finds a rule by its name. The error names the nearest ones.
func LookupRule(id string) (*Rule, error) {
	var ids []string
	for _, r := range rules {
		if strings.EqualFold(r.ID, id) {
			return r, nil
		}
		ids = append(ids, r.ID)
	}
	if near := fixtures.NearestNames(id, ids); len(near) > 0 {
		return nil, fmt.Errorf("unknown rule %q: did you mean %s?", id, strings.Join(near, " or "))
	}
	return nil, fmt.Errorf("unknown rule %q: `imcb rules` lists them", id)
}

// applyRules runs the rules of each stage that the reply has reached.
func (p *pass) applyRules() {
	last := p.lastStage()
	for _, r := range rules {
		if r.stage <= last {
			p.rule = r
			r.check(p)
		}
	}
	if len(p.verdict.Findings) > 1 {
		sortFindings(p.verdict.Findings)
	}
}

func (p *pass) lastStage() stage {
	switch {
	case p.reply.Failure != "":
		return onTransport
	case p.syntax != nil || p.mismatch != nil:
		return onBody
	case p.verdict.Outcome != Proceed && p.verdict.Outcome != Crash && p.verdict.Outcome != Fail:
		return onCodes
	default:
		return onFields
	}
}

// report adds a finding of the rule that runs, unless the user turned it off.
func (p *pass) report(f Finding) {
	r := p.rule
	if f.Severity == "" {
		f.Severity = r.Severity
	}
	if s, ok := p.opts.Severities[r.ID]; ok {
		f.Severity = s
	}
	if f.Severity == Off {
		return
	}
	f.Rule, f.Source = r.ID, r.Source
	p.verdict.Findings = append(p.verdict.Findings, f)
}

// found reports whether one of the rules has already spoken.
func (p *pass) found(ids ...string) bool {
	return slices.ContainsFunc(p.verdict.Findings, func(f Finding) bool { return slices.Contains(ids, f.Rule) })
}
