package play

import "github.com/imcb-dev/imcb/fixtures/words"

var say = english.Say

// english has the sentences of findings: they begin with the id of the probe's
// rule, and "hint" in a name marks a hint.
var english = words.NewTable(map[string]string{
	// Why a request failed.
	"cause.accept":         "asked with Accept: application/json the receiver answers in JSON, but OpenIM sends no Accept header: answer in JSON without it",
	"cause.one-connection": "the receiver serves one connection at a time, and OpenIM keeps several open: use a server that takes many (in Python ThreadingHTTPServer in place of HTTPServer), or more workers",
	"cause.one-request":    "the receiver handles one request at a time, so that the others wait until OpenIM gives up: handle them at once (in Python ThreadingHTTPServer in place of HTTPServer), or use more workers",

	// What becomes of what was recorded.
	"log-ends": "the log ends before its reply",

	// What several probes say.
	"no-answer":                     "no answer {when}: {failure}",
	"other-outcome":                 "the outcome is {outcome} {when}, but {usual} otherwise",
	"dead":                          "the receiver does not answer any more after this request",
	"dead.hint":                     "catch errors per request; one bad request must not end the process",
	"silent":                        "the receiver gave no answer: {failure}",
	"silent.hint":                   "answer 400 to what can't be read",
	"unknown.hint":                  "answer unknown callbacks with {reply}",
	"probe-command-mismatch.silent": "the receiver gave no answer when URL and body named different callbacks",

	"probe-command-mismatch":             "the receiver does not check that URL and body name the same callback",
	"probe-command-mismatch.hint":        "compare the URL's last segment with callbackCommand, as the documents ask",
	"probe-command-mismatch.hint-silent": "answer with a refusal or an error, and log it",
	"probe-unknown-command":              "an unknown callback gets an answer that OpenIM can't read: every such operation would be blocked",
	"probe-unknown-command.silent":       "an unknown callback got no answer at all",
	"probe-notification":                 "the notification of a revoked message got no answer that OpenIM can read: nobody learns that it was revoked",
	"probe-notification.refused":         "the notification of a revoked message is refused: it stays revoked, and nobody learns of it",
	"probe-notification.hint":            "answer {reply} wherever contentType is 1000 or more; content is empty there",
	"probe-no-operation-id.when":         "without the operationID header",
	"probe-no-operation-id.hint":         "treat a missing operationID like an empty one",
	"probe-get":                          "a GET without body is answered with an allow: after a redirect that would let everything through",
	"probe-get.hint":                     "answer GET with 405 and a body that is not JSON",
	"probe-get.silent":                   "a GET got no answer: {failure}",
	"probe-get.hint-silent":              "answer 405",
	"probe-unicode.when":                 "with quotes, escapes and emoji in the texts",
	"probe-unicode.hint":                 "read and write JSON with a library",
	"probe-large.when":                   "for a body of 1 MB",
	"probe-large.hint":                   "raise the limit on the request's body, or refuse with nextCode 1 and a message",
	"probe-twice":                        "the same request got {first} first and {second} the second time",
	"probe-twice.hint":                   "decide by the request alone, or remember its clientMsgID or operationID",
	"probe-at-once":                      "{failed} of {all} requests at once did not get the usual answer",
	"probe-at-once.hint":                 "handle requests concurrently, and don't call yourself or OpenIM while one waits",
	"probe-out-of-order":                 "an after callback without its before callback is answered with an error",
	"probe-out-of-order.hint":            "take after callbacks in any order, and again",
	"probe-mutations":                    "no readable answer to a legal request: {field} is {value}",
	"probe-mutations.hint":               "expect null lists, empty texts and 64-bit numbers",
})
