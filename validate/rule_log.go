package validate

import "github.com/imcb-dev/imcb/fixtures/words"

// The rules of what OpenIM's own log tells of a reply that the log does not have.
var (
	ruleUnreadable = Rule{
		ID: "unreadable", Severity: Error, Contract: Both, Title: "OpenIM logged that it could not read the reply",
		Why:    "OpenIM's log has what its JSON reader said, and not the reply itself: a before operation fails with 90007.",
		Source: sourceRunning, when: failed,
		Bad: Example{Reply: Reply{Failure: Unreadable, Detail: "invalid character '<' looking for beginning of value"}}, Good: allowed,
		check: func(p *pass) {
			if p.reply.Failure == Unreadable {
				p.report("", clip(p.reply.Detail), say("want.object"),
					say("unreadable", "error", shorten(p.reply.Detail), "effect", p.consequence()), say("unreadable.hint"))
			}
		},
	}
	ruleHandlerPanic = Rule{
		ID: "handler-panic", Severity: Error, Contract: Running, Title: "OpenIM logged that its handler panicked",
		Why:    "Some handlers use parts of a reply without checking that they are there. At log level 3 only the panic is logged, and not the reply.",
		Source: sourceRunning, when: failed,
		Bad: failing(Panicked).to("beforeMemberJoinGroup"), Good: allowed.to("beforeMemberJoinGroup"),
		check: func(p *pass) {
			if p.reply.Failure == Panicked {
				p.report("", clip(p.reply.Detail), words.Text{}, say("handler-panic", "effect", p.judge.behavior.crash.effect), say("unreadable.hint"))
			}
		},
	}
	ruleNoSuccess = Rule{
		ID: "no-success", Severity: Error, Contract: Running, Title: "OpenIM logged no success of the callback",
		Why: `From log level 4 on OpenIM logs "webhook" before it sends a callback, and "webhook success" when it could read a reply that does not refuse. ` +
			"Of an after callback that fails, or is answered with a refusal, nothing else remains.",
		Source: sourceRunning, when: failed,
		Bad: failing(Unexplained).to("afterSendSingleMsg"), Good: allowed.to("afterSendSingleMsg"),
		check: func(p *pass) {
			if p.reply.Failure == Unexplained {
				p.report("", "", words.Text{}, say("no-success"), say("no-success.hint"))
			}
		},
	}
)
