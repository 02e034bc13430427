// Package conformance holds imcb against OpenIM's own code: its webhook client
// and its request and reply types.
//
// It has tests only, in a module of its own, so that imcb does not depend on
// OpenIM. Whatever imcb sends, answers and says of a reply has to agree with
// that code without exception; where it does not, imcb is wrong. The tests run
// with the version in go.mod; run.sh runs them with others. Command compare
// holds imcb's catalog against the sources of a version.
package conformance
