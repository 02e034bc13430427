package validate

import "fmt"

// consequence says what an unusable reply leads to, for the end of a message.
func (p *pass) consequence() string {
	code := p.verdict.Client.ErrCode
	switch {
	case !p.before() && code != 0:
		return fmt.Sprintf("%s reports errCode %d to the client, although the change stays", p.server(), code)
	case !p.before() && p.reply.Failure == "" && p.success():
		return "OpenIM can't read it, and does not send the event again"
	case !p.before():
		return "the event is lost, OpenIM does not send it again"
	case p.verdict.Outcome == Proceed:
		return p.server() + " goes on without it (failedContinue)"
	case p.judge.callback.Unseen:
		return fmt.Sprintf("OpenIM drops %s and tells nobody", p.operation())
	default:
		return fmt.Sprintf("OpenIM blocks %s (errCode %d)", p.operation(), code)
	}
}

// operation names what the callback decides on.
func (p *pass) operation() string { return "the " + p.object() }

func (p *pass) object() string {
	switch p.judge.callback.Group {
	case "message", "push", "conversation":
		return p.judge.callback.Group
	default:
		return "operation"
	}
}
