package validate

import (
	"slices"

	"github.com/imcb-dev/imcb/fixtures/words"
)

// Rule is one thing that can be wrong.
type Rule struct {
	ID string `json:"rule"`
	// Severity is the default; a finding can be milder than its rule.
	Severity Severity `json:"severity"`
	// Strict is the severity under the documents alone, of a reply that decides:
	// what works on servers departs from them all the same. Empty: Severity.
	Strict Severity `json:"strict,omitempty"`
	// Contract is what its findings rest on, unless one says otherwise.
	Contract Contract `json:"contract,omitempty"`
	// About is what the rule looks at.
	About About  `json:"about,omitempty"`
	Title string `json:"title"`
	// Why says what OpenIM does and why that hurts.
	Why string `json:"why,omitempty"`
	// Source is the document page or server version that the rule rests on.
	Source string `json:"source"`
	// For says for which callbacks a probe is made. Empty: the rule is no probe's.
	For string `json:"for,omitempty"`
	// Bad breaks this rule and no other; Good breaks none. They are the rule's
	// documentation and its test, where it has any.
	Bad  Example `json:"bad,omitzero"`
	Good Example `json:"good,omitzero"`

	// when says which replies the rule looks at.
	when  state
	check func(*pass)
}

// state says how far OpenIM gets with a reply. A rule runs only where it has
// something to say, so that one cause gives one finding: the codes of a body
// that is not JSON are no news.
type state uint8

const (
	// failed: no whole reply came.
	failed state = 1 << iota
	// diverted: a redirect lost the callback's body, and another page answered, or
	// nobody knows what did.
	diverted
	// broken: the body is not JSON.
	broken
	// misfit: the body is JSON, but a value has a wrong type.
	misfit
	// readable: OpenIM can read the reply.
	readable
	// effective: the reply does not refuse, and it has fields of the callback's
	// own, or leaves out one that counts. It comes on top of readable, as does
	// crashing: the handler gets no further.
	effective
	crashing
)

// rules are those of replies, in the order in which they run: what explains others comes first. A
// new rule is one value and its name here.
var rules = []*Rule{
	&ruleTimeout, &ruleUnreachable, &ruleReset, &ruleTruncated, &ruleTLS, &ruleTooLarge, &ruleCompressedWrong,
	&ruleUnreadable, &ruleHandlerPanic, &ruleNoSuccess,
	&ruleRedirect, &ruleSlow, &ruleContentType,
	&ruleNoRoute, &ruleEmptyBody, &ruleBOM, &ruleTrailingData, &ruleNotJSON,
	&ruleNotObject, &ruleIntRange, &ruleWrappedValue, &ruleTypeMismatch, &ruleFieldType,
	&ruleDuplicateKey, &ruleInvalidUTF8,
	&ruleEnvelope, &ruleMisspeltField, &ruleKeyCase, &ruleUnknownField,
	&ruleRefusalIneffective, &ruleRefusalOnAfter, &ruleRefusalUnseen, &ruleNoticeLost, &ruleHTTPStatus, &ruleNoContractField, &ruleMissingField,
	&ruleActionCodeValue, &ruleNextCodeValue, &ruleErrCodeMissing, &ruleErrCodeReserved, &ruleErrCodeRange, &ruleErrCodeOnAllow,
	&ruleErrMsgMissing, &ruleErrMsgLeak,
	&ruleCrashesServer, &ruleFieldWiped, &ruleUnaskedValue, &ruleContentNotObject, &ruleFieldIgnored, &ruleEmptyList, &ruleMemberUnknown,
	&ruleOwnerLost, &ruleOwnerTwice, &ruleUserNameless, &ruleUserDropped,
	&ruleValueRange, &ruleTextLength, &ruleIdentityChange,
}

// Rules returns the rules of this package: those of replies in the order in
// which they run, then those of requests.
func Rules() []*Rule { return append(slices.Clone(rules), requestRules...) }

func (p *pass) applyRules() {
	state := p.state()
	for _, r := range p.judge.rules {
		if r.when&state != 0 {
			p.rule = r
			before := len(p.verdict.Findings)
			if r.check(p); len(p.verdict.Findings) > before {
				// At once: what does not count explains nothing either.
				p.verdict.Findings = p.judge.opts.Contract.Of(p.verdict.Findings)
			}
		}
	}
	if len(p.verdict.Findings) > 1 {
		SortFindings(p.verdict.Findings)
	}
}

func (p *pass) state() state {
	switch {
	case p.reply.Failure != "":
		return failed
	case p.elsewhere, p.bodyLost():
		return diverted
	case p.body.syntax != nil:
		return broken
	case p.body.mismatch != nil:
		return misfit
	case p.verdict.Outcome == Crash:
		return readable | crashing
	case p.allows() && (p.ownFields() || len(p.verdict.Wiped) > 0):
		return readable | effective
	default:
		return readable
	}
}

// report adds a finding of the rule that runs: a JSON Pointer into the body, what
// stands there and what should, what that means and what to write instead.
func (p *pass) report(pointer, got string, want, message, hint words.Text) *Finding {
	r := p.rule
	f := Finding{
		Rule: r.ID, Severity: r.Severity, Contract: r.Contract, Place: at(pointer), Got: got, Want: want, Message: message, Hint: hint, Source: r.Source,
	}
	if r.Strict != "" && p.byPages() && p.before() {
		f.Severity = r.Strict
	}
	p.verdict.Findings = append(p.verdict.Findings, f)
	return &p.verdict.Findings[len(p.verdict.Findings)-1]
}

// found reports whether one of the rules has already spoken: what it explains
// needs no second finding, also when the user turns the first one off.
func (p *pass) found(ids ...string) bool {
	return slices.ContainsFunc(p.verdict.Findings, func(f Finding) bool { return slices.Contains(ids, f.Rule) })
}

// Sources of rules.
const (
	sourceLoad    = "open-im-server 3.7 and later: pkg/common/webhook/http_client.go, openimsdk/tools mq/memamq/queue.go; running servers under load"
	sourceClient  = "open-im-server 3.7 and later: pkg/common/webhook/http_client.go"
	sourceParse   = "open-im-server 3.7 and later: pkg/callbackstruct/common.go, Parse"
	sourceDecoder = "open-im-server: replies are read with Go's encoding/json"
	sourceRunning = "seen on running servers, 3.8.3 and main"
	sourcePages   = "documents: the callback pages"
	sourceHandler = "open-im-server: the callback's handler"
)
