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
	"loop":                "it has passed imcb {times} times: what it forwards to leads back to it",
	"not-forwarded":       "the receiver behind gave no reply, so OpenIM reads EOF: {error}",
	"notes":               "{first}; {then}",
	"refused-host":        "host {host:q} is not served here: use an IP address or localhost, or allow the name",
	"refused-site":        "a request of another web site is refused",
	"refused-by-net-http": "{line}",

	// Why OpenIM can't post to a URL.
	"url.none":      "no URL given: write one like {example}",
	"url.space":     "URL {url:q} has space around it: remove it",
	"url.no-scheme": `URL {url:q} has no scheme: write "http://" in front of it, as in {example}`,
	"url.broken":    "URL {url:q}: {error}: write one like {example}",
	"url.webhook": `URL {url:q} has the scheme "webhook", the default of OpenIM 3.7 and 3.8.0, to which OpenIM itself can't send: ` +
		"write an http or https URL like {example}",
	"url.scheme":  "URL {url:q} has the scheme {scheme:q}: write an http or https URL like {example}",
	"url.no-host": "URL {url:q} has no host: write one like {example}",

	// Where OpenIM posts elsewhere than one would think.
	"base.space": "the URL has a space in it, which is sent as %20; remove it if the receiver has none in its path",
	"base.query": `the URL has a query: OpenIM appends "/" and the command to it as text, so the command ends up in the query ` +
		"and the receiver has to read it from the body; move the query into the path",
	"base.fragment": `the URL has a fragment: OpenIM appends the command after the "#", so it is never sent; remove the fragment`,
	"base.command":  "the URL ends in {command}, and OpenIM appends a command: leave it off",
	"base.slash":    `the URL ends in "/": OpenIM appends another one, so the path has "//" before the command; remove the slash`,
})

var say = english.Say
