// Package inspector lets people and tests look into a mock receiver: it keeps
// what arrived in memory and serves it, below /__imcb on the receiver's own
// address, as an HTTP API and as a web page.
//
// The way of an arrival through the code: the receiver's observer calls
// Record, which puts it into the store (store.go) and counts it (counts.go).
// Nothing is rendered then. Whoever waits (wait.go) or listens (events.go) is
// woken, looks into the store and renders for itself (summary.go, detail.go).
//
// The way of a request: Handler tells the receiver's requests from its own by
// the decoded, cleaned path (handler.go); one wrapper sets the headers, asks
// for the token and bounds the body; the table in routes.go leads to the
// handler, and a test makes the OpenAPI document of it (openapi.json).
//
// Everything is bounded: what is kept by count and bytes, what a client may
// send, how long it may wait, and how many may wait at once.
package inspector
