package play

import (
	"slices"

	"github.com/imcb-dev/imcb/fixtures"
)

// shrink leaves out what is not needed of the differences of a request that
// fails: what it returns fails, too, and would not without any one of them. Fails
// asks about fewer of them, in their order; what can't be asked does not fail.
func shrink(differs []fixtures.Difference, fails func([]fixtures.Difference) bool) []fixtures.Difference {
	for size := (len(differs) + 1) / 2; size > 0; {
		fewer, less := without(differs, size, fails)
		differs = fewer
		switch {
		case size > 1:
			size /= 2
		case !less:
			return differs
		}
	}
	return differs
}

// without leaves out as many runs of that size as it can, and reports whether it
// could any.
func without(differs []fixtures.Difference, size int, fails func([]fixtures.Difference) bool) (left []fixtures.Difference, less bool) {
	for at := 0; at < len(differs); {
		fewer := slices.Concat(differs[:at], differs[min(at+size, len(differs)):])
		if fails(fewer) {
			differs, less = fewer, true
		} else {
			at += size
		}
	}
	return differs, less
}
