package suite

import (
	"cmp"
	"encoding/json"
	"maps"

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
	// step is the number of the step under way.
	step      int
	exchanges map[int]bodies // by the step's number
	// ordinary is the request of that step before its edits.
	ordinary []byte
	// messages are the ids of messages, by name.
	messages map[*group]map[string]json.RawMessage
	// ids are what ids of the examples are in this run.
	ids map[string]string
	// dry: references have any value, to check everything else.
	dry bool
}

// bodies are of an exchange what references can reach, and the request before its
// step's edits. Applied is the request as the server goes on with it.
type bodies struct{ ordinary, request, reply, applied []byte }

// Record notes the exchange of the step whose payload was built last, with what
// the server makes of the reply. Call it for each step before Check.
func (c *Captures) Record(x validate.Exchange, v validate.Verdict) {
	if c.exchanges == nil {
		c.exchanges = make(map[int]bodies)
	}
	c.exchanges[c.step] = bodies{c.ordinary, x.Request.Body, x.Reply.Body, v.Operation(x.Request.Body)}
}

// Aside are captures that begin with these, for requests that no later step may
// refer to.
func (c *Captures) Aside() *Captures {
	own := *c
	own.exchanges, own.ids = maps.Clone(c.exchanges), maps.Clone(c.ids)
	return &own
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
	step := cmp.Or(o.step, c.step)
	b, sent := c.exchanges[step]
	if !sent {
		return gjson.Result{}, say("no-value.unsent", "step", step).Err()
	}
	return b.value(o.side, o.path, step)
}

func (b bodies) value(side, path string, step int) (gjson.Result, error) {
	body := map[string][]byte{"request": b.request, "reply": b.reply, "applied": b.applied}[side]
	if !fixtures.ValidJSON(body) {
		return gjson.Result{}, say("no-value.not-json", "side", side, "step", step).Err()
	}
	v := gjson.GetBytes(body, path)
	if !v.Exists() {
		return v, say("no-value.absent", "side", side, "step", step, "path", path).Err()
	}
	return v, nil
}

// messageIDs are the fields of a request that tell which message it is about.
var messageIDs = []string{"serverMsgID", "clientMsgID", "createTime", "sendTime"}

// sameMessage gives a request the ids of the message that earlier requests were
// about; nil: about none.
func (c *Captures) sameMessage(g *group, p *fixtures.Payload) error {
	for _, name := range messageIDs {
		if id, ok := c.messages[g][name]; ok && gjson.GetBytes(p.Body, name).Exists() {
			if err := p.SetJSON(name, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// keepMessage notes the ids of the message that a request is about.
func (c *Captures) keepMessage(g *group, body []byte) {
	if g == nil {
		return
	}
	if c.messages == nil {
		c.messages = make(map[*group]map[string]json.RawMessage)
	}
	if c.messages[g] == nil {
		c.messages[g] = make(map[string]json.RawMessage)
	}
	for _, name := range messageIDs {
		if id := gjson.GetBytes(body, name); id.Exists() && c.messages[g][name] == nil {
			c.messages[g][name] = json.RawMessage(id.Raw)
		}
	}
}
