package cmd_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
)

// What a running main has gets the rules of a file.
func TestLintAsksTheServer(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		answers := map[string]string{
			"/auth/get_admin_token":   `{"errCode":0,"data":{"token":"token-of-the-admin"}}`,
			"/config/get_config_list": `{"errCode":0,"data":{"version":"main","environment":"source"}}`,
			"/config/get_config":      `{"errCode":0,"data":"{\"URL\":\"ftp://example.com\",\"BeforeAddFriend\":{\"Enable\":true,\"Timeout\":5}}"}`,
		}
		_, _ = io.WriteString(w, answers[r.URL.Path])
		assert.NotContains(t, string(body), "token-of-the-admin")
	}))
	defer s.Close()
	code, out, errOut := runMain(t, "", "lint", "--api", s.URL)
	assert.Equal(t, 1, code, errOut)
	assert.Contains(t, out, s.URL+"/config/get_config:2:10: error:")
	assert.Contains(t, out, "OpenIM main-services: 1 callback on", "its discovery is not standalone")

	code, _, errOut = runMain(t, "", "lint", "webhooks.yml", "--api", s.URL)
	assert.Equal(t, 2, code)
	assert.Contains(t, errOut, "either name files or give --api")
}

// Older servers show no settings.
func TestLintSaysThatAServerShowsNothing(t *testing.T) {
	code, _, errOut := runMain(t, "", "lint", "--api", smallOpenIM(t, nil), "--secret", topSecret)
	assert.Equal(t, 2, code)
	assert.Contains(t, errOut, "this server does not show its settings (/config/get_config_list: status 404, errCode 404): name the file instead")
}
