package suite

import (
	"encoding/json"
	"strings"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/tidwall/gjson"
)

// carry gives a request what differs in those of earlier steps from what they
// were before their edits, as the server goes on with it. The last of the steps
// that have a field counts. A field in which the examples differ is another.
func (c *Captures) carry(from []int, p *fixtures.Payload) error {
	own, values := gjson.ParseBytes(p.Body), make(map[string]gjson.Result)
	for _, step := range from {
		b := c.exchanges[step] // none, where the version does not send it
		applied := gjson.ParseBytes(b.applied)
		gjson.ParseBytes(b.ordinary).ForEach(func(name, usual gjson.Result) bool {
			if own.Get(name.Str).Raw == usual.Raw {
				values[name.Str] = applied.Get(name.Str)
			}
			return true
		})
	}
	for name, value := range values {
		if err := change(p, name, value, own.Get(name)); err != nil {
			return err
		}
	}
	return nil
}

func change(p *fixtures.Payload, name string, value, usual gjson.Result) error {
	switch {
	case value.Raw == usual.Raw, name == commandField:
		return nil
	case !value.Exists():
		return p.Unset(name)
	default:
		return p.SetJSON(name, json.RawMessage(value.Raw))
	}
}

// commandField is every callback's own.
const commandField = "callbackCommand"

// keepIDs notes what ids of the examples are in this run; "": the same.
func (c *Captures) keepIDs(ids map[string]string) {
	if c.ids == nil {
		c.ids = make(map[string]string)
	}
	for old, is := range ids {
		if is != "" {
			c.ids[old] = is
		}
	}
}

// renameIDs gives a request the ids of this run.
func (c *Captures) renameIDs(p *fixtures.Payload) {
	if len(c.ids) == 0 {
		return
	}
	var pairs []string
	for old, is := range c.ids {
		pairs = append(pairs, old, strings.Trim(string(fixtures.JSON(is)), `"`))
	}
	p.SetBody([]byte(strings.NewReplacer(pairs...).Replace(string(p.Body))))
}
