// Package mock is a receiver with all that a test or `imcb serve` wants around
// it: rules that answer, the receiver behind, a journal, the inspector's API and
// page, and one tally of what came, for waiting and for expectations.
//
// The parts are made by their own packages and handed in with Options; the zero
// value allows every callback and counts. It opens nothing by name: no address,
// no file.
package mock
