package run

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/cmd/shell"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/suite"
	"github.com/spf13/cobra"
)

// SuiteFlags choose suites, and cases within them.
type SuiteFlags struct {
	scenarios []string
	Filter    suite.Filter
	// Cover says how much of what servers send a scenario is played for.
	Cover validate.Coverage
}

// CaseFilters are the flags that choose among the cases of suites.
var CaseFilters = []string{"only", "skip", "tag"}

// Add adds the flags.
func (f *SuiteFlags) Add(c *cobra.Command) {
	flags := c.Flags()
	flags.StringArrayVar(&f.scenarios, "scenario", nil, "play a built-in scenario by `name`, as --server sends it; `imcb list --scenarios` shows them (repeatable)")
	flags.StringArrayVar(&f.Filter.Only, "only", nil, "only cases whose name has this `text`; * and ? match a whole name (repeatable)")
	flags.StringArrayVar(&f.Filter.Skip, "skip", nil, "leave out cases whose name has this `text` (repeatable)")
	flags.StringArrayVar(&f.Filter.Tags, "tag", nil, "only cases with this `tag` (repeatable)")
	shell.CommaList(c, "scenario", "tag")
	shell.Complete(c, shell.SpaceFollows, scenarioWords, "scenario")
}

// Scenarios reports whether there are any.
func (f *SuiteFlags) Scenarios() bool { return len(f.scenarios) > 0 }

// IsSuite reports whether an argument names a suite's file.
func IsSuite(arg string) bool {
	return slices.Contains([]string{".yaml", ".yml", ".json"}, strings.ToLower(filepath.Ext(arg)))
}

// checkTags rejects tags that no case has.
func (f *SuiteFlags) checkTags(suites []*suite.Suite) error {
	var known []string
	for _, s := range suites {
		for _, c := range s.Cases {
			known = append(known, c.Tags...)
		}
	}
	slices.Sort(known)
	known = slices.Compact(known)
	for _, tag := range f.Filter.Tags {
		switch {
		case len(suites) == 0 || slices.Contains(known, tag):
		case len(known) == 0:
			return shell.Usagef("--tag %s: no case has a tag", tag)
		default:
			return shell.Usagef("--tag %s: no case has this tag%s", tag, words.DidYouMeanAny(tag, known))
		}
	}
	return nil
}

// Load reads the suite files among the arguments and the scenarios, and
// returns the other arguments.
func (f *SuiteFlags) Load(args []string, s shell.Streams) (suites []*suite.Suite, names []string, err error) {
	for _, arg := range args {
		if filepath.Ext(arg) == "" {
			names = append(names, arg)
			continue
		}
		if !IsSuite(arg) {
			return nil, nil, shell.Usagef("%s is neither a callback nor a suite: suites end in .yaml, .yml or .json", arg)
		}
		text, err := s.ReadFile(arg)
		if err != nil {
			return nil, nil, err
		}
		one, err := suite.Parse(arg, text, s.Getenv, AllRules())
		if err != nil {
			return nil, nil, err
		}
		suites = append(suites, one)
	}
	if err := f.checkTags(suites); err != nil {
		return nil, nil, err
	}
	for _, name := range f.scenarios {
		one, err := suite.LoadScenario(name)
		if err != nil {
			return nil, nil, shell.Usagef("%w\n  `imcb list --scenarios` shows them", err)
		}
		one.Cover = f.Cover
		suites = append(suites, one)
	}
	return suites, names, nil
}
