package record

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const base = "http://h/cb/"

// rec is a record of a log in text: of a process, at a time in ms.
func rec(ms int, level, pid, message, data string) string {
	at := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC).Add(time.Duration(ms) * time.Millisecond)
	return fmt.Sprintf("%s\t\x1b[34m%-5s\x1b[0m\t\x1b[34m[PID:%s]     \x1b[0m\t\x1b[34mopenim-rpc-x   \x1b[0m\t[v3.8.3-patch.16]   \t[a/b.go:1]  \t%-30s\t%s\n",
		at.Format(stampLayout), level, pid, message, data)
}

// asked, succeeded and failing are records about the add-friend callback of an
// operation; body tells one from another.
func asked(ms int, op, key, body string) string {
	return rec(ms, "INFO", "1", "webhook", fmt.Sprintf(`{"operationID": %q, "url": "%s%s", "input": %s, "config": 2}`, op, base, command(key), body))
}

func succeeded(ms int, op, key, body string) string {
	return rec(ms, "INFO", "1", "webhook success", fmt.Sprintf(`{"operationID": %q, "url": "%s%s", "input": %s, "response": "{\"at\":%d}"}`, op, base, command(key), body, ms))
}

func failing(ms int, pid, op, method, text string) string {
	return rec(ms, "WARN", pid, "rpc server response failed", fmt.Sprintf(`{"operationID": %q, "method": "/openim.x.y/%s", "req": "token:\"eyJhbGci\"", "error": %q}`, op, method, text))
}

func command(key string) string { return "callback" + strings.ToUpper(key[:1]) + key[1:] + "Command" }

// tell reads a log and says of each callback what became of it.
func tell(t *testing.T, log string) (told []string) {
	t.Helper()
	for line, err := range opened(t, []byte(log)).Lines {
		require.NoError(t, err)
		told = append(told, telling(line.Exchange))
	}
	return told
}

func telling(x validate.Exchange) string {
	what := string(x.Reply.Failure)
	switch {
	case !x.Answered():
		what = "pending"
	case what == "":
		what = string(x.Reply.Body)
	}
	return fmt.Sprintf("%s %s %s %d", operationOf(x), x.Callback, what, x.Reply.Elapsed.Milliseconds())
}

const body = `{"a":"<1>"}`

// stack is the call stack in an error of an OpenIM that is built with webhooks.
const stack = " | -> httputil.(*HTTPClient).Post() a.go:1 -> webhook.(*Client).post() b.go:2 -> x.(*s).webhookBeforeAddFriend() c.go:3"

func TestLogPairs(t *testing.T) {
	add := func(ms int, op string) string { return asked(ms, op, "beforeAddFriend", body) }
	for name, tt := range map[string]struct {
		log  string
		want []string
	}{
		"each by its own operation": {
			add(0, "a") + add(1, "b") + succeeded(2, "b", "beforeAddFriend", body) + succeeded(5, "a", "beforeAddFriend", body),
			[]string{`a beforeAddFriend {"at":5} 5`, `b beforeAddFriend {"at":2} 1`},
		},
		"by the body where the operation is the same": {
			asked(0, "a", "afterAddFriend", `{"n":1}`) + asked(1, "a", "afterAddFriend", `{"n":2}`) +
				succeeded(2, "a", "afterAddFriend", `{"n":2}`) + succeeded(9, "a", "afterAddFriend", `{"n":1}`),
			[]string{`a afterAddFriend {"at":9} 9`, `a afterAddFriend {"at":2} 1`},
		},
		"by the order where there is no body": {
			asked(0, "a", "beforeOnlinePush", `"<nil>"`) + asked(1, "a", "beforeOnlinePush", `"<nil>"`) +
				succeeded(2, "a", "beforeOnlinePush", `"<nil>"`) + succeeded(9, "a", "beforeOnlinePush", `"<nil>"`),
			[]string{`a beforeOnlinePush {"at":2} 2`, `a beforeOnlinePush {"at":9} 8`},
		},
		"by the body where main changed the operation in between": {
			asked(0, "a", "afterAddFriend", body) + succeeded(2, "later", "afterAddFriend", body),
			[]string{`a afterAddFriend {"at":2} 2`},
		},
		"a success whose callback was cut off": {succeeded(2, "a", "afterAddFriend", body), []string{`a afterAddFriend {"at":2} 0`}},
		"a refusal":                            {add(0, "a") + failing(3, "1", "a", "applyToAddFriend", "5001 no"), []string{`a beforeAddFriend {"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":1} 3`}},
		"an unreadable reply":                  {add(0, "a") + failing(3, "1", "a", "applyToAddFriend", "90007 DataError unexpected end of JSON input response format error"), []string{"a beforeAddFriend unreadable 3"}},
		"a failure with its cause": {
			add(0, "a") + failing(3, "1", "a", "applyToAddFriend", `Error: 90004 NetworkError Error: Post "`+base+command("beforeAddFriend")+`": EOF HTTP request failed`+stack),
			[]string{"a beforeAddFriend reset 3"},
		},
		"a failure after a redirect": {
			add(0, "a") + failing(3, "1", "a", "applyToAddFriend", `Error: 90004 NetworkError Error: Get "http://other/login": dial tcp 1.2.3.4:80: connect: connection refused HTTP request failed`+stack) +
				add(4, "b") + failing(5, "1", "b", "applyToAddFriend", `Error: 90004 NetworkError Error: Post "ftp://h/x": unsupported protocol scheme "ftp" HTTP request failed`+stack),
			[]string{"a beforeAddFriend refused 3", "b beforeAddFriend redirects 1"},
		},
		"a failure without":          {add(0, "a") + failing(3, "1", "a", "applyToAddFriend", "Error: Error: HTTP request failed"+stack), []string{"a beforeAddFriend network 3"}},
		"a failure after the time":   {add(0, "a") + failing(2003, "1", "a", "applyToAddFriend", "Error: Error: HTTP request failed"+stack), []string{"a beforeAddFriend timeout 2003"}},
		"3.8.1's form of a failure":  {add(0, "a") + failing(3, "1", "a", "applyToAddFriend", "HTTP request failed: dial tcp 1.2.3.4:5: connect: connection refused, post url="+base+": 90004 NetworkError"), []string{"a beforeAddFriend refused 3"}},
		"another process's error":    {add(0, "a") + failing(3, "2", "a", "applyToAddFriend", "5001 no"), []string{"a beforeAddFriend pending 0"}},
		"another operation's error":  {add(0, "a") + failing(3, "1", "b", "applyToAddFriend", "5001 no"), []string{"a beforeAddFriend pending 0"}},
		"another method's error":     {add(0, "a") + failing(3, "1", "a", "setGroupInfo", "5001 no"), []string{"a beforeAddFriend pending 0"}},
		"OpenIM's own error":         {add(0, "a") + failing(3, "1", "a", "applyToAddFriend", "Error: 1004 RecordNotFoundError user not found | -> x"), []string{"a beforeAddFriend pending 0"}},
		"the push vendor's error":    {asked(0, "a", "beforeOfflinePush", `"<nil>"`) + rec(3, "WARN", "1", "offlinePushMsg failed", `{"operationID": "a", "error": "Error: HTTP request failed | -> getui"}`), []string{"a beforeOfflinePush pending 0"}},
		"a push that failed":         {asked(0, "a", "beforeOnlinePush", `"<nil>"`) + rec(3, "WARN", "1", "push failed", `{"operationID": "a", "msg": "groupID:\"1\"", "error": "5001 no"}`), []string{`a beforeOnlinePush {"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":1} 3`}},
		"an after callback in vain":  {asked(0, "a", "afterAddFriend", body) + add(9000, "b"), []string{"a afterAddFriend unexplained 0", "b beforeAddFriend pending 0"}},
		"an answer that does refuse": {asked(0, "a", "afterAddFriend", body) + failing(3, "1", "a", "applyToAddFriend", "5001 no") + add(9000, "b"), []string{"a afterAddFriend unexplained 0", "b beforeAddFriend pending 0"}},
		"a torn last record":         {add(0, "a") + strings.TrimSpace(succeeded(1, "a", "beforeAddFriend", body))[:200], []string{"a beforeAddFriend pending 0"}},
		"a second log after it":      {add(60_000, "a") + add(0, "b") + succeeded(1, "b", "beforeAddFriend", body), []string{"a beforeAddFriend pending 0", `b beforeAddFriend {"at":1} 1`}},
	} {
		assert.Equal(t, tt.want, tell(t, tt.log), name)
	}
}

// TestLogOfFailures: at level 3 there are no callbacks' records. A code alone is a
// refusal if OpenIM has no meaning for it.
func TestLogOfFailures(t *testing.T) {
	send := `"method": "/openim.msg.msg/SendMsg", "req": "sessionType:3"`
	log := failing(0, "1", "a", "applyToAddFriend", "5001 no") + failing(1, "1", "b", "applyToAddFriend", "1002 NoPermissionError") +
		failing(2, "1", "c", "getUsers", "5001 no") + failing(3, "1", "d", "getUsers", "90007 DataError EOF response format error") +
		failing(4, "1", "e", "whatever", "Error: Error: HTTP request failed"+stack) +
		rec(5, "ERROR", "1", "standalone rpc server response error", `{"operationID": "f", `+send+`, "error": "5002 no"}`)
	source := opened(t, []byte(log))
	var told []string
	var last validate.Exchange
	for line, err := range source.Lines {
		require.NoError(t, err)
		told = append(told, telling(line.Exchange))
		last = line.Exchange
	}
	assert.Equal(t, []string{
		`a beforeAddFriend {"actionCode":0,"errCode":5001,"errMsg":"no","errDlt":"","nextCode":1} 0`,
		"e beforeAddFriend network 0",
		`f beforeSendGroupMsg {"actionCode":0,"errCode":5002,"errMsg":"no","errDlt":"","nextCode":1} 0`,
	}, told)
	assert.True(t, last.Lacks(validate.WhichCallback), "or beforeMsgModify")
	assert.Equal(t, Log{Server: serverOf(t, "v3.8.3-patch.16.level3"), Records: 6, Failures: 6, Unnamed: 1}, *source.Log)
}

// A refusal's message and detail are one text in the log. The answer of the API,
// or what the RPC's caller logs, parts them.
func TestLogPartsRefusals(t *testing.T) {
	refused := asked(0, "a", "beforeAddFriend", body) + failing(1, "1", "a", "applyToAddFriend", "5003 no way why so")
	answer := rec(2, "INFO", "1", "http request processed", `{"operationID": "a", "respBody": "{\"errCode\":5003,\"errMsg\":\"no way\",\"errDlt\":\"why so\"}"}`)
	other := strings.Replace(answer, "5003", "5004", 1)
	client := rec(2, "WARN", "2", "rpc client response failed", `{"operationID": "a", "error": "Error: 5003 no way why so no way why so | -> x"}`)
	for log, want := range map[string]string{
		refused + answer: `"errMsg":"no way","errDlt":"why so"`,
		refused + other:  `"errMsg":"no way why so","errDlt":""`,
		refused + client: `"errMsg":"no way why so","errDlt":""`,
		refused:          `"errMsg":"no way why so","errDlt":""`,
	} {
		told := tell(t, log)
		require.Len(t, told, 1)
		assert.Contains(t, told[0], want)
	}
}

// TestLogForms: the same log, however it comes.
func TestLogForms(t *testing.T) {
	plain := recorded(t, "main.level4.fail.log")
	want := tell(t, string(plain))
	require.Len(t, want, 17)
	prefixed := func(text []byte, prefix string) []byte {
		var b bytes.Buffer
		for line := range bytes.Lines(text) {
			b.WriteString(prefix)
			b.Write(line)
		}
		return b.Bytes()
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := w.Write(plain[:5000])
	require.NoError(t, err)
	require.NoError(t, w.Close())
	w = gzip.NewWriter(&packed)
	_, err = w.Write(plain[5000:])
	require.NoError(t, err)
	require.NoError(t, w.Close())
	for name, text := range map[string][]byte{
		"docker logs --timestamps": prefixed(plain, "2026-11-24T12:33:35.261790302Z "),
		"docker compose logs":      prefixed(plain, "openim-server  | "),
		"both":                     prefixed(plain, "openim-server-1  | 2026-11-24T12:33:35.261790302Z "),
		"kubectl logs --prefix":    prefixed(plain, "[pod/openim-0/openim] "),
		"CRLF":                     bytes.ReplaceAll(plain, []byte("\n"), []byte("\r\n")),
		"a notice before it":       append([]byte("Cgroup CPU monitoring not available\n\n"), plain...),
		"other services before it": append([]byte(`{"t":{"$date":"2026-11-24T12:33:35Z"},"s":"I"}`+"\n"+`{"level":"info","ts":"2026-11-24T12:33:35Z"}`+"\n"), plain...),
		"gzip in two parts":        packed.Bytes(),
	} {
		assert.Equal(t, want, tell(t, string(text)), name)
	}
	halves := recorded(t, "v3.8.3.level4.fail.log")
	want = tell(t, string(halves))
	require.Len(t, want, 18)
	for _, prefix := range []string{"2026-11-24T12:33:35.261790302Z ", "[pod/openim-0/openim] ", "openim-server-1  | 2026-11-24T12:33:35Z "} {
		assert.Equal(t, want, tell(t, string(prefixed(halves, prefix))), prefix)
	}
	mixed := prefixed(halves, "openim-server  | ")
	mixed = bytes.ReplaceAll(mixed, []byte("openim-server  | ]"), []byte("mongo  | ]\tx\nchat  | 2026-11-24 12:33:28.102\tINFO\t[PID:1]\tchat\t[v1\nopenim-server  | ]"))
	assert.Equal(t, want, tell(t, string(mixed)), "another container in between")
}

// A record's two parts come at any time, also one byte at a time.
func TestLogFromAPipe(t *testing.T) {
	text := recorded(t, "v3.8.3.level4.fail.log")
	s, err := Open(iotest.OneByteReader(bytes.NewReader(text)))
	require.NoError(t, err)
	require.NotNil(t, s.Log)
	n := 0
	for _, err := range s.Lines {
		require.NoError(t, err)
		n++
	}
	assert.Equal(t, 18, n)
}

// What is there is looked at, however little it is: a log may be still written.
func TestLogIsKnownByItsFirstRecord(t *testing.T) {
	r, w := io.Pipe()
	go func() {
		_, _ = io.WriteString(w, asked(0, "a", "beforeAddFriend", body)) // the reader goes on without more
	}()
	s, err := Open(r)
	require.NoError(t, err)
	assert.NotNil(t, s.Log)
	require.NoError(t, w.Close())
}

func TestOpenErrors(t *testing.T) {
	_, err := Open(strings.NewReader("\x1f\x8b\x00"))
	require.ErrorContains(t, err, "gzip: ")
	s := opened(t, []byte("no journal\n"))
	assert.Nil(t, s.Log)
	broken := errors.New("disk on fire")
	s, err = Open(io.MultiReader(strings.NewReader(asked(0, "a", "beforeAddFriend", body)), iotest.ErrReader(broken)))
	require.NoError(t, err)
	for line, err := range s.Lines {
		assert.Zero(t, line.Number)
		require.ErrorIs(t, err, broken)
	}
}

// Few callbacks wait, however many never end.
func TestLogIsBounded(t *testing.T) {
	var p pairs
	yielded := 0
	for i := range 3 * maxOpen {
		p.add(&entry{line: i + 1, message: sentMessage, operation: fmt.Sprint(i), url: base + command("beforeAddFriend"), input: body})
		require.True(t, p.ready(func(Line, error) bool { yielded++; return true }))
	}
	assert.Len(t, p.queue, maxOpen)
	assert.Equal(t, 2*maxOpen, yielded)
	large := strings.Repeat("x", 1<<20)
	for range 100 {
		p.add(&entry{message: sentMessage, url: base + command("beforeAddFriend"), input: `{"a":"` + large + `"}`})
		p.ready(func(Line, error) bool { return true })
	}
	assert.LessOrEqual(t, p.size, maxOpenBytes)
	stopped := 0
	p.now = p.now.AddDate(0, 0, 1)
	assert.False(t, p.ready(func(Line, error) bool { stopped++; return false }))
	assert.Equal(t, 1, stopped)
}
