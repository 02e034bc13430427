package play

import "github.com/imcb-dev/imcb/fixtures/words"

var say = english.Say

// english has the sentences of findings: they begin with the id of the probe's
// rule, and "hint" in a name marks a hint.
var english = words.NewTable(map[string]string{
	// Why a request failed.
	"cause.accept":         "asked with Accept: application/json the receiver answers in JSON, but OpenIM sends no Accept header: answer in JSON without it",
	"cause.one-connection": "the receiver serves one connection at a time, and OpenIM keeps several open: use a server that takes many (in Python ThreadingHTTPServer in place of HTTPServer), or more workers",
	"cause.limit":          "the receiver has a limit on the request's body: raise it to 4 MB (nginx client_max_body_size, Express json limit), or refuse with nextCode 1 and a message",
	"cause.one-request":    "the receiver handles one request at a time, so that the others wait until OpenIM gives up: handle them at once (in Python ThreadingHTTPServer in place of HTTPServer), or use more workers",

	// What becomes of what was recorded.
	"log-ends": "the log ends before its reply",

	// What came back, in the middle of a sentence.
	"got.nothing":    "no answer ({failure})",
	"got.unreadable": "an answer that OpenIM can't read",
	"got.failure":    "an answer with which the operation fails ({code})",
	"got.status":     "status {status}",
	"got.refusal":    "a refusal with {code}",
	"got.allow":      "an allow",
	"got.answer":     "an answer",
	"got.outcome":    "the outcome {outcome}",

	// Why something is not probed.
	"skipped.ordinary":       "the ordinary request got {got}",
	"skipped.late":           "the ordinary request of {callback} got no answer in time",
	"skipped.dead":           "the receiver does not answer any more after {probe}",
	"skipped.one-connection": "the receiver serves one connection at a time",

	// What several probes say.
	"unusual":                       "{got} {when}, but {usual} otherwise",
	"dead":                          "the receiver does not answer any more after this request",
	"dead.hint":                     "catch errors per request; one bad request must not end the process",
	"silent":                        "the receiver gave no answer: {failure}",
	"silent.hint":                   "answer 400 to what can't be read",
	"unknown.hint":                  "answer unknown callbacks with {reply}",
	"probe-command-mismatch.silent": "the receiver gave no answer when URL and body named different callbacks",

	"went.proceed":       "proceeds",
	"went.right":         "is right",
	"went.broken":        "breaks {rule}",
	"went.refuse":        "refuses {code}",
	"went.fail":          "fails with {code}",
	"went.refuse-unseen": "refuses",
	"went.fail-unseen":   "fails",
	"went.failure":       "no answer ({failure})",
	"cover.failed":       "its other {n} {n|request was|requests were} not sent",
	"cover.timeouts":     "its last {n} {n|request was|requests were} not sent: {timeouts} in a row got no answer in time",
	"cover.cut":          "its last {n} {n|request was|requests were} not sent",
	"cover-outcome":      "{went} when {when}: meant?",
	"cover-outcome.hint": "OpenIM really sends this: if it is not meant, answer as to others ({usual})",
	"cover-again":        "answers the same request differently: {first} first, {second} when it comes again{after}",
	"cover-again.after":  ", after a request in which {when}",
	"cover-again.hint":   "decide by the request alone, or remember its clientMsgID or operationID",
	"cover-died":         "the receiver does not answer any more",
	"cover-died.after":   "the receiver does not answer any more after a request in which {when}",

	"probe-one-connection":               "a request waits until another connection is closed, although nothing is under way on it",
	"probe-one-connection.request":       "a request waits until another one has come in whole and is answered",
	"probe-at-once":                      "{failed} of {all} requests at once did not get the usual answer",
	"probe-at-once.hint":                 "handle requests concurrently, and don't call yourself or OpenIM while one waits",
	"probe-keep-alive.when":              "on a connection that is used again",
	"probe-keep-alive.hint":              "read each body to its end, answer with the right Content-Length, and close a connection only with \"Connection: close\"",
	"probe-keep-alive.when-closed":       "with Connection: close",
	"probe-keep-alive.hint-closed":       "answer as ever, then close the connection",
	"probe-expect.when":                  "with Expect: 100-continue",
	"probe-expect.hint":                  "answer 100 before the body, or wait for the body",
	"probe-two-packets.when":             "for a body in two TCP packets",
	"probe-two-packets.hint":             "read until Content-Length bytes have come, not what is there at once",
	"probe-slow-body.when":               "for a body that comes slowly",
	"probe-slow-body.hint":               "wait for the whole body, 5 seconds at least",
	"probe-charset.when":                 "with Content-Type: {type}",
	"probe-charset.hint":                 "compare the media type without its parameters and in any case; JSON is always UTF-8",
	"probe-no-gzip.when":                 "where gzip is not offered",
	"probe-no-gzip.hint":                 "compress replies only for requests whose Accept-Encoding has gzip",
	"probe-large.when":                   "for a body of 3 MB",
	"probe-large.hint":                   "raise the limit on the request's body, or refuse with nextCode 1 and a message",
	"probe-twice":                        "the same request got {first} first and {second} the second time",
	"probe-twice.hint":                   "decide by the request alone, or remember its clientMsgID or operationID",
	"probe-no-operation-id.when":         "without the operationID header",
	"probe-no-operation-id.hint":         "treat a missing operationID like an empty one",
	"probe-extra-fields.when":            "with fields of other versions and unknown ones",
	"probe-extra-fields.hint":            "ignore fields that you don't know (Jackson: FAIL_ON_UNKNOWN_PROPERTIES off; Pydantic: extra=ignore; Go: no DisallowUnknownFields)",
	"probe-missing-fields.when":          "without {fields}, which other versions don't send",
	"probe-missing-fields.hint":          "take a missing field for an empty one",
	"probe-null-fields.when":             "with null for each list",
	"probe-null-fields.hint":             "take null for a list without entries",
	"probe-empty-fields.when":            "with texts empty and numbers 0",
	"probe-empty-fields.hint":            "answer with an allow or a refusal, whatever the values are",
	"probe-command-mismatch":             "the receiver does not check that URL and body name the same callback",
	"probe-command-mismatch.hint":        "compare the URL's last segment with callbackCommand, as the documents ask",
	"probe-command-mismatch.hint-silent": "answer with a refusal or an error, and log it",
	"probe-unknown-command":              "an unknown callback gets an answer that OpenIM can't read: every such operation would be blocked",
	"probe-unknown-command.silent":       "an unknown callback got no answer at all",
	"probe-get":                          "a GET without body is answered with an allow: after a redirect that would let everything through",
	"probe-get.hint":                     "answer GET with 405 and a body that is not JSON",
	"probe-get.silent":                   "a GET got no answer: {failure}",
	"probe-get.hint-silent":              "answer 405",
})
