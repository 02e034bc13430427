package suite

import (
	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/tidwall/gjson"
)

// Captures are what the steps of one run have sent and received so far, for
// the steps that follow. Each run has its own; they are not for use by
// several goroutines.
type Captures struct {
	repetition  int
	operationID string
	exchanges   []bodies
	// dry: references have any value, to check everything else.
	dry bool
}

// bodies are of an exchange what references can reach.
type bodies struct{ request, reply []byte }

// Record notes a step's exchange. Call it for each step before Check.
func (c *Captures) Record(x validate.Exchange) {
	c.exchanges = append(c.exchanges, bodies{x.Request.Body, x.Reply.Body})
}

// resolve finds the value of a reference: the first that is there and neither
// null nor empty; the last one may be empty.
func (c *Captures) resolve(ref *reference) (gjson.Result, error) {
	if c.dry {
		return gjson.Parse("null"), nil
	}
	var missing error
	for i, o := range ref.sources {
		v, err := c.origin(o)
		if err == nil && v.Type == gjson.Null {
			err = say("no-value.null", "side", o.side, "step", o.step).Err()
		}
		if err == nil && (v.String() != "" && v.Raw != "[]" || i == len(ref.sources)-1) {
			return v, nil
		}
		missing = err
	}
	return gjson.Result{}, say("no-value", "reference", ref.written, "error", missing).Err()
}

func (c *Captures) origin(o origin) (gjson.Result, error) {
	if o.fixed != nil {
		return gjson.ParseBytes(o.fixed), nil
	}
	step := o.step
	if step == 0 {
		step = len(c.exchanges)
	}
	if step < 1 || step > len(c.exchanges) {
		return gjson.Result{}, say("no-value.unsent", "step", step).Err()
	}
	return c.exchanges[step-1].value(o.side, o.path, step)
}

// value finds the value at a path of the request or the reply.
func (b bodies) value(side, path string, step int) (gjson.Result, error) {
	body := b.request
	if side == "reply" {
		body = b.reply
	}
	if !fixtures.ValidJSON(body) {
		return gjson.Result{}, say("no-value.not-json", "side", side, "step", step).Err()
	}
	v := gjson.GetBytes(body, path)
	if !v.Exists() {
		return v, say("no-value.absent", "side", side, "step", step, "path", path).Err()
	}
	return v, nil
}
