package play

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/suite"
	"github.com/imcb-dev/imcb/validate/webhooks"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

// covering is a player towards a receiver, and what that has received.
type covering struct {
	*Player
	mu   sync.Mutex
	seen []gjson.Result
}

// bodies are what came so far, one after another: a job has its requests in a row.
func (c *covering) bodies() []gjson.Result {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.seen)
}

func (c *covering) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen = nil
}

func coveringOf(t *testing.T, o validate.Options, answer func(w http.ResponseWriter, r request)) *covering {
	t.Helper()
	c := new(covering)
	server := httptest.NewServer(receiver(func(w http.ResponseWriter, r request) {
		c.mu.Lock()
		c.seen = append(c.seen, gjson.ParseBytes(r.body))
		c.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	player, err := NewPlayer(server.URL+"/cb", o)
	require.NoError(t, err)
	t.Cleanup(player.Close)
	c.Player, player.Judging.Severities = player, quiet
	return c
}

// covered are the results of the requests that cover a callback.
func (c *covering) covered(t *testing.T, o CoverOptions, callback, message string) (results []validate.Result) {
	t.Helper()
	opts := c.options()
	opts.Message = message
	ordinary, err := lookup(t, callback).Payload(opts)
	require.NoError(t, err)
	for job := range c.Cover(o, ordinary) {
		results = append(results, job(t.Context())...)
	}
	return results
}

func always(w http.ResponseWriter, _ request) { allow(w) }

// quiet leaves out that the receivers of this test have no Content-Type.
var quiet = validate.Overrides{"content-type": validate.Off}

func rulesOf(r validate.Result) []string {
	return words.Names(r.Findings, func(f validate.Finding) string { return f.Rule })
}

// setOf is how many requests there are without notifications.
func setOf(t *testing.T, callback string) int {
	t.Helper()
	cases := lookup(t, callback).Cases(fixtures.DefaultRelease)
	return len(slices.DeleteFunc(cases, func(k fixtures.Case) bool { return k.OnRequest }))
}

// A right receiver gets each request once and the ordinary one again, byte for
// byte, and has no finding.
func TestCoverOfARightReceiver(t *testing.T) {
	c := coveringOf(t, validate.Options{}, always)
	results := c.covered(t, CoverOptions{}, "beforeUpdateUserInfo", "")
	require.Len(t, results, 1)
	n := setOf(t, "beforeUpdateUserInfo")
	assert.Equal(t, &validate.Cover{Requests: n, Well: n}, results[0].Cover)
	assert.Empty(t, results[0].Findings)
	require.Len(t, c.bodies(), n+1)
	assert.Equal(t, c.bodies()[0].Raw, c.bodies()[n].Raw)
	assert.Empty(t, results[0].Case)

	c.forget()
	results = c.covered(t, CoverOptions{Cover: validate.CoverOne}, "beforeUpdateUserInfo", "")
	assert.Len(t, c.bodies(), 1)
	assert.Nil(t, results[0].Cover)
}

// A receiver that can't read what is no text is told of once, by the first kind of
// message, with the others beside it.
func TestCoverFindsTheKindOfMessage(t *testing.T) {
	c := coveringOf(t, validate.Options{}, func(w http.ResponseWriter, r request) {
		if r.fields["contentType"] != 101.0 {
			http.Error(w, "KeyError", http.StatusInternalServerError)
			return
		}
		allow(w)
	})
	results := c.covered(t, CoverOptions{}, "beforeSendSingleMsg", "")
	require.Len(t, results, 2)
	assert.Empty(t, results[0].Findings)
	n, failed := setOf(t, "beforeSendSingleMsg"), results[1].Cover.Requests
	assert.Equal(t, &validate.Cover{Requests: n, Well: n - failed}, results[0].Cover)
	picture := results[1]
	assert.Equal(t, "beforeSendSingleMsg message=picture", picture.Case)
	assert.Equal(t, []string{"not-json"}, rulesOf(picture))
	assert.Equal(t, []string{"--case", "message=picture"}, picture.Cover.Args)
	assert.Equal(t, "contentType is 102 (picture)", validate.When(picture.Cover.Differs).String())
	assert.Len(t, picture.Cover.Also, failed-1)
	assert.Contains(t, picture.Cover.Also, "message=voice")
	assert.EqualValues(t, 102, gjson.GetBytes(picture.Exchange.Request.Body, "contentType").Int())
}

// What is decided in another way is a note; of several fields that differ at
// once the one is found that decides.
func TestCoverShrinksToTheField(t *testing.T) {
	c := coveringOf(t, validate.Options{}, func(w http.ResponseWriter, r request) {
		if r.fields["faceURL"] == "" {
			_, _ = w.Write(fixtures.RefuseReply(5002, "no", "a face, please"))
			return
		}
		allow(w)
	})
	results := c.covered(t, CoverOptions{}, "beforeUpdateUserInfo", "")
	require.Len(t, results, 2)
	assert.Empty(t, results[0].Findings)
	found := results[1]
	assert.Equal(t, "beforeUpdateUserInfo faceURL=empty", found.Case)
	require.Equal(t, []string{"cover-outcome"}, rulesOf(found))
	assert.Equal(t, validate.Note, found.Findings[0].Severity)
	assert.Equal(t, "refuses 5002 when faceURL is empty: meant?", found.Findings[0].Message.String())
	assert.Equal(t, []string{"--case", "faceURL=empty"}, found.Cover.Args)
	assert.JSONEq(t, `""`, gjson.GetBytes(found.Exchange.Request.Body, "faceURL").Raw)
	assert.NotEmpty(t, gjson.GetBytes(found.Exchange.Request.Body, "nickName").Str)
}

// Nothing more is sent where the ordinary request fails.
func TestCoverAfterAFailure(t *testing.T) {
	c := coveringOf(t, validate.Options{}, func(w http.ResponseWriter, _ request) { _, _ = w.Write(fixtures.RefuseReply(0, "no", "")) })
	results := c.covered(t, CoverOptions{}, "beforeAddFriend", "")
	require.Len(t, results, 1)
	assert.Len(t, c.bodies(), 1)
	assert.Equal(t, 1, results[0].Cover.Requests)
	assert.Zero(t, results[0].Cover.Well)
	assert.Equal(t, "cover.failed", results[0].Cover.Unsent.ID())
	assert.Equal(t, setOf(t, "beforeAddFriend")-1, results[0].Cover.Unsent.Arg("n"))
}

// A receiver that does not answer in time costs a few requests only.
func TestCoverStopsAtTimeouts(t *testing.T) {
	var served atomic.Int32
	c := coveringOf(t, validate.Options{Timeout: 300 * time.Millisecond}, func(w http.ResponseWriter, r request) {
		if served.Add(1) > 1 {
			<-r.Context().Done()
			return
		}
		allow(w)
	})
	results := c.covered(t, CoverOptions{}, "beforeSendSingleMsg", "")
	require.Len(t, results, 2)
	assert.Len(t, c.bodies(), 2+mostTimeouts)
	require.Equal(t, []string{"cover-died"}, rulesOf(results[0]))
	assert.Equal(t, "the receiver does not answer any more after a request in which contentType is 102 (picture)", results[0].Findings[0].Message.String())
	assert.Equal(t, "cover.timeouts", results[0].Cover.Unsent.ID())
	assert.Equal(t, 1+mostTimeouts, results[0].Cover.Requests)
	assert.Equal(t, []string{"timeout"}, rulesOf(results[1]))
	assert.Equal(t, mostTimeouts, results[1].Cover.Requests)
}

// A run that is interrupted tells what it knows, and what is left.
func TestInterruptedCover(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	c := coveringOf(t, validate.Options{}, always)
	ordinary, err := c.Payload("beforeAddFriend")
	require.NoError(t, err)
	sent := 0
	covered := coverer{judging: c.Judging, ordinary: ordinary, space: c.spaceOf(CoverOptions{}, ordinary), send: func(ctx context.Context, p *fixtures.Payload) validate.Result {
		if sent++; sent == 4 {
			interrupt()
		}
		return c.Send(ctx, p)
	}}
	results := covered.run(ctx)
	require.Len(t, results, 1)
	assert.Equal(t, 3, results[0].Cover.Requests)
	assert.Equal(t, setOf(t, "beforeAddFriend")-3, results[0].Cover.Unsent.Arg("n"))
	assert.Empty(t, results[0].Findings)
}

// A receiver that keeps a state is not told that the second request is at fault.
func TestCoverOfAReceiverWithAState(t *testing.T) {
	var served atomic.Int32
	c := coveringOf(t, validate.Options{}, func(w http.ResponseWriter, _ request) {
		if served.Add(1) > 1 {
			_, _ = w.Write(fixtures.RefuseReply(5003, "no", "once is enough"))
			return
		}
		allow(w)
	})
	results := c.covered(t, CoverOptions{}, "beforeAddFriend", "")
	require.Len(t, results, 1)
	require.Equal(t, []string{"cover-again"}, rulesOf(results[0]))
	assert.Equal(t, validate.Warning, results[0].Findings[0].Severity)
	assert.Equal(t, "answers the same request differently: proceeds first, refuses 5003 when it comes again", results[0].Findings[0].Message.String())
	assert.Equal(t, results[0].Cover.Requests, results[0].Cover.Well)
}

// An after callback has no other end; its reply has.
func TestCoverOfAnEventThatComesAgain(t *testing.T) {
	seen := make(map[string]bool)
	c := coveringOf(t, validate.Options{}, func(w http.ResponseWriter, r request) {
		if id, _ := r.fields["clientMsgID"].(string); seen[id] {
			http.Error(w, "UNIQUE constraint failed", http.StatusInternalServerError)
		} else {
			seen[id] = true
			allow(w)
		}
	})
	results := c.covered(t, CoverOptions{}, "afterSendSingleMsg", "")
	require.Len(t, results, 1)
	require.Equal(t, []string{"cover-again"}, rulesOf(results[0]))
	assert.Equal(t, validate.Error, results[0].Findings[0].Severity)
	assert.Contains(t, results[0].Findings[0].Message.String(), "is right first, breaks not-json when it comes again")
}

// The request after which the answers change is named; one after which there
// are none ends the requests.
func TestCoverOfAReceiverThatBreaks(t *testing.T) {
	for broken, want := range map[string]string{
		"500":  "answers the same request differently: proceeds first, fails with 90007 when it comes again, after a request in which ex is 64 KB of text",
		"dead": "the receiver does not answer any more after a request in which ex is 64 KB of text",
	} {
		var down atomic.Bool
		c := coveringOf(t, validate.Options{}, func(w http.ResponseWriter, r request) {
			switch ex, _ := r.fields["ex"].(string); {
			case len(ex) > 60_000 || down.Load():
				down.Store(true)
				if broken == "dead" {
					panic(http.ErrAbortHandler)
				}
				http.Error(w, "too many connections", http.StatusInternalServerError)
			default:
				allow(w)
			}
		})
		results := c.covered(t, CoverOptions{}, "beforeSendSingleMsg", "")
		require.NotEmpty(t, results[0].Findings, broken)
		assert.Equal(t, want, results[0].Findings[0].Message.String())
		assert.Equal(t, validate.Error, results[0].Findings[0].Severity)
		assert.Equal(t, broken == "dead", results[0].Cover.Unsent.ID() == "cover.cut")
	}
}

// A connection that ends with a body that was not read is no receiver's end.
func TestCoverOfAReceiverThatClosesConnections(t *testing.T) {
	var closing atomic.Bool
	c := coveringOf(t, validate.Options{}, func(w http.ResponseWriter, r request) {
		if ex, _ := r.fields["ex"].(string); len(ex) > 60_000 {
			closing.Store(true)
			http.Error(w, "too large", http.StatusRequestEntityTooLarge)
			return
		}
		if closing.CompareAndSwap(true, false) {
			panic(http.ErrAbortHandler)
		}
		allow(w)
	})
	results := c.covered(t, CoverOptions{}, "beforeAddFriend", "")
	require.Len(t, results, 2)
	assert.Empty(t, results[0].Findings)
	assert.Equal(t, "beforeAddFriend ex=large", results[1].Case)
	assert.Equal(t, "cause.limit", results[1].Findings[0].Hint.ID())
}

// What a notification has, too, is told of the field that makes the difference.
func TestCoverNamesTheFieldOfANotification(t *testing.T) {
	c := coveringOf(t, validate.Options{}, func(w http.ResponseWriter, r request) {
		if r.fields["senderNickname"] == "" {
			http.Error(w, "IndexError", http.StatusInternalServerError)
			return
		}
		allow(w)
	})
	results := c.covered(t, CoverOptions{}, "afterSendSingleMsg", "")
	require.Len(t, results, 2)
	assert.Equal(t, "senderNickname is empty", validate.When(results[1].Cover.Differs).String())
}

// A refusal that no client sees is the same decision: it is not told as another.
func TestCoverOfARefusalThatNobodySees(t *testing.T) {
	c := coveringOf(t, validate.Options{}, func(w http.ResponseWriter, _ request) {
		_, _ = w.Write(fixtures.RefuseReply(5003, "no", ""))
	})
	results := c.covered(t, CoverOptions{AllMessages: true}, "beforeSendGroupMsg", "")
	require.Len(t, results, 2)
	assert.Equal(t, []string{"notice-lost"}, rulesOf(results[1]))
}

// Edits are those of every request, and leave out what they undo.
func TestCoverWithEdits(t *testing.T) {
	c := coveringOf(t, validate.Options{}, always)
	edit := func(p *fixtures.Payload) error { return p.SetJSON("nickName", json.RawMessage(`"Zoe"`)) }
	ordinary, err := c.Payload("beforeUpdateUserInfo")
	require.NoError(t, err)
	require.NoError(t, edit(ordinary))
	for job := range c.Cover(CoverOptions{Edit: edit}, ordinary) {
		job(t.Context())
	}
	assert.Less(t, len(c.bodies()), setOf(t, "beforeUpdateUserInfo")+1)
	seen := make(map[string]int)
	for _, body := range c.bodies() {
		assert.Equal(t, "Zoe", body.Get("nickName").Str)
		seen[body.Get("userID").Raw+body.Get("faceURL").Raw]++
	}
	delete(seen, c.bodies()[0].Get("userID").Raw+c.bodies()[0].Get("faceURL").Raw)
	for what, n := range seen {
		assert.Equal(t, 1, n, what)
	}
}

// All requests are of the kind of message that is asked for; or of every kind.
func TestCoverOfAKindOfMessage(t *testing.T) {
	c := coveringOf(t, validate.Options{}, always)
	c.covered(t, CoverOptions{}, "beforeSendGroupMsg", "at")
	require.Greater(t, len(c.bodies()), 5)
	for _, body := range c.bodies() {
		assert.EqualValues(t, 106, body.Get("contentType").Int())
		assert.True(t, gjson.Valid(body.Get("content").Str))
	}
	c.forget()
	c.covered(t, CoverOptions{}, "beforeOfflinePush", "")
	some := len(c.bodies())
	assert.Equal(t, setOf(t, "beforeOfflinePush")+1, some)
	c.forget()
	c.covered(t, CoverOptions{AllMessages: true}, "beforeOfflinePush", "")
	assert.Greater(t, len(c.bodies()), some+10)
}

// A webhooks.yml leaves out what its filters do.
func TestCoverOfWhatIsConfigured(t *testing.T) {
	c := coveringOf(t, validate.Options{}, always)
	file, err := webhooks.Parse("webhooks.yml", []byte("url: http://127.0.0.1:1/cb\nbeforeSendSingleMsg: {enable: true, timeout: 5, deniedTypes: [102-105]}\n"))
	require.NoError(t, err)
	c.Judging.Webhooks(file, "")
	c.covered(t, CoverOptions{}, "beforeSendSingleMsg", "")
	kinds := make(map[int64]bool)
	for _, body := range c.bodies() {
		kinds[body.Get("contentType").Int()] = true
	}
	assert.True(t, kinds[101] && kinds[106])
	assert.False(t, kinds[102] || kinds[105])
}

// Any two cases that can come together do, in far fewer requests.
func TestPairs(t *testing.T) {
	for _, key := range []string{"beforeSendSingleMsg", "beforeCreateGroup", "beforeUpdateUserInfo", "afterUserOnline"} {
		c := lookup(t, key)
		p, err := c.Payload(fixtures.PayloadOptions{})
		require.NoError(t, err)
		s := (&Player{Judging: new(Judging)}).spaceOf(CoverOptions{Cover: validate.CoverPairs}, p)
		cases := singly(s.cases())
		pairs := s.pairsOf(cases)
		together := 0
		for i, a := range cases {
			for _, b := range cases[:i] {
				if a.Fits(b) {
					together++
					assert.True(t, slices.ContainsFunc(pairs, func(k fixtures.Case) bool { return hasAll(k, a) && hasAll(k, b) }), "%s: %s and %s", key, a.Name, b.Name)
				}
			}
		}
		assert.LessOrEqual(t, len(pairs), together, key)
		if together > 100 {
			assert.Less(t, len(pairs), together/3, key)
		}
		for _, k := range pairs {
			_, ok := s.payload(k)
			assert.True(t, ok, "%s: %s", key, k.Name)
		}
	}
}

func hasAll(k, of fixtures.Case) bool {
	return !slices.ContainsFunc(of.Differs, func(d fixtures.Difference) bool {
		return !slices.ContainsFunc(k.Differs, func(have fixtures.Difference) bool { return sameDifference(have, d) })
	})
}

// Two values that break together only are found, and nothing else with them.
func TestCoverFindsAPair(t *testing.T) {
	c := coveringOf(t, validate.Options{}, func(w http.ResponseWriter, r request) {
		if r.fields["contentType"] == 110.0 && r.fields["faceURL"] == "" {
			http.Error(w, "oops", http.StatusInternalServerError)
			return
		}
		allow(w)
	})
	assert.Len(t, c.covered(t, CoverOptions{}, "beforeSendSingleMsg", ""), 1)
	results := c.covered(t, CoverOptions{Cover: validate.CoverPairs}, "beforeSendSingleMsg", "")
	require.Len(t, results, 2)
	assert.Equal(t, "contentType is 110 (custom) and faceURL is empty", validate.When(results[1].Cover.Differs).String())
	assert.Equal(t, []string{"--message", "custom", "--set-string", "faceURL="}, results[1].Cover.Args)
}

// A suite's step covers its callback, with its own edits, and all must end as it
// expects.
func TestCoverInASuite(t *testing.T) {
	c := coveringOf(t, validate.Options{}, func(w http.ResponseWriter, r request) {
		if r.fields["nickName"] == "" {
			_, _ = w.Write(fixtures.RefuseReply(5002, "no", "a name, please"))
			return
		}
		allow(w)
	})
	s := parsed(t, `
cases:
  - name: profile
    steps:
      - {send: beforeUpdateUserInfo, cover: each, headers: {x-a: b}, expect: {outcome: proceed}}
      - {send: beforeUpdateUserInfo, cover: each, set: {nickName: Zoe, faceURL: "${steps.1.request.faceURL}"}}
      - {send: beforeUpdateUserInfo, cover: one}
`)
	var results []validate.Result
	for job := range c.Suite(s, suite.Filter{}) {
		results = append(results, job(t.Context())...)
	}
	names := words.Names(results, func(r validate.Result) string { return r.Case })
	const first = "profile > 1 beforeUpdateUserInfo"
	assert.Equal(t, []string{first, first + " nickName=empty", "profile > 2 beforeUpdateUserInfo", "profile > 3 beforeUpdateUserInfo"}, names)
	assert.Equal(t, []string{"expect", "cover-outcome"}, rulesOf(results[1]))
	assert.Equal(t, 5, results[1].Line)
	assert.Empty(t, results[2].Findings)
	assert.Greater(t, results[2].Cover.Requests, 1)
	assert.Less(t, results[2].Cover.Requests, results[0].Cover.Requests)
	assert.Nil(t, results[3].Cover)

	_, err := suite.Parse("suite.yaml", []byte("cases:\n  - {send: beforeAddFriend, cover: all}\n"), nil, nil)
	require.ErrorContains(t, err, "one, each, pairs")
	_, err = suite.Parse("suite.yaml", []byte("cases:\n  - {send: beforeAddFriend, cover: each, data: '{}'}\n"), nil, nil)
	require.ErrorContains(t, err, "leave cover out")
}

// What is on a command line is what is sent.
func TestArgsMakeTheRequest(t *testing.T) {
	for want, d := range map[string]fixtures.Difference{
		"--unset title":                 {Path: "title"},
		"--message picture":             {Path: "contentType", Value: json.RawMessage("102")},
		"--set-string nickName=":        {Path: "nickName", Value: json.RawMessage(`""`)},
		"--set-string ex={\"k\":\"v\"}": {Path: "ex", Value: json.RawMessage(`"{\"k\":\"v\"}"`)},
		"--set list=null":               {Path: "list", Value: json.RawMessage("null")},
		"--set n=9007199254740993":      {Path: "n", Value: json.RawMessage("9007199254740993")},
	} {
		assert.Equal(t, want, strings.Join(argsOf(d), " "))
	}
}
