package validate

import (
	"encoding/base64"
	"strconv"
	"time"
	"unicode/utf8"
)

// AppendJSON appends the exchange as MarshalJSON writes it, without a newline,
// and returns the longer slice. A time that RFC 3339 can't write, such as one
// in the year 10000, is left out. It is what journals are written with: many
// times as fast as reflection.
func (e *Exchange) AppendJSON(dst []byte) []byte {
	dst = append(dst, '{')
	if !e.Time.IsZero() && writable(e.Time) {
		dst = append(dst, `"time":"`...)
		dst = e.Time.AppendFormat(dst, time.RFC3339Nano)
		dst = append(dst, `",`...)
	}
	if e.Callback != "" {
		dst = append(appendText(append(dst, `"callback":`...), e.Callback), ',')
	}
	if e.Command != "" {
		dst = append(appendText(append(dst, `"command":`...), e.Command), ',')
	}
	dst = e.Request.appendJSON(append(dst, `"request":`...))
	if e.Answered() {
		dst = e.Reply.appendJSON(append(dst, `,"reply":`...))
	}
	return append(dst, '}')
}

// writable reports whether RFC 3339 has a form for the time.
func writable(t time.Time) bool {
	const day = 24 * 60 * 60
	_, offset := t.Zone()
	return 0 <= t.Year() && t.Year() <= 9999 && -day < offset && offset < day
}

func (r *Request) appendJSON(dst []byte) []byte {
	dst = appendText(append(dst, `{"method":`...), r.Method)
	dst = appendText(append(dst, `,"url":`...), r.URL)
	if len(r.Headers) > 0 {
		dst = appendHeaders(append(dst, ','), r.Headers)
	}
	return append(appendBody(append(dst, ','), r.Body), '}')
}

func (r *Reply) appendJSON(dst []byte) []byte {
	dst = append(dst, '{')
	if r.Status != 0 {
		dst = append(strconv.AppendInt(append(dst, `"status":`...), int64(r.Status), 10), ',')
	}
	if len(r.Headers) > 0 {
		dst = append(appendHeaders(dst, r.Headers), ',')
	}
	if len(r.Redirects) > 0 {
		dst = append(appendRedirects(dst, r.Redirects), ',')
	}
	if r.Failure == "" || len(r.Body) > 0 {
		dst = append(appendBody(dst, r.Body), ',')
	}
	if r.Failure != "" {
		dst = append(appendText(append(dst, `"error":`...), string(r.Failure)), ',')
	}
	if r.Detail != "" {
		dst = append(appendText(append(dst, `"detail":`...), r.Detail), ',')
	}
	milliseconds := float64(r.Elapsed.Microseconds()) / 1000
	return append(strconv.AppendFloat(append(dst, `"elapsed_ms":`...), milliseconds, 'f', -1, 64), '}')
}

func appendHeaders(dst []byte, headers []Header) []byte {
	dst = append(dst, `"headers":[`...)
	for i := range headers {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(append(dst, '['), headers[i][0])
		dst = appendText(append(dst, ','), headers[i][1])
		dst = append(dst, ']')
	}
	return append(dst, ']')
}

func appendRedirects(dst []byte, hops []Redirect) []byte {
	dst = append(dst, `"redirects":[`...)
	for i, hop := range hops {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strconv.AppendInt(append(dst, `{"status":`...), int64(hop.Status), 10)
		dst = appendText(append(dst, `,"location":`...), hop.Location)
		dst = appendText(append(dst, `,"method":`...), hop.Method)
		dst = append(dst, '}')
	}
	return append(dst, ']')
}

func appendBody(dst, body []byte) []byte {
	if utf8.Valid(body) {
		return appendText(append(dst, `"body":`...), body)
	}
	dst = base64.StdEncoding.AppendEncode(append(dst, `"bodyBase64":"`...), body)
	return append(dst, '"')
}

// appendText appends a JSON string as encoding/json writes it: <, >, & and the
// line separators U+2028 and U+2029 are escaped, bytes that are not UTF-8
// become \ufffd.
func appendText[T string | []byte](dst []byte, s T) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		if verbatim[s[i]] {
			i++
			continue
		}
		size, kept := 1, false
		if s[i] >= utf8.RuneSelf {
			var r rune
			r, size = utf8.DecodeRuneInString(string(s[i:min(len(s), i+utf8.UTFMax)]))
			kept = !(r == utf8.RuneError && size == 1) && r != '\u2028' && r != '\u2029'
		}
		if !kept {
			dst = append(dst, s[start:i]...)
			dst = appendEscape(dst, s[i], size, s[i+size-1])
			start = i + size
		}
		i += size
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// appendEscape appends the escape of a character of the given size in bytes,
// whose first and last byte are given.
func appendEscape(dst []byte, first byte, size int, last byte) []byte {
	const hex = "0123456789abcdef"
	switch {
	case size > 1:
		return append(dst, '\\', 'u', '2', '0', '2', hex[last&0xf])
	case first >= utf8.RuneSelf:
		return append(dst, `\ufffd`...)
	case shortEscape[first] != 0:
		return append(dst, '\\', shortEscape[first])
	default:
		return append(dst, '\\', 'u', '0', '0', hex[first>>4], hex[first&0xf])
	}
}

// shortEscape has the letter after the backslash for what has one.
var shortEscape = [256]byte{'"': '"', '\\': '\\', '\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't'}

// verbatim has the bytes that a JSON string holds as they are.
var verbatim = func() (set [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		set[c] = c != '"' && c != '\\' && c != '<' && c != '>' && c != '&'
	}
	return set
}()
