package inspector

import (
	"net/http"
	"slices"
	"strings"
)

// route is one operation of the API: how it is served and documented.
type route struct {
	method, path string
	summary      string
	handle       http.HandlerFunc
	params       []param
	// takes is the media type of the request's body; empty: it has none.
	takes string
	// gives is the media type of the answer; empty: it has no body.
	gives string
	// shape names the schema of a JSON answer.
	shape string
	// fails are the statuses of errors that it may answer with.
	fails []int
}

// param is a parameter of the query or, when its name is in braces in the
// path, of the path.
type param struct{ name, about, kind string }

// The media types of bodies.
const (
	typeJSON   = "application/json"
	typeYAML   = "application/yaml"
	typeLines  = "application/jsonl"
	typeBytes  = "application/octet-stream"
	typeEvents = "text/event-stream"
	typeText   = "text/plain"
)

const api = Prefix + "/api/v1"

var filterParams = []param{
	{"callback", "a key, a command or an old name; \"unknown\": no known callback", "string"},
	{"phase", "before or after", "string"},
	{"outcome", "proceed, refuse, fail, crash or ignored", "string"},
	{"rule", "the name of the rule that made the answer", "string"},
	{"severity", "error, warning or note: has a finding at least that bad, of the request or the reply", "string"},
	{"q", "text in the key, the command, the URL or a body, whatever its case", "string"},
	{"where", "PATH=VALUE: a value in the request's body by its path (gjson), also into JSON that is held in a string; numbers and texts compare by what is written; may be repeated", "array"},
	{"before", "only requests older than this id", "integer"},
	{"after", "only requests newer than this id", "integer"},
	{"limit", "how many to return, 10000 at most; default 100", "integer"},
}

var idParam = []param{{"id", "the request's number", "integer"}}

func (i *Inspector) routes() []route {
	const one = api + "/requests/{id}"
	return []route{
		{method: "GET", path: Prefix + "/", summary: "The page", handle: pageFile("index.html", "text/html; charset=utf-8"), gives: "text/html"},
		{method: "GET", path: Prefix + "/app.css", summary: "The page's style", handle: pageFile("app.css", "text/css; charset=utf-8"), gives: "text/css"},
		{method: "GET", path: Prefix + "/app.js", summary: "The page's script", handle: pageFile("app.js", "text/javascript; charset=utf-8"), gives: "text/javascript"},
		{method: "GET", path: Prefix + "/healthz", summary: "The process is alive", handle: i.healthz, gives: typeJSON, shape: "Status"},
		{method: "GET", path: Prefix + "/readyz", summary: "The receiver takes requests", handle: i.readyz, gives: typeJSON, shape: "Status", fails: []int{503}},
		{method: "GET", path: Prefix + "/metrics", summary: "Metrics in Prometheus' text format", handle: i.metrics, gives: typeText},
		{method: "GET", path: api + "/info", summary: "What runs here", handle: i.info, gives: typeJSON, shape: "Info"},
		{method: "GET", path: api + "/openapi.json", summary: "This document", handle: i.openapi, gives: typeJSON, shape: "Any"},
		{method: "GET", path: api + "/journal", summary: "All kept exchanges as JSON Lines, oldest first", handle: i.journal, gives: typeLines},

		{method: "GET", path: api + "/requests", summary: "List requests, newest first", handle: i.list, params: filterParams, gives: typeJSON, shape: "List", fails: []int{400}},
		{method: "DELETE", path: api + "/requests", summary: "Forget all requests and their counts", handle: i.deleteAll},
		{method: "GET", path: one, summary: "One request with all that is known of it", handle: i.one, params: idParam, gives: typeJSON, shape: "Detail", fails: []int{404}},
		{method: "DELETE", path: one, summary: "Forget one request", handle: i.deleteOne, params: idParam, fails: []int{404}},
		{method: "GET", path: one + "/body", summary: "The request's body, byte for byte", handle: i.requestBody, params: idParam, gives: typeBytes, fails: []int{404}},
		{method: "GET", path: one + "/reply", summary: "The reply's body, byte for byte", handle: i.replyBody, params: idParam, gives: typeBytes, fails: []int{404}},
		{method: "GET", path: one + "/explain", summary: "Why which rule matched, or none", handle: i.explain, params: idParam, gives: typeJSON, shape: "Any", fails: []int{404}},
		{method: "POST", path: one + "/resend", summary: "Send the request to the target of the command line", handle: i.resend, params: idParam, gives: typeJSON, shape: "Resent", fails: []int{403, 404, 503}},
		{method: "GET", path: api + "/events", summary: "Follow what happens, as Server-Sent Events", handle: i.events, params: eventParams, gives: typeEvents, fails: []int{400, 503}},

		{method: "GET", path: api + "/wait", summary: "Wait until enough requests came", handle: i.waitFor, params: slices.Concat(filterParams, waitParams), gives: typeJSON, shape: "Waited", fails: []int{400, 408, 503}},
		{method: "POST", path: api + "/verify", summary: "Say whether as many requests came as wanted", handle: i.verify, takes: typeJSON, gives: typeJSON, shape: "Verified", fails: []int{400, 413, 415}},
		{method: "POST", path: api + "/reset", summary: "Start anew: what=requests, rules or all", handle: i.reset, params: []param{{"what", "requests, rules or all", "string"}}, fails: []int{400, 404}},

		{method: "GET", path: api + "/rules", summary: "The rules", handle: i.getRules, gives: typeJSON, shape: "Rules", fails: []int{404}},
		{method: "PUT", path: api + "/rules", summary: "Replace the rules", handle: i.putRules, takes: typeYAML, gives: typeJSON, shape: "Rules", fails: []int{404, 413, 415, 422}},
		{method: "POST", path: api + "/rules/check", summary: "Check rules without taking them", handle: i.checkRules, takes: typeYAML, gives: typeJSON, shape: "Checked", fails: []int{404, 413, 415, 422}},
		{method: "GET", path: api + "/rules/schema", summary: "The JSON Schema of rules", handle: i.ruleSchema, gives: "application/schema+json", shape: "Any", fails: []int{404}},
	}
}

// newMux serves the routes. Any other method of a path gets 405, any other
// path 404.
func (i *Inspector) newMux() *http.ServeMux {
	mux := http.NewServeMux()
	methods := make(map[string][]string)
	for _, r := range i.routes() {
		mux.Handle(r.method+" "+exact(r.path), checked(r))
		methods[r.path] = append(methods[r.path], r.method)
		if r.method == http.MethodGet {
			methods[r.path] = append(methods[r.path], http.MethodHead)
		}
	}
	for path, allowed := range methods {
		mux.HandleFunc(exact(path), notAllowed(allowed))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fail(w, http.StatusNotFound, "there is nothing here: GET %s/openapi.json lists what there is", api)
	})
	return mux
}

// exact makes a pattern that ends in a slash match nothing below it.
func exact(path string) string {
	if strings.HasSuffix(path, "/") {
		return path + "{$}"
	}
	return path
}

func notAllowed(methods []string) http.HandlerFunc {
	slices.Sort(methods)
	allow := strings.Join(methods, ", ")
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Allow", allow)
		fail(w, http.StatusMethodNotAllowed, "use %s here", allow)
	}
}

// checked refuses a body of another type than the route takes, before anything
// is done. A browser can't send these types to another site unasked.
func checked(r route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		switch {
		case r.takes == typeYAML && !hasType(w, req, typeYAML, "text/yaml", "application/x-yaml"):
		case r.takes == typeJSON && !hasType(w, req, typeJSON):
		case r.takes == "" && req.ContentLength != 0 && !hasType(w, req, typeJSON):
		default:
			r.handle(w, req)
		}
	})
}
