package suite_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/suite"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// environment is the environment of the tests.
func environment(name string) string {
	return map[string]string{"SECRET": "hunter2!", "TOKEN": `to"k<en`, "HOME": "/root", "SHORT": "abc"}[name]
}

func parse(t *testing.T, text string) *suite.Suite {
	t.Helper()
	s, err := suite.Parse("suite.yaml", []byte(text), environment, nil)
	require.NoError(t, err)
	return s
}

// files returns the suites below testdata that match a pattern.
func files(t *testing.T, pattern string) []string {
	t.Helper()
	var found []string
	for _, ext := range []string{".yaml", ".json"} {
		names, err := filepath.Glob(filepath.Join("testdata", pattern+ext))
		require.NoError(t, err)
		found = append(found, names...)
	}
	require.NotEmpty(t, found)
	return found
}

func TestEachMistakeHasItsMessage(t *testing.T) {
	for _, file := range files(t, "bad/*/*") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			_, err = suite.Parse(filepath.Base(file), text, environment, nil)
			require.Error(t, err)
			golden(t, file+".golden", err.Error()+"\n")
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

func TestMessagesShowNoControlCharacters(t *testing.T) {
	for _, file := range files(t, "bad/*/*") {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		_, err = suite.Parse(file, text, environment, nil)
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "\x1b", file)
		assert.NotContains(t, err.Error(), environment("SECRET"), file)
	}
}

func TestParseReadsEveryKey(t *testing.T) {
	text, err := os.ReadFile("testdata/good/everything.yaml")
	require.NoError(t, err)
	s := parse(t, string(text))

	assert.Equal(t, "http://127.0.0.1:8080/callback", s.URL)
	assert.Equal(t, validate.On(fixtures.Main), s.Server)
	assert.Equal(t, 500*time.Millisecond, s.Timeout)
	require.NotNil(t, s.Seed)
	assert.Equal(t, uint64(1<<64-1), *s.Seed)
	assert.Equal(t, validate.Range{Low: 4000, High: 4999}, s.ErrCodes)
	assert.Equal(t, validate.Documents, s.Contract)
	assert.Equal(t, validate.Overrides{"slow": validate.Note, "errcode-range": validate.Off}, s.Severities)

	require.Len(t, s.Cases, 6)
	plain := s.Cases[0]
	assert.Equal(t, "plain", plain.Name)
	assert.Equal(t, []string{"fast", "7"}, plain.Tags)
	assert.Equal(t, 3, plain.Repeat)
	assert.Equal(t, "beforeSendSingleMsg", plain.Steps[0].Callback.Key)
	merged := s.Cases[1]
	assert.Equal(t, "later", merged.Skip)
	assert.Equal(t, "beforeSendSingleMsg", merged.Steps[0].Callback.Key)
	assert.Equal(t, 1, merged.Repeat)
	assert.Equal(t, "beforeAddFriend", s.Cases[2].Name)
	assert.Equal(t, "beforeAddFriend #2", s.Cases[3].Name)
	assert.Equal(t, "beforeCreateGroup > afterCreateGroup", s.Cases[4].Name)
	assert.Equal(t, "second", s.Cases[4].Steps[1].Name)
	for i := 1; i < len(s.Cases); i++ {
		assert.Greater(t, s.Cases[i].Line, s.Cases[i-1].Line)
	}
}

func TestParseTakesJSON(t *testing.T) {
	text, err := os.ReadFile("testdata/good/json.json")
	require.NoError(t, err)
	s := parse(t, string(text))
	assert.Equal(t, "über 😀", s.Cases[0].Name)
	assert.Equal(t, 4, s.Cases[0].Line)
	_, body := payload(t, s, fixtures.PayloadOptions{})
	assert.Equal(t, "a/b", body.Get("reqMsg").Str)
}

func TestParseTakesAByteOrderMarkAndCRLF(t *testing.T) {
	s := parse(t, "\ufeffcases:\r\n  - send: beforeAddFriend\r\n    name: one\r\n")
	assert.Equal(t, "one", s.Cases[0].Name)
	assert.Equal(t, 2, s.Cases[0].Line)
}

func TestParseWithoutAnEnvironment(t *testing.T) {
	s, err := suite.Parse("x", []byte("vars: {a: '${HOME:-x}'}\ncases: [{send: beforeAddFriend}]"), nil, nil)
	require.NoError(t, err)
	assert.Len(t, s.Cases, 1)
}

func TestParseHasLimits(t *testing.T) {
	_, err := suite.Parse("big", []byte(strings.Repeat(" ", suite.MaxSize+1)), nil, nil)
	assert.EqualError(t, err, "big: the file has 8388609 bytes, more than the limit of 8388608")

	many := "cases: [" + strings.Repeat("~, ", suite.MaxCases+1) + "]"
	_, err = suite.Parse("many", []byte(many), nil, nil)
	assert.ErrorContains(t, err, "a suite has 1 to 100000 cases, not 100001")
}

func TestErrorsHaveTheirPlace(t *testing.T) {
	_, err := suite.Parse("s.yaml", []byte("cases:\n  - send: beforeAddFriend\n    sett: {}\n"), nil, nil)
	var all suite.Errors
	require.ErrorAs(t, err, &all)
	require.Len(t, all, 1)
	var one *suite.Error
	require.ErrorAs(t, err, &one)
	assert.Equal(t, &suite.Error{File: "s.yaml", Line: 3, Column: 5, Message: one.Message, Excerpt: "   3 |     sett: {}\n     |     ^~~~"}, one)
	assert.Equal(t, "key.unknown", one.Message.ID())
	assert.Equal(t, "sett", one.Message.Arg("key"))
}

func TestTheExampleParses(t *testing.T) {
	s, err := suite.Parse("imcb-suite.yaml", suite.Example(), nil, nil)
	require.NoError(t, err)
	assert.Len(t, s.Cases, 5)
	require.NoError(t, s.Verify(fixtures.PayloadOptions{Server: s.Server.Release}))
	assert.True(t, strings.HasPrefix(string(suite.Example()), "# yaml-language-server: $schema=./"+suite.SchemaFile+"\n"))
}

// manyCases is a suite of n cases that differ.
func manyCases(n int) []byte {
	var b strings.Builder
	b.WriteString("vars: {user: u1}\ncases:\n")
	for i := range n {
		fmt.Fprintf(&b, "  - name: case %d\n    send: beforeAddFriend\n    set: {fromUserID: \"${vars.user}-%d\"}\n    expect: {outcome: refuse, errCode: 5001}\n", i, i)
	}
	return []byte(b.String())
}

func BenchmarkParse10000Cases(b *testing.B) {
	text := manyCases(10_000)
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		_, err := suite.Parse("suite.yaml", text, nil, nil)
		require.NoError(b, err)
	}
}

func TestValuesThatNoKeyTakes(t *testing.T) {
	for text, want := range map[string]string{
		"expect: {errCode: 5003-5001}":  "s:2:47: errCode must be a number up to 2147483647 or a range like ",
		"expect: {status: 1000}":        "s:2:46: status must be a number up to 999 or a range like ",
		"setString: {fromUserID: [a]}":  "s:2:53: a value of setString must be text, not a list",
		"setString: {fromUserID: null}": "a value of setString must be text, not empty",
	} {
		_, err := suite.Parse("s", []byte("cases:\n  - {send: beforeAddFriend, "+text+"}\n"), nil, nil)
		assert.ErrorContains(t, err, want, text)
	}
	parse(t, "cases: [{send: beforeAddFriend, expect: {errCode: 5001-5001, status: 599}, setString: {fromUserID: 5}}]")
}

// A list of cases is a suite, and an outcome alone is what is expected.
func TestShortForms(t *testing.T) {
	s, err := suite.Parse("s.yaml", []byte("- {name: a, send: beforeAddFriend, expect: refuse}\n- {send: afterAddFriend}"), nil, nil)
	require.NoError(t, err)
	require.Len(t, s.Cases, 2)
	long, err := suite.Parse("s.yaml", []byte("cases:\n- {name: a, send: beforeAddFriend, expect: {outcome: refuse}}"), nil, nil)
	require.NoError(t, err)
	for _, one := range []*suite.Suite{s, long} {
		misses := one.Cases[0].Steps[0].Check(validate.Result{Verdict: validate.Verdict{Outcome: validate.Proceed}}, nil, nil)
		require.Len(t, misses, 1)
		assert.Equal(t, "refuse", misses[0].Want.String())
	}
}
