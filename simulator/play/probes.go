package play

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/tidwall/gjson"
)

// probes in the order in which they run. A new probe is one value here.
var probes = []probe{
	{strict(about("command-mismatch", validate.Documents, validate.Note, "the URL names one callback, the body another",
		"the documents ask the receiver to check the command in the URL; whoever routes by one and trusts the other can be fooled")), commandMismatch},
	{about("unknown-command", validate.Running, validate.Error, "a callback that the receiver does not know",
		"someone enables one more callback, or a new OpenIM sends one: an unreadable answer blocks every such operation"), unknownCommand},
	{about("notification", validate.Running, validate.Error, "a notification in a callback of a message",
		"up to 3.8.3-patch.16 a revocation, a mute, a kick and the like come as messages: without an allow nobody but the caller learns of it"), notification},
	{about("no-operation-id", validate.Running, validate.Error, "no operationID header",
		"OpenIM before 3.7 leaves an empty operationID out"), noOperationID},
	{about("malformed-json", validate.Running, validate.Error, "a body that is not JSON",
		"anybody who finds the URL can send this; the receiver must survive it"), malformed("{\"callbackCommand\":")},
	{about("empty-body", validate.Running, validate.Error, "an empty body",
		"a redirect makes OpenIM repeat the request as a GET without body; the receiver must survive it"), malformed("")},
	{about("get", validate.Running, validate.Warning, "a GET instead of a POST",
		"after a redirect (301, 302, 303) OpenIM's GET is answered for real: an allow to it lets everything through"), getRequest},
	{about("content-type", validate.Running, validate.Error, "a Content-Type that is not JSON",
		"a proxy may change it; the receiver must survive it"), wrongContentType},
	{about("unicode", validate.Both, validate.Error, "texts with quotes, escapes, emoji and Chinese",
		"users write such texts: an unreadable answer blocks their messages"), unicode},
	{about("large", validate.Both, validate.Error, "a body of 1 MB",
		"a websocket takes 51,200 bytes, which may be compressed, the REST API 4 MiB, with the settings of 3.8.3-patch.16 and main 8 MiB: a smaller limit blocks or loses long messages"), large},
	{ruleTwice, twice},
	{about("at-once", validate.Both, validate.Error, "twenty requests at once",
		"OpenIM sends from many connections: a receiver with a single worker makes users wait until the timeout"), atOnce},
	{about("out-of-order", validate.Running, validate.Warning, "an after callback whose before callback never came",
		"OpenIM promises no order between its two workers, and drops events when they are slow"), outOfOrder},
	{about("mutations", validate.Both, validate.Error, "values that OpenIM may send but rarely does",
		"null lists, empty texts and large numbers are legal: an unreadable answer blocks the operation"), mutations},
}

// about is the rule of a probe. Its findings can be milder than it.
func about(id string, contract validate.Contract, worst validate.Severity, title, why string) validate.Rule {
	return validate.Rule{
		ID: prefix + id, Contract: contract, Severity: worst, About: validate.AboutTarget,
		Title: title, Why: why, Source: "imcb validate --probe",
	}
}

// ruleTwice is of the default run, too, where an answer changes.
var ruleTwice = about("twice", validate.Running, validate.Warning, "the same request twice",
	"nothing in a request marks a repetition: users retry, and the second answer should not differ")

// strict is a rule of which the documents alone make an error.
func strict(r validate.Rule) validate.Rule {
	r.Strict = validate.Error
	return r
}

// finding is one of the probe that runs.
func (p *prober) finding(s validate.Severity, message, hint words.Text) validate.Finding {
	return p.Judging.finding(p.rule, s, message, hint)
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
	payload := p.plain(p.before)
	if err := payload.SetString("callbackCommand", other); err != nil {
		return nil
	}
	r := p.send(ctx, payload, nil)
	switch {
	case crashed(r):
		return only(r, p.finding(validate.Error, say("probe-command-mismatch.silent"), say("probe-command-mismatch.hint-silent")))
	case lets(r) && r.Exchange.Reply.Status/100 == 2:
		return only(r, p.finding(validate.Note, say("probe-command-mismatch"), say("probe-command-mismatch.hint")))
	}
	return only(r)
}

func unknownCommand(ctx context.Context, p *prober) []validate.Result {
	payload := p.plain(p.before)
	payload.Command = "callbackBeforeSomethingNewCommand"
	if err := payload.SetString("callbackCommand", payload.Command); err != nil {
		return nil
	}
	r, hint := p.send(ctx, payload, nil), say("unknown.hint", "reply", fixtures.PlainAllow)
	switch {
	case crashed(r):
		return only(r, p.finding(validate.Error, say("probe-unknown-command.silent"), hint))
	case r.Outcome == validate.Fail:
		return only(r, p.finding(validate.Warning, say("probe-unknown-command"), hint))
	}
	return only(r)
}

// notification is what OpenIM says of a revoked message.
func notification(ctx context.Context, p *prober) []validate.Result {
	if p.notified == nil {
		return nil
	}
	payload := p.plainOf(p.notified, strconv.Itoa(revoked))
	r, hint := p.send(ctx, payload, nil), say("probe-notification.hint", "reply", fixtures.PlainAllow)
	switch r.Outcome {
	case validate.Refuse:
		return only(r, p.finding(validate.Warning, say("probe-notification.refused"), hint))
	case validate.Fail:
		return only(r, p.finding(validate.Error, say("probe-notification"), hint))
	}
	return only(r)
}

func noOperationID(ctx context.Context, p *prober) []validate.Result {
	r := p.send(ctx, p.plain(p.before), func(req *validate.Request) {
		req.Headers = slices.DeleteFunc(slices.Clone(req.Headers), func(h validate.Header) bool { return strings.EqualFold(h[0], "operationID") })
	})
	return p.sameAsUsual(r, say("probe-no-operation-id.when"), say("probe-no-operation-id.hint"))
}

// sameAsUsual compares the outcome with that of the plain request.
func (p *prober) sameAsUsual(r validate.Result, when, hint words.Text) []validate.Result {
	switch {
	case crashed(r):
		return only(r, p.finding(validate.Error, say("no-answer", "when", when, "failure", r.Exchange.Reply.Failure), hint))
	case r.Outcome != p.usual.Outcome:
		return only(r, p.finding(validate.Error, say("other-outcome", "outcome", r.Outcome, "when", when, "usual", p.usual.Outcome), hint))
	}
	return only(r)
}

// malformed makes the probe of a body that OpenIM never sends: the receiver
// must answer something and live on.
func malformed(body string) func(context.Context, *prober) []validate.Result {
	return func(ctx context.Context, p *prober) []validate.Result {
		r := p.send(ctx, p.plain(p.before), func(req *validate.Request) { req.Body = []byte(body) })
		return p.survives(ctx, r)
	}
}

func (p *prober) survives(ctx context.Context, r validate.Result) []validate.Result {
	switch {
	case !p.alive(ctx):
		return only(r, p.finding(validate.Error, say("dead"), say("dead.hint")))
	case crashed(r):
		return only(r, p.finding(validate.Warning, say("silent", "failure", r.Exchange.Reply.Failure), say("silent.hint")))
	}
	return only(r)
}

func getRequest(ctx context.Context, p *prober) []validate.Result {
	r := p.send(ctx, p.plain(p.before), func(req *validate.Request) { req.Method, req.Body = http.MethodGet, nil })
	switch {
	case crashed(r):
		return only(r, p.finding(validate.Warning, say("probe-get.silent", "failure", r.Exchange.Reply.Failure), say("probe-get.hint-silent")))
	case lets(r) && r.Exchange.Reply.Status/100 == 2 && p.before.Phase == fixtures.Before:
		return only(r, p.finding(validate.Warning, say("probe-get"), say("probe-get.hint")))
	}
	return only(r)
}

func wrongContentType(ctx context.Context, p *prober) []validate.Result {
	r := p.send(ctx, p.plain(p.before), func(req *validate.Request) {
		req.Headers = withHeaders(req.Headers, []validate.Header{{"Content-Type", "text/plain"}})
	})
	return p.survives(ctx, r)
}

// awkward is a text that breaks receivers that build JSON or SQL by hand.
const awkward = "\"quotes\" \\ back\\slash / <b>&amp;</b> \u2028 emoji 😀 中文 O'Brien; -- \u0001\t\n"

func unicode(ctx context.Context, p *prober) []validate.Result {
	payload := p.plain(p.before)
	for _, path := range payload.Paths() {
		if v := gjson.GetBytes(payload.Body, gjson.Escape(path)); !strings.Contains(path, ".") && v.Type == gjson.String && isFreeText(path) {
			_ = payload.SetString(path, textFor(path))
		}
	}
	return p.sameAsUsual(p.send(ctx, payload, nil), say("probe-unicode.when"), say("probe-unicode.hint"))
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
	payload := p.plain(p.before)
	name := "ex"
	if p.before.IsMessage() {
		name = "content"
	}
	text := fixtures.JSON(map[string]string{"content": strings.Repeat("long ", 200<<10)})
	if payload.SetString(name, string(text)) != nil {
		return nil
	}
	return p.sameAsUsual(p.send(ctx, payload, nil), say("probe-large.when"), say("probe-large.hint"))
}

func twice(ctx context.Context, p *prober) []validate.Result {
	payload := p.plain(p.before)
	first := p.send(ctx, payload, nil)
	second := p.send(ctx, payload, nil)
	if finding, differs := p.Judging.changed(first, second); differs {
		return only(second, finding)
	}
	return only(second)
}

// together is how many requests are under way at once.
const together = 20

func atOnce(ctx context.Context, p *prober) []validate.Result {
	results := make([]validate.Result, together)
	var wg sync.WaitGroup
	for i := range results {
		wg.Go(func() { results[i] = p.send(ctx, p.plain(p.before), nil) })
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
		return only(slowest, p.finding(validate.Error, say("probe-at-once", "failed", failed, "all", together), say("probe-at-once.hint")))
	}
	return only(slowest)
}

func outOfOrder(ctx context.Context, p *prober) []validate.Result {
	if p.after == nil {
		return nil
	}
	r := p.send(ctx, p.plain(p.after), nil)
	if crashed(r) || r.Exchange.Reply.Status >= http.StatusInternalServerError {
		return only(r, p.finding(validate.Warning, say("probe-out-of-order"), say("probe-out-of-order.hint")))
	}
	return only(r)
}

// rounds is how many mutated requests are sent.
const rounds = 10

func mutations(ctx context.Context, p *prober) []validate.Result {
	var seed uint64
	if p.Seed != nil {
		seed = *p.Seed
	}
	random := rand.New(rand.NewPCG(seed, 1))
	var last []validate.Result
	for range rounds {
		payload := p.plain(p.before)
		field, value := mutate(payload, p.before, random)
		if field == "" {
			continue
		}
		r := p.send(ctx, payload, nil)
		if crashed(r) || r.Outcome == validate.Fail {
			return only(r, p.finding(validate.Error, say("probe-mutations", "field", field, "value", value), say("probe-mutations.hint")))
		}
		last = only(r)
	}
	return last
}

// mutate changes one field within what OpenIM may send, and says which. It
// returns no name when the field that it chose stays.
func mutate(p *fixtures.Payload, c *fixtures.Callback, random *rand.Rand) (field, value string) {
	fields := c.RequestFields(p.Server)
	f := fields[random.IntN(len(fields))]
	switch {
	case f.Name == "callbackCommand" || f.Name == "content":
		return "", ""
	case f.Nullable:
		value = "null"
	case f.Type == fixtures.String:
		value = `""`
	case f.Type == fixtures.Int64:
		value = "9007199254740993"
	case f.Type == fixtures.Int32:
		value = "0"
	default:
		return "", ""
	}
	if p.SetJSON(f.Name, json.RawMessage(value)) != nil {
		return "", ""
	}
	return f.Name, value
}
