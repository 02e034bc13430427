package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate/suite"
)

// savedSuite is a new suite file that gets cases while a run finds them.
type savedSuite struct {
	name, head string
	file       *os.File
	names      map[string]int
	cases      int
	err        error
}

// newSavedSuite makes the file of --save, which must not be there. Head is what
// stands before its cases.
func newSavedSuite(name, head string) (*savedSuite, error) {
	if ext := filepath.Ext(name); ext != ".yaml" && ext != ".yml" {
		return nil, shell.Usagef("--save %s: a suite that is written ends in .yaml", name)
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return nil, shell.Usagef("--save %s: there is such a file, which is kept; name another one, or move it away", name)
	}
	if err != nil {
		return nil, shell.Machine(err)
	}
	return &savedSuite{name: name, head: head, file: file, names: make(map[string]int)}, nil
}

// add writes a case at once, under a name that no other has.
func (s *savedSuite) add(d suite.Draft) {
	if s.names[d.Name]++; s.names[d.Name] > 1 {
		d.Name = fmt.Sprintf("%s #%d", d.Name, s.names[d.Name])
	}
	text := d.String()
	if s.cases++; s.cases == 1 {
		text = s.head + "cases:\n" + text
	}
	if _, err := s.file.WriteString(text); s.err == nil {
		s.err = err
	}
}

// close ends the file and says what to do with it; one without cases goes away.
// The error says why it could not be written, unless err, the run's own, is
// there.
func (s *savedSuite) close(streams shell.Streams, err error) error {
	failed := errors.Join(s.err, s.file.Close())
	if s.cases == 0 {
		failed = errors.Join(failed, os.Remove(s.name))
	}
	switch {
	case failed != nil && err == nil:
		return shell.Machinef("--save: %w", failed)
	case s.cases > 0:
		const saved = "imcb: %s saved: `imcb validate %s` fails until the receiver is mended\n"
		fmt.Fprintf(streams.Err, saved, words.Count(s.cases, "case"), s.name)
	}
	return err
}
