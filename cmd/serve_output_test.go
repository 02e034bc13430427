package cmd_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/stretchr/testify/assert"
)

// assertPrintable checks that text does nothing to a terminal.
func assertPrintable(t *testing.T, text string) {
	t.Helper()
	assert.True(t, utf8.ValidString(text), "valid UTF-8")
	for i, r := range text {
		if r == '\n' || !unicode.IsControl(r) && !unicode.Is(unicode.Bidi_Control, r) && r != '\u2028' && r != '\u2029' {
			continue
		}
		assert.Fail(t, fmt.Sprintf("%U was printed", r), "%q", text[max(0, i-60):min(len(text), i+60)])
		return
	}
}

// hostile is what does something to terminals: escapes, control sequences of
// one and of two bytes, an operating system command, turns of direction, line
// ends and bytes that are no text.
const hostile = "\x1b[31mred\x1b]0;title\x07\u009b2J\u009d0;t\u009c\u202eleft\u2066x\u2069\ufeff\u200b\x7f\x00\b\r\n::error::x\xff\xc0"

func TestServePrintsNothingThatATerminalObeys(t *testing.T) {
	rules := inFolder(t, "rules.yaml", "rules:\n  - name: \"odd\\u202e\\e[31m\"\n    match: {callback: beforeAddFriend, where: {fromUserID: nothing}}\n    allow: true\n")
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			s := serveHere(t, "-v", "--log-format", format, "--rules", rules)
			for _, request := range hostileRequests() {
				wire(t, s.base, request)
			}
			assert.Zero(t, s.end(t))
			assert.NotContains(t, s.out.String(), "\n::error::", "no line of its own")
			assert.Greater(t, strings.Count(s.out.String(), "\n"), 10)
			assertPrintable(t, s.out.String())
			assertPrintable(t, s.stderr.String())
		})
	}
}

// hostileRequests have it in every place.
func hostileRequests() []string {
	const friend = "/callbackBeforeAddFriendCommand"
	encoded, quoted := "", ""
	for i := range len(hostile) {
		encoded += fmt.Sprintf("%%%02X", hostile[i])
	}
	for _, r := range hostile {
		quoted += fmt.Sprintf(`\u%04x`, r)
	}
	// net/http refuses most control characters outside bodies, but not these.
	passed := strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7f {
			return -1
		}
		return r
	}, hostile)
	body := func(text string) string {
		return fmt.Sprintf("Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(text), text)
	}
	post := func(target, headers, text string) string {
		return "POST " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n" + headers + body(text)
	}
	return []string{
		post("/"+encoded, "", "{}"),
		post("/"+passed, "", "{}"),
		post("/callback"+encoded+"Command", "", "{}"),
		post("/?command="+encoded, "", "{}"),
		post(friend+"?"+passed+"="+passed, "", "{}"),
		post(friend+"?a="+encoded+"&"+encoded+"=b", "", "{}"),
		post("/", "", `{"callbackCommand":"`+hostile+`"}`),
		post("/", "", `{"callbackCommand":"`+quoted+`","`+quoted+`":"`+quoted+`"}`),
		post(friend, "", hostile),
		post(friend, "", `{"`+quoted+`":1,"fromUserID":["`+quoted+`"],"toUserID":"`+hostile+`"}`),
		post(friend, "X-Odd: "+passed+"\r\nOperationid: "+passed+"\r\n", "{}"),
		post(friend, "User-Agent: "+passed+"\r\nContent-Encoding: "+passed+"\r\n", "{}"),
		post(friend, "X-"+passed+": v\r\n", "{}"),
		post(friend, "Content-Type: "+passed+"\r\n", "{}"),
		"GET " + friend + "?" + encoded + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
		post(friend, "X-Odd: "+hostile+"\r\n", "{}"),
		"P\x1bT " + friend + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
		"DELETE http://127.0.0.1" + friend + "?" + passed + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
		"POST " + friend + " HTTP/1.1\r\nHost: " + passed + "\r\nConnection: close\r\n" + body("{}"),
		"POST http://127.0.0.1" + encoded + friend + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n" + body("{}"),
	}
}

// Secrets are not for logs that are shown around.
func TestServeMasksSecrets(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			receiver := httptest.NewServer(reply(200, fixtures.PlainAllow))
			defer receiver.Close()
			s := serveHere(t, "-v", "--log-format", format, "--forward", strings.Replace(receiver.URL, "://", "://u:hunter2forward@", 1)+"/cb")
			ask(t, "POST", s.base+"/callbackBeforeAddFriendCommand?token=hunter2url&access_token=hunter2query&a=b",
				`{"callbackCommand":"callbackBeforeAddFriendCommand","secret":"hunter2body"}`,
				"Authorization", "Bearer hunter2bearer", "Cookie", "session=hunter2cookie", "Token", "hunter2header")
			assert.Zero(t, s.end(t))
			printed := s.out.String() + s.stderr.String()
			assert.Contains(t, printed, "beforeAddFriend")
			assert.NotRegexp(t, `hunter2\w+`, printed)
		})
	}
}
