package cmd

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/imcb-dev/imcb/cmd/run"
	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator/play"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/report"
	"github.com/tidwall/gjson"
)

// judgeReply judges one saved reply, with the request to which it belongs where
// that is known.
func (o *validateOptions) judgeReply(ctx context.Context, r *run.Run) error {
	if len(o.Names) != 1 {
		return shell.Usagef("--reply judges the reply to one callback: name it, for example\n  imcb validate beforeAddFriend --reply %s", o.reply)
	}
	callbacks, err := o.SelectCallbacks(o.Names)
	if err != nil {
		return err
	}
	c := callbacks[0]
	request, err := o.requestOf(c)
	if err != nil {
		return err
	}
	body, name, err := o.App.ReadInput(o.reply)
	if err != nil {
		return err
	}
	x := validate.Exchange{
		Callback: c.Key, Command: c.Command(o.Payload.Server.Release), Request: request,
		Reply: validate.Reply{Status: cmp.Or(o.status, http.StatusOK), Body: body},
	}
	if command := commandIn(request.Body); c.Has(command) {
		x.Command = command
	}
	saved := slices.Values([]play.Recorded{{Callback: c, Exchange: x}})
	all := o.judgings(r)
	return r.Do(ctx, all[0].Recorded(saved, all[1:]...), o.Output, report.Run{Servers: serversOf(all), Target: name})
}

// requestOfPage is the value of --request that names the documents' own.
const requestOfPage = "page"

// requestOf is the request of the saved reply: that of --request, or the one
// that flags describe. One without a body is not known.
func (o *validateOptions) requestOf(c *fixtures.Callback) (validate.Request, error) {
	described := slices.ContainsFunc(run.MadeOnly, func(flag string) bool { return o.App.Given[flag] })
	switch {
	case o.request == requestOfPage:
		if c.Page() == nil {
			return validate.Request{}, shell.Usagef("--request page: the documents have no page for %s; name a file with the request's body", c.Key)
		}
		return validate.Request{Method: http.MethodPost, Body: c.Page().Request}, nil
	case o.request != "":
		return o.requestIn(c)
	case described:
		p, err := o.Payload.Build(c, o.App.Streams)
		if err != nil {
			return validate.Request{}, err
		}
		return validate.Request{Method: http.MethodPost, Body: p.Body}, nil
	default:
		return validate.Request{Method: http.MethodPost}, nil
	}
}

// requestIn reads the file of --request: a body, or a line of a journal.
func (o *validateOptions) requestIn(c *fixtures.Callback) (validate.Request, error) {
	text, name, err := o.App.ReadInput(o.request)
	if err != nil {
		return validate.Request{}, err
	}
	request := validate.Request{Method: http.MethodPost, Body: text}
	if gjson.GetBytes(text, "request.method").Exists() && fixtures.ValidJSON(text) {
		var x validate.Exchange
		if err := json.Unmarshal(text, &x); err != nil {
			return validate.Request{}, shell.Usagef("--request %s: %w", name, err)
		}
		request = x.Request
	}
	if !fixtures.ValidJSON(request.Body) || !gjson.ParseBytes(request.Body).IsObject() {
		return validate.Request{}, shell.Usagef("--request %s holds neither a request's body, which is a JSON object, nor one line of a journal", name)
	}
	if commandIn(request.Body) == "" {
		return validate.Request{}, shell.Usagef("--request %s holds no request: callbackCommand is missing", name)
	}
	if other, ok := fixtures.Find(commandIn(request.Body)); ok && other.Key != c.Key {
		return validate.Request{}, shell.Usagef("--request %s holds a request of %s, but the reply is one to %s", name, other.Key, c.Key)
	}
	return request, nil
}

// commandIn is the command in a request's body; "" without one.
func commandIn(body []byte) string { return gjson.GetBytes(body, "callbackCommand").String() }
