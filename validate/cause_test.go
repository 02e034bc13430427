package validate_test

import (
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// causeURL is where verdictOf sends to.
const causeURL = "http://h/cb"

// TestNetworkCauses: errDlt is what OpenIM's client says. What the sender
// recorded is that; a receiver does not know it, and may have words of its own.
func TestNetworkCauses(t *testing.T) {
	const post = `Post "` + causeURL + `": `
	for _, tt := range []struct {
		reply validate.Reply
		want  string
	}{
		{validate.Reply{Failure: validate.Timeout, Detail: "the client went away"}, post + "context deadline exceeded HTTP request failed"},
		{validate.Reply{Failure: validate.Canceled, Detail: "the client went away"}, post + "context deadline exceeded HTTP request failed"},
		{validate.Reply{Failure: validate.Reset, Detail: "the connection was closed without a reply, on purpose"}, post + "EOF HTTP request failed"},
		{validate.Reply{Failure: validate.Reset, Detail: post + "read tcp A->B: read: connection reset by peer"}, post + "read tcp A->B: read: connection reset by peer HTTP request failed"},
		{validate.Reply{Failure: validate.ConnectionRefused}, post + "dial tcp h:80: connect: connection refused HTTP request failed"},
		{validate.Reply{Failure: validate.ConnectionRefused, Detail: "dial tcp 10.0.0.1:80: connect: connection refused"}, post + "EOF HTTP request failed"}, // behind --forward
		{validate.Reply{Failure: validate.NoHost}, post + "dial tcp: lookup h: no such host HTTP request failed"},
		{validate.Reply{Failure: validate.Malformed, Detail: "the reply was no HTTP, on purpose"},
			post + `net/http: HTTP/1.x transport connection broken: malformed HTTP status code "this" HTTP request failed`},
		{validate.Reply{Failure: validate.Truncated, Status: 200, Detail: "the connection was closed within the body, on purpose"}, "unexpected EOF failed to read response body"},
		{validate.Reply{Failure: validate.Timeout, Status: 200}, "context deadline exceeded failed to read response body"},
		{validate.Reply{Failure: validate.Encoding, Status: 200, Detail: "gzip: invalid checksum"}, "gzip: invalid checksum failed to read response body"},
		{validate.Reply{Failure: validate.Redirects, Status: 307, Detail: `Post "/loop": stopped after 10 redirects`}, `Post "/loop": stopped after 10 redirects HTTP request failed`},
		{validate.Reply{Failure: validate.BadURL, Detail: `parse "http://h:x": invalid port ":x" after host`},
			`parse "http://h:x": invalid port ":x" after host NewRequestWithContext failed, url=` + causeURL + ", method=POST"},
	} {
		got := verdictOf(t, "beforeAddFriend", tt.reply, validate.Options{}).Client.ErrDlt
		assert.Equal(t, "Error: "+tt.want+" | -> httputil.(*HTTPClient).Post() …", got)
	}
}

// TestTheReceiverBehind: the URL is that of imcb, which was there.
func TestTheReceiverBehind(t *testing.T) {
	const dial = "dial tcp 10.0.0.1:80: connect: connection refused"
	for detail, want := range map[string][2]string{
		dial:                          {"the receiver behind can't be reached: ", "check that it runs, and the URL of --forward: " + dial},
		`Post "http://h/cb": ` + dial: {"nothing listens at the URL: ", "check that the receiver runs and that the URL is right: " + causeURL},
	} {
		v := verdictOf(t, "beforeAddFriend", validate.Reply{Failure: validate.ConnectionRefused, Detail: detail}, validate.Options{})
		require.Len(t, v.Findings, 1)
		assert.Contains(t, v.Findings[0].Message.String(), want[0])
		assert.Equal(t, want[1], v.Findings[0].Hint.String())
	}
}

// TestNetworkCausesByRelease: 3.8.3 drops the cause, 3.6 names the stage.
func TestNetworkCausesByRelease(t *testing.T) {
	reset, cut := validate.Reply{Failure: validate.Reset}, validate.Reply{Failure: validate.Truncated, Status: 200}
	const post, stack = `Post "` + causeURL + `": EOF`, " | -> httputil.(*HTTPClient).Post() …"
	for release, want := range map[fixtures.Release][2]string{
		fixtures.V35:  {post + ": 90004 NetworkError", "unexpected EOF: 90004 NetworkError"},
		fixtures.V36:  {"Post: client.Do failed: " + post + ": 90004 NetworkError", "Post: ReadAll failed: unexpected EOF: 90004 NetworkError"},
		fixtures.V381: {"HTTP request failed: " + post + ", post url=" + causeURL + ": 90004 NetworkError", "failed to read response body: unexpected EOF, post url=" + causeURL + ": 90004 NetworkError"},
		fixtures.V383: {"Error: HTTP request failed" + stack, "Error: failed to read response body" + stack},
		fixtures.Main: {"Error: " + post + " HTTP request failed" + stack, "Error: unexpected EOF failed to read response body" + stack},
	} {
		o := validate.Options{Server: validate.On(release), StopOnFailure: true}
		assert.Equal(t, want, [2]string{verdictOf(t, "beforeAddFriend", reset, o).Client.ErrDlt, verdictOf(t, "beforeAddFriend", cut, o).Client.ErrDlt}, release)
	}
}

func TestClientText(t *testing.T) {
	for to, want := range map[string]string{
		"http://h/cb":         `Post "http://h/cb": dial tcp h:80: connect: connection refused`,
		"https://u:pw@[::1]/": `Post "https://u:***@[::1]/": dial tcp [::1]:443: connect: connection refused`,
		"http://u@h:1/":       `Post "http://u@h:1/": dial tcp h:1: connect: connection refused`,
	} {
		x := validate.Exchange{Request: validate.Request{URL: to}, Reply: validate.Reply{Failure: validate.ConnectionRefused}}
		assert.Equal(t, want, x.ClientText(""))
	}
}
