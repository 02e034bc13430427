package simulator_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
)

func TestURL(t *testing.T) {
	const command = "callbackAfterSendSingleMsgCommand"
	key := url.Values{"key": {"eyJzZW5kSUQiOiJ1MSJ9+w=="}}
	tests := []struct {
		name  string
		base  string
		style simulator.URLStyle
		query url.Values
		want  string
	}{
		{"path", "http://h:1/cb", simulator.Path, nil, "http://h:1/cb/" + command},
		{"no path", "http://h", simulator.Path, nil, "http://h/" + command},
		{"trailing slash", "http://h/cb/", simulator.Path, nil, "http://h/cb//" + command},
		{"query swallows", "http://h/cb?token=x", simulator.Path, nil, "http://h/cb?token=x/" + command},
		{"fragment swallows", "http://h/cb#x", simulator.Path, nil, "http://h/cb#x/" + command},
		{"query style", "https://h/cb", simulator.Query, nil, "https://h/cb?command=" + command},
		{"query style as text", "http://h/cb?a=b", simulator.Query, nil, "http://h/cb?a=b?command=" + command},
		{"bare", "http://h/cb?a=b", simulator.Bare, nil, "http://h/cb?a=b"},
		{"documented", "http://h/cb", simulator.Documented, nil, "http://h/cb/" + command + "?contenttype=json"},
		{"main's key", "http://h/cb", simulator.Path, key, "http://h/cb/" + command + "?key=eyJzZW5kSUQiOiJ1MSJ9%2Bw%3D%3D"},
		{"main's key beside a query", "http://h/cb?z=1&a=2", simulator.Path, key,
			"http://h/cb?a=2%2F" + command + "&key=eyJzZW5kSUQiOiJ1MSJ9%2Bw%3D%3D&z=1"},
		{"main's key, bare", "http://h/cb", simulator.Bare, key, "http://h/cb?key=eyJzZW5kSUQiOiJ1MSJ9%2Bw%3D%3D"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := simulator.URL(tt.base, tt.style, &fixtures.Payload{Command: command, Query: tt.query})
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestURLErrors(t *testing.T) {
	const example = "http://127.0.0.1:10006/callbackExample"
	tests := []struct{ base, want string }{
		{"", "no URL given: write one like " + example},
		{" http://h", `URL " http://h" has space around it: remove it`},
		{"localhost:8080/cb", `URL "localhost:8080/cb" has no scheme: write "http://" in front of it, as in ` + example},
		{"/cb", `URL "/cb" has no scheme: write "http://" in front of it, as in ` + example},
		{"webhook://127.0.0.1:10008/callbackExample", `URL "webhook://127.0.0.1:10008/callbackExample" has the scheme "webhook", ` +
			"the default of OpenIM 3.7 and 3.8.0, to which OpenIM itself can't send: write an http or https URL like " + example},
		{"ftp://h/", `URL "ftp://h/" has the scheme "ftp": write an http or https URL like ` + example},
		{"http:///cb", `URL "http:///cb" has no host: write one like ` + example},
		{"http://:80/cb", `URL "http://:80/cb" has no host: write one like ` + example},
		{"http://h:port/", `URL "http://h:port/": invalid port ":port" after host: write one like ` + example},
	}
	for _, tt := range tests {
		_, err := simulator.URL(tt.base, simulator.Path, &fixtures.Payload{Command: "c"})
		assert.EqualError(t, err, tt.want)
		assert.Empty(t, simulator.URLWarnings(tt.base), tt.base)
	}
	_, err := simulator.URL("http://h", "paths", &fixtures.Payload{})
	assert.EqualError(t, err, `unknown URL style "paths": use one of path, query, bare, documented`)
}

func TestParseURLStyle(t *testing.T) {
	for _, name := range simulator.URLStyles() {
		style, err := simulator.ParseURLStyle(name)
		require.NoError(t, err)
		assert.Equal(t, name, string(style))
	}
	_, err := simulator.ParseURLStyle("")
	assert.Error(t, err)
}

func TestURLWarnings(t *testing.T) {
	tests := []struct {
		base string
		want []string // the start of each warning
	}{
		{"http://h", nil},
		{"http://h/cb", nil},
		{"http://h/cb/", []string{`the URL ends in "/"`}},
		{"http://h/cb?token=x", []string{"the URL has a query"}},
		{"http://h/cb#x?y/", []string{"the URL has a fragment"}},
		{"http://h/cb?a#b", []string{"the URL has a query", "the URL has a fragment"}},
	}
	for _, tt := range tests {
		got := simulator.URLWarnings(tt.base)
		require.Len(t, got, len(tt.want), tt.base)
		for i, w := range got {
			assert.Contains(t, w, tt.want[i])
		}
	}
}
