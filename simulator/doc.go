// Package simulator plays both ends of the wire between an OpenIM server and
// the receiver of its callbacks.
//
// A Sender is OpenIM's HTTP client: it posts a payload the way a server
// version does and hands back the exchange, whatever became of it. A Receiver
// is the endpoint: it takes what an OpenIM server posts and answers each
// callback so that the operation proceeds unchanged, unless a Responder has
// another Answer, or a Forwarder asks the receiver behind. A Fault is an answer
// that is wrong on purpose. Serve puts a receiver on a listener. A journal keeps
// exchanges, one JSON line each, which package record reads.
//
// Package rules makes Responders of rule files, package inspector shows what
// arrived, package mock puts a receiver together with both, package play sends
// callbacks, suites and probes and judges the replies.
//
// The package makes exchanges; package validate judges them. It prints
// nothing and reads neither files nor the environment.
package simulator
