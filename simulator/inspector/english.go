package inspector

import "github.com/imcb-dev/imcb/fixtures/words"

// english holds the sentences of verify, by id.
var english = words.NewTable(map[string]string{
	"verified":           "{subject} came {times}, {want}{dropped}",
	"verified.as-wanted": "{subject} came {times}, as wanted{dropped}",
	"verified.not":       "{subject} came {times}; wanted: {want}{dropped}",
	"verified.dropped":   "; {n} {n|request was|requests were} dropped from memory before they could be looked at: keep more, or reset between tests",

	"exactly":  "exactly {n}",
	"at-least": "at least {n}",

	"times.0": "not at all",
	"times.1": "once",
	"times":   "{n} times",

	"subject":          "a request{with}",
	"subject.callback": "{callback}{with}",
	"subject.unknown":  "a request of no known callback{with}",
	"subject.phase":    "a request of phase {phase}{with}",
	"subject.with":     " with {conditions}",

	"missed.phase": "phase is {got}, not {want}",
})

var say = english.Say
