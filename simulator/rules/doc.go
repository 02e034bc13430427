// Package rules reads and applies the rules of a mock receiver: which request
// gets which answer.
//
// A rule file is YAML or JSON:
//
//	rules:
//	  - name: no friends for spammers
//	    match: {callback: beforeAddFriend, where: {reqMsg: {regex: "(?i)buy now"}}}
//	    refuse: {errCode: 5001, errMsg: "not today, ${request.fromUserID}"}
//	  - match: {callback: beforeSendGroupMsg}
//	    fault: timeout
//
// The words:
//
//   - A rule is a match and what is done about it.
//   - A match is a list of criteria, which must all hold: the callback, its
//     phase and group, headers, and values of the body.
//   - An answer allows, refuses, modifies, is given as it stands (raw), or is
//     one of the simulator's faults.
//   - A book is the rules of one file and of the command line, in their order:
//     the first rule that matches and has an answer decides. Its text may be
//     replaced while it is used.
//
// The way of a file through the code: package yamlfile turns its text into
// nodes; keys_*.go read them along tables, which also are the JSON Schema;
// check.go refuses answers on which OpenIM would choke, and rules that never
// get their turn; the book takes them as its set, which respond.go applies.
package rules
