package inspector_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/simulator/inspector"
	"github.com/imcb-dev/imcb/simulator/rules"
	"github.com/imcb-dev/imcb/validate"
)

// documented are the method and path of every operation in the document, with
// 1 for an id. TestDocumentListsEveryRoute makes sure that these are all.
func documented(t *testing.T) [][2]string {
	t.Helper()
	paths := get(t, newInspector(), path("/openapi.json"))["paths"].(map[string]any)
	var all [][2]string
	for p, item := range paths {
		for method := range item.(map[string]any) {
			all = append(all, [2]string{strings.ToUpper(method), strings.ReplaceAll(p, "{id}", "1")})
		}
	}
	require.Greater(t, len(all), 20)
	slices.SortFunc(all, func(a, b [2]string) int { return strings.Compare(a[1]+a[0], b[1]+b[0]) })
	return all
}

// free are the paths that need no token.
var free = []string{"/__imcb/", "/__imcb/app.css", "/__imcb/app.js", "/__imcb/healthz", "/__imcb/readyz"}

// full is an inspector that can do everything and has seen one request.
func full(t testing.TB, token string) (*inspector.Inspector, *rules.Book) {
	book, err := rules.New("", []byte("rules: []\n"), rules.Options{Server: validate.On(fixtures.DefaultRelease)})
	require.NoError(t, err)
	i := inspector.New(inspector.Options{Server: validate.On(fixtures.DefaultRelease), Token: token, Rules: book, Resend: resendNothing})
	i.Record(arrival(t, "beforeAddFriend", "", ""))
	return i, book
}

// otherRules are rules, and JSON, too.
const otherRules = `{"rules":[]}`

// edit changes the rules so that one sees when others take their place, or
// they are reset.
func edit(t *testing.T, book *rules.Book) {
	t.Helper()
	require.NoError(t, book.Replace([]byte("rules: [] # edited")))
}

// sourceOf tells whether the rules are still those of edit.
func sourceOf(book *rules.Book) []string {
	text, source := book.Text()
	return []string{text, source}
}

var edited = []string{"rules: [] # edited", "edited"}

func resendNothing(_ context.Context, x validate.Exchange) validate.Exchange {
	x.Request.URL, x.Reply = "http://real/", validate.Reply{Failure: validate.ConnectionRefused}
	return x
}

// disguises are other ways to write a path below /__imcb.
func disguises(p string) []string {
	rest := strings.TrimPrefix(p, "/__imcb")
	return []string{
		p, p + "?token=secret", "/%5f%5fimcb" + rest, "/%5F_imcb" + rest, "/__%69mcb" + rest, "//__imcb" + rest, "///__imcb/" + rest, "/__imcb/../__imcb" + rest,
		"/x/../__imcb" + rest, "/x/%2e%2e/__imcb" + rest, "/x/..%2f__imcb" + rest, "/./__imcb" + rest, "/__imcb/." + rest, "/__imcb%2f" + strings.TrimPrefix(rest, "/"),
		"/__imcb/" + rest, p + "/", p + "/.", p + "//", "/__imcb/app.css/.." + rest, "/__imcb/healthz/.." + rest, "http://127.0.0.1" + p, "/%2f__imcb" + rest,
		"/__imcb/app.css%2f.." + rest,
	}
}

func TestEveryRouteNeedsTheToken(t *testing.T) {
	i, book := full(t, "secret")
	edit(t, book)
	for _, op := range documented(t) {
		if slices.Contains(free, op[1]) {
			assert.Equal(t, 200, ask(i, op[0], op[1], "").Code, op)
			continue
		}
		for _, p := range disguises(op[1]) {
			for _, method := range []string{op[0], "HEAD", "POST", "OPTIONS", "get", "PROPFIND"} {
				for _, authorization := range []string{"", "secret", "Bearer", "Bearer ", "Bearer secre", "Bearer secret2", "Basic secret", "Bearer secret secret", "Bearer SECRET"} {
					w := ask(i, method, p, otherRules, "Authorization", authorization, "Content-Type", "application/json")
					require.Equal(t, 401, w.Code, "%s %s %q", method, p, authorization)
					require.Equal(t, `Bearer realm="imcb"`, w.Header().Get("WWW-Authenticate"))
					checkHeaders(t, w.Header())
				}
			}
		}
		assert.NotEqual(t, 401, ask(i, op[0], op[1]+"?timeout=0s", "", "Authorization", "Bearer secret", "X", "HEAD").Code, op)
		i.Record(arrival(t, "beforeAddFriend", "", ""))
	}
	for _, p := range []string{"/__imcb/x", "/__imcb/page", "/__imcb/page/index.html", "/__imcb/index.html", "/__imcb/api", "/__imcb/healthz/x", "/__imcb/app.css/x", "/__imcb/%00"} {
		assert.Equal(t, 401, ask(i, "GET", p, "").Code, "%s: what is not open needs the token", p)
	}
	assert.Equal(t, edited, sourceOf(book), "nothing was done without the token, and PUT needs a type")
	assert.Equal(t, 204, ask(i, "POST", path("/reset?what=requests"), "", "Authorization", "bearer secret").Code, "the scheme's case does not matter")
}

// checkHeaders checks the headers that every answer has.
func checkHeaders(t testing.TB, h http.Header) {
	t.Helper()
	assert.Equal(t, []string{"nosniff", "no-referrer", "same-origin", "same-origin", "no-store"}, []string{
		h.Get("X-Content-Type-Options"), h.Get("Referrer-Policy"), h.Get("Cross-Origin-Opener-Policy"), h.Get("Cross-Origin-Resource-Policy"), h.Get("Cache-Control"),
	})
	assert.Contains(t, h.Get("Content-Security-Policy"), "default-src 'none'")
	assert.Contains(t, h.Get("Content-Security-Policy"), "frame-ancestors 'none'")
	assert.NotContains(t, h.Get("Content-Security-Policy"), "unsafe")
	for name := range h {
		assert.False(t, strings.HasPrefix(name, "Access-Control-"), name)
	}
}

func TestEveryAnswerHasTheHeaders(t *testing.T) {
	for _, op := range documented(t) {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE"} {
			if op[1] == path("/events") && method == "GET" || op[1] == path("/wait") {
				continue // TestStream… and TestWait…
			}
			i, _ := full(t, "")
			w := ask(i, method, op[1], "{", "Content-Type", "application/json", "Access-Control-Request-Method", "POST")
			checkHeaders(t, w.Header())
			if w.Code >= 400 {
				assert.Equal(t, "application/json; charset=utf-8", w.Header().Get("Content-Type"), "%s %s", method, op[1])
				assert.True(t, json.Valid(w.Body.Bytes()))
			}
		}
	}
	i := newInspector()
	for _, p := range []string{"/__imcb", "/__imcb/nothing", "/__imcb/api/v1/requests/1"} {
		checkHeaders(t, ask(i, "GET", p, "").Header())
	}
}

func TestPage(t *testing.T) {
	i := newInspector()
	const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	for p, want := range map[string]string{"/__imcb/": "text/html", "/__imcb/app.css": "text/css", "/__imcb/app.js": "text/javascript"} {
		w := ask(i, "GET", p, "")
		assert.Equal(t, []any{200, want + "; charset=utf-8", policy}, []any{w.Code, w.Header().Get("Content-Type"), w.Header().Get("Content-Security-Policy")})
		assert.NotEmpty(t, w.Body.Bytes())
	}
	w := ask(i, "GET", "/__imcb", "")
	assert.Equal(t, []any{307, "/__imcb/"}, []any{w.Code, w.Header().Get("Location")})
	for _, p := range []string{"//__imcb", "//evil.example/../__imcb", "/__imcb?x=//evil.example"} {
		assert.Equal(t, "/__imcb/", ask(i, "GET", p, "").Header().Get("Location"), "%s leads nowhere else", p)
	}
}

func TestABrowserIsLedFromTheRootToThePage(t *testing.T) {
	ask := func(o inspector.Options, method, path, accept string) (status int, text string) {
		w, r := httptest.NewRecorder(), httptest.NewRequest(method, path, http.NoBody)
		r.Header.Set("Accept", accept)
		inspector.New(o).Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })).ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	const browser = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"
	status, text := ask(inspector.Options{Token: "s3cret"}, "GET", "/", browser)
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, text, `href="/__imcb/"`)
	behind := inspector.Options{About: inspector.About{Forward: "http://127.0.0.1:8080"}}
	for _, other := range []struct {
		o                    inspector.Options
		method, path, accept string
	}{
		{method: "POST", path: "/", accept: browser}, {method: "GET", path: "/callbackX", accept: browser}, {method: "GET", path: "/", accept: "*/*"},
		{method: "GET", path: "/?command=callbackX", accept: browser}, {o: behind, method: "GET", path: "/", accept: browser},
	} {
		status, _ := ask(other.o, other.method, other.path, other.accept)
		assert.Equal(t, http.StatusTeapot, status, "%+v is the receiver's", other)
	}
}

func TestOtherMethodsAreRefused(t *testing.T) {
	i, _ := full(t, "")
	allowed := map[string][]string{}
	for _, op := range documented(t) {
		allowed[op[1]] = append(allowed[op[1]], op[0])
		if op[0] == "GET" {
			allowed[op[1]] = append(allowed[op[1]], "HEAD")
		}
	}
	for p, methods := range allowed {
		slices.Sort(methods)
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", "CONNECT", "X"} {
			if slices.Contains(methods, method) {
				continue
			}
			w := ask(i, method, p, "")
			assert.Equal(t, 405, w.Code, "%s %s", method, p)
			assert.Equal(t, strings.Join(methods, ", "), w.Header().Get("Allow"))
		}
	}
	assert.Equal(t, 404, ask(i, "GET", "/__imcb/api/v2/requests", "").Code)
}

// TestDocumentListsEveryRoute walks the mux by the document, and the document
// by what the mux answers: a path that is served but not documented would have
// to be found by chance, so the routes themselves are compared in
// TestDocumentIsTheRoutes.
func TestDocumentListsEveryRoute(t *testing.T) {
	for _, op := range documented(t) {
		i, _ := full(t, "")
		r := httptest.NewRequestWithContext(canceled(), op[0], op[1]+"?timeout=0s", nil)
		w := httptest.NewRecorder()
		i.Handler(receiver).ServeHTTP(w, r)
		assert.NotContains(t, []int{404, 405}, w.Code, op)
	}
}

func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func TestDocument(t *testing.T) {
	document := get(t, newInspector(), path("/openapi.json"))
	assert.Equal(t, "3.1.0", document["openapi"])
	schemas := document["components"].(map[string]any)["schemas"].(map[string]any)
	var names []string
	walk(document, func(key string, value any) {
		if key == "$ref" {
			name, ok := strings.CutPrefix(value.(string), "#/components/schemas/")
			assert.True(t, ok)
			assert.Contains(t, schemas, name)
		}
		if key == "operationId" {
			assert.NotContains(t, names, value)
			names = append(names, value.(string))
		}
	})
	assert.Len(t, names, len(documented(t)))
}

// walk visits all members of JSON objects.
func walk(v any, visit func(key string, value any)) {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			visit(key, value)
			walk(value, visit)
		}
	case []any:
		for _, item := range v {
			walk(item, visit)
		}
	}
}

// TestAnswersHaveTheDocumentedMembers compares real answers with the schemas.
func TestAnswersHaveTheDocumentedMembers(t *testing.T) {
	i, _ := full(t, "")
	schemas := get(t, i, path("/openapi.json"))["components"].(map[string]any)["schemas"].(map[string]any)
	members := func(v any) []string {
		names := []string{}
		for name := range v.(map[string]any) {
			names = append(names, name)
		}
		slices.Sort(names)
		return names
	}
	for shape, answer := range map[string]any{
		"Info": get(t, i, path("/info")), "Detail": get(t, i, path("/requests/1")), "List": get(t, i, path("/requests")), "Rules": get(t, i, path("/rules")),
		"Summary": get(t, i, path("/requests"))["requests"].([]any)[0], "Waited": get(t, i, path("/wait")), "Status": get(t, i, "/__imcb/healthz"),
		"Verified": parse(t, ask(i, "POST", path("/verify"), "{}", "Content-Type", "application/json").Body),
		"Resent":   parse(t, ask(i, "POST", path("/requests/1/resend"), "").Body),
	} {
		assert.Equal(t, members(schemas[shape].(map[string]any)["properties"]), members(answer), shape)
	}
}

// state is everything that a client can change.
func state(t *testing.T, i *inspector.Inspector, book *rules.Book) []any {
	info := get(t, i, path("/info"))
	return []any{info, get(t, i, path("/requests")), i.Counts(), sourceOf(book), book.Problem(), book.Rules()}
}

func TestGETChangesNothing(t *testing.T) {
	i, book := full(t, "")
	edit(t, book)
	before := state(t, i, book)
	for _, op := range documented(t) {
		for _, method := range []string{"GET", "HEAD"} {
			for _, query := range []string{"?timeout=0s", "?what=all", ""} {
				if query == "" && strings.HasSuffix(op[1], "/wait") {
					continue
				}
				r := httptest.NewRequestWithContext(canceled(), method, op[1]+query, strings.NewReader("{}"))
				r.Header.Set("X-Http-Method-Override", "DELETE")
				r.Header.Set("Content-Type", "application/json")
				i.Handler(receiver).ServeHTTP(httptest.NewRecorder(), r)
			}
		}
	}
	assert.Equal(t, before, state(t, i, book))
}

func TestBodiesNeedTheirType(t *testing.T) {
	i, book := full(t, "")
	edit(t, book)
	for _, op := range documented(t) {
		if op[0] == "GET" {
			continue
		}
		for _, contentType := range []string{"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain; application/json", "application/jsonx", ";"} {
			assert.Equal(t, 415, ask(i, op[0], op[1]+"?what=all", otherRules, "Content-Type", contentType).Code, "%v %q", op, contentType)
		}
	}
	assert.Equal(t, []any{edited, 1}, []any{sourceOf(book), i.Counts().Total}, "nothing was done")
}

// serve runs the whole as imcb serve does, and returns its address.
func serve(t *testing.T, i *inspector.Inspector) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- simulator.Serve(ctx, l, i.Handler(receiver), simulator.ServeOptions{}) }()
	t.Cleanup(func() {
		i.Stop()
		cancel()
		assert.NoError(t, <-done)
	})
	return l.Addr().String()
}

// do sends a request over the network, as written.
func do(t *testing.T, method, url, body string, header http.Header) *http.Response {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	require.NoError(t, err)
	for name, values := range header {
		r.Header[name] = values
	}
	if host := header.Get("Host"); host != "" {
		r.Host = host
	}
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(r)
	require.NoError(t, err)
	resp.Body.Close()
	return resp
}

func TestGuardsCoverEveryRoute(t *testing.T) {
	i, book := full(t, "")
	edit(t, book)
	address := serve(t, i)
	before := i.Counts()
	for _, op := range documented(t) {
		for _, p := range []string{op[1], strings.Replace(op[1], "/__imcb", "/%5f%5fimcb", 1), "/" + op[1]} {
			resp := do(t, op[0], "http://"+address+p, otherRules, http.Header{"Host": {"evil.example"}})
			assert.Equal(t, 421, resp.StatusCode, "%s %s", op[0], p)
			if op[0] == "GET" {
				continue
			}
			for _, h := range []http.Header{{"Origin": {"http://evil.example"}}, {"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}}, {"Origin": {"null"}}} {
				resp := do(t, op[0], "http://"+address+p, otherRules, h)
				assert.Equal(t, 403, resp.StatusCode, "%s %s %v", op[0], p, h)
				for name := range resp.Header {
					assert.False(t, strings.HasPrefix(name, "Access-Control-"), name)
				}
			}
		}
	}
	assert.Equal(t, []any{before, edited}, []any{i.Counts(), sourceOf(book)})
	resp := do(t, "POST", "http://"+address+path("/reset?what=all"), "", http.Header{"Origin": {"http://" + address}, "Sec-Fetch-Site": {"same-origin"}})
	assert.Equal(t, 204, resp.StatusCode, "the page itself may")
}

func TestOtherSitesMayNotReadEither(t *testing.T) {
	i, _ := full(t, "")
	for _, op := range documented(t) {
		for _, h := range [][2]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "http://evil.example"}, {"Origin", "null"}, {"Origin", "http://example.com:1"}} {
			w := ask(i, op[0], op[1], "", h[0], h[1])
			if slices.Contains(free, op[1]) {
				assert.Equal(t, 200, w.Code, "%v: a link to the page works", op)
				continue
			}
			assert.Equal(t, 403, w.Code, "%v %v", op, h)
			checkHeaders(t, w.Header())
		}
	}
	for _, h := range [][2]string{{"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", "none"}, {"Origin", "http://example.com"}} {
		assert.Equal(t, 200, ask(i, "GET", path("/info"), "", h[0], h[1]).Code, h)
	}
}

func TestReadyUntilStopped(t *testing.T) {
	i := newInspector()
	assert.Equal(t, map[string]any{"status": "ok"}, get(t, i, "/__imcb/readyz"))
	i.Stop()
	i.Stop()
	assert.Equal(t, 503, ask(i, "GET", "/__imcb/readyz", "").Code)
	assert.Equal(t, 200, ask(i, "GET", "/__imcb/healthz", "").Code)
	assert.Equal(t, 503, ask(i, "GET", path("/wait"), "").Code)
	assert.Equal(t, 503, ask(i, "GET", path("/events"), "").Code)
}

func TestPanicIsAnAnswer(t *testing.T) {
	i := inspector.New(inspector.Options{Resend: func(context.Context, validate.Exchange) validate.Exchange { panic("bug") }})
	i.Record(arrival(t, "beforeAddFriend", "", ""))
	w := ask(i, "POST", path("/requests/1/resend"), "")
	assert.Equal(t, 500, w.Code)
	assert.NotContains(t, w.Body.String(), "goroutine")
}

// The description says of each answer what it is.
func TestDocumentSaysWhatIsTakenAndGiven(t *testing.T) {
	paths := get(t, newInspector(), path("/openapi.json"))["paths"].(map[string]any)
	of := func(p, method string) map[string]any { return paths[p].(map[string]any)[method].(map[string]any) }
	put, list, reset := of(api+"/rules", "put"), of(api+"/requests", "get"), of(api+"/requests", "delete")
	assert.Contains(t, put, "requestBody")
	assert.NotContains(t, list, "requestBody")
	assert.Equal(t, map[string]any{"description": "done"}, reset["responses"].(map[string]any)["204"])
	assert.Contains(t, list["responses"], "200")
	assert.NotContains(t, list["responses"], "204")
}

// A finding's members are documented where findings are answered.
func TestDocumentNamesTheMembersOfFindings(t *testing.T) {
	i, _ := full(t, "")
	schemas := get(t, i, path("/openapi.json"))["components"].(map[string]any)["schemas"].(map[string]any)
	differs := schemas["Detail"].(map[string]any)["properties"].(map[string]any)["differs"].(map[string]any)["items"].(map[string]any)
	for _, name := range []string{"rule", "severity", "path", "message", "source"} {
		assert.Contains(t, differs["properties"], name)
		assert.Contains(t, schemas["Finding"].(map[string]any)["properties"], name)
	}
}
