package play

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/tidwall/gjson"
)

// The rules of what a callback's requests show together.
var (
	ruleCoverOutcome = coverRule("cover-outcome", validate.Note, "a request is decided in another way than the ordinary one",
		"a value that real requests have decides: somebody may have taken it for a mistake")
	ruleCoverAgain = coverRule("cover-again", validate.Error, "the same request is answered in another way than before",
		"nothing in a request marks a repetition: users retry, and the second answer should not differ")
	ruleCoverDied = coverRule("cover-died", validate.Error, "the receiver does not answer any more",
		"one request that the receiver can't read must not end it: while it is away, OpenIM blocks what it asks it for")
)

// CoverRules returns the rules of Player.Cover.
func CoverRules() []*validate.Rule {
	return []*validate.Rule{&ruleCoverOutcome, &ruleCoverAgain, &ruleCoverDied}
}

func coverRule(id string, severity validate.Severity, title, why string) validate.Rule {
	return validate.Rule{
		ID: id, Severity: severity, Contract: validate.Running, About: validate.AboutTarget, Title: title, Why: why, Source: "imcb validate --cover",
	}
}

// way is how a request went: its outcome, the reply's status and errCode, and
// rules. What the client sees of it depends on the request, too.
type way string

func wayOf(r validate.Result) way {
	rules := words.Names(r.Findings, func(f validate.Finding) string { return f.Rule })
	slices.Sort(rules)
	reply := r.Exchange.Reply
	return way(fmt.Sprint(r.Outcome, reply.Status, gjson.GetBytes(reply.Body, "errCode"), slices.Compact(rules)))
}

// sameEnd reports whether OpenIM does the same in both cases. A refusal that no
// client sees has no errCode.
func sameEnd(a, b validate.Result) bool {
	unseen := a.Outcome == validate.Refuse && a.Client.ErrCode*b.Client.ErrCode == 0
	return a.Outcome == b.Outcome && (a.Client.ErrCode == b.Client.ErrCode || unseen)
}

// differ reports whether the second of two answers to a request is another one:
// OpenIM does something else, or one of them is wrong.
func differ(first, second validate.Result) bool {
	return !sameEnd(first, second) || first.OK(validate.Error) != second.OK(validate.Error)
}

// smaller reports whether a request differs less from the ordinary one.
func smaller(a, b fixtures.Case) bool {
	size := func(k fixtures.Case) (bytes int) {
		for _, d := range k.Differs {
			bytes += len(d.Value)
		}
		return bytes
	}
	return len(a.Differs) < len(b.Differs) || len(a.Differs) == len(b.Differs) && size(a) < size(b)
}

// asExpected reports whether a request went as the ordinary one did, or better.
func (c *coverer) asExpected(r validate.Result) bool {
	return slices.ContainsFunc(c.expected, func(usual validate.Result) bool { return asUsual(r, usual) })
}

// asUsual reports whether r went as the usual result did, or better.
func asUsual(r, usual validate.Result) bool {
	return sameEnd(r, usual) && !slices.ContainsFunc(r.Findings, func(f validate.Finding) bool {
		return !slices.ContainsFunc(usual.Findings, func(told validate.Finding) bool { return told.Rule == f.Rule })
	})
}

// results are that of the ordinary request, and one of each cause.
func (c *coverer) results() []validate.Result {
	c.usual.Cover = &c.cover
	results := []validate.Result{c.usual}
	for _, found := range c.causes {
		results = append(results, c.resultOf(found))
	}
	return results
}

func (c *coverer) resultOf(found *cause) validate.Result {
	r := found.result
	also := slices.DeleteFunc(slices.Clone(found.names), func(name string) bool { return name == found.of.Name })
	if len(also) == len(found.names) {
		also = also[1:] // the first one, of which the smaller request was made
	}
	r.Findings = slices.DeleteFunc(slices.Clone(r.Findings), func(f validate.Finding) bool {
		return slices.ContainsFunc(c.usual.Findings, func(told validate.Finding) bool { return told.Rule == f.Rule && told.Place == f.Place })
	})
	title := cmp.Or(c.usual.Case, c.ordinary.Callback.Key)
	if c.title != nil {
		title = c.title(r)
	}
	r.Case = title + " " + found.of.Name
	r.Cover = &validate.Cover{Requests: len(found.names), Differs: found.of.Differs, Also: also, Args: c.space.args(found.of)}
	if decided(r) && !sameEnd(r, c.usual) {
		message := say("cover-outcome", "went", wentText(r), "when", validate.When(found.of.Differs))
		c.find(&r, &ruleCoverOutcome, validate.Note, message, say("cover-outcome.hint", "usual", wentText(c.usual)))
	}
	return r
}

// decided reports whether the receiver said what to do.
func decided(r validate.Result) bool {
	return r.Outcome == validate.Proceed || r.Outcome == validate.Refuse
}

// wentText says what came of a request: "refuses 5001".
func wentText(r validate.Result) words.Text {
	switch {
	case r.Exchange.Reply.Failure != "":
		return say("went.failure", "failure", r.Exchange.Reply.Failure)
	case r.Outcome == validate.Nothing && !r.OK(validate.Error):
		return say("went.broken", "rule", r.Findings[0].Rule)
	case r.Outcome == validate.Nothing:
		return say("went.right")
	case r.Outcome == validate.Proceed:
		return say("went.proceed")
	case r.Outcome == validate.Refuse && r.Client.ErrCode == 0: // no client sees it
		return say("went.refuse-unseen")
	case r.Outcome == validate.Refuse:
		return say("went.refuse", "code", r.Client.ErrCode)
	case r.Outcome == validate.Fail && r.Client.ErrCode == 0:
		return say("went.fail-unseen")
	case r.Outcome == validate.Fail:
		return say("went.fail", "code", r.Client.ErrCode)
	default:
		return words.Plain(string(r.Outcome))
	}
}

// mostArgument is how long a value may be on a command line, in bytes.
const mostArgument = 2 << 10

// args are the arguments of `imcb send` that make the request of a case; none
// where it takes more than them.
func (s *space) args(k fixtures.Case) (args []string) {
	if s.edited {
		return nil
	}
	if named, err := s.callback.Case(s.server, k.Name); err == nil && len(s.base) == 0 && slices.EqualFunc(named.Differs, k.Differs, sameDifference) {
		return []string{"--case", k.Name}
	}
	for _, d := range slices.Concat(s.base, k.Differs) {
		if len(d.Value) > mostArgument {
			return nil
		}
		args = append(args, argsOf(d)...)
	}
	return args
}

func argsOf(d fixtures.Difference) []string {
	v := gjson.ParseBytes(d.Value)
	kind, known := fixtures.KindOf(int(v.Int()))
	switch {
	case d.Value == nil:
		return []string{"--unset", d.Path}
	case d.Path == contentType && known:
		return []string{"--message", kind.Name}
	case v.Type == gjson.String:
		return []string{"--set-string", d.Path + "=" + v.Str}
	default:
		return []string{"--set", d.Path + "=" + strings.TrimSpace(v.Raw)}
	}
}
