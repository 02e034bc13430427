package validate_test

import (
	"testing"

	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
)

func TestMask(t *testing.T) {
	for url, want := range map[string]string{
		"http://h/cb":                                                          "http://h/cb",
		"http://u:pw@h/cb":                                                     "http://u:***@h/cb",
		"http://h/cb?token=a&x=1":                                              "http://h/cb?token=***&x=1",
		"http://h/cb?access_token=a":                                           "http://h/cb?access_token=***",
		"http://h/cb?key=abc":                                                  "http://h/cb?key=***",
		"http://h/cb?key=eyJzZW5kSUQiOiIxIn0%3D":                               "http://h/cb?key=eyJzZW5kSUQiOiIxIn0%3D",
		"http://h/cb?secret=a/callbackBeforeAddFriendCommand":                  "http://h/cb?secret=***/callbackBeforeAddFriendCommand",
		"http://h/cb?secret=a/callbackSingleMsgRead":                           "http://h/cb?secret=***/callbackSingleMsgRead",
		"http://h/cb?secret=a?b?command=callbackBeforeAddFriendCommand":        "http://h/cb?secret=***?command=callbackBeforeAddFriendCommand",
		"http://h/cb?secret=a/callbackBeforeAddFriendCommand?contenttype=json": "http://h/cb?secret=***/callbackBeforeAddFriendCommand?contenttype=json",
		"::not a url": "::not a url",
	} {
		x := validate.MaskExchange(validate.Exchange{Request: validate.Request{URL: url}})
		assert.Equal(t, want, x.Request.URL)
	}
	original := validate.Exchange{
		Request: validate.Request{
			URL:     "http://h",
			Headers: []validate.Header{{"Cookie", "a=b"}, {"X-Api-Key", "k"}, {"Operationid", "1"}},
			Body:    []byte(`{"callbackCommand":"callbackBeforeUserRegisterCommand","secret":"openIM123","users":[]}`),
		},
		Reply: validate.Reply{Headers: []validate.Header{{"Set-Cookie", "a=b"}}, Redirects: []validate.Redirect{{Status: 302, Location: "http://h/?token=a"}}, Failure: validate.ConnectionRefused, Detail: `Post "http://u:pw@h/cb": refused`},
	}
	x := validate.MaskExchange(original)
	assert.Equal(t, []validate.Header{{"Cookie", "***"}, {"X-Api-Key", "***"}, {"Operationid", "1"}}, x.Request.Headers)
	assert.Equal(t, `{"callbackCommand":"callbackBeforeUserRegisterCommand","secret":"***","users":[]}`, string(x.Request.Body))
	assert.Equal(t, []validate.Header{{"Set-Cookie", "***"}}, x.Reply.Headers)
	assert.Equal(t, `Post "http://u:***@h/cb": refused`, x.Reply.Detail)
	assert.Equal(t, "http://h/?token=***", x.Reply.Redirects[0].Location)
	assert.Equal(t, "http://h/?token=a", original.Reply.Redirects[0].Location)
	assert.Equal(t, "Cookie", original.Request.Headers[0][0])
	assert.Equal(t, "a=b", original.Request.Headers[0][1], "the original is left alone")
}

func TestMaskText(t *testing.T) {
	for text, want := range map[string]string{
		"url: http://u:pw@x/cb?a=1&token=abc":                     "url: http://u:***@x/cb?a=1&token=***",
		`"http://u:p@w@x/cb", 'http://x?key=a'`:                   `"http://u:***@x/cb", 'http://x?key=***'`,
		"http://x?key=a/callbackB/callbackBeforeAddFriendCommand": "http://x?key=***/callbackBeforeAddFriendCommand",
		"moved to /login?Auth=a#b":                                "moved to /login?Auth=***#b",
		"http://x:8080/cb of a@b":                                 "http://x:8080/cb of a@b",
		"token=1 stands in no URL":                                "token=1 stands in no URL",
	} {
		assert.Equal(t, want, validate.MaskText(text))
	}
}

func TestMaskHeaders(t *testing.T) {
	x := validate.MaskExchange(validate.Exchange{Reply: validate.Reply{Headers: []validate.Header{{"X-AUTH", "a"}, {"Www-Authenticate", "Basic"}}}})
	assert.Equal(t, []validate.Header{{"X-AUTH", "***"}, {"Www-Authenticate", "Basic"}}, x.Reply.Headers)
}
