package validate

import (
	"strconv"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
)

// clientMsg is the msgFrom of what a user's client has sent. The content type
// of such a message may be any.
const clientMsg = 100

// loseNotice notes which notification a refusal or failure stops. OpenIM sends
// it, as a message, once an operation is done, and looks at no error then; only
// the callers of a few (MessageKind.Told) are told of it.
// (pkg/notification/msg.go, up to 3.8.1 pkg/rpcclient/msg.go, and its callers;
// seen on running servers, 3.8.3 and 3.8.3-patch.16.)
func (p *pass) loseNotice() {
	if p.judge.callback.Group != "message" {
		return
	}
	code := int(p.request().Get("contentType").Int())
	if !fixtures.IsNotification(code) || p.request().Get("msgFrom").Int() == clientMsg {
		return
	}
	p.verdict.Notice = strconv.Itoa(code)
	if kind, ok := fixtures.KindOf(code); ok {
		p.verdict.Notice, p.noticeTold = kind.Name, kind.Told != nil && kind.Told.Has(p.judge.opts.Server.Release)
	}
}

// unseen reports whether no client is told of a refusal or failure.
func (p *pass) unseen() bool {
	return p.judge.callback.Unseen || p.verdict.Notice != "" && !p.noticeTold
}

var ruleNoticeLost = Rule{
	ID: "notice-lost", Severity: Warning, Contract: Running, Title: "a refused notification",
	Why:    "Up to 3.8.3-patch.16 a revocation, a mute, a kick and the like come here as messages, too. The operation is done by then: its caller sees errCode 0, and a refusal only keeps the others from learning of it. That may be meant, so it is no error.",
	Source: "open-im-server v3.8.3: pkg/notification/msg.go; " + sourceRunning, when: readable,
	Bad: refused.to("beforeSendGroupMsg").about("revoke"), Good: allowed.to("beforeSendGroupMsg").about("revoke"),
	check: func(p *pass) {
		switch {
		case p.verdict.Outcome != Refuse || p.verdict.Notice == "":
		case p.noticeTold:
			p.report("", "", words.Text{}, say("notice-lost.told", "notice", p.verdict.Notice, "code", p.verdict.Client.ErrCode), say("notice-lost.hint"))
		default:
			p.report("", "", words.Text{}, say("notice-lost", "notice", p.verdict.Notice), say("notice-lost.hint"))
		}
	},
}
