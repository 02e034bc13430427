package webhooks_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/webhooks"
	"github.com/stretchr/testify/assert"
)

// What imcb takes for a release's own file has the settings of the real one, so
// that the same variables have an effect.
func TestShippedFilesHaveTheRealSettings(t *testing.T) {
	for v := range shipped {
		own, made := parse(t, readShipped(t, v)), webhooks.Shipped(v, webhooks.Origin{})
		if !v.Config().Flat {
			assert.True(t, made.Reads(v))
			continue // reads no variables
		}
		names := slices.DeleteFunc(own.Variables(), func(name string) bool { // main has two that nothing reads
			return strings.Contains(name, "_AFTER") && strings.HasSuffix(name, "_FAILEDCONTINUE")
		})
		assert.ElementsMatch(t, names, made.Variables(), v)
		assert.Equal(t, own.URL(), made.URL(), v)
		assert.Empty(t, made.SwitchedOn(v), v)
	}
}

func variable(name, value string) webhooks.Variable {
	return webhooks.Variable{Name: name, Value: value, Origin: webhooks.Origin{Place: validate.Place{File: "compose.yaml", Line: 7, Column: 9}, Excerpt: "      - " + name + "=" + value}}
}

func TestVariablesWinOverTheFile(t *testing.T) {
	file := webhooks.Shipped(fixtures.V383, webhooks.Origin{Place: validate.Place{File: "compose.yaml", Line: 3, Column: 12}})
	read, ignored := file.Under([]webhooks.Variable{
		variable("IMENV_WEBHOOKS_URL", "http://hooks:8080/cb"), variable("IMENV_WEBHOOKS_BEFOREADDFRIEND_ENABLE", "1"),
		variable("IMENV_WEBHOOKS_BEFOREADDFRIEND_TIMEOUT", ""), variable("IMENV_WEBHOOKS_AFTERSENDGROUPMSG_ATTENTIONIDS", "nobody"),
		variable("IMENV_WEBHOOKS_AFTERADDFRIEND_ENABLE", "false"), variable("IMENV_WEBHOOKS_AFTERADDFRIEND_ENABLE", "true"),
	})
	assert.Equal(t, "http://hooks:8080/cb", read.URL())
	var on []string
	for _, e := range read.Enabled(fixtures.V383) {
		on = append(on, e.Key)
		assert.Equal(t, 7, e.Line)
		assert.Equal(t, validate.DefaultTimeout, e.Timeout)
	}
	assert.ElementsMatch(t, []string{"beforeAddFriend", "afterAddFriend"}, on)
	if assert.Len(t, ignored, 1, "v3.8.3's file has no such list") {
		assert.Equal(t, "IMENV_WEBHOOKS_AFTERSENDGROUPMSG_ATTENTIONIDS", ignored[0].Name)
	}
	assert.Empty(t, file.SwitchedOn(fixtures.V383), "the file is as it was")
}

// A finding is made where the variable stands.
func TestFindingsNameTheVariable(t *testing.T) {
	read, _ := webhooks.Shipped(fixtures.V383, webhooks.Origin{Place: validate.Place{File: "compose.yaml", Line: 3, Column: 12}}).
		Under([]webhooks.Variable{variable("IMENV_WEBHOOKS_BEFOREADDFRIEND_ENABLE", "yes")})
	f := only(t, "lint-value-type", read.Lint(webhooks.LintOptions{Server: fixtures.V383}), "")
	assert.Equal(t, validate.Place{File: "compose.yaml", Line: 7, Column: 9, Pointer: "/beforeAddFriend/enable"}, f.Place)
	assert.Equal(t, "      - IMENV_WEBHOOKS_BEFOREADDFRIEND_ENABLE=yes", f.Excerpt)
	assert.True(t, f.Fatal)
	f = only(t, "lint-nothing-enabled", read.Lint(webhooks.LintOptions{Server: fixtures.V383}), "")
	assert.Equal(t, 3, f.Place.Line)
}
