package suite

import "github.com/imcb-dev/imcb/fixtures/words"

var say = english.Say

// english has the sentences about suites: mistakes in them, by the key that
// they are about, and missed expectations.
var english = words.NewTable(map[string]string{
	// What a part of a file is.
	"what.file":      "a suite file",
	"what.suite":     "a suite",
	"what.reply":     "this is a reply, and no suite: `imcb validate CALLBACK --reply FILE` judges it",
	"what.case":      "a case",
	"what.step":      "a step",
	"what.group":     "a group of steps",
	"what.tag":       "a tag",
	"what.step-name": "a step's name",
	"what.string":    "a value of setString",

	// Mistakes.
	"case.missing":    "cases is missing: a suite needs at least one",
	"case.count":      "a suite has 1 to {most} cases, not {n}",
	"case.name":       "the case on line {line} has the name {name:q}, too",
	"case.skip":       `skip takes the reason, for example skip: "waits for #42"`,
	"step.count":      "a case has 1 to {most} steps, not {n}",
	"group.both":      "a group has steps or unordered, not both",
	"span.empty":      "until {until} is before since {since}: it is never sent",
	"step.key":        "{key} belongs to a step: this case has steps",
	"send.missing":    "send is missing: name the callback",
	"data":            "data is the whole body: leave {key} out",
	"outcome.after":   "OpenIM ignores every reply to {callback}: its outcome is always ignored",
	"outcome.before":  "OpenIM never ignores a reply to {callback}: its outcome is proceed, refuse, fail or crash",
	"reply.path":      "name a field of the reply",
	"pattern.fixed":   "a /pattern/ can't look at other steps",
	"applied.none":    "{callback} has no reply field that OpenIM applies",
	"applied.unknown": "the reply to {callback} has no field {field:q}{near}",
	"range":           "{what} must be a number up to {most} or a range like {example}",
	"range.none":      "{what} is an empty list: nothing could meet it",
	"url":             "url must be like http://127.0.0.1:8080/callback",
	"server":          "server: {error}",
	"header":          "the header {name} can't have this value: it must be on one line",
	"variable":        "{name:q} can't be the name of a variable: use letters, digits, - and _",

	// References.
	"reference":             "${{written}}: {error}",
	"reference.none":        "${{written}} is not a reference; to mean the text itself, write $${",
	"reference.misspelt":    "${{written}} is not defined{near}",
	"reference.unset":       "${{written}} is not set in the environment; a default is written ${{written}:-…}",
	"reference.undefined":   "${{written}} is not defined: define it in vars, which also read the environment",
	"reference.variable":    "{name} is not defined",
	"reference.number":      "steps are counted from 1: write steps.1.request.… or steps.1.reply.…",
	"reference.later":       "step {step} is not before this one",
	"reference.side":        "want request, reply or applied, not {side:q}",
	"reference.field":       "name a field: {written}.groupID",
	"reference.own-request": "only expectations can look at the step's own request",
	"reference.own-reply":   "the step's own reply is what the expectation is about; refer to its request, or to an earlier step",
	"no-value":              "{reference} has no value: {error}",
	"no-value.unsent":       "step {step} was not sent",
	"no-value.not-json":     "the {side} of step {step} is not JSON",
	"no-value.absent":       "the {side} of step {step} has no {path}",
	"no-value.null":         "the {side} of step {step} has null there",

	// Runs.
	"unsent":              "OpenIM {server} sends none of this",
	"after-failure":       "step {step} ({callback}) of this case failed",
	"expect.unsent":       "this was not sent: {problem}",
	"expect.hint-source":  "where a reply may leave the value out, name another source: ${steps.1.reply.groupID ?? steps.1.request.groupID}",
	"expect.outcome":      "outcome is {got}, want {want}{because}",
	"expect.no-reply":     ": there is no reply ({failure})",
	"expect.hint-refuse":  `to refuse, reply "actionCode":0 and "nextCode":1 with an errCode of 5000-9999`,
	"expect.hint-allow":   `to allow, reply "nextCode":0`,
	"expect.hint-unseen":  "no client is told of this refusal: expect the reply's own value, reply: {errCode: 5001}",
	"expect.errcode":      "the client sees errCode {got}, want {want}",
	"expect.errmsg":       "the client sees errMsg {got:q}, want {want}",
	"expect.none-applied": "OpenIM applies {fields}, want nothing",
	"expect.applied":      "OpenIM does not apply {field}: it applies {fields}",
	"expect.not-json":     "the reply is not JSON, so it has no {path}",
	"expect.absent":       "the reply has no {path}, want {want}",
	"expect.value":        "the reply's {path} is {got}, want {want}",
	"expect.status":       "the HTTP status is {got}, want {want}",
	"expect.within":       "the reply took {got}, want {want} at most",
	"expect.rule":         "the rule {rule} did not fire, though it is expected to",
	"expect.unchecked":    "this expectation can't be checked: {problem}",
	"expect.codes":        "{codes:or}",
	"expect.match":        "a match of {pattern}",
	"expect.text":         "{text:q}",
	"expect.null":         "null or nothing",
})
