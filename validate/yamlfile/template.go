package yamlfile

import "strings"

// Template is text with references, "${…}". R is what a reference is read into.
type Template[R any] struct {
	Place
	Parts []Part[R]
}

// Part is a piece of a template: text, or a reference.
type Part[R any] struct {
	Text      string
	Reference *R
}

// Read reads the template from a scalar, and calls reference with what is inside
// of each; "$${" stands for "${" itself.
func (t *Template[R]) Read(d Decoder, n *Node, reference func(inside string)) {
	t.Place = n.Place
	rest := n.Written
	if n.Kind == Text {
		rest = n.Text
	}
	for {
		before, after, found := strings.Cut(rest, "${")
		if !found {
			t.Add(rest)
			return
		}
		if escaped, ok := strings.CutSuffix(before, "$"); ok { // $${
			t.Add(escaped + "${")
			rest = after
			continue
		}
		t.Add(before)
		inside, end, closed := cutBrace(after)
		if !closed {
			d.Fail(n.Place, say("reference.open"))
			return
		}
		reference(inside)
		rest = end
	}
}

// cutBrace cuts a text at the brace that closes the one before it.
func cutBrace(s string) (inside, rest string, closed bool) {
	open := 1
	for i, c := range s {
		switch c {
		case '{':
			open++
		case '}':
			if open--; open == 0 {
				return s[:i], s[i+1:], true
			}
		}
	}
	return s, "", false
}

// Add appends text, to the last part if that is text, too.
func (t *Template[R]) Add(s string) {
	if n := len(t.Parts); n > 0 && t.Parts[n-1].Reference == nil {
		t.Parts[n-1].Text += s
	} else if s != "" {
		t.Parts = append(t.Parts, Part[R]{Text: s})
	}
}

// AddReference appends a reference.
func (t *Template[R]) AddReference(r *R) { t.Parts = append(t.Parts, Part[R]{Reference: r}) }

// Fixed returns the text of a template without references.
func (t *Template[R]) Fixed() (string, bool) {
	switch {
	case len(t.Parts) == 0:
		return "", true
	case len(t.Parts) == 1 && t.Parts[0].Reference == nil:
		return t.Parts[0].Text, true
	default:
		return "", false
	}
}

// Whole returns the reference of a template that is nothing else.
func (t *Template[R]) Whole() *R {
	if len(t.Parts) == 1 {
		return t.Parts[0].Reference
	}
	return nil
}
