package trigger

import (
	"encoding/json"
	"regexp"
	"slices"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate/suite"
	"github.com/stretchr/testify/assert"
	"github.com/tidwall/gjson"
)

// Every callback that a release sends can be triggered, once.
func TestEveryCallbackHasAnOperation(t *testing.T) {
	for _, v := range fixtures.Releases() {
		choices, left := Choose(fixtures.SentBy(v), v)
		assert.Empty(t, words.Names(left, func(c *fixtures.Callback) string { return c.Key }), v)
		n := 0
		for _, c := range choices {
			n += len(c.Callbacks)
		}
		assert.Len(t, fixtures.SentBy(v), n, v)
	}
}

// What the table names is there: scenarios, callbacks, their fields, preparations;
// and no value is left out.
func TestTheTable(t *testing.T) {
	scenarios := words.Names(suite.Scenarios(), func(s suite.Scenario) string { return s.Name })
	placeholder := regexp.MustCompile(`\{[a-z]+\}`)
	for _, o := range operations().Operations {
		assert.Contains(t, scenarios, o.Name)
		for _, name := range o.Prepare {
			assert.Contains(t, operations().Preparations, name, o.Name)
		}
		for _, c := range slices.Concat(o.preparation(), o.Calls) {
			filled := c.filled(newValues())
			assert.NotRegexp(t, placeholder, filled.As+filled.Path+filled.UntilData)
			assert.NotRegexp(t, placeholder, filled.Body, o.Name)
			assert.True(t, filled.Socket != "" || json.Valid([]byte(filled.Body)), "%s: %s", o.Name, filled.Body)
			for _, f := range c.Fires {
				checkFire(t, o.Name, f)
			}
		}
	}
}

func checkFire(t *testing.T, operation string, f fire) {
	t.Helper()
	assert.NotEmpty(t, f.Where, "%s: how is it found?", operation)
	for _, key := range f.Callbacks {
		c, ok := fixtures.Find(key)
		if !assert.True(t, ok && c.Key == key, "%s: %s", operation, key) {
			continue
		}
		for _, v := range fixtures.Releases() {
			p, err := c.Payload(fixtures.PayloadOptions{Server: v})
			assert.NoError(t, err)
			for field := range f.Where {
				assert.True(t, gjson.GetBytes(p.Body, field).Exists() || !c.SentBy(v), "%s of %s has no %s", key, v, field)
			}
		}
	}
}

// A value from outside, such as a secret, can't end the JSON text that it is in.
func TestValuesAreQuoted(t *testing.T) {
	c := operations().Login.Admin[0].filled(map[string]string{"secret": `a"b\c{admin}"`, "admin": "imAdmin"})
	assert.Equal(t, `a"b\c{admin}"`, gjson.Get(c.Body, "secret").String())
}

func TestTheNearestScenarioIsNamed(t *testing.T) {
	_, err := ChooseScenario("add-frend", fixtures.Newest())
	assert.EqualError(t, err, `unknown scenario "add-frend": did you mean add-friend?`)
}

// Older releases give tokens elsewhere.
func TestLoginsAreByRelease(t *testing.T) {
	for _, v := range fixtures.Releases() {
		assert.Len(t, in(operations().Login.Admin, v), 1, v)
		assert.Len(t, in(operations().Login.User, v), 1, v)
	}
}
