package validate

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
)

// Example is an exchange that shows a rule.
type Example struct {
	// Callback is a key; empty: beforeSendSingleMsg.
	Callback string
	// Message is the kind of message, see fixtures.MessageKinds; empty: text.
	Message string
	// Request replaces the catalog's request body.
	Request string
	Reply   Reply
}

// ExampleURL is the url that OpenIM ships since 3.8.1, for examples.
const ExampleURL = "http://127.0.0.1:10006/callbackExample"

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
	payload, err := callback.Payload(fixtures.PayloadOptions{Server: fixtures.DefaultRelease, Message: e.Message, Seed: &seed})
	if err != nil {
		return Exchange{}, nil, err
	}
	x := Exchange{Callback: callback.Key, Command: payload.Command, Reply: e.Reply}
	x.Request = Request{Method: http.MethodPost, URL: ExampleURL + "/" + payload.Command, Body: payload.Body}
	if e.Request != "" {
		x.Request.Body = []byte(e.Request)
	}
	return x, callback, nil
}

// String is the example's reply on one line, after a request of its own; empty
// for the zero value.
func (e Example) String() string {
	r := e.Reply
	var parts []string
	if e.Callback != "" {
		parts = append(parts, strings.TrimRight(e.Callback+" "+e.Message, " ")+":")
	}
	if e.Request != "" {
		parts = append(parts, "to "+words.Printable(e.Request)+":")
	}
	for _, hop := range r.Redirects {
		parts = append(parts, fmt.Sprintf("%d to %s, then", hop.Status, hop.Location))
	}
	if r.Status != 0 {
		parts = append(parts, fmt.Sprint(r.Status))
	}
	if ct := r.Header("Content-Type"); ct != "" {
		parts = append(parts, ct)
	}
	switch {
	case r.Failure != "":
		parts = append(parts, "("+string(r.Failure)+")")
	case len(r.Body) > 0:
		parts = append(parts, words.Printable(string(r.Body)))
	case r.Status != 0:
		parts = append(parts, "(empty)")
	}
	if r.Elapsed > 0 {
		parts = append(parts, "after "+r.Elapsed.String())
	}
	return strings.Join(parts, " ")
}

// MarshalText is String.
func (e Example) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// Examples of the rules: most are the body of a reply with status 200.
var (
	allowed = answer(fixtures.PlainAllow)
	refused = answer(`{"actionCode":0,"errCode":5001,"errMsg":"not today","errDlt":"quiet hours","nextCode":1}`)
)

func answer(body string) Example { return answerWith(http.StatusOK, body) }

func answerWith(status int, body string) Example {
	return Example{Reply: Reply{Status: status, Body: []byte(body)}}
}

// coded is a reply with these values of its fields.
func coded(action int32, code int64, message string, next int32) Example {
	return answer(fmt.Sprintf(`{"actionCode":%d,"errCode":%d,"errMsg":%q,"errDlt":"","nextCode":%d}`, action, code, message, next))
}

// allowing is a reply that allows, with what it has beside its body.
func allowing(r Reply) Example {
	r.Status, r.Body = http.StatusOK, []byte(fixtures.PlainAllow)
	return Example{Reply: r}
}

// answered is an allowing reply with fields of the callback's own.
func answered(callback, fields string) Example {
	return answer(strings.TrimSuffix(fixtures.PlainAllow, "}") + "," + fields + "}").to(callback)
}

// failing is an exchange without a whole reply; cutShort is one that had a
// status.
func failing(f Failure) Example { return Example{Reply: Reply{Failure: f}} }

func cutShort(f Failure) Example { return Example{Reply: Reply{Status: http.StatusOK, Failure: f}} }

func (e Example) asked(request string) Example {
	e.Request = request
	return e
}

func (e Example) to(callback string) Example {
	e.Callback = callback
	return e
}

func (e Example) about(kind string) Example {
	e.Message = kind
	return e
}
