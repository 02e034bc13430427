package webhooks

import (
	"fmt"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// File is one configuration file, of any version.
type File struct {
	// Name is the file's name as given to Parse.
	Name string

	lines []string
	root  value
	// wrapper is the callback section, nil if there is none.
	wrapper *member
	// more is where a second document begins, which OpenIM doesn't read.
	more yamlfile.Place
}

// wrapperKey is the section of config.yaml that holds the callbacks in 3.5
// and 3.6.
const wrapperKey = "callback"

// Parse reads webhooks.yml as 3.7 and later have it, config.yaml with the
// callback section of 3.5 and 3.6, or such a section alone. The error names
// the file, line and column and shows the lines around it.
func Parse(name string, text []byte) (*File, error) {
	f := &File{Name: name, lines: yamlfile.Lines(text)}
	c, failed := load(text)
	if failed != nil {
		return nil, f.failure(*failed)
	}
	if c.root.kind == null {
		c.root.kind = mapping
	}
	if c.root.kind != mapping {
		return nil, f.failure(yamlfile.Problem{Place: c.root.Place, Message: `want settings like "url: …", got ` + string(c.root.kind)})
	}
	f.root, f.more = c.root, c.more
	if m := f.root.get(wrapperKey, true); m != nil && m.value.kind == mapping {
		f.wrapper = m
	}
	return f, nil
}

// failure puts the file's name in front of a problem, and its line below.
func (f *File) failure(p yamlfile.Problem) error {
	if p.Line == 0 {
		return fmt.Errorf("%s: %s", f.Name, p.Message)
	}
	return fmt.Errorf("%s:%d:%d: %s\n%s", f.Name, p.Line, p.Col, p.Message, f.excerpt(p.Place))
}

// excerpt shows a line, its secrets masked, with a mark under the column.
func (f *File) excerpt(at yamlfile.Place) string {
	line := validate.MaskText(f.Line(at.Line))
	return narrow(fmt.Sprintf("%4d | %s\n       %s^", at.Line, line, strings.Repeat(" ", min(at.Col-1, len([]rune(line))))))
}

// narrow cuts long lines.
func narrow(text string) string {
	const width = 160
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if r := []rune(line); len(r) > width {
			lines[i] = string(r[:width]) + "…"
		}
	}
	return strings.Join(lines, "\n")
}

// Line returns a line of the file, counted from 1.
func (f *File) Line(n int) string {
	if n < 1 || n > len(f.lines) {
		return ""
	}
	return strings.TrimRight(f.lines[n-1], "\r")
}

// URL returns the address that callbacks go to: the url setting as written.
func (f *File) URL() string {
	if m := f.urlSetting(fixtures.Newest()); m != nil && m.value.kind != list && m.value.kind != mapping {
		return m.value.text
	}
	return ""
}

// urlSetting is the url that version v would read.
func (f *File) urlSetting(v fixtures.Release) *member {
	holder := f.holder(v)
	return holder.get("url", formOf(v) == flat)
}

// Reads reports whether version v reads this file's callbacks at all: 3.5 and
// 3.6 only read a callback section, later versions never do.
func (f *File) Reads(v fixtures.Release) bool {
	if formOf(v) == section {
		return f.wrapper != nil
	}
	return f.wrapper == nil || f.hasFlat()
}

// holder is the mapping whose members are the callbacks: what version v
// reads, or what it would read if the wrapper were right.
func (f *File) holder(v fixtures.Release) *value {
	if f.wrapper == nil || (formOf(v) == flat && f.hasFlat()) {
		return &f.root
	}
	return &f.wrapper.value
}

// hasFlat reports whether callbacks or a url stand outside the wrapper.
func (f *File) hasFlat() bool {
	for _, m := range f.root.members {
		if _, known := flatKeys()[strings.ToLower(m.name)]; known || strings.EqualFold(m.name, "url") {
			return true
		}
	}
	return false
}

// entry is one callback's block.
type entry struct {
	member
	// callback is what the key means in any version; nil if nothing.
	callback *fixtures.Callback
	status   status
}

// entries are the callbacks' blocks in the file's order. Of blocks with the
// same name the last counts.
func (f *File) entries(v fixtures.Release) []entry {
	var all []entry
	holder := f.holder(v)
	last := make(map[string]int, len(holder.members))
	for i, m := range holder.members {
		last[folded(m.name, v)] = i
	}
	for i, m := range holder.members {
		if strings.EqualFold(m.name, "url") || (holder == &f.root && strings.EqualFold(m.name, wrapperKey)) {
			continue
		}
		if last[folded(m.name, v)] != i {
			continue
		}
		e := entry{member: m, callback: meaningOf(m.name)}
		e.status = statusOf(m.name, e.callback, v)
		all = append(all, e)
	}
	return all
}

// setting returns an entry's setting, or nil.
func (e *entry) setting(name string, v fixtures.Release) *member {
	return e.value.get(name, formOf(v) == flat)
}
