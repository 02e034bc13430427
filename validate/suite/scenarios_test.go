package suite_test

import (
	"net/http"
	"net/http/httptest"
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
	return playWith(t, s, server, simulator.NewReceiver(simulator.ReceiverOptions{Server: validate.On(server)}))
}

// playWith runs a suite against a receiver.
func playWith(t *testing.T, s *suite.Suite, server fixtures.Release, handler http.Handler) []validate.Result {
	t.Helper()
	receiver := httptest.NewServer(handler)
	defer receiver.Close()
	sender, err := simulator.NewSender(simulator.SenderOptions{})
	require.NoError(t, err)
	defer sender.Close()
	opts := fixtures.PayloadOptions{Server: server, Seed: s.Seed}
	var results []validate.Result
	for run := range s.Plan(suite.Filter{}) {
		captured := run.Captures()
		for _, step := range run.Order(opts) {
			p, _, err := step.Payload(opts, captured)
			require.NoError(t, err)
			target, err := simulator.NewTarget(receiver.URL, simulator.Path)
			require.NoError(t, err)
			x := sender.Send(t.Context(), target.URL(p), p, 0)
			result := run.Result(step, validate.On(server))
			result.Exchange = x
			result.Verdict = validate.NewJudge(step.Callback, validate.Options{Server: validate.On(server)}).Judge(&x)
			captured.Record(x, result.Verdict)
			result.Findings = step.Check(result, captured, nil)
			results = append(results, result)
		}
	}
	return results
}

func TestScenarios(t *testing.T) {
	for _, scenario := range suite.Scenarios() {
		t.Run(scenario.Name, func(t *testing.T) {
			assert.NotEmpty(t, scenario.Summary)
			s, err := suite.LoadScenario(scenario.Name)
			require.NoError(t, err)
			for _, server := range fixtures.Releases() {
				require.NoError(t, s.Verify(fixtures.PayloadOptions{Server: server}), server)
				for _, r := range play(t, s, server) {
					c := r.Verdict.Callback
					assert.True(t, c.SentBy(server), "%s, %s", r.Case, server)
					if kind := gjson.GetBytes(r.Exchange.Request.Body, "contentType"); c.IsMessage() {
						assert.True(t, c.SentFor(int(kind.Int()), server), "%s, %s", r.Case, server)
					}
					assert.Empty(t, r.Findings, "%s, %s", r.Case, server)
					assert.Equal(t, 200, r.Exchange.Reply.Status)
				}
			}
		})
	}
}

// Each callback that a release sends has its place in a scenario.
func TestScenariosAreComplete(t *testing.T) {
	for _, server := range fixtures.Releases() {
		for _, c := range fixtures.SentBy(server) {
			assert.NotEmpty(t, suite.NeighborsOf(c, server), "%s, %s", c.Key, server)
		}
	}
}

func TestNeighbors(t *testing.T) {
	join := func(callback string, server fixtures.Release) suite.Neighbors {
		c, err := fixtures.Lookup(callback)
		require.NoError(t, err)
		all := suite.NeighborsOf(c, server)
		require.NotEmpty(t, all, callback)
		return all[0]
	}
	assert.Equal(t, suite.Neighbors{
		Scenario: "create-group", Before: []string{"beforeCreateGroup", "beforeMemberJoinGroup"},
		Beside: []string{"beforeCreateGroupChatConversations", "afterCreateGroupChatConversations", "beforeGroupOnlinePush"}, After: []string{},
	}, join("afterCreateGroup", fixtures.Main))
	assert.Equal(t, []string{"beforeSendGroupMsg", "afterSendGroupMsg", "beforeGroupOnlinePush"}, join("afterCreateGroup", fixtures.V383).Beside)
	assert.Equal(t, []string{"afterAddFriend", "beforeOnlinePush", "beforeOfflinePush"}, join("beforeAddFriend", fixtures.Main).After)
	c, err := fixtures.Lookup("afterUserKickOff")
	require.NoError(t, err)
	assert.Empty(t, suite.NeighborsOf(c, fixtures.Main))
}

func TestScenariosShareIDs(t *testing.T) {
	s, err := suite.LoadScenario("send-message")
	require.NoError(t, err)
	results := play(t, s, fixtures.DefaultRelease)
	first := gjson.ParseBytes(results[0].Exchange.Request.Body)
	for _, r := range results {
		request := gjson.ParseBytes(r.Exchange.Request.Body)
		assert.Equal(t, first.Get("clientMsgID").Str, request.Get("clientMsgID").Str, r.Case)
		for _, field := range []string{"serverMsgID", "sendTime"} {
			if request.Get(field).Exists() {
				assert.Equal(t, first.Get(field).Raw, request.Get(field).Raw, r.Case)
			}
		}
		assert.Equal(t, first.Get("operationID").Str, request.Get("operationID").Str, r.Case)
		assert.Equal(t, first.Get("content").Str, request.Get("content").Str, r.Case)
	}
}

func TestUnknownScenario(t *testing.T) {
	_, err := suite.LoadScenario("send-mesage")
	require.EqualError(t, err, `unknown scenario "send-mesage": did you mean send-message?`)
	_, err = suite.LoadScenario("xyz")
	var unknown *words.UnknownError
	require.ErrorAs(t, err, &unknown)
	assert.Equal(t, []any{"xyz", len(suite.Scenarios())}, []any{unknown.Name, len(unknown.Known)})
}
