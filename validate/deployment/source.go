package deployment

import (
	"strings"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/webhooks"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// File is one file of a deployment.
type File struct {
	Name string
	Text []byte
}

// source is a file whose values have places.
type source struct {
	name  string
	lines []string
}

func newSource(f File) source { return source{f.Name, yamlfile.Lines(f.Text)} }

// at is where something stands in the source.
func (s source) at(p yamlfile.Place) webhooks.Origin {
	o := webhooks.Origin{Place: validate.Place{File: s.name, Line: max(p.Line, 1), Column: max(p.Col, 1)}}
	if o.Line <= len(s.lines) {
		o.Excerpt = strings.TrimRight(s.lines[o.Line-1], "\r")
	}
	return o
}

// fail is the error of a file that can't be used, its secrets masked.
func (s source) fail(p yamlfile.Place, message words.Text) *yamlfile.Error {
	masked := yamlfile.NewSource(s.name, []byte(validate.MaskText(strings.Join(s.lines, "\n"))))
	return masked.Error(p, message)
}

// failAll is the error of several mistakes; nil if there is none.
func (s source) failAll(problems []yamlfile.Problem) error {
	var all yamlfile.Errors
	for _, p := range problems[:min(len(problems), yamlfile.MaxProblems)] {
		all = append(all, s.fail(p.Place, p.Message))
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

// located is a text and where it stands; the zero value is none.
type located struct {
	text string
	at   webhooks.Origin
}

func (l located) isZero() bool { return l.at.Line == 0 }

// get returns the value below keys; nil when there is none.
func get(n *yamlfile.Node, keys ...string) *yamlfile.Node {
	for _, key := range keys {
		if n == nil {
			return nil
		}
		n = n.Get(key)
	}
	return n
}

// entries are a mapping's; none of what is no mapping, or not there.
func entries(n *yamlfile.Node) []yamlfile.Entry {
	if n == nil {
		return nil
	}
	return n.Entries
}

// items are a list's, or the one value that stands for a list.
func items(n *yamlfile.Node) []*yamlfile.Node {
	if n == nil || n.Kind == yamlfile.Null {
		return nil
	}
	return n.OneOrMany()
}

func text(n *yamlfile.Node) string {
	if n == nil {
		return ""
	}
	return n.Written
}
