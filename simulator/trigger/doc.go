// Package trigger plays the IM client towards a running OpenIM: it does what
// fires a callback, watches for it where the receiver is, and compares what the
// caller saw with the verdict on the receiver's reply.
//
// What fires which callback is data: operations.yaml. A Session has the server's
// API, users of its own and the Arrivals that a receiver observes; it is a source
// of jobs for a play.Runner, an operation each. Where a callback does not come,
// the session looks for the reason, in the server's own configuration where that
// can be read.
//
// The package opens no files and listens nowhere.
package trigger
