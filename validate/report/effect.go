package report

import (
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

// Effect says in a sentence what OpenIM does and what the IM client sees.
func Effect(v validate.Verdict) string { return effect(v).String() }

func effect(v validate.Verdict) words.Text {
	sees := clientText(v.Client)
	switch v.Outcome {
	case validate.Unknown:
		return say("unknown")
	case validate.Refuse, validate.Fail:
		return stopped(v, sees)
	case validate.Crash:
		if unseen(v) {
			return say("panics.unseen")
		}
		if v.Client.ErrMsg == "" { // an answer without a body: the code is its status
			sees = say("client.status", "code", v.Client.ErrCode)
		}
		return say("panics", "client", sees, "unless", unlessText(v.Unless))
	case validate.Nothing:
		if v.Client.ErrCode == 0 {
			return say("late.nothing")
		}
		return say("late", "client", sees)
	default:
		return say("goes-on", "with", withText(v.Applied))
	}
}

// stopped is the effect of a refusal or a reply that is of no use.
func stopped(v validate.Verdict, sees words.Text) words.Text {
	switch {
	case v.Notice != "" && v.Client.ErrCode == 0:
		return say("notice", "notice", v.Notice)
	case v.Notice != "":
		return say("notice.told", "notice", v.Notice, "client", sees)
	case unseen(v):
		return say("dropped")
	case v.Outcome == validate.Refuse:
		return say("refused", "client", sees)
	default:
		return say("failed", "client", sees)
	}
}

func unseen(v validate.Verdict) bool { return v.Callback != nil && v.Callback.Unseen }

// withText says which of the reply's fields OpenIM goes on with.
func withText(applied []string) words.Text {
	if len(applied) == 0 {
		return words.Text{}
	}
	return say("with", "fields", applied)
}

// unlessText says what OpenIM does if the reply does not crash it.
func unlessText(o *validate.Otherwise) words.Text {
	if o == nil {
		return words.Text{}
	}
	return say("panics.unless", "condition", o.If, "with", withText(o.Applied))
}

func clientText(c validate.Client) words.Text {
	var message, detail words.Text
	if c.ErrMsg != "" {
		message = say("client.message", "text", shorten(c.ErrMsg))
	}
	if c.ErrDlt != "" && c.ErrDlt != c.ErrMsg {
		detail = say("client.detail", "text", shorten(c.ErrDlt))
	}
	if c.ErrCode == 0 {
		return say("client.success", "message", message, "detail", detail)
	}
	return say("client", "code", c.ErrCode, "message", message, "detail", detail)
}
