package simulator_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
)

// redirecting answers /STATUS with that status and a Location, /end with the
// method and the size of the body that arrive, and /loop with itself.
func redirecting(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/end", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = io.WriteString(w, r.Method+" "+strconv.Itoa(len(body)))
	})
	mux.Handle("/loop", http.RedirectHandler("/loop", http.StatusTemporaryRedirect))
	mux.HandleFunc("/{status}", func(w http.ResponseWriter, r *http.Request) {
		status, _ := strconv.Atoi(r.PathValue("status"))
		if to := r.URL.Query().Get("to"); to != "" {
			w.Header().Set("Location", to)
		}
		w.WriteHeader(status)
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestRedirects(t *testing.T) {
	base := redirecting(t)
	for _, tt := range []struct {
		status     int
		method     string
		wantedBody string
	}{
		{301, "GET", "GET 0"},
		{302, "GET", "GET 0"},
		{303, "GET", "GET 0"},
		{307, "POST", "POST 67"},
		{308, "POST", "POST 67"},
	} {
		t.Run(strconv.Itoa(tt.status), func(t *testing.T) {
			e := send(t, base+"/"+strconv.Itoa(tt.status)+"?to=/end", simulator.SenderOptions{})
			assert.Empty(t, e.Reply.Failure, e.Reply.Detail)
			assert.Equal(t, tt.wantedBody, string(e.Reply.Body))
			assert.Equal(t, []validate.Redirect{{Status: tt.status, Location: "/end", Method: tt.method}}, e.Reply.Redirects)
			assert.Equal(t, http.MethodPost, e.Request.Method, "the request is the first one")
		})
	}
}

func TestRedirectWithoutLocation(t *testing.T) {
	e := send(t, redirecting(t)+"/302", simulator.SenderOptions{})
	assert.Empty(t, e.Reply.Failure, e.Reply.Detail)
	assert.Equal(t, 302, e.Reply.Status)
	assert.Empty(t, e.Reply.Body)
	assert.Empty(t, e.Reply.Redirects)
}

func TestRedirectFailures(t *testing.T) {
	base := redirecting(t)
	tests := []struct {
		name, path   string
		status, hops int
		detail       string
	}{
		{"loop", "/loop", 307, 9, "stopped after 10 redirects"},
		{"bad location", "/302?to=http%3A%2F%2Fh%3Aport", 0, 0, "failed to parse Location header"},
		{"other scheme", "/302?to=ftp%3A%2F%2Fh%2F", 0, 1, "unsupported protocol scheme"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := send(t, base+tt.path, simulator.SenderOptions{})
			assert.Equal(t, tt.status, e.Reply.Status)
			assert.Equal(t, validate.Redirects, e.Reply.Failure)
			assert.Contains(t, e.Reply.Detail, tt.detail)
			assert.Len(t, e.Reply.Redirects, tt.hops)
		})
	}
}
