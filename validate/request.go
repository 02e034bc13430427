package validate

import (
	"bytes"
	"net/http"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
)

// The rules of requests: how one that arrives at a receiver differs from what
// OpenIM sends. Who writes a sender of their own learns where it lies. They have
// no check of their own: RequestCheck applies them together.
var (
	requestMethod  = &Rule{ID: "request-method", Contract: Both, About: AboutRequest, Severity: Warning, Source: sourceSent, Title: "a request that is no POST", Why: "OpenIM posts. Only after a redirect 301, 302 or 303 its client comes with a GET, with the header Referer and without the body."}
	requestNotJSON = &Rule{ID: "request-not-json", Contract: Both, About: AboutRequest, Severity: Error, Source: sourceSent, Title: "a request whose body is not a JSON object", Why: "OpenIM sends nothing else."}
	requestCommand = &Rule{ID: "request-command", Contract: Both, About: AboutRequest, Severity: Error, Source: sourceSent, Title: "a request with another command than the version's", Why: "Commands were renamed from version to version, and URL and body name the same one."}
	requestField   = &Rule{ID: "request-field", Contract: Running, About: AboutRequest, Severity: Error, Source: sourceSent, Title: "a request's field is missing, unknown or of another type", Why: "OpenIM writes every field that the version declares, in its type, also when it is empty."}
	requestHeader  = &Rule{ID: "request-header", Contract: Running, About: AboutRequest, Severity: Warning, Source: sourceSent, Title: "a request's header is missing or different", Why: "OpenIM sets Content-Type and Operationid on every request; its HTTP client adds four others and no more."}
	requestURL     = &Rule{ID: "request-url", Contract: Running, About: AboutRequest, Severity: Warning, Source: sourceSent, Title: "a request's URL has another form than OpenIM's", Why: "OpenIM appends a slash and the command to the url in webhooks.yml, as text."}
	requestForm    = &Rule{ID: "request-form", Contract: Running, About: AboutRequest, Severity: Note, Source: sourceSent, Title: "a request is written otherwise than OpenIM writes it", Why: "Order, escapes and the last newline mean nothing to a JSON reader, but something to a signature."}
)

var requestRules = []*Rule{requestMethod, requestNotJSON, requestCommand, requestField, requestHeader, requestURL, requestForm}

const sourceSent = "open-im-server: request types of each version; captured from running servers"

// CheckRequest compares a request for a callback with what the server version
// sends, and returns what differs, worst first. A request that OpenIM sent to
// a sound url has no findings, nor has one to which a redirect led its client.
// An empty method or URL, no headers at all, or a nil body mean that they are
// not known. Who checks many requests makes a RequestCheck for each callback
// and keeps it.
func CheckRequest(c *fixtures.Callback, server fixtures.Release, r Request) []Finding {
	return NewRequestCheck(c, server).Check(r)
}

// RequestCheck compares requests for one callback with what one server version
// sends. It is safe for concurrent use.
type RequestCheck struct {
	callback *fixtures.Callback
	server   fixtures.Release
	// like is the version whose form of the callback counts: server, or the
	// nearest one that has the callback.
	like    fixtures.Release
	command string
	ending  string // of a URL: the command after a slash
	fields  []requestSpec
	addHint words.Text // for fields that are missing
	// keyed says that the URL has the query "key".
	keyed bool
}

// NewRequestCheck compiles what the server version sends for the callback. The
// zero value is DefaultRelease, here and in CheckRequest.
func NewRequestCheck(c *fixtures.Callback, server fixtures.Release) *RequestCheck {
	server = server.OrDefault()
	like, _ := c.At(server)
	command := c.Command(server)
	return &RequestCheck{
		callback: c, server: server, like: like, command: command, ending: "/" + command,
		fields:  compileRequest(c.RequestFields(server)),
		addHint: say("request-field.hint-add", "callback", c.Key),
		keyed:   c.SendsKey(like),
	}
}

// Check returns what differs in the request, as CheckRequest does; nil when
// nothing does. Beyond maxDifferences it keeps errors only, and beyond twice
// as many nothing; the last finding says how many are left out.
func (c *RequestCheck) Check(r Request) []Finding {
	k := requestWalk{scan: scanner{text: r.Body}, check: c}
	redirected := followsRedirect(r.Headers)
	if r.Method != "" && r.Method != http.MethodPost {
		if !redirected {
			k.report(requestMethod, Warning, "", say("request-method", "method", clip(r.Method)), words.Text{})
		}
		return k.findings
	}
	k.headers(r.Headers, redirected)
	k.version()
	asExpected := r.Body != nil && k.body()
	if !redirected { // else it is what the redirect says
		k.checkURL(r.URL, asExpected)
	}
	if k.leftOut > 0 {
		k.report(requestForm, Note, "", say("request-form.left-out", "n", k.leftOut), words.Text{})
	}
	if len(k.findings) > 1 {
		SortFindings(k.findings)
	}
	return k.findings
}

// maxDifferences is how many findings a request gets. A body of ten megabytes
// has room for a million.
const maxDifferences = 100

// requestWalk is one comparison under way.
type requestWalk struct {
	scan     scanner
	check    *RequestCheck
	findings []Finding
	leftOut  int
	// isObject says that the body is one.
	isObject bool
	// inBody is the value of the body's first callbackCommand, inMessage that of the
	// message's content type.
	inBody, inMessage token
}

// full reports whether a finding of this severity is left out, and counts it.
func (k *requestWalk) full(s Severity) bool {
	n := len(k.findings)
	if n < maxDifferences || n < 2*maxDifferences && s == Error {
		return false
	}
	k.leftOut++
	return true
}

func (k *requestWalk) report(rule *Rule, severity Severity, pointer string, message, hint words.Text) *Finding {
	k.findings = append(k.findings, Finding{Rule: rule.ID, Severity: severity, Contract: rule.Contract, About: AboutRequest, Place: at(pointer), Message: message, Hint: hint, Source: rule.Source})
	return &k.findings[len(k.findings)-1]
}

// body checks the body and reports whether it is a JSON object whose command
// is the expected one.
func (k *requestWalk) body() (asExpected bool) {
	if k.isObject = k.scan.peek() == kindObject && fixtures.ValidJSON(k.scan.text); !k.isObject {
		k.report(requestNotJSON, Error, "", say("request-not-json"), say("request-not-json.hint", "callback", k.check.callback.Key))
		return false
	}
	k.members(nil, k.check.fields)
	k.kindOfMessage()
	asExpected = k.commandInBody()
	k.form(asExpected && k.check.like == k.check.server)
	return asExpected
}

// form checks what no JSON reader sees: OpenIM's encoder escapes <, > and &,
// and ends the body with a newline from 3.7 on. The end says nothing of a request
// that another version sends.
func (k *requestWalk) form(ofVersion bool) {
	if ends := bytes.HasSuffix(k.scan.text, []byte("\n")); ofVersion && ends != k.check.server.Wire().FinalNewline {
		k.report(requestForm, Note, "", say("request-form.ending"), words.Text{})
	}
	if bytes.IndexByte(k.scan.text, '<') >= 0 || bytes.IndexByte(k.scan.text, '>') >= 0 || bytes.IndexByte(k.scan.text, '&') >= 0 {
		k.report(requestForm, Note, "", say("request-form.escapes"), words.Text{})
	}
}
