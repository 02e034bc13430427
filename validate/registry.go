package validate

import (
	"fmt"
	"strings"

	"github.com/imcb-dev/imcb/fixtures/words"
)

// Registry is the rules that findings may be of, in the order in which they are
// listed. Nil stands for Rules().
type Registry []*Rule

// NewRegistry makes one registry of the rules of several packages. It panics
// when two have the same id, which is a mistake in the program.
func NewRegistry(lists ...[]*Rule) Registry {
	var all Registry
	ids := make(map[string]bool)
	for _, list := range lists {
		for _, rule := range list {
			if ids[rule.ID] {
				panic("two rules have the id " + rule.ID)
			}
			ids[rule.ID] = true
			all = append(all, rule)
		}
	}
	return all
}

// Rules are those of the registry.
func (r Registry) Rules() []*Rule {
	if r == nil {
		return Rules()
	}
	return r
}

// IDs are the ids of the rules.
func (r Registry) IDs() []string {
	return words.Names(r.Rules(), func(rule *Rule) string { return rule.ID })
}

// Lookup finds a rule by its id, in any letter case. The error names the
// nearest ones.
func (r Registry) Lookup(id string) (*Rule, error) {
	return words.Find("rule", id, r.Rules(), func(rule *Rule) string { return rule.ID })
}

// Overrides reads changed severities, each as "id=severity". Of several for one
// rule, the last counts.
func (r Registry) Overrides(given []string) (Overrides, error) {
	o := make(Overrides, len(given))
	for _, one := range given {
		id, severity, ok := strings.Cut(one, "=")
		if !ok {
			return nil, fmt.Errorf("want name=severity, for example errcode-range=warning, not %q", one)
		}
		rule, err := r.Lookup(id)
		if err != nil {
			return nil, err
		}
		if o[rule.ID], err = ParseSeverity(severity); err != nil {
			return nil, fmt.Errorf("%s: %w", rule.ID, err)
		}
	}
	return o, nil
}
