package play

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
)

// Probes of the HTTP server before a receiver's handlers: how a request goes
// over the wire. OpenIM's client never sends a second request before the answer
// to the first (pipelining), and neither does imcb.

// wire writes the bytes of a request onto a connection.
type wire func(to io.Writer, text []byte) (int, error)

// alone sends an ordinary request on a connection that is the only one.
func (p *prober) alone(ctx context.Context, write wire, change func(*validate.Request)) validate.Result {
	own, done := p.apartFrom(write)
	defer done()
	return own.try(ctx, change)
}

// apartFrom is p with connections of its own, while no other is open.
func (p *prober) apartFrom(write wire) (own *prober, done func()) {
	p.Sender.Close()
	player, copied := *p.Player, *p
	player.Sender = p.Sender.Apart(write)
	copied.Player = &player
	return &copied, player.Sender.Close
}

func oneAtATime(ctx context.Context, p *prober) []validate.Result {
	r := p.try(ctx, nil)
	switch p.serves = p.measure(ctx, p.plain(p.callback)); p.serves {
	case oneConnection:
		return only(r, p.finding(validate.Error, say("probe-one-connection"), p.serves.hint()))
	case oneRequest:
		return only(r, p.finding(validate.Warning, say("probe-one-connection.request"), p.serves.hint()))
	}
	return only(r)
}

// together is how many requests are under way at once.
const together = 20

func atOnce(ctx context.Context, p *prober) []validate.Result {
	if p.serves == oneConnection {
		return []validate.Result{p.skipped("", []*fixtures.Callback{p.callback}, say("skipped.one-connection"))}
	}
	results := make([]validate.Result, together)
	var wg sync.WaitGroup
	for i := range results {
		wg.Go(func() { results[i] = p.try(ctx, nil) })
	}
	wg.Wait()
	usual := got(p.usual[p.callback]).String()
	slowest, failed := results[0], 0
	for _, r := range results {
		if got(r).String() != usual {
			failed++
		}
		if r.Exchange.Reply.Elapsed > slowest.Exchange.Reply.Elapsed {
			slowest = r
		}
	}
	if failed == 0 {
		return only(slowest)
	}
	hint := say("probe-at-once.hint")
	if p.serves == oneRequest {
		hint = p.serves.hint()
	}
	message := say("probe-at-once", "failed", failed, "all", together)
	return only(slowest, p.finding(validate.Error, message, hint))
}

func keepAlive(ctx context.Context, p *prober) []validate.Result {
	own, done := p.apartFrom(nil)
	defer done()
	for range 3 {
		if r := own.try(ctx, nil); got(r).String() != got(p.usual[p.callback]).String() {
			return p.sameAsUsual(r, say("probe-keep-alive.when"), say("probe-keep-alive.hint"))
		}
	}
	r := own.try(ctx, func(request *validate.Request) {
		request.Headers = withHeaders(request.Headers, []validate.Header{{"Connection", "close"}})
	})
	return p.sameAsUsual(r, say("probe-keep-alive.when-closed"), say("probe-keep-alive.hint-closed"))
}

func expectContinue(ctx context.Context, p *prober) []validate.Result {
	r := p.alone(ctx, nil, func(request *validate.Request) {
		request.Headers = withHeaders(request.Headers, []validate.Header{{"Expect", "100-continue"}})
	})
	return p.sameAsUsual(r, say("probe-expect.when"), say("probe-expect.hint"))
}

// apartAs is how long apart two packets must be to come as two.
const apartAs = 50 * time.Millisecond

func twoPackets(ctx context.Context, p *prober) []validate.Result {
	r := p.alone(ctx, inSteps(ctx, 2, apartAs), nil)
	return p.sameAsUsual(r, say("probe-two-packets.when"), say("probe-two-packets.hint"))
}

func slowBody(ctx context.Context, p *prober) []validate.Result {
	const steps = 10
	whole := p.Judging.Timeout(p.callback) / 5 // a second of the usual five
	r := p.alone(ctx, inSteps(ctx, steps, min(whole, time.Second)/(steps-1)), nil)
	return p.sameAsUsual(r, say("probe-slow-body.when"), say("probe-slow-body.hint"))
}

// inSteps writes a body in so many parts, with a pause between them.
func inSteps(ctx context.Context, parts int, pause time.Duration) wire {
	return func(to io.Writer, text []byte) (int, error) {
		return inParts(to, text, parts, func() {
			select {
			case <-time.After(pause):
			case <-ctx.Done():
			}
		})
	}
}

// sameTypes are spellings of OpenIM's Content-Type.
var sameTypes = []string{"application/json", "application/json;charset=UTF-8", "Application/JSON; Charset=\"utf-8\""}

func charset(ctx context.Context, p *prober) (results []validate.Result) {
	for _, spelling := range sameTypes {
		r := p.try(ctx, withContentType(spelling))
		when := say("probe-charset.when", "type", spelling)
		if results = p.sameAsUsual(r, when, say("probe-charset.hint")); len(results[0].Findings) > 0 {
			break
		}
	}
	return results
}

func noGzip(ctx context.Context, p *prober) []validate.Result {
	r := p.try(ctx, func(request *validate.Request) {
		request.Headers = withHeaders(request.Headers, []validate.Header{{"Accept-Encoding", "identity"}})
	})
	return p.sameAsUsual(r, say("probe-no-gzip.when"), say("probe-no-gzip.hint"))
}

func large(ctx context.Context, p *prober) []validate.Result {
	payload := p.plain(p.callback)
	name := "ex"
	if p.callback.IsMessage() {
		name = "content"
	}
	text := fixtures.JSON(map[string]string{"content": strings.Repeat("long ", 600<<10)})
	if payload.SetString(name, string(text)) != nil {
		return nil
	}
	r := p.send(ctx, payload, nil)
	hint := say("probe-large.hint")
	if r.Exchange.Reply.Status == http.StatusRequestEntityTooLarge {
		hint = say("cause.limit")
	}
	return p.sameAsUsual(r, say("probe-large.when"), hint)
}
