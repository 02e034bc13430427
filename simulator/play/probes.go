package play

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/tidwall/gjson"
)

// probes in the order in which they run: what may end the receiver comes last. A
// new probe is one value here.
var probes = []probe{
	{about("one-connection", forOne, validate.Both, validate.Error, "a request while another connection is idle or busy",
		"Each service of OpenIM keeps idle connections open: who serves one at a "+
			"time lets all others wait until the timeout.",
		"openimsdk/tools utils/httputil/http_client.go; running servers: up to 105 connections for 100 calls"), oneAtATime},
	{about("at-once", forOne, validate.Both, validate.Error, "twenty requests at once",
		"OpenIM sends from many connections: a receiver with a single worker makes users wait until the timeout.",
		"running servers: 100 before callbacks in flight at once"), atOnce},
	{about("keep-alive", forOne, validate.Running, validate.Error, "requests on one connection, then on a new one that is closed",
		"OpenIM sends many requests on a connection; OpenIM 2, and proxies that speak HTTP/1.0, close it after each.",
		"open-im-server v2.3.3 and 3.0 on: the HTTP client; nginx: proxy_http_version"), keepAlive},
	{about("expect", forOne, validate.Running, validate.Warning, "a request with Expect: 100-continue",
		"Gateways built on curl or .NET ask before they send a body, and wait a "+
			"second at most; OpenIM itself does not ask.",
		"RFC 9110, 10.1.1; curl: CURLOPT_EXPECT_100_TIMEOUT_MS"), expectContinue},
	{about("two-packets", forOne, validate.Both, validate.Error, "a body in two TCP packets",
		"Go's HTTP client, which OpenIM uses, writes what is longer than 4 KB in several packets.",
		"Go: net/http, Transport.WriteBufferSize"), twoPackets},
	{about("slow-body", forOne, validate.Running, validate.Warning, "a body that takes a second to come",
		"A lost packet is sent again after 200 ms or more, and proxies may pass on a body as it comes.",
		"RFC 6298; nginx: proxy_request_buffering"), slowBody},
	{about("charset", forOne, validate.Running, validate.Warning, "other spellings of the same Content-Type",
		"Proxies and gateways may write it anew: without charset, in capitals, without the space.",
		"RFC 9110, 8.3.1; RFC 8259, 11"), charset},
	{about("no-gzip", forOne, validate.Running, validate.Warning, "a request that does not offer gzip",
		"Proxies take the offer away: a reply that is compressed all the same can't be read.",
		"RFC 9110, 12.5.3"), noGzip},
	{about("large", forOne, validate.Both, validate.Warning, "a body of 3 MB",
		"The REST API takes 4 MiB, with the settings of 3.8.3-patch.16 and main 8 MiB, and before callbacks come "+
			"before OpenIM's queue refuses more than 1 MB: a smaller limit gives the sender another error.",
		"open-im-server: the settings of its API and its message queue; a running main took 5 MB"), large},
	{about("twice", forEach, validate.Running, validate.Warning, "the same request twice",
		"Users retry, and OpenIM's clients send a failed message again under its clientMsgID: "+
			"the second answer should not differ.",
		"openim-sdk-core: SendMessage takes up a message that failed; nothing in a request marks a repetition"), twice},
	{about("no-operation-id", forEach, validate.Running, validate.Error, "no operationID header",
		"OpenIM before 3.7 leaves an empty operationID out.",
		"open-im-server up to 3.6: pkg/common/http/http_client.go"), noOperationID},
	{about("extra-fields", forEach, validate.Running, validate.Warning, "fields of other versions, and some that no version has yet",
		"Each OpenIM adds fields: a receiver that refuses what it does not "+
			"know blocks all operations after an upgrade.",
		"the fields that versions added, such as sendTime and Seqs"), extraFields},
	{about("missing-fields", forSpans, validate.Running, validate.Warning, "the fields left out that another version does not have",
		"An upgrade or a downgrade of OpenIM takes fields away: they are no reason to fail.",
		"the fields that versions took away, such as secret and receiveID"), missingFields},
	{about("null-fields", forLists, validate.Running, validate.Warning, "null for each list",
		"Go writes null for a list that nobody filled; which lists are always filled changes with OpenIM's code.",
		"open-im-server: no struct of a callback has omitempty; Go: encoding/json"), nullFields},
	{about("empty-fields", forTexts, validate.Running, validate.Warning, "each text empty and each number 0, but for ids",
		"Go writes \"\" and 0 for what a caller left out; what a caller must give changes with OpenIM's code.",
		"open-im-server: no struct of a callback has omitempty; Go: encoding/json"), emptyFields},
	{strict(about("command-mismatch", forBefore, validate.Documents, validate.Note, "the URL names one callback, the body another",
		"The documents ask the receiver to check the command in the URL; whoever "+
			"routes by one and trusts the other can be fooled.",
		"documents: the callback pages")), commandMismatch},
	{about("unknown-command", forOne, validate.Running, validate.Error, "a callback that the receiver does not know",
		"Someone enables one more callback, or a new OpenIM sends one: an "+
			"unreadable answer blocks every such operation.",
		"open-im-server: callbacks that 3.7 and main added"), unknownCommand},
	{about("get", forOne, validate.Running, validate.Warning, "a GET instead of a POST",
		"After a redirect (301, 302, 303) OpenIM's GET is answered for real: an allow to it lets everything through.",
		"seen on running servers, 3.8.3 and main"), getRequest},
	{about("content-type", forOne, validate.Running, validate.Error, "a Content-Type that is not JSON",
		"A proxy may change it; the receiver must survive it.", "RFC 9110, 8.3"), wrongContentType},
	{about("empty-body", forEach, validate.Running, validate.Error, "an empty body",
		"A redirect makes OpenIM repeat the request as a GET without body, and health "+
			"checks have none; the receiver must survive it.",
		"seen on running servers, 3.8.3 and main"), malformed("")},
	{about("malformed-json", forEach, validate.Running, validate.Error, "a body that is no JSON object: cut off, null, a list, without fields",
		"Anybody who finds the URL can send this; the receiver must survive it.",
		"scanners; a connection that ends early"), malformed(`{"callbackCommand":`, "null", "[]", "{}")},
}

// about is the rule of a probe. Its findings can be milder than it.
func about(id, made string, contract validate.Contract, worst validate.Severity, title, why, source string) validate.Rule {
	return validate.Rule{
		ID: prefix + id, Contract: contract, Severity: worst, About: validate.AboutTarget,
		For: made, Title: title, Why: why, Source: source,
	}
}

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

// sameAsUsual compares what came back with what comes for the ordinary request.
func (p *prober) sameAsUsual(r validate.Result, when, hint words.Text) []validate.Result {
	now, usual := got(r), got(p.usual[p.callback])
	if now.String() == usual.String() {
		return only(r)
	}
	return only(r, p.finding(p.rule.Severity, say("unusual", "got", now, "when", when, "usual", usual), hint))
}

// stillUsable is sameAsUsual where the receiver may decide otherwise, but has to
// answer.
func (p *prober) stillUsable(r validate.Result, when, hint words.Text) []validate.Result {
	if usable(r) {
		return only(r)
	}
	return p.sameAsUsual(r, when, hint)
}

// twice probes who was not covered, which sends the same request twice, too.
func twice(ctx context.Context, p *prober) []validate.Result {
	if p.earlier.repeated[p.callback.Key] {
		return nil
	}
	payload := p.plain(p.callback)
	first := p.send(ctx, payload, nil)
	second := p.send(ctx, payload, nil)
	one, other := got(first), got(second)
	if !crashed(second) && one.String() == other.String() && first.Client == second.Client {
		return only(second)
	}
	message := say("probe-twice", "first", one, "second", other)
	return only(second, p.finding(validate.Warning, message, say("probe-twice.hint")))
}

func noOperationID(ctx context.Context, p *prober) []validate.Result {
	r := p.try(ctx, func(request *validate.Request) {
		request.Headers = slices.DeleteFunc(slices.Clone(request.Headers), func(h validate.Header) bool {
			return strings.EqualFold(h[0], "operationID")
		})
	})
	return p.sameAsUsual(r, say("probe-no-operation-id.when"), say("probe-no-operation-id.hint"))
}

// newFields are of no version.
var newFields = map[string]string{
	"addedText": `"text"`, "addedNumber": "1", "addedObject": `{"list":[{"k":null}]}`, "addedNull": "null",
}

// extraFields adds what other versions send for the callback, and what a newer
// one may.
func extraFields(ctx context.Context, p *prober) []validate.Result {
	payload := p.plain(p.callback)
	for _, v := range fixtures.Releases() {
		other, err := p.callback.Payload(fixtures.PayloadOptions{Server: v})
		if err != nil {
			continue // no version's text message
		}
		gjson.ParseBytes(other.Body).ForEach(func(name, value gjson.Result) bool {
			addIfNew(payload, name.String(), value.Raw)
			return true
		})
	}
	for name, value := range newFields {
		addIfNew(payload, name, value)
	}
	return p.sameAsUsual(p.send(ctx, payload, nil), say("probe-extra-fields.when"), say("probe-extra-fields.hint"))
}

// addIfNew adds a field where the body has none of that name.
func addIfNew(payload *fixtures.Payload, name, value string) {
	if !gjson.GetBytes(payload.Body, gjson.Escape(name)).Exists() {
		_ = payload.Add(gjson.Escape(name), json.RawMessage(value)) // the name and the value are those of a body
	}
}

// missingFields leaves out what another version does not send.
func missingFields(ctx context.Context, p *prober) []validate.Result {
	payload := p.plain(p.callback)
	var left []string
	for _, f := range p.callback.RequestFields(payload.Server) {
		for _, v := range fixtures.Releases() {
			_, has := p.callback.At(v)
			elsewhere := fixtures.FieldNames(p.callback.RequestFields(v))
			if has && !slices.Contains(elsewhere, f.Name) && payload.Unset(f.Name) == nil {
				left = append(left, f.Name)
				break
			}
		}
	}
	if left == nil {
		return nil
	}
	r := p.send(ctx, payload, nil)
	return p.stillUsable(r, say("probe-missing-fields.when", "fields", left), say("probe-missing-fields.hint"))
}

// nullFields and emptyFields change what the callback's cases leave as it is.
func nullFields(ctx context.Context, p *prober) []validate.Result {
	r := p.zeroed(ctx, func(f fixtures.Field) string {
		switch f.Type {
		case fixtures.Strings, fixtures.Int64s, fixtures.Objects, fixtures.BoolMap, fixtures.Object:
			return "null"
		}
		return ""
	})
	if r == nil {
		return nil
	}
	return p.stillUsable(*r, say("probe-null-fields.when"), say("probe-null-fields.hint"))
}

func emptyFields(ctx context.Context, p *prober) []validate.Result {
	r := p.zeroed(ctx, func(f fixtures.Field) string {
		switch f.Type {
		case fixtures.String:
			if !strings.HasSuffix(f.Name, "ID") {
				return `""`
			}
		case fixtures.Int32, fixtures.Int64, fixtures.Uint32:
			if f.Name != "contentType" && f.Name != "sessionType" {
				return "0"
			}
		}
		return ""
	})
	if r == nil {
		return nil
	}
	return p.stillUsable(*r, say("probe-empty-fields.when"), say("probe-empty-fields.hint"))
}

// zeroed sends a request in which each field has what zero says; "": as it was.
// Nil: there is no such field, or the callback's cases have it so.
func (p *prober) zeroed(ctx context.Context, zero func(fixtures.Field) string) *validate.Result {
	payload, changed := p.plain(p.callback), false
	sent := p.covered()
	for _, f := range p.callback.RequestFields(payload.Server) {
		value := zero(f)
		if value == "" || f.Name == "callbackCommand" || f.When != "" || sent[f.Name+value] {
			continue
		}
		if gjson.GetBytes(payload.Body, gjson.Escape(f.Name)).Raw != value {
			changed = payload.SetJSON(f.Name, json.RawMessage(value)) == nil || changed
		}
	}
	if !changed {
		return nil
	}
	r := p.send(ctx, payload, nil)
	return &r
}

// covered are the fields with the values that the callback's cases have, as one
// text each.
func (p *prober) covered() map[string]bool {
	sent := make(map[string]bool)
	for _, k := range p.callback.Cases(p.Judging.Server().Release) {
		for _, d := range k.Differs {
			sent[d.Path+string(d.Value)] = true
		}
	}
	return sent
}

func commandMismatch(ctx context.Context, p *prober) []validate.Result {
	other := "callbackBeforeAddBlackCommand"
	if p.callback.Key == "beforeAddBlack" {
		other = "callbackBeforeAddFriendCommand"
	}
	payload := p.plain(p.callback)
	if err := payload.SetString("callbackCommand", other); err != nil {
		return nil
	}
	r := p.send(ctx, payload, nil)
	switch {
	case crashed(r):
		return only(r, p.finding(validate.Error, say("probe-command-mismatch.silent"), say("probe-command-mismatch.hint-silent")))
	case lets(r):
		return only(r, p.finding(validate.Note, say("probe-command-mismatch"), say("probe-command-mismatch.hint")))
	}
	return only(r)
}

func unknownCommand(ctx context.Context, p *prober) []validate.Result {
	payload := p.plain(p.callback)
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

func getRequest(ctx context.Context, p *prober) []validate.Result {
	r := p.try(ctx, func(request *validate.Request) { request.Method, request.Body = http.MethodGet, nil })
	switch {
	case crashed(r):
		silent := say("probe-get.silent", "failure", r.Exchange.Reply.Failure)
		return only(r, p.finding(validate.Warning, silent, say("probe-get.hint-silent")))
	case lets(r) && p.callback.Phase == fixtures.Before:
		return only(r, p.finding(validate.Warning, say("probe-get"), say("probe-get.hint")))
	}
	return only(r)
}

func wrongContentType(ctx context.Context, p *prober) []validate.Result {
	return p.survives(ctx, p.try(ctx, withContentType("text/plain")))
}

func withContentType(value string) func(*validate.Request) {
	return func(request *validate.Request) {
		request.Headers = withHeaders(request.Headers, []validate.Header{{"Content-Type", value}})
	}
}

// malformed makes the probe of bodies that OpenIM never sends: the receiver
// must answer something and live on.
func malformed(bodies ...string) func(context.Context, *prober) []validate.Result {
	return func(ctx context.Context, p *prober) (results []validate.Result) {
		for _, body := range bodies {
			r := p.try(ctx, func(request *validate.Request) { request.Body = []byte(body) })
			if results = p.survives(ctx, r); len(results[0].Findings) > 0 {
				break
			}
		}
		return results
	}
}

func (p *prober) survives(ctx context.Context, r validate.Result) []validate.Result {
	switch {
	case !crashed(r):
		return only(r)
	case !p.alive(ctx):
		p.dead = true
		return only(r, p.finding(validate.Error, say("dead"), say("dead.hint")))
	default:
		silent := say("silent", "failure", r.Exchange.Reply.Failure)
		return only(r, p.finding(validate.Warning, silent, say("silent.hint")))
	}
}
