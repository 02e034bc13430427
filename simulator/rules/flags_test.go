package rules_test

import (
	"testing"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/simulator/rules"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFlagsAreRules(t *testing.T) {
	s, err := rules.New("rules.yaml", []byte("rules: [{match: {callback: beforeAddFriend}, allow: true}]"), rules.Options{
		Server: validate.On(fixtures.DefaultRelease),
		Flags: rules.Flags{
			Refuse: []string{"beforeAddFriend=5002:not today: ${request.fromUserID}", "beforeAddBlack", "callbackBeforeSendGroupMsgCommand=5003"},
			Delay:  []string{"callbackBeforeAddFriendCommand=20ms", "afterSendSingleMsg=200ms..400ms"},
			Fault:  []string{"beforeSendSingleMsg=empty"},
		},
	})
	require.NoError(t, err)
	var names []string
	for _, r := range s.Rules() {
		names = append(names, r.Name)
	}
	assert.Equal(t, []string{
		"--refuse beforeAddFriend", "--refuse beforeAddBlack", "--refuse beforeSendGroupMsg", "--fault beforeSendSingleMsg", "--delay afterSendSingleMsg", "rule 1",
	}, names)

	answer, ok := s.Respond(arrival(t, "beforeAddFriend", `{"fromUserID":"1"}`))
	assert.True(t, ok)
	assert.Equal(t, simulator.Answer{
		Rule: "--refuse beforeAddFriend", Delay: 20 * time.Millisecond, Body: fixtures.RefuseReply(5002, "not today: 1", ""),
	}, answer)
	assert.Equal(t, refusal(5001, "refused by imcb"), respond(t, s, arrival(t, "beforeAddBlack", "")))
	assert.Equal(t, refusal(5003, "refused by imcb"), respond(t, s, arrival(t, "beforeSendGroupMsg", "")))
	answer, ok = s.Respond(arrival(t, "afterSendSingleMsg", ""))
	assert.False(t, ok)
	assert.GreaterOrEqual(t, answer.Delay, 200*time.Millisecond)
	answer, _ = s.Respond(arrival(t, "beforeSendSingleMsg", ""))
	assert.Equal(t, simulator.Answer{Rule: "--fault beforeSendSingleMsg", Body: []byte{}}, answer)
}

func TestWrongFlags(t *testing.T) {
	const (
		refuse = ` example=--refuse beforeAddFriend=5001:"not today"`
		delay  = " example=--delay afterSendSingleMsg=200ms..400ms"
		fault  = " example=--fault beforeSendGroupMsg=timeout"
	)
	for _, c := range []struct {
		flags rules.Flags
		want  string
	}{
		{rules.Flags{Refuse: []string{""}}, "--refuse : flag.callback" + refuse},
		{rules.Flags{Refuse: []string{"beforeAddFrend=5001"}}, `--refuse beforeAddFrend=5001: error error=unknown callback "beforeAddFrend": did you mean beforeAddFriend?`},
		{rules.Flags{Refuse: []string{"nothingLikeIt"}}, `--refuse nothingLikeIt: flag problem=unknown callback "nothingLikeIt"` + refuse},
		{rules.Flags{Refuse: []string{"beforeAddFriend=not today"}}, "--refuse beforeAddFriend=not today: flag.code code=not today" + refuse},
		{rules.Flags{Refuse: []string{"beforeAddFriend=400:no"}}, "--refuse beforeAddFriend=400:no: flag.wrong wrong=(wrong callback=beforeAddFriend server=3.8.3-patch.16 finding=(wrong.finding message=(errcode-range code=400)) hint=(wrong.hint hint=(errcode-range.hint)))" + refuse},
		{rules.Flags{Refuse: []string{"beforeAddFriend=5001:${x"}}, "--refuse beforeAddFriend=5001:${x: reference.open"},
		{rules.Flags{Refuse: []string{"afterAddFriend=5001:no"}}, "--refuse afterAddFriend=5001:no: answer.after callback=afterAddFriend does=(refuse.nothing)"},
		{rules.Flags{Refuse: []string{"beforeAddFriend=5001", "callbackBeforeAddFriendCommand=5002"}}, "--refuse callbackBeforeAddFriendCommand=5002: flag.twice flag=--refuse callback=beforeAddFriend"},
		{rules.Flags{Refuse: []string{"beforeAddFriend"}, Fault: []string{"beforeAddFriend=timeout"}}, "--fault beforeAddFriend=timeout: flag.refused callback=beforeAddFriend"},
		{rules.Flags{Delay: []string{"beforeAddFriend"}}, "--delay beforeAddFriend: flag problem=(delay what=(what.delay) got=)" + delay},
		{rules.Flags{Delay: []string{"beforeAddFriend=5"}}, "--delay beforeAddFriend=5: flag problem=(delay what=(what.delay) got=5)" + delay},
		{rules.Flags{Delay: []string{"beforeAddFriend=3m"}}, "--delay beforeAddFriend=3m: flag problem=(delay.limit what=(what.delay) got=3m0s most=2m0s)" + delay},
		{rules.Flags{Fault: []string{"beforeAddFriend"}}, "--fault beforeAddFriend: flag.fault" + fault},
		{rules.Flags{Fault: []string{"beforeAddFriend=timeot"}}, `--fault beforeAddFriend=timeot: error error=unknown fault "timeot": did you mean timeout?`},
	} {
		_, err := rules.New("", nil, rules.Options{Server: validate.On(fixtures.DefaultRelease), Flags: c.flags})
		var all rules.Errors
		require.ErrorAs(t, err, &all)
		require.Len(t, all, 1)
		assert.Equal(t, c.want, all[0].File+": "+said(all[0].Message))
	}
}

func TestMistakesOfFlagsComeBeforeTheFiles(t *testing.T) {
	_, err := rules.New("r.yaml", []byte("rulez: []"), rules.Options{Flags: rules.Flags{Delay: []string{"x"}}})
	var all rules.Errors
	require.ErrorAs(t, err, &all)
	require.Len(t, all, 2)
	assert.Equal(t, []string{"--delay x", "r.yaml"}, []string{all[0].File, all[1].File})
}

func TestRulesThatFlagsShadowSaySo(t *testing.T) {
	const text = `
rules:
  - {match: {callback: beforeAddFriend, where: {fromUserID: "1"}}, allow: true}
  - {match: {callback: [beforeAddFriend, beforeSendSingleMsg]}, refuse: {errCode: 5002}, times: 1}
  - {match: {callback: beforeSetGroupInfo}, allow: true}
  - {match: {callback: [beforeAddFriend, beforeSetGroupInfo]}, delay: 5ms}
  - {match: {callback: [beforeAddFriend, beforeAddBlack]}, allow: true, times: 1}
  - {match: {callback: beforeAddBlack}, allow: true}
  - {match: {callback: [beforeAddFriend, beforeAddBlack, beforeSendSingleMsg, beforeSetGroupInfo, beforeSendGroupMsg]}, delay: 5ms}
`
	s, err := rules.New("r", []byte(text), rules.Options{Server: validate.On(fixtures.DefaultRelease), Flags: rules.Flags{
		Refuse: []string{"beforeAddFriend"}, Fault: []string{"beforeSendSingleMsg=hang", "beforeSendGroupMsg=empty"}, Delay: []string{"beforeSetGroupInfo=1ms"},
	}})
	require.NoError(t, err)
	var does []string
	for _, r := range s.Rules() {
		does = append(does, said(r.Does))
	}
	assert.Equal(t, []string{
		"does.refuse code=5001", "does.fault fault=hang", "does.fault fault=empty", "does.wait delay=1ms",
		"does.shadowed rules=--refuse beforeAddFriend does=(does.allow)",
		"does.shadowed rules=--refuse beforeAddFriend and --fault beforeSendSingleMsg does=(does.refuse code=5002)",
		"does.allow",
		"does.shadowed rules=--refuse beforeAddFriend and rule 3 does=(does.wait delay=5ms)",
		"does.allow",
		"does.allow",
		"does.shadowed rules=--refuse beforeAddFriend, --fault beforeSendSingleMsg, --fault beforeSendGroupMsg and 2 more does=(does.wait delay=5ms)",
	}, does)
}
