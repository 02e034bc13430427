package suite

import (
	"slices"
	"sync"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// caseDraft is a case that is being read. Its own request is that of a case
// without steps; in a case with steps it holds what they have in common.
type caseDraft struct {
	*Case
	single *Step
}

// caseKeys are the keys of a case.
var caseKeys = sync.OnceValue(func() *table[caseDraft] {
	keys := []key[caseDraft]{
		yamlfile.NewKey("name", "The case's name in reports. Default: its callbacks.", yamlfile.WordSchema, readCaseName),
		yamlfile.NewKey("skip", "Why the case is not run.", yamlfile.TextSchema, readSkip),
		yamlfile.NewKey("tags", "Words to select the case by.", yamlfile.WordsSchema, func(d *decoder, c *caseDraft, n *yamlfile.Node) { c.Tags = yamlfile.Texts(d.Words(n, say("what.tag"))) }),
		yamlfile.NewKey("repeat", "How often the case is run.", yamlfile.Integer(1, maxRepeat), readRepeat),
		yamlfile.NewKey("steps", "Requests that are sent one after another, with one operation id.", partsSchema, func(*decoder, *caseDraft, *yamlfile.Node) {}),
	}
	span := yamlfile.Lift(spanKeys(), func(c *caseDraft) *condition { return &c.root.condition })
	request := yamlfile.Lift(requestKeys(), func(c *caseDraft) *Step { return c.single })
	return yamlfile.NewTable(say("what.case"), slices.Concat(keys, span, request))
})

// stepKeys are the keys of a step.
var stepKeys = sync.OnceValue(func() *table[Step] {
	name := yamlfile.NewKey("name", "The step's name in reports. Default: its callback.", yamlfile.WordSchema, func(d *decoder, s *Step, n *yamlfile.Node) {
		s.Name, _ = d.Word(n, say("what.step-name"))
	})
	follows := []key[Step]{
		yamlfile.NewKey("from", "The number of an earlier step, or several; \"previous\" is the one before: what that differs in from its callback's example, by its edits or by what the server takes from its reply, this differs in, too.", yamlfile.AnyOf(stepNumber, yamlfile.ListOf(stepNumber, 1, maxSteps)), readFrom),
		yamlfile.NewKey("ids", "Ids of the examples, and what they are from this step on, wherever they stand.", wordMapSchema, readIDs),
	}
	conditions := yamlfile.Lift(conditionKeys(), func(s *Step) *condition { return &s.condition })
	return yamlfile.NewTable(say("what.step"), slices.Concat([]key[Step]{name}, requestKeys(), follows, conditions))
})

func requestKeys() []key[Step] {
	return []key[Step]{
		yamlfile.NewKey("send", "The callback: a key (beforeAddFriend) or a command (callbackBeforeAddFriendCommand).", yamlfile.Ref("callback"), readSend),
		yamlfile.NewKey("message", "The kind of message in message callbacks, as --message has it.", yamlfile.WordSchema, func(d *decoder, s *Step, n *yamlfile.Node) {
			s.message, _ = d.Word(n, "message")
		}),
		yamlfile.NewKey("cover", "How many requests there are: one, each (also those with each value of each field that servers send) or pairs (any two values, too). All are expected to end alike.", schema{"enum": validate.Coverages()}, readCover),
		yamlfile.NewKey("set", "Values of the request by path, as --set has them: sendID, users.0.nickname, content.content.", yamlfile.ObjectSchema, readEdits("set")),
		yamlfile.NewKey("setString", "The same, as strings whatever the field's type is.", wordMapSchema, readEdits("setString")),
		yamlfile.NewKey("add", "Values that the request does not have otherwise.", yamlfile.ObjectSchema, readEdits("add")),
		yamlfile.NewKey("unset", "Paths of the request that are left out.", yamlfile.WordsSchema, readUnset),
		yamlfile.NewKey("data", "The whole body as text, byte for byte.", schema{"type": "string"}, readData),
		yamlfile.NewKey("headers", "Headers of the request; they replace those of the suite.", yamlfile.HeadersSchema, readStepHeaders),
		yamlfile.NewKey("operationID", "The operation id. Default: a fresh one for each run of the case.", yamlfile.WordSchema, readOperationID),
		yamlfile.NewKey("expect", "What is wanted of the reply, beyond an ordinary run; or just what OpenIM does.", yamlfile.AnyOf(yamlfile.Ref("expect"), outcomeSchema), readExpect),
	}
}

// maxRepeat limits the repetitions of one case.
const maxRepeat = 1_000_000

func readCaseName(d *decoder, c *caseDraft, n *yamlfile.Node) {
	name, ok := d.Word(n, "name")
	if !ok {
		return
	}
	if line := d.names[name]; line != 0 {
		d.Fail(n.Place, say("case.name", "line", line, "name", name))
	}
	c.Name, d.names[name] = name, n.Line
}

func readSkip(d *decoder, c *caseDraft, n *yamlfile.Node) {
	if n.Kind != yamlfile.Text || n.Text == "" {
		d.Fail(n.Place, say("case.skip"))
		return
	}
	c.Skip = n.Text
}

func readRepeat(d *decoder, c *caseDraft, n *yamlfile.Node) {
	if times, ok := d.WholeNumber(n, "repeat", 1, maxRepeat); ok {
		c.Repeat = int(times)
	}
}

func readSend(d *decoder, s *Step, n *yamlfile.Node) {
	if name, ok := d.Word(n, "send"); ok {
		s.Callback = d.Callback(n.Place, name)
	}
}

func readCover(d *decoder, s *Step, n *yamlfile.Node) {
	s.Cover, _ = yamlfile.Choice(d, n, "cover", validate.Coverages())
}

func readEdits(op string) func(*decoder, *Step, *yamlfile.Node) {
	return func(d *decoder, s *Step, n *yamlfile.Node) {
		if !d.Want(n, yamlfile.Mapping, op) {
			return
		}
		for _, e := range n.Entries {
			v := d.value(e.Value, d.stepScope())
			if op == "setString" && v.Text == nil && (v.Kind == yamlfile.List || v.Kind == yamlfile.Mapping || v.Kind == yamlfile.Null) {
				d.Want(e.Value, yamlfile.Text, say("what.string"))
				continue
			}
			s.edits = append(s.edits, edit{e.Key.Place, op, e.Key.Text, v})
		}
	}
}

const previous = "previous"

var stepNumber = yamlfile.AnyOf(yamlfile.Integer(1, maxSteps), schema{"const": previous})

func readFrom(d *decoder, s *Step, n *yamlfile.Node) {
	list := []*yamlfile.Node{n}
	if n.Kind == yamlfile.List {
		list = n.Items
	}
	for _, item := range list {
		number, ok := uint64(len(d.before)), item.Kind == yamlfile.Text && item.Text == previous
		if !ok {
			number, ok = d.WholeNumber(item, "from", 1, maxSteps)
		}
		switch {
		case !ok:
		case number == 0 || int(number) > len(d.before) || !s.follows(d.before[number-1]):
			d.Fail(item.Place, say("reference", "written", "from", "error", say("reference.later", "step", number)))
		default:
			s.from = append(s.from, int(number))
		}
	}
}

func readIDs(d *decoder, s *Step, n *yamlfile.Node) {
	if !d.Want(n, yamlfile.Mapping, "ids") {
		return
	}
	for _, e := range n.Entries {
		if _, ok := d.Word(e.Value, "ids"); ok {
			s.ids = append(s.ids, idEdit{e.Key.Text, d.template(e.Value, d.stepScope())})
		}
	}
}

func readUnset(d *decoder, s *Step, n *yamlfile.Node) {
	for _, path := range d.Words(n, "unset") {
		s.edits = append(s.edits, edit{path.Place, "unset", path.Text, nil})
	}
}

func readData(d *decoder, s *Step, n *yamlfile.Node) {
	if d.Want(n, yamlfile.Text, "data") {
		s.data = d.template(n, d.stepScope())
	}
}

func readStepHeaders(d *decoder, s *Step, n *yamlfile.Node) {
	s.headers = d.readHeaders(s.headers, n, d.stepScope())
}

func readOperationID(d *decoder, s *Step, n *yamlfile.Node) {
	if _, ok := d.Word(n, "operationID"); ok {
		s.operationID = d.template(n, d.stepScope())
	}
}

// finishStep checks what only the whole step shows.
func (d *decoder) finishStep(s *Step, n *yamlfile.Node) {
	if s.Callback == nil {
		if n.Get("send") == nil && !caseKeys().HasUnknown(n) {
			d.Fail(n.Place, say("send.missing"))
		}
		return
	}
	d.checkMessage(s, n)
	d.checkData(s, n)
	d.checkOutcome(s)
	d.checkApplied(s)
	slices.SortStableFunc(s.edits, func(a, b edit) int { return slices.Index(editOrder, a.op) - slices.Index(editOrder, b.op) })
}

// checkMessage takes the group's kind of message where the step has none, and
// notes one that the callback can't have.
func (d *decoder) checkMessage(s *Step, n *yamlfile.Node) {
	at := n
	if own := n.Get("message"); own != nil {
		at = own
	} else if g := s.about(); g != nil && s.Callback.IsMessage() {
		s.message = g.message
	}
	if s.message != "" {
		_, err := s.Callback.Payload(fixtures.PayloadOptions{Message: s.message})
		d.Failed(at.Place, err)
	}
}

// editOrder is the order in which a request is edited, whatever the file's.
var editOrder = []string{"set", "setString", "add", "unset"}

// notWithData are the keys that a body as a whole excludes.
var notWithData = append([]string{"message", "cover", "from", "ids"}, editOrder...)

// checkData notes what a body that is given as a whole excludes.
func (d *decoder) checkData(s *Step, n *yamlfile.Node) {
	if s.data == nil {
		return
	}
	for _, name := range notWithData {
		if n.Get(name) != nil {
			d.Fail(n.Get("data").Place, say("data", "key", name))
		}
	}
}

// checkOutcome notes an outcome that the callback can't have.
func (d *decoder) checkOutcome(s *Step) {
	w := s.expect.outcome
	if w == nil {
		return
	}
	after := s.Callback.Phase == fixtures.After
	switch {
	case after && w.is != validate.Nothing:
		d.Fail(w.Place, say("outcome.after", "callback", s.Callback.Key))
	case !after && w.is == validate.Nothing:
		d.Fail(w.Place, say("outcome.before", "callback", s.Callback.Key))
	}
}
