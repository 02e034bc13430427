package trigger

import (
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

const source = "imcb trigger"

// The rules of findings about a server and its receiver.
var (
	ruleSilent = &validate.Rule{
		ID: "trigger-silent", Severity: validate.Error, About: validate.AboutTarget, Source: source,
		Title: "the operation was done, and its callback did not come",
		Why:   "the finding names the first reason that was found; the steps have all that was looked at",
	}
	ruleClient = &validate.Rule{
		ID: "trigger-client", Severity: validate.Error, About: validate.AboutTarget, Source: source,
		Title: "the caller saw something else than the verdict says",
		Why:   "then a proxy changed the reply, the server is another version than was said, or OpenIM had a reason of its own",
	}
	rulePreparation = &validate.Rule{
		ID: "trigger-preparation", Severity: validate.Error, About: validate.AboutTarget, Source: source,
		Title: "what the operation needs could not be made",
		Why:   "users, friends, groups and messages are made by calls that have callbacks, too: a receiver that refuses them, or can't be used, stops here",
	}
	ruleOperation = &validate.Rule{
		ID: "trigger-operation", Severity: validate.Error, About: validate.AboutTarget, Source: source,
		Title: "the operation failed, and nobody watched the receiver",
		Why:   "with --no-receiver, the caller's answer is all that there is",
	}
)

// Rules returns the rules of this package.
func Rules() []*validate.Rule {
	return []*validate.Rule{ruleSilent, ruleClient, rulePreparation, ruleOperation}
}

func finding(r *validate.Rule, message, hint words.Text) validate.Finding {
	return validate.Finding{Rule: r.ID, Severity: r.Severity, Contract: validate.Running, About: r.About, Message: message, Hint: hint, Source: r.Source}
}
