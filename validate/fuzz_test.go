package validate_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// FuzzJudge: any reply to any callback in any version gets one and the same
// verdict, whose findings are complete.
func FuzzJudge(f *testing.F) {
	keys := fixtures.Keys()
	for _, r := range replyRules() {
		for _, e := range []validate.Example{r.Bad, r.Good} {
			x, callback, err := e.Exchange()
			require.NoError(f, err)
			place := slices.Index(keys, callback.Key)
			f.Add(uint8(place), uint8(fixtures.Main), e.Reply.Status, []byte(e.Reply.Body), []byte(x.Request.Body))
		}
	}
	f.Add(uint8(1), uint8(0), 404, []byte(`{"nextCode":"\ud800","\u202e":[]}`), []byte(`[`))
	f.Add(uint8(2), uint8(1), 0, []byte("\xff\xfe{"), []byte(nil))
	f.Fuzz(func(t *testing.T, place, version uint8, status int, body, request []byte) {
		callback, err := fixtures.Lookup(keys[int(place)%len(keys)])
		require.NoError(t, err)
		server := fixtures.Releases()[int(version)%len(fixtures.Releases())]
		x := validate.Exchange{Request: validate.Request{Body: request}, Reply: validate.Reply{Status: status, Body: body}}
		judge := validate.NewJudge(callback, validate.Options{Server: validate.On(server)})
		v := judge.Judge(&x)
		assert.Equal(t, v, judge.Judge(&x), "the same exchange, another verdict")
		checkVerdict(t, v)
	})
}

func checkVerdict(t *testing.T, v validate.Verdict) {
	t.Helper()
	assert.Contains(t, validate.Outcomes(), v.Outcome)
	if v.Callback.Phase == fixtures.After {
		assert.Equal(t, validate.Nothing, v.Outcome)
	}
	for _, f := range v.Findings {
		assertFinding(t, f)
		_, err := validate.Registry(nil).Lookup(f.Rule)
		assert.NoError(t, err)
		assert.Contains(t, []validate.Severity{validate.Error, validate.Warning, validate.Note}, f.Severity)
	}
	for i, f := range v.Findings {
		assert.False(t, slices.ContainsFunc(v.Findings[i+1:], func(g validate.Finding) bool { return reflect.DeepEqual(f, g) }), "twice: %v", f)
	}
}

// FuzzExchangeJSON: what is read from a journal is written as it was read.
func FuzzExchangeJSON(f *testing.F) {
	for _, x := range exchanges {
		line, err := json.Marshal(x)
		require.NoError(f, err)
		f.Add(line)
	}
	f.Add([]byte(`{"request":{"method":"POST","url":"","body":"","bodyBase64":""}}`))
	f.Add([]byte(`{"request":{},"reply":{}}`))
	f.Add([]byte(`{"time":"2026-01-01T00:00:00+24:00","request":{}}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		var x validate.Exchange
		if json.Unmarshal(line, &x) != nil {
			return
		}
		written, err := json.Marshal(x)
		require.NoError(t, err)
		var again validate.Exchange
		require.NoError(t, json.Unmarshal(written, &again))
		rewritten, err := json.Marshal(again)
		require.NoError(t, err)
		assert.Equal(t, string(written), string(rewritten))
		assert.Equal(t, string(x.Reply.Body), string(again.Reply.Body))
		assert.Equal(t, string(x.Request.Body), string(again.Request.Body))
		assert.True(t, utf8.Valid(written))
	})
}
