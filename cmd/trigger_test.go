package cmd_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/imcb-dev/imcb/cmd"
	"github.com/stretchr/testify/assert"
)

const topSecret = "top-secret-1"

// smallOpenIM answers as an OpenIM whose only operation is to ask for friendship;
// post is told of each such call. It shows no settings, as 3.8.3.
func smallOpenIM(t *testing.T, post func() (errCode string)) (api string) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch r.URL.Path {
		case "/auth/get_admin_token":
			if !strings.Contains(string(body), topSecret) {
				_, _ = io.WriteString(w, `{"errCode":1002,"errMsg":"NoPermissionError","errDlt":"secret invalid"}`)
				return
			}
			_, _ = io.WriteString(w, `{"errCode":0,"data":{"token":"token-of-the-admin"}}`)
		case "/friend/add_friend":
			_, _ = io.WriteString(w, `{"errCode":`+post()+`,"errMsg":"of `+topSecret+` and token-of-the-admin","errDlt":""}`)
		case "/user/get_users_info", "/user/user_register", "/friend/delete_friend":
			_, _ = io.WriteString(w, `{"errCode":0}`)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// The secret and the tokens are in no output, whatever the server says.
func TestTriggerShowsNoSecret(t *testing.T) {
	api := smallOpenIM(t, func() string { return "1304" })
	for _, format := range []string{"text", "json", "junit", "html", "tap", "github"} {
		code, out, errOut := runMain(t, "", "trigger", "beforeAddFriend", "--api", api, "--secret", topSecret, "--listen", freeAddress(t), "--wait", "10ms", "--format", format)
		assert.Equal(t, 1, code, errOut)
		assert.Contains(t, out, "of *** and ***", format)
		assert.NotContains(t, out+errOut, topSecret)
		assert.NotContains(t, out+errOut, "token-of-the-admin")
	}
}

// What this server does not show is named as what to look at.
func TestTriggerNamesWhatItCannotSee(t *testing.T) {
	api, listen := smallOpenIM(t, func() string { return "0" }), freeAddress(t)
	code, out, _ := runMain(t, "", "trigger", "afterAddFriend", "--api", api, "--secret", topSecret, "--listen", listen, "--wait", "10ms")
	assert.Equal(t, 1, code)
	for _, want := range []string{
		"? this server does not show its settings", "? is afterAddFriend on?", "? does the url of webhooks.yml lead to " + listen,
		"✓ the queue was not full", "? was OpenIM restarted", "afterAddFriend did not come within 10ms",
	} {
		assert.Contains(t, out, want)
	}
}

// A callback that comes is found by its body, not by its operation id.
func TestTriggerFindsItsOwnCallback(t *testing.T) {
	listen := freeAddress(t)
	var once sync.Once
	api := smallOpenIM(t, func() string {
		once.Do(func() {
			for _, body := range []string{`{"fromUserID":"u1","toUserID":"u2","reqMsg":"hi"}`} {
				resp, err := http.Post("http://"+listen+"/callbackBeforeAddFriendCommand", "application/json", strings.NewReader(body))
				if assert.NoError(t, err) {
					resp.Body.Close()
				}
			}
		})
		return "0"
	})
	code, out, _ := runMain(t, "", "trigger", "beforeAddFriend", "--api", api, "--secret", topSecret, "--listen", listen, "--wait", "10ms")
	assert.Equal(t, 1, code)
	assert.Contains(t, out, "? 1 beforeAddFriend came, of other operations")
}

// Where another receiver answers, nothing is said of its replies.
func TestTriggerWithoutAReceiver(t *testing.T) {
	api := smallOpenIM(t, func() string { return "0" })
	code, out, errOut := runMain(t, "", "trigger", "beforeAddFriend", "--api", api, "--secret", topSecret, "--no-receiver")
	assert.Zero(t, code, errOut)
	assert.Contains(t, out, "1 callback called for; what the receiver replied was not seen; the requests were not judged\n")
	assert.NotContains(t, out, "keeps the contract")
}

// Nothing is asked of another machine before the user agrees.
func TestTriggerAsksBeforeItChangesAnotherMachine(t *testing.T) {
	const there = "http://192.0.2.1:10002"
	code, _, errOut := runMain(t, "y\n", "trigger", "beforeAddFriend", "--api", there)
	assert.Equal(t, 2, code)
	assert.Contains(t, errOut, there+" is not this machine, and trigger changes its data: add --yes if that is meant")

	streams, _, asked := streamsFor(nil, nil)
	streams.In, streams.InIsTerminal = strings.NewReader("no\n"), true
	assert.Equal(t, 2, cmd.Main(t.Context(), []string{"trigger", "beforeAddFriend", "--api", there}, streams))
	assert.Contains(t, asked.String(), "Go on? [y/N] ")
	assert.Contains(t, asked.String(), "nothing was changed")
}

func TestTriggerMistakes(t *testing.T) {
	api := smallOpenIM(t, func() string { return "0" })
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, one := range []struct {
		args string
		code int
		want string
	}{
		{"", 2, "which callback?"},
		{"--all beforeAddFriend", 2, "either name callbacks or use --all or --scenario"},
		{"--scenario add-frend", 2, "did you mean add-friend?"},
		{"beforeAddFreind", 2, "did you mean beforeAddFriend"},
		{"afterUserKickOff --server main", 2, "afterUserKickOff can't be triggered: OpenIM main defines afterUserKickOff, but never sends it"},
		{"beforeAddFriend --api 127.0.0.1:10002", 2, "--api \"127.0.0.1:10002\" is not a URL like http://127.0.0.1:10002"},
		{"beforeAddFriend --api http://" + freeAddress(t), 3, "the API does not answer"},
		{"beforeAddFriend --api " + api + " --secret wrong", 2, "gave no token for imAdmin: errCode 1002 NoPermissionError (secret invalid)"},
		{"beforeAddFriend --api " + api + "/elsewhere --secret wrong", 3, "is not OpenIM's API"},
		{"beforeAddFriend --api " + api + " --secret @no-such-file", 2, "--secret: "},
		{"beforeAddFriend --secret " + topSecret + " --api " + api + " --listen " + taken.Addr().String(), 4, "--no-receiver leaves the callbacks to it"},
		{"beforeAddFriend --no-receiver --forward http://127.0.0.1:1", 2, "exclude"},
	} {
		code, _, errOut := runMain(t, "", append([]string{"trigger"}, strings.Fields(one.args)...)...)
		assert.Equal(t, one.code, code, one.args)
		assert.Contains(t, errOut, one.want, one.args)
		assert.NotContains(t, errOut, topSecret)
	}
}
