package validate_test

import (
	"bufio"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// recordedVerdict is a row of testdata/verdicts.jsonl: what the IM client saw
// when the real client code of each version got a reply to
// callbackBeforeAddFriendCommand. failedContinue was true, main ran as services.
type recordedVerdict struct {
	Case       string
	Status     int
	Body       string
	BodyLatin1 string `json:"body_latin1"`
	Fault      string
	ByVersion  map[string]struct {
		RefusedInternally bool   `json:"refused_internally"`
		ErrCode           int    `json:"client_errCode"`
		ErrMsg            string `json:"client_errMsg"`
		ErrDlt            string `json:"client_errDlt"`
	} `json:"by_version"`
}

func TestRecordedVerdicts(t *testing.T) {
	rows := 0
	readLines(t, "testdata/verdicts.jsonl", func(line []byte) {
		var row recordedVerdict
		require.NoError(t, json.Unmarshal(line, &row))
		rows++
		for name, want := range row.ByVersion {
			t.Run(row.Case+"/"+name, func(t *testing.T) {
				server, err := fixtures.ParseRelease(name)
				require.NoError(t, err)
				callback, err := fixtures.Lookup("beforeAddFriend")
				require.NoError(t, err)
				exchange := row.exchange(t)
				got := validate.NewJudge(callback, validate.Options{Server: validate.Server{Release: server, Deployment: validate.Services}}).Judge(&exchange)

				refused := got.Outcome == validate.Refuse || got.Outcome == validate.Fail
				assert.Equal(t, want.RefusedInternally, refused, "outcome %s", got.Outcome)
				assert.Equal(t, want.ErrCode, got.Client.ErrCode)
				if row.Fault != "" {
					assertBegins(t, want.ErrMsg, got.Client.ErrMsg)
					assertBegins(t, want.ErrDlt, got.Client.ErrDlt)
					return
				}
				assert.Equal(t, want.ErrMsg, recordedPart(newerGo(server, got.Client.ErrMsg)))
				assert.Equal(t, want.ErrDlt, recordedPart(newerGo(server, got.Client.ErrDlt)))
			})
		}
	})
	assert.Equal(t, 76, rows)
}

// recordedPart is as much of a text as the recording keeps.
func recordedPart(text string) string { return text[:min(len(text), 160)] }

// newerGo words a decoder's error as Go 1.24 and later do. All servers that were
// recorded were built with such a Go; the official images of those before
// 3.8.3-patch.16, whose texts imcb gives, were not.
func newerGo(server fixtures.Release, text string) string {
	if server >= fixtures.V383Patch16 {
		return text
	}
	return commonField.ReplaceAllString(text, "Go struct field ${1}.CommonCallbackResp.${2} ")
}

var commonField = regexp.MustCompile(`Go struct field (\w+Resp)\.(actionCode|errCode|errMsg|errDlt|nextCode) `)

// assertBegins compares the text of a network error as far as both go: the
// recording cuts it, and imcb leaves out the call stack.
func assertBegins(t *testing.T, want, got string) {
	t.Helper()
	got, _, _ = strings.Cut(got, " …")
	n := min(len(want), len(got))
	assert.Equal(t, want[:n], got[:n])
	assert.Equal(t, want == "", got == "")
}

// exchange makes the row's exchange; faults get what Go's HTTP client says of
// them.
func (r recordedVerdict) exchange(t *testing.T) validate.Exchange {
	const url = "http://WEBHOOK/callbackExample/callbackBeforeAddFriendCommand"
	x := validate.Exchange{Request: validate.Request{URL: url}}
	body := r.Body
	if r.BodyLatin1 != "" {
		body = ""
		for _, c := range r.BodyLatin1 {
			body += string([]byte{byte(c)})
		}
	}
	x.Reply = validate.Reply{Status: 200, Body: []byte(body)}
	if r.Fault == "" {
		x.Reply.Status = r.Status
		return x
	}
	faults := map[string]validate.Reply{
		"slow 1500ms with timeout 1s":              {Failure: validate.Timeout, Detail: `Post "` + url + `": context deadline exceeded`},
		"connection refused":                       {Failure: validate.ConnectionRefused, Detail: `Post "` + url + `": dial tcp HOST:PORT: connect: connection refused`},
		"connection closed without response":       {Failure: validate.Reset, Detail: `Post "` + url + `": EOF`},
		"truncated body (Content-Length too long)": {Failure: validate.Truncated, Status: 200, Detail: "unexpected EOF"},
		"redirect 307 to same host":                {Status: 200, Body: []byte(`{"nextCode":0}`)},
		"URL with trailing slash":                  {Status: 200, Body: []byte(`{}`)},
		"URL with query":                           {Status: 200, Body: []byte(`{}`)},
	}
	reply, ok := faults[r.Case]
	require.True(t, ok, "unknown fault %q", r.Case)
	x.Reply = reply
	return x
}

func readLines(t *testing.T, file string, each func(line []byte)) {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		each(lines.Bytes())
	}
	require.NoError(t, lines.Err())
}
