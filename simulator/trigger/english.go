package trigger

import "github.com/imcb-dev/imcb/fixtures/words"

var say = english.Say

// english has the sentences of steps and findings.
var english = words.NewTable(map[string]string{
	// Why a session can't begin.
	"no-api":    "the API does not answer at {api}: {why}",
	"no-openim": "{api} is not OpenIM's API: HTTP status {status} and no errCode",
	"no-token":  "{path} gave no token for {admin}: {answer}",

	// Steps.
	"token":           "the token of {admin}, by {path}",
	"settings":        "OpenIM {version} says: {n} callbacks on, url {url}",
	"settings.none":   "this server does not show its settings ({path}: status {status}, errCode {code})",
	"settings.broken": "the server's settings can't be read: {error}",
	"users":           "users {prefix}…: {found} found, {made} registered",
	"call":            "{what}: {answer}, {time}",
	"arrival":         "after {time} at {url}",
	"caller":          "{client}, as the verdict says",
	"no-answer":       "no answer: {why}",
	"sees":            "errCode {code} {text}",
	"sees.code":       "errCode {code}",

	// Results that are none.
	"skipped": "{operation} did not get that far",
	"stopped": "{callback} ended the operation: {outcome}",

	// Findings.
	"trigger-client":             "the verdict is that the client sees {verdict}, the caller saw {caller}",
	"trigger-client.hint-own":    "OpenIM has a reason of its own after the callback, or another receiver answered a second callback",
	"trigger-client.hint-server": "is it OpenIM {server}? And does a proxy change replies on the way?",
	"trigger-preparation":        "{what}: {answer}",
	"trigger-operation":          "{what}: {answer}",
	"trigger-silent":             "{callback} did not come within {time}: {reason}",
	"trigger-silent.unsent":      "OpenIM sends no {callback}: {reason}",
	"trigger-silent.unknown":     "{callback} did not come within {time}, and no reason was found",
	"trigger-silent.hint":        "`imcb help nothing-arrives` has what else to look at; OpenIM's log at LOG_LEVEL 4 says whether it was sent",

	// Why a callback does not come, or does for all that can be seen.
	"reason.receiver":       "OpenIM called a receiver, and could not use it: {answer}",
	"reason.failed":         "the operation failed: {answer}",
	"reason.others":         "{n} {callback} came, of other operations",
	"reason.off":            "{callback} is off in the server's settings: enable: false, or not there",
	"reason.on":             "{callback} is on",
	"reason.on-unknown":     "is {callback} on? `imcb lint webhooks.yml` shows what the file says",
	"reason.bad-url":        "OpenIM can't post to the url {url:q}: it needs http:// or https:// and a host",
	"reason.url-unknown":    "does the url of webhooks.yml lead to {listening}, from where OpenIM runs?",
	"reason.loopback":       "the url {url} is the machine that OpenIM runs on, not this one",
	"reason.container":      "the url {url} is the container that OpenIM runs in: host.docker.internal is its host",
	"reason.host":           "the url {url} leads to {host}, which is not this machine",
	"reason.port":           "the url {url} leads to this machine, but not to {listening}, where imcb listens (--listen)",
	"reason.here":           "the url {url} leads here; in a container, 127.0.0.1 would be the container",
	"reason.never":          "it is on, but never sent: {why}",
	"reason.unfiltered":     "deniedTypes, allowedTypes and attentionIds let the message pass",
	"reason.filter-unknown": "do deniedTypes, allowedTypes (content type 101) or attentionIds keep the message out?",
	"reason.attention":      "attentionIds has {ids:and}, and not {user}",
	"reason.types":          "content type {type} is filtered: deniedTypes [{denied}], allowedTypes [{allowed}]",
	"reason.plain-user":     "a plain user sent a text here; messages of administrators, and notifications, have no such callback",
	"reason.offline":        "{user} is offline here; a receiver who is online on iOS or Android gets no offline push, one on another platform does",
	"reason.queue":          "the call took {time}: the queue of after callbacks was full, and OpenIM dropped it without a trace",
	"reason.no-queue":       "the queue was not full: the call took {time}, not 3s",
	"reason.running":        "the server itself says so: these settings are in use",
	"reason.restart":        "was OpenIM restarted since webhooks.yml or its environment changed? It reads them once, at its start",

	// What to do about a reason, or an answer.
	"hint.off":     "write enable: true below it in webhooks.yml, and start OpenIM anew",
	"hint.never":   "`imcb lint --api` says more; change it, and start OpenIM anew",
	"hint.url":     "change the url of webhooks.yml and start OpenIM anew, or let imcb listen there (--listen), or leave it to the receiver there (--no-receiver)",
	"hint.filter":  "take it out of the list, or put it in, and start OpenIM anew",
	"hint.queue":   "let the receiver answer after callbacks at once: two are sent at a time",
	"hint.api":     "is this the REST API's address? `--api` takes it",
	"hint.socket":  "is this the websocket gateway's address? `--ws` takes it, port 10001 as shipped",
	"hint.network": "from where OpenIM runs, its url must lead to the receiver, which must answer in time",
	"hint.data":    "the receiver's reply is not what OpenIM can read: `imcb send` shows it, and why",
	"hint.refused": "it is the receiver's refusal, or OpenIM's own reason",
})
