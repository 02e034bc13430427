package play

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/suite"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

// playerOf is a player towards a receiver that refuses those who ask without
// the header X-Token: t.
func playerOf(t *testing.T) *Player {
	t.Helper()
	server := httptest.NewServer(receiver(func(w http.ResponseWriter, r request) {
		if r.Header.Get("X-Token") != "t" {
			_, _ = w.Write(fixtures.RefuseReply(5001, "no", "who are you?"))
			return
		}
		allow(w)
	}))
	t.Cleanup(server.Close)
	player, err := NewPlayer(server.URL, validate.Options{})
	require.NoError(t, err)
	t.Cleanup(player.Close)
	return player
}

func parsed(t *testing.T, text string) *suite.Suite {
	t.Helper()
	s, err := suite.Parse("suite.yaml", []byte(text), nil, nil)
	require.NoError(t, err)
	return s
}

// The steps of a case are one job; those after one that failed are skipped.
func TestTheStepsOfACase(t *testing.T) {
	s := parsed(t, `
server: 3.8.1
cases:
  - name: chain
    steps:
      - send: beforeSendSingleMsg
        headers: {x-token: t}
        expect: {outcome: proceed}
      - send: afterSendSingleMsg
        set: {clientMsgID: "${steps.1.request.clientMsgID}"}
      - send: beforeAddFriend
        expect: {outcome: proceed}
      - send: beforeAddFriend
`)
	player := playerOf(t)
	var results [][]validate.Result
	for job := range player.Suite(s, suite.Filter{}) {
		results = append(results, job(t.Context()))
	}
	require.Len(t, results, 1)
	chain := results[0]
	require.Len(t, chain, 4)
	assert.Equal(t, s.Server, chain[0].Server, "the suite's own")
	assert.Equal(t, validate.Proceed, chain[0].Outcome, "it has the header")
	id := gjson.GetBytes(chain[0].Exchange.Request.Body, "clientMsgID").String()
	require.NotEmpty(t, id)
	assert.Equal(t, id, gjson.GetBytes(chain[1].Exchange.Request.Body, "clientMsgID").String())
	assert.Equal(t, validate.Refuse, chain[2].Outcome)
	assert.Equal(t, "expect", chain[2].Findings[0].Rule)
	assert.Contains(t, chain[3].Skipped, "step 3")
	assert.False(t, chain[3].Exchange.Answered())
}

// What can't be built is told beforehand, and is a finding for who does not ask.
func TestAStepThatCannotBeBuilt(t *testing.T) {
	s := parsed(t, "cases: [{name: x, send: beforeAddFriend, set: {nothing: 1}}]")
	player := playerOf(t)
	require.ErrorContains(t, player.Verify(s), "nothing")
	sum, err := Runner{}.Run(t.Context(), player.Suite(s, suite.Filter{}), func(r validate.Result) error {
		assert.Equal(t, "expect", r.Findings[0].Rule)
		assert.False(t, r.Exchange.Answered())
		return nil
	})
	require.NoError(t, err)
	assert.Equal(t, 1, sum.Failed)
}

func TestCallbacks(t *testing.T) {
	player := playerOf(t)
	player.Seed, player.OperationID = new(uint64(7)), "op"
	friend, err := player.Payload("beforeAddFriend")
	require.NoError(t, err)
	black, err := player.Payload("beforeAddBlack")
	require.NoError(t, err)
	var keys []string
	sum, err := Runner{Jobs: 2}.Run(t.Context(), player.Callbacks(friend, black), func(r validate.Result) error {
		assert.Equal(t, validate.Refuse, r.Outcome)
		assert.Contains(t, r.Exchange.Request.Headers, validate.Header{"Operationid", "op"})
		keys = append(keys, r.Verdict.Callback.Key)
		return nil
	})
	require.NoError(t, err)
	assert.Equal(t, []string{"beforeAddFriend", "beforeAddBlack"}, keys)
	assert.Equal(t, 2, sum.Refuse)
}

// A case whose steps the version does not send is skipped.
func TestACaseForOtherVersions(t *testing.T) {
	s := parsed(t, `
server: 3.8.1
cases:
  - name: new
    since: main
    send: afterMsgSaveDB
  - name: part
    steps:
      - {send: beforeAddFriend, headers: {x-token: t}}
      - {send: afterAddFriendAgree, until: 3.8.0}
      - unordered: [send: afterAddFriend, send: beforeOnlinePush]
`)
	var results []validate.Result
	_, err := Runner{}.Run(t.Context(), playerOf(t).Suite(s, suite.Filter{}), func(r validate.Result) error {
		results = append(results, r)
		return nil
	})
	require.NoError(t, err)
	require.Len(t, results, 4)
	assert.Equal(t, "OpenIM 3.8.1 sends none of this", results[0].Skipped)
	assert.Equal(t, "part > 1 beforeAddFriend", results[1].Case)
	assert.ElementsMatch(t, []string{"part > 3 afterAddFriend", "part > 4 beforeOnlinePush"}, []string{results[2].Case, results[3].Case})
}
