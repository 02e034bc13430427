package probe

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/tidwall/gjson"
)

// probes in the order in which they run. A new probe is one value here.
var probes = []Probe{
	{"command-mismatch", "the URL names one callback, the body another",
		"the documents ask the receiver to check the command in the URL; whoever routes by one and trusts the other can be fooled", validate.Advice, commandMismatch},
	{"unknown-command", "a callback that the receiver does not know",
		"someone enables one more callback, or a new OpenIM sends one: an unreadable answer blocks every such operation", validate.Error, unknownCommand},
	{"no-operation-id", "no operationID header",
		"OpenIM before 3.7 leaves an empty operationID out", validate.Error, noOperationID},
	{"malformed-json", "a body that is not JSON",
		"anybody who finds the URL can send this; the receiver must survive it", validate.Error, malformed("{\"callbackCommand\":")},
	{"empty-body", "an empty body",
		"a redirect makes OpenIM repeat the request as a GET without body; the receiver must survive it", validate.Error, malformed("")},
	{"get", "a GET instead of a POST",
		"after a redirect (301, 302, 303) OpenIM's GET is answered for real: an allow to it lets everything through", validate.Warning, getRequest},
	{"content-type", "a Content-Type that is not JSON",
		"a proxy may change it; the receiver must survive it", validate.Error, wrongContentType},
	{"unicode", "texts with quotes, escapes, emoji and Chinese",
		"users write such texts: an unreadable answer blocks their messages", validate.Error, unicode},
	{"large", "a body of 1 MB",
		"OpenIM has no limit on a message's size of its own: a receiver that has one blocks or loses long messages", validate.Error, large},
	{"twice", "the same request twice",
		"nothing in a request marks a repetition: users retry, and the second answer should not differ", validate.Warning, twice},
	{"at-once", "twenty requests at once",
		"OpenIM sends from many connections: a receiver with a single worker makes users wait until the timeout", validate.Error, atOnce},
	{"out-of-order", "an after callback whose before callback never came",
		"OpenIM promises no order between its two workers, and drops events when they are slow", validate.Warning, outOfOrder},
	{"mutations", "values that OpenIM may send but rarely does",
		"null lists, empty texts and large numbers are legal: an unreadable answer blocks the operation", validate.Error, mutations},
}

func finding(s validate.Severity, message, hint string) validate.Finding {
	return validate.Finding{Severity: s, Message: words.Plain(message), Hint: words.Plain(hint)}
}

// only replaces the judge's findings, which are about OpenIM's own requests,
// by the probe's.
func only(r validate.Result, findings ...validate.Finding) []validate.Result {
	r.Findings = findings
	return []validate.Result{r}
}

func commandMismatch(ctx context.Context, p *prober) []validate.Result {
	other := "callbackBeforeAddBlackCommand"
	if p.before.Key == "beforeAddBlack" {
		other = "callbackBeforeAddFriendCommand"
	}
	payload := p.payload(p.before)
	if err := payload.SetString("callbackCommand", other); err != nil {
		return nil
	}
	r := p.send(ctx, payload, nil)
	switch {
	case crashed(r):
		return only(r, finding(validate.Error, "the receiver gave no answer when URL and body named different callbacks", "answer with a refusal or an error, and log it"))
	case lets(r) && r.Exchange.Reply.Status/100 == 2:
		return only(r, finding(validate.Advice, "the receiver does not check that URL and body name the same callback", "compare the URL's last segment with callbackCommand, as the documents ask"))
	}
	return only(r)
}

func unknownCommand(ctx context.Context, p *prober) []validate.Result {
	payload := p.payload(p.before)
	payload.Command = "callbackBeforeSomethingNewCommand"
	if err := payload.SetString("callbackCommand", payload.Command); err != nil {
		return nil
	}
	r := p.send(ctx, payload, nil)
	switch {
	case crashed(r):
		return only(r, finding(validate.Error, "an unknown callback got no answer at all", "answer unknown callbacks with "+fixtures.PlainAllow))
	case r.Outcome == validate.Fail:
		return only(r, finding(validate.Warning, "an unknown callback gets an answer that OpenIM can't read: every such operation would be blocked", "answer unknown callbacks with "+fixtures.PlainAllow))
	}
	return only(r)
}

func noOperationID(ctx context.Context, p *prober) []validate.Result {
	r := p.send(ctx, p.payload(p.before), func(req *validate.Request) { setHeader(req, "Operationid", "") })
	return p.sameAsUsual(r, "without the operationID header", "treat a missing operationID like an empty one")
}

// sameAsUsual compares the outcome with that of the plain request.
func (p *prober) sameAsUsual(r validate.Result, when, hint string) []validate.Result {
	switch {
	case crashed(r):
		return only(r, finding(validate.Error, "no answer "+when+": "+string(r.Exchange.Reply.Failure), hint))
	case r.Outcome != p.usual.Outcome:
		return only(r, finding(validate.Error, fmt.Sprintf("the outcome is %s %s, but %s otherwise", r.Outcome, when, p.usual.Outcome), hint))
	}
	return only(r)
}

// malformed makes the probe of a body that OpenIM never sends: the receiver
// must answer something and live on.
func malformed(body string) func(context.Context, *prober) []validate.Result {
	return func(ctx context.Context, p *prober) []validate.Result {
		r := p.send(ctx, p.payload(p.before), func(req *validate.Request) { req.Body = []byte(body) })
		return p.survives(ctx, r)
	}
}

func (p *prober) survives(ctx context.Context, r validate.Result) []validate.Result {
	switch {
	case !p.alive(ctx):
		return only(r, finding(validate.Error, "the receiver does not answer any more after this request", "catch errors per request; one bad request must not end the process"))
	case crashed(r):
		return only(r, finding(validate.Warning, "the receiver closed the connection instead of answering: "+string(r.Exchange.Reply.Failure), "answer 400 to what can't be read"))
	}
	return only(r)
}

func getRequest(ctx context.Context, p *prober) []validate.Result {
	r := p.send(ctx, p.payload(p.before), func(req *validate.Request) { req.Method, req.Body = http.MethodGet, nil })
	switch {
	case crashed(r):
		return only(r, finding(validate.Warning, "a GET got no answer: "+string(r.Exchange.Reply.Failure), "answer 405"))
	case lets(r) && r.Exchange.Reply.Status/100 == 2 && p.before.Phase == fixtures.Before:
		return only(r, finding(validate.Warning, "a GET without body is answered with an allow: after a redirect that would let everything through", "answer GET with 405 and a body that is not JSON"))
	}
	return only(r)
}

func wrongContentType(ctx context.Context, p *prober) []validate.Result {
	r := p.send(ctx, p.payload(p.before), func(req *validate.Request) { setHeader(req, "Content-Type", "text/plain") })
	return p.survives(ctx, r)
}

// awkward is a text that breaks receivers that build JSON or SQL by hand.
const awkward = "\"quotes\" \\ back\\slash / <b>&amp;</b> \u2028 emoji 😀 中文 O'Brien; -- \u0001\t\n"

func unicode(ctx context.Context, p *prober) []validate.Result {
	payload := p.payload(p.before)
	for _, path := range payload.Paths() {
		if v := gjson.GetBytes(payload.Body, gjson.Escape(path)); !strings.Contains(path, ".") && v.Type == gjson.String && isFreeText(path) {
			_ = payload.SetString(path, textFor(path))
		}
	}
	return p.sameAsUsual(p.send(ctx, payload, nil), "with quotes, escapes and emoji in the texts", "read and write JSON with a library")
}

// isFreeText reports whether users choose the field's text.
func isFreeText(name string) bool {
	switch name {
	case "senderNickname", "content", "reqMsg", "ex", "nickName", "groupName", "introduction", "notification", "remark", "reason", "reqMessage", "HandleMsg":
		return true
	}
	return false
}

func textFor(name string) string {
	if name != "content" {
		return awkward
	}
	text, _ := json.Marshal(map[string]string{"content": awkward}) // strings always encode
	return string(text)
}

func large(ctx context.Context, p *prober) []validate.Result {
	payload := p.payload(p.before)
	name := "ex"
	if p.before.IsMessage() {
		name = "content"
	}
	text, _ := json.Marshal(map[string]string{"content": strings.Repeat("long ", 200<<10)}) // strings always encode
	if payload.SetString(name, string(text)) != nil {
		return nil
	}
	return p.sameAsUsual(p.send(ctx, payload, nil), "for a body of 1 MB", "raise the limit on the request's body, or refuse with nextCode 1 and a message")
}

func twice(ctx context.Context, p *prober) []validate.Result {
	payload := p.payload(p.before)
	first := p.send(ctx, payload, nil)
	second := p.send(ctx, payload, nil)
	if crashed(second) || first.Outcome != second.Outcome || first.Client != second.Client {
		return only(second, finding(validate.Warning, fmt.Sprintf("the same request got %s first and %s the second time", first.Outcome, second.Outcome), "decide by the request alone, or remember its clientMsgID or operationID"))
	}
	return only(second)
}

// crowd is how many requests are under way at once.
const crowd = 20

func atOnce(ctx context.Context, p *prober) []validate.Result {
	results := make([]validate.Result, crowd)
	var wg sync.WaitGroup
	for i := range results {
		wg.Go(func() { results[i] = p.send(ctx, p.payload(p.before), nil) })
	}
	wg.Wait()
	slowest, failed := results[0], 0
	for _, r := range results {
		if crashed(r) || r.Outcome != p.usual.Outcome {
			failed++
		}
		if r.Exchange.Reply.Elapsed > slowest.Exchange.Reply.Elapsed {
			slowest = r
		}
	}
	if failed > 0 {
		return only(slowest, finding(validate.Error, fmt.Sprintf("%d of %d requests at once did not get the usual answer", failed, crowd), "handle requests concurrently, and don't call yourself or OpenIM while one waits"))
	}
	return only(slowest)
}

func outOfOrder(ctx context.Context, p *prober) []validate.Result {
	if p.after == nil {
		return nil
	}
	r := p.send(ctx, p.payload(p.after), nil)
	if crashed(r) || r.Exchange.Reply.Status >= http.StatusInternalServerError {
		return only(r, finding(validate.Warning, "an after callback without its before callback is answered with an error", "take after callbacks in any order, and again"))
	}
	return only(r)
}

// rounds is how many mutated requests are sent.
const rounds = 10

func mutations(ctx context.Context, p *prober) []validate.Result {
	random := rand.New(rand.NewPCG(p.Seed, 1))
	var last []validate.Result
	for range rounds {
		payload := p.payload(p.before)
		what := mutate(payload, p.before, random)
		if what == "" {
			continue
		}
		r := p.send(ctx, payload, nil)
		if crashed(r) || r.Outcome == validate.Fail {
			return only(r, finding(validate.Error, "no readable answer to a legal request: "+what, "expect null lists, empty texts and 64-bit numbers"))
		}
		last = only(r)
	}
	return last
}

// mutate changes one field within what OpenIM may send, and says which.
func mutate(p *fixtures.Payload, c *fixtures.Callback, random *rand.Rand) string {
	fields := c.RequestFields(p.Server)
	f := fields[random.IntN(len(fields))]
	value := ""
	switch {
	case f.Name == "callbackCommand" || f.Name == "content":
		return ""
	case f.Nullable:
		value = "null"
	case f.Type == fixtures.String:
		value = `""`
	case f.Type == fixtures.Int64:
		value = "9007199254740993"
	case f.Type == fixtures.Int32:
		value = "0"
	default:
		return ""
	}
	if p.SetJSON(f.Name, json.RawMessage(value)) != nil {
		return ""
	}
	return f.Name + " is " + value
}
