package webhooks

import (
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A running main shows its settings with the names of its code, and null for lists
// that its file does not have.
func TestServedSettings(t *testing.T) {
	f, err := ParseServed("api", []byte(`{"URL":"http://127.0.0.1:10006/cb","BeforeAddFriend":{"Enable":true,"Timeout":5,"FailedContinue":true,"DeniedTypes":null},`+
		`"AfterSendSingleMsg":{"Enable":true,"Timeout":2,"AttentionIds":["U1","BeforeX"],"DeniedTypes":[101]},"AfterAddFriend":{"Enable":false}}`))
	require.NoError(t, err)
	assert.Equal(t, "http://127.0.0.1:10006/cb", f.URL())
	on := f.Enabled(fixtures.Newest())
	require.Len(t, on, 2)
	assert.Equal(t, "beforeAddFriend", on[0].Key)
	assert.Nil(t, on[0].DeniedTypes)
	assert.Equal(t, []string{"U1", "BeforeX"}, on[1].AttentionIDs, "values stay as they are")
	assert.False(t, on[1].Sends(101, "u0", "U1", ""))
	for _, finding := range f.Lint(LintOptions{Server: fixtures.Newest()}) {
		assert.NotEqual(t, "lint-unknown-key", finding.Rule, finding.Message)
	}

	_, err = ParseServed("api", []byte(`<html>`))
	assert.Error(t, err)
}
