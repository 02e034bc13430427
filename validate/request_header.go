package validate

import (
	"net/http"
	"slices"
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

// refererHeader is what Go's HTTP client adds when it follows a redirect.
const refererHeader = "Referer"

// followsRedirect reports whether a redirect led OpenIM's client to the request.
func followsRedirect(headers []Header) bool {
	return slices.ContainsFunc(headers, func(h Header) bool { return http.CanonicalHeaderKey(h[0]) == refererHeader })
}

// headers compares the headers with those that OpenIM's requests have.
func (k *requestWalk) headers(headers []Header, redirected bool) {
	if len(headers) == 0 {
		return // not known
	}
	var first [sentHeaders]*Header
	var strange []string
	for i := range headers {
		switch place := sentHeader(headers[i][0]); {
		case place < 0 && redirected && http.CanonicalHeaderKey(headers[i][0]) == refererHeader:
		case place < 0:
			strange = append(strange, headers[i][0])
		case first[place] == nil:
			first[place] = &headers[i]
		}
	}
	k.contentType(first[contentTypeHeader])
	if first[operationIDHeader] == nil && k.check.server.Wire().EmptyOperationID {
		k.report(requestHeader, Warning, "", say("request-header.missing", "header", "Operationid"), say("request-header.hint-add")).Contract = Both
	}
	k.clientHeaders(first)
	if len(strange) > 0 {
		k.report(requestHeader, Note, "", say("request-header.strange", "headers", firstNames(strange), "more", words.More(len(strange)-mostNames)), say("request-header.hint-strange"))
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
		k.report(requestHeader, Warning, "", say("request-header.missing", "header", "Content-Type"), say("request-header.hint-add-type", "value", contentTypeSent))
	case !strings.EqualFold(h[1], contentTypeSent):
		severity := Warning
		if strings.HasPrefix(h[1], "application/json") {
			severity = Note
		}
		k.report(requestHeader, severity, "", say("request-header.type", "value", clip(h[1]), "sent", contentTypeSent), say("hint.send", "value", contentTypeSent))
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
			k.report(requestHeader, Note, "", say("request-header.client", "header", want.name, "value", clip(first[i][1]), "sent", want.value), words.Text{})
		}
	}
	if len(missing) > 0 {
		k.report(requestHeader, Note, "", say("request-header.lacks", "headers", missing), words.Text{})
	}
}

// mostNames is how many remote names a sentence has.
const mostNames = 3

// firstNames are the first of remote names, shortened.
func firstNames(names []string) []string {
	first := make([]string, min(len(names), mostNames))
	for i := range first {
		first[i] = clip(names[i])
	}
	return first
}
