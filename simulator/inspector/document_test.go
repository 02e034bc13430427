package inspector

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDocumentIsTheRoutes(t *testing.T) {
	i := New(Options{})
	var listed struct {
		Paths map[string]map[string]any
	}
	require.NoError(t, json.Unmarshal(document, &listed))
	n := 0
	for _, methods := range listed.Paths {
		n += len(methods)
	}
	assert.Len(t, i.routes(), n, "no two routes are one operation")
	for _, r := range i.routes() {
		request, err := http.NewRequest(r.method, r.path, nil)
		require.NoError(t, err)
		_, pattern := i.mux.Handler(request)
		assert.Equal(t, r.method+" "+exact(r.path), pattern)
	}
}
