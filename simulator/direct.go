package simulator

import (
	"bytes"
	"strconv"
)

// directRequest is a request in the very form in which OpenIM's HTTP client
// writes it: a POST with its headers, each once, and a body of known length.
// net/http understands it in the same way, and everything else besides.
type directRequest struct {
	path   string
	values [len(directHeaders)]string // empty: the header is not there
	body   []byte                     // a part of what was read
}

// directHeaders are the headers of such a request, in alphabetical order.
var directHeaders = [...]string{"Accept-Encoding", "Content-Length", "Content-Type", "Host", "Operationid", "User-Agent"}

// The places of those that must be there.
const (
	directLength = 1
	directHost   = 3
)

// read reads one whole request, and reports whether data is that and nothing
// else. It makes new strings only for what differs from the request before.
func (q *directRequest) read(data []byte) bool {
	line, rest, ended := bytes.Cut(data, lineEnd)
	path, isPost := bytes.CutPrefix(line, []byte("POST "))
	path, is11 := bytes.CutSuffix(path, []byte(" HTTP/1.1"))
	if !ended || !isPost || !is11 || len(path) == 0 || path[0] != '/' || !consistsOf(path, inPath) {
		return false
	}
	q.path = same(q.path, path)
	var seen [len(directHeaders)]bool
	for line, rest, ended = bytes.Cut(rest, lineEnd); len(line) > 0; line, rest, ended = bytes.Cut(rest, lineEnd) {
		if !q.header(line, &seen) {
			return false
		}
	}
	for i := range seen {
		if !seen[i] {
			q.values[i] = ""
		}
	}
	q.body = rest
	return ended && seen[directHost] && len(rest) > 0 && isNumber(q.values[directLength], len(rest))
}

var lineEnd = []byte("\r\n")

// isNumber reports whether s is n, which is positive, in digits.
func isNumber(s string, n int) bool {
	got, err := strconv.Atoi(s)
	return err == nil && got == n && '1' <= s[0] && s[0] <= '9'
}

// header reads a line "Name: value".
func (q *directRequest) header(line []byte, seen *[len(directHeaders)]bool) bool {
	for i, name := range directHeaders {
		if len(line) <= len(name) || line[len(name)] != ':' || string(line[:len(name)]) != name {
			continue
		}
		value, spaced := bytes.CutPrefix(line[len(name)+1:], []byte{' '})
		class := uint8(inValue)
		if i == directHost {
			class = inHost
		}
		if seen[i] || !spaced || len(value) == 0 || value[0] == ' ' || value[len(value)-1] == ' ' || !consistsOf(value, class) {
			return false
		}
		seen[i] = true
		q.values[i] = same(q.values[i], value)
		return true
	}
	return false
}

// same is text as a string, the old one if it is that.
func same(old string, text []byte) string {
	if old == string(text) {
		return old
	}
	return string(text)
}

// The classes of characters that mean themselves.
const (
	inValue = 1 << iota
	inPath
	inHost
)

var classes = func() (all [256]uint8) {
	for c := ' '; c < 0x7f; c++ {
		all[c] = inValue
	}
	const alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	for _, c := range alphanumeric + "/._-" {
		all[c] |= inPath
	}
	for _, c := range alphanumeric + ".:-[]" {
		all[c] |= inHost
	}
	return all
}()

func consistsOf(text []byte, class uint8) bool {
	for _, c := range text {
		if classes[c]&class == 0 {
			return false
		}
	}
	return true
}
