package rules

import (
	"math"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// answerKeys are the keys of an answer.
var answerKeys = sync.OnceValue(func() *table[answer] {
	return yamlfile.NewTable(say("what.answer"), []key[answer]{
		yamlfile.NewKey(allow, "true: let the operation proceed unchanged.", schema{"const": true}, readAllow),
		yamlfile.NewKey(refuse, "Refuse the operation.", yamlfile.Ref(refuse), func(d *decoder, a *answer, n *node) {
			a.is(refuse, n)
			a.refusal = refusal{code: defaultCode, message: new(template)}
			a.refusal.message.Add(defaultMessage)
			refuseKeys().Read(d, &a.refusal, n)
		}),
		yamlfile.NewKey(modify, "Reply fields by name, on top of the reply that allows. Texts may be templates.", schema{"type": "object", "minProperties": 1}, readModify),
		yamlfile.NewKey(raw, "The reply as it stands.", yamlfile.Ref(raw), func(d *decoder, a *answer, n *node) {
			a.is(raw, n)
			a.raw = rawReply{status: http.StatusOK}
			rawKeys().Read(d, &a.raw, n)
		}),
		yamlfile.NewKey(fault, "The name of a fault; or true, beside refuse, modify or raw: the answer is wrong on purpose.", faultSchema(), readFault),
		yamlfile.NewKey("delay", "How long to wait before: 200ms, or any time in 200ms..400ms.", delaySchema, func(d *decoder, a *answer, n *node) {
			a.delay = d.delay(n)
		}),
	})
})

func (a *answer) is(kind string, n *node) {
	a.Place, a.kind, a.kinds = n.Place, kind, append(a.kinds, kind)
}

func readAllow(d *decoder, a *answer, n *node) {
	a.is(allow, n)
	if n.Kind != yamlfile.Boolean || n.Text != "true" {
		d.Fail(n.Place, say("allow"))
	}
}

func readModify(d *decoder, a *answer, n *node) {
	a.is(modify, n)
	if !d.Want(n, yamlfile.Mapping, modify) {
		return
	}
	if len(n.Entries) == 0 {
		d.Fail(n.Place, say("modify.empty"))
	}
	a.fields = d.members(n)
}

func readFault(d *decoder, a *answer, n *node) {
	if n.Kind == yamlfile.Boolean {
		a.declared = n.Text == "true"
		return
	}
	a.is(fault, n)
	if name, ok := d.Word(n, fault); ok {
		f, err := simulator.LookupFault(name)
		d.Failed(n.Place, err)
		a.fault = f
	}
}

// refuseKeys are the keys of refuse.
var refuseKeys = sync.OnceValue(func() *table[refusal] {
	return yamlfile.NewTable(refuse, []key[refusal]{
		yamlfile.NewKey("errCode", "What the IM client sees, from 5000 to 9999. Default: 5001.", yamlfile.Integer(0, math.MaxInt32), func(d *decoder, r *refusal, n *node) {
			if code, ok := d.WholeNumber(n, "errCode", 0, math.MaxInt32); ok {
				r.code = int32(code)
			}
		}),
		yamlfile.NewKey("errMsg", "What the end user sees. Default: refused by imcb.", yamlfile.ScalarSchema, func(d *decoder, r *refusal, n *node) { r.message = d.text(n, "errMsg") }),
		yamlfile.NewKey("errDlt", "Details, for developers.", yamlfile.ScalarSchema, func(d *decoder, r *refusal, n *node) { r.detail = d.text(n, "errDlt") }),
	}).Alias("code", "errCode").Alias("message", "errMsg").Alias("detail", "errDlt")
})

// text reads a template; a number or a boolean is as it is written.
func (d *decoder) text(n *node, what any) *template {
	if !d.Scalar(n, what) {
		return new(template)
	}
	return d.template(n)
}

// rawKeys are the keys of raw.
var rawKeys = sync.OnceValue(func() *table[rawReply] {
	return yamlfile.NewTable(raw, []key[rawReply]{
		yamlfile.NewKey("status", "The HTTP status. Default: 200.", yamlfile.Integer(minStatus, maxStatus), func(d *decoder, r *rawReply, n *node) {
			if status, ok := d.WholeNumber(n, "status", minStatus, maxStatus); ok {
				r.status = int(status)
			}
		}),
		yamlfile.NewKey("headers", "Headers by name. Default: OpenIM's Content-Type.", yamlfile.HeadersSchema, readRawHeaders),
		yamlfile.NewKey("body", "The body, byte for byte; it may be a template. Default: empty.", schema{"type": "string"}, func(d *decoder, r *rawReply, n *node) {
			if d.Want(n, yamlfile.Text, "body") {
				r.body = d.template(n)
			}
		}),
	})
})

// A raw reply is a final one: 1xx never is.
const (
	minStatus = 200
	maxStatus = 599
)

// framing are the headers that say how long a reply is: only the receiver
// knows.
var framing = []string{"Content-Length", "Transfer-Encoding", "Trailer", "Connection"}

func readRawHeaders(d *decoder, r *rawReply, n *node) {
	for _, e := range d.Headers(n, "headers") {
		for _, own := range framing {
			if strings.EqualFold(e.Key.Text, own) {
				d.Fail(e.Key.Place, say("raw.framing", "header", own))
			}
		}
		value := d.text(e.Value, yamlfile.WhatHeader)
		s, _ := value.Fixed()
		d.HeaderValue(e.Value.Place, s)
		r.headers = append(r.headers, rawHeader{e.Key.Text, value})
	}
}

// maxDelay limits a delay: the receiver holds no request longer.
const maxDelay = simulator.MaxWait

func (d *decoder) delay(n *node) delayRange {
	if n.Kind != yamlfile.Text && n.Written != "0" {
		t, _ := d.Duration(n, "delay")
		return delayRange{t, t}
	}
	r, problem := parseDelay("delay", n.Text)
	if !problem.IsZero() {
		d.Fail(n.Place, problem)
	}
	return r
}

// parseDelay reads a time, or a range of times; or says what is wrong with what
// it is for, as in yamlfile.Reader.
func parseDelay(what any, s string) (delayRange, words.Text) {
	from, to, isRange := strings.Cut(s, "..")
	if !isRange {
		to = from
	}
	low, err1 := time.ParseDuration(strings.TrimSpace(from))
	high, err2 := time.ParseDuration(strings.TrimSpace(to))
	switch {
	case err1 != nil || err2 != nil || low < 0 || high < 0:
		return delayRange{}, say("delay", "what", what, "got", s)
	case high < low:
		return delayRange{}, say("delay.order", "what", what, "got", s)
	case high > maxDelay:
		return delayRange{}, say("delay.limit", "what", what, "most", maxDelay, "got", high)
	}
	return delayRange{low, high}, words.Text{}
}
