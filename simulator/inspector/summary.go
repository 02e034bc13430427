package inspector

import (
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

// Limits on what a summary shows of remote texts, in characters. The whole is
// in the request itself.
const (
	maxName = 200
	maxNote = 600
)

// summary is a request as lists show it.
type summary struct {
	ID        uint64            `json:"id"`
	Time      time.Time         `json:"time"`
	Callback  string            `json:"callback"`
	Command   string            `json:"command"`
	Phase     fixtures.Phase    `json:"phase"`
	From      string            `json:"from"`
	Operation string            `json:"operation"`
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
		ID: e.id, Time: a.Time.UTC(), Command: words.Clip(a.Command, maxName), Phase: phaseOf(a), From: actor(a.Request.Body), Operation: operation(a.Request),
		Remote: a.Remote, FoundIn: a.FoundIn, Method: words.Clip(a.Request.Method, maxName), Status: a.Reply.Status, Failure: a.Reply.Failure,
		Rule: a.Rule, Forwarded: a.Forwarded, Outcome: a.Verdict.Outcome, ErrCode: a.Verdict.Client.ErrCode,
		Findings: len(a.Verdict.Findings), Differs: len(a.Differs), ElapsedMS: float64(a.Reply.Elapsed.Microseconds()) / 1000,
		Bytes: len(a.Request.Body), Note: words.Clip(a.Note.String(), maxNote),
	}
	if s.Findings+s.Differs > 0 {
		s.Worst = worst(a)
	}
	if a.Callback != nil {
		s.Callback = a.Callback.Key
	}
	return s
}

// operation is the id of the operation that the request belongs to; "": it has none.
func operation(r validate.Request) string {
	for _, h := range r.Headers {
		if strings.EqualFold(h[0], "operationID") {
			return words.Clip(h[1], maxName)
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
	return words.Clip(found, maxName)
}
