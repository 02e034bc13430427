package rules_test

import (
	"encoding/json"
	"testing"

	"github.com/imcb-dev/imcb/simulator/rules"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestExplain(t *testing.T) {
	s := parse(t, `
rules:
  - name: spam
    match: {callback: [beforeAddFriend, beforeAddBlack], phase: before, group: relation, header: {Operationid: {regex: ^test-}}, where: {fromUserID: "1", reqMsg: {exists: true}}}
    refuse: {code: 5001}
  - {name: twice, match: {phase: before}, times: 2, refuse: {code: 5002}}
  - {name: chance, match: {callback: beforeAddFriend}, probability: 0.25, allow: true}
  - {name: all, allow: true}
`)
	a := arrival(t, "beforeAddFriend", `{"fromUserID":"2"}`, validate.Header{"Operationid", "prod-1"})
	twice := rules.Explanation{Name: "twice", Matched: true, Criteria: []rules.Criterion{
		{What: "phase", Want: "before", Got: "before", OK: true},
		{What: "times", Want: "at most 2", Got: "answered 0 so far", OK: true},
	}}
	order := rules.Criterion{What: "order", Want: "no earlier rule answers", Got: "twice answers"}
	want := []rules.Explanation{
		{Name: "spam", Criteria: []rules.Criterion{
			{What: "callback", Want: "beforeAddFriend or beforeAddBlack", Got: "beforeAddFriend", OK: true},
			{What: "phase", Want: "before", Got: "before", OK: true},
			{What: "group", Want: "relation", Got: "relation", OK: true},
			{What: "header Operationid", Want: "a match of /^test-/", Got: `"prod-1"`},
			{What: "fromUserID", Want: `"1"`, Got: `"2"`},
			{What: "reqMsg", Want: "there", Got: "missing"},
		}},
		twice,
		{Name: "chance", Criteria: []rules.Criterion{
			{What: "callback", Want: "beforeAddFriend", Got: "beforeAddFriend", OK: true},
			{What: "probability", Want: "0.25", Got: "by chance", OK: true},
			order,
		}},
		{Name: "all", Criteria: []rules.Criterion{order}},
	}
	assert.Equal(t, want, s.Explain(a))
	assert.Equal(t, want, s.Explain(a), "it changes nothing")

	s.Respond(a)
	s.Respond(a)
	got := s.Explain(a)
	assert.Equal(t, rules.Criterion{What: "times", Want: "at most 2", Got: "its times are used up: it answered 2"}, got[1].Criteria[1])
	assert.Equal(t, []bool{false, false, true, true}, []bool{got[0].Matched, got[1].Matched, got[2].Matched, got[3].Matched})

	unknown := s.Explain(arrival(t, "", "no JSON"))
	assert.Equal(t, rules.Criterion{What: "callback", Want: "beforeAddFriend or beforeAddBlack", Got: "unknown"}, unknown[0].Criteria[0])
	assert.Equal(t, "missing: the body is not JSON", unknown[0].Criteria[4].Got)
	assert.True(t, unknown[3].Matched)
}

func TestExplanationsAsJSON(t *testing.T) {
	s := parse(t, "rules: [{match: {callback: beforeAddFriend}, allow: true}, {allow: true}]")
	got, err := json.Marshal(s.Explain(arrival(t, "beforeAddBlack", "")))
	require.NoError(t, err)
	assert.JSONEq(t, `[{"name":"rule 1","matched":false,"delays":false,"criteria":[{"what":"callback","want":"beforeAddFriend","got":"beforeAddBlack","ok":false}]},
		{"name":"rule 2","matched":true,"delays":false,"criteria":[]}]`, string(got))
}

func TestExplanationsTellWhatTheRuleIsFor(t *testing.T) {
	s := parse(t, `
rules:
  - {match: {callback: beforeAddFriend, where: {fromUserID: "1"}}, allow: true}
  - {match: {phase: after}, delay: 5ms}
  - {match: {group: message}, allow: true}
  - {probability: 0.2, delay: 5ms}
`)
	got := s.Explain(arrival(t, "beforeAddFriend", `{"fromUserID":"2"}`))
	var isFor, delays []bool
	for _, e := range got {
		isFor, delays = append(isFor, e.ForCallback()), append(delays, e.Delays)
	}
	assert.Equal(t, []bool{true, false, false, true}, isFor)
	assert.Equal(t, []bool{false, true, false, true}, delays)
	assert.Equal(t, rules.Explanation{Name: "rule 4", Matched: true, Delays: true, Criteria: []rules.Criterion{
		{What: "probability", Want: "0.2", Got: "by chance", OK: true},
	}}, got[3])
}

func TestAPathMayHaveACriterionsName(t *testing.T) {
	s := parse(t, `rules: [{match: {where: {group: {exists: false}}}, allow: true}]`)
	got := s.Explain(arrival(t, "beforeAddFriend", `{"group":1}`))[0]
	assert.Equal(t, []bool{false, true}, []bool{got.Matched, got.ForCallback()})
}
