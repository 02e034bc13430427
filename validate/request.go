package validate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/tidwall/gjson"
)

// The rules of requests: how one that arrives at a receiver differs from what
// OpenIM sends. Who writes a sender of their own learns where it lies.
const (
	requestNotJSON = "request-not-json"
	requestCommand = "request-command"
	requestField   = "request-field"
	requestHeader  = "request-header"
	requestForm    = "request-form"
)

// RequestRules describes the rules of requests. They have no check of their
// own: CheckRequest applies them together.
func RequestRules() []*Rule {
	return []*Rule{
		{ID: requestNotJSON, Severity: Error, Title: "a request whose body is not a JSON object", Why: "OpenIM sends nothing else.", Source: sourceSent},
		{ID: requestCommand, Severity: Error, Title: "a request with another command than the version's", Why: "Commands were renamed from version to version, and URL and body name the same one.", Source: sourceSent},
		{ID: requestField, Severity: Error, Title: "a request's field is missing, unknown or of another type", Why: "OpenIM writes every field that the version declares, in its type, also when it is empty.", Source: sourceSent},
		{ID: requestHeader, Severity: Warning, Title: "a request's header is missing or different", Why: "OpenIM sets Content-Type and Operationid on every request.", Source: sourceSent},
		{ID: requestForm, Severity: Advice, Title: "a request is written otherwise than OpenIM writes it", Why: "Order, escapes and the last newline mean nothing to a JSON reader, but something to a signature.", Source: sourceSent},
	}
}

const sourceSent = "open-im-server: request types of each version; captured from running servers"

// CheckRequest compares a request for a callback with what the server version
// sends, and returns what differs, worst first. A request that OpenIM sent has
// no findings.
func CheckRequest(c *fixtures.Callback, server fixtures.Version, r Request) []Finding {
	k := &requestCheck{callback: c, server: server, request: r}
	k.headers()
	if body := gjson.ParseBytes(r.Body); gjson.ValidBytes(r.Body) && body.IsObject() {
		k.command(body)
		k.members("", body, c.RequestFields(server))
		k.form()
	} else {
		k.report(requestNotJSON, Error, "", "the body is not a JSON object", "send the body that `imcb show "+c.Key+" --example request` prints")
	}
	sortFindings(k.findings)
	return k.findings
}

// requestCheck is one comparison under way.
type requestCheck struct {
	callback *fixtures.Callback
	server   fixtures.Version
	request  Request
	findings []Finding
}

func (k *requestCheck) report(rule string, s Severity, pointer, message, hint string) {
	k.findings = append(k.findings, Finding{Rule: rule, Severity: s, Path: pointer, Message: message, Hint: hint, Source: sourceSent})
}

// command checks the command in the body: that of the version, and that of the
// URL.
func (k *requestCheck) command(body gjson.Result) {
	want := k.callback.Command(k.server)
	got := body.Get("callbackCommand")
	if !got.Exists() {
		return // members says that it is missing
	}
	switch inURL := k.request.URLCommand(); {
	case got.String() != want && k.callback.Has(got.String()):
		k.report(requestCommand, Error, "/callbackCommand", fmt.Sprintf("%s is not what %s calls it: %s", clip(got.String()), "OpenIM "+k.server.String(), want), "send "+want)
	case got.String() != want:
		k.report(requestCommand, Error, "/callbackCommand", fmt.Sprintf("callbackCommand is %s, but the request is for %s", clip(got.String()), want), "send "+want)
	case inURL != "" && inURL != want && k.callback.Has(inURL):
		k.report(requestCommand, Error, "", fmt.Sprintf("the URL says %s, the body %s", inURL, want), "end the URL in /"+want)
	}
}

// members compares an object's members with the declared fields.
func (k *requestCheck) members(pointer string, object gjson.Result, fields []fixtures.Field) {
	place, last, ordered := make(map[string]int, len(fields)), -1, true
	for i, f := range fields {
		place[f.Name] = i
	}
	seen := make([]bool, len(fields))
	object.ForEach(func(key, value gjson.Result) bool {
		i, known := place[key.String()]
		if !known {
			k.report(requestField, Warning, pointer+"/"+escapePointer(key.String()), fmt.Sprintf("OpenIM has no field %q here", clip(key.String())), k.spelling(key.String(), fields))
			return true
		}
		seen[i] = true
		ordered = ordered && i > last
		last = max(last, i)
		k.value(pointer+"/"+fields[i].Name, value, fields[i])
		return true
	})
	for i, f := range fields {
		if !seen[i] && f.When == "" {
			k.report(requestField, Error, pointer+"/"+f.Name, f.Name+" is missing: OpenIM always sends it", "add it; `imcb show "+k.callback.Key+"` lists the fields")
		}
	}
	if !ordered {
		k.report(requestForm, Advice, pointer, "the fields are in another order than OpenIM's", "")
	}
}

// spelling suggests the field that an unknown name most probably stands for.
func (k *requestCheck) spelling(name string, fields []fixtures.Field) string {
	for _, f := range fields {
		if plainName(f.Name) == plainName(name) {
			return "OpenIM spells it " + f.Name
		}
	}
	return "leave it out"
}

// value compares one value with its declared type.
func (k *requestCheck) value(pointer string, v gjson.Result, f fixtures.Field) {
	if v.Type == gjson.Null {
		if !f.Nullable {
			k.report(requestField, Error, pointer, f.Name+" is null, which OpenIM never sends", "send "+typeInWords(f.Type))
		}
		return
	}
	if !fitsType(v, f.Type) {
		k.report(requestField, Error, pointer, fmt.Sprintf("%s is %s, but OpenIM sends %s", f.Name, clip(v.Raw), typeInWords(f.Type)), "send "+typeInWords(f.Type))
		return
	}
	if len(f.Fields) == 0 {
		return
	}
	objects := []gjson.Result{v}
	if v.IsArray() {
		objects = v.Array()
	}
	for i, object := range objects {
		at := pointer
		if v.IsArray() {
			at = fmt.Sprintf("%s/%d", pointer, i)
		}
		if object.IsObject() {
			k.members(at, object, f.Fields)
		}
	}
}

// fitsType reports whether a value has the JSON type of a request field.
func fitsType(v gjson.Result, t fixtures.Type) bool {
	var into any
	switch t {
	case fixtures.String, fixtures.Bytes:
		return v.Type == gjson.String
	case fixtures.Bool:
		return v.IsBool()
	case fixtures.Int32:
		into = new(int32)
	case fixtures.Int64:
		into = new(int64)
	case fixtures.Uint32:
		into = new(uint32)
	case fixtures.Strings:
		into = new([]string)
	case fixtures.Int64s:
		into = new([]int64)
	case fixtures.Objects:
		into = new([]map[string]any)
	default:
		into = new(map[string]any)
	}
	return json.Unmarshal([]byte(v.Raw), into) == nil
}

// headers checks what OpenIM always sets.
func (k *requestCheck) headers() {
	if len(k.request.Headers) == 0 {
		return
	}
	for _, want := range []Header{{"Content-Type", "application/json; charset=utf-8"}, {"Operationid", ""}} {
		name := want[0]
		i := slices.IndexFunc(k.request.Headers, func(h Header) bool { return http.CanonicalHeaderKey(h[0]) == name })
		switch {
		case i < 0 && name == "Operationid" && k.server < fixtures.V37:
		case i < 0:
			k.report(requestHeader, Warning, "", "the header "+name+" is missing: OpenIM always sends it", "add it"+example(want[1]))
		case want[1] != "" && !strings.EqualFold(k.request.Headers[i][1], want[1]):
			severity := Warning
			if strings.HasPrefix(k.request.Headers[i][1], "application/json") {
				severity = Advice
			}
			k.report(requestHeader, severity, "", fmt.Sprintf("%s is %s, but OpenIM sends %s", name, clip(k.request.Headers[i][1]), want[1]), "send "+want[1])
		}
	}
}

func example(value string) string {
	if value == "" {
		return ""
	}
	return ": " + value
}

// form checks what no JSON reader sees: OpenIM's encoder escapes <, > and &,
// and ends the body with a newline from 3.7 on.
func (k *requestCheck) form() {
	body := k.request.Body
	if ends := bytes.HasSuffix(body, []byte("\n")); ends != (k.server >= fixtures.V37) {
		k.report(requestForm, Advice, "", "the body ends otherwise than OpenIM's: from 3.7 on with one newline, before without", "")
	}
	if bytes.ContainsAny(body, "<>&") {
		k.report(requestForm, Advice, "", `the body has <, > or &, which OpenIM writes as \u003c, \u003e and \u0026`, "")
	}
}
