// Package run is what the commands share that judge something: groups of flags
// for the target, the payload, the judging, the output and the suites; the
// files that results go to, the baseline, and the receiver of --exec.
package run
