package rules_test

import (
	"testing"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/simulator/rules"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFlagsAreRules(t *testing.T) {
	s, err := rules.New("rules.yaml", []byte("rules: [{match: {callback: beforeAddFriend}, allow: true}]"), rules.Options{
		Server: fixtures.DefaultRelease,
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
		refuse = ` write --refuse beforeAddFriend=5001:"not today"`
		delay  = " write --delay afterSendSingleMsg=200ms..400ms"
		fault  = " write --fault beforeSendGroupMsg=timeout"
	)
	for _, c := range []struct {
		flags rules.Flags
		want  string
	}{
		{rules.Flags{Refuse: []string{""}}, "--refuse : name a callback:" + refuse},
		{rules.Flags{Refuse: []string{"beforeAddFrend=5001"}}, `--refuse beforeAddFrend=5001: unknown callback "beforeAddFrend": did you mean beforeAddFriend?`},
		{rules.Flags{Refuse: []string{"nothingLikeIt"}}, `--refuse nothingLikeIt: unknown callback "nothingLikeIt":` + refuse},
		{rules.Flags{Refuse: []string{"beforeAddFriend=not today"}}, `--refuse beforeAddFriend=not today: "not today" is no errCode:` + refuse},
		{rules.Flags{Refuse: []string{"beforeAddFriend=400:no"}}, "--refuse beforeAddFriend=400:no: this reply to beforeAddFriend is wrong for OpenIM 3.8.3-patch.16: errCode 400 is outside 5000-9999, the documented range; OpenIM passes it on; use a code of 5000-9999;" + refuse},
		{rules.Flags{Refuse: []string{"beforeAddFriend=5001:${x"}}, "--refuse beforeAddFriend=5001:${x: ${ without its }; to mean the text itself, write $${"},
		{rules.Flags{Refuse: []string{"afterAddFriend=5001:no"}}, "--refuse afterAddFriend=5001:no: this refuses nothing: OpenIM ignores every reply to afterAddFriend, which comes after the operation"},
		{rules.Flags{Refuse: []string{"beforeAddFriend=5001", "callbackBeforeAddFriendCommand=5002"}}, "--refuse callbackBeforeAddFriendCommand=5002: --refuse is given twice for beforeAddFriend"},
		{rules.Flags{Refuse: []string{"beforeAddFriend"}, Fault: []string{"beforeAddFriend=timeout"}}, "--fault beforeAddFriend=timeout: beforeAddFriend is refused by --refuse already: a fault is an answer of its own"},
		{rules.Flags{Delay: []string{"beforeAddFriend"}}, `--delay beforeAddFriend: the delay must be a time like 200ms or a range like 200ms..400ms, not "":` + delay},
		{rules.Flags{Delay: []string{"beforeAddFriend=5"}}, `--delay beforeAddFriend=5: the delay must be a time like 200ms or a range like 200ms..400ms, not "5":` + delay},
		{rules.Flags{Delay: []string{"beforeAddFriend=3m"}}, "--delay beforeAddFriend=3m: the delay is 2m0s at most, not 3m0s:" + delay},
		{rules.Flags{Fault: []string{"beforeAddFriend"}}, "--fault beforeAddFriend: name a fault:" + fault},
		{rules.Flags{Fault: []string{"beforeAddFriend=timeot"}}, `--fault beforeAddFriend=timeot: unknown fault "timeot": did you mean timeout?`},
	} {
		_, err := rules.New("", nil, rules.Options{Server: fixtures.DefaultRelease, Flags: c.flags})
		assert.EqualError(t, err, c.want)
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
  - {match: {callback: [beforeAddFriend, beforeSendSingleMsg]}, refuse: {code: 5002}, times: 1}
  - {match: {callback: beforeSetGroupInfo}, allow: true}
  - {match: {callback: [beforeAddFriend, beforeSetGroupInfo]}, delay: 5ms}
  - {match: {callback: [beforeAddFriend, beforeAddBlack]}, allow: true, times: 1}
  - {match: {callback: beforeAddBlack}, allow: true}
  - {match: {callback: [beforeAddFriend, beforeAddBlack, beforeSendSingleMsg, beforeSetGroupInfo, beforeSendGroupMsg]}, delay: 5ms}
`
	s, err := rules.New("r", []byte(text), rules.Options{Server: fixtures.DefaultRelease, Flags: rules.Flags{
		Refuse: []string{"beforeAddFriend"}, Fault: []string{"beforeSendSingleMsg=hang", "beforeSendGroupMsg=empty"}, Delay: []string{"beforeSetGroupInfo=1ms"},
	}})
	require.NoError(t, err)
	var does []string
	for _, r := range s.Rules() {
		does = append(does, r.Does)
	}
	assert.Equal(t, []string{
		"refuses with 5001", "goes wrong: hang", "goes wrong: empty", "waits 1ms",
		"allows (shadowed by --refuse beforeAddFriend)",
		"refuses with 5002 (shadowed by --refuse beforeAddFriend and --fault beforeSendSingleMsg)",
		"allows",
		"waits 5ms (shadowed by --refuse beforeAddFriend and rule 3)",
		"allows",
		"allows",
		"waits 5ms (shadowed by --refuse beforeAddFriend, --fault beforeSendSingleMsg, --fault beforeSendGroupMsg and 2 more)",
	}, does)
}
