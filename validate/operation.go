package validate

import (
	"encoding/json"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
)

// Operation is a request's body as OpenIM goes on with it after the reply: with the
// values that it takes from there, under the request's names. Single members of
// a list stay as they were.
func (v Verdict) Operation(body []byte) []byte {
	p := fixtures.Payload{Callback: v.Callback, Body: body}
	for _, c := range v.Changes {
		name, deeper, _ := strings.Cut(strings.TrimPrefix(c.Path, "/"), "/")
		if deeper != "" {
			continue
		}
		h := handlers[v.Callback.Key]
		if err := p.Add(h.requestName(name), json.RawMessage(c.After)); err != nil {
			return body // it is no JSON object
		}
	}
	return p.Body
}
