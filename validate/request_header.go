package validate

import (
	"net/http"
	"strings"

	"github.com/imcb-dev/imcb/fixtures/words"
)

// contentTypeSent is the Content-Type of every request.
const contentTypeSent = "application/json; charset=utf-8"

// The headers that OpenIM's requests have, in the order of the wire. OpenIM
// sets two of them, Go's HTTP client the others.
const (
	hostHeader = iota
	userAgentHeader
	contentLengthHeader
	contentTypeHeader
	operationIDHeader
	acceptEncodingHeader
	sentHeaders
)

var headersSent = [sentHeaders]struct {
	name string
	// value is what it always is; empty: it differs from request to request.
	value string
}{
	hostHeader:           {"Host", ""},
	userAgentHeader:      {"User-Agent", "Go-http-client/1.1"},
	contentLengthHeader:  {"Content-Length", ""},
	contentTypeHeader:    {"Content-Type", contentTypeSent},
	operationIDHeader:    {"Operationid", ""},
	acceptEncodingHeader: {"Accept-Encoding", "gzip"},
}

// headers compares the headers with those that OpenIM's requests have.
func (k *requestWalk) headers(headers []Header) {
	if len(headers) == 0 {
		return // not known
	}
	var first [sentHeaders]*Header
	var strange []string
	for i := range headers {
		switch place := sentHeader(headers[i][0]); {
		case place < 0:
			strange = append(strange, headers[i][0])
		case first[place] == nil:
			first[place] = &headers[i]
		}
	}
	k.contentType(first[contentTypeHeader])
	if first[operationIDHeader] == nil && k.check.server.Wire().EmptyOperationID {
		k.report(requestHeader, Warning, "", "the header Operationid is missing: OpenIM always sends it", "add it")
	}
	k.clientHeaders(first)
	if len(strange) > 0 {
		k.report(requestHeader, Advice, "", "OpenIM's client sends no header "+quoteNames(strange), "a proxy may have added it; else leave it out")
	}
}

// sentHeader is the place of a header in headersSent, -1 when OpenIM never
// sends it.
func sentHeader(name string) int {
	for i := range headersSent {
		if headersSent[i].name == name {
			return i
		}
	}
	canonical := http.CanonicalHeaderKey(name)
	for i := range headersSent {
		if canonical != name && headersSent[i].name == canonical {
			return i
		}
	}
	return -1
}

func (k *requestWalk) contentType(h *Header) {
	switch {
	case h == nil:
		k.report(requestHeader, Warning, "", "the header Content-Type is missing: OpenIM always sends it", "add it: "+contentTypeSent)
	case !strings.EqualFold(h[1], contentTypeSent):
		severity := Warning
		if strings.HasPrefix(h[1], "application/json") {
			severity = Advice
		}
		k.report(requestHeader, severity, "", "Content-Type is "+clip(h[1])+", but OpenIM sends "+contentTypeSent, "send "+contentTypeSent)
	}
}

// clientHeaders notes what tells another HTTP client from OpenIM's.
func (k *requestWalk) clientHeaders(first [sentHeaders]*Header) {
	var missing []string
	for i, want := range headersSent {
		switch {
		case i == contentTypeHeader || i == operationIDHeader: // OpenIM's own
		case first[i] == nil:
			missing = append(missing, want.name)
		case want.value != "" && first[i][1] != want.value:
			k.report(requestHeader, Advice, "", want.name+" is "+clip(first[i][1])+", but OpenIM's client sends "+want.value, "")
		}
	}
	if len(missing) > 0 {
		k.report(requestHeader, Advice, "", "OpenIM's client also sends "+words.List(missing, "and"), "")
	}
}

// quoteNames lists remote names, the first three of them.
func quoteNames(names []string) string {
	const most = 3
	quoted := make([]string, min(len(names), most))
	for i := range quoted {
		quoted[i] = clip(names[i])
	}
	return strings.Join(quoted, ", ") + words.AndMore(len(names)-len(quoted))
}
