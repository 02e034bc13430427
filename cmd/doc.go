// Package cmd is imcb's command line. Each command is a file, serve a package. It
// has three parts: an options struct, a constructor that only parses, and a run
// function that never sees Cobra.
//
// How `imcb send beforeAddFriend --url URL` flows through the code:
//
//  1. cmd/imcb calls Main (main.go) with the arguments and the standard streams.
//  2. Main builds the command tree (root.go), reads flags as they are set
//     (run/flags.go), fills those that were not given from the environment and
//     imcb.yaml (shell/settings.go), and runs send.go.
//  3. run/callbacks.go finds the callback; run/payload.go has package fixtures
//     build the body that the chosen OpenIM version sends, and edits it.
//  4. run/target.go makes a play.Player: its simulator.Target joins the address
//     as OpenIM does, its simulator.Sender posts, its play.Judging has a
//     validate.Judge read what came back as OpenIM would.
//  5. run/run.go has a play.Runner run it; run/output.go passes the result to a
//     report.Reporter.
//  6. Main turns the error of the run into the exit code (shell/exit.go).
//
// `imcb validate` runs the same with more sources: validate.go reads the flags and
// judges a journal or a log (run/journal.go), validate_reply.go a saved reply; validate_live.go chooses
// callbacks, suites (run/suites.go), webhooks.yml and probes, which package play
// makes jobs of. run/process.go is around it with --exec, run/baseline.go knows
// the findings that fail nothing.
//
// `imcb lint` runs the same with files: lint_files.go sorts them by what they hold.
// Package webhooks parses a webhooks.yml (tree.go: YAML as OpenIM reads it), looks at
// it as one release does (view.go, decode.go), says what is on (enabled.go) and runs
// the rules (rule.go has their lists, rule_*.go the rules). Package deployment finds
// the file that a container has, lays its variables over it (overlay.go of webhooks)
// and adds rules of its own.
//
// `imcb trigger` runs the same with a running OpenIM: trigger.go opens its API and a
// receiver, and package trigger makes a job of each operation: prepare, call, wait
// for the callbacks, compare what the caller saw, look for reasons.
//
// How a request flows through `imcb serve`:
//
//  1. serve/serve.go reads the flags and serve/rules.go the rules, serve/listen.go
//     opens the addresses, serve/run.go makes a mock.Mock, serve/announce.go tells
//     where it is.
//  2. simulator.Serve keeps browsers and strangers out. The mock's inspector takes
//     what is below /__imcb, its simulator.Receiver the rest.
//  3. rules.Book chooses the answer; else a simulator.Forwarder asks the receiver
//     behind; else the operation is allowed.
//  4. The receiver judges the request and the reply (package validate).
//  5. The mock passes the exchange to the journal (serve/journal_file.go), the
//     inspector, which counts it, and the log (serve/log.go); then it is answered.
//  6. serve/expect.go compares the counts with what was expected.
package cmd
