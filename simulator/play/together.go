package play

import (
	"context"
	"sync"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/validate"
)

// Together is what the players of several OpenIM versions share: a request that
// covers a callback, and that several versions send byte for byte, to the same
// URL and with the same timeout, is sent once, and each judges the reply. The
// zero value is ready.
type Together struct {
	queue queue
	mu    sync.Mutex
	sent  map[sameRequest][]*asked
}

// sameRequest is what is the same for several versions.
type sameRequest struct{ url, body, timeout string }

// asked is a request that was sent, and what came of it.
type asked struct {
	once   sync.Once
	result validate.Result
	cause  words.Text
}

// at returns what was asked when the request was sent for the nth time, from 0;
// first says that it was not yet.
func (t *Together) at(r sameRequest, n int) (a *asked, first bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.sent == nil {
		t.sent = make(map[sameRequest][]*asked)
	}
	if first = len(t.sent[r]) <= n; first {
		t.sent[r] = append(t.sent[r], &asked{})
	}
	return t.sent[r][min(n, len(t.sent[r])-1)], first
}

// sender is what sends the requests that cover one callback, one after another.
func (e *explainer) sender() func(context.Context, *fixtures.Payload) validate.Result {
	if e.Together == nil {
		return e.send
	}
	s := &sharing{explainer: e, sent: make(map[sameRequest]int)}
	return s.send
}

// sharing sends what no other player has sent.
type sharing struct {
	*explainer
	sent map[sameRequest]int
	// apart: there were requests that no other player had sent. From then on the
	// same request again asks how the receiver is now, and is sent.
	apart bool
}

func (s *sharing) send(ctx context.Context, payload *fixtures.Payload) validate.Result {
	c := payload.Callback
	key := sameRequest{s.Target.URL(payload), string(payload.Body), s.Judging.Timeout(c).String()}
	n := s.sent[key]
	s.sent[key]++
	a, first := s.Together.at(key, n)
	if s.apart && n > 0 && !first {
		return s.explainer.send(ctx, payload)
	}
	s.apart = s.apart || first
	a.once.Do(func() { a.result, a.cause = s.ask(ctx, payload) })
	if first {
		return because(a.result, a.cause)
	}
	r := s.Judging.Judge(c, a.result.Exchange)
	r.Case = a.result.Case
	return because(r, a.cause)
}
