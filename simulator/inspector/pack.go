package inspector

import (
	"encoding/binary"
	"sync"
	"time"

	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
)

// scratches are buffers to pack into. They hold what the largest request took
// until the garbage collector empties the pool.
var scratches = sync.Pool{New: func() any { return new([]byte) }}

// pack appends an arrival but for its callback, verdict and differences, as one
// piece without pointers. It is meant for unpack only.
func pack(dst []byte, a *simulator.Arrival) []byte {
	dst = packTime(dst, a.Time)
	for _, s := range [...]string{a.Exchange.Callback, a.Command, a.FoundIn, a.Note, a.Remote, a.Rule, a.Request.Method, a.Request.URL} {
		dst = packText(dst, s)
	}
	dst = packBool(packBool(dst, a.Redirected), a.Forwarded)
	dst = packText(packHeaders(dst, a.Request.Headers), a.Request.Body)
	return packReply(dst, &a.Reply)
}

func packReply(dst []byte, r *validate.Reply) []byte {
	dst = binary.AppendVarint(dst, int64(r.Status))
	dst = packText(packHeaders(dst, r.Headers), r.Body)
	dst = binary.AppendVarint(dst, int64(r.Elapsed))
	dst = packText(packText(dst, r.Failure), r.Detail)
	dst = binary.AppendUvarint(dst, uint64(len(r.Redirects)))
	for _, hop := range r.Redirects {
		dst = binary.AppendVarint(dst, int64(hop.Status))
		dst = packText(packText(dst, hop.Location), hop.Method)
	}
	return dst
}

// packTime keeps the instant; it is shown in UTC and in local time only.
func packTime(dst []byte, t time.Time) []byte {
	dst = binary.AppendVarint(dst, t.Unix())
	return binary.AppendUvarint(dst, uint64(t.Nanosecond()))
}

func packText[T ~string | ~[]byte](dst []byte, s T) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

func packBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, 1)
	}
	return append(dst, 0)
}

func packHeaders(dst []byte, headers []validate.Header) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(headers)))
	for i := range headers {
		dst = packText(packText(dst, headers[i][0]), headers[i][1])
	}
	return dst
}

// unpack is the arrival that was packed. Its bodies are the packed bytes: they
// must not be changed.
func unpack(packed []byte) (a simulator.Arrival) {
	p := unpacker{packed}
	a.Time = p.time()
	for _, s := range [...]*string{&a.Exchange.Callback, &a.Command, &a.FoundIn, &a.Note, &a.Remote, &a.Rule, &a.Request.Method, &a.Request.URL} {
		*s = string(p.bytes())
	}
	a.Redirected, a.Forwarded = p.bool(), p.bool()
	a.Request.Headers, a.Request.Body = p.headers(), p.bytes()
	p.reply(&a.Reply)
	return a
}

// unpacker reads what pack wrote.
type unpacker struct{ rest []byte }

func (p *unpacker) number() int64 {
	n, size := binary.Varint(p.rest)
	p.rest = p.rest[size:]
	return n
}

func (p *unpacker) count() int {
	n, size := binary.Uvarint(p.rest)
	p.rest = p.rest[size:]
	return int(n)
}

func (p *unpacker) bytes() []byte {
	n := p.count()
	text := p.rest[:n:n]
	p.rest = p.rest[n:]
	return text
}

func (p *unpacker) bool() bool {
	b := p.rest[0] == 1
	p.rest = p.rest[1:]
	return b
}

func (p *unpacker) time() time.Time {
	seconds := p.number()
	return time.Unix(seconds, int64(p.count()))
}

func (p *unpacker) headers() []validate.Header {
	n := p.count()
	if n == 0 {
		return nil
	}
	headers := make([]validate.Header, n)
	for i := range headers {
		headers[i] = validate.Header{string(p.bytes()), string(p.bytes())}
	}
	return headers
}

func (p *unpacker) reply(r *validate.Reply) {
	r.Status = int(p.number())
	r.Headers, r.Body = p.headers(), p.bytes()
	r.Elapsed = time.Duration(p.number())
	r.Failure, r.Detail = validate.Failure(p.bytes()), string(p.bytes())
	for range p.count() {
		r.Redirects = append(r.Redirects, validate.Redirect{Status: int(p.number()), Location: string(p.bytes()), Method: string(p.bytes())})
	}
}
