package serve

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator/rules"
)

// ruleFile is the file of --rules as it was last looked at.
type ruleFile struct {
	name string
	text []byte
	away bool // it could not be read
}

// watch tells of each change of the file until ctx is done. One that can't be
// read is told of at every look.
func (f *ruleFile) watch(ctx context.Context, tell func(text []byte, err error)) {
	shell.Watch(ctx, []string{f.name}, shell.LookEvery, func() {
		if text, ok, err := f.changed(); ok || err != nil {
			tell(text, err)
		}
	})
}

// changed returns the file's text if it is another one than at the last look,
// or if the file was away then.
func (f *ruleFile) changed() (text []byte, ok bool, err error) {
	text, err = f.read()
	if ok = err == nil && (f.away || !bytes.Equal(text, f.text)); ok {
		f.text = text
	}
	f.away = err != nil
	return text, ok, err
}

func (f *ruleFile) read() ([]byte, error) {
	info, err := os.Stat(f.name)
	switch {
	case err != nil:
		return nil, fmt.Errorf("--rules: %w", err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("--rules %s is not a file", f.name)
	case info.Size() == 0: // an editor may be about to write it
		return nil, fmt.Errorf("--rules %s is empty; `imcb serve --init` writes an example", f.name)
	case info.Size() > rules.MaxSize:
		return nil, fmt.Errorf("--rules %s is larger than %d bytes", f.name, rules.MaxSize)
	}
	return os.ReadFile(f.name)
}

func (s *serving) openRules() (err error) {
	var text []byte
	if s.rules != "" {
		s.ruleFile = &ruleFile{name: s.rules}
		if text, _, err = s.ruleFile.changed(); err != nil {
			return err
		}
	}
	s.receiver.Rules, err = rules.New(s.rules, text, rules.Options{Server: s.server, Timeout: s.timeout, Seed: s.seed, Flags: s.answers})
	return err
}

// takeRules takes what the file holds now, or err for it, and says what became
// of it; of a mistake once.
func (s *serving) takeRules(text []byte, err error) {
	before := s.receiver.Rules.Problem()
	if err == nil {
		err = s.receiver.Rules.Load(text)
	} else {
		s.receiver.Rules.Fail(err)
	}
	if err != nil && err.Error() == before {
		return
	}
	s.mock.RulesChanged(err)
	if err != nil {
		s.say("rules", fmt.Sprintf("the rules stay as they were: %v", err))
		return
	}
	s.say("rules", fmt.Sprintf("%s from %s", words.Count(s.receiver.Rules.Len(), "rule"), s.rules))
}

func (s *serving) reportRules() error {
	all := s.receiver.Rules.Rules()
	if len(all) == 0 {
		return shell.Usagef("--check-rules: there are no rules: name a file with --rules")
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
