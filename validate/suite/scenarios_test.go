package suite_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/suite"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

// play runs a suite against imcb's own receiver and returns the results.
func play(t *testing.T, s *suite.Suite, server fixtures.Release) []validate.Result {
	t.Helper()
	receiver := httptest.NewServer(simulator.NewReceiver(simulator.ReceiverOptions{Server: validate.On(server)}))
	defer receiver.Close()
	sender, err := simulator.NewSender(simulator.SenderOptions{})
	require.NoError(t, err)
	defer sender.Close()
	var results []validate.Result
	for run := range s.Plan(suite.Filter{}) {
		captured := run.Captures()
		for _, step := range run.Steps {
			p, _, err := step.Payload(fixtures.PayloadOptions{Server: server}, captured)
			require.NoError(t, err)
			target, err := simulator.NewTarget(receiver.URL, simulator.Path)
			require.NoError(t, err)
			x := sender.Send(t.Context(), target.URL(p), p, 0)
			captured.Record(x)
			result := run.Result(step, validate.On(server))
			result.Exchange = x
			result.Verdict = validate.NewJudge(step.Callback, validate.Options{Server: validate.On(server)}).Judge(&x)
			result.Findings = step.Check(result, captured, nil)
			results = append(results, result)
		}
	}
	return results
}

// orders are the callbacks of each scenario, case by case.
var orders = map[string]string{
	"add-friend":         "beforeAddFriend afterAddFriend beforeOnlinePush | beforeAddFriendAgree afterAddFriendAgree beforeOnlinePush",
	"create-group":       "beforeCreateGroup beforeMemberJoinGroup afterCreateGroup beforeGroupOnlinePush",
	"join-group":         "beforeApplyJoinGroup beforeMemberJoinGroup afterJoinGroup beforeGroupOnlinePush | beforeApplyJoinGroup beforeMemberJoinGroup",
	"register-user":      "beforeUserRegister afterUserRegister",
	"revoke-message":     "beforeSendSingleMsg afterSendSingleMsg afterRevokeMsg beforeOnlinePush",
	"send-group-message": "beforeSendGroupMsg beforeMsgModify afterSendGroupMsg beforeGroupOnlinePush beforeOfflinePush",
	"send-message":       "beforeSendSingleMsg beforeMsgModify afterSendSingleMsg beforeOnlinePush beforeOfflinePush",
	"set-group-info":     "beforeSetGroupInfo afterSetGroupInfo | beforeSetGroupInfoEx afterSetGroupInfoEx",
}

func TestScenarios(t *testing.T) {
	require.Len(t, suite.Scenarios(), len(orders))
	for _, scenario := range suite.Scenarios() {
		t.Run(scenario.Name, func(t *testing.T) {
			assert.NotEmpty(t, scenario.Summary)
			s, err := suite.LoadScenario(scenario.Name)
			require.NoError(t, err)
			var cases []string
			for _, c := range s.Cases {
				var keys []string
				for _, step := range c.Steps {
					keys = append(keys, step.Callback.Key)
				}
				cases = append(cases, strings.Join(keys, " "))
			}
			assert.Equal(t, orders[scenario.Name], strings.Join(cases, " | "))
			for _, server := range fixtures.Releases() {
				if server >= fixtures.V380 {
					keepsTheContract(t, s, server)
				}
			}
		})
	}
}

func keepsTheContract(t *testing.T, s *suite.Suite, server fixtures.Release) {
	t.Helper()
	require.NoError(t, s.Verify(fixtures.PayloadOptions{Server: server}), server)
	for _, r := range play(t, s, server) {
		assert.Empty(t, r.Findings, "%s, %s", r.Case, server)
		assert.Equal(t, 200, r.Exchange.Reply.Status)
	}
}

func TestScenariosShareIDs(t *testing.T) {
	s, err := suite.LoadScenario("send-message")
	require.NoError(t, err)
	results := play(t, s, fixtures.DefaultRelease)
	first := gjson.ParseBytes(results[0].Exchange.Request.Body)
	for _, r := range results {
		request := gjson.ParseBytes(r.Exchange.Request.Body)
		assert.Equal(t, first.Get("clientMsgID").Str, request.Get("clientMsgID").Str, r.Case)
		assert.Equal(t, first.Get("operationID").Str, request.Get("operationID").Str, r.Case)
		assert.Equal(t, first.Get("content").Str, request.Get("content").Str, r.Case)
	}
}

func TestOnlyTwoScenariosNeed38(t *testing.T) {
	for _, scenario := range suite.Scenarios() {
		s, err := suite.LoadScenario(scenario.Name)
		require.NoError(t, err)
		err = s.Verify(fixtures.PayloadOptions{Server: fixtures.V37})
		if strings.Contains(scenario.Summary, "3.8 and later") {
			assert.ErrorContains(t, err, `the body has no "memberList"`, scenario.Name)
			continue
		}
		require.NoError(t, err, scenario.Name)
		for _, server := range fixtures.Releases() {
			keepsTheContract(t, s, server)
		}
	}
}

func TestUnknownScenario(t *testing.T) {
	_, err := suite.LoadScenario("send-mesage")
	require.EqualError(t, err, `unknown scenario "send-mesage": did you mean send-message?`)
	_, err = suite.LoadScenario("xyz")
	var unknown *words.UnknownError
	require.ErrorAs(t, err, &unknown)
	assert.Equal(t, []any{"xyz", len(suite.Scenarios())}, []any{unknown.Name, len(unknown.Known)})
	assert.Nil(t, suite.ScenarioText("xyz"))
	assert.Contains(t, string(suite.ScenarioText("create-group")), "beforeCreateGroup")
}
