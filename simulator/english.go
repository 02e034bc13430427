package simulator

import "github.com/imcb-dev/imcb/fixtures/words"

// english holds what a receiver and its guards say, by id.
var english = words.NewTable(map[string]string{
	"no-command":          "no command in the path, the query or the body",
	"unknown-command":     "{error} (found in the {place})",
	"other-command":       "the {place} says {command}, but the body's callbackCommand is {other}",
	"other-command.none":  "the {place} says {command}, but the body's callbackCommand is an {error}",
	"after-redirect":      "a redirect led the client here, with a {method} and without the body",
	"body-broken":         "the body could not be read: {error}",
	"body-too-large":      "the body is larger than {limit} bytes, the limit of this receiver",
	"redirected":          "a redirect: what OpenIM gets there decides",
	"held":                "held without an answer for {time}",
	"client-left":         "the client went away after {time}",
	"stopped":             "the receiver was stopped after {time}",
	"not-recorded":        "the connection was closed without the reply: {error}",
	"not-forwarded":       "the receiver behind gave no reply, and so the connection was closed: {error}",
	"notes":               "{first}; {then}",
	"refused-host":        "host {host:q} is not served here: use an IP address or localhost, or allow the name",
	"refused-site":        "a request of another web site is refused",
	"refused-by-net-http": "{line}",
})

var say = english.Say
