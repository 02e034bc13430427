package suite

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/imcb-dev/imcb/validate"
	"github.com/imcb-dev/imcb/validate/yamlfile"
)

// The limits of a suite file.
const (
	// MaxSize is in bytes.
	MaxSize = 8 << 20
	// MaxCases counts the cases of the file, not their repetitions.
	MaxCases = 100_000
)

// Error is one mistake in a suite file.
type Error = yamlfile.Error

// Errors are all the mistakes that were found in a suite file, by line.
type Errors = yamlfile.Errors

// Parse reads a suite file, YAML or JSON; name is what messages call it. env
// looks up a variable of the environment and returns "" for one that is not
// set, like os.Getenv. The file may name the rules of the registry; nil stands
// for those of packages validate and suite. The error is an Errors: all the
// mistakes at once, each with its place and an excerpt, and without any value of
// the environment.
func Parse(name string, text []byte, env func(string) string, rules validate.Registry) (*Suite, error) {
	d := newDecoder(name, text, env)
	d.rules = known(rules)
	if root := d.Root(text, say("what.file"), MaxSize); root != nil {
		d.suiteFile(root)
	}
	d.suite.secrets.seal()
	if err := d.errors(); err != nil {
		return nil, err
	}
	return d.suite, nil
}

// decoder reads the nodes of one file into a suite and collects mistakes.
type decoder struct {
	yamlfile.Reader
	suite *Suite
	env   func(string) string
	rules validate.Registry
	vars  map[string]json.RawMessage
	names map[string]int // of cases, with their lines
	// step is the step that is read, and before are those before it in the file.
	step   *Step
	before []*Step
}

func newDecoder(name string, text []byte, env func(string) string) *decoder {
	if env == nil {
		env = func(string) string { return "" }
	}
	s := &Suite{File: name, source: yamlfile.NewSource(name, text)}
	return &decoder{suite: s, env: env, vars: make(map[string]json.RawMessage), names: make(map[string]int)}
}

func (d *decoder) errors() error { return d.Errors(d.suite.source, d.suite.Redact) }

// suiteFile reads the whole file: variables first, since all else uses them,
// and cases last.
func (d *decoder) suiteFile(root *yamlfile.Node) {
	if root.Kind == yamlfile.List { // just the cases
		d.readCases(d.suite, root)
		d.nameCases()
		return
	}
	if !d.Want(root, yamlfile.Mapping, say("what.suite")) {
		return
	}
	if root.Get("cases") == nil && isReply(root) {
		d.Fail(root.Place, say("what.reply"))
		return
	}
	if vars := root.Get("vars"); vars != nil {
		d.readVars(vars)
	}
	if root.Get("cases") == nil {
		d.Fail(root.Place, say("case.missing"))
	}
	slices.SortStableFunc(root.Entries, func(a, b yamlfile.Entry) int {
		return cmp.Compare(strings.Count(a.Key.Text, "cases"), strings.Count(b.Key.Text, "cases"))
	})
	suiteKeys().Read(d, d.suite, root)
	d.nameCases()
}

// isReply reports whether somebody gave a receiver's reply as a suite.
func isReply(root *yamlfile.Node) bool {
	return slices.ContainsFunc([]string{"actionCode", "errCode", "nextCode"}, func(key string) bool { return root.Get(key) != nil })
}

// readVars reads the variables. Each may use the environment and those before
// it.
func (d *decoder) readVars(n *yamlfile.Node) {
	if !d.Want(n, yamlfile.Mapping, "vars") {
		return
	}
	for _, e := range n.Entries {
		name := e.Key.Text
		if match := variableName().FindStringSubmatch(name); match == nil || match[1] != "" {
			d.Fail(e.Key.Place, say("variable", "name", name))
			continue
		}
		if v := d.value(e.Value, scope{env: true, secret: true}); v.Raw != nil {
			d.vars[name] = v.Raw
		} else {
			d.vars[name] = json.RawMessage("null") // a mistake, already told
		}
	}
}

func (d *decoder) readCases(s *Suite, n *yamlfile.Node) {
	if !d.Want(n, yamlfile.List, "cases") {
		return
	}
	if len(n.Items) == 0 || len(n.Items) > MaxCases {
		d.Fail(n.Place, say("case.count", "most", MaxCases, "n", len(n.Items)))
		return
	}
	s.Cases = make([]*Case, 0, len(n.Items))
	for _, item := range n.Items {
		if d.Full() {
			return
		}
		if c := d.readCase(item); c != nil {
			s.Cases = append(s.Cases, c)
		}
	}
}

// readCase reads one case; nil when it is none.
func (d *decoder) readCase(n *yamlfile.Node) *Case {
	if !d.Want(n, yamlfile.Mapping, say("what.case")) {
		return nil
	}
	draft := &caseDraft{Case: &Case{Line: n.Line, Repeat: 1}}
	single := &Step{Number: 1, Line: n.Line, suite: d.suite, headers: d.suite.headers, in: &draft.root}
	draft.single, d.step, d.before = single, single, nil
	caseKeys().Read(d, draft, n)
	d.checkSpan(draft.root.condition, n)
	if steps := n.Get("steps"); steps != nil {
		d.readSteps(draft, n, steps)
		return draft.Case
	}
	d.finishStep(single, n)
	draft.Steps, draft.root.parts = []*Step{single}, []part{single}
	return draft.Case
}

// readSteps reads the steps of a chain; what the case itself says of headers,
// the operation id and the message holds for all of them.
func (d *decoder) readSteps(draft *caseDraft, n, steps *yamlfile.Node) {
	for _, e := range n.Entries {
		if ofStep(e.Key.Text) {
			d.Fail(e.Key.Place, say("step.key", "key", e.Key.Text))
		}
	}
	draft.root.message = draft.single.message
	d.readParts(draft, &draft.root, steps)
}

// maxSteps limits the steps of one case.
const maxSteps = 1000

// ofStep reports whether a key of a case is about its one request.
func ofStep(name string) bool {
	switch name {
	case "name", "skip", "tags", "repeat", "since", "until", "steps", "headers", "operationID", "message":
		return false
	}
	return caseKeys().Has(name)
}

// nameCases gives the cases without a name one, after their callbacks.
func (d *decoder) nameCases() {
	for _, c := range d.suite.Cases {
		if c.Name != "" {
			continue
		}
		var keys []string
		for _, s := range c.Steps {
			if s.Callback != nil {
				keys = append(keys, s.Callback.Key)
			}
		}
		base := cmp.Or(strings.Join(keys[:min(3, len(keys))], " > "), "case")
		c.Name = base
		for i := 2; d.names[c.Name] != 0; i++ {
			c.Name = fmt.Sprintf("%s #%d", base, i)
		}
		d.names[c.Name] = c.Line
	}
}

// key is one key of a mapping in suite files: how Parse reads it and what the
// schema says of it.
type key[T any] = yamlfile.Key[*decoder, T]

// table holds the keys that a mapping may have.
type table[T any] = yamlfile.Table[*decoder, T]
