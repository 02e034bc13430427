package validate_test

import (
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestNoFalseAlarm: the replies of a correct receiver give no finding, for
// every callback and every version.
func TestNoFalseAlarm(t *testing.T) {
	for _, callback := range fixtures.All() {
		for _, server := range fixtures.Releases() {
			t.Run(callback.Key+"/"+server.String(), func(t *testing.T) {
				r := correctReceiver{callback: callback, server: server}
				r.ask(t)
				t.Run("allow", r.allows)
				if callback.Phase == fixtures.Before {
					t.Run("refuse", r.refuses)
				}
				if reply := callback.ModifyReply(server); reply != nil {
					t.Run("modify", func(t *testing.T) { r.modifies(t, reply) })
				}
			})
		}
	}
}

// correctReceiver answers one callback of one version as the contract says.
type correctReceiver struct {
	callback *fixtures.Callback
	server   fixtures.Release
	request  validate.Request
}

func (r *correctReceiver) ask(t *testing.T) {
	seed := uint64(7)
	payload, err := r.callback.Payload(fixtures.PayloadOptions{Server: r.server, Seed: &seed})
	require.NoError(t, err)
	r.request = validate.Request{Method: "POST", URL: "http://127.0.0.1:10006/cb/" + payload.Command, Body: payload.Body}
}

func (r *correctReceiver) verdict(reply []byte) validate.Verdict {
	headers := []validate.Header{{"Content-Type", "application/json"}}
	x := validate.Exchange{Request: r.request, Reply: validate.Reply{Status: 200, Headers: headers, Body: reply}}
	return validate.NewJudge(r.callback, validate.Options{Server: validate.On(r.server)}).Judge(&x)
}

func (r *correctReceiver) allows(t *testing.T) {
	v := r.verdict(r.callback.AllowReply(r.server, r.request.Body))
	assert.Empty(t, v.Findings)
	assert.Empty(t, v.Wiped)
	assert.Empty(t, v.Changes, "an allow changes nothing")
	assert.Equal(t, validate.Client{}, v.Client)
	if r.callback.Phase == fixtures.Before {
		assert.Equal(t, validate.Proceed, v.Outcome)
	} else {
		assert.Equal(t, validate.Nothing, v.Outcome)
	}
}

func (r *correctReceiver) refuses(t *testing.T) {
	v := r.verdict(fixtures.RefuseReply(5001, "not today", "quiet hours"))
	switch {
	case r.server == fixtures.V36: // which never refuses
		assert.Empty(t, v.Findings)
		assert.NotEqual(t, validate.Refuse, v.Outcome)
	case r.callback.Unseen:
		assert.Equal(t, "note refusal-unseen", found(v))
		assert.Equal(t, validate.Refuse, v.Outcome)
	default:
		assert.Empty(t, v.Findings)
		assert.Equal(t, validate.Refuse, v.Outcome)
		assert.Equal(t, 5001, v.Client.ErrCode)
	}
}

// modifies sends the catalog's example of a changing reply.
func (r *correctReceiver) modifies(t *testing.T, reply []byte) {
	v := r.verdict(reply)
	assert.Empty(t, v.Findings)
	assert.Equal(t, validate.Proceed, v.Outcome)
	assert.NotEmpty(t, v.Changes)
}
