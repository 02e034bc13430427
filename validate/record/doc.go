// Package record reads what was recorded of callbacks and makes exchanges of it:
// the lines of a journal, which `imcb serve --journal` and simulator.Journal
// write, or the records of OpenIM's own log. It reads from io.Readers only, and
// opens nothing.
//
// source.go finds out what a reader holds. A log's lines go through log.go, which
// finds the records that may be about callbacks; logmessages.go knows them;
// logpair.go puts the end of each callback to its beginning, and logfailure.go
// reads OpenIM's errors.
package record
