package serve

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/fixtures/words"
	"github.com/imcb-dev/imcb/simulator"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// stuckTerminal takes nothing until it is freed.
type stuckTerminal struct {
	freed chan struct{}
	bytes.Buffer
}

func (s *stuckTerminal) Write(p []byte) (int, error) {
	<-s.freed
	return s.Buffer.Write(p)
}

func arrivalOf(t *testing.T, key string) *simulator.Arrival {
	t.Helper()
	c, err := fixtures.Lookup(key)
	require.NoError(t, err)
	return &simulator.Arrival{Callback: c, Exchange: validate.Exchange{
		Time: time.Now(), Callback: key, Request: validate.Request{Method: "POST"}, Reply: validate.Reply{Status: 200},
	}, Verdict: &validate.Verdict{}}
}

// A terminal that takes nothing delays no request, holds little memory and
// can't keep imcb from ending.
func TestLogWithAStuckTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &stuckTerminal{freed: make(chan struct{})}
		var l requestLog
		l.start(out)
		large := arrivalOf(t, "beforeAddFriend")
		large.Request.Body = bytes.Repeat([]byte{'x'}, 1<<20)
		for range 5000 {
			l.add(large)
		}
		assert.LessOrEqual(t, l.waiting.Load(), int64(maxWaitingBytes+1<<20))
		began := time.Now()
		l.finish()
		assert.Equal(t, endOfLog, time.Since(began))
		close(out.freed)
		<-l.done
		assert.Contains(t, out.String(), " more are not shown: they came faster than they could be printed\n")
	})
}

// Headers and findings take memory, too.
func TestLogBoundsHeadersAndFindings(t *testing.T) {
	for name, fill := range map[string]func(*simulator.Arrival){
		"headers": func(a *simulator.Arrival) { a.Request.Headers = []validate.Header{{"X", strings.Repeat("x", 64<<10)}} },
		"findings": func(a *simulator.Arrival) {
			a.Differs = []validate.Finding{{Message: words.Plain(strings.Repeat("x", 64<<10))}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			out := &stuckTerminal{freed: make(chan struct{})}
			var l requestLog
			l.start(out)
			a := arrivalOf(t, "beforeAddFriend")
			fill(a)
			for range 5000 {
				l.add(a)
			}
			assert.LessOrEqual(t, len(l.arrivals), maxWaitingBytes/(64<<10))
			close(out.freed)
			l.finish()
		})
	}
}
