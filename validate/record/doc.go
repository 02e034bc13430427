// Package record reads what was recorded of callbacks and makes exchanges of it:
// the lines of a journal, which `imcb serve --journal` and simulator.Journal
// write. It reads from io.Readers only, and opens nothing.
package record
