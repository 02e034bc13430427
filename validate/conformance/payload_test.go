package conformance

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestPayloads reads each payload into OpenIM's type and lets OpenIM's encoder
// write it again.
func TestPayloads(t *testing.T) {
	for _, c := range defined() {
		for _, kind := range append(c.MessageKinds(), "") {
			t.Run(c.Key+"/"+kind, func(t *testing.T) {
				p := payloadOf(t, c, kind)
				request := requestOf(t, c, p)
				assert.Equal(t, p.Command, request.GetCallbackCommand())

				var written bytes.Buffer
				require.NoError(t, json.NewEncoder(&written).Encode(request))
				assert.Equal(t, written.String(), string(p.Body))
			})
		}
	}
}
