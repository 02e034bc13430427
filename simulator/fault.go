package simulator

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

// Fault is a way in which receivers go wrong in real life.
type Fault struct {
	// Name chooses the fault: --fault beforeSendGroupMsg=timeout.
	Name string
	// About says what the receiver does.
	About string
	// Effect says what OpenIM 3.7 and later make of it for a before callback.
	Effect string
	spoil  func(*spoiling)
}

// spoiling is a fault under way: it turns the right answer into a wrong one.
type spoiling struct {
	Answer
	arrival *Arrival
	timeout time.Duration
}

// Effects that several faults share.
const (
	noReply  = "the operation fails, the client gets errCode 90004 (NetworkError)"
	noSense  = "the operation fails, the client gets errCode 90007 (DataError)"
	goesOn   = "the operation proceeds"
	wrongWay = "the operation proceeds, though the receiver refused it"
)

// faults in the order in which they are listed.
var faults = []Fault{
	{"almost-timeout", "allows shortly before OpenIM's timeout", goesOn, func(s *spoiling) { s.Delay = almost(s.timeout) }},
	{"timeout", "allows shortly after OpenIM's timeout", noReply, func(s *spoiling) { s.Delay = s.timeout + lateBy }},
	{"hang", "takes the request and never answers", noReply, breaks(Hang)},
	{"close", "closes the connection without a byte", noReply, breaks(Close)},
	{"reset", "resets the connection without a byte", noReply, breaks(Abort)},
	{"truncated", "closes the connection within the body", noReply, breaks(Cut)},
	{"garbage", "sends bytes that are not HTTP", noReply, func(s *spoiling) { s.Break, s.Body = Garbage, []byte("\x16\x03\x01 this is not HTTP\r\n\r\n") }},
	{"drip", "sends the body byte by byte, within the timeout", goesOn, func(s *spoiling) { s.Break, s.Over = Drip, s.timeout/2 }},
	{"slow-drip", "sends the body byte by byte, beyond the timeout", noReply, func(s *spoiling) { s.Break, s.Over = Drip, s.timeout+lateBy }},
	{"empty", "answers 200 with an empty body", noSense, func(s *spoiling) { s.Body = []byte{} }},
	{"redirect-302", "redirects with 302; the client comes back with a GET, which gets 405", noSense, redirect(http.StatusFound)},
	{"redirect-307", "redirects with 307; the client comes back with the POST, which is allowed", goesOn, redirect(http.StatusTemporaryRedirect)},
	{"html-502", "answers 502 with a proxy's page", noSense, func(s *spoiling) {
		s.Status, s.Headers = http.StatusBadGateway, []validate.Header{{"Content-Type", "text/html"}}
		s.Body = []byte("<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n")
	}},
	{"wrong-type", "writes actionCode as a string", noSense, func(s *spoiling) { s.replace(`"actionCode":0`, `"actionCode":"0"`) }},
	{"wrapped", "refuses, but wraps the reply in an envelope of its own", wrongWay, func(s *spoiling) {
		s.Body = []byte(`{"code":0,"message":"success","data":` + string(refusal()) + `}`)
	}},
	{"action-code-1", "refuses with actionCode 1", wrongWay, func(s *spoiling) {
		s.Body = refusal()
		s.replace(`"actionCode":0`, `"actionCode":1`)
	}},
	{"errcode-0", "refuses with errCode 0", "the operation is refused, but the client gets an errCode that reads as success, or 500", func(s *spoiling) {
		s.Body = refusal()
		s.replace(`"errCode":5001`, `"errCode":0`)
	}},
	{"bom", "puts a byte order mark before the JSON", noSense, func(s *spoiling) { s.Body = append([]byte("\ufeff"), s.Body...) }},
	{"two-documents", "answers with two JSON documents", noSense, func(s *spoiling) { s.Body = slices.Concat(s.Body, []byte("\n"), s.Body) }},
}

// refusal is the reply of a receiver that says no.
func refusal() []byte { return fixtures.RefuseReply(5001, "refused by imcb", "") }

// lateBy is how far beyond the timeout late answers come.
const lateBy = 500 * time.Millisecond

// almost is as late as an answer may come that is not late: far enough from
// the timeout for a busy machine.
func almost(timeout time.Duration) time.Duration {
	return timeout - min(timeout/4, 300*time.Millisecond)
}

func breaks(b Break) func(*spoiling) { return func(s *spoiling) { s.Break = b } }

func (s *spoiling) replace(right, wrong string) {
	s.Body = []byte(strings.Replace(string(s.Body), right, wrong, 1))
}

// redirect sends the client to the same place once more, marked.
func redirect(status int) func(*spoiling) {
	return func(s *spoiling) {
		u, err := url.Parse(s.arrival.Request.URL)
		if err != nil {
			return
		}
		// Two slashes would begin the name of a host.
		to := "/" + strings.TrimLeft(u.EscapedPath(), "/") + "?"
		if u.RawQuery != "" {
			to += u.RawQuery + "&"
		}
		s.Status, s.Headers = status, []validate.Header{{"Location", to + validate.RedirectMark}}
		s.Body = []byte(strconv.Itoa(status) + " " + http.StatusText(status) + "\n")
	}
}

// Faults returns all faults.
func Faults() []Fault { return slices.Clone(faults) }

// LookupFault finds a fault by its name, in any letter case. The error is a
// *words.UnknownError.
func LookupFault(name string) (*Fault, error) {
	f, err := words.Find("fault", name, faults, func(f Fault) string { return f.Name })
	if err != nil {
		return nil, err
	}
	return &f, nil
}

// Answer is the faulty answer to a request. Timeout is how long OpenIM waits.
// 0: validate.DefaultTimeout.
func (f *Fault) Answer(a *Arrival, server fixtures.Release, timeout time.Duration) Answer {
	s := &spoiling{arrival: a, timeout: validate.EffectiveTimeout(timeout)}
	s.Rule, s.Body = "fault "+f.Name, a.Callback.AllowReply(server, a.Request.Body)
	f.spoil(s)
	return s.Answer
}
