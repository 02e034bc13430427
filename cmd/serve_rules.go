package cmd

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator/rules"
)

// openRules reads the rules of the flags and of the file.
func (s *serving) openRules() (err error) {
	var text []byte
	if s.rules != "" {
		s.ruleFile = &ruleFile{name: s.rules}
		if text, _, err = s.ruleFile.changed(); err != nil {
			return usageError(err)
		}
	}
	s.book, err = rules.New(s.rules, text, rules.Options{Server: s.server.Release, Timeout: s.timeout, Seed: s.seed, Flags: s.answers})
	if err != nil {
		return usageError(err)
	}
	return nil
}

// takeRules takes what the file holds now, or err for it, and says what became
// of it; of a mistake once.
func (s *serving) takeRules(text []byte, err error) {
	before := s.book.Problem()
	if err == nil {
		err = s.book.Load(text)
	} else {
		s.book.Fail(err)
	}
	if err != nil && err.Error() == before {
		return
	}
	s.inspector.RulesChanged(err)
	if err != nil {
		s.say("rules", fmt.Sprintf("the rules stay as they were: %v", err))
		return
	}
	s.say("rules", fmt.Sprintf("%s from %s", words.Count(s.book.Len(), "rule"), s.rules))
}

// reportRules prints what the rules do.
func (s *serving) reportRules() error {
	all := s.book.Rules()
	if len(all) == 0 {
		return usagef("--check-rules: there are no rules: name a file with --rules")
	}
	for _, r := range all {
		callbacks := strings.Join(r.Callbacks, ", ")
		if callbacks == "" {
			callbacks = "any callback"
		}
		fmt.Fprintf(s.app.Out, "%s: %s: %s\n", r.Name, callbacks, r.Does)
	}
	fmt.Fprintf(s.app.Out, "%s, no mistake\n", words.Count(len(all), "rule"))
	return nil
}

// ruleFile is the file of --rules as it was last looked at.
type ruleFile struct {
	name    string
	text    []byte
	away    bool // it could not be read
	modTime time.Time
	size    int64
}

// lookEvery is how often the file is looked at for changes.
const lookEvery = 500 * time.Millisecond

// watch tells of each change of the file until ctx is done. A file that can't
// be read is told of at every look.
func (f *ruleFile) watch(ctx context.Context, tell func(text []byte, err error)) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if text, ok, err := f.changed(); ok || err != nil {
				tell(text, err)
			}
		}
	}
}

// changed returns the file's text if it is another one than at the last look,
// or if the file was away then.
func (f *ruleFile) changed() (text []byte, ok bool, err error) {
	info, err := os.Stat(f.name)
	switch {
	case err != nil:
		err = fmt.Errorf("--rules: %w", err)
	case !f.away && info.ModTime().Equal(f.modTime) && info.Size() == f.size:
		return nil, false, nil
	default:
		text, err = f.read(info)
	}
	cameBack := f.away && err == nil
	f.away = err != nil
	if err != nil || !cameBack && bytes.Equal(text, f.text) {
		return nil, false, err
	}
	f.text = text
	return text, true, nil
}

// read reads the file, unless its look forbids, and notes that.
func (f *ruleFile) read(info os.FileInfo) ([]byte, error) {
	switch {
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("--rules %s is not a file", f.name)
	case info.Size() == 0: // an editor may be about to write it
		return nil, fmt.Errorf("--rules %s is empty; `imcb serve --init` writes an example", f.name)
	case info.Size() > rules.MaxSize:
		return nil, fmt.Errorf("--rules %s is larger than %d bytes", f.name, rules.MaxSize)
	}
	f.modTime, f.size = info.ModTime(), info.Size()
	return os.ReadFile(f.name)
}
