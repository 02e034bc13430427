// Package play plays OpenIM towards a receiver and judges what comes back.
//
// A Source yields the jobs of a run: callbacks, a suite's cases, recorded
// exchanges, the callbacks of a webhooks.yml, probes. A job gets exchanges and
// judges them. A Runner runs the jobs, several at a time, and hands the results
// on in their order. The sources that send are methods of a Player, which knows
// the receiver; those that judge what was recorded are methods of Judging.
//
// Player.Cover sends the ordinary request of a callback and those that have each
// value that servers send, and tells which value makes a difference. Player.Explore
// goes on with requests made by chance.
//
// A probe sends what a receiver meets in real life beyond the requests that
// cover what OpenIM sends. Where a request gets no usable answer, an explainer
// measures why.
//
// The package opens no files and prints nothing.
package play
