// Package cmd is imcb's command line. Each command is a file with three parts:
// an options struct, a constructor that only parses, and a run function that
// never sees Cobra.
//
// How `imcb send beforeAddFriend --url URL` flows through the code:
//
//  1. cmd/imcb calls Main with the arguments and the standard streams.
//  2. Main builds the command tree (root.go), reads flags as they are set
//     (run/flags.go), fills those that were not given from the environment and
//     imcb.yaml (shell/settings.go), and runs send.go.
//  3. fixtures.Lookup finds the callback; Callback.Payload builds the body that
//     the chosen OpenIM version sends; --set and its kin edit it.
//  4. simulator.Target joins the address as OpenIM does, simulator.Sender posts.
//  5. What came back, or why nothing did, is a validate.Exchange.
//  6. validate.Judge reads it as OpenIM would and returns a Verdict.
//  7. A report.Reporter writes it.
//  8. Main turns the summary, or the error, into the exit code (shell/exit.go).
//
// How a request flows through `imcb serve`:
//
//  1. serve.go reads the flags, serve_rules.go the rules, serve_listen.go opens
//     the addresses, serve_announce.go tells where they are.
//  2. simulator.Serve keeps browsers and strangers out. The inspector takes what
//     is below /__imcb, a simulator.Receiver the rest.
//  3. rules.Book chooses the answer; else a simulator.Forwarder asks the receiver
//     behind; else the operation is allowed.
//  4. The receiver judges the request and the reply (package validate).
//  5. serve_run.go passes the exchange to the journal, the inspector, the log
//     (serve_log.go) and the expectations (serve_expect.go); then it is answered.
package cmd
