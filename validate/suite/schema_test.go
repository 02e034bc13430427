package suite_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/suite"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

// The folder schematest holds the schema against suite files with a validator
// of its own; here is what needs none.

func TestSchemaIsWellFormed(t *testing.T) {
	require.True(t, json.Valid(suite.Schema(nil)))
	schema := gjson.ParseBytes(suite.Schema(nil))
	assert.Equal(t, "https://json-schema.org/draft/2020-12/schema", schema.Get("$schema").Str)
	for _, ref := range references(schema) {
		name, ok := strings.CutPrefix(ref, "#/$defs/")
		require.True(t, ok, ref)
		assert.True(t, schema.Get("$defs."+name).Exists(), ref)
	}
}

// references collects the values of "$ref".
func references(v gjson.Result) []string {
	var all []string
	v.ForEach(func(key, value gjson.Result) bool {
		if key.Str == "$ref" && value.Type == gjson.String {
			all = append(all, value.Str)
		} else if value.IsObject() || value.IsArray() {
			all = append(all, references(value)...)
		}
		return true
	})
	return all
}

func TestSchemaDescribesEachKey(t *testing.T) {
	schema := gjson.ParseBytes(suite.Schema(nil))
	for _, path := range []string{"properties", "$defs.case.properties", "$defs.step.properties", "$defs.expect.properties"} {
		properties := schema.Get(path)
		require.NotEmpty(t, properties.Map(), path)
		properties.ForEach(func(key, value gjson.Result) bool {
			assert.NotEmpty(t, value.Get("description").Str, "%s.%s", path, key)
			return true
		})
	}
}

// TestSchemaHasTheKeysOfParse asks Parse for its keys: the message about an
// unknown one has them.
func TestSchemaHasTheKeysOfParse(t *testing.T) {
	schema := gjson.ParseBytes(suite.Schema(nil))
	places := map[string]string{
		"properties":              "qqqqqqqqq: 1\ncases: [{send: beforeAddFriend}]",
		"$defs.case.properties":   "cases: [{send: beforeAddFriend, qqqqqqqqq: 1}]",
		"$defs.step.properties":   "cases: [{steps: [{send: beforeAddFriend, qqqqqqqqq: 1}]}]",
		"$defs.expect.properties": "cases: [{send: beforeAddFriend, expect: {qqqqqqqqq: 1}}]",
	}
	for path, text := range places {
		_, err := suite.Parse("x", []byte(text), nil, nil)
		var one *suite.Error
		require.ErrorAs(t, err, &one)
		near, ok := one.Message.Arg("near").(words.Text)
		require.True(t, ok)
		var properties []string
		schema.Get(path).ForEach(func(key, _ gjson.Result) bool {
			properties = append(properties, key.Str)
			return true
		})
		assert.ElementsMatch(t, near.Arg("names"), properties, path)
	}
}

func TestSchemaKnowsEveryRule(t *testing.T) {
	schema := gjson.ParseBytes(suite.Schema(nil))
	assert.Len(t, schema.Get("$defs.rule.enum").Array(), len(validate.Rules())+len(suite.Rules()))
	few := gjson.ParseBytes(suite.Schema(validate.Registry{{ID: "of-mine"}}))
	assert.JSONEq(t, `["of-mine"]`, few.Get("$defs.rule.enum").Raw)
}

func TestSchemaTakesTheWordForNoFinding(t *testing.T) {
	findings := gjson.GetBytes(suite.Schema(nil), "$defs.expect.properties.findings.anyOf.#.enum")
	assert.JSONEq(t, `[["none"]]`, findings.Raw)
	assert.Empty(t, gjson.GetBytes(suite.Schema(nil), "$defs.expect.properties.allow.anyOf.#.enum").Array(), "there it means nothing")
}
