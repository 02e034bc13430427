package rules

import (
	"strconv"
	"sync"

	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// conditionTable is made once; its keys lead to it again.
var conditionTable struct {
	sync.Once
	keys *table[condition]
}

func conditionKeys() *table[condition] {
	conditionTable.Do(func() { conditionTable.keys = newConditionKeys() })
	return conditionTable.keys
}

func newConditionKeys() *table[condition] {
	return yamlfile.NewTable(say("what.condition"), []key[condition]{
		yamlfile.NewKey("equals", "The value; null is also one that is missing.", schema{}, func(d *decoder, c *condition, n *node) { c.equals = wantedOf(n) }),
		yamlfile.NewKey("not", "A value that it must not have, or a condition that it must not meet.", conditionRef, func(d *decoder, c *condition, n *node) { c.not = d.condition(n) }),
		yamlfile.NewKey("regex", "A pattern (RE2) that is found in the value.", schema{"type": "string", "minLength": 1, "format": "regex"}, readRegex),
		yamlfile.NewKey("exists", "Whether it is there.", yamlfile.BooleanSchema, func(d *decoder, c *condition, n *node) {
			if exists, ok := d.Boolean(n, "exists"); ok {
				c.exists = &exists
			}
		}),
		yamlfile.NewKey("greater", "A number that it exceeds.", schema{"type": "number"}, func(d *decoder, c *condition, n *node) { c.greater = d.number(n, "greater") }),
		yamlfile.NewKey("less", "A number that it stays below.", schema{"type": "number"}, func(d *decoder, c *condition, n *node) { c.less = d.number(n, "less") }),
		yamlfile.NewKey("in", "A list of values, of which it has one.", schema{"type": "array", "minItems": 1}, readIn),
	})
}

// conditions reads a mapping of paths to conditions.
func (d *decoder) conditions(n *node) Conditions {
	var all Conditions
	if !d.Want(n, yamlfile.Mapping, "where") {
		return all
	}
	for _, e := range n.Entries {
		switch {
		case e.Key.Text == "":
			d.Fail(e.Key.Place, say("where.path"))
			continue
		case len(e.Key.Text) > maxPath:
			d.Fail(e.Key.Place, say("where.length", "most", maxPath))
			continue
		}
		all.list = append(all.list, pathCondition{e.Key.Place, newPath(e.Key.Text), d.condition(e.Value)})
	}
	return all
}

// condition reads one condition; a scalar is the value to equal.
func (d *decoder) condition(n *node) *condition {
	c := new(condition)
	switch n.Kind {
	case yamlfile.Mapping:
		if len(n.Entries) == 0 {
			d.Fail(n.Place, say("condition.empty", "keys", conditionKeys().Names()))
		}
		conditionKeys().Read(d, c, n)
	case yamlfile.List:
		d.Fail(n.Place, say("condition.list"))
	default:
		c.equals = wantedOf(n)
	}
	return c
}

func wantedOf(n *node) *wanted {
	scalar := n.Kind != yamlfile.List && n.Kind != yamlfile.Mapping
	return &wanted{raw: n.JSON(), text: n.Written, scalar: scalar}
}

func readRegex(d *decoder, c *condition, n *node) {
	if !d.Want(n, yamlfile.Text, "regex") {
		return
	}
	if n.Text == "" {
		d.Fail(n.Place, say("condition.regex"))
		return
	}
	c.regex = d.Pattern(n, n.Text)
}

func (d *decoder) number(n *node, what string) string {
	if _, err := strconv.ParseFloat(n.Text, 64); n.Kind != yamlfile.Number || err != nil {
		d.Fail(n.Place, say("condition.number", "what", what, "got", n.Written))
	}
	return n.Text
}

func readIn(d *decoder, c *condition, n *node) {
	if !d.Want(n, yamlfile.List, "in") {
		return
	}
	if len(n.Items) == 0 {
		d.Fail(n.Place, say("condition.in"))
	}
	c.in = make([]wanted, len(n.Items))
	for i, item := range n.Items {
		c.in[i] = *wantedOf(item)
	}
}
