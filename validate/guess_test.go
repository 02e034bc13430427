package validate_test

import (
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// guessOf is what a guess says of the real requests of a server.
func guessOf(t *testing.T, from, as fixtures.Release) string {
	t.Helper()
	g := validate.NewGuess(as)
	for _, r := range realRequests(t) {
		if r.server == from {
			g.Add(r.callback, r.request)
		}
	}
	return g.Text(5).String()
}

func TestTheVersionThatRequestsComeFrom(t *testing.T) {
	for _, from := range []fixtures.Release{fixtures.V383, fixtures.V383Patch16, fixtures.Main} {
		assert.Empty(t, guessOf(t, from, from))
	}
	assert.Empty(t, guessOf(t, fixtures.V383, fixtures.V383Patch16), "they send the same")
	assert.Regexp(t, `^this looks like OpenIM main: (\d+) of \d+ requests are as it sends them, \d+ as 3\.8\.3 does; use --server main$`, guessOf(t, fixtures.Main, fixtures.V383))
	assert.Contains(t, guessOf(t, fixtures.Main, fixtures.V37), "looks like OpenIM main")
	assert.Contains(t, guessOf(t, fixtures.V383, fixtures.V37), "looks like OpenIM 3.8.3-patch.16", "the usual one of those that send so")
}

// What no version sends, or only a few requests, says nothing of the version.
func TestNoGuess(t *testing.T) {
	c := callback(t, "beforeUserRegister")
	request := func(server fixtures.Release) validate.Request {
		p, err := c.Payload(fixtures.PayloadOptions{Server: server})
		require.NoError(t, err)
		return validate.Request{Method: "POST", Headers: sentHeaders, Body: p.Body}
	}
	g := validate.NewGuess(0)
	g.Add(nil, validate.Request{})
	for range 10 {
		g.Add(c, request(fixtures.DefaultRelease))
		g.Add(c, validate.Request{Method: "POST", Body: []byte("{}")})
	}
	assert.Empty(t, g.Text(1).String())
	for range 4 {
		g.Add(c, request(fixtures.V37))
	}
	assert.Empty(t, g.Text(5).String())
	assert.Empty(t, g.Text(1).String(), "what fits the default weighs more")
	for range 8 {
		g.Add(c, request(fixtures.V37))
	}
	assert.Empty(t, g.Text(1).String(), "12 less 10, of 22 that do not fit")
}
