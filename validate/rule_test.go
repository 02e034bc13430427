package validate_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// replyRules are the rules that have examples.
func replyRules() []*validate.Rule {
	return slices.DeleteFunc(validate.Rules(), func(r *validate.Rule) bool { return r.About != validate.AboutReply })
}

// Users rely on the names and severities: those are in what `imcb rules` prints,
// which has a golden file.
func TestRuleNamesAreUnique(t *testing.T) {
	have := map[string]bool{}
	for _, r := range validate.Rules() {
		assert.False(t, have[r.ID], "%s is used twice", r.ID)
		have[r.ID] = true
	}
}

func TestRuleTexts(t *testing.T) {
	kebab := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	for _, r := range validate.Rules() {
		t.Run(r.ID, func(t *testing.T) {
			assert.Regexp(t, kebab, r.ID)
			assertLine(t, r.Title)
			assert.LessOrEqual(t, utf8.RuneCountInString(r.Title), 70)
			assert.True(t, strings.HasSuffix(r.Why, "."), "why is made of sentences")
			assert.NotContains(t, r.Why, "\n")
			assert.LessOrEqual(t, utf8.RuneCountInString(r.Why), 260, "why can be read at a glance")
			assert.NotEmpty(t, r.Source)
		})
	}
}

// assertLine checks the form of a line that users read: short, no full stop.
func assertLine(t *testing.T, line string) {
	t.Helper()
	assert.NotEmpty(t, line)
	assert.NotContains(t, line, "\n")
	assert.False(t, strings.HasSuffix(line, "."), "%q ends in a full stop", line)
	assert.LessOrEqual(t, utf8.RuneCountInString(line), 190, "two lines at most: %s", line)
}

func TestRuleExamples(t *testing.T) {
	for _, r := range replyRules() {
		t.Run(r.ID, func(t *testing.T) {
			bad := judged(t, r.Bad)
			require.Len(t, bad.Findings, 1, "the bad example breaks this rule, once, and no other")
			assert.Equal(t, r.ID, bad.Findings[0].Rule)
			assert.Equal(t, r.Severity, bad.Findings[0].Severity)
			assertFinding(t, bad.Findings[0])

			assert.Empty(t, judged(t, r.Good).Findings)
		})
	}
}

// assertFinding checks what every finding must have.
func assertFinding(t *testing.T, f validate.Finding) {
	t.Helper()
	message, hint := f.Message.String(), f.Hint.String()
	assertLine(t, message)
	assertLine(t, hint)
	assert.NotEmpty(t, f.Source)
	first, _ := utf8.DecodeRuneInString(message)
	assert.NotContains(t, "ABCDEFGHIJKLMNPQRSTUVWXYZ", string(first), "starts with a capital: %s", f.Message)
	assert.True(t, f.Place.Pointer == "" || strings.HasPrefix(f.Place.Pointer, "/"), "%q is no JSON Pointer", f.Place.Pointer)
}

func TestExampleExchange(t *testing.T) {
	x, callback, err := validate.Example{Reply: validate.Reply{Status: 200}}.Exchange()
	require.NoError(t, err)
	assert.Equal(t, "beforeSendSingleMsg", callback.Key)
	assert.Equal(t, "callbackBeforeSendSingleMsgCommand", x.Command)
	assert.Equal(t, "http://127.0.0.1:10006/callbackExample/callbackBeforeSendSingleMsgCommand", x.Request.URL)
	assert.Contains(t, string(x.Request.Body), `"callbackCommand":"callbackBeforeSendSingleMsgCommand"`)

	again, _, err := validate.Example{Reply: validate.Reply{Status: 200}}.Exchange()
	require.NoError(t, err)
	assert.Equal(t, x, again, "an example is the same in every run")

	own, _, err := validate.Example{Callback: "afterJoinGroup", Request: `{"groupID":"g1"}`}.Exchange()
	require.NoError(t, err)
	assert.Equal(t, `{"groupID":"g1"}`, string(own.Request.Body))
	assert.Equal(t, "afterJoinGroup", own.Callback)

	_, _, err = validate.Example{Callback: "beforeLunch"}.Exchange()
	assert.Error(t, err)
}

func TestRulesCanBeKept(t *testing.T) {
	validate.Rules()[0] = nil
	assert.NotNil(t, validate.Rules()[0], "Rules returns a copy")
}

func TestSeverities(t *testing.T) {
	notFound := validate.Example{Reply: validate.Reply{Status: 404, Body: []byte("404 page not found")}}
	for _, severity := range []validate.Severity{validate.Error, validate.Warning, validate.Note} {
		findings := validate.Overrides{"no-route": severity}.Apply(judged(t, notFound).Findings)
		require.Len(t, findings, 1)
		assert.Equal(t, severity, findings[0].Severity)
	}
	v := judged(t, notFound)
	assert.Empty(t, validate.Overrides{"no-route": validate.Off}.Apply(v.Findings), "what a silenced rule explains is not reported by another rule")
	assert.Len(t, v.Findings, 1, "what Apply is given stays")
	assert.Equal(t, validate.Fail, v.Outcome)
}

// judged is the verdict of the default version on an example.
func judged(t *testing.T, e validate.Example) validate.Verdict {
	t.Helper()
	x, callback, err := e.Exchange()
	require.NoError(t, err)
	return validate.NewJudge(callback, validate.Options{}).Judge(&x)
}
