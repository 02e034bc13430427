package webhooks

import (
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// File is one configuration file, of any version.
type File struct {
	// Name is the file's name as given to Parse.
	Name string

	configuration
	lines []string
	// wrapper is the callback section, nil if there is none.
	wrapper *member
	// at is where all of the settings stand; nil: each in its own line. origins are
	// those of variables, inset is where the file begins in another.
	at      *Origin
	origins []Origin
	inset   yamlfile.Place
	// runs is where OpenIM runs.
	runs Runs
}

// Runs says where the OpenIM runs that reads a file: what a loopback address is.
type Runs int

// Where it runs. The zero value: one can't tell.
const (
	Anywhere Runs = iota
	// InContainer: in a container with a network of its own.
	InContainer
	// OnHost: on the machine itself, or in a container with the machine's network.
	OnHost
)

// On returns the file as an OpenIM reads it that runs there.
func (f *File) On(runs Runs) *File {
	running := *f
	running.runs = runs
	return &running
}

// In returns the file as a part of another one, where it begins behind so many
// lines and columns.
func (f *File) In(name string, text []byte, lines, columns int) *File {
	part := *f
	part.Name, part.lines, part.inset = name, yamlfile.Lines(text), yamlfile.Place{Line: lines, Col: columns}
	return &part
}

// wrapperKey is the section of config.yaml that holds the callbacks in 3.5
// and 3.6.
const wrapperKey = "callback"

// Parse reads webhooks.yml as 3.7 and later have it, config.yaml with the
// callback section of 3.5 and 3.6, or such a section alone. The error is a
// *yamlfile.Error, its secrets masked.
func Parse(name string, text []byte) (*File, error) {
	f := &File{Name: name, lines: yamlfile.Lines(text)}
	var failed *yamlfile.Problem
	if f.configuration, failed = load(text); failed != nil {
		masked := yamlfile.NewSource(name, []byte(validate.MaskText(strings.Join(f.lines, "\n"))))
		return nil, masked.Error(failed.Place, failed.Message)
	}
	f.findWrapper()
	return f, nil
}

func (f *File) findWrapper() {
	f.wrapper = nil
	if m := f.root.get(wrapperKey, true); m != nil && m.value.kind == yamlfile.Mapping {
		f.wrapper = m
	}
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
	if url := f.as(fixtures.Newest()).url; url != nil {
		return url.value.text
	}
	return ""
}

// URLAt is where the url stands, or the whole file if there is none.
func (f *File) URLAt() Origin {
	if url := f.as(fixtures.Newest()).url; url != nil {
		return f.where(url.value.Place)
	}
	return f.where(f.root.Place)
}

// Reads reports whether version v reads this file's callbacks at all: 3.5 and
// 3.6 only read a callback section, later versions never do.
func (f *File) Reads(v fixtures.Release) bool { return f.as(v).reads() }

// hasFlat reports whether callbacks or a url stand outside the wrapper.
func (f *File) hasFlat() bool {
	return slices.ContainsFunc(f.root.members, func(m member) bool { return strings.EqualFold(m.name, "url") || isFlatKey(m.name) })
}
