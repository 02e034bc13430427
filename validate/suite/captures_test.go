package suite_test

import (
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/suite"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

// secondRequest sends the first step of a chain, gets the reply, and returns
// the request of the second.
func secondRequest(t *testing.T, secondStep, reply string) (first, second *fixtures.Payload, err error) {
	t.Helper()
	s := parse(t, "vars: {group: g0}\ncases:\n- steps:\n  - send: beforeCreateGroup\n  - send: afterCreateGroup\n    "+secondStep)
	for run := range s.Plan(suite.Filter{}) {
		captured := run.Captures()
		first, _, err = run.Steps[0].Payload(fixtures.PayloadOptions{Server: fixtures.Main}, captured)
		require.NoError(t, err)
		x := validate.Exchange{Request: validate.Request{Body: first.Body}, Reply: validate.Reply{Body: []byte(reply)}}
		captured.Record(x, validate.NewJudge(run.Steps[0].Callback, validate.Options{}).Judge(&x))
		second, _, err = run.Steps[1].Payload(fixtures.PayloadOptions{Server: fixtures.Main}, captured)
	}
	return first, second, err
}

func TestCapturedValues(t *testing.T) {
	reply := `{"groupID":"12","n":5,"empty":"","none":[],"nothing":null,"list":[{"userID":"u1"},{"userID":"u2"}],"text":"a<b\"c"}`
	tests := map[string]struct{ edit, path, want string }{
		"of the request":            {"set: {groupName: '${steps.1.request.groupName}'}", "groupName", `"Weekend Hikers"`},
		"of the reply":              {"set: {groupID: '${steps.1.reply.groupID}'}", "groupID", `"12"`},
		"in text":                   {"set: {groupName: 'the ${steps.1.reply.groupID}th'}", "groupName", `"the 12th"`},
		"a number keeps its type":   {"set: {memberCount: '${steps.1.reply.n}'}", "memberCount", "5"},
		"a number as text":          {"setString: {ex: '${steps.1.reply.n}'}", "ex", `"5"`},
		"a list":                    {"set: {initMemberList: '${steps.1.reply.list}'}", "initMemberList.1.userID", `"u2"`},
		"a gjson path":              {"add: {ids: '${steps.1.reply.list.#.userID}'}", "ids", `["u1","u2"]`},
		"in a list":                 {"add: {ids: ['${steps.1.reply.groupID}', x]}", "ids", `["12","x"]`},
		"text is escaped":           {"set: {ex: '${steps.1.reply.text}'}", "ex", `"a\u003cb\"c"`},
		"the first that is there":   {"set: {groupID: '${steps.1.reply.id ?? steps.1.reply.groupID}'}", "groupID", `"12"`},
		"null is not there":         {"set: {groupID: '${steps.1.reply.nothing ?? steps.1.reply.groupID}'}", "groupID", `"12"`},
		"nor is empty text":         {"set: {groupID: '${steps.1.reply.empty ?? vars.group}'}", "groupID", `"g0"`},
		"nor an empty list":         {"set: {groupID: '${steps.1.reply.none ?? vars.group}'}", "groupID", `"g0"`},
		"the last one may be empty": {"set: {groupID: '${steps.1.reply.id ?? steps.1.reply.empty}'}", "groupID", `""`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, second, err := secondRequest(t, test.edit, reply)
			require.NoError(t, err)
			assert.Equal(t, test.want, gjson.GetBytes(second.Body, test.path).Raw)
		})
	}
}

func TestStepsShareTheOperationID(t *testing.T) {
	first, second, err := secondRequest(t, "set: {}", "{}")
	require.NoError(t, err)
	assert.NotEmpty(t, first.OperationID)
	assert.Equal(t, first.OperationID, second.OperationID)

	first, second, err = secondRequest(t, "operationID: mine", "{}")
	require.NoError(t, err)
	assert.NotEqual(t, first.OperationID, second.OperationID)
	assert.Equal(t, "mine", second.OperationID)
}

func TestMissingCaptures(t *testing.T) {
	tests := map[string]struct{ edit, reply, want string }{
		"no such field": {"set: {groupID: '${steps.1.reply.groupID}'}", `{}`, "no-value error=(no-value.absent path=groupID side=reply step=1) reference=${steps.1.reply.groupID}"},
		"null":          {"set: {groupID: '${steps.1.reply.groupID}'}", `{"groupID":null}`, "no-value error=(no-value.null side=reply step=1) reference=${steps.1.reply.groupID}"},
		"no JSON":       {"set: {groupID: 'g${steps.1.reply.groupID}'}", `<html>`, "no-value error=(no-value.not-json side=reply step=1) reference=${steps.1.reply.groupID}"},
		"in data":       {"data: '${steps.1.reply.groupID}'", ``, "no-value error=(no-value.not-json side=reply step=1) reference=${steps.1.reply.groupID}"},
		"in a header":   {"headers: {X-A: '${steps.1.reply.a}'}", `{"a":"1\n2"}`, "header name=X-A"},
		"in the id":     {"operationID: '${steps.1.reply.a}'", `{}`, "no-value error=(no-value.absent path=a side=reply step=1) reference=${steps.1.reply.a}"},
		"wrong type":    {"set: {memberCount: 'n${steps.1.reply.a}'}", `{"a":"x"}`, `error error="memberCount" is a number in the request and "nx" is not JSON: use --set-string to send it as a string all the same`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, _, err := secondRequest(t, test.edit, test.reply)
			var located *suite.Error
			require.ErrorAs(t, err, &located)
			assert.Equal(t, test.want, said(located.Message))
			assert.GreaterOrEqual(t, located.Line, 5)
		})
	}
}

func TestUnsentIsAFinding(t *testing.T) {
	s := parse(t, "cases:\n- steps:\n  - send: beforeCreateGroup\n  - send: afterCreateGroup\n    set:\n      groupID: ${steps.1.reply.groupID}\n")
	for run := range s.Plan(suite.Filter{}) {
		captured := run.Captures()
		_, _, err := run.Steps[0].Payload(fixtures.PayloadOptions{}, captured)
		require.NoError(t, err)
		captured.Record(validate.Exchange{Reply: validate.Reply{Body: []byte(`{}`)}}, validate.Verdict{})
		_, _, err = run.Steps[1].Payload(fixtures.PayloadOptions{}, captured)
		findings := run.Steps[1].Unsent(err)
		require.Len(t, findings, 1)
		f := findings[0]
		assert.Equal(t, validate.Finding{Rule: "expect", Severity: validate.Error, Source: "suite suite.yaml:6", Place: validate.Place{File: "suite.yaml", Line: 6}, Message: f.Message, Hint: f.Hint}, f)
		assert.Equal(t, "expect.unsent problem=(no-value error=(no-value.absent path=groupID side=reply step=1) reference=${steps.1.reply.groupID})", said(f.Message))
		assert.Equal(t, "expect.hint-source", said(f.Hint))
	}
}
