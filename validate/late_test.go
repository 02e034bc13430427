package validate

import (
	"testing"
	"time"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A recorded reply may have come later than OpenIM waits: to OpenIM it is none.
func TestALateReplyIsNone(t *testing.T) {
	c, err := fixtures.Lookup("beforeAddFriend")
	require.NoError(t, err)
	x := Exchange{Reply: Reply{Status: 200, Body: []byte(fixtures.PlainAllow), Elapsed: 2500 * time.Millisecond}}
	for timeout, want := range map[time.Duration]Outcome{0: Proceed, 2 * time.Second: Fail, 3 * time.Second: Proceed, time.Hour: Proceed} {
		v := NewJudge(c, Options{Timeout: timeout}).Judge(&x)
		assert.Equal(t, want, v.Outcome, timeout)
		if want == Fail {
			assert.Equal(t, 90004, v.Client.ErrCode)
			require.NotEmpty(t, v.Findings)
			assert.Equal(t, "timeout", v.Findings[0].Rule)
		}
		x := x
		x.Timeout = timeout
		assert.Equal(t, v, NewJudge(c, Options{Timeout: timeout / 2}).Judge(&x), "the exchange's own holds")
	}
	assert.Equal(t, 200, x.Reply.Status, "the exchange stays as it is")
}
