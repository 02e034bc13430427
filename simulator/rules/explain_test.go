package rules_test

import (
	"encoding/json"
	"testing"

	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/simulator/rules"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// explained are the explanations, each text of a criterion as said has it.
func explained(b *rules.Book, a *simulator.Arrival) []rules.Explanation {
	all := b.Explain(a)
	for _, e := range all {
		for i, c := range e.Criteria {
			e.Criteria[i].Want, e.Criteria[i].Got = words.Plain(said(c.Want)), words.Plain(said(c.Got))
		}
	}
	return all
}

func TestExplain(t *testing.T) {
	s := parse(t, `
rules:
  - name: spam
    match: {callback: [beforeAddFriend, beforeAddBlack], phase: before, group: relation, header: {Operationid: {regex: ^test-}}, where: {fromUserID: "1", reqMsg: {exists: true}}}
    refuse: {errCode: 5001}
  - {name: twice, match: {phase: before}, times: 2, refuse: {errCode: 5002}}
  - {name: chance, match: {callback: beforeAddFriend}, probability: 0.25, allow: true}
  - {name: all, allow: true}
`)
	a := arrival(t, "beforeAddFriend", `{"fromUserID":"2"}`, validate.Header{"Operationid", "prod-1"})
	twice := rules.Explanation{Name: "twice", Matched: true, Criteria: []rules.Criterion{
		{What: "phase", Want: words.Plain("before"), Got: words.Plain("before"), OK: true},
		{What: "times", Want: words.Plain("criterion.times n=2"), Got: words.Plain("criterion.answered n=0"), OK: true},
	}}
	order := rules.Criterion{What: "order", Want: words.Plain("criterion.order"), Got: words.Plain("criterion.earlier rule=twice")}
	want := []rules.Explanation{
		{Name: "spam", Criteria: []rules.Criterion{
			{What: "callback", Want: words.Plain("criterion.callbacks callbacks=[beforeAddFriend beforeAddBlack]"), Got: words.Plain("beforeAddFriend"), OK: true},
			{What: "phase", Want: words.Plain("before"), Got: words.Plain("before"), OK: true},
			{What: "group", Want: words.Plain("relation"), Got: words.Plain("relation"), OK: true},
			{What: "header Operationid", Want: words.Plain("want.match pattern=^test-"), Got: words.Plain(`"prod-1"`)},
			{What: "fromUserID", Want: words.Plain(`"1"`), Got: words.Plain(`"2"`)},
			{What: "reqMsg", Want: words.Plain("want.there"), Got: words.Plain("want.missing")},
		}},
		twice,
		{Name: "chance", Criteria: []rules.Criterion{
			{What: "callback", Want: words.Plain("criterion.callbacks callbacks=[beforeAddFriend]"), Got: words.Plain("beforeAddFriend"), OK: true},
			{What: "probability", Want: words.Plain("0.25"), Got: words.Plain("criterion.chance"), OK: true},
			order,
		}},
		{Name: "all", Criteria: []rules.Criterion{order}},
	}
	assert.Equal(t, want, explained(s, a))
	assert.Equal(t, want, explained(s, a), "it changes nothing")

	s.Respond(a)
	s.Respond(a)
	got := explained(s, a)
	assert.Equal(t, rules.Criterion{What: "times", Want: words.Plain("criterion.times n=2"), Got: words.Plain("criterion.used-up n=2")}, got[1].Criteria[1])
	assert.Equal(t, []bool{false, false, true, true}, []bool{got[0].Matched, got[1].Matched, got[2].Matched, got[3].Matched})

	unknown := explained(s, arrival(t, "", "no JSON"))
	assert.Equal(t, rules.Criterion{What: "callback", Want: words.Plain("criterion.callbacks callbacks=[beforeAddFriend beforeAddBlack]"), Got: words.Plain("criterion.unknown")}, unknown[0].Criteria[0])
	assert.Equal(t, "criterion.not-json", unknown[0].Criteria[4].Got.String())
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
	got := explained(s, arrival(t, "beforeAddFriend", `{"fromUserID":"2"}`))
	var isFor, delays []bool
	for _, e := range got {
		isFor, delays = append(isFor, e.ForCallback()), append(delays, e.Delays)
	}
	assert.Equal(t, []bool{true, false, false, true}, isFor)
	assert.Equal(t, []bool{false, true, false, true}, delays)
	assert.Equal(t, rules.Explanation{Name: "rule 4", Matched: true, Delays: true, Criteria: []rules.Criterion{
		{What: "probability", Want: words.Plain("0.2"), Got: words.Plain("criterion.chance"), OK: true},
	}}, got[3])
}

func TestAPathMayHaveACriterionsName(t *testing.T) {
	s := parse(t, `rules: [{match: {where: {group: {exists: false}}}, allow: true}]`)
	got := s.Explain(arrival(t, "beforeAddFriend", `{"group":1}`))[0]
	assert.Equal(t, []bool{false, true}, []bool{got.Matched, got.ForCallback()})
}
