// Package conformance holds imcb against OpenIM's own code: the webhook client
// and the request and reply types of open-im-server v3.8.3.
//
// It has tests only, in a module of its own, so that imcb does not depend on
// OpenIM. Whatever imcb sends, answers and says of a reply has to agree with
// that code without exception; where it does not, imcb is wrong.
package conformance
