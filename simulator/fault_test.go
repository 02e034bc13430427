package simulator_test

import (
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// effectOf reads what a fault says that OpenIM makes of it.
func effectOf(f simulator.Fault) (outcome validate.Outcome, client int) {
	switch {
	case strings.Contains(f.Effect, "proceeds"):
		return validate.Proceed, 0
	case strings.Contains(f.Effect, "refused"):
		return validate.Refuse, 500
	}
	code := regexp.MustCompile(`errCode (\d+)`).FindStringSubmatch(f.Effect)
	if code != nil {
		client, _ = strconv.Atoi(code[1])
	}
	return validate.Fail, client
}

// TestFaultsOnTheWire sends a callback to each fault with imcb's own sender,
// and compares what it makes of it with the documented effect and with what the
// receiver predicted.
func TestFaultsOnTheWire(t *testing.T) {
	const timeout = 15 * time.Second
	failures := map[string]validate.Failure{ // which one the sender sees
		"close": validate.Reset, "reset": validate.Reset, "truncated": validate.Truncated, "garbage": validate.Malformed,
	}
	slow := []string{"almost-timeout", "timeout", "hang", "drip", "slow-drip"} // see TestFaultsThatTakeTime
	c, err := fixtures.Lookup("beforeAddFriend")
	require.NoError(t, err)
	p, err := c.Payload(fixtures.PayloadOptions{Server: fixtures.DefaultRelease})
	require.NoError(t, err)
	for _, f := range simulator.Faults() {
		if slices.Contains(slow, f.Name) {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			arrivals := make(chan *simulator.Arrival, 10)
			srv := httptest.NewServer(simulator.NewReceiver(simulator.ReceiverOptions{
				Server: validate.On(fixtures.DefaultRelease), Timeout: func() time.Duration { return timeout }, Observe: func(a *simulator.Arrival) { arrivals <- a },
				Respond: func(a *simulator.Arrival) (simulator.Answer, bool) {
					return f.Answer(a, fixtures.DefaultRelease, timeout), true
				},
			}))
			srv.Config.ErrorLog = quiet()
			defer srv.Close()
			x := newSender(t, simulator.SenderOptions{}).Send(t.Context(), targetOf(t, srv.URL+"/callbackExample").URL(p), p, timeout)
			if want, known := failures[f.Name]; known {
				assert.Equal(t, want, x.Reply.Failure, x.Reply.Detail)
			}
			v := validate.NewJudge(c, validate.Options{Server: validate.On(fixtures.DefaultRelease)}).Judge(&x)
			outcome, client := effectOf(f)
			assert.Equal(t, outcome, v.Outcome)
			assert.Equal(t, client, v.Client.ErrCode)
			assert.Equal(t, client == 90004, x.Reply.Failure != "", x.Reply.Detail)
			a := last(t, arrivals, 1+len(x.Reply.Redirects))
			assert.Equal(t, v.Outcome, a.Verdict.Outcome, "the receiver's own prediction")
			assert.Equal(t, v.Client, a.Verdict.Client, "text for text")
			if len(x.Reply.Redirects) == 0 {
				assert.Equal(t, "fault "+f.Name, a.Rule)
			}
		})
	}
}

// TestRedirectFromAnyURL: the redirect leads to the same place, whatever the
// form of the URL, and is not redirected again.
func TestRedirectFromAnyURL(t *testing.T) {
	f, err := simulator.LookupFault("redirect-307")
	require.NoError(t, err)
	for target, want := range map[string]string{
		"/cb/callbackBeforeAddFriendCommand":              "/cb/callbackBeforeAddFriendCommand?imcb=redirected",
		"//callbackBeforeAddFriendCommand":                "/callbackBeforeAddFriendCommand?imcb=redirected",
		"/x%2Fy/callbackBeforeAddFriendCommand":           "/x%2Fy/callbackBeforeAddFriendCommand?imcb=redirected",
		"/?command=callbackBeforeAddFriendCommand":        "/?command=callbackBeforeAddFriendCommand&imcb=redirected",
		"/cb/?command=callbackBeforeAddFriendCommand&x=1": "/cb/?command=callbackBeforeAddFriendCommand&x=1&imcb=redirected",
	} {
		o := simulator.ReceiverOptions{Respond: func(a *simulator.Arrival) (simulator.Answer, bool) {
			return f.Answer(a, fixtures.DefaultRelease, 0), true
		}}
		w, a := receive(o, post(target, "{}"))
		assert.Equal(t, want, w.Header().Get("Location"), target)
		assert.False(t, a.Redirected)
		assert.Empty(t, a.Verdict.Outcome, "what comes there decides")

		w, a = receive(o, post(want, "{}"))
		assert.Equal(t, 200, w.Code)
		assert.JSONEq(t, allow, w.Body.String())
		assert.True(t, a.Redirected)
		assert.Equal(t, "beforeAddFriend", a.Callback.Key, want)
	}
}

// last receives n arrivals and returns the last.
func last(t *testing.T, arrivals <-chan *simulator.Arrival, n int) (a *simulator.Arrival) {
	t.Helper()
	for range n {
		select {
		case a = <-arrivals:
		case <-t.Context().Done():
		}
	}
	return a
}

func TestLookupFault(t *testing.T) {
	f, err := simulator.LookupFault("timeout")
	require.NoError(t, err)
	assert.Equal(t, "timeout", f.Name)
	_, err = simulator.LookupFault("timout")
	assert.EqualError(t, err, `unknown fault "timout": did you mean timeout?`)
	_, err = simulator.LookupFault("x\x1b[31m")
	assert.ErrorContains(t, err, ": use one of almost-timeout, timeout, hang, ")
	assert.NotContains(t, err.Error(), "\x1b")
}
