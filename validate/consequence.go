package validate

import "github.com/imcb-dev/imcb/fixtures/words"

// consequence says what an unusable reply leads to, for the end of a message.
func (p *pass) consequence() words.Text {
	code := p.verdict.Client.ErrCode
	switch {
	case p.byPages():
		return say("consequence.documents")
	case !p.before() && code != 0:
		return say("consequence.reported", "server", p.server(), "code", code)
	case !p.before() && p.reply.Failure == "" && p.success():
		return say("consequence.unread")
	case !p.before():
		return say("consequence.lost")
	case p.verdict.Outcome == Proceed:
		return say("consequence.goes-on", "server", p.server())
	case p.verdict.Notice != "" && code == 0:
		return say("consequence.notice", "notice", p.verdict.Notice)
	case p.verdict.Notice != "":
		return say("consequence.notice-told", "notice", p.verdict.Notice, "code", code)
	case p.unseen():
		return say("consequence.dropped", "operation", p.operation())
	default:
		return say("consequence.blocked", "operation", p.operation(), "code", code)
	}
}

// operation names what the callback decides on.
func (p *pass) operation() words.Text {
	switch p.judge.callback.Group {
	case "message":
		if p.verdict.Notice != "" {
			return say("operation.notice")
		}
		return say("operation.message")
	case "push":
		return say("operation.push")
	case "conversation":
		return say("operation.chat")
	default:
		return say("operation")
	}
}
