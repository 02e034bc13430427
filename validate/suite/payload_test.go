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

// payload builds the first request of a suite.
func payload(t *testing.T, s *suite.Suite, opts fixtures.PayloadOptions) (*fixtures.Payload, gjson.Result) {
	t.Helper()
	for run := range s.Plan(suite.Filter{}) {
		p, _, err := run.Steps[0].Payload(opts, run.Captures())
		require.NoError(t, err)
		return p, gjson.ParseBytes(p.Body)
	}
	t.Fatal("the suite has no run")
	return nil, gjson.Result{}
}

func TestPayloadIsEdited(t *testing.T) {
	tests := map[string]struct{ edit, path, want string }{
		"text":                         {"set: {fromUserID: u1}", "fromUserID", `"u1"`},
		"digits stay a string":         {"set: {fromUserID: 4930183725}", "fromUserID", `"4930183725"`},
		"a leading zero stays":         {"set: {fromUserID: 0123}", "fromUserID", `"0123"`},
		"the text null":                {`set: {fromUserID: "null"}`, "fromUserID", `"null"`},
		"quotes in text":               {`set: {fromUserID: '"a"'}`, "fromUserID", `"\"a\""`},
		"null":                         {"set: {fromUserID: null}", "fromUserID", "null"},
		"a list":                       {"set: {fromUserID: [1, a]}", "fromUserID", `[1,"a"]`},
		"a string whatever the type":   {"setString: {fromUserID: 5}", "fromUserID", `"5"`},
		"an added field":               {"add: {more: {n: 5, s: x}}", "more", `{"n":5,"s":"x"}`},
		"add replaces, too":            {"add: {reqMsg: x}", "reqMsg", `"x"`},
		"unset":                        {"unset: reqMsg", "reqMsg", ""},
		"a variable":                   {"set: {fromUserID: '${vars.user}'}", "fromUserID", `"u1"`},
		"a variable without vars.":     {"set: {fromUserID: '${user}'}", "fromUserID", `"u1"`},
		"a variable within text":       {"set: {fromUserID: 'a${user}${vars.count}b'}", "fromUserID", `"au13b"`},
		"a number variable":            {"add: {n: '${vars.count}'}", "n", "3"},
		"a list variable":              {"add: {n: '${vars.list}'}", "n", `["a",{"b":1}]`},
		"a literal reference":          {"set: {fromUserID: '$${user}'}", "fromUserID", `"${user}"`},
		"a default for no variable":    {"set: {fromUserID: '${nobody:-x y}'}", "fromUserID", `"x y"`},
		"an empty default":             {"set: {fromUserID: '${nobody:-}'}", "fromUserID", `""`},
		"variables deep in a value":    {"add: {n: {a: ['${user}']}}", "n", `{"a":["u1"]}`},
		"numbers as they are written":  {"add: {n: [1.0, 12345678901234567890]}", "n", "[1.0,12345678901234567890]"},
		"numbers that JSON lacks":      {"add: {n: [0x10, 1_000, 0o17]}", "n", "[16,1000,15]"},
		"text that YAML might convert": {"add: {n: [yes, no, 2026-01-01, !!str 5]}", "n", `["yes","no","2026-01-01","5"]`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := parse(t, "vars: {user: u1, count: 3, list: [a, {b: 1}]}\ncases:\n- send: beforeAddFriend\n  "+test.edit)
			_, body := payload(t, s, fixtures.PayloadOptions{})
			assert.Equal(t, test.want, body.Get(test.path).Raw)
		})
	}
}

func TestPayloadOfAMessage(t *testing.T) {
	s := parse(t, "cases: [{send: beforeSendSingleMsg, message: 102, operationID: op-1, set: {content.sourcePicture.uuid: /x}}]")
	p, body := payload(t, s, fixtures.PayloadOptions{Server: fixtures.Main})
	assert.Equal(t, int64(102), body.Get("contentType").Int())
	assert.Equal(t, "/x", gjson.Get(body.Get("content").Str, "sourcePicture.uuid").Str)
	assert.Equal(t, "op-1", p.OperationID)
	assert.Equal(t, "op-1", body.Get("operationID").Str)
}

func TestPayloadOfNoServerIsTheDefaults(t *testing.T) {
	s := parse(t, "cases: [{send: beforeAddFriend}]")
	assert.Equal(t, validate.Server{}, s.Server)
	p, _ := payload(t, s, fixtures.PayloadOptions{Server: s.Server.Release})
	assert.Equal(t, fixtures.DefaultRelease, p.Server)
}

func TestPayloadWithItsOwnBody(t *testing.T) {
	s := parse(t, "vars: {a: b}\ncases:\n- send: beforeAddFriend\n  data: \"not JSON ${a}\\0\"")
	p, _ := payload(t, s, fixtures.PayloadOptions{})
	assert.Equal(t, "not JSON b\x00", string(p.Body))
}

func TestSeeds(t *testing.T) {
	s := parse(t, "seed: 7\ncases: [{send: beforeSendSingleMsg, repeat: 2}]")
	own, other := uint64(7), uint64(8)
	callback, err := fixtures.Lookup("beforeSendSingleMsg")
	require.NoError(t, err)
	want, err := callback.Payload(fixtures.PayloadOptions{Seed: &own})
	require.NoError(t, err)

	var bodies []string
	for run := range s.Plan(suite.Filter{}) {
		p, _, err := run.Steps[0].Payload(fixtures.PayloadOptions{}, run.Captures())
		require.NoError(t, err)
		bodies = append(bodies, string(p.Body))
	}
	assert.Equal(t, string(want.Body), bodies[0], "the file's seed")
	assert.NotEqual(t, bodies[0], bodies[1], "repetitions differ")
	p, _ := payload(t, s, fixtures.PayloadOptions{Seed: &other})
	assert.NotEqual(t, bodies[0], string(p.Body), "the caller's seed counts")
}

func TestHeaders(t *testing.T) {
	s := parse(t, `
vars: {n: 5}
cases:
- headers: {x-b: case, X-C: case}
  steps:
  - {send: beforeAddFriend, headers: {X-C: "step ${n}"}}
headers: {X-A: suite, X-B: suite, X-Token: "Bearer ${TOKEN}"}`)
	for run := range s.Plan(suite.Filter{}) {
		_, headers, err := run.Steps[0].Payload(fixtures.PayloadOptions{}, run.Captures())
		require.NoError(t, err)
		assert.Equal(t, []validate.Header{
			{"X-A", "suite"}, {"X-Token", `Bearer to"k<en`}, {"x-b", "case"}, {"X-C", "step 5"},
		}, headers)
	}
}

func TestVerifyFindsPathsThatTheVersionLacks(t *testing.T) {
	s := parse(t, "cases:\n- send: beforeAddFriend\n  set:\n    fromUser: u1\n- send: beforeMemberJoinGroup\n  unset: [memberList]\n")
	require.EqualError(t, s.Verify(fixtures.PayloadOptions{Server: fixtures.Main}),
		"suite.yaml:4:5: the body has no \"fromUser\": it has fromUserID\n   4 |     fromUser: u1\n     |     ^~~~~~~~")
	err := s.Verify(fixtures.PayloadOptions{Server: fixtures.V37})
	var all suite.Errors
	require.ErrorAs(t, err, &all)
	assert.Len(t, all, 2)
	var missing *fixtures.PathError
	require.ErrorAs(t, all[1].Message.Arg("error").(error), &missing)
	assert.Equal(t, "memberList", missing.Path)
}

func TestVerifyTakesReferencesAsTheyCome(t *testing.T) {
	s := parse(t, `
cases:
- steps:
  - send: beforeSendSingleMsg
  - send: afterSendSingleMsg
    operationID: "${steps.1.reply.id}"
    headers: {X-ID: "${steps.1.reply.id}"}
    set: {seq: "${steps.1.reply.seq}", sendTime: "1${steps.1.reply.seq}", ex: "a ${steps.1.reply.ex}"}
    setString: {recvID: "${steps.1.reply.id}"}
    add: {more: ["${steps.1.reply.id}"]}
`)
	assert.NoError(t, s.Verify(fixtures.PayloadOptions{Server: fixtures.Main}))
}
