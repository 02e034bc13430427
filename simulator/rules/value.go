package rules

import (
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// value is a JSON value whose texts may hold references, member a field of an
// object.
type (
	value  = yamlfile.Value[reference]
	member = yamlfile.Member[reference]
)

func (d *decoder) members(n *node) []member {
	return yamlfile.NewMembers(n, func(v *value, n *node) { v.Set(d.template(n)) })
}

// appendText writes the text as JSON, or the value of the reference that stands
// alone, which keeps its type; without a value, or with one that is too large,
// it is null.
func (t *turn) appendText(b []byte, text *template) ([]byte, error) {
	var raw string
	if ref := text.Whole(); ref != nil {
		raw = ref.value(t).Raw
	} else {
		raw = string(fixtures.JSON(t.expand(text)))
	}
	if raw == "" || len(b)+len(raw) > maxOutput {
		raw = "null"
	}
	return append(b, raw...), nil
}
