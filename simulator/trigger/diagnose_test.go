package trigger

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator/play"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// quiet answers as a main whose operations succeed, and that sends nothing.
// Webhooks are its settings; answer is that of the operations.
func quiet(t *testing.T, webhooks, environment, answer string) *API {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch r.URL.Path {
		case "/auth/get_admin_token", "/auth/get_user_token":
			_, _ = io.WriteString(w, `{"errCode":0,"data":{"token":"a-token"}}`)
		case "/config/get_config_list":
			_, _ = fmt.Fprintf(w, `{"errCode":0,"data":{"version":"main","environment":%q}}`, environment)
		case "/config/get_config":
			text, _ := json.Marshal(map[bool]string{true: webhooks, false: `{"Enable":"standalone"}`}[string(body) == `{"configName":"webhooks.yml"}`])
			_, _ = fmt.Fprintf(w, `{"errCode":0,"data":%s}`, text)
		case "/msg/send_msg", "/friend/add_friend":
			_, _ = io.WriteString(w, answer)
		default:
			_, _ = io.WriteString(w, `{"errCode":0}`)
		}
	}))
	t.Cleanup(s.Close)
	return newTestAPI(t, s.URL, "")
}

// Where another receiver answers, the settings still tell why OpenIM sends nothing,
// and the caller's answer what became of it.
func TestWithoutAReceiver(t *testing.T) {
	const off, on = `{"URL":"http://192.0.2.1/cb"}`, `{"URL":"http://192.0.2.1/cb","BeforeAddFriend":{"Enable":true}}`
	for _, one := range []struct{ webhooks, answer, rule, want string }{
		{off, `{"errCode":0}`, "trigger-silent", "OpenIM sends no beforeAddFriend: beforeAddFriend is off in the server's settings"},
		{on, `{"errCode":90007,"errMsg":"DataError"}`, "trigger-operation", "POST /friend/add_friend: errCode 90007 DataError"},
		{on, `{"errCode":0}`, "", ""},
	} {
		s := &Session{API: quiet(t, one.webhooks, "source", one.answer), Judging: new(play.Judging), Wait: time.Millisecond}
		found := triggered(t, s, "beforeAddFriend").Findings
		if one.rule == "" {
			assert.Empty(t, found)
			continue
		}
		require.Len(t, found, 1)
		assert.Equal(t, one.rule, found[0].Rule)
		assert.Contains(t, found[0].Message.String(), one.want)
	}
}

// A receiver that is not there stops the preparation, too: the steps say where
// OpenIM looks for it.
func TestAPreparationThatFails(t *testing.T) {
	s := &Session{
		API:     quiet(t, `{"URL":"http://192.0.2.1/cb","BeforeAddFriend":{"Enable":true},"BeforeAddFriendAgree":{"Enable":true}}`, "source", `{"errCode":90004,"errMsg":"NetworkError"}`),
		Judging: new(play.Judging), Arrivals: NewArrivals(), Listening: "127.0.0.1:10006", Wait: time.Millisecond,
	}
	r := triggered(t, s, "beforeAddFriendAgree")
	require.Len(t, r.Findings, 1)
	assert.Equal(t, "trigger-preparation: POST /friend/add_friend: errCode 90004 NetworkError", r.Findings[0].Rule+": "+r.Findings[0].Message.String())
	var failed []string
	for _, step := range r.Steps {
		if step.State == validate.StepFailed {
			failed = append(failed, step.Text.String())
		}
	}
	require.Len(t, failed, 3)
	assert.Contains(t, failed[1], "leads to 192.0.2.1, which is not this machine")
}

// triggered is the result of one callback.
func triggered(t *testing.T, s *Session, callback string) validate.Result {
	t.Helper()
	require.NoError(t, s.Begin(t.Context()))
	c, err := fixtures.Lookup(callback)
	require.NoError(t, err)
	choices, _ := Choose([]*fixtures.Callback{c}, s.Judging.Server().Release)
	var all []validate.Result
	_, err = play.Runner{}.Run(t.Context(), s.Source(choices), func(r validate.Result) error { all = append(all, r); return nil })
	require.NoError(t, err)
	require.Len(t, all, 1)
	return all[0]
}

// The first finding names the reason.
func TestWhyNothingCame(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	here := "http://" + listener.Addr().String() + "/cb"
	const done = `{"errCode":0}`
	for name, one := range map[string]struct {
		callback, webhooks, environment, answer, want string
	}{
		"switched off":       {"beforeAddFriend", `{"URL":"` + here + `","BeforeAddFriend":{"Enable":false}}`, "source", done, "beforeAddFriend is off in the server's settings"},
		"not there":          {"beforeAddFriend", `{"URL":"` + here + `"}`, "source", done, "beforeAddFriend is off in the server's settings"},
		"another port":       {"beforeAddFriend", `{"URL":"http://127.0.0.1:9/cb","BeforeAddFriend":{"Enable":true}}`, "source", done, "the url http://127.0.0.1:9/cb leads to this machine, but not to " + listener.Addr().String()},
		"another host":       {"beforeAddFriend", `{"URL":"http://192.0.2.1:10006/cb","BeforeAddFriend":{"Enable":true}}`, "source", done, "leads to 192.0.2.1, which is not this machine"},
		"a container":        {"beforeAddFriend", `{"URL":"` + here + `","BeforeAddFriend":{"Enable":true}}`, "docker", done, "is the container that OpenIM runs in"},
		"no scheme":          {"beforeAddFriend", `{"URL":"localhost:10006","BeforeAddFriend":{"Enable":true}}`, "source", done, `OpenIM can't post to the url "localhost:10006"`},
		"denied":             {"beforeSendSingleMsg", `{"URL":"` + here + `","BeforeSendSingleMsg":{"Enable":true,"DeniedTypes":[101,102]}}`, "source", done, "content type 101 is filtered: deniedTypes [101, 102]"},
		"attention":          {"afterSendSingleMsg", `{"URL":"` + here + `","AfterSendSingleMsg":{"Enable":true,"AttentionIds":["u1"]}}`, "source", done, "attentionIds has u1, and not imcb_trigger_b"},
		"attention of group": {"afterSendGroupMsg", `{"URL":"` + here + `","AfterSendGroupMsg":{"Enable":true,"AttentionIds":["u1"]}}`, "source", done, "it is on, but never sent: "},
		"refused by a blacklist": {
			"beforeAddFriend", `{"URL":"` + here + `","BeforeAddFriend":{"Enable":true}}`, "source", `{"errCode":1303,"errMsg":"BlockedByPeer"}`,
			"the operation failed: errCode 1303 BlockedByPeer",
		},
		"a receiver that is down": {
			"beforeAddFriend", `{"URL":"` + here + `","BeforeAddFriend":{"Enable":true}}`, "source", `{"errCode":90004,"errMsg":"NetworkError","errDlt":"Error: EOF | -> f() x.go:1"}`,
			"OpenIM called a receiver, and could not use it: errCode 90004 NetworkError (Error: EOF)",
		},
		"nothing that shows": {"beforeAddFriend", `{"URL":"` + here + `","BeforeAddFriend":{"Enable":true}}`, "source", done, "no reason was found"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &Session{
				API: quiet(t, one.webhooks, one.environment, one.answer), Judging: new(play.Judging), Arrivals: NewArrivals(),
				Listening: listener.Addr().String(), Wait: time.Millisecond,
			}
			found := triggered(t, s, one.callback).Findings
			require.Len(t, found, 1)
			assert.Equal(t, "trigger-silent", found[0].Rule)
			assert.Contains(t, found[0].Message.String(), one.want)
		})
	}
}
