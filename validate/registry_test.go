package validate_test

import (
	"testing"

	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRegistryLookup(t *testing.T) {
	registry := validate.NewRegistry(validate.Rules(), []*validate.Rule{{ID: "of-mine"}})
	for _, r := range []validate.Registry{nil, registry} {
		rule, err := r.Lookup("No-Route")
		require.NoError(t, err)
		assert.Equal(t, "no-route", rule.ID)
		_, err = r.Lookup("errcode-rnage")
		assert.EqualError(t, err, `unknown rule "errcode-rnage": did you mean errcode-range?`)
		_, err = r.Lookup("qqqqqqqqqqqqqq")
		assert.EqualError(t, err, `unknown rule "qqqqqqqqqqqqqq"`)
	}
	_, err := registry.Lookup("of-mine")
	require.NoError(t, err)
	_, err = validate.Registry(nil).Lookup("of-mine")
	require.Error(t, err, "nil has the rules of the package only")
	assert.Equal(t, append(validate.Registry(nil).IDs(), "of-mine"), registry.IDs())
}

func TestRegistryHasEachIDOnce(t *testing.T) {
	assert.PanicsWithValue(t, "two rules have the id slow", func() {
		validate.NewRegistry(validate.Rules(), []*validate.Rule{{ID: "slow"}})
	})
}

func TestRegistryOverrides(t *testing.T) {
	o, err := validate.Registry(nil).Overrides([]string{"Slow=off", "errcode-range=warning", "slow=error"})
	require.NoError(t, err)
	assert.Equal(t, validate.Overrides{"slow": validate.Error, "errcode-range": validate.Warning}, o)
	for given, want := range map[string]string{
		"slow":       `want name=severity, for example errcode-range=warning, not "slow"`,
		"slwo=off":   `unknown rule "slwo": did you mean slow?`,
		"slow=fatal": `slow: unknown severity "fatal": use one of error, warning, note, off`,
	} {
		_, err := validate.Registry(nil).Overrides([]string{given})
		assert.EqualError(t, err, want)
	}
}

// Those that are off go, the others are ordered anew: the worst first, then what
// stands in a file by its lines.
func TestOverridesApply(t *testing.T) {
	at := func(rule string, line int) validate.Finding {
		return validate.Finding{Rule: rule, Severity: validate.Error, About: validate.AboutFile, Place: validate.Place{Line: line}}
	}
	o := validate.Overrides{"a": validate.Note, "b": validate.Off}
	lines := o.Apply([]validate.Finding{at("a", 1), at("b", 2), at("d", 4), at("c", 3)})
	require.Len(t, lines, 3)
	assert.Equal(t, []string{"c", "d", "a"}, []string{lines[0].Rule, lines[1].Rule, lines[2].Rule})
	replies := o.Apply([]validate.Finding{{Rule: "a", Severity: validate.Error}, {Rule: "c", Severity: validate.Warning}})
	require.Len(t, replies, 2)
	assert.Equal(t, []string{"c", "a"}, []string{replies[0].Rule, replies[1].Rule})
	assert.Equal(t, validate.Note, replies[1].Severity)
}
