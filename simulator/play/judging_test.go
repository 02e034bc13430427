package play

import (
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/suite"
	"github.com/imcb-dev/imcb/validate/webhooks"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func lookup(t *testing.T, name string) *fixtures.Callback {
	t.Helper()
	c, err := fixtures.Lookup(name)
	require.NoError(t, err)
	return c
}

// A suite's settings count where there are no others.
func TestASuitesOwnSettings(t *testing.T) {
	s := &suite.Suite{
		Server: validate.On(fixtures.V383), Timeout: 2 * time.Second, ErrCodes: validate.Range{Low: 1, High: 2}, Contract: validate.Running,
		Severities: validate.Overrides{"a": validate.Note, "b": validate.Note},
	}
	own := (&Judging{Severities: validate.Overrides{"b": validate.Off}}).With(s)
	assert.Equal(t, validate.Options{Server: s.Server, Timeout: s.Timeout, ErrCodes: s.ErrCodes, Contract: s.Contract}, own.Options)
	assert.Equal(t, validate.Overrides{"a": validate.Note, "b": validate.Off}, own.Severities)
	given := validate.Options{Server: validate.On(fixtures.Main), Timeout: time.Second, ErrCodes: validate.Range{Low: 3, High: 4}, Contract: validate.Both}
	assert.Equal(t, given, (&Judging{Options: given}).With(s).Options)
	assert.Equal(t, validate.On(fixtures.DefaultRelease), (&Judging{}).With(&suite.Suite{}).Server())
}

func TestCallbacksOfAWebhooksFile(t *testing.T) {
	file, err := webhooks.Parse("webhooks.yml", []byte(`
url: http://127.0.0.1:1/cb
beforeAddFriend: {enable: true, timeout: 3}
beforeSendSingleMsg: {enable: true, timeout: 5, deniedTypes: [101]}
afterAddFriend: {enable: false, timeout: 5}
`))
	require.NoError(t, err)
	var j Judging
	sent, filtered := j.Webhooks(file, "")
	friend := lookup(t, "beforeAddFriend")
	assert.Equal(t, []*fixtures.Callback{friend}, sent)
	assert.Equal(t, []*fixtures.Callback{lookup(t, "beforeSendSingleMsg")}, filtered)
	assert.Equal(t, 3*time.Second, j.Timeout(friend))
	assert.Equal(t, validate.DefaultTimeout, j.Timeout(lookup(t, "beforeAddBlack")))
	sent, _ = new(Judging).Webhooks(file, "picture")
	assert.Len(t, sent, 2, "the filter is for texts")
}

// What was recorded is judged as it stands, and sent again to where the player
// sends; a verdict that is another now is noted.
func TestRecordedExchanges(t *testing.T) {
	receiver := httptest.NewServer(simulator.NewReceiver(simulator.ReceiverOptions{}))
	defer receiver.Close()
	player, err := NewPlayer(receiver.URL, validate.Options{})
	require.NoError(t, err)
	defer player.Close()
	p, err := player.Payload("beforeAddFriend")
	require.NoError(t, err)
	refused := player.Send(t.Context(), p).Exchange
	allowed, unanswered := refused, refused
	refused.Reply.Body = fixtures.RefuseReply(5001, "no", "")
	unanswered.Reply = validate.Reply{}
	recorded := func(yield func(Recorded) bool) {
		for _, x := range []validate.Exchange{refused, allowed, unanswered} {
			if !yield(Recorded{p.Callback, x}) {
				return
			}
		}
	}
	var judged, again []validate.Result
	for job := range Chain(player.Judging.Recorded(recorded)) {
		judged = append(judged, job(t.Context())...)
	}
	require.Len(t, judged, 3)
	assert.Equal(t, []validate.Outcome{validate.Refuse, validate.Proceed}, []validate.Outcome{judged[0].Outcome, judged[1].Outcome})
	for job := range player.Again(recorded) {
		again = append(again, job(t.Context())...)
	}
	require.Len(t, again, 3)
	assert.False(t, slices.ContainsFunc(again, func(r validate.Result) bool { return r.Outcome != validate.Proceed }))
	require.NotNil(t, again[0].Was)
	assert.Equal(t, validate.Refuse, again[0].Was.Outcome)
	assert.Nil(t, again[1].Was, "the same as before")
	assert.Nil(t, again[2].Was, "there was no reply")
}

// Judged from a journal, a request has the findings that it had when it came.
func TestRecordedRequests(t *testing.T) {
	old, err := lookup(t, "beforeMsgModify").Payload(fixtures.PayloadOptions{Server: fixtures.V36})
	require.NoError(t, err)
	var came *simulator.Arrival
	receiver := httptest.NewServer(simulator.NewReceiver(simulator.ReceiverOptions{Observe: func(a *simulator.Arrival) { came = a }}))
	defer receiver.Close()
	player, err := NewPlayer(receiver.URL, validate.Options{})
	require.NoError(t, err)
	defer player.Close()
	player.Send(t.Context(), old)
	require.NotEmpty(t, came.Differs)
	var request []validate.Finding
	judging := &Judging{Requests: true}
	for job := range judging.Recorded(slices.Values([]Recorded{{old.Callback, came.Exchange}})) {
		request = append(request, job(t.Context())[0].Findings...)
	}
	assert.Equal(t, came.Differs, request)
	assert.Contains(t, request[0].Message.String(), "not callbackMsgModifyCommand (until 3.6)")
}

func TestPlayersOfNothing(t *testing.T) {
	_, err := NewPlayer("localhost", validate.Options{})
	require.ErrorContains(t, err, `has no scheme`)
	player, err := NewPlayer("http://127.0.0.1:1/cb", validate.Options{})
	require.NoError(t, err)
	_, err = player.Payload("beforeAdFriend")
	assert.ErrorContains(t, err, "did you mean beforeAddFriend")
}
