package record

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/tidwall/gjson"
)

// failure is what OpenIM logged of a callback that failed or was refused.
type failure struct {
	reply validate.Reply
	// lacks is what of the reply is not known beside status and headers.
	lacks []validate.Part
	// url is where the callback went, callback its key; "": the error does not say.
	url, callback string
	// text is the message and the detail of a refusal, which the log joins, and code
	// its code. refusal: it is one.
	refusal bool
	code    int64
	text    string
}

// The ends of OpenIM's errors, and the beginning of one.
const (
	panicBegin = "500 panic error "

	unreadEnd = "response format error"
	sendEnd   = "HTTP request failed"
	readEnd   = "failed to read response body"
	buildEnd  = "NewRequestWithContext failed"
)

// failureOf reads the error of an entry. false: it is none of a callback, as far
// as it can be told from the error alone.
func failureOf(text string) (f failure, ok bool) {
	text, stack, wrapped := strings.Cut(text, " | -> ")
	f.callback = handlerIn(stack)
	for trimmed := true; trimmed; {
		before := text
		for _, begin := range []string{"Error: ", "90004 NetworkError ", "90007 DataError "} {
			text = strings.TrimPrefix(text, begin)
		}
		trimmed = text != before
	}
	if panicked, ok := strings.CutPrefix(text, panicBegin); ok && f.callback != "" {
		f.reply = validate.Reply{Failure: validate.Panicked, Detail: panicked}
		return f, true
	}
	switch cause, isRead := strings.CutSuffix(text, unreadEnd); {
	case isRead:
		f.reply = validate.Reply{Failure: validate.Unreadable, Detail: strings.TrimRight(cause, " ")}
		return f, true
	case isNetwork(text) && (!wrapped || f.callback != "" || strings.Contains(stack, "webhook.")):
		f.network(text)
		return f, true
	default:
		return f, !wrapped && f.refuses(text)
	}
}

func isNetwork(text string) bool {
	return strings.Contains(text, sendEnd) || strings.Contains(text, readEnd) || strings.Contains(text, buildEnd)
}

// network reads "CAUSE HTTP request failed", or up to 3.8.1
// "HTTP request failed: CAUSE, post url=URL: 90004 NetworkError".
func (f *failure) network(text string) {
	cause := text
	for _, end := range []string{sendEnd, readEnd, buildEnd} {
		before, after, found := strings.Cut(text, end)
		if !found {
			continue
		}
		if cause = strings.TrimSpace(before); cause == "" {
			cause, _, _ = strings.Cut(strings.TrimPrefix(after, ": "), ", post url=")
		}
		break
	}
	if strings.HasPrefix(cause, ", url=") {
		cause = ""
	}
	f.reply = validate.Reply{Failure: validate.FailureOf(cause), Detail: cause}
	if to, _, ok := validate.SaidOf(cause); ok {
		f.url = to
	}
	switch {
	case strings.Contains(text, buildEnd):
		f.reply.Failure = validate.BadURL
		if !strings.HasPrefix(cause, "parse ") {
			f.reply.Detail = "parse " + strconv.Quote(f.url) + ": the URL can't be read"
		}
	case cause == "" && strings.Contains(text, readEnd):
		f.reply.Failure, f.lacks = validate.Truncated, []validate.Part{validate.ReplyError}
	case cause == "":
		f.reply.Failure, f.lacks = validate.Network, []validate.Part{validate.ReplyError}
	}
}

// refuses reads "5001 not today".
func (f *failure) refuses(text string) bool {
	number, rest, _ := strings.Cut(text, " ")
	code, err := strconv.ParseInt(number, 10, 32)
	if err != nil {
		return false
	}
	f.refusal, f.code, f.text = true, code, rest
	f.lacks = []validate.Part{validate.ReplyBody}
	f.says(rest, "")
	return true
}

// says makes the reply's body of a refusal whose message and detail are known.
func (f *failure) says(message, detail string) {
	body, _ := json.Marshal(struct {
		ActionCode int    `json:"actionCode"`
		ErrCode    int64  `json:"errCode"`
		ErrMsg     string `json:"errMsg"`
		ErrDlt     string `json:"errDlt"`
		NextCode   int    `json:"nextCode"`
	}{0, f.code, message, detail, 1}) // has nothing that can't be written
	f.reply = validate.Reply{Body: body}
}

// handlerIn is the key of the callback whose handler is in a call stack:
// "…).webhookBeforeAddFriend() …".
func handlerIn(stack string) string {
	_, rest, found := strings.Cut(stack, ".webhookBefore")
	if !found {
		return ""
	}
	name := rest
	if end := strings.IndexAny(rest, ".("); end >= 0 {
		name = rest[:end]
	}
	for _, known := range []string{"before" + name, "callbackBefore" + name + "Command"} {
		if c, ok := fixtures.Find(known); ok {
			return c.Key
		}
	}
	return ""
}

// byTime is what the time tells of a failure whose cause is not known: OpenIM had
// waited for as long as it does.
func (f *failure) byTime(waited, limit time.Duration) {
	if len(f.lacks) == 1 && f.lacks[0] == validate.ReplyError && waited >= limit-rounding {
		f.reply.Failure = validate.Timeout
	}
}

// rounding is what the times of two records, in milliseconds, may be off.
const rounding = 2 * time.Millisecond

// toldBy parts the text of a refusal as the record of its answer does, and
// reports whether that is one: main's has the answer, the RPC's caller repeats the
// message where there is no detail.
func (f *failure) toldBy(e *entry) bool {
	if e.answer != "" {
		answer := gjson.Parse(e.answer)
		message, detail := answer.Get("errMsg").Str, answer.Get("errDlt").Str
		if answer.Get("errCode").Int() != f.code || strings.TrimRight(message+" "+detail, " ") != strings.TrimRight(f.text, " ") {
			return false
		}
		f.says(message, detail)
		return true
	}
	said, _, _ := strings.Cut(e.failure, " | -> ")
	if strings.HasSuffix(said, " "+f.text+" "+f.text) {
		return true // as it is
	}
	return false
}
