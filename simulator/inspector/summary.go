package inspector

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/tidwall/gjson"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
)

// Limits on what a summary shows of remote texts, in bytes. The whole is in
// the request itself.
const (
	maxName = 200
	maxNote = 600
	maxURL  = 8 << 10
)

// summary is a request as lists show it.
type summary struct {
	ID        uint64            `json:"id"`
	Time      time.Time         `json:"time"`
	Callback  string            `json:"callback"`
	Command   string            `json:"command"`
	Phase     fixtures.Phase    `json:"phase"`
	From      string            `json:"from"`
	Remote    string            `json:"remote"`
	FoundIn   string            `json:"foundIn"`
	Method    string            `json:"method"`
	Status    int               `json:"status"`
	Failure   validate.Failure  `json:"failure"`
	Rule      string            `json:"rule"`
	Forwarded bool              `json:"forwarded"`
	Outcome   validate.Outcome  `json:"outcome"`
	ErrCode   int               `json:"errCode"`
	Findings  int               `json:"findings"`
	Differs   int               `json:"differs"`
	Worst     validate.Severity `json:"worst"`
	ElapsedMS float64           `json:"elapsed_ms"`
	Bytes     int               `json:"bytes"`
	Note      string            `json:"note"`
}

func newSummary(e *entry) summary {
	a := e.arrival
	s := summary{
		ID: e.id, Time: a.Time.UTC(), Command: bound(a.Command, maxName), Phase: phaseOf(e), From: actor(a.Request.Body),
		Remote: a.Remote, FoundIn: a.FoundIn, Method: bound(a.Request.Method, maxName), Status: a.Reply.Status, Failure: a.Reply.Failure,
		Rule: a.Rule, Forwarded: a.Forwarded, Outcome: a.Verdict.Outcome, ErrCode: a.Verdict.Client.ErrCode,
		Findings: len(a.Verdict.Findings), Differs: len(a.Differs), Worst: worst(a.Differs, a.Verdict.Findings),
		ElapsedMS: milliseconds(a.Reply.Elapsed), Bytes: len(a.Request.Body), Note: bound(a.Note, maxNote),
	}
	if a.Callback != nil {
		s.Callback = a.Callback.Key
	}
	return s
}

// summaryJSON renders the entry once and remembers it.
func (e *entry) summaryJSON() []byte {
	if text := e.summary.Load(); text != nil {
		return *text
	}
	text, err := json.Marshal(newSummary(e))
	if err != nil { // only a time that JSON can't hold
		text, _ = json.Marshal(summary{ID: e.id, Note: err.Error()})
	}
	e.summary.Store(&text)
	return text
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// worst is the worst severity among findings, "" without any.
func worst(lists ...[]validate.Finding) validate.Severity {
	for _, s := range severities {
		if slices.ContainsFunc(lists, func(list []validate.Finding) bool { return hasAtLeast(list, s) }) {
			return s
		}
	}
	return ""
}

// actors are the fields that name the user who acts, the surest first.
var actors = []string{
	"sendID", "fromUserID", "creatorUserID", "inviterUserID", "applyID", "oldOwnerUserID", "ownerUserID", "ownerUserId",
	"ownerID", "userID", "userId", "opUserID",
}

// maxActorBody is how large a body may be to be searched for its actor.
const maxActorBody = 1 << 20

// actor is the id of the user who acts, if the body names one.
func actor(body []byte) string {
	if len(body) > maxActorBody {
		return ""
	}
	best, found := len(actors), ""
	gjson.ParseBytes(body).ForEach(func(key, value gjson.Result) bool {
		if rank := slices.Index(actors[:best], key.Str); rank >= 0 && value.Type == gjson.String && value.Str != "" {
			best, found = rank, value.Str
		}
		return best > 0
	})
	return bound(found, maxName)
}
