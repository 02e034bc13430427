package suite

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/imcb-dev/imcb/fixtures"
	"github.com/imcb-dev/imcb/validate"
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
		{"name", "The case's name in reports. Default: its callbacks.", wordSchema, readCaseName},
		{"skip", "Why the case is not run.", textSchema, readSkip},
		{"tags", "Words to select the case by.", wordsSchema, func(d *decoder, c *caseDraft, n *node) { c.Tags = texts(d.words(n, "a tag")) }},
		{"repeat", "How often the case is run.", schema{"type": "integer", "minimum": 1, "maximum": maxRepeat}, readRepeat},
		{"steps", "Requests that are sent one after another, with one operation id.", stepsSchema(), func(*decoder, *caseDraft, *node) {}},
	}
	for _, k := range requestKeys() {
		keys = append(keys, lift(k, func(c *caseDraft) *Step { return c.single }))
	}
	return newTable("a case", keys)
})

// stepKeys are the keys of a step.
var stepKeys = sync.OnceValue(func() *table[Step] {
	name := key[Step]{"name", "The step's name in reports. Default: its callback.", wordSchema, func(d *decoder, s *Step, n *node) {
		s.Name, _ = d.word(n, "a step's name")
	}}
	return newTable("a step", append([]key[Step]{name}, requestKeys()...))
})

// requestKeys are the keys about one request.
func requestKeys() []key[Step] {
	return []key[Step]{
		{"send", "The callback: a key (beforeAddFriend) or a command (callbackBeforeAddFriendCommand).", callbackSchema(), readSend},
		{"contentType", "The kind of message in message callbacks.", wordSchema, func(d *decoder, s *Step, n *node) {
			s.contentType, _ = d.word(n, "contentType")
		}},
		{"set", "Values of the request by path, as --set has them: sendID, users.0.nickname, content.content.", objectSchema, readEdits("set")},
		{"setString", "The same, as strings whatever the field's type is.", wordMapSchema, readEdits("setString")},
		{"add", "Values that the request does not have otherwise.", objectSchema, readEdits("add")},
		{"unset", "Paths of the request that are left out.", wordsSchema, readUnset},
		{"data", "The whole body as text, byte for byte.", schema{"type": "string"}, readData},
		{"headers", "Headers of the request; they replace those of the suite.", headersSchema, readStepHeaders},
		{"operationID", "The operation id. Default: a fresh one for each run of the case.", wordSchema, readOperationID},
		{"expect", "What is wanted of the reply, beyond an ordinary run.", expectSchema(), func(d *decoder, s *Step, n *node) {
			expectKeys().read(d, &s.expect, n)
		}},
	}
}

// maxRepeat limits the repetitions of one case.
const maxRepeat = 1_000_000

func readCaseName(d *decoder, c *caseDraft, n *node) {
	name, ok := d.word(n, "name")
	if !ok {
		return
	}
	if line := d.names[name]; line != 0 {
		d.fail(n.place, fmt.Sprintf("the case on line %d has the name %q, too", line, shorten(name)))
	}
	c.Name, d.names[name] = name, n.line
}

func readSkip(d *decoder, c *caseDraft, n *node) {
	if n.kind != text || n.text == "" {
		d.fail(n.place, `skip takes the reason, for example skip: "waits for #42"`)
		return
	}
	c.Skip = n.text
}

func readRepeat(d *decoder, c *caseDraft, n *node) {
	if times, ok := d.wholeNumber(n, "repeat", 1, maxRepeat); ok {
		c.Repeat = int(times)
	}
}

func readSend(d *decoder, s *Step, n *node) {
	name, ok := d.word(n, "send")
	if !ok {
		return
	}
	callback, err := fixtures.Lookup(name)
	if err != nil {
		message := err.Error()
		if !strings.Contains(message, "did you mean") {
			message += ": `imcb list` shows them"
		}
		d.fail(n.place, message)
		return
	}
	s.Callback = callback
}

// readEdits reads set, setString or add.
func readEdits(op string) func(*decoder, *Step, *node) {
	return func(d *decoder, s *Step, n *node) {
		if !d.want(n, mapping, op) {
			return
		}
		for _, e := range n.entries {
			v := d.value(e.value, scope{step: d.step})
			if op == "setString" && v.text == nil && (v.kind == list || v.kind == mapping || v.kind == null) {
				d.want(e.value, text, "a value of setString")
				continue
			}
			s.edits = append(s.edits, edit{e.key.place, op, e.key.text, v})
		}
	}
}

func readUnset(d *decoder, s *Step, n *node) {
	for _, path := range d.words(n, "unset") {
		s.edits = append(s.edits, edit{path.place, "unset", path.text, nil})
	}
}

func readData(d *decoder, s *Step, n *node) {
	if d.want(n, text, "data") {
		s.data = d.template(n, scope{step: d.step})
	}
}

func readStepHeaders(d *decoder, s *Step, n *node) {
	s.headers = d.readHeaders(s.headers, n, scope{step: d.step})
}

func readOperationID(d *decoder, s *Step, n *node) {
	if _, ok := d.word(n, "operationID"); ok {
		s.operationID = d.template(n, scope{step: d.step})
	}
}

// finishStep checks what only the whole step shows.
func (d *decoder) finishStep(s *Step, n *node) {
	if s.Callback == nil {
		if n.get("send") == nil && !hasUnknown(n) {
			d.fail(n.place, "send is missing: name the callback")
		}
		return
	}
	if s.contentType != "" {
		if _, err := s.Callback.Payload(fixtures.PayloadOptions{ContentType: s.contentType}); err != nil {
			d.fail(n.get("contentType").place, err.Error())
		}
	}
	d.checkData(s, n)
	d.checkOutcome(s)
	d.checkApplied(s)
	slices.SortStableFunc(s.edits, func(a, b edit) int { return slices.Index(editOrder, a.op) - slices.Index(editOrder, b.op) })
}

// hasUnknown reports whether a mapping has an unknown key: it may be another
// one, misspelt.
func hasUnknown(n *node) bool {
	return slices.ContainsFunc(n.entries, func(e entry) bool { return !caseKeys().has(e.key.text) })
}

// editOrder is the order in which a request is edited, whatever the file's.
var editOrder = []string{"set", "setString", "add", "unset"}

// checkData notes what a body that is given as a whole excludes.
func (d *decoder) checkData(s *Step, n *node) {
	if s.data == nil {
		return
	}
	for _, name := range append([]string{"contentType"}, editOrder...) {
		if n.get(name) != nil {
			d.fail(n.get("data").place, fmt.Sprintf("data is the whole body: leave %s out", name))
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
	case after && w.outcome != validate.Nothing:
		d.fail(w.place, fmt.Sprintf("OpenIM ignores every reply to %s: its outcome is always ignored", s.Callback.Key))
	case !after && w.outcome == validate.Nothing:
		d.fail(w.place, fmt.Sprintf("OpenIM never ignores a reply to %s: its outcome is proceed, refuse, fail or crash", s.Callback.Key))
	}
}
