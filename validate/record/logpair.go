package record

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
)

// Limits on the callbacks whose end is waited for.
const (
	maxOpen      = 2000
	maxOpenBytes = 32 << 20
	// late is how long after the timeout the end of a callback may be logged.
	late = 5 * time.Second
	// settling is how long after a refusal the caller's answer may come.
	settling = time.Second
)

// pairs makes exchanges of the entries of OpenIM's log: it puts the end of each
// callback to its beginning. What it yields is in the order of the beginnings.
type pairs struct {
	// queue are callbacks that wait for their end, or for one before them.
	queue []*pair
	size  int // of the queue, in bytes
	now   time.Time
	// sent: the log has records of callbacks, not of failures alone.
	sent bool
	// unnamed counts the failures whose callback can't be told.
	unnamed int
}

// pair is a callback.
type pair struct {
	line                       int
	at                         time.Time
	pid, operation, url, input string
	callback                   *fixtures.Callback // nil: unknown
	exchange                   validate.Exchange
	// done: its end was found. refused is the refusal whose text may be parted yet.
	done    bool
	refused *failure
	until   time.Time
	size    int // in the queue, in bytes
}

// never are what OpenIM's log never has.
var never = []validate.Part{validate.RequestHeaders, validate.ReplyStatus, validate.ReplyHeaders}

func newPair(e *entry) *pair {
	p := &pair{line: e.line, at: e.at, pid: e.pid, operation: e.operation, url: e.url, input: e.input}
	p.exchange = validate.Exchange{
		Time: e.at, Timeout: validate.Configured(time.Duration(e.timeout) * time.Second), Unknown: slices.Clip(never),
		Request: validate.Request{Method: http.MethodPost, URL: e.url, Headers: []validate.Header{
			{"Content-Type", "application/json; charset=utf-8"}, {"Operationid", e.operation}, // OpenIM's own
		}},
	}
	if strings.HasPrefix(e.input, "{") {
		p.exchange.Request.Body = onWire(e.input)
	} else {
		p.lack(validate.RequestBody)
	}
	c, command := callbackAt(e.url)
	p.exchange.Command = command
	p.of(c)
	p.until = e.at.Add(p.exchange.Timeout + late)
	return p
}

// callbackAt is the callback whose command a URL ends with.
func callbackAt(url string) (c *fixtures.Callback, command string) {
	path, _, _ := strings.Cut(url, "?")
	command = path[strings.LastIndexByte(path, '/')+1:]
	if c, ok := fixtures.Find(command); ok {
		return c, command
	}
	command = validate.Request{URL: url}.URLCommand()
	c, _ = fixtures.Find(command)
	return c, command
}

// escaped are the beginnings of what json.HTMLEscape escapes, U+2028 with the rest.
var escaped = []string{"<", ">", "&", "\xe2\x80"}

// onWire is a body as OpenIM's encoder writes it: the log does not escape <, >
// and &, and has no newline.
func onWire(input string) []byte {
	var b bytes.Buffer
	b.Grow(len(input) + 1)
	if !slices.ContainsFunc(escaped, func(s string) bool { return strings.Contains(input, s) }) {
		b.WriteString(input)
		b.WriteByte('\n')
		return b.Bytes()
	}
	json.HTMLEscape(&b, []byte(input))
	b.WriteByte('\n')
	return b.Bytes()
}

// of says of which callback it is; nil: imcb does not know it.
func (p *pair) of(c *fixtures.Callback) {
	if p.callback = c; c != nil {
		p.exchange.Callback = c.Key
	}
}

func (p *pair) lack(parts ...validate.Part) {
	p.exchange.Unknown = append(p.exchange.Unknown, parts...)
	slices.Sort(p.exchange.Unknown)
}

// end gives the callback its reply.
func (p *pair) end(at time.Time, reply validate.Reply) {
	reply.Elapsed = max(0, at.Sub(p.at))
	p.exchange.Reply, p.done = reply, true
}

// add takes an entry.
func (q *pairs) add(e *entry) {
	switch {
	case e.at.After(q.now):
		q.now = e.at
	case q.now.Sub(e.at) > late: // another log follows
		q.giveUp(q.now)
		q.now = e.at
	}
	switch {
	case e.message == sentMessage && e.url != "":
		q.sent = true
		q.push(newPair(e))
	case e.message == successMessage && e.url != "":
		q.sent = true
		q.success(e)
	case e.isFailure():
		q.failed(e)
	case e.message == answerMessage || e.message == clientMessage:
		q.answer(e)
	}
}

func (q *pairs) push(p *pair) {
	p.size = p.exchange.Size() + len(p.input)
	q.queue = append(q.queue, p)
	q.size += p.size
}

// success ends the first callback with the same process, operation, URL and body.
// Main's operation may change in between: then the body decides. Without any, the
// log begins after the callback.
func (q *pairs) success(e *entry) {
	p := q.open(func(p *pair) bool { return p.operation == e.operation && p.same(e) })
	if p == nil {
		p = q.open(func(p *pair) bool { return !p.exchange.Lacks(validate.RequestBody) && p.same(e) })
	}
	if p == nil {
		p = newPair(e)
		q.push(p)
	}
	p.end(e.at, validate.Reply{Body: []byte(e.response)})
}

func (p *pair) same(e *entry) bool { return p.pid == e.pid && p.url == e.url && p.input == e.input }

// open is the first callback of the queue that has no end and fits.
func (q *pairs) open(fits func(*pair) bool) *pair {
	i := slices.IndexFunc(q.queue, func(p *pair) bool { return !p.done && fits(p) })
	if i < 0 {
		return nil
	}
	return q.queue[i]
}

// failed ends the callback that the error is of. Where the log has failures only,
// the error is all there is.
func (q *pairs) failed(e *entry) {
	f, ok := failureOf(e.failure)
	if !ok {
		return
	}
	p := q.open(func(p *pair) bool {
		return p.pid == e.pid && p.operation == e.operation && p.callback != nil && p.callback.Phase == fixtures.Before && f.fits(p, e.makes())
	})
	if p == nil {
		if p = q.alone(e, f); p == nil {
			return
		}
		q.push(p)
	}
	f.byTime(e.at.Sub(p.at), p.exchange.Timeout)
	if f.reply.Failure == validate.BadURL && f.url != "" && f.url != p.url {
		f.reply.Failure = validate.Redirects // led there
	}
	p.end(e.at, f.reply)
	p.lack(f.lacks...)
	if f.refusal && strings.Contains(f.text, " ") {
		p.refused, p.until = &f, e.at.Add(settling)
	}
}

// fits reports whether the failure may be of the callback: by the handler or the
// URL in the error, which is another after a redirect, or as one of those that the
// RPC makes, if it is known.
func (f *failure) fits(p *pair, makes []string) bool {
	switch {
	case f.callback != "":
		return f.callback == p.callback.Key
	case f.url != "":
		return f.url == p.url
	default:
		return len(makes) == 0 || slices.Contains(makes, p.callback.Key)
	}
}

// alone is a callback of which there is only the failure; nil: none is for sure.
// A code alone is a callback's where there are no records of callbacks, and it is
// none of OpenIM's own.
func (q *pairs) alone(e *entry, f failure) *pair {
	keys := e.makes()
	certain := f.reply.Failure != "" && f.reply.Failure != validate.Panicked
	c, _ := callbackAt(f.url)
	if f.callback == "" && c != nil {
		f.callback = c.Key
	}
	switch {
	case f.reply.Failure == validate.Panicked && q.sent:
		return nil // the log has the reply that did it
	case f.callback != "":
		keys = []string{f.callback}
	case len(keys) == 0 && certain:
		q.unnamed++
		return nil
	case len(keys) == 0, !certain && (q.sent || validate.IsOwnCode(f.code)):
		return nil
	}
	if e.url = ""; c != nil && c.Key == keys[0] { // else a redirect led there
		e.url = f.url
	}
	p := newPair(e)
	c, _ = fixtures.Find(keys[0])
	p.of(c)
	if e.url == "" {
		p.exchange.Request.Method = ""
	}
	if len(keys) > 1 {
		p.lack(validate.WhichCallback)
	}
	return p
}

// answer parts the text of a refusal into message and detail as the caller was
// told.
func (q *pairs) answer(e *entry) {
	i := slices.IndexFunc(q.queue, func(p *pair) bool { return p.refused != nil && p.operation == e.operation })
	if i < 0 {
		return
	}
	if p := q.queue[i]; p.refused.toldBy(e) {
		p.exchange.Reply.Body, p.refused = p.refused.reply.Body, nil
	}
}

// wantsAnswers reports whether an answer of the API would tell something.
func (q *pairs) wantsAnswers() bool {
	return slices.ContainsFunc(q.queue, func(p *pair) bool { return p.refused != nil })
}

// ready yields the callbacks that have their end, or will never have one, up to
// the first that waits. false: the reader has enough.
func (q *pairs) ready(yield func(Line, error) bool) bool {
	for len(q.queue) > 0 {
		p := q.queue[0]
		waits := !p.done || p.refused != nil
		if waits && len(q.queue) <= maxOpen && q.size <= maxOpenBytes && !q.now.After(p.until) {
			return true
		}
		q.queue = q.queue[1:]
		q.size -= p.size
		if !p.done {
			p.end(p.at, validate.Reply{Failure: validate.Unexplained})
		}
		if !yield(Line{p.line, p.exchange}, nil) {
			return false
		}
	}
	return true
}

// giveUp ends what waits when the log ends at a time. A callback that may still be
// under way then has no reply.
func (q *pairs) giveUp(end time.Time) {
	for _, p := range q.queue {
		p.refused = nil
		if p.done {
			continue
		}
		p.end(p.at, validate.Reply{})
		if end.After(p.at.Add(p.exchange.Timeout + settling)) {
			p.exchange.Reply.Failure = validate.Unexplained
		} else {
			p.lack(validate.WholeReply)
		}
	}
}
