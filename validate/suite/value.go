package suite

import (
	"encoding/json"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate/yamlfile"
	"github.com/tidwall/gjson"
)

// value is a JSON value whose texts may hold references.
type value = yamlfile.Value[reference]

func (d *decoder) value(n *yamlfile.Node, in scope) *value {
	return yamlfile.NewValue(n, func(v *value, n *yamlfile.Node) { d.textValue(v, n, in) })
}

// textValue reads text. Text that is one variable is that variable's value,
// whatever its type.
func (d *decoder) textValue(v *value, n *yamlfile.Node, in scope) {
	if name, ok := onlyVariable(n.Text); ok && d.vars[name] != nil {
		v.Raw = d.vars[name]
		result := gjson.ParseBytes(v.Raw)
		v.Kind, v.Written = kindOf(result), result.String()
		return
	}
	v.Set(d.template(n, in))
}

func onlyVariable(s string) (string, bool) {
	inside, ok := strings.CutPrefix(s, "${")
	inside, closed := strings.CutSuffix(inside, "}")
	match := variableName().FindStringSubmatch(inside)
	if !ok || !closed || match == nil {
		return "", false
	}
	return match[2], true
}

func kindOf(r gjson.Result) yamlfile.Kind {
	switch {
	case r.IsObject():
		return yamlfile.Mapping
	case r.IsArray():
		return yamlfile.List
	case r.Type == gjson.Number:
		return yamlfile.Number
	case r.Type == gjson.String:
		return yamlfile.Text
	case r.Type == gjson.Null:
		return yamlfile.Null
	default:
		return yamlfile.Boolean
	}
}

func (c *Captures) render(v *value) (json.RawMessage, error) { return v.Append(nil, c.appendText) }

// appendText writes a text as JSON: the very value of a reference that stands
// alone, otherwise a string.
func (c *Captures) appendText(b []byte, t *template) ([]byte, error) {
	if ref := t.Whole(); ref != nil {
		r, err := c.resolve(ref)
		return append(b, r.Raw...), err
	}
	s, err := c.expand(t)
	return append(b, fixtures.JSON(s)...), err
}
