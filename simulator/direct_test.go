package simulator

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
)

// asOpenIM is a request as OpenIM's HTTP client writes it.
func asOpenIM(path, host, body string, more ...string) string {
	head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: Go-http-client/1.1\r\nContent-Length: %d\r\n"+
		"Content-Type: application/json; charset=utf-8\r\nOperationid: 1646445464564\r\nAccept-Encoding: gzip\r\n", path, host, len(body))
	return head + strings.Join(more, "") + "\r\n" + body
}

func TestDirectRequestTakesWhatOpenIMSends(t *testing.T) {
	var q directRequest
	for _, server := range fixtures.Releases() {
		for _, c := range fixtures.All() {
			p, err := c.Payload(fixtures.PayloadOptions{Server: server})
			require.NoError(t, err)
			data := asOpenIM("/callbackExample/"+p.Command, "127.0.0.1:10006", string(p.Body))
			require.True(t, q.read([]byte(data)), data)
			assertSameAsNetHTTP(t, &q, data)
		}
	}
}

// assertSameAsNetHTTP asserts that net/http reads the same from data.
func assertSameAsNetHTTP(t *testing.T, q *directRequest, data string) {
	t.Helper()
	r := bufio.NewReader(strings.NewReader(data))
	req, err := http.ReadRequest(r)
	require.NoError(t, err, "%q", data)
	body, err := io.ReadAll(req.Body)
	require.NoError(t, err, "%q", data)
	assert.Zero(t, r.Buffered(), "%q", data)
	assert.Equal(t, []string{"POST", "HTTP/1.1", q.path, q.path, "", q.values[directHost]}, []string{req.Method, req.Proto, req.URL.Path, req.RequestURI, req.URL.RawQuery, req.Host})
	assert.Equal(t, string(q.body), string(body))
	assert.False(t, req.Close)
	assert.Empty(t, req.TransferEncoding)
	var headers []validate.Header
	for i, name := range directHeaders {
		if q.values[i] != "" {
			headers = append(headers, validate.Header{name, q.values[i]})
		}
	}
	assert.Equal(t, sorted(req.Header, validate.Header{"Host", req.Host}), headers)
}

// notDirect are requests that are left to net/http, each different from
// OpenIM's in one thing.
func notDirect() map[string]string {
	const path, host, body = "/callbackExample/callbackBeforeAddFriendCommand", "127.0.0.1:10006", `{"callbackCommand":"callbackBeforeAddFriendCommand"}`
	whole := asOpenIM(path, host, body)
	change := func(old, changed string) string {
		if !strings.Contains(whole, old) {
			panic(old)
		}
		return strings.Replace(whole, old, changed, 1)
	}
	return map[string]string{
		"nothing":             "",
		"a part of a line":    whole[:20],
		"a part of the head":  whole[:100],
		"no body yet":         strings.TrimSuffix(whole, body),
		"a part of the body":  whole[:len(whole)-1],
		"more than the body":  whole + "\n",
		"two requests":        whole + whole,
		"GET":                 change("POST", "GET"),
		"HTTP/1.0":            change("HTTP/1.1", "HTTP/1.0"),
		"two spaces":          change(" HTTP/1.1", "  HTTP/1.1"),
		"a proxy's URL":       change("POST /", "POST http://127.0.0.1/"),
		"no path":             change("POST /callbackExample/callbackBeforeAddFriendCommand", "POST "),
		"a query":             change("Command HTTP", "Command?key=x HTTP"),
		"an escape":           change("/callbackExample", "/%63allbackExample"),
		"no host":             change("Host: 127.0.0.1:10006\r\n", ""),
		"two hosts":           change("Host: 127.0.0.1:10006\r\n", "Host: 127.0.0.1:10006\r\nHost: 127.0.0.1:10006\r\n"),
		"a strange host":      change("Host: 127.0.0.1:10006", "Host: 127.0.0.1:1 0006"),
		"no length":           change("Content-Length: 52\r\n", ""),
		"two lengths":         change("Content-Length: 52\r\n", "Content-Length: 52\r\nContent-Length: 52\r\n"),
		"a signed length":     change("Content-Length: 52", "Content-Length: +52"),
		"a length with zeros": change("Content-Length: 52", "Content-Length: 052"),
		"length 0":            change("Content-Length: 52", "Content-Length: 0"),
		"another length":      change("Content-Length: 52", "Content-Length: 51"),
		"chunks":              change("Content-Length: 52", "Transfer-Encoding: chunked"),
		"chunks and a length": asOpenIM(path, host, body, "Transfer-Encoding: chunked\r\n"),
		"another header":      asOpenIM(path, host, body, "Origin: http://example.com\r\n"),
		"connection: close":   asOpenIM(path, host, body, "Connection: close\r\n"),
		"expect":              asOpenIM(path, host, body, "Expect: 100-continue\r\n"),
		"a name in lower":     change("Content-Length", "content-length"),
		"a space after it":    change("Host:", "Host :"),
		"no space before":     change("Operationid: ", "Operationid:"),
		"an empty value":      change("Operationid: 1646445464564", "Operationid: "),
		"two spaces before":   change("Operationid: ", "Operationid:  "),
		"a space at the end":  change("1646445464564", "1646445464564 "),
		"a tab":               change("1646445464564", "16464\t45464564"),
		"a bare newline":      change("1646445464564\r\n", "1646445464564\n"),
		"a bare return":       change("1646445464564", "16464\r45464564"),
		"a folded line":       change("1646445464564\r\n", "1646445464564\r\n x\r\n"),
		"not ASCII":           change("1646445464564", "ü"),
		"no colon":            change("Accept-Encoding: gzip", "Accept-Encoding"),
		"TLS":                 "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
		"HTTP/2":              "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	}
}

func TestDirectRequestLeavesTheRest(t *testing.T) {
	for name, data := range notDirect() {
		assert.False(t, new(directRequest).read([]byte(data)), name)
	}
}

func TestDirectRequestForgetsTheOneBefore(t *testing.T) {
	var q directRequest
	require.True(t, q.read([]byte(asOpenIM("/a", "localhost", "{}"))))
	const short = "POST /b HTTP/1.1\r\nHost: [::1]\r\nContent-Length: 1\r\n\r\n1"
	require.True(t, q.read([]byte(short)))
	assertSameAsNetHTTP(t, &q, short)
}

// Whatever is taken, net/http takes it for the same request.
func FuzzDirectRequest(f *testing.F) {
	f.Add([]byte(asOpenIM("/callbackExample/callbackBeforeAddFriendCommand", "127.0.0.1:10006", "{}\n")))
	f.Add([]byte("POST //x/../y HTTP/1.1\r\nHost: a.b\r\nContent-Length: 3\r\nContent-Type: a b\r\n\r\n\r\n\r"))
	for _, data := range notDirect() {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var q directRequest
		if q.read(bytes.Clone(data)) {
			assertSameAsNetHTTP(t, &q, string(data))
		}
	})
}
