package simulator

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"syscall"

	"github.com/imcb-dev/imcb/validate"
)

// sendFailure names the error with which net/http gave up before it had a
// reply to hand over. redirected: the request had been sent on.
func sendFailure(parent context.Context, err error, redirected bool) validate.Failure {
	var dns *net.DNSError
	switch {
	case interrupted(parent, err):
		return validate.Canceled
	case errors.Is(err, errTooManyRedirects) || isBadLocation(err):
		return validate.Redirects
	case isBadURL(err) && redirected:
		return validate.Redirects
	case isBadURL(err):
		return validate.BadURL
	case errors.Is(err, context.DeadlineExceeded):
		return validate.Timeout
	case errors.As(err, &dns):
		return validate.NoHost
	case isTimeout(err):
		return validate.Timeout
	case isErrno(err, refusedErrnos):
		return validate.ConnectionRefused
	case isTLS(err):
		return validate.TLS
	case isMalformed(err):
		return validate.Malformed
	case isClosed(err):
		return validate.Reset
	}
	return validate.Network
}

// bodyFailure names an error that came after the reply's headers.
func bodyFailure(parent context.Context, err error) validate.Failure {
	var tooLarge tooLargeError
	switch {
	case errors.As(err, &tooLarge):
		return validate.TooLarge
	case interrupted(parent, err):
		return validate.Canceled
	case errors.Is(err, context.DeadlineExceeded) || isTimeout(err):
		return validate.Timeout
	case isClosed(err) || isTLS(err):
		return validate.Truncated
	}
	return validate.Encoding // gzip or chunks that are not what they claim
}

// isBadURL reports whether the request's URL, or the one that a redirect led
// to, is nothing that net/http can connect to.
func isBadURL(err error) bool {
	var address *net.AddrError // a port out of range
	if errors.As(err, &address) {
		return true
	}
	var request *url.Error
	if !errors.As(err, &request) {
		return false
	}
	u, parseErr := url.Parse(request.URL)
	return parseErr != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https"
}

// isBadLocation goes by the text: net/http has no type for this error.
func isBadLocation(err error) bool {
	return strings.Contains(err.Error(), "failed to parse Location header")
}

// isMalformed goes by the text too: what answers does not speak HTTP.
func isMalformed(err error) bool {
	var header textproto.ProtocolError
	return errors.As(err, &header) || strings.Contains(err.Error(), "malformed HTTP ")
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// Windows has its own numbers for the same conditions (WSAECONNREFUSED and so
// on); no other system uses them.
var (
	refusedErrnos = []syscall.Errno{syscall.ECONNREFUSED, 10061}
	closedErrnos  = []syscall.Errno{syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED, 10054, 10053}
)

func isErrno(err error, list []syscall.Errno) bool {
	var errno syscall.Errno
	return errors.As(err, &errno) && slices.Contains(list, errno)
}

// isClosed reports whether the receiver closed the connection too early. The
// last case goes by the text: net/http does not export the error.
func isClosed(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || isErrno(err, closedErrnos) ||
		strings.Contains(err.Error(), "http: server closed idle connection")
}

// isTLS reports whether TLS failed: the handshake, the certificate, or an
// alert of the other side, for which crypto/tls has only the prefix.
func isTLS(err error) bool {
	var (
		record       tls.RecordHeaderError
		verification *tls.CertificateVerificationError
	)
	if errors.Is(err, http.ErrSchemeMismatch) || errors.As(err, &record) || errors.As(err, &verification) {
		return true
	}
	var request *url.Error
	if errors.As(err, &request) {
		err = request.Err // the URL may hold any text
	}
	return strings.Contains(err.Error(), "tls: ")
}
