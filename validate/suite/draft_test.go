package suite_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/suite"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sentBy is the body of the only step of a draft, once it was written and read.
func sentBy(t *testing.T, d suite.Draft, opts fixtures.PayloadOptions) *fixtures.Payload {
	t.Helper()
	text := "cases:\n" + d.String()
	s, err := suite.Parse("draft.yaml", []byte(text), nil, nil)
	require.NoError(t, err, text)
	p, _, err := s.Cases[0].Steps[0].Payload(opts, new(suite.Captures))
	require.NoError(t, err, text)
	return p
}

// What is written sends the request that it was written of.
func TestDraftsSendWhatTheySay(t *testing.T) {
	opts := fixtures.PayloadOptions{Server: fixtures.DefaultRelease, Seed: new(uint64(7))}
	for _, c := range fixtures.SentBy(opts.Server) {
		m, r := c.Mixer(opts.Server), rand.New(rand.NewPCG(3, 4))
		for range 12 {
			k := m.Next(r, nil)
			want, err := k.Payload(opts)
			require.NoError(t, err)
			if len(want.Body) > 100_000 {
				continue // for the time that it takes
			}
			p := sentBy(t, suite.Draft{Name: "x", Callback: c, Differs: k.Differs, Outcome: outcomeOf(c)}, opts)
			assert.JSONEq(t, string(want.Body), string(p.Body), "%s %v", c.Key, k.Differs)
		}
	}
}

func outcomeOf(c *fixtures.Callback) validate.Outcome {
	if c.Phase == fixtures.After {
		return validate.Nothing
	}
	return validate.Proceed
}

func TestDraftInYAML(t *testing.T) {
	c, err := fixtures.Lookup("beforeSendGroupMsg")
	require.NoError(t, err)
	d := suite.Draft{Name: `"a": b`, Callback: c, Outcome: validate.Refuse, ErrCode: 5001, Differs: []fixtures.Difference{
		{Path: "contentType", Value: json.RawMessage("106")},
		{Path: "atUserList", Value: json.RawMessage("[\n\"${x}\", \"\u202e\"]")},
		{Path: "ex", Value: json.RawMessage(`"${y}"`)},
		{Path: "odd name", Value: json.RawMessage("null")},
		{Path: "sendTime"},
	}}
	assert.Equal(t, `  - name: "\"a\": b"
    send: beforeSendGroupMsg
    message: at
    set:
      atUserList: ["$${x}","\u202e"]
      "odd name": null
    setString:
      ex: "$${y}"
    unset:
      - sendTime
    expect:
      outcome: refuse
      errCode: 5001
`, d.String())
}

// A request that is sent twice is the same, byte for byte.
func TestDraftOfTheSameRequestTwice(t *testing.T) {
	c, err := fixtures.Lookup("beforeAddFriend")
	require.NoError(t, err)
	d := suite.Draft{Name: "twice", Callback: c, Body: []byte("{\"ex\":\"${x}\"}\n"), Times: 2, Outcome: validate.Proceed}
	s, err := suite.Parse("draft.yaml", []byte("cases:\n"+d.String()), nil, nil)
	require.NoError(t, err, d.String())
	require.Len(t, s.Cases[0].Steps, 2)
	for _, step := range s.Cases[0].Steps {
		p, _, err := step.Payload(fixtures.PayloadOptions{}, new(suite.Captures))
		require.NoError(t, err)
		assert.Equal(t, string(d.Body), string(p.Body))
	}
}
