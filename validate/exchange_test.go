package validate_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// exchanges of every kind that a journal holds.
var exchanges = map[string]validate.Exchange{
	"whole": {
		Time:     time.Date(2026, 1, 5, 9, 0, 0, 123e6, time.UTC),
		Callback: "beforeAddFriend", Command: "callbackBeforeAddFriendCommand",
		Request: validate.Request{
			Method: "POST", URL: "http://h/cb", Headers: []validate.Header{{"Operationid", "op"}, {"X-Twice", "a"}, {"X-Twice", "b"}},
			Body: []byte("{\"a\":\"\u2028<&>\"}\n"),
		},
		Reply: validate.Reply{
			Status: 200, Headers: []validate.Header{{"Content-Type", "application/json"}}, Body: []byte(fixtures.PlainAllow), Elapsed: 1234567 * time.Microsecond,
			Redirects: []validate.Redirect{{Status: 307, Location: "/x", Method: "POST"}},
		},
	},
	"not sent":    {Request: validate.Request{Method: "POST", URL: "http://h/cb", Body: []byte("{}")}},
	"binary":      {Request: validate.Request{Method: "POST", URL: "/", Body: []byte("{}")}, Reply: validate.Reply{Status: 500, Body: []byte("\xff\x00\xfe")}},
	"empty reply": {Request: validate.Request{Method: "POST", URL: "/", Body: []byte{}}, Reply: validate.Reply{Status: 204, Body: []byte{}}},
	"no reply":    {Request: validate.Request{Method: "POST", URL: "/", Body: []byte("{}")}, Reply: validate.Reply{Failure: validate.Timeout, Detail: "deadline", Elapsed: 5 * time.Second}},
	"cut off":     {Request: validate.Request{Method: "POST", URL: "/", Body: []byte("{}")}, Reply: validate.Reply{Status: 200, Body: []byte(`{"act`), Failure: validate.Truncated}},
}

func TestExchangeJSON(t *testing.T) {
	for name, x := range exchanges {
		t.Run(name, func(t *testing.T) {
			line, err := json.Marshal(x)
			require.NoError(t, err)
			assert.NotContains(t, string(line), "\n")
			var back validate.Exchange
			require.NoError(t, json.Unmarshal(line, &back))
			assert.Equal(t, x, back)
		})
	}
}

func TestExchangeJSONErrors(t *testing.T) {
	for line, want := range map[string]string{
		`[]`: "cannot unmarshal",
		`{"request":{"body":"a","bodyBase64":"YQ=="}}`:                               "request: both body and bodyBase64",
		`{"request":{"bodyBase64":"?"}}`:                                             "illegal base64",
		`{"request":{},"reply":{"elapsed_ms":3}}`:                                    "reply: neither a status nor an error",
		`{"request":{},"reply":{"status":200,"body":"a","bodyBase64":"YQ=="}}`:       "reply: both body and bodyBase64",
		`{"request":{"headers":[["a","b","c"]]},"reply":{"status":200}, "time": 12}`: "",
	} {
		var x validate.Exchange
		err := json.Unmarshal([]byte(line), &x)
		require.Error(t, err, line)
		assert.ErrorContains(t, err, want)
	}
}

func TestReplyHeader(t *testing.T) {
	r := validate.Reply{Headers: []validate.Header{{"X-Twice", "a"}, {"X-Twice", "b"}}}
	assert.Equal(t, "a", r.Header("X-Twice"))
	assert.Empty(t, r.Header("X-None"))
}

func TestReached(t *testing.T) {
	reached := map[validate.Failure]bool{
		"": true, validate.Timeout: true, validate.Reset: true, validate.Truncated: true, validate.TLS: true, validate.TooLarge: true,
		validate.Redirects: true, validate.Encoding: true, validate.Malformed: true,
		validate.ConnectionRefused: false, validate.BadURL: false, validate.NoHost: false, validate.Canceled: false, validate.Network: false,
	}
	for failure, want := range reached {
		assert.Equal(t, want, validate.Reply{Failure: failure}.Reached(), failure)
	}
	hop := []validate.Redirect{{Status: 302}}
	assert.True(t, validate.Reply{Failure: validate.ConnectionRefused, Redirects: hop}.Reached(), "the one that redirected was there")
}

func TestURLCommand(t *testing.T) {
	for text, want := range map[string]string{
		"http://h/cb/callbackBeforeAddFriendCommand":         "callbackBeforeAddFriendCommand",
		"http://h/cb/callbackBeforeAddFriendCommand?key=1":   "callbackBeforeAddFriendCommand",
		"http://h/cb?command=callbackBeforeAddFriendCommand": "callbackBeforeAddFriendCommand",
		"http://h": "", "http://h/": "", "": "", "http://h/%zz": "",
	} {
		assert.Equal(t, want, validate.Request{URL: text}.URLCommand(), text)
	}
}

// The timeout is not part of a journal line: it is for the judge of the moment.
func TestAJournalLineHasNoTimeout(t *testing.T) {
	x := validate.Exchange{Callback: "beforeAddFriend", Reply: validate.Reply{Failure: validate.ConnectionRefused}}
	without, err := json.Marshal(x)
	require.NoError(t, err)
	x.Timeout = time.Second
	with, err := json.Marshal(x)
	require.NoError(t, err)
	assert.Equal(t, string(without), string(with))
}

// What a time can't be in a journal is an error, not half a line.
func TestExchangeJSONOfOddTimes(t *testing.T) {
	for year, ok := range map[int]bool{-1: false, 0: true, 1: true, 9999: true, 10000: false} {
		at := time.Date(year, 6, 1, 0, 0, 0, 0, time.FixedZone("", 24*60*60-60))
		line, err := validate.Exchange{Time: at}.MarshalJSON()
		if !ok {
			assert.Error(t, err, year)
			continue
		}
		require.NoError(t, err, year)
		var back validate.Exchange
		require.NoError(t, json.Unmarshal(line, &back))
		assert.True(t, back.Time.Equal(at), year)
	}
	_, err := validate.Exchange{Time: time.Date(2026, 1, 1, 0, 0, 0, 0, time.FixedZone("", 24*60*60))}.MarshalJSON()
	assert.Error(t, err)
}

// Nothing in a text ends a line or steers a terminal that shows the journal.
func TestExchangeJSONOfOddTexts(t *testing.T) {
	var all strings.Builder
	for r := range rune(0x250) {
		all.WriteRune(r)
	}
	all.WriteString("\u2027\u2028\u2029\u202a\ufffd\U0001f600")
	e := validate.Exchange{
		Command: all.String(), Request: validate.Request{Body: []byte(all.String())},
		Reply: validate.Reply{Status: 200, Headers: []validate.Header{{all.String(), ""}}, Body: []byte(all.String() + "\xe2\x80\xff\xc3"), Elapsed: 1500 * time.Microsecond},
	}
	line, err := e.MarshalJSON()
	require.NoError(t, err)
	assert.NotRegexp(t, `[\x00-\x1f\x{2028}\x{2029}]`, string(line))
	var back validate.Exchange
	require.NoError(t, json.Unmarshal(line, &back))
	assert.Equal(t, e, back)
}
