package cmd

import (
	"fmt"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/webhooks"
	"github.com/tidwall/gjson"
)

// takeWebhooks reads OpenIM's configuration file and takes what it says for the
// run: the url, unless one is given, and each callback's own timeout and
// failedContinue. It returns the callbacks that the version sends with it.
func (o *validateOptions) takeWebhooks(r *run) ([]*fixtures.Callback, error) {
	file, err := o.app.readWebhooks(o.webhooks)
	if err != nil {
		return nil, err
	}
	server := r.judging.Server.Release
	if !file.Reads(server) {
		return nil, usagef("OpenIM %s does not read %s: `imcb lint %s` says why", server, o.webhooks, o.webhooks)
	}
	if o.target.url == "" && !o.target.mock {
		o.target.url = file.URL()
	}
	var callbacks []*fixtures.Callback
	for _, e := range file.Enabled(server) {
		if !sendsExample(e, o.payload.contentType) {
			fmt.Fprintf(o.app.Err, "imcb: note: %s is on, but its filters leave out the message that imcb sends\n", e.Callback.Key)
			continue
		}
		callbacks = append(callbacks, e.Callback)
		judging := r.judging
		judging.Timeout, judging.StopOnFailure = e.Wait(), !e.FailedContinue
		r.judges[e.Callback.Key] = validate.NewJudge(e.Callback, judging)
	}
	if len(callbacks) == 0 {
		fmt.Fprintf(o.app.Err, "imcb: no callback is on in %s for OpenIM %s\n", o.webhooks, server)
	}
	return callbacks, nil
}

// sendsExample reports whether OpenIM would send the callback for the message
// of imcb's own payload.
func sendsExample(e webhooks.Enabled, contentType string) bool {
	if !e.Callback.IsMessage() {
		contentType = ""
	}
	p, err := e.Callback.Payload(fixtures.PayloadOptions{Server: e.Server, ContentType: contentType})
	if err != nil {
		return true // building the payload says what is wrong
	}
	m := gjson.ParseBytes(p.Body)
	return e.Sends(int(m.Get("contentType").Int()), m.Get("sendID").String(), m.Get("recvID").String(), m.Get("groupID").String())
}
