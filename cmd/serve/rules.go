package serve

import (
	"fmt"
	"strings"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator/rules"
)

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
