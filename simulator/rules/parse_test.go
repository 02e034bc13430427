package rules_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator/rules"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// parse reads a rule file for the default version.
func parse(t testing.TB, text string) *rules.Book {
	t.Helper()
	seed := uint64(7)
	s, err := rules.New("rules.yaml", []byte(text), rules.Options{Server: validate.On(fixtures.DefaultRelease), Seed: &seed})
	require.NoError(t, err)
	return s
}

func files(t testing.TB, pattern string) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", pattern))
	require.NoError(t, err)
	found := make(map[string][]byte)
	for _, name := range names {
		if ext := filepath.Ext(name); ext == ".yaml" || ext == ".json" {
			found[name], err = os.ReadFile(name)
			require.NoError(t, err)
		}
	}
	require.NotEmpty(t, found)
	return found
}

func TestEachMistakeHasItsMessage(t *testing.T) {
	for name, text := range files(t, "bad/*/*") {
		t.Run(filepath.Base(name), func(t *testing.T) {
			_, err := rules.New(filepath.Base(name), text, rules.Options{Server: validate.On(fixtures.DefaultRelease)})
			require.Error(t, err)
			assert.NotContains(t, err.Error(), "\x1b")
			golden(t, name+".golden", err.Error()+"\n")
		})
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

func TestParseReadsGoodFiles(t *testing.T) {
	for name, text := range files(t, "good/*") {
		for _, v := range []fixtures.Release{fixtures.DefaultRelease, fixtures.Main} {
			_, err := rules.New(name, text, rules.Options{Server: validate.On(v)})
			assert.NoError(t, err, "%s for %s", name, v)
		}
	}
}

func TestTheExampleParses(t *testing.T) {
	s, err := rules.New("imcb-rules.yaml", rules.Example(), rules.Options{Server: validate.On(fixtures.DefaultRelease)})
	require.NoError(t, err)
	assert.Equal(t, 8, s.Len())
	assert.True(t, strings.HasPrefix(string(rules.Example()), "# yaml-language-server: $schema=./"+rules.SchemaFile+"\n"))
}

func TestParseWithoutAFile(t *testing.T) {
	s, err := rules.New("", nil, rules.Options{})
	require.NoError(t, err)
	assert.Zero(t, s.Len())
}

func TestParseHasLimits(t *testing.T) {
	_, err := rules.New("big", []byte(strings.Repeat(" ", rules.MaxSize+1)), rules.Options{})
	assert.EqualError(t, err, "big: the file has 1048577 bytes, more than the limit of 1048576")
	many := "rules: [" + strings.Repeat("{delay: 5ms}, ", rules.MaxAnswers+1) + "]"
	_, err = rules.New("many", []byte(many), rules.Options{})
	assert.ErrorContains(t, err, "a rule file has at most 1000 rules and answers")
}

func TestErrorsHaveTheirPlace(t *testing.T) {
	_, err := rules.New("r.yaml", []byte("rules:\n  - alow: true\n"), rules.Options{})
	var all rules.Errors
	require.ErrorAs(t, err, &all)
	require.Len(t, all, 1)
	assert.Equal(t, &rules.Error{File: "r.yaml", Line: 2, Column: 5, Message: all[0].Message, Excerpt: "   2 |   - alow: true\n     |     ^~~~"}, all[0])
	assert.Equal(t, "key.unknown key=alow table=(what.rule) near=(did-you-mean names=[allow])", said(all[0].Message))
}

func TestWhatIsWrongDependsOnTheVersion(t *testing.T) {
	const text = "rules: [{match: {callback: beforeAddFriend}, raw: {body: ''}}]"
	_, err := rules.New("r", []byte(text), rules.Options{Server: validate.On(fixtures.Main)})
	assert.ErrorContains(t, err, "this reply to beforeAddFriend is wrong for OpenIM main (outcome fail)")
	_, err = rules.New("r", []byte(text), rules.Options{Server: validate.On(fixtures.V35)})
	assert.ErrorContains(t, err, "this reply to beforeAddFriend is wrong for OpenIM 3.5: ")
	_, err = rules.New("r", []byte(text), rules.Options{})
	assert.ErrorContains(t, err, "this reply to beforeAddFriend is wrong for OpenIM 3.8.3-patch.16 (outcome fail)")
}

func TestValuesThatNoAnswerTakes(t *testing.T) {
	for text, want := range map[string]string{
		`raw: {headers: {X-A: "a\nb"}}`:    "header.value",
		"sequence: [x, {allow: true}]":     "kind what=(what.answer) got=(kind.text)",
		`raw: {headers: {X-A: "a\u007f"}}`: "header.value",
	} {
		_, err := rules.New("r", []byte("rules: [{match: {callback: beforeAddFriend}, "+text+"}]"), rules.Options{Server: validate.On(fixtures.DefaultRelease)})
		var all rules.Errors
		require.ErrorAs(t, err, &all, text)
		require.Len(t, all, 1, text)
		assert.Equal(t, want, said(all[0].Message))
	}
}

func TestSchemaLetsOnlyOneAnswerStand(t *testing.T) {
	either := gjson.GetBytes(rules.Schema(), "$defs.rule.oneOf")
	require.NotEmpty(t, either.Array())
	var sequence gjson.Result
	for _, one := range either.Array() {
		if one.Get("required.0").Str == "sequence" {
			sequence = one
		}
	}
	assert.Contains(t, sequence.Get("not.anyOf.#.required.0").Raw, `"refuse"`)
}
