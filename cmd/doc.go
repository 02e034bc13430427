// Package cmd is imcb's command line. Each command is a file with three parts:
// an options struct, a constructor that only parses, and a run function that
// never sees Cobra.
//
// How `imcb send beforeAddFriend --url URL` flows through the code:
//
//  1. cmd/imcb calls Main with the arguments and the standard streams.
//  2. Main builds the command tree (root.go), fills flags that were not given
//     from the environment and imcb.yaml (settings.go), and runs send.go.
//  3. fixtures.Lookup finds the callback; Callback.Payload builds the body that
//     the chosen OpenIM version sends; --set and its kin edit it.
//  4. simulator.URL joins the address as OpenIM does, simulator.Sender posts.
//  5. What came back, or why nothing did, is a validate.Exchange.
//  6. validate.Judge reads it as OpenIM would and returns a Verdict.
//  7. A report.Reporter writes it.
//  8. Main turns the summary, or the error, into the exit code (exit.go).
package cmd
