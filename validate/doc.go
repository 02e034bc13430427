// Package validate says what OpenIM makes of a reply to a callback, and how
// the reply departs from the documented contract.
//
// The words:
//
//   - An exchange is one request and its reply, or the failure to get one.
//   - A rule is one thing that can be wrong; a finding is one breach of it.
//   - The outcome is what OpenIM does: proceed, refuse, fail, crash, or ignored.
//   - A verdict is the outcome, what the IM client sees, the reply fields that
//     are applied, ignored or wiped, and the findings.
//
// The package does no I/O and knows no clock: everything it says follows from
// an exchange, the catalog and a server version.
package validate
