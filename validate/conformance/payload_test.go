package conformance

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestPayloads reads each payload into OpenIM's type and lets OpenIM's encoder
// write it again.
func TestPayloads(t *testing.T) {
	for _, c := range defined() {
		contentTypes := []string{""}
		if c.IsMessage() {
			contentTypes = fixtures.ContentTypeNames()
		}
		for _, contentType := range contentTypes {
			t.Run(c.Key+"/"+contentType, func(t *testing.T) {
				p := payloadOf(t, c, contentType)
				request := requestOf(t, c, p)
				assert.Equal(t, p.Command, request.GetCallbackCommand())

				var written bytes.Buffer
				require.NoError(t, json.NewEncoder(&written).Encode(request))
				assert.Equal(t, written.String(), string(p.Body))
			})
		}
	}
}
