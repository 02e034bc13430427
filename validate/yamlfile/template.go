package yamlfile

import (
	"errors"
	"strings"
)

// ErrOpenReference is the error of SplitTemplate for "${" without its "}".
var ErrOpenReference = errors.New("${ without its }; to mean the text itself, write $${")

// SplitTemplate cuts text at its references, "${…}", and calls text and
// reference with the pieces in their order; "$${" stands for "${" itself. Text
// may come in several pieces, and empty.
func SplitTemplate(s string, text, reference func(piece string)) error {
	for {
		before, after, found := strings.Cut(s, "${")
		if !found {
			text(s)
			return nil
		}
		if escaped, ok := strings.CutSuffix(before, "$"); ok { // $${
			text(escaped + "${")
			s = after
			continue
		}
		text(before)
		inside, rest, closed := strings.Cut(after, "}")
		if !closed {
			return ErrOpenReference
		}
		reference(inside)
		s = rest
	}
}
