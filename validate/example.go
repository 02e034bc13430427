package validate

import (
	"net/http"

	"github.com/imcb-dev/imcb/fixtures"
)

// Example is an exchange that shows a rule.
type Example struct {
	// Callback is a key; empty: beforeSendSingleMsg.
	Callback string
	// Request replaces the catalog's request body.
	Request string
	Reply   Reply
}

// exampleURL is the url of an example's webhooks.yml: OpenIM's own default.
const exampleURL = "http://127.0.0.1:10006/callbackExample"

// Exchange returns the example as an exchange with its callback: the request
// is the one that the default version sends, unless the example has its own.
func (e Example) Exchange() (Exchange, *fixtures.Callback, error) {
	key := e.Callback
	if key == "" {
		key = "beforeSendSingleMsg"
	}
	callback, err := fixtures.Lookup(key)
	if err != nil {
		return Exchange{}, nil, err
	}
	seed := uint64(1)
	payload, err := callback.Payload(fixtures.PayloadOptions{Server: fixtures.DefaultRelease, Seed: &seed})
	if err != nil {
		return Exchange{}, nil, err
	}
	x := Exchange{Callback: callback.Key, Command: payload.Command, Reply: e.Reply}
	x.Request = Request{Method: http.MethodPost, URL: exampleURL + "/" + payload.Command, Body: payload.Body}
	if e.Request != "" {
		x.Request.Body = []byte(e.Request)
	}
	return x, callback, nil
}

// Verdict judges the example as the default version does, with the default
// options.
func (e Example) Verdict() (Verdict, error) {
	x, callback, err := e.Exchange()
	if err != nil {
		return Verdict{}, err
	}
	return NewJudge(callback, Options{}).Judge(&x), nil
}

// Replies for the rules' examples.
var (
	allowed      = Example{Reply: replied(http.StatusOK, fixtures.PlainAllow)}
	refused      = Example{Reply: replied(http.StatusOK, `{"actionCode":0,"errCode":5001,"errMsg":"not today","errDlt":"quiet hours","nextCode":1}`)}
	acknowledged = Example{Callback: "afterSendSingleMsg", Reply: replied(http.StatusOK, fixtures.PlainAllow)}
)

// allowHead begins an allowing reply that goes on with the callback's fields.
const allowHead = `{"actionCode":0,"errCode":0,"errMsg":"","errDlt":"","nextCode":0,`

func replied(status int, body string) Reply { return Reply{Status: status, Body: []byte(body)} }

// answered is an example in which a callback gets an allowing reply that also
// has fields of its own.
func answered(callback, fields string) Example {
	return Example{Callback: callback, Reply: replied(http.StatusOK, allowHead+fields+"}")}
}
