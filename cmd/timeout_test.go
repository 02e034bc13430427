package cmd_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// patientReceiver answers requests that slow picks only after the sender gave
// up, or after far longer than the tests' timeouts, and allows the others.
func patientReceiver(t *testing.T, slow func(body string) bool) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if slow(string(body)) {
			select {
			case <-r.Context().Done():
			case <-time.After(3 * time.Second):
			}
		}
		reply(200, plainAllow)(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/cb"
}

func always(string) bool { return true }

func TestASuitesTimeoutIsTheSenders(t *testing.T) {
	t.Parallel()
	file := inFolder(t, "suite.yaml", "timeout: 100ms\ncases:\n  - {name: slow, send: beforeAddFriend}\n")
	code, stdout, stderr := runMain(t, "", "validate", file, "--url", patientReceiver(t, always), "--format", "json")
	require.Equal(t, 1, code, stderr)
	var document struct {
		Results []struct {
			Findings []struct{ Rule, Message string }
			Exchange struct{ Reply struct{ Error string } }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &document))
	require.Len(t, document.Results, 1)
	one := document.Results[0]
	assert.Equal(t, "timeout", one.Exchange.Reply.Error, "the sender waited no longer")
	require.NotEmpty(t, one.Findings)
	assert.Contains(t, one.Findings[0].Message, "no reply within 100ms: ")
}

// Each suite of a run has its own timeout, the callbacks beside it the run's.
func TestEachSuiteHasItsTimeout(t *testing.T) {
	t.Parallel()
	short := inFolder(t, "short.yaml", "timeout: 100ms\ncases:\n  - {name: short, send: beforeAddFriend}\n")
	long := inFolder(t, "long.yaml", "timeout: 200ms\ncases:\n  - {name: long, send: beforeAddFriend}\n")
	url := patientReceiver(t, func(body string) bool { return strings.Contains(body, "BeforeAddFriend") })
	code, stdout, stderr := runMain(t, "", "validate", short, long, "beforeAddBlack", "--url", url)
	require.Equal(t, 1, code, stderr)
	assert.Contains(t, stdout, "no reply within 100ms: ")
	assert.Contains(t, stdout, "no reply within 200ms: ")
	assert.Equal(t, 2, strings.Count(stdout, "no reply within "), stdout)
}

// The command line's timeout holds for all suites, also for one without its own.
func TestTheFlagsTimeoutIsEachSuites(t *testing.T) {
	t.Parallel()
	own := inFolder(t, "own.yaml", "timeout: 100ms\ncases:\n  - {name: own, send: beforeAddFriend}\n")
	none := inFolder(t, "none.yaml", "cases:\n  - {name: none, send: beforeAddFriend}\n")
	code, stdout, stderr := runMain(t, "", "validate", own, none, "--url", patientReceiver(t, always), "--timeout", "150ms")
	require.Equal(t, 1, code, stderr)
	assert.Equal(t, 2, strings.Count(stdout, "no reply within 150ms: "), stdout)
}

// Without a timeout OpenIM's default holds. 0 is what it is in webhooks.yml:
// only the limit of OpenIM's client is left.
func TestTimeoutZero(t *testing.T) {
	const line = `{"callback":"beforeAddFriend","request":{"method":"POST","url":"http://h/"},"reply":{"error":"timeout","elapsed_ms":15000}}` + "\n"
	for want, args := range map[string][]string{"5s": nil, "15s": {"--timeout", "0"}, "1s": {"--timeout", "1s"}} {
		code, stdout, stderr := runMain(t, line, append([]string{"validate", "--from", "-"}, args...)...)
		assert.Equal(t, 1, code, stderr)
		assert.Contains(t, stdout, "no reply within "+want+": ")
	}
}

func TestWebhooksTimeoutsAreTheProbes(t *testing.T) {
	t.Parallel()
	large := func(body string) bool { return len(body) > 1_000_000 }
	file := inFolder(t, "webhooks.yml", "url: "+patientReceiver(t, large)+"\nbeforeAddFriend:\n  enable: true\n  timeout: 1\n")
	code, stdout, stderr := runMain(t, "", "validate", "--webhooks", file, "--probe", "--fail-on", "warning")
	require.Equal(t, 1, code, stdout+stderr)
	assert.Contains(t, stdout, "probe-large")
	assert.Contains(t, stdout, "no answer (timeout) for a body of 3 MB")
}

// The receiver and its page go by the same timeout, also after new rules.
func TestServeResendsWithTheTimeoutOfTheRules(t *testing.T) {
	t.Parallel()
	s := serveHere(t, "--rules", inFolder(t, "rules.yaml", "timeout: 9s\n"+refusing("5001")), "--resend-to", patientReceiver(t, always))
	ask(t, "POST", s.base+"/callbackBeforeAddBlackCommand", "{}")
	status, answer := ask(t, "PUT", s.base+"/__imcb/api/v1/rules", "timeout: 100ms\n"+refusing("5001"), "Content-Type", "application/yaml")
	require.Equal(t, 200, status, answer)
	status, answer = ask(t, "POST", s.base+"/__imcb/api/v1/requests/1/resend", "")
	assert.Equal(t, 200, status, answer)
	assert.Contains(t, answer, `"error":"timeout"`, "the sender waited no longer")
	assert.Contains(t, answer, "no reply within 100ms: ")
}
