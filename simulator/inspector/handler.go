package inspector

import (
	"crypto/sha256"
	"crypto/subtle"
	"embed"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
)

// Prefix is the path below which the inspector lives. Requests to all other
// paths are the receiver's.
const Prefix = "/__imcb"

// The policies of what a browser may do with an answer.
const (
	pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	bodyPolicy = "default-src 'none'; frame-ancestors 'none'; sandbox"
)

// headers that every answer has.
var headers = [][2]string{
	{"Content-Security-Policy", pagePolicy},
	{"X-Content-Type-Options", "nosniff"},
	{"Referrer-Policy", "no-referrer"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{"Cache-Control", "no-store"},
}

// Handler answers requests below Prefix itself and hands all others to the
// receiver, but for a browser that looks at the root: it is led to the page where
// there is no receiver behind that it may want. Serve it with simulator.Serve, which guards the whole against
// other web sites.
func (i *Inspector) Handler(receiver http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, Prefix) { // cleaning a path costs something
			if clean := cleanPath(r.URL); clean == Prefix || strings.HasPrefix(clean, Prefix+"/") {
				i.serve(w, r, clean)
				return
			}
		}
		if i.opts.About.Forward == "" && looks(r) {
			secure(w)
			root(w, r)
			return
		}
		receiver.ServeHTTP(w, r)
	})
}

// root leads a browser to the page.
var root = pageFile("root.html", "text/html; charset=utf-8")

// secure sets the headers that every answer has.
func secure(w http.ResponseWriter) {
	for _, h := range headers {
		w.Header().Set(h[0], h[1])
	}
}

// looks reports whether a person's browser asks for the root. OpenIM's client
// never says which types it takes.
func looks(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.URL.Path == "/" &&
		r.URL.RawQuery == "" && strings.Contains(r.Header.Get("Accept"), "text/html")
}

// cleanPath is the decoded path without dots and doubled slashes. What guards
// and what routes both see it, and nothing else.
func cleanPath(u *url.URL) string {
	clean := path.Clean("/" + u.Path)
	if clean == Prefix && strings.HasSuffix(u.Path, "/") {
		clean += "/"
	}
	return clean
}

func (i *Inspector) serve(w http.ResponseWriter, r *http.Request, clean string) {
	secure(w)
	defer rescue(w)
	if !isOpen(clean) && !i.authorized(r) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="imcb"`)
		fail(w, http.StatusUnauthorized, "this needs the receiver's token: send it as Authorization: Bearer TOKEN")
		return
	}
	if !isOpen(clean) && !ownOrigin(r) {
		fail(w, http.StatusForbidden, "requests of other web sites are refused")
		return
	}
	routed := *r
	routed.URL = &url.URL{Path: clean, RawQuery: r.URL.RawQuery}
	if clean == Prefix {
		http.Redirect(w, &routed, Prefix+"/", http.StatusTemporaryRedirect)
		return
	}
	i.mux.ServeHTTP(w, &routed)
}

// rescue turns a panic into an answer: one bad request must not end the
// connection without a word.
func rescue(w http.ResponseWriter) {
	switch p := recover(); p {
	case nil:
	case http.ErrAbortHandler:
		panic(p)
	default:
		fail(w, http.StatusInternalServerError, "this request met a bug of imcb")
	}
}

// open are the paths that need no token; all others do.
var open = []string{Prefix, Prefix + "/", Prefix + "/app.css", Prefix + "/app.js", Prefix + "/healthz", Prefix + "/readyz"}

func isOpen(clean string) bool { return slices.Contains(open, clean) }

// authorized reports whether the request has the token, if one is needed. The
// time it takes tells nothing of the token.
func (i *Inspector) authorized(r *http.Request) bool {
	if i.opts.Token == "" {
		return true
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	got, want := sha256.Sum256([]byte(strings.TrimSpace(token))), sha256.Sum256([]byte(i.opts.Token))
	return subtle.ConstantTimeCompare(got[:], want[:]) == 1 && strings.EqualFold(scheme, "Bearer")
}

// ownOrigin reports whether no other web site had a browser send the request.
// The guard around the whole lets reading pass; but no other site has a reason
// to read here, and it could occupy the places of clients that wait.
func ownOrigin(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return true
	case "":
		origin, err := url.Parse(r.Header.Get("Origin"))
		return err == nil && (r.Header.Get("Origin") == "" || origin.Host == r.Host)
	default:
		return false
	}
}

func answer(w http.ResponseWriter, status int, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"error":"the answer could not be written as JSON"}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // the client is gone if it fails
}

func fail(w http.ResponseWriter, status int, format string, args ...any) {
	answer(w, status, map[string]string{"error": fmt.Sprintf(format, args...)})
}

// hasType reports whether the request's body is of one of the types; if not,
// it answers so.
func hasType(w http.ResponseWriter, r *http.Request, types ...string) bool {
	got, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err == nil && slices.Contains(types, got) {
		return true
	}
	fail(w, http.StatusUnsupportedMediaType, "send a Content-Type of %s", strings.Join(types, " or "))
	return false
}

//go:embed page
var page embed.FS

func pageFile(name, contentType string) http.HandlerFunc {
	text, err := page.ReadFile("page/" + name)
	if err != nil {
		panic(err) // embedded
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(text)
	}
}
