package play

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/suite"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// towards is a player with a seed towards a receiver, and the ordinary requests
// of callbacks.
func towards(t *testing.T, h http.Handler, keys ...string) (*Player, []*fixtures.Payload) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	player, err := NewPlayer(server.URL, validate.Options{})
	require.NoError(t, err)
	t.Cleanup(player.Close)
	player.Seed = new(uint64(1))
	var payloads []*fixtures.Payload
	for _, key := range keys {
		p, err := player.Payload(key)
		require.NoError(t, err)
		payloads = append(payloads, p)
	}
	return player, payloads
}

// explore runs an exploration without covering requests, and returns what it
// told and saved.
func explore(t *testing.T, x *Exploration, jobs int, h http.Handler, keys ...string) (told []validate.Result, saved []suite.Draft) {
	t.Helper()
	player, payloads := towards(t, h, keys...)
	x.Found = func(d suite.Draft) { saved = append(saved, d) }
	sum, err := Runner{Jobs: jobs}.Run(t.Context(), player.Explore(x, CoverOptions{Cover: validate.CoverOne}, payloads...), func(r validate.Result) error {
		told = append(told, r)
		return nil
	})
	require.NoError(t, err)
	assert.False(t, sum.Interrupted)
	require.GreaterOrEqual(t, len(told), len(keys), "the ordinary requests")
	assert.Equal(t, x.Told(), len(told)-len(keys))
	return slices.DeleteFunc(told, func(r validate.Result) bool { return r.Case == "" }), saved
}

// isAt fails for whom is mentioned in a group, which a receiver of two mistakes
// might.
func isAt(r request) bool {
	at, _ := r.fields["atUserIDList"].([]any)
	return r.fields["sessionType"] == 3.0 && len(at) > 0
}

func failing(fails func(request) bool) http.Handler {
	return receiver(func(w http.ResponseWriter, r request) {
		if fails(r) {
			http.Error(w, "oops", http.StatusInternalServerError)
			return
		}
		allow(w)
	})
}

// Two values that fail only together are found, and nothing else is told of
// them.
func TestExploreFindsWhatFailsTogether(t *testing.T) {
	for _, jobs := range []int{1, 4} {
		x := &Exploration{Seed: 1, Requests: 200}
		told, saved := explore(t, x, jobs, failing(isAt), "beforeOfflinePush")
		require.Len(t, told, 1)
		assert.Contains(t, []string{"beforeOfflinePush message=at sessionType=3", "beforeOfflinePush sessionType=3 message=at"}, told[0].Case)
		assert.False(t, told[0].OK(validate.Error))
		assert.Equal(t, []string{"contentType", "sessionType"}, pathsOf(told[0].Cover.Differs))
		require.Len(t, saved, 1)
		assert.GreaterOrEqual(t, x.Sent(), 200)

		text := "cases:\n" + saved[0].String()
		s, err := suite.Parse("saved.yaml", []byte(text), nil, CoverRules())
		require.NoError(t, err, text)
		for name, tt := range map[string]struct {
			fails func(request) bool
			ok    bool
		}{"today": {isAt, false}, "mended": {func(request) bool { return false }, true}} {
			player, _ := towards(t, failing(tt.fails))
			require.NoError(t, player.Verify(s), text)
			sum, err := Runner{}.Run(t.Context(), player.Suite(s, suite.Filter{}), nil)
			require.NoError(t, err)
			assert.Equal(t, tt.ok, sum.Failed == 0, "%s\n%s", name, text)
		}
	}
}

func TestExploreFindsNothingWrongWhereNothingIs(t *testing.T) {
	var keys []string
	for _, c := range fixtures.SentBy(fixtures.DefaultRelease) {
		keys = append(keys, c.Key)
	}
	told, saved := explore(t, &Exploration{Seed: 1, Requests: 300}, 4, failing(func(request) bool { return false }), keys...)
	assert.Empty(t, told)
	assert.Empty(t, saved)
}

// The requests of a seed are the same in every run.
func TestExploreRepeatsASeed(t *testing.T) {
	bodies := func(seed uint64) []string {
		var mu sync.Mutex
		var all []string
		explore(t, &Exploration{Seed: seed, Requests: 60}, 1, receiver(func(w http.ResponseWriter, r request) {
			mu.Lock()
			all = append(all, r.command+string(r.body))
			mu.Unlock()
			if isAt(r) {
				http.Error(w, "oops", http.StatusInternalServerError)
				return
			}
			allow(w)
		}), "beforeOfflinePush", "beforeAddFriend")
		return all
	}
	first := bodies(7)
	assert.Equal(t, first, bodies(7))
	assert.NotEqual(t, first, bodies(8))
}

// Each difference is told once, however many requests show it, and however many
// values of a field do.
func TestExploreTellsEachCauseOnce(t *testing.T) {
	told, _ := explore(t, &Exploration{Seed: 3, Requests: 600}, 4, receiver(func(w http.ResponseWriter, r request) {
		switch {
		case r.fields["contentType"] != 101.0:
			http.Error(w, "oops", http.StatusInternalServerError)
		case r.fields["faceURL"] == "":
			http.Error(w, "oops", http.StatusInternalServerError)
		case r.fields["ex"] == `{"k":"v"}`:
			_, _ = w.Write(fixtures.RefuseReply(5002, "no", "who?"))
		default:
			allow(w)
		}
	}), "beforeSendGroupMsg")
	var paths []string
	for _, r := range told {
		paths = append(paths, fmt.Sprintf("%s %s", r.Outcome, pathsOf(r.Cover.Differs)))
	}
	assert.ElementsMatch(t, []string{"fail [contentType]", "fail [faceURL]", "refuse [ex]"}, paths)
	for _, r := range told {
		assert.Equal(t, r.Outcome == validate.Refuse, r.OK(validate.Error), "a refusal is a note: %s", r.Findings)
	}
}

// What the covering requests told is not told again.
func TestExploreKnowsWhatCoveringTold(t *testing.T) {
	player, payloads := towards(t, failing(func(r request) bool { return r.fields["ex"] != "" }), "beforeSendGroupMsg")
	var told []string
	_, err := Runner{Jobs: 2}.Run(t.Context(), player.Explore(&Exploration{Seed: 1, Requests: 200}, CoverOptions{}, payloads...), func(r validate.Result) error {
		told = append(told, r.Case)
		return nil
	})
	require.NoError(t, err)
	require.Len(t, told, 2)
	assert.Contains(t, told[1], "beforeSendGroupMsg ex=")
}

func TestExploreTellsOfAnotherAnswerToTheSameRequest(t *testing.T) {
	var mu sync.Mutex
	seen := make(map[any]bool)
	told, saved := explore(t, &Exploration{Seed: 1, Requests: 40}, 4, receiver(func(w http.ResponseWriter, r request) {
		mu.Lock()
		again := seen[r.fields["clientMsgID"]]
		seen[r.fields["clientMsgID"]] = true
		mu.Unlock()
		if again {
			http.Error(w, "duplicate", http.StatusConflict)
			return
		}
		allow(w)
	}), "beforeSendGroupMsg")
	require.Len(t, told, 1)
	assert.Equal(t, "beforeSendGroupMsg again", told[0].Case)
	assert.True(t, slices.ContainsFunc(told[0].Findings, func(f validate.Finding) bool { return f.Rule == ruleCoverAgain.ID }), told[0].Findings)
	require.Len(t, saved, 1)
	assert.Equal(t, 2, saved[0].Times)
}

// A receiver that a request ends is told with that request, and gets no more.
func TestExploreEndsWithTheReceiver(t *testing.T) {
	for name, tells := range map[string]func(http.ResponseWriter){
		"answers first": allow, "says nothing": func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			var dies atomic.Bool
			var server *httptest.Server // a request closes it
			x := &Exploration{Seed: 5, Requests: 1000}
			player, payloads := towards(t, http.NotFoundHandler(), "beforeSendGroupMsg", "beforeAddFriend")
			server = httptest.NewServer(receiver(func(w http.ResponseWriter, r request) {
				if r.fields["senderNickname"] == "" {
					dies.Store(true)
					go server.Listener.Close()
					w.Header().Set("Connection", "close")
					tells(w)
					return
				}
				if dies.Load() {
					panic(http.ErrAbortHandler)
				}
				w.Header().Set("Connection", "close")
				allow(w)
			}))
			defer server.Close()
			other, err := NewPlayer(server.URL, validate.Options{})
			require.NoError(t, err)
			player.Target = other.Target
			var told []validate.Result
			_, err = Runner{}.Run(t.Context(), player.Explore(x, CoverOptions{Cover: validate.CoverOne}, payloads...), func(r validate.Result) error {
				told = append(told, r)
				return nil
			})
			require.NoError(t, err)
			require.Len(t, told, 3)
			assert.Equal(t, "beforeSendGroupMsg died", told[2].Case)
			assert.Less(t, x.Sent(), 1000)
		})
	}
}

// Callbacks whose ordinary request fails are not explored; without any other,
// that is the end.
func TestExploreLeavesOutWhatFailsAnyway(t *testing.T) {
	broken := func(r request) bool { return strings.Contains(r.command, "AddFriend") }
	x := &Exploration{Seed: 1, Requests: 50}
	explore(t, x, 2, failing(broken), "beforeAddFriend")
	assert.Zero(t, x.Sent())

	x = &Exploration{Seed: 1, Requests: 50}
	told, _ := explore(t, x, 1, failing(broken), "beforeAddFriend", "beforeSendGroupMsg")
	assert.Empty(t, told)
	assert.GreaterOrEqual(t, x.Sent(), 49)
}

// Requests are made of those that were recorded, and of their callbacks only.
func TestExploreChangesWhatWasRecorded(t *testing.T) {
	c, err := fixtures.Lookup("beforeSendGroupMsg")
	require.NoError(t, err)
	x := &Exploration{Seed: 1, Requests: 100, Recorded: func(yield func(Recorded) bool) {
		for _, body := range []string{`{"groupID":"hikers","sendID":"me","senderNickname":"Me"}`, "no JSON", `{"contentType":777}`} {
			if !yield(Recorded{c, validate.Exchange{Request: validate.Request{Body: []byte(body)}}}) {
				return
			}
		}
	}}
	var mu sync.Mutex
	groups := make(map[string]int)
	told, _ := explore(t, x, 2, receiver(func(w http.ResponseWriter, r request) {
		mu.Lock()
		groups[fmt.Sprint(r.command, r.fields["groupID"])]++
		mu.Unlock()
		if r.fields["groupID"] == "hikers" && r.fields["senderNickname"] == "" {
			http.Error(w, "oops", http.StatusInternalServerError)
			return
		}
		allow(w)
	}), "beforeSendGroupMsg", "beforeAddFriend")
	assert.Greater(t, groups["callbackBeforeSendGroupMsgCommandhikers"], 50)
	assert.Equal(t, 1, groups["callbackBeforeAddFriendCommand<nil>"])
	require.Len(t, told, 1)
	assert.Equal(t, []string{"groupID", "senderNickname"}, pathsOf(told[0].Cover.Differs))
}

// The time ends it; nothing is sent after that.
func TestExploreEndsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		player := &Player{Judging: new(Judging)}
		e := &explorer{Exploration: &Exploration{For: time.Minute}}
		p, err := player.Payload("beforeAddFriend")
		require.NoError(t, err)
		e.callbacks = []*explored{newExplored(e, player.explainer().coverer(CoverOptions{}, p))}
		n := 0
		for range e.jobs {
			n++
			time.Sleep(time.Second)
		}
		assert.Equal(t, 60, n)
	})
}
